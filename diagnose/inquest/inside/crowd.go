package inside

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// crowd is how many worker threads at one line are told; fewer may be chance.
const crowd = 4

// addCrowd looks for pools of threads of which each stands still at one and the same
// line of the program.
func (v *View) addCrowd(in *evidence.Inside, p *evidence.InsideProcess) {
	var first *Standing
	n := 0
	for _, t := range p.Threads {
		above, ok := aboveWorker(t.Frames)
		if !ok {
			continue
		}
		place := NewestOwn(above)
		if place == nil || t.Still == nil || !*t.Still || first != nil && first.Place != *place || mayGrow(p, t.Name) {
			return // one that is idle, moves, stands elsewhere or is still to be started takes the next piece of work
		}
		if n++; first == nil {
			one := standing(in, p, t, above)
			first = &one
		}
	}
	if n >= crowd && n > v.Crowded {
		v.Crowd, v.Crowded, v.CrowdQueue = first, n, queuedFor(p, first.Name)
	}
}

// addStood lists the pool's threads that have long stood at a line of the program: who stands longest is nearest to
// what all wait for.
func (v *View) addStood(in *evidence.Inside, p *evidence.InsideProcess) {
	for _, t := range p.Threads {
		above, ok := aboveWorker(t.Frames)
		if !ok || NewestOwn(above) == nil || t.Still == nil || !*t.Still {
			continue
		}
		if one := standing(in, p, t, above); one.For >= LongStand {
			v.Stood = append(v.Stood, one)
		}
	}
	slices.SortStableFunc(v.Stood, func(a, b Standing) int { return cmp.Compare(b.For, a.For) })
}

// aboveWorker returns what a thread of a pool works on: concurrent.futures' and anyio's.
func aboveWorker(frames []evidence.Frame) ([]evidence.Frame, bool) {
	for i, f := range frames {
		name := lastName(f.Function)
		if strings.HasSuffix(f.File, "/concurrent/futures/thread.py") && name == "_worker" ||
			strings.HasSuffix(f.File, "/anyio/_backends/_asyncio.py") && f.Function != "" && name == "run" {
			return frames[:i], true
		}
	}
	return nil, false
}
