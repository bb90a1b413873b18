package cause

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// mountFull sees a file system without room. Programs that swallow the error of a write say nothing of it.
var mountFull = Rule{
	ID: "mount-full", Weight: 18, Source: fact.SourceProcess, Names: true,
	Why: "no file can be made or grow there now; whether the service needs to is not known: some fill a cache on purpose",
	See: func(c inquest.Case) []Observation {
		full := c.Process.FullRooms()
		if len(full) == 0 || !c.Alive() {
			return nil
		}
		return saw(&c.Process.At, roomText(full), "")
	},
}

func roomText(full []evidence.Room) string {
	r := full[0]
	what := words.Size(r.Size)
	if r.Free > 0 {
		what = words.Count(int(r.Files), "file")
	}
	text := fmt.Sprintf("a file system is full: %s (%s, %s)", clip(r.Mount, longestMessage), r.Type, what)
	if len(full) > 1 {
		text += fmt.Sprintf(", and %d more", len(full)-1)
	}
	return text
}

// hampered is the level of one that runs, and of which something was seen that keeps it from a part of its work.
const hampered = "part of its work is in doubt"

// hampering says what keeps a service that runs from a part of its work; "" = nothing was seen.
func hampering(c inquest.Case) string {
	if u := c.Unreached(); u != nil {
		return unreachedText(*u)
	}
	if port := c.VainPass(); port > 0 {
		return fmt.Sprintf("nothing listens on port %d of it, where its health check asks and passes: that proves nothing",
			port)
	}
	if full := c.Process.FullRooms(); len(full) > 0 {
		return roomText(full)
	}
	if t := c.BlockedWriter(); t != nil {
		return fmt.Sprintf("its main thread has stood for %s in %s, which nobody reads", words.Seconds(*t.LastRan),
			t.Wait.Text())
	}
	if seen := seeAcceptQueue(c); len(seen) > 0 && c.Moving == 0 {
		return seen[0].Summary
	}
	if l := c.ClientLimit(); l != nil {
		return fmt.Sprintf("it has %s, the most that %s allows", words.Count(l.Clients, "client"), l.Setting)
	}
	if l := c.DataLimit(); l != nil {
		return dataText(*l)
	}
	if len(c.Stalled) > 0 {
		return stalledText(c.Stalled[0])
	}
	if at, silent := c.Toils(); at != nil {
		return fmt.Sprintf("it computes in %s, and its log has been silent for %s, against every %s before: a long piece of "+
			"work, or one without an end", inside.PlaceText(*at), words.Duration(silent), words.Duration(c.Log.UsualGap))
	}
	if f := c.LineStopped(); f != nil {
		return fmt.Sprintf("%q came %d times and stopped at %s; no task or thread of it is seen dead or blocked: nothing "+
			"to do, as it seems", clip(f.Excerpt, 60), f.Count, f.LastAt.Format(clock))
	}
	return crashesSomewhere(c)
}

// againAndAgain is how many crashes are no accident.
const againAndAgain = 3

// crashesSomewhere tells of the kernel's newest crashes of a command that fits this container, which nothing ties to it
// and no passing probe speaks against: of this machine, not of nobody.
func crashesSomewhere(c inquest.Case) string {
	if !c.Alive() || c.Kernel.Log == nil || c.Life == nil || len(c.Crashes)+len(c.Probes) > 0 {
		return ""
	}
	text, times := "", 0
	for _, k := range c.Kernel.Log.Crashes {
		fits, _ := c.Spec.CommandFits(k.Comm)
		if fits && k.At != nil && c.Life.Contains(*k.At, 0) && c.Now.Sub(*k.At) <= time.Minute {
			times++
			text = fmt.Sprintf("%q crashed %d times on this machine in the last minute (%s), by the kernel log, which does "+
				"not say in which container", k.Comm, times, k.Signal)
		}
	}
	if times < againAndAgain {
		return ""
	}
	return text
}
