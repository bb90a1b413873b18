package cause

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The fourth cause: a server or worker process went away without the framework
// seeing an exception.
var workerCrash = Cause{
	Number: 4, ID: fact.WorkerCrash, Title: "The server's worker process crashed", Prior: priorMedium,
	Symptom: "The process exits or a worker vanishes, and no exception handler of the application ever ran.",
	Reason: "A background task or a library calls sys.exit or os._exit, a worker is killed or crashes under its " +
		"master, or the master gives up on workers that end.",
	Needs: []string{fact.SourceLogs, fact.SourceInspect, fact.SourceProcess},
	Explains: []string{fact.RequestsFail,
		fact.HealthcheckTimeout, fact.HealthcheckFailure, fact.ChildrenDie, fact.NothingListens},
	Rules: []Rule{
		logRule(fact.WorkerCrash), poolTaskLost, taskAsksToLeave,
		{
			ID: "left-without-farewell", Weight: 10, Source: fact.SourceLogs,
			Why: "the server was ready, was not asked to stop, and left with an error code without its shutdown " +
				"lines; an exception that ends the loop looks the same",
			See: seeNoFarewell,
		}, {
			ID: "gunicorn-halted", Weight: 16, Source: fact.SourceInspect,
			Why: "gunicorn leaves with 3 or 4 when a worker exits with that code, whenever that is; it had been " +
				"ready, so it was no failed start (docs/notes/PYTHON.md#2.3)",
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				if !known || code != 3 && code != 4 || c.Death.EndedBy != fact.EndedByOwnExit || c.Log == nil {
					return nil
				}
				if c.Log.Lifecycle.Server != "gunicorn" || c.Log.Lifecycle.Ready == nil {
					return nil
				}
				return saw(c.Death.At, fmt.Sprintf("a worker left with exit code %d after the server had been "+
					"ready, and gunicorn halted with it", code), "")
			},
		}, {
			ID: "worker-zombies", Weight: 16, Source: fact.SourceProcess,
			Why: "a dead child of the main process with the server's own name and in its session, never collected: " +
				"uvicorn up to 0.29 does not notice a dead worker; a health check that the engine cut off leaves " +
				"such orphans too, in the session of their exec",
			See: func(c inquest.Case) []Observation {
				dead := len(deadWorkers(c))
				if dead == 0 {
					return nil
				}
				return saw(&c.Process.At, fmt.Sprintf("%s of the main process %q died and %s never replaced",
					words.Count(dead, "child process"), c.Process.Comm, words.WasWere(dead)), "")
			},
		}, {
			ID: "service-started-again", Weight: 20, Source: fact.SourceProcess,
			Why: "s6-supervise or runsv started its service again right after the kernel told of a crash of that " +
				"command; neither says so in the log",
			Levels: []Level{noCrashTold},
			See:    seeStartedAgain,
		}, {
			ID: "crash-under-living-parent", Weight: 10, Source: fact.SourceKernelLog,
			Why: "the kernel logged a crash that fits this container while PID 1 lived on; crash lines carry no " +
				"container, so the match is by time and name",
			Levels: []Level{crashesOn, perhapsOther},
			See: func(c inquest.Case) []Observation {
				if len(c.Crashes) == 0 || c.Death.EndedBy == fact.EndedByOwnSignal {
					return nil
				}
				if l := c.CrashLoop(); l != nil && l.Python() {
					return at(crashesOn.Name, seeLoop(*l))
				} else if l != nil {
					return nil // no worker of a server: children-die tells of it
				}
				k := c.Crashes[len(c.Crashes)-1]
				seen := onLine(k.Line, saw(k.At, fmt.Sprintf("%q crashed (%s) while the main process lived on; %s",
					k.Comm, k.Signal, k.Why), k.Excerpt))
				if k.Perhaps {
					return at(perhapsOther.Name, seen)
				}
				return seen
			},
		},
		{
			ID: "worker-left-core", Weight: 16, Source: fact.SourceCores,
			Why: "a process of the container that is not PID 1 left a core in this run, while the main process " +
				"lived on or ended otherwise: a worker crashed under its parent",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy == fact.EndedByOwnSignal {
					return nil
				}
				for _, d := range c.LifeCores() {
					if d.PID != nil && *d.PID != 1 && crashed(d) {
						return saw(d.At, fmt.Sprintf("process %d left the core %s: %s", *d.PID, d.Path, d.Summary),
							coreExcerpt(d))
					}
				}
				return nil
			},
		},
		{
			ID: "main-process-crashed", Weight: -10, Source: fact.SourceInspect,
			Why: "the main process itself died of a fault: that is the interpreter's crash, not a worker's",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByOwnSignal {
					return nil
				}
				return saw(c.Death.At, "the main process itself crashed", "")
			},
		}, {
			ID: "stop-was-asked", Weight: -8, Source: fact.SourceEvents,
			Why: "the end was asked for; a crash of the server cannot be what ended it",
			See: func(c inquest.Case) []Observation {
				if c.Death.Request == nil {
					return nil
				}
				return saw(&c.Death.Request.At, "the end was asked for: "+c.Death.Request.Words, "")
			},
		},
	},
}

