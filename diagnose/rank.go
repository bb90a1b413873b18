package diagnose

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

const (
	// explainsFrom is the evidence of its own, in decibans, that a cause needs
	// before it may explain another: ten to one. Below that, any cause could claim
	// its neighbour's proofs.
	explainsFrom = 10

	// explainedFrom is the evidence for a cause that another one may be said to have
	// brought about: two to one. A hint is nothing that happened: a banner that tells
	// of a loopback address (2 dB) was once "because" of an OOM kill 0.9 s later.
	explainedFrom = 3

	// blameFrom is the least probability for naming a cause, and the least
	// evidence for it. Below, the answer is "cannot tell".
	blameFrom         = 0.5
	blameFromEvidence = 10

	// maxScore bounds a hypothesis, so that no pile of findings reads as certainty:
	// ±45 dB is thirty thousand to one.
	maxScore = 45
)

// rank weighs the ten causes and the two alternatives. The score of each is its
// prior plus its evidence in decibans; the probabilities are the softmax of the
// scores. A cause that explains another one is also supported by that one's
// evidence: if the empty pool made the probes hang, the hung probes speak for the
// pool as well. So the root stands above its mechanism by its own evidence.
func rank(c *evidence.Case) []hypothesis {
	list := weigh(c)
	inherit(list)
	normalise(list)
	sort.SliceStable(list, func(i, j int) bool {
		if list[i].probability != list[j].probability {
			return list[i].probability > list[j].probability
		}
		return list[i].ID < list[j].ID
	})
	return list
}

func weigh(c *evidence.Case) []hypothesis {
	var list []hypothesis
	for _, hypothetical := range append(cause.All(), cause.Alternatives()...) {
		h := hypothesis{Cause: hypothetical, findings: hypothetical.Findings(c)}
		sortFindings(h.findings)
		h.score = h.Prior
		for _, weight := range strongest(h.findings) {
			h.score += weight
			if weight > 0 {
				h.own += weight
			}
		}
		list = append(list, h)
	}
	return list
}

// strongest keeps one weight per fact: the one that says most, for or against.
// The order is that of the findings, so sums do not depend on map order.
func strongest(findings []cause.Finding) []float64 {
	best := map[string]int{}
	var weights []float64
	for _, f := range findings {
		i, seen := best[f.Fact]
		switch {
		case !seen:
			best[f.Fact] = len(weights)
			weights = append(weights, f.Weight)
		case math.Abs(f.Weight) > math.Abs(weights[i]):
			weights[i] = f.Weight
		}
	}
	return weights
}

// sortFindings puts the strongest first; ties go by ID, then by time.
func sortFindings(list []cause.Finding) {
	slices.SortStableFunc(list, func(a, b cause.Finding) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.ID, b.ID), moment(a).Compare(moment(b)))
	})
}

func moment(f cause.Finding) time.Time {
	if f.At == nil {
		return time.Time{}
	}
	return *f.At
}

// inherit adds to each cause the evidence of those that it explains, directly or
// through another: pool → probes hung → stopped. Each explained cause counts once.
func inherit(list []hypothesis) {
	byID := map[string]*hypothesis{}
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	type gain struct {
		h   *hypothesis
		add float64
	}
	var gains []gain
	for i := range list {
		h := &list[i]
		h.explains = explained(h, byID)
		total := 0.0
		for _, id := range h.explains {
			total += byID[id].own
		}
		gains = append(gains, gain{h, total})
	}
	for _, g := range gains { // after all, so that nothing inherits what was inherited
		g.h.score += g.add
	}
}

// explained walks the Explains edges that hold in this case: the root has
// evidence of its own, the explained one has more than a hint, and did not come first.
func explained(root *hypothesis, byID map[string]*hypothesis) []string {
	if root.own < explainsFrom {
		return nil
	}
	var found []string
	queue := slices.Clone(root.Explains)
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		other := byID[id]
		if other == nil || id == root.ID || slices.Contains(found, id) || other.own < explainedFrom || !before(root, other) {
			continue
		}
		found = append(found, id)
		queue = append(queue, other.Explains...)
	}
	sort.SliceStable(found, func(i, j int) bool { return byID[found[i]].own > byID[found[j]].own })
	return found
}

// before tells whether the root's first sign came no later than the other's, or
// the times are not known. Two seconds are allowed for clocks that differ.
func before(root, other *hypothesis) bool {
	a, b := firstSign(root), firstSign(other)
	return a.IsZero() || b.IsZero() || !a.After(b.Add(2*time.Second))
}

func firstSign(h *hypothesis) time.Time {
	var first time.Time
	for _, f := range h.findings {
		if f.Weight > 0 && f.At != nil && (first.IsZero() || f.At.Before(first)) {
			first = *f.At
		}
	}
	return first
}

// normalise turns decibans into probabilities that sum to 1.
func normalise(list []hypothesis) {
	sum := 0.0
	for i := range list {
		list[i].score = min(max(list[i].score, -maxScore), maxScore)
		list[i].probability = math.Pow(10, list[i].score/10)
		sum += list[i].probability
	}
	for i := range list {
		list[i].probability /= sum
	}
}
