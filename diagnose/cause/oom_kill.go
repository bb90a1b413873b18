package cause

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The first cause. Its three best witnesses (kernel line, oom event, OOMKilled)
// are one fact; docs/notes/DOCKER.md#a1 tells how each of them lies. Exit code 137 alone is
// no witness at all: it is any SIGKILL.
var oomKill = Cause{
	Number: 1, ID: fact.OOMKill, Title: "Killed for lack of memory (OOM)", Prior: priorMostLikely,
	Symptom: "The process dies at once and prints nothing, not even a last line.",
	Reason: "The kernel's OOM killer sends SIGKILL, which no program can catch. It acts when the container " +
		"reaches its memory limit, when an outer group does, or when the host runs out.",
	Needs: []string{fact.SourceKernelLog, fact.SourceEvents, fact.SourceInspect, fact.SourceCgroup},
	Explains: []string{fact.RequestsFail,
		fact.WorkerCrash, fact.HealthcheckTimeout, fact.HealthcheckFailure, fact.ChildrenDie,
		fact.MemoryRefused, fact.NothingListens},
	Rules: []Rule{
		{
			ID: "kernel-oom-kill", Fact: "oom", Weight: 32, Source: fact.SourceKernelLog,
			Why: "the kernel's own record names this container at the moment of its end; nothing else prints it",
			See: seeKernelKillAtEnd,
		}, {
			ID: "kernel-oom-report", Fact: "oom", Weight: 28, Source: fact.SourceKernelLog,
			Why: "the kernel reports at the moment of the end that it kills in this container's group; the victim's " +
				"own line is not in the log",
			See: func(c inquest.Case) []Observation {
				t := c.Untold
				if t == nil || c.Death.EndedBy != fact.EndedByKernelOOM {
					return nil
				}
				return onLine(t.Line, saw(t.At, "the kernel says that this container's own group reached its limit: "+
					scopeText(string(t.Scope), c), t.Excerpt))
			},
		}, {
			ID: "kernel-kill-by-name", Fact: "oom", Weight: 26, Source: fact.SourceKernelLog,
			Why: "the kernel killed a process of this command within two seconds of an end by SIGKILL that nobody " +
				"asked for; its line names no container, and another of the same command may have died",
			Levels: []Level{
				{sameKind, 18, "the command is only of the container's kind: some Python where it runs Python"},
				{sameTime, 8, "the command is not known to be the container's: the moment alone ties them"},
			},
			See: seeNamelessKill,
		}, {
			ID: "memory-daemon-kill", Fact: "oom", Weight: 28, Source: fact.SourceKernelLog,
			Why: "a daemon that kills for lack of memory (systemd-oomd, earlyoom, nohang) wrote at the moment of the end " +
				"that it killed this container's group; neither the kernel nor the engine tells of that",
			Levels: []Level{
				{sameName, 22, "its line names a process of the container's command, not the container"},
				{sameKind, 14, "the command is only of the container's kind: some Python where it runs Python"},
			},
			See: seeDaemonKill,
		}, {
			ID: "engine-oom-event", Fact: "oom", Weight: 24, Source: fact.SourceEvents,
			Why: "an oom event within a second of the end and exit code 137; on cgroup v1 a sibling's kill can also " +
				"cause the event, hence below the kernel's line",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByKernelOOM || c.OOMAtEnd == nil {
					return nil
				}
				return saw(c.OOMAtEnd, "the engine reported an out-of-memory kill right before the end"+limitText(c),
					"")
			},
		}, {
			ID: "oomkilled-flag", Fact: "oom", Weight: 18, Source: fact.SourceInspect,
			Why: "OOMKilled with exit code 137 and nobody asking for a stop; the flag covers every process of the " +
				"container and, on cgroup v2, every OOM killer",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByKernelOOM || c.Spec == nil || !c.Marked(&c.Evidence) {
					return nil
				}
				return saw(c.Death.At, "the engine marked the container OOMKilled, with exit code 137"+limitText(c), "")
			},
		}, {
			ID: "oom-kill-hurt-service", Fact: "child", Weight: 22, Source: fact.SourceKernelLog,
			Why: "a process of the container was OOM-killed and it mattered: the service failed within moments, the " +
				"log reports a killed worker, or it happened again and again",
			See: func(c inquest.Case) []Observation { return childKill(c, clearHarm) },
		}, {
			ID: "oom-kill-of-all", Fact: "child", Weight: 18, Source: fact.SourceKernelLog,
			Why: "the kernel took the only process that a shell or supervisor had started, and that left some seconds " +
				"later with an error of its own: without its child it had nothing left to do",
			See: func(c inquest.Case) []Observation { return childKill(c, allLost) },
		}, {
			ID: "oom-kill-before-end", Fact: "child", Weight: 9, Source: fact.SourceKernelLog,
			Why: "a process of the container was OOM-killed and the service ended with an error some seconds later, " +
				"with nothing said of why: perhaps because of it",
			See: func(c inquest.Case) []Observation { return childKill(c, someHarm) },
		}, {
			ID: "oom-kill-of-child", Fact: "child", Weight: 4, Source: fact.SourceKernelLog,
			Why: "a process of the container was OOM-killed, yet PID 1 lived on and nothing followed; it may be the " +
				"start of something, or a helper that nobody missed",
			See: func(c inquest.Case) []Observation { return childKill(c, noHarm) },
		}, {
			ID: "oom-frozen", Weight: 24, Source: fact.SourceCgroup,
			Why: "with the OOM killer switched off a group at its limit is frozen, not killed: all threads sleep in " +
				"mem_cgroup_oom (record oom-kill-disable)",
			See: seeFrozen,
		}, {
			ID: "memory-near-limit", Weight: 4, Source: fact.SourceCgroup,
			Why: "memory that cannot be reclaimed above 95 % of the limit; page cache does not count, since it is " +
				"full in any file-heavy service",
			See: seeNearLimit,
		},
		{
			ID: "memory-stalls", Weight: 5, Source: fact.SourceCgroup,
			Why: "all its tasks waited for memory for more than a fifth of the last ten seconds: it is about to run " +
				"out, or systemd-oomd is about to act; heavy reading does it too",
			See: func(c inquest.Case) []Observation {
				if !c.Alive() || c.Cgroup == nil || c.Cgroup.MemoryStall == nil || *c.Cgroup.MemoryStall < 20 {
					return nil
				}
				return saw(nil, fmt.Sprintf("all its tasks waited for memory for %.0f %% of the last ten seconds",
					*c.Cgroup.MemoryStall), "")
			},
		},
		{
			ID: "killed-and-unwitnessed", Fact: "oom", Weight: 9, Source: fact.SourceInspect,
			Why: "exit code 137, nobody is recorded to have asked for it, and the kernel log of that moment was not " +
				"read: SIGKILL is mostly the OOM killer's, and the engine's flag misses those of the host, of an " +
				"outer or an inner group, and of a group that was gone before it was asked",
			Levels: []Level{{eventsSilent, 5, "the engine's events cover the end and tell of no kill in its group: " +
				"only the host's shortage, or that of another group, is left"}},
			See: seeUnwitnessedKill,
		}, {
			ID: "workers-killed-under-limit", Fact: "child", Weight: 20, Source: fact.SourceLogs,
			Why: "the server tells three times or more that a worker was killed by SIGKILL, it did not do that itself, " +
				"and there is a memory limit: nothing else kills workers again and again",
			See: func(c inquest.Case) []Observation {
				f := workersKilled(c)
				if f == nil || c.Spec == nil || c.Spec.Memory == 0 {
					return nil
				}
				return onLine(f.Line, saw(&f.LastAt, fmt.Sprintf("%d workers were killed by SIGKILL, under a limit of %s",
					f.Count, words.Size(c.Spec.Memory)), f.Excerpt))
			},
		}, {
			ID: "group-counts-kills", Fact: "child", Weight: 16, Source: fact.SourceCgroup,
			Why: "the kernel counted OOM kills in this container's group while its main process lives on: whom they " +
				"hit is not told",
			Levels: []Level{{unmissed, 4, "nothing in the run shows that the victim was missed, as with a command that " +
				"somebody ran beside it: the kernel's line, which is gone, would weigh no more"}},
			See: seeCountedKills,
		},
		{
			ID: "killed-while-dumping", Weight: -40, Source: fact.SourceKernelLog,
			Why: "the memory ran out while the kernel wrote the core of a process that had crashed: without the " +
				"crash there was no shortage; the engine's flag and 137 look like any OOM kill",
			See: seeDumpKilled,
		},
		toldRule(fact.OOMKill, "oom"),
		logRule(fact.OOMKill),
		{
			ID: "not-killed-by-signal", Weight: -22, Source: fact.SourceInspect,
			Why: "an OOM kill of PID 1 leaves 137; any other code means that PID 1 ended in another way, and no " +
				"process of it was killed before",
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				if !known || code == 137 || c.Alive() || len(c.Kills) > 0 || len(c.OOMEvents) > 0 ||
					c.Death.EndedBy == fact.EndedByNone || c.Daemon != nil {
					return nil
				}
				return saw(c.Death.At, fmt.Sprintf("exit code %d: an OOM kill of the main process leaves 137", code),
					"")
			},
		}, {
			ID: "kernel-log-silent", Fact: "no-kill", Weight: -16, Source: fact.SourceKernelLog,
			Why: "the kernel never leaves out the kill line, and the log was read over the time in question; only a " +
				"record lost to the ring could hide it",
			See: seeSilentKernel,
		}, {
			ID: "cgroup-no-kill", Fact: "no-kill", Weight: -20, Source: fact.SourceCgroup,
			Why: "the kernel counts every OOM kill in the living group, and the count is 0",
			See: func(c inquest.Case) []Observation {
				if !c.Alive() || c.Cgroup == nil || c.Cgroup.OOMKills == nil || *c.Cgroup.OOMKills > 0 || frozen(c) {
					return nil
				}
				return saw(nil, "the kernel counted no OOM kill in this container since its start", "")
			},
		}, {
			ID: "engine-sent-kill", Weight: -16, Source: fact.SourceEvents,
			Why: "the SIGKILL is accounted for: the engine sent it on request",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByEngineRequest || frozen(c) || memoryTrouble(c) {
					return nil
				}
				return saw(&c.Death.Request.At, "the end came from the engine on request ("+c.Death.Request.Words+")",
					"")
			},
		}, {
			ID: "oom-of-sibling", Weight: -12, Source: fact.SourceKernelLog,
			Why: "the kill at that moment had another container's process as its victim; on cgroup v1 every group " +
				"below the limit is told",
			See: func(c inquest.Case) []Observation {
				if !c.SiblingOOM {
					return nil
				}
				return saw(nil, "the out-of-memory event was a neighbour's: the kernel killed a process of another "+
					"container", "")
			},
		}, {
			ID: "oomkilled-flag-stale", Weight: -4, Source: fact.SourceInspect,
			Why: "the flag is set, but this end did not come from SIGKILL or the flag is an earlier run's",
			See: func(c inquest.Case) []Observation {
				if !c.StickyOOM || len(c.Kills) > 0 {
					return nil
				}
				return saw(nil, "OOMKilled is set, but it speaks of another process or an earlier run, not of this "+
					"end", "")
			},
		},
	},
}

