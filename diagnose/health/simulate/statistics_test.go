package simulate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/health/simulate"
)

// TestWilson: worked values. 10 of 100 and 1 of 10 are in Brown, Cai, DasGupta
// (2001) and every table; 0 of n is z²/(n+z²) in closed form.
func TestWilson(t *testing.T) {
	const z2 = 1.959963984540054 * 1.959963984540054
	for _, tt := range []struct {
		x, n      int
		low, high float64
	}{
		{10, 100, 0.0552, 0.1744}, {1, 10, 0.0179, 0.4042}, {5, 10, 0.2366, 0.7634}, {3, 100, 0.0103, 0.0845},
		{0, 30, 0, z2 / (30 + z2)}, {0, 100, 0, z2 / (100 + z2)}, {0, 1000, 0, z2 / (1000 + z2)},
		{10, 10, 10 / (10 + z2), 1}, {0, 0, 0, 1},
	} {
		low, high := simulate.Wilson(tt.x, tt.n)
		if math.Abs(low-tt.low) > 5e-5 || math.Abs(high-tt.high) > 5e-5 {
			t.Errorf("Wilson(%d, %d) = %.5f, %.5f, want %.5f, %.5f", tt.x, tt.n, low, high, tt.low, tt.high)
		}
	}
}

// TestQuantileRanks: worked values of the binomial interval. For the median of 10
// ranks 2 and 9 have 97.85 %; of 6 ranks 1 and 6 have 1-2/64 = 96.9 %, of 5 no pair
// has 95 %.
func TestQuantileRanks(t *testing.T) {
	for _, tt := range []struct {
		n         int
		q         float64
		low, high int
		ok        bool
	}{
		{10, 0.5, 2, 9, true}, {6, 0.5, 1, 6, true}, {5, 0.5, 0, 0, false}, {100, 0.95, 90, 100, true},
		{100, 0.5, 40, 61, true},
		{35, 0.9, 0, 0, false}, {36, 0.9, 0, 0, true}, {71, 0.95, 0, 0, false}, {72, 0.95, 0, 0, true},
		{367, 0.99, 0, 0, false}, {368, 0.99, 0, 0, true},
		{0, 0.5, 0, 0, false}, {10, 0, 0, 0, false}, {10, 1, 0, 0, false}, {10, math.NaN(), 0, 0, false},
	} {
		low, high, ok := simulate.QuantileRanks(tt.n, tt.q)
		if ok != tt.ok || tt.low > 0 && (low != tt.low || high != tt.high) {
			t.Errorf("QuantileRanks(%d, %g) = %d, %d, %v; want %d, %d, %v", tt.n, tt.q, low, high, ok, tt.low, tt.high,
				tt.ok)
		}
	}
}

// TestQuantileCovers: of 2,000 samples of a known distribution at least 93 % of
// the intervals hold the true quantile.
func TestQuantileCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		n int
		q float64
	}{{20, 0.5}, {60, 0.9}, {100, 0.95}, {500, 0.99}} {
		held := 0
		const rounds = 2000
		for range rounds {
			sample := make([]float64, c.n)
			for i := range sample {
				sample[i] = random.ExpFloat64()
			}
			slices.Sort(sample)
			q, ok := simulate.QuantileOf(sample, c.q)
			if truth := -math.Log(1 - c.q); ok && q.Low <= truth && truth <= q.High {
				held++
			}
			if q.Value < q.Low || q.Value > q.High {
				t.Fatalf("n=%d q=%g: %v is not within its interval", c.n, c.q, q)
			}
		}
		if held < rounds*93/100 {
			t.Errorf("n=%d q=%g: %d of %d intervals hold the quantile", c.n, c.q, held, rounds)
		}
	}
}

// TestRunRisk: closed forms for small numbers, and the figures of docs/notes/HEALTH.md#b3.
func TestRunRisk(t *testing.T) {
	const p = 0.3
	for _, tt := range []struct {
		p         float64
		k, n      int
		want, eps float64
	}{
		{p, 1, 4, 1 - math.Pow(1-p, 4), 1e-12}, {p, 2, 2, p * p, 1e-12}, {p, 2, 3, 2*p*p - p*p*p, 1e-12},
		{p, 3, 3, p * p * p, 1e-12},
		{0.01, 3, 8640, 0.0085, 5e-5}, {0.02, 3, 8640, 0.0655, 5e-5}, {0.05, 3, 8640, 0.64, 5e-3},
		{0.01, 2, 8640, 0.57, 5e-3}, {0.01, 1, 8640, 1, 1e-6},
		{0, 3, 100, 0, 0}, {1, 3, 100, 1, 0}, {1, 3, 2, 0, 0}, {p, 3, 2, 0, 0}, {p, 0, 5, 1, 0},
		{math.NaN(), 3, 100, 0, 0},
	} {
		if got := simulate.RunRisk(tt.p, tt.k, tt.n); math.Abs(got-tt.want) > tt.eps {
			t.Errorf("RunRisk(%g, %d, %d) = %g, want %g", tt.p, tt.k, tt.n, got, tt.want)
		}
	}
}
