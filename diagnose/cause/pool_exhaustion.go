package cause

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The eighth cause: all connections, descriptors or process slots were taken.
var poolExhaustion = Cause{
	Number: 8, ID: fact.PoolExhaustion, Title: "A connection pool or limit was exhausted", Prior: priorLowMedium,
	Symptom: "The service hangs, answers ever more slowly, then fails its health check.",
	Reason: "Connections are taken and not given back, a pool is smaller than its load, or a limit (descriptors, " +
		"processes, the server's own maximum) is reached.",
	Needs: []string{fact.SourceLogs, fact.SourceProcess, fact.SourceCgroup, fact.SourceInside},
	Explains: []string{fact.RequestsFail, fact.RequestsWait, fact.HealthcheckTimeout, fact.HealthcheckFailure,
		fact.StartupFailure, fact.BackgroundTaskFailure, fact.WorkerCrash,
		fact.DependencyRefuses, fact.ThreadsRefused, fact.NothingListens},
	Rules: []Rule{
		poolLog,
		poolUsedUp, workersAtOneLine,
		{
			ID: "descriptors-used-up", Weight: 16, Source: fact.SourceProcess,
			Why: "nine in ten of the descriptors that the limit allows are open; some servers run close to it by " +
				"design",
			Levels: []Level{{"all of them", 28, "not one more can be opened: no file, no connection, no client is let in, " +
				"and no check shows that it is well"}},
			See: func(c inquest.Case) []Observation {
				left := descriptorsLeft(c)
				if left < 0 || left*10 > *c.Process.FDMax {
					return nil
				}
				seen := saw(&c.Process.At, fmt.Sprintf("%d of %d descriptors are open", *c.Process.FDs, *c.Process.FDMax), "")
				if left == 0 && len(c.Probes) == 0 {
					return at("all of them", seen)
				}
				return seen
			},
		}, {
			ID: "forks-refused", Weight: 16, Source: fact.SourceCgroup,
			Why: "the kernel refused new processes or threads at the container's pids limit; a probe's zombies may " +
				"have used it up",
			Levels: []Level{gotOver},
			See:    seeForksRefused,
		}, {
			ID: "signal-of-a-limit", Weight: 26, Source: fact.SourceInspect, Names: true,
			Why: "the kernel sends this signal where a limit of the process is used up, and nobody else has a use for it; " +
				"a program that handles it may choose another end",
			See: func(c inquest.Case) []Observation {
				limit, ok := limitSignals[c.Death.Signal]
				if !ok || c.Death.Request != nil || c.Alive() {
					return nil
				}
				return saw(c.Death.At, fmt.Sprintf("%s ended it: %s", c.Death.Signal, limit), "")
			},
		}, {
			ID: "connections-pile-up", Weight: 6, Source: fact.SourceProcess,
			Why: "fifty or more connections to one remote port, or half closed ones that nobody closes; a busy " +
				"service may have as many",
			See: func(c inquest.Case) []Observation {
				if c.Process == nil || !c.Alive() || c.AwaitedSince(nil) != nil {
					return nil
				}
				for _, p := range c.Process.Peers {
					if p.Count >= 50 || p.State == "CLOSE_WAIT" && p.Count >= 20 {
						where := fmt.Sprintf("to port %d", p.Port)
						if p.Port == 0 { // the collector's mark for clients of its own listeners
							where = "from its clients"
						}
						return saw(&c.Process.At, fmt.Sprintf("%s %s in state %s",
							words.Count(p.Count, "connection"), where, p.State), "")
					}
				}
				return nil
			},
		},
		clientsAtLimit,
		{
			ID: "replay-found-a-pool", Weight: 14, Source: fact.SourceReplay,
			Why: "the replayed probes were read and not answered, and forty threads with forty waiting requests " +
				"are AnyIO's pool",
			Levels: []Level{{waitsAlone, 5, "a handler that waits alone: a lock or a slow dependency looks the same"}},
			See:    seeReplayedPool,
		},
		backendRule,
		silentRule(fact.PoolExhaustion, -6),
	},
}

// clientsAtLimit sees a server that has all the clients that it was told to take.
var clientsAtLimit = Rule{
	ID: "clients-at-limit", Weight: 26, Source: fact.SourceProcess, Names: true,
	Why: "it has as many clients as its own setting allows: it refuses the next one, and its log may not say so " +
		"(redis's never does); who is refused is not seen",
	See: func(c inquest.Case) []Observation {
		l := c.ClientLimit()
		if l == nil {
			return nil
		}
		return saw(&c.Process.At, fmt.Sprintf("it has %s, and %s allows no more: the next one is refused",
			words.Count(l.Clients, "client"), l.Setting), "")
	},
}

