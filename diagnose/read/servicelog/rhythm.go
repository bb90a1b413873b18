package servicelog

import (
	"math/bits"
	"time"
)

// rhythm measures the silences between lines in bounded memory: a histogram with four buckets an octave, so the
// median is known within 20 %.
type rhythm struct {
	last    int64
	started bool
	longest int64
	count   int
	buckets [256]uint32
}

func (r *rhythm) add(at int64) {
	if r.started && at >= r.last {
		gap := at - r.last
		r.longest = max(r.longest, gap)
		r.buckets[bucket(uint64(gap))]++
		r.count++
	}
	if !r.started || at > r.last {
		r.last, r.started = at, true
	}
}

// bucket numbers v by its leading bit and the two bits after it.
func bucket(v uint64) int {
	n := bits.Len64(v)
	if n < 3 {
		return int(v)
	}
	return n*4 + int(v>>(n-3)&3)
}

// middle returns the middle of a bucket.
func middle(i int) int64 {
	if i < 4 {
		return int64(i)
	}
	n, quarter := i/4, int64(i%4)
	step := int64(1) << (n - 3)
	return (4+quarter)*step + step/2
}

// quantile returns the gap that a share q of all gaps do not exceed, zero where there are none.
func (r *rhythm) quantile(q float64) time.Duration {
	seen := 0
	for i, n := range r.buckets {
		seen += int(n)
		if r.count > 0 && float64(seen) >= q*float64(r.count) {
			return time.Duration(min(middle(i), r.longest))
		}
	}
	return 0
}

const (
	rhythmGaps   = 20              // gaps that make a rhythm
	shortSilence = 3 * time.Second // no shorter silence says anything
)

// SilenceBefore returns how long the log had been silent at the end, and whether that is unusual for this log: longer
// than three times what all but one in a hundred of its own gaps were. A log that prints once an hour is not silent
// for being quiet ten minutes. It returns zero where no line carried a time.
func (r *Run) SilenceBefore(end time.Time) (silence time.Duration, unusual bool) {
	if r.LastAt.IsZero() || end.Before(r.LastAt) {
		return 0, false
	}
	silence = end.Sub(r.LastAt)
	return silence, r.Gaps >= rhythmGaps && silence >= shortSilence && silence > 3*r.UsualGap
}

const probeGaps = 5 // gaps between probes that make their rhythm: one prober is regular

// ProbesMissingBefore returns for how long before the end no health check was answered while other lines went on, and
// whether that is unusual for these checks: longer than three times what all but one in a hundred of their own gaps
// were (docs/notes/PYTHON.md#1.2). It returns zero where the log ended with them, which [Run.SilenceBefore] is about.
func (r *Run) ProbesMissingBefore(end time.Time) (missing time.Duration, unusual bool) {
	usual := max(shortSilence, 3*r.UsualProbeGap)
	if r.ProbeLastAt.IsZero() || end.Before(r.LastAt) || r.LastAt.Sub(r.ProbeLastAt) < usual {
		return 0, false
	}
	missing = end.Sub(r.ProbeLastAt)
	return missing, r.ProbeGaps >= probeGaps && missing > usual
}
