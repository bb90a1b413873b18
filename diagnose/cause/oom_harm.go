package cause

import (
	"fmt"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// harm grades what followed a child's kill.
type harm int

const (
	noHarm    harm = iota // nothing, or something with a reason of its own
	someHarm              // the service ended with an error within ten seconds
	allLost               // so it did, and the victim was all that it was there for
	clearHarm             // it ended within a second, its parent said so, or it turned unhealthy
)

// repeated is how many kills in one run are a trouble of their own, whoever the
// victims were.
const repeated = 3

// workersKilled is the finding of a server that tells again and again of workers that were killed, and did not kill
// them itself; nil = it does not.
func workersKilled(c inquest.Case) *servicelog.Finding {
	f := c.LogHas("gunicorn-worker-sigkill", "billiard-worker-sigkill", "celery-worker-lost")
	if f == nil || f.Count < repeated || c.LogHas("gunicorn-worker-timeout", "celery-hard-time-limit") != nil {
		return nil
	}
	return f
}

// workerKillCounted tells whether the group's counter, or the engine's event, tells of an OOM kill of the run, and the
// server of a worker that got SIGKILL: one fact from two sides, also where the kernel's own line is gone (its ring
// holds some thirty such reports).
func workerKillCounted(c inquest.Case) bool {
	counted := c.Alive() && c.Cgroup != nil && c.Cgroup.OOMKills != nil && *c.Cgroup.OOMKills > 0
	return (counted || len(c.OOMEvents) > 0) && len(workersTold(c)) > 0
}

// workerKill tells whether the victim was a worker: the service's log reports one that got SIGKILL, or that died, at
// that moment. Its parent replaces it or gives up the job, so nothing else need follow.
func workerKill(c inquest.Case, at time.Time) bool {
	const slack = 2 * time.Second
	for _, f := range slices.Concat(workersTold(c), c.LogFindings(fact.WorkerCrash)) {
		if !at.Before(f.At.Add(-slack)) && !at.After(f.LastAt.Add(slack)) {
			return true
		}
	}
	return false
}

// neverReplaced tells whether the victim was a worker that nobody collected: it stands dead in the process table, and
// no other stands in its place.
func neverReplaced(c inquest.Case, k inquest.Kill) bool {
	return slices.Contains(deadWorkers(c), k.PID)
}

// hadTask tells whether somebody waits ever since for what a pool's worker had in hand, and none has any more: the pool
// replaces the worker and never tells of its task (multiprocessing.Pool, 3.9 to 3.14).
func hadTask(c inquest.Case, killed time.Time) bool {
	const slack = 2 * time.Second
	if c.LostTask == nil || c.Inside == nil {
		return false
	}
	since := c.Inside.At.Add(-time.Duration(c.LostTask.For * float64(time.Second)))
	return !killed.Before(since.Add(-slack)) && !killed.After(c.Inside.At)
}

// ofHelpers are the words of who ran a command and lost it, not of a server that lost a worker: what it did then shows
// whether it was missed.
var ofHelpers = []string{"shell-killed", "shell-killed-line", "subprocess-sigkill"}

// workersTold are the log's findings of the first cause that are no helper's.
func workersTold(c inquest.Case) []servicelog.Finding {
	return slices.DeleteFunc(c.LogFindings(fact.OOMKill), func(f servicelog.Finding) bool {
		return slices.Contains(ofHelpers, f.ID)
	})
}

// memoryTrouble tells whether OOM kills hurt the run, though PID 1 lived on.
func memoryTrouble(c inquest.Case) bool {
	for _, k := range c.Kills {
		if k.At != nil && harmOf(c, k) != noHarm {
			return true
		}
	}
	return false
}

// hurting counts the kills that took a process of the service itself, or its health check.
func hurting(c inquest.Case) int {
	n := 0
	for _, k := range c.Kills {
		if !c.IsBeside(k) || k.At != nil && probeKilled(c, *k.At) {
			n++
		}
	}
	return n
}

// harmOf looks at what followed a kill. A service that ends seconds later may have a reason of its own: an exception in
// its last words is one. A shell or an init that passes a child's death on does so at once.
func harmOf(c inquest.Case, k inquest.Kill) harm {
	at := *k.At
	if c.IsBeside(k) && !probeKilled(c, at) {
		return noHarm
	}
	if hurting(c) >= repeated || workerKill(c, at) || neverReplaced(c, k) || hadTask(c, at) {
		return clearHarm
	}
	if turned := turnedAt(c); turned != nil {
		// The engine's default detection time is at most 180 s (docs/notes/HEALTH.md).
		if gap := turned.Sub(at); gap >= 0 && gap <= 3*time.Minute {
			return clearHarm
		}
	}
	code, known := c.Exit()
	if !known || c.Death.Request != nil || c.Death.At == nil {
		return noHarm
	}
	gap := c.Death.At.Sub(at)
	if code == 0 && !leftWithWorkers(c, gap) {
		if c.LostAll(k) {
			return someHarm // it calls that a success; what it was there for was not done
		}
		return noHarm
	}
	switch {
	case gap < -2*time.Second || gap > 10*time.Second:
		return noHarm
	case gap <= time.Second || len(workersTold(c)) > 0 || len(c.LogFindings(fact.WorkerCrash)) > 0:
		return clearHarm
	case c.LastException() != nil:
		return noHarm
	case c.LostAll(k):
		return allLost
	}
	return someHarm
}

// leftWithWorkers tells whether a server left with success as soon as its worker was killed, which nobody had asked it
// to: hypercorn's parent ends so.
func leftWithWorkers(c inquest.Case, gap time.Duration) bool {
	return gap.Abs() <= time.Second && c.ServerBy() != "" && !c.SaidDone() && !shutInOrder(c) && c.ToldByExec() == nil
}

// childKill yields an observation for the first kill in the run that had such a harm.
func childKill(c inquest.Case, wanted harm) []Observation {
	if c.Death.EndedBy == fact.EndedByKernelOOM {
		return nil
	}
	for _, k := range c.Kills {
		if k.At == nil || harmOf(c, k) != wanted {
			continue
		}
		summary := fmt.Sprintf("the kernel killed %q inside this container for lack of memory", k.Comm)
		switch {
		case probeKilled(c, *k.At):
			summary = "the kernel killed the health check's own process for lack of memory: the limit leaves no " +
				"room for it"
		case hurting(c) >= repeated:
			summary = fmt.Sprintf("the kernel killed processes of this container for lack of memory %d times, first "+
				"%q", len(c.Kills), k.Comm)
		case workerKill(c, *k.At):
			summary += ", and the service's log reports a killed process at that moment"
		case neverReplaced(c, k):
			summary += ": a worker of the service, which nobody collected or replaced"
		case hadTask(c, *k.At):
			summary += ": a pool's worker, for whose result the service has waited since"
		case wanted == clearHarm:
			summary += ", and the service failed right after"
		case wanted == allLost:
			code, _ := c.Exit()
			summary += fmt.Sprintf(": all that its main process had started; %s later that left with code %d, and nothing "+
				"was done in between", words.Duration(c.Death.At.Sub(*k.At)), code)
		case wanted == someHarm && c.LostAll(k):
			summary += fmt.Sprintf(": all that its main process had started; %s later that left with success",
				words.Duration(c.Death.At.Sub(*k.At)))
		case wanted == someHarm:
			summary += fmt.Sprintf("; %s later the service ended with an error", words.Duration(c.Death.At.Sub(*k.At)))
		case c.IsBeside(k):
			summary += ": a command that ran beside the main process, not that one itself"
		default:
			summary += "; the main process lived on"
		}
		return onLine(k.Line, saw(k.At, summary, k.Excerpt))
	}
	return nil
}

// probeKilled tells whether a health check was OOM-killed around that moment.
func probeKilled(c inquest.Case, at time.Time) bool {
	for _, p := range c.Probes {
		if p.Outcome == "oom-killed" && !at.Before(p.Start.Add(-time.Second)) && !at.After(p.End.Add(time.Second)) {
			return true
		}
	}
	return false
}
