package cause

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Levels of what keeps a service from a processor.
const (
	wholeLife = "counted since it began"
	disturbed = "it stands, computes or waits in one call"
	goesOn    = "its event loop goes on"
	onceLate  = "late once"
)

// failsProbes tells whether the newest probes got no answer in time, or were refused.
func failsProbes(c inquest.Case) bool {
	return c.Alive() && c.Streak > c.Early && (len(mostly(c, true)) > 0 || c.Starting() != nil)
}

var cpuThrottled = Rule{
	ID: "cpu-throttled", Weight: 20, Source: fact.SourceCgroup, Names: true,
	Why: "probes get no answer in time, and at the look its CPU quota stops it in most of the periods in which it has " +
		"work: what answers them waits for the next period",
	Levels: []Level{
		{wholeLife, 12, "counted since it began, it was stopped in most periods: a start that needed more is among them"},
		{disturbed, 5, "it stands or computes in one call, or waits for a neighbour: more of a processor would not end that"},
	},
	See: func(c inquest.Case) []Observation {
		s := c.Starved()
		if s == nil || !failsProbes(c) {
			return nil
		}
		seen := saw(nil, throttledText(*s), "")
		switch {
		case !c.Undisturbed() && c.Starting() == nil:
			return at(disturbed, seen)
		case !s.Now:
			return at(wholeLife, seen)
		}
		return seen
	},
}

// throttledText says what a quota did: "its CPU quota of 0.05 processors stops it in 9 of 10 periods with work".
func throttledText(s inquest.Starved) string {
	text := "its CPU quota"
	if s.Quota > 0 {
		text += " of " + strconv.FormatFloat(s.Quota, 'g', 3, 64) + " processors"
	}
	verb := "stopped"
	if s.Now {
		verb = "stops"
	}
	return fmt.Sprintf("%s %s it in %d of %d periods with work", text, verb, s.Throttled, s.Periods)
}

var hostOverloaded = Rule{
	ID: "load-above-processors", Weight: 12, Source: fact.SourceProcess, Names: true,
	Why: "probes get no answer in time, and four tasks or more wait for each processor of the machine: what is well " +
		"may be just as late; so may what hangs",
	Levels: []Level{
		{goesOn, 18, "its event loop was seen to go on, so it is late and not blocked"},
		{disturbed, 3, "it stands or computes in one call, or waits for a neighbour: an idle machine would not end that"},
		{onceLate, 10, "one probe was late, and the health check has not turned: nothing has come of it yet"},
	},
	See: func(c inquest.Case) []Observation {
		l := c.Overload()
		if l == nil || !failsProbes(c) {
			return nil
		}
		seen := saw(nil, loadText(*l), "")
		switch {
		case !c.Undisturbed() && c.Starting() == nil:
			return at(disturbed, seen)
		case c.Unhealthy == nil && c.Streak-c.Early == 1:
			return at(onceLate, seen)
		case c.Moving > 0:
			return at(goesOn, seen)
		}
		return seen
	},
}

func loadText(l evidence.Load) string {
	return fmt.Sprintf("the machine has far more work than processors: load average %.1f, %.1f, %.1f (1, 5, 15 min) on %s",
		l.One, l.Five, l.Fifteen, words.Count(l.CPUs, "processor"))
}

// lateNotHung speaks against a hang on a machine where whatever is well is as late.
var lateNotHung = Rule{
	ID: "machine-overloaded", Weight: -6, Source: fact.SourceProcess,
	Why: "four tasks or more wait for each processor of the machine, and nothing of the service was seen to stand: " +
		"probes that are late tell less of a hang",
	See: func(c inquest.Case) []Observation {
		l := c.Overload()
		if l == nil || !failsProbes(c) || !c.Undisturbed() {
			return nil
		}
		return saw(nil, loadText(*l), "")
	},
}

var stillStarting = Rule{
	ID: "not-listening-yet", Weight: 18, Source: fact.SourceProcess, Names: true,
	Why: "no probe of this life was ever answered, nothing listens yet (or those who would answer still import the " +
		"program), and it is at work: its start is not over",
	Levels: []Level{{inStartPeriod, 12, "it is in the start period of its health check, which says that so long a start " +
		"is nothing unusual"}},
	See: func(c inquest.Case) []Observation {
		s := c.Starting()
		if s == nil {
			return nil
		}
		seen := saw(&c.Life.Start, startingText(*s), "")
		if s.Early {
			seen[0].Summary += startPeriodText(c)
			return at(inStartPeriod, seen)
		}
		return seen
	},
}

// inStartPeriod is the level of a start that its health check allows for.
const inStartPeriod = "in its start period"

// startPeriodText says for how long no failure counts.
func startPeriodText(c inquest.Case) string {
	if c.Spec == nil || !c.Spec.Probed() {
		return ""
	}
	period := c.Spec.Healthcheck.WithDefaults().StartPeriod
	return fmt.Sprintf("; no failure of its health check counts before %s of its start period are over",
		words.Duration(period))
}

// longStart is how long a pod may take to start a container, an image that is pulled included.
const longStart = 2 * time.Minute

// overdue tells whether a pod has waited for the container for longer than that.
func overdue(c inquest.Case) bool {
	return c.Status != nil && c.Status.Awaited != nil && c.Now.Sub(*c.Status.Awaited) > longStart
}

// overdueStart sees what a pod waits for, where nobody says why it does not come.
var overdueStart = Rule{
	ID: "not-started-yet", Weight: 18, Source: fact.SourceInspect,
	Why: "the kubelet has meant to start it, or has waited for this init container to end, for minutes, and nothing " +
		"says what keeps it",
	See: func(c inquest.Case) []Observation {
		if !overdue(c) || len(c.Told) > 0 || c.Status.Error != "" {
			return nil
		}
		text := "it has not been started after " + words.Duration(c.Now.Sub(*c.Status.Awaited))
		if c.Alive() {
			text = "this init container has been running for " + words.Duration(c.Now.Sub(*c.Status.Awaited)) +
				", and the pod's other containers wait for its end"
		}
		return saw(c.Status.Awaited, text, "")
	},
}

func startingText(s inquest.Starting) string {
	text := "it has not come up yet, " + words.Duration(s.Age) + " after its start: nothing listens"
	if s.Listens {
		text = "it has not come up yet, " + words.Duration(s.Age) + " after its start: who would answer still imports " +
			"the program"
	}
	work := ", and it is at work"
	if !s.Busy && s.Place != nil {
		work = ", and it stands"
	} else if !s.Busy {
		work = ""
	}
	if s.Disk {
		work = ", and it reads from a disk"
	}
	if s.Place != nil {
		return text + work + " in " + inside.PlaceText(*s.Place)
	}
	return text + work
}