// unmissed is the level of kills that only the group's counter tells of, and that nothing followed.
const unmissed = "nothing followed"

func seeCountedKills(c inquest.Case) []Observation {
	if !c.Alive() || c.Cgroup == nil || c.Cgroup.OOMKills == nil ||
		*c.Cgroup.OOMKills <= int64(len(c.Kills)) { // the kernel's log tells of all of them
		return nil
	}
	seen := saw(nil, fmt.Sprintf("the kernel counted %s in this container, though its main process lives%s",
		words.Count(int(*c.Cgroup.OOMKills), "OOM kill"), limitText(c)), "")
	if *c.Cgroup.OOMKills < repeated && !c.Troubled() && len(workersTold(c)) == 0 && len(c.FailedProbes()) == 0 {
		return at(unmissed, seen)
	}
	return seen
}

func seeKernelKillAtEnd(c inquest.Case) []Observation {
	k := c.KillAtEnd
	if c.Death.EndedBy != fact.EndedByKernelOOM || k == nil {
		return nil
	}
	return onLine(k.Line, saw(k.At, fmt.Sprintf("the kernel killed %q for lack of memory: %s", k.Comm,
		scopeText(string(k.Scope), c)+sharedText(c)), k.Excerpt))
}

// eventsSilent is the level of a kill of which the engine would have told, had it been in the container's own group.
const eventsSilent = "the engine's events tell of none"