// crashesOn is the level of crashes that go on.
var crashesOn = Level{"again and again", 24, "at least three crashes of one command until now, tied to the container " +
	"by its own log, by what was started right after, or by the script that it runs"}

// seeLoop tells of a command that crashes again and again.
func seeLoop(l inquest.CrashLoop) []Observation {
	text := fmt.Sprintf("%q crashed %d times (%s)", l.Comm, l.Count, l.Signal)
	if l.Object != "" {
		text += " in " + l.Object
	}
	text += fmt.Sprintf(", every %s until now, while the main process lives on; %s", words.Duration(l.Every),
		strings.TrimPrefix(l.Why, "and "))
	seen := onLine(l.Line, saw(&l.First, text, l.Excerpt))
	seen[0].Names = true
	return seen
}

// perhapsOther is the level of a crash of a program that other containers run, too.
var perhapsOther = Level{"perhaps another container's", 8, "an interpreter that this container starts again and " +
	"again crashes somewhere on this machine; so it would look beside a container that crashes"}

// noCrashTold is the level of a service that was started again for a reason that nothing tells.
var noCrashTold = Level{"no crash told", 9, "the service began long after its supervisor: it had ended, by whatever, " +
	"or somebody restarted it"}

func seeStartedAgain(c inquest.Case) []Observation {
	var seen []Observation
	for _, r := range c.RestartedServices() {
		text := fmt.Sprintf("%s started its service %q again, %s after its own start", r.Keeper, r.Comm,
			words.Duration(r.After))
		if r.Crash == nil {
			seen = append(seen, at(noCrashTold.Name, saw(&c.Process.At, text, ""))...)
			continue
		}
		text += fmt.Sprintf(", right after that had crashed (%s, %s since then)", r.Crash.Signal,
			words.Count(r.Crashes, "crash"))
		seen = append(seen, onLine(r.Crash.Line, saw(r.Crash.At, text, r.Crash.Excerpt))...)
	}
	return seen
}

func seeNoFarewell(c inquest.Case) []Observation {
	code, known := c.Exit()
	if !known || code == 0 || c.Death.EndedBy != fact.EndedByOwnExit || c.Log == nil {
		return nil
	}
	life := c.Log.Lifecycle
	if life.Ready == nil || life.Draining != nil || life.Finished != nil {
		return nil
	}
	return saw(c.Death.At, fmt.Sprintf("the server was ready, then exited with code %d without its shutdown lines",
		code), "")
}

// deadWorkers are the process ids of the zombies that bear their parent's name or an interpreter's, and came from the
// service and not from an exec. The parent is PID 1, or the server under a shell or an init that is PID 1: an init
// collects only what has lost its own parent.
func deadWorkers(c inquest.Case) []int {
	if c.Process == nil || !c.Alive() || replacesLater(c) {
		return nil
	}
	names := map[int]string{c.Process.PID: c.Process.Comm}
	for _, t := range c.Process.Tasks {
		if t.PID == t.TID && t.State != "Z" {
			names[t.PID] = t.Comm
		}
	}
	var dead []int
	for _, t := range c.Process.Tasks {
		parent, known := names[t.PPID]
		if t.State == "Z" && known && (t.Comm == parent || strings.HasPrefix(t.Comm, "python")) &&
			!mayBeProbe(c, t.Session) {
			dead = append(dead, t.PID)
		}
	}
	return dead
}

// recycling are parts of the settings by which a parent ends its workers after some work and starts others in their
// place.
var recycling = []string{"max-tasks-per-child", "max_tasks_per_child", "maxtasksperchild", "max-memory-per-child",
	"max_memory_per_child", "max-requests", "max_requests", "max-jobs", "max_jobs"}

// replacesLater tells whether a dead child may be one that its parent is about to replace: celery's pool looks after
// its children by a timer, and who is told to recycle them lets them end.
func replacesLater(c inquest.Case) bool {
	if c.Log != nil && c.Log.Lifecycle.Server == "celery" {
		return true
	}
	return c.Spec != nil && slices.ContainsFunc(c.Spec.Command, func(word string) bool {
		return slices.ContainsFunc(recycling, func(part string) bool { return strings.Contains(word, part) })
	})
}

// mayBeProbe tells whether a child of PID 1 can be what a timed-out health check
// left: the engine kills the check's first process only, and its children become
// PID 1's (docs/notes/HEALTH.md#b2). An exec is a session of its own. A bundle without sessions
// cannot tell once a check has hung.
func mayBeProbe(c inquest.Case, session *int) bool {
	if session == nil {
		hung, _ := timedOut(c)
		return len(hung) > 0 || c.ReplayedAs("hanging")
	}
	for _, t := range c.Process.Tasks {
		if t.PID == c.Process.PID {
			return t.Session == nil || *t.Session != *session
		}
	}
	return true
}
