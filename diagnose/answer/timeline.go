package answer

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// maxMoments bounds the timeline; the newest are kept, for they are nearest to
// the end that is explained.
const maxMoments = 40

// timeline tells what happened around the examined run, oldest first.
func timeline(c inquest.Case) []Moment {
	var list []Moment
	list = append(list, runMoments(c)...)
	list = append(list, eventMoments(c)...)
	list = append(list, probeMoments(c)...)
	list = append(list, kernelMoments(c)...)
	list = append(list, logMoments(c)...)
	list = append(list, neighbourMoments(c)...)
	list = append(list, siblingMoments(c)...)
	slices.SortStableFunc(list, func(a, b Moment) int { return a.At.Compare(b.At) })
	list = merged(list)
	if len(list) > maxMoments {
		list = list[len(list)-maxMoments:]
	}
	if list == nil {
		list = []Moment{}
	}
	return list
}

// merged tells what happens several times in a row once, with its count: a limit
// that is hit brings an oom event for every attempt.
func merged(list []Moment) []Moment {
	var out []Moment
	for i := 0; i < len(list); {
		same := i + 1
		for same < len(list) && list[same].Source == list[i].Source && list[same].What == list[i].What {
			same++
		}
		m := list[i]
		if n := same - i; n > 1 {
			m.What += fmt.Sprintf(" (%d times)", n)
		}
		out, i = append(out, m), same
	}
	return out
}

func runMoments(c inquest.Case) []Moment {
	var list []Moment
	for i, r := range c.Lives {
		source := fact.SourceEvents // inspect holds only the newest run
		if i == len(c.Lives)-1 && c.Spec != nil {
			source = fact.SourceInspect
		}
		if !r.Start.IsZero() {
			list = append(list, Moment{At: r.Start, Source: source, What: "started"})
		}
		if r.End == nil {
			continue
		}
		what := "ended"
		if r.ExitCode != nil {
			what = fmt.Sprintf("ended with exit code %d", *r.ExitCode)
		}
		list = append(list, Moment{At: *r.End, Source: source, What: what})
	}
	return list
}

func eventMoments(c inquest.Case) []Moment {
	var list []Moment
	for _, ev := range c.Events.List {
		what := ""
		switch ev.Kind {
		case fact.EventSignalSent:
			what = "the engine was asked to send " + signalName(ev.Signal)
		case fact.EventOOMTold:
			what = "the engine reported an out-of-memory kill"
			if c.Spec != nil && c.Spec.OOMKillDisabled {
				what = "the engine reported that the memory limit was reached (killing is switched off)"
			}
		case fact.EventHealthTurned:
			what = "the health check turned " + ev.Health
			if c.Life != nil && ev.Health == fact.HealthUnhealthy && inquest.UnhealthyByTeardown(c.Life, ev.At) {
				what += " (only because the container was ending)"
			}
		case fact.EventTold:
			what = told(ev)
		case fact.EventRestarted, fact.EventPaused, fact.EventUnpaused, fact.EventRemoved, fact.EventUpdated:
			what = engineDid + ev.Word
		default:
			continue
		}
		list = append(list, Moment{At: ev.At, Source: fact.SourceEvents, What: what, Kind: ev.Kind})
	}
	return list
}

// siblingMoments tells how the other pods of the same owner fared, and those of its node.
func siblingMoments(c inquest.Case) []Moment {
	s := c.Siblings
	if s == nil || c.Death.At == nil || c.Death.EndedBy == fact.EndedByEngineRequest && c.Unhealthy == nil {
		return nil
	}
	var list []Moment
	if s.Of > 0 {
		list = append(list, Moment{At: *c.Death.At, Source: fact.SourceSiblings, What: siblingWords(s)})
	}
	if s.OnNode > 0 {
		node := cmp.Or(c.Target.Node, "its node")
		what := fmt.Sprintf("the same on %s of %s in the same minutes, of another workload",
			words.Count(s.OnNode, "more pod"), node)
		if s.Owners > 1 {
			what = fmt.Sprintf("the same on %d pods of %s in the same minutes, of %d workloads: it speaks for the node",
				s.OnNode+1, node, s.Owners+1)
		}
		list = append(list, Moment{At: *c.Death.At, Source: fact.SourceNodePods, What: what})
	}
	return list
}

// siblingWords say on how many of the owner's pods the same happened.
func siblingWords(s *evidence.Siblings) string {
	what := fmt.Sprintf("the same on %d of %d pods of its owner: it is the service, or its rollout", s.Same+1, s.Of+1)
	switch {
	case s.Same == 0:
		what = fmt.Sprintf("none of its owner's %d other pods ended this way", s.Of)
	case s.Rollout != "" && s.Nodes > 1:
		what = fmt.Sprintf("the same on %d of %d pods since the rollout of %s (revision %s), on %d nodes", s.Same+1, s.Of+1,
			s.Rolled.UTC().Format("2006-01-02 15:04"), s.Rollout, s.Nodes)
	case s.Rollout != "":
		what = fmt.Sprintf("the same on %d of %d pods since the rollout of %s (revision %s)", s.Same+1, s.Of+1,
			s.Rolled.UTC().Format("2006-01-02 15:04"), s.Rollout)
	case s.Nodes > 1:
		what += fmt.Sprintf(", on %d nodes", s.Nodes)
	}
	return what
}

// told is what a runtime's own words tell.
func told(ev evidence.Event) string {
	if ev.Times < 2 {
		return ev.Word
	}
	return fmt.Sprintf("%s (%d times until now)", ev.Word, ev.Times)
}