func seeUnwitnessedKill(c inquest.Case) []Observation {
	code, known := c.Exit()
	if !known || code != 137 || c.Death.At == nil || c.Kernel.Covers(*c.Death.At) {
		return nil
	}
	switch c.Death.EndedBy {
	case fact.EndedByUnknown, fact.EndedByOutsideSignal:
	default:
		return nil
	}
	seen := saw(c.Death.At, "killed by SIGKILL, and the kernel log of that moment, which alone tells of the OOM killer, "+
		"was not read", "")
	if c.Events.Witnessed(c.Life) {
		return at(eventsSilent, seen)
	}
	return seen
}

// Levels of kernel-kill-by-name and memory-daemon-kill.
const (
	sameName = "same command"
	sameKind = "same kind of command"
	sameTime = "same time"
)

func seeNamelessKill(c inquest.Case) []Observation {
	k := c.Nameless
	if k == nil || c.Death.Request != nil {
		return nil
	}
	text := fmt.Sprintf("the kernel killed a process of this name (%q) %s from the end: %s; its line names no "+
		"container", k.Comm, words.Duration(k.Gap), scopeText(string(k.Scope), c))
	level := ""
	switch k.Match {
	case inquest.MatchKind:
		level = sameKind
	case inquest.MatchTime:
		level, text = sameTime, fmt.Sprintf("the kernel killed %q %s from the end; whose it was is not told", k.Comm,
			words.Duration(k.Gap))
	}
	return onLine(k.Line, at(level, saw(k.At, text, k.Excerpt)))
}

