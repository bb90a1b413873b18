package inside

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// lostTaskOf looks for a thread that waits for the result of a multiprocessing.Pool while each of the pool's workers
// has waited for work just as long. The pool starts another worker for one that dies, but never tells who waits for
// what that one had in hand (CPython's issue 66587, bpo-22393).
func lostTaskOf(in *evidence.Inside) *Standing {
	if in.Cut || !workersIdle(in) {
		return nil
	}
	for i := range in.Processes {
		p := &in.Processes[i]
		for _, t := range p.Threads {
			// map and apply have handed out all of it; imap may be waiting for its input
			above, ok := aboveIn(t.Frames, "get")
			if ok && len(above) > 0 && longStill(t) {
				one := standing(in, p, t, t.Frames)
				return &one
			}
		}
	}
	return nil
}

const poolFile = "/multiprocessing/pool.py"

// aboveIn returns the frames above a function of multiprocessing's pool, newest first.
func aboveIn(frames []evidence.Frame, function string) ([]evidence.Frame, bool) {
	i := slices.IndexFunc(frames, func(f evidence.Frame) bool {
		return strings.HasSuffix(f.File, poolFile) && lastName(f.Function) == function
	})
	if i < 0 {
		return nil, false
	}
	return frames[:i], true
}

// workersIdle tells whether there are workers, every one has waited for work for long, and no result is being handled.
// A process that was not read may be one that works.
func workersIdle(in *evidence.Inside) bool {
	workers := 0
	for _, p := range in.Processes {
		if p.Version == "" && strings.HasPrefix(p.Comm, "python") {
			return false
		}
		for _, t := range p.Threads {
			if handlesResult(t) {
				return false // a callback keeps the results back
			}
			above, ok := aboveIn(t.Frames, "worker")
			if !ok {
				continue
			}
			idle := slices.ContainsFunc(above, func(f evidence.Frame) bool {
				return strings.HasSuffix(f.File, "/multiprocessing/queues.py") && lastName(f.Function) == "get"
			})
			if !idle || !longStill(t) {
				return false
			}
			workers++
		}
	}
	return workers > 0
}

func handlesResult(t evidence.InsideThread) bool {
	above, ok := aboveIn(t.Frames, "_handle_results")
	return ok && slices.ContainsFunc(above, Own)
}

func longStill(t evidence.InsideThread) bool {
	return t.Still != nil && *t.Still && t.LastRan != nil && *t.LastRan >= LongStand
}
