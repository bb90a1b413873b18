package inquest

import (
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// withAwaited holds what the log says last, that it waits for a dependency, against what is seen of the service: who is
// connected to it, or is asked and answers, has got through and prints no more of it; and who has missed several turns
// may have.
func (s LogSigns) withAwaited(e *evidence.Evidence, x Examined, probes []Probe) LogSigns {
	f := s.LogHas(servicelog.Awaited)
	if f == nil {
		return s
	}
	switch {
	case !x.Alive():
		end := x.Life.End
		if end == nil || end.Sub(f.LastAt) <= max(KernelSlack, recoveryGaps*f.Gap()) {
			return s
		}
	case passedAfter(probes, *f) >= minPassed, hasConnection(e.Process, f.Object):
		return s.edited(func(f *servicelog.Finding) {
			if f.ID == servicelog.Awaited {
				f.Other, f.Strength = "", fact.Weak
			}
		})
	case comesNow(*f, e.Now):
		return s
	}
	return s.edited(func(f *servicelog.Finding) {
		if f.ID == servicelog.Awaited {
			f.Strength = fact.Weak
		}
	})
}

// passedAfter counts the probes that passed after a finding was last seen.
func passedAfter(probes []Probe, f servicelog.Finding) int {
	n := 0
	for _, p := range probes {
		if p.Start.After(f.LastAt) && !p.Failed() {
			n++
		}
	}
	return n
}

// hasConnection tells whether a connection stands to the port that an object names.
func hasConnection(p *evidence.Process, object string) bool {
	port := object[strings.LastIndexByte(object, ':')+1:]
	if p == nil {
		return false
	}
	for _, r := range p.Remotes {
		if r.State == "ESTABLISHED" && strconv.Itoa(r.Port) == port {
			return true
		}
	}
	return false
}

// Awaits is what a living service's log says last, that it waits for a dependency; nil = it does not. Who listens
// serves already.
func (c Case) Awaits() *servicelog.Finding {
	f := c.LogHas(servicelog.Awaited)
	if f == nil || !c.Alive() || f.Other == "" || c.Process != nil && len(c.Process.Listeners) > 0 {
		return nil
	}
	return f
}
