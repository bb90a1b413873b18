package inside

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Unserved is a queue in which something waits, and for which nobody does.
type Unserved struct {
	evidence.InsidePool
	PID int
}

// lasting are words in names of tasks that have no end of their own, stricter than works: what flushes or refreshes may
// be done.
var lasting = []string{"consum", "worker", "listen", "poll", "heartbeat", "schedul", "watch", "subscri", "forever",
	"daemon", "pump", "dispatch"}

// addEnded keeps the tasks that were to go on for ever, and have ended without an exception, and the queues that nobody
// serves. One of whose kind another runs was replaced.
func (v *View) addEnded(p *evidence.InsideProcess) {
	for _, t := range p.Tasks {
		replaced := slices.ContainsFunc(p.Tasks, func(o evidence.InsideTask) bool {
			return o.Coroutine == t.Coroutine && !done(o)
		})
		if done(t) && t.Exception == "" && named(t, lasting) && !replaced {
			v.Ended = append(v.Ended, Failure{InsideTask: t, PID: p.PID, Work: true})
		}
	}
	for _, pool := range p.Pools {
		if strings.HasSuffix(pool.Class, "Queue") && pool.Used != nil && *pool.Used > 0 && len(pool.Waiting) == 0 {
			v.Unserved = append(v.Unserved, Unserved{pool, p.PID})
		}
	}
}

func done(t evidence.InsideTask) bool { return t.State == fact.FineFinished || t.State == "cancelled" }

// LeftUndone is the queue that nobody serves in a process whose lasting tasks have ended; nil = there is none.
func (v View) LeftUndone() *Unserved {
	for i, q := range v.Unserved {
		if slices.ContainsFunc(v.Ended, func(f Failure) bool { return f.PID == q.PID }) {
			return &v.Unserved[i]
		}
	}
	return nil
}

// executorOf is the pool of threads that has the thread; nil = that is not seen.
func executorOf(p *evidence.InsideProcess, thread string) *evidence.InsidePool {
	for i, pool := range p.Pools {
		if pool.Class == "ThreadPoolExecutor" && slices.Contains(pool.Holders, thread) {
			return &p.Pools[i]
		}
	}
	return nil
}

// mayGrow tells whether the pool of a thread starts a further one for the next piece of work.
func mayGrow(p *evidence.InsideProcess, thread string) bool {
	pool := executorOf(p, thread)
	return pool != nil && pool.Size != nil && pool.Used != nil && *pool.Used < *pool.Size
}

// queuedFor is how many pieces of work wait for the pool of a thread.
func queuedFor(p *evidence.InsideProcess, thread string) int {
	if pool := executorOf(p, thread); pool != nil && pool.Queued != nil {
		return *pool.Queued
	}
	return 0
}
