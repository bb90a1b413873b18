package simulate

import "math"

// The statistics that hold for 10 to 1000 probes (docs/notes/HEALTH.md#b3). A small sample
// says less than its mean suggests, so everything here comes with an interval.

// z95 is the standard normal's 97.5 % point: two-sided 95 %.
const z95 = 1.959963984540054

// Wilson returns the 95 % confidence interval of a rate of which failures of n
// were seen (Wilson 1927). Unlike the textbook interval it holds for 0 of n: 0 of
// 100 still allows 3.7 %. n = 0 says nothing: 0 to 1.
func Wilson(failures, n int) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	x, m := float64(failures), float64(n)
	p, z2 := x/m, z95*z95
	scale := 1 + z2/m
	middle := p + z2/(2*m)
	half := z95 * math.Sqrt(p*(1-p)/m+z2/(4*m*m))
	return max(0, (middle-half)/scale), min(1, (middle+half)/scale)
}

// QuantileRanks returns the ranks (1 to n) of the order statistics between which
// the q-quantile lies with 95 % confidence, whatever the distribution: the number
// of samples below it is binomial (n, q). ok is false where the sample is too small
// for such ranks to exist; the quantile is then not to be printed. The 0.99-quantile
// needs n >= 368.
func QuantileRanks(n int, q float64) (low, high int, ok bool) {
	if n <= 0 || !(q > 0 && q < 1) {
		return 0, 0, false
	}
	const tail = 0.025
	below := 0.0 // P(at most k samples are below the quantile)
	for k := 0; k <= n; k++ {
		below += binomial(n, k, q)
		if below <= tail {
			low = k + 1
		}
		if below >= 1-tail {
			high = k + 1
			break
		}
	}
	return low, high, low >= 1 && high >= 1 && high <= n
}

// binomial is P(k of n) with success probability p, in logarithms so that n may be large.
func binomial(n, k int, p float64) float64 {
	choose := logFactorial(n) - logFactorial(k) - logFactorial(n-k)
	return math.Exp(choose + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func logFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n) + 1)
	return v
}

// Quantile is a quantile of a sample with its interval, in the sample's unit.
type Quantile struct{ Value, Low, High float64 }

// QuantileOf returns the q-quantile of an ascending sample (nearest rank), and
// whether the sample is large enough to tell (QuantileRanks).
func QuantileOf(ascending []float64, q float64) (Quantile, bool) {
	n := len(ascending)
	low, high, ok := QuantileRanks(n, q)
	if !ok {
		return Quantile{}, false
	}
	rank := min(max(int(math.Ceil(q*float64(n))), 1), n)
	return Quantile{Value: ascending[rank-1], Low: ascending[low-1], High: ascending[high-1]}, true
}

// RunRisk is the probability of at least one run of k failures in n probes that
// fail independently, each with probability p: exact, by the chain of the current
// run's length. Stalls make neighbouring probes fail together, so for those this is
// a lower bound; OutageRisk slides the real schedule over what was measured.
func RunRisk(p float64, k, n int) float64 {
	switch {
	case k <= 0 || p >= 1 && n >= k:
		return 1
	case !(p > 0) || n < k:
		return 0
	}
	state := make([]float64, k) // by length of the run so far
	state[0] = 1
	hit := 0.0
	for range n {
		alive := 0.0
		for _, s := range state {
			alive += s
		}
		hit += state[k-1] * p
		for r := k - 1; r > 0; r-- {
			state[r] = state[r-1] * p
		}
		state[0] = alive * (1 - p)
	}
	return min(hit, 1)
}
