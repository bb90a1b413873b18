package cause

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The rules below read what the processes were doing, from their memory (docs/notes/XRAY.md).

// shortStand is the level of what has stood for some moments only.
const shortStand = "for a moment"

var loopStandsStill = Rule{
	ID: "loop-stands-still", Weight: 26, Source: fact.SourceInside,
	Why: "the thread that runs the event loop, or serves the requests, has stood in one call of the program for " +
		"more than 5 s, and in no wait for work: nothing else of the service goes on meanwhile",
	Levels: []Level{
		{shortStand, 12, "it has stood there for less than 5 s, or computes: a slow call looks the same"},
		{someWorkers, 10, "other workers of the service wait for work or go on"},
	},
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || len(c.StuckLoops) == 0 || c.StuckLoops[0].WritesLog() {
			return nil
		}
		seen := saw(since(c, c.StuckLoops[0]), c.StuckLoops[0].Text(), inside.StackText(c.StuckLoops[0].Frames))
		switch {
		case c.Moving > 0:
			return at(someWorkers, seen)
		case c.StuckLoops[0].For < inside.LongStand || c.StuckLoops[0].Spins:
			return at(shortStand, seen)
		}
		return seen
	},
}

const someWorkers = "others go on"

var loopMoves = Rule{
	ID: "loop-moves", Weight: -10, Source: fact.SourceInside,
	Why: "every event loop that was seen waits for work or went on: nothing blocks it now; a worker that hung, was " +
		"killed for it and replaced is not among them",
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || c.Moving == 0 || len(c.StuckLoops) > 0 || c.Unhealthy != nil || c.HungWorkerReplaced() {
			return nil
		}
		return saw(&c.Inside.At, fmt.Sprintf("%s for work or went on while it was looked at", wait(c.Moving)), "")
	},
}

func wait(n int) string {
	if n == 1 {
		return "its event loop waits"
	}
	return words.Count(n, "event loop") + " wait"
}

// unnamed is the level of a task that may be of one request.
const unnamed = "any task"

var taskFailed = Rule{
	ID: "task-ended-with-exception", Weight: 28, Source: fact.SourceInside,
	Why: "a task that the program keeps has ended with an exception, and nobody has asked for it: asyncio prints it " +
		"only when the task is thrown away, so the log may say nothing",
	Levels: []Level{{unnamed, 18, "neither its name nor its function says that it was to go on for ever: it may have " +
		"been of one request"}},
	See: func(c inquest.Case) []Observation {
		if !c.Alive() {
			return nil
		}
		var list []Observation
		for _, f := range c.FailedTasks[:min(len(c.FailedTasks), 3)] {
			level := unnamed
			if f.Work {
				level = ""
			}
			text := fmt.Sprintf("task %s (%s) ended with %s at %s, and nobody asked for its result", f.Names[0],
				f.Coroutine, f.Exception, inside.PlaceText(*f.Raised))
			if f.Count > 1 {
				text += fmt.Sprintf("; %d ended so", f.Count)
			}
			list = append(list, Observation{Fact: "task " + f.Names[0], Level: level, Summary: text})
		}
		return list
	},
}

// onlyEnded is the level of a task that ended where no work is seen to wait for it.
const onlyEnded = "nothing waits for it"

var taskEndedUnasked = Rule{
	ID: "lasting-task-ended", Weight: 20, Source: fact.SourceInside,
	Why: "a task whose name says that it was to go on for ever has come to its end without an exception, none of its " +
		"kind runs, and a queue holds what nobody takes",
	Levels: []Level{{onlyEnded, 8, "no queue is seen to wait for it: it may have done what it was for"}},
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || len(c.Ended) == 0 {
			return nil
		}
		f := c.Ended[0]
		text := fmt.Sprintf("task %s (%s) is %s without an exception, and no other %s runs", f.Names[0], f.Coroutine,
			f.State, f.Coroutine)
		q := c.LeftUndone()
		if q == nil {
			return at(onlyEnded, saw(nil, text, ""))
		}
		return saw(nil, fmt.Sprintf("%s; a %s holds %d that nobody waits for", text, q.Class, *q.Used), "")
	},
}