// engineDid stands before the runtime's own word for what it did.
const engineDid = "engine: "

// signalName names a signal that was sent; nil = the event does not say which.
func signalName(number *int) string {
	if number == nil {
		return "a signal"
	}
	if name := exitcode.SignalName(*number); name != "" {
		return name
	}
	return fmt.Sprintf("signal %d", *number) // an event is a stranger's: no signal has that number
}

// probeMoments tells the first failure of each streak, with its length.
func probeMoments(c inquest.Case) []Moment {
	var list []Moment
	for i := 0; i < len(c.Probes); {
		if !c.Probes[i].Failed() {
			i++
			continue
		}
		first := i
		for i < len(c.Probes) && c.Probes[i].Failed() {
			i++
		}
		what := "health check failed: " + c.Probes[first].Summary
		switch n := i - first; {
		case i == len(c.Probes) && c.Streak > n: // the engine counts on where its record has lost the first ones
			what = fmt.Sprintf("oldest failed health check on record (%s): %s", c.InARow(), c.Probes[first].Summary)
		case i == len(c.Probes) && n > 1:
			what = fmt.Sprintf("health check began to fail (%s): %s", c.InARow(), c.Probes[first].Summary)
		case n > 1:
			what = fmt.Sprintf("health check began to fail (%s in a row): %s", words.Count(n, "failure"),
				c.Probes[first].Summary)
		}
		list = append(list, Moment{At: c.Probes[first].Start, Source: fact.SourceHealth, What: what})
	}
	return list
}

func kernelMoments(c inquest.Case) []Moment {
	var list []Moment
	for _, k := range c.Kills {
		if k.At != nil {
			list = append(list, Moment{At: *k.At, Source: fact.SourceKernelLog,
				What: fmt.Sprintf("the kernel killed %q for lack of memory", k.Comm)})
		}
	}
	for _, k := range c.Crashes {
		if k.At != nil {
			list = append(list, Moment{At: *k.At, Source: fact.SourceKernelLog,
				What: fmt.Sprintf("%q crashed (%s)", k.Comm, k.Signal)})
		}
	}
	return list
}

func logMoments(c inquest.Case) []Moment {
	if c.Log == nil {
		return nil
	}
	var list []Moment
	life := c.Log.Lifecycle
	add := func(at *time.Time, what string) {
		if at != nil && !at.IsZero() {
			list = append(list, Moment{At: *at, Source: fact.SourceLogs, What: what})
		}
	}
	add(life.Ready, "the server said that it was ready")
	add(life.Draining, "the server began to shut down")
	add(life.Finished, "the server said that it was finished")
	for i, f := range c.Log.Findings {
		if i == 10 {
			break
		}
		what := f.Meaning()
		if what == "" {
			what = f.ID
		}
		add(&f.At, "log: "+what)
	}
	if !c.Log.LastAt.IsZero() && c.Life != nil && !c.Life.Alive {
		add(&c.Log.LastAt, "last line of the log")
	}
	return list
}

// neighbourReach is how long before or after the explained end a neighbour's
// trouble is worth telling.
const neighbourReach = 5 * time.Minute

// maxBackendMoments bounds what neighbours' logs add.
const maxBackendMoments = 5

// neighbourMoments tells of the project's other containers that were killed for
// memory or ended with an error near the end that is explained.
func neighbourMoments(c inquest.Case) []Moment {
	end := c.Now
	if c.Death.At != nil {
		end = *c.Death.At
	}
	var list []Moment
	told := map[string]bool{}
	for _, ev := range c.Around {
		what := neighbourTrouble(ev)
		if what == "" || ev.At.Sub(end).Abs() > neighbourReach {
			continue
		}
		told[ev.Name] = true
		list = append(list, Moment{At: ev.At, Source: fact.SourceEvents,
			What: fmt.Sprintf("neighbour %q: %s", ev.Name, what)})
	}
	for i, f := range c.Backends {
		if i == maxBackendMoments {
			break
		}
		if !f.At.IsZero() {
			list = append(list, Moment{At: f.At, Source: fact.SourceNeighbours,
				What: fmt.Sprintf("neighbour %q: %s", f.Name, f.Meaning())})
		}
	}
	for _, n := range c.Neighbours { // where the ring has lost the events
		if told[n.Name] || n.FinishedAt == nil || n.State == fact.StateRunning || n.ExitCode == nil || *n.ExitCode == 0 ||
			n.FinishedAt.Sub(end).Abs() > neighbourReach {
			continue
		}
		list = append(list, Moment{At: *n.FinishedAt, Source: fact.SourceNeighbours,
			What: fmt.Sprintf("neighbour %q: ended with exit code %d", n.Name, *n.ExitCode)})
	}
	return list
}

func neighbourTrouble(ev evidence.Event) string {
	switch {
	case ev.Kind == fact.EventOOMTold:
		return "out-of-memory kill"
	case ev.Kind == fact.EventEnded && ev.ExitCode != nil && *ev.ExitCode != 0:
		return fmt.Sprintf("ended with exit code %d", *ev.ExitCode)
	case ev.Kind == fact.EventEnded:
		return "ended"
	case ev.Kind == fact.EventPaused:
		return "was paused"
	case ev.Kind == fact.EventUnpaused:
		return "goes on after a pause"
	case ev.Kind == fact.EventHealthTurned && ev.Health == fact.HealthUnhealthy:
		return "turned unhealthy"
	}
	return ""
}
