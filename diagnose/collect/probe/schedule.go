package probe

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// Func runs one probe. It returns by its own deadline, or soon after ctx ends.
type Func func(ctx context.Context) replay.Record

// Plan is a schedule. It ends at Count probes or after Duration, whichever is first.
type Plan struct {
	Count    int           // 0 = no limit
	Interval time.Duration // from start to start
	Duration time.Duration // 0 = no limit
	Parallel int           // most probes in flight; one that is due beyond it is skipped
	// Progress is told of every end; calls do not overlap. nil = nobody asks.
	Progress func(done, failed int)
}

// outputBudget is how many bytes of output a run keeps in full; later ones are cut
// to outputShort. It bounds the memory of long runs, which hold it some ten times
// over: as records, in the bundle, masked, and read again.
const (
	outputBudget = 512 << 10
	outputShort  = 256
)

// Run probes on schedule until the plan is done or ctx ends, waits for the last
// ones and returns the records in the order of their starts. Probes cut off by ctx
// are left out. skipped were due while too many were waiting.
func Run(ctx context.Context, p Plan, probe Func) (records []replay.Record, skipped int) {
	r := &run{plan: p, probe: probe, free: make(chan struct{}, max(p.Parallel, 1))}
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := 0; p.Count == 0 || i < p.Count; i++ {
		due := start.Add(time.Duration(i) * p.Interval)
		if p.Duration > 0 && due.Sub(start) >= p.Duration {
			break
		}
		timer.Reset(time.Until(due))
		select {
		case <-timer.C:
			r.launch(ctx, i, due)
			continue
		case <-ctx.Done():
		}
		break
	}
	r.group.Wait()
	return r.finished(), r.skipped
}

// run is a schedule under way.
type run struct {
	plan    Plan
	probe   Func
	free    chan struct{}
	group   sync.WaitGroup
	skipped int

	mu      sync.Mutex
	slots   []*replay.Record // by place in the schedule; nil = skipped, running or cut off
	done    int
	failed  int
	outputs int
}

func (r *run) launch(ctx context.Context, i int, due time.Time) {
	r.mu.Lock()
	r.slots = append(r.slots, nil)
	r.mu.Unlock()
	select {
	case r.free <- struct{}{}:
	default:
		r.skipped++
		return
	}
	r.group.Go(func() {
		defer func() { <-r.free }()
		late := time.Since(due)
		record := r.probe(ctx)
		record.LateMs = Millis(late)
		if ctx.Err() == nil || record.Fault == "" {
			r.store(i, record)
		}
	})
}

func (r *run) store(i int, record replay.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.outputs += len(record.Output); r.outputs > outputBudget && len(record.Output) > outputShort {
		// A copy: a part of the string would keep the whole of it in memory.
		record.Output, record.OutputCut = strings.Clone(record.Output[:outputShort]), true
	}
	r.slots[i] = &record
	r.done++
	if record.Fault != "" {
		r.failed++
	}
	if r.plan.Progress != nil {
		r.plan.Progress(r.done, r.failed)
	}
}

func (r *run) finished() []replay.Record {
	records := make([]replay.Record, 0, r.done)
	for _, slot := range r.slots {
		if slot != nil {
			records = append(records, *slot)
		}
	}
	return records
}

// Millis is a duration in milliseconds, to the microsecond.
func Millis(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }
