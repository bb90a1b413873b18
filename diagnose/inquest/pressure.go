package inquest

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// What keeps a living service from answering though nothing in it is broken: too little of a processor, by its quota or
// by the machine, and a start that is not over.

// Starved is a CPU quota that stops the container in more than half of the periods in which it has work.
type Starved struct {
	evidence.Throttling
	Quota float64 // processors; 0 = not known
	Now   bool    // over the second of the look; else over the whole life
}

// minPeriods are how many periods with work, of a second's ten and of a life, are more than a moment's.
const (
	minPeriodsNow  = 5
	minPeriodsLife = 100
)

// Starved tells whether its CPU quota keeps the container from its work; nil = it does not, or that is not known. Where
// the moment of the look was measured, that decides: a start that needed more than the quota may be long over.
func (c Case) Starved() *Starved {
	g := c.Cgroup
	if g == nil || !c.Alive() {
		return nil
	}
	s := &Starved{}
	least := int64(minPeriodsNow)
	switch {
	case g.Recent != nil:
		s.Throttling, s.Now = *g.Recent, true
	case g.Throttled != nil && g.Periods != nil:
		s.Throttling, least = evidence.Throttling{Throttled: *g.Throttled, Periods: *g.Periods}, minPeriodsLife
	}
	if s.Periods < least || 2*s.Throttled < s.Periods {
		return nil
	}
	if g.Quota != nil {
		s.Quota = *g.Quota
	}
	return s
}

// crowded is how many tasks for each processor are far more than the machine can serve: each gets a quarter, or less.
const crowded = 4

// waitsForCPU is the least share of the time, in per cent, in which some task must have waited for a processor: a load
// average counts those that wait for a disk or a dead file server, too.
const waitsForCPU = 20

// Overload is the load of a machine that has far more work than processors at the look; nil = it has not, or that is
// not known.
func (c Case) Overload() *evidence.Load {
	if c.Process == nil || !c.Alive() {
		return nil
	}
	l := c.Process.Load
	if l == nil || l.CPUs <= 0 || l.One < crowded*float64(l.CPUs) {
		return nil
	}
	if c.Cgroup != nil && c.Cgroup.CPUStall != nil && *c.Cgroup.CPUStall < waitsForCPU {
		return nil
	}
	return l
}

// Starting is a start that is not over: the program is at work and has not come to serve.
type Starting struct {
	Age     time.Duration
	Listens bool            // a parent listens already; those who would answer still import the program
	Place   *evidence.Frame // where the import is; nil = not known
	Disk    bool            // it waits for a disk
	Busy    bool            // it was seen at work
	Early   bool            // it is in the start period of its check, where no failure counts
}

// longestStart is how long a program may take to come up and still be called starting: models of many gigabytes, large
// migrations. What has not listened for longer was mostly never meant to.
const longestStart = 15 * time.Minute

// Starting tells whether a life that goes on has not come up yet and is at work on it, or may be for as long as the
// start period of its check lasts; nil = it has come up, waits for something, or that is not known.
func (c Case) Starting() *Starting {
	if c.Process == nil || !c.Alive() || c.Life.Start.IsZero() || c.cameToServe() || c.Streak == 0 || c.Halted() {
		return nil
	}
	s := &Starting{Age: c.Now.Sub(c.Life.Start), Listens: len(c.Process.Listeners) > 0, Early: c.Streak <= c.Early}
	busy, disk := c.busy()
	place, importing := importing(c.Inside)
	s.Place, s.Disk, s.Busy = place, disk, busy
	waits := len(c.Stuck) > 0 && c.Stuck[0].Tie == TieWaits
	if s.Age > longestStart && !s.Early || waits || !busy && !s.Early || s.Listens && !importing {
		return nil
	}
	return s
}

// cameToServe tells whether the life has answered a probe, or said that it was ready. A probe that was answered with a
// no was answered; of one that only events tell of, nobody knows whether it was.
func (c Case) cameToServe() bool {
	if c.EverHealthy() || c.Log != nil && c.Log.Lifecycle.Ready != nil {
		return true
	}
	return slices.ContainsFunc(c.Probes, func(p Probe) bool {
		return p.Outcome != check.Refused && p.Outcome != check.Timeout && !(p.FromEvents && p.Failed())
	})
}

// busy tells whether a thread of the service itself runs, or reads from a disk, at the look. A probe's command, like
// all that is run beside, has a session of its own.
func (c Case) busy() (busy, disk bool) {
	session := 0
	for _, t := range c.Process.Tasks {
		if t.PID == c.Process.PID && t.Session != nil {
			session = *t.Session
		}
	}
	for _, t := range c.Process.Tasks {
		if t.Session != nil && *t.Session != session {
			continue
		}
		busy, disk = busy || t.State == "R" || t.State == "D", disk || t.State == "D"
	}
	return busy, disk
}

// importing tells whether a main thread still imports the program, and where in the program's own code that is.
func importing(in *evidence.Inside) (place *evidence.Frame, yes bool) {
	if in == nil {
		return nil, false
	}
	for _, p := range in.Processes {
		for _, t := range p.Threads {
			imports := func(f evidence.Frame) bool { return strings.HasPrefix(f.File, "<frozen importlib") }
			if t.TID != p.PID || !slices.ContainsFunc(t.Frames, imports) {
				continue
			}
			if i := slices.IndexFunc(t.Frames, inside.Own); i >= 0 {
				return &t.Frames[i], true
			}
			yes = true
		}
	}
	return nil, yes
}

// Undisturbed tells whether nothing that was seen inside stands in the way of answers: only then does it matter how
// little of a processor the service gets.
func (c Case) Undisturbed() bool {
	stands := slices.ContainsFunc(c.StuckLoops, func(s inside.Standing) bool {
		return s.For >= inside.LongStand || s.Spins && !c.crawls()
	})
	return !stands && len(c.Stuck) == 0 && c.Death.State == fact.StateRunning
}

// ErrsLate tells whether probes that got no answer in time would have got an error: the machine is overloaded, nothing
// of the service stands, and its own log has it answer the health check's path with 5xx, to the newest.
func (c Case) ErrsLate() bool {
	return c.Overload() != nil && c.Undisturbed() &&
		slices.ContainsFunc(c.LogFindings(fact.HealthcheckFailure), func(f servicelog.Finding) bool {
			return f.ID == "health-path-5xx" && !c.Over(f)
		})
}

// crawling is the quota, in processors, below which a thread comes on so little between two looks (0.3 s) that it seems
// to compute in one call for ever.
const crawling = 0.25

func (c Case) crawls() bool {
	s := c.Starved()
	return s != nil && s.Now && s.Quota > 0 && s.Quota < crawling
}