// limitSignals are those by which the kernel ends what has used up a limit (signal(7), setrlimit(2)).
var limitSignals = map[string]string{"SIGXCPU": "its limit of CPU time (ulimit -t) is used up",
	"SIGXFSZ": "a file reached the largest size that it may write (ulimit -f)"}

// behindNeighbour is the level of a pool whose connections do not come back because a neighbour does not answer.
var behindNeighbour = Level{"behind a neighbour", 4, "threads wait for a neighbour that did not answer any more " +
	"before the pool ran dry: what they hold does not come back, and the pool is what comes of it"}

// poolLog weighs what the log says of a pool that ran dry.
var poolLog = logRules{level: behindNeighbour, mild: func(c inquest.Case, f servicelog.Finding) bool {
	began := inquest.Began(f)
	return c.AwaitedSince(&began) != nil
}}.of(fact.PoolExhaustion)

// firstSaid is when the log began to tell of a cause, in the newest spell of it; nil = it does not.
func firstSaid(c inquest.Case, cause string) *time.Time {
	var first *time.Time
	for _, f := range c.LogFindings(cause) {
		if began := inquest.Began(f); f.Strength != fact.Weak && (first == nil || began.Before(*first)) {
			first = &began
		}
	}
	return first
}

// seeForksRefused reads the group's counter, which tells no time, and the kernel's line, which comes once a group.
func seeForksRefused(c inquest.Case) []Observation {
	told, refused := c.ForkRejected(), int64(0)
	if c.Alive() && c.Cgroup != nil && c.Cgroup.PidsRefused != nil {
		refused = *c.Cgroup.PidsRefused
	}
	var seen []Observation
	switch {
	case refused > 0:
		seen = saw(nil, fmt.Sprintf("the kernel refused %s: the pids limit was reached",
			words.Count(int(refused), "new process")), "")
	case told != nil:
		seen = saw(told.At, "the kernel refused new processes: the pids limit was reached", told.Excerpt)
	default:
		return nil
	}
	if refusal := lastRefusal(c, refused); refusal != nil && c.Over(*refusal) && !pidsUsedUp(c) {
		seen[0].Summary += overText(c, *refusal)
		return at(gotOver.Name, seen)
	}
	return seen
}

// lastRefusal is the newest refusal as a finding, to be asked whether the service got over it; nil = when it was is not
// known, as of all but the first that only the counter tells of.
func lastRefusal(c inquest.Case, refused int64) *servicelog.Finding {
	last := servicelog.Finding{ID: "forks-refused", Cause: fact.PoolExhaustion, Count: 1}
	if told := c.ForkRejected(); told != nil && refused <= 1 {
		last.LastAt = *told.At
	}
	if c.Log != nil {
		for _, f := range c.Log.Findings {
			if f.Other == fact.ThreadsRefused && f.LastAt.After(last.LastAt) {
				last.LastAt = f.LastAt
			}
		}
	}
	if last.LastAt.IsZero() {
		return nil
	}
	return &last
}

// pidsUsedUp tells whether nine in ten of the processes and threads that the limit allows are there now.
func pidsUsedUp(c inquest.Case) bool {
	g := c.Cgroup
	return c.Alive() && g != nil && g.PidsCurrent != nil && g.PidsMax != nil && *g.PidsCurrent*10 >= *g.PidsMax*9
}

// waitsAlone is the level of a handler that waits for something, with the pool's threads free.
const waitsAlone = "a handler waits alone"

func seeReplayedPool(c inquest.Case) []Observation {
	if !c.ReplayedAs("hanging") {
		return nil
	}
	seen := saw(nil, "replayed just now: "+c.Replayed.Summary, "")
	switch c.Replayed.Picture {
	case "thread-pool-exhausted":
		return seen
	case "handler-waits":
		return at(waitsAlone, seen)
	}
	return nil
}

// descriptorsLeft is how many files and connections the main process may still open; -1 = not known.
func descriptorsLeft(c inquest.Case) int {
	p := c.Process
	if p == nil || !c.Alive() || p.FDs == nil || p.FDMax == nil || *p.FDMax <= 0 {
		return -1
	}
	return max(*p.FDMax-*p.FDs, 0)
}