// fewWait is the level of a pool for which one or two wait.
const fewWait = "few wait"

var poolUsedUp = Rule{
	ID: "pool-used-up", Weight: 28, Source: fact.SourceInside,
	Why: "a connection pool has given out all that it may, and three or more wait for it in its own code, at the moment " +
		"of looking",
	Levels: []Level{{fewWait, 14, "one or two wait: that may be over in a moment"}, behindNeighbour},
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || len(c.Full) == 0 {
			return nil
		}
		f := c.Full[0]
		seen := saw(nil, fullText(f), "") // since when is not known
		switch {
		case c.AwaitedSince(firstSaid(c, fact.PoolExhaustion)) != nil:
			seen[0].Fact = behindNeighbour.Name // what the log says of it, once
			return at(behindNeighbour.Name, seen)
		case len(f.Waiting) < inside.ManyWait:
			return at(fewWait, seen)
		}
		return seen
	},
}

func fullText(f inside.Full) string {
	text := fmt.Sprintf("%s has nothing left to give", f.Class)
	if f.Used != nil && f.Size != nil {
		text = fmt.Sprintf("%s has given out %d of %d", f.Class, *f.Used, *f.Size)
	}
	text += fmt.Sprintf("; %d wait for it", len(f.Waiting))
	if f.WaitsAt != nil {
		text += ", called from " + inside.PlaceText(*f.WaitsAt)
	}
	switch {
	case f.HoldsAt != nil:
		text += fmt.Sprintf("; %d hold what it gave, at %s", len(f.Holders), inside.PlaceText(*f.HoldsAt))
	case len(f.Holders) > 0:
		text += fmt.Sprintf("; %d hold what it gave", len(f.Holders))
	case f.Sought:
		text += "; nobody is seen to hold what it gave"
	}
	if f.HoldsOn != nil && f.HoldsOn.Remote != "" {
		text += ", and wait on a connection to " + f.HoldsOn.Text()
	}
	return text
}

var workersAtOneLine = Rule{
	ID: "workers-at-one-line", Weight: 24, Source: fact.SourceInside,
	Why:    "every thread of its pool stands still at one and the same line: nobody is left for the next piece of work",
	Levels: []Level{{shortStand, 10, "they have stood there for less than 5 s: a slow call looks the same"}},
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || c.Crowd == nil || mayGrow(c) || unanswered(c.Crowd.Wait) {
			return nil
		}
		text := fmt.Sprintf("all %d worker threads stand in %s", c.Crowded, inside.PlaceText(c.Crowd.Place))
		if c.CrowdQueue > 0 {
			text += ", and " + words.Count(c.CrowdQueue, "piece") + " of work wait for one"
		}
		if c.Crowd.Wait != nil {
			text += "; they wait in " + c.Crowd.Wait.Text()
		}
		seen := saw(since(c, *c.Crowd), text, inside.StackText(c.Crowd.Frames))
		if c.Crowd.For < inside.LongStand {
			return at(shortStand, seen)
		}
		return seen
	},
}

// anyioThreads is how many threads anyio starts for blocking calls, unless the program says otherwise
// (anyio/_backends/_asyncio.py, current_default_thread_limiter).
const anyioThreads = 40

// mayGrow tells whether the pool starts a further thread for the next piece of work.
func mayGrow(c inquest.Case) bool {
	// The kernel keeps 15 bytes of a name.
	return strings.HasPrefix(c.Crowd.Name, "AnyIO worker th") && c.Crowded < anyioThreads
}

// unanswered tells whether the other end of what a thread waits for does not answer: then that is the reason, and the
// threads are what comes of it.
func unanswered(w *evidence.Wait) bool {
	return w != nil && w.Socket != nil && inside.SilentPeer(*w.Socket)
}

