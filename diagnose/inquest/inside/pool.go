package inside

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// Full is a pool that gave out all that it has.
type Full struct {
	evidence.InsidePool
	Waits   *evidence.InsideTask // one of the tasks that wait; nil = threads do
	Holds   *evidence.InsideTask // one of the tasks that hold; nil = not known
	WaitsAt *evidence.Frame      // the program's own call that waits
	HoldsAt *evidence.Frame
	HoldsOn *evidence.Peering // the connection on which the holders wait; nil = not known
}

// addPool keeps a pool that is used up. A queue that is empty or full is no failure, and a semaphore that makes some
// wait does what it is for, unless nobody is left to give back what it gave, or nothing of the process has run for
// long.
func (v *View) addPool(p *evidence.InsideProcess, pool evidence.InsidePool) {
	if strings.HasSuffix(pool.Class, "Queue") || slices.Contains(oneHolder, pool.Class) || len(pool.Waiting) == 0 ||
		!usedUp(pool) {
		return
	}
	if pool.Free != nil && quiet(p) < LongStand &&
		(!standsBefore(p, pool) || !pool.Sought || len(pool.Holders) > 0 || mayHold(p, pool)) {
		return
	}
	f := Full{InsidePool: pool, Waits: p.Task(pool.Waiting[0]), WaitsAt: ownPlace(p, pool.Waiting[0])}
	if len(pool.Holders) > 0 {
		f.Holds, f.HoldsAt = p.Task(pool.Holders[0]), ownPlace(p, pool.Holders[0])
		f.HoldsOn = p.ConnectionOf(pool.Holders[0])
	}
	v.Full = append(v.Full, f)
}

// ownPlace is the program's own newest call of a task or thread; nil = it has none, or is not there.
func ownPlace(p *evidence.InsideProcess, name string) *evidence.Frame {
	if t := p.Task(name); t != nil {
		return NewestOwn(t.Frames)
	}
	for _, t := range p.Threads {
		if t.Is(name) {
			return NewestOwn(t.Frames)
		}
	}
	return nil
}

// usedUp tells whether a pool has given out all that it may.
func usedUp(pool evidence.InsidePool) bool {
	if pool.Free != nil {
		return *pool.Free == 0
	}
	return pool.Size != nil && pool.Used != nil && *pool.Size > 0 && *pool.Used >= *pool.Size
}
