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

func (r *rhythm) median() time.Duration {
	seen := 0
	for i, n := range r.buckets {
		seen += int(n)
		if r.count > 0 && seen*2 >= r.count {
			return time.Duration(min(middle(i), r.longest))
		}
	}
	return 0
}