var logLockHeld = Rule{
	ID: "log-lock-held", Fact: "blocked-writing-log", Weight: 30, Source: fact.SourceInside,
	Why: "a thread holds a log handler's lock and stands in write(2), or for 5 s in another call that takes the log out " +
		"of the process: nobody takes what it writes, and whoever logs next waits for it",
	See: func(c inquest.Case) []Observation {
		if !c.Alive() {
			return nil
		}
		s := c.LogLock
		if s == nil {
			for i := range c.StuckLoops {
				if c.StuckLoops[i].WritesLog() {
					s = &c.StuckLoops[i]
				}
			}
		}
		if s == nil {
			return nil
		}
		text := fmt.Sprintf("thread %s stands in %s, writing the log, at %s", s.Name, s.Wait.Text(),
			inside.PlaceText(s.Place))
		if c.Behind > 0 {
			text += fmt.Sprintf("; %s for the lock that it holds", waitFor(c.Behind))
		}
		return saw(since(c, *s), text, inside.StackText(s.Frames))
	},
}

// since is when a thread that stands came to stand: before whatever failed for it. The look itself came last of all.
func since(c inquest.Case, s inside.Standing) *time.Time {
	began := c.Inside.At.Add(-time.Duration(s.For * float64(time.Second)))
	return &began
}

func waitFor(n int) string {
	if n == 1 {
		return "1 thread waits"
	}
	return words.Count(n, "thread") + " wait"
}

// routeWaits sees the health check's own handler waiting, where probes fail: those that hung, or those that were
// answered with a no.
func routeWaits(id string, hung bool) Rule {
	return Rule{
		ID: id, Fact: "dependency", Weight: 12, Source: fact.SourceInside, Names: true,
		Why: "probes fail, and two or more calls of the program's handler for health checks wait at one line: each answer " +
			"waits for the same",
		Levels: []Level{{oneCall, 8, "one call waits: it was looked at in the moment of a probe, as any answer takes one"}},
		See: func(c inquest.Case) []Observation {
			if !c.Alive() || len(c.Routes) == 0 || len(mostly(c, hung)) == 0 && !(hung && c.ReplayedAs("hanging")) {
				return nil
			}
			most := slices.MaxFunc(c.Routes, func(a, b inside.Route) int { return cmp.Compare(a.Count, b.Count) })
			seen := saw(&c.Inside.At, routeText(most), "")
			if most.Count < 2 {
				return at(oneCall, seen)
			}
			return seen
		},
	}
}

// oneCall is the level of a health check's handler that waits once.
const oneCall = "one call waits"

func routeText(r inside.Route) string {
	text := "the health check's handler " + inside.PlaceText(r.Handler) + " waits"
	if r.Count > 1 {
		text += fmt.Sprintf(", in %d calls,", r.Count)
	}
	switch {
	case r.Pool != "":
		return text + " for a " + r.Pool
	case r.Wait != nil:
		return text + " in " + r.Wait.Text()
	case r.In != r.Handler:
		return text + " in " + inside.PlaceText(r.In)
	}
	return text
}

var poolTaskLost = Rule{
	ID: "pool-task-lost", Weight: 24, Source: fact.SourceInside,
	Why: "a thread waits for the result of a multiprocessing.Pool, and every worker of the pool has waited for work for " +
		"5 s and more: a worker died with the task, and the pool, which replaced it, never says so",
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || c.LostTask == nil {
			return nil
		}
		s := *c.LostTask
		return saw(since(c, s), fmt.Sprintf("thread %s has waited for %s in %s for the result of a process pool all of "+
			"whose workers wait for work: the worker that had it is gone", s.Name, words.Seconds(s.For),
			inside.PlaceText(s.Place)), inside.StackText(s.Frames))
	},
}

var taskAsksToLeave = Rule{
	ID: "task-asks-to-leave", Weight: 22, Source: fact.SourceInside,
	Why: "a task has ended with SystemExit or KeyboardInterrupt: asyncio lets both out of the loop, so the process that " +
		"runs it leaves, whatever else it had to do; one that lives on has caught it, or is on its way out",
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || len(c.Leaving) == 0 {
			return nil
		}
		f := c.Leaving[0]
		return saw(nil, fmt.Sprintf("task %s (%s) asked the process to leave, with %s at %s", f.Names[0], f.Coroutine,
			f.Exception, inside.PlaceText(*f.Raised)), "")
	},
}