func seeDaemonKill(c inquest.Case) []Observation {
	d := c.Daemon
	if d == nil || c.Death.EndedBy != fact.EndedByOutsideSignal {
		return nil
	}
	seen := saw(d.At, d.Summary+": this container", d.Excerpt)
	switch {
	case d.Group:
	case d.Match == inquest.MatchName:
		seen = at(sameName, saw(d.At, fmt.Sprintf("%s: %q, which is the container's command", d.Summary, d.Comm), d.Excerpt))
	default:
		seen = at(sameKind, saw(d.At, fmt.Sprintf("%s: %q, a command of the container's kind", d.Summary, d.Comm), d.Excerpt))
	}
	return onLine(d.Line, seen)
}

// scopeText says whose limit was reached: the difference between "give it more
// memory" and "look at its neighbours".
func scopeText(scope string, c inquest.Case) string {
	switch scope {
	case "own-limit":
		if limit := c.MemoryLimit(); limit > 0 {
			return "the container reached its own limit of " + words.Size(limit)
		}
		return "the container reached its own limit"
	case "outer-limit":
		return "an outer group's limit was reached, perhaps by a neighbour"
	case "host":
		return "the host itself ran out of memory"
	}
	return "whose limit was reached is not recorded"
}

// sharedText says of a limit that files in memory filled that it was not the processes: who looks for a leak in one
// of them looks in vain.
func sharedText(c inquest.Case) string {
	m := c.KillAtEnd.Memory
	if !m.MostlyShared() {
		return ""
	}
	return "; " + words.Size(*m.Shmem) + " of it are files in a tmpfs or shared memory"
}

func limitText(c inquest.Case) string {
	limit := c.MemoryLimit()
	if limit == 0 {
		return ""
	}
	return " (its limit is " + words.Size(limit) + ")"
}

func frozen(c inquest.Case) bool {
	if c.Cgroup != nil && c.Cgroup.UnderOOM != nil && *c.Cgroup.UnderOOM {
		return true
	}
	return c.Spec != nil && c.Spec.OOMKillDisabled && len(c.OOMEvents) > 0
}

func seeFrozen(c inquest.Case) []Observation {
	if !frozen(c) {
		return nil
	}
	return saw(nil, "the container reached its memory limit with the OOM killer switched off: it was frozen, not "+
		"killed", "")
}

func seeNearLimit(c inquest.Case) []Observation {
	if c.Cgroup == nil || c.Cgroup.Anon == nil || c.Cgroup.MemoryLimit == nil || *c.Cgroup.MemoryLimit == 0 {
		return nil
	}
	used, limit := *c.Cgroup.Anon, *c.Cgroup.MemoryLimit
	if float64(used) < 0.95*float64(limit) {
		return nil
	}
	return saw(nil, fmt.Sprintf("it holds %s of its %s memory limit in memory that cannot be reclaimed",
		words.Size(used), words.Size(limit)), "")
}

// seeSilentKernel needs a log that covers the moment, has none of our kills, and
// from which the kernel itself left nothing out.
func seeSilentKernel(c inquest.Case) []Observation {
	if c.Life == nil || len(c.Kernel.KillsOf(c.Target.ID)) > 0 || len(c.Kills) > 0 || c.Nameless != nil ||
		c.Untold != nil || c.Daemon != nil || c.Kernel.Log == nil || frozen(c) {
		return nil
	}
	from := c.Life.Start
	if c.Death.At != nil {
		from = c.Death.At.Add(-2 * time.Second)
	}
	if from.IsZero() || !c.Kernel.Covers(from) || gaps(c) {
		return nil
	}
	return saw(nil, "the kernel log was read over that time and holds no kill in this container", "")
}

func gaps(c inquest.Case) bool {
	for _, n := range c.Kernel.Log.Notes {
		if n.Kind == "dumps-suppressed" || n.Kind == "records-lost" {
			return true
		}
	}
	return false
}
