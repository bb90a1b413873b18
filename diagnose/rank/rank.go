// Package rank weighs the causes against each other. It is arithmetic that a report can show: priors and weights of
// evidence in decibans (10·log10 of a likelihood ratio), and a softmax over the ten and the alternatives to them.
//
//	prior 0 dB + kernel-oom-kill 32 dB − no-healthcheck … = 32 dB ─► 0.97 of all hypotheses together
//
// Contract: pure; no map order shows; probabilities sum to 1. One fact counts once, by its strongest finding.
package rank

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
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

// Hypothesis is a cause or alternative with its arithmetic.
type Hypothesis struct {
	cause.Cause
	Findings    []cause.Finding // strongest first
	Score       float64         // decibans: prior, own evidence, and what it explains
	Own         float64         // decibans of its own evidence for it
	Probability float64
	Explains    []string // causes it was found to explain in this case, strongest first
}

// Of weighs the ten causes and the two alternatives. The score of each is its
// prior plus its evidence in decibans; the probabilities are the softmax of the
// scores. A cause that explains another one is also supported by that one's
// evidence: if the empty pool made the probes hang, the hung probes speak for the
// pool as well. So the root stands above its mechanism by its own evidence.
func Of(c inquest.Case) []Hypothesis {
	list := weigh(c)
	inherit(list)
	normalise(list)
	order(list)
	return list
}

// order puts the most likely first; ties go by ID.
func order(list []Hypothesis) {
	slices.SortStableFunc(list, func(a, b Hypothesis) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.ID, b.ID))
	})
}

// Verdict is the kind of answer that ranked hypotheses allow. A cause or a named other is told only where it is more
// likely than everything else together and has evidence of its own. A named other of what has not failed is trouble.
func Verdict(c inquest.Case, list []Hypothesis) string {
	top := list[0]
	switch {
	case top.Probability < blameFrom:
	case top.ID == fact.NotAFailure && top.Own > 0:
		return fact.NotAFailure
	case top.Number > 0 && top.Own >= blameFromEvidence:
		return fact.VerdictCause
	case top.Other() && top.Own >= blameFromEvidence && c.Failed():
		return fact.VerdictOther
	case top.Other() && top.Own >= blameFromEvidence:
		return fact.VerdictTrouble
	}
	return fact.VerdictUndetermined
}

// Other tells whether the hypothesis is a named other.
func (h Hypothesis) Other() bool {
	return h.Number == 0 && h.ID != fact.NotAFailure && h.ID != fact.SomethingElse
}

func weigh(c inquest.Case) []Hypothesis {
	var list []Hypothesis
	for _, hypothetical := range slices.Concat(cause.All(), cause.Others(c), cause.Alternatives()) {
		h := Hypothesis{Cause: hypothetical, Findings: hypothetical.Findings(c)}
		h.Cause.Explains, h.Cause.Title = hypothetical.ExplainedIn(c), hypothetical.TitleIn(c)
		sortFindings(h.Findings)
		h.Score = h.Prior
		for _, weight := range strongest(h.Findings) {
			h.Score += weight
			if weight > 0 {
				h.Own += weight
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
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.ID, b.ID),
			moment(a).Compare(moment(b)))
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
func inherit(list []Hypothesis) {
	byID := map[string]*Hypothesis{}
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	type gain struct {
		h   *Hypothesis
		add float64
	}
	var gains []gain
	for i := range list {
		h := &list[i]
		h.Explains = explained(h, byID)
		total := 0.0
		for _, id := range h.Explains {
			total += byID[id].Own
		}
		gains = append(gains, gain{h, total})
	}
	for _, g := range gains { // after all, so that nothing inherits what was inherited
		g.h.Score += g.add
	}
}

// explained walks the Explains edges that hold in this case: the root has
// evidence of its own, which outweighs what speaks against it, the explained one has more than a hint, and did not come
// first. A start that did not fail (the server was ready) explains no crash, however alike its runs ended. Servers
// print the line of an answer before the traceback that led to it, so of failed requests the time does not count.
func explained(root *Hypothesis, byID map[string]*Hypothesis) []string {
	if root.Own < explainsFrom || root.Score <= root.Prior {
		return nil
	}
	var found []string
	queue := slices.Clone(root.Cause.Explains)
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		other := byID[id]
		if other == nil || id == root.ID || slices.Contains(found, id) || other.Own < explainedFrom || !root.Other() &&
			other.ID != fact.RequestsFail && !before(root, other) {
			continue
		}
		found = append(found, id)
		if other.Own >= explainsFrom {
			queue = append(queue, other.Cause.Explains...)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return byID[found[i]].Own > byID[found[j]].Own })
	return found
}

// before tells whether the root's first sign came no later than the other's, or
// the times are not known. Two seconds are allowed for clocks that differ.
func before(root, other *Hypothesis) bool {
	a, b := firstSign(root), firstSign(other)
	return a.IsZero() || b.IsZero() || !a.After(b.Add(2*time.Second))
}

func firstSign(h *Hypothesis) time.Time {
	var first time.Time
	for _, f := range h.Findings {
		if f.Weight > 0 && f.At != nil && (first.IsZero() || f.At.Before(first)) {
			first = *f.At
		}
	}
	return first
}

// normalise turns decibans into probabilities that sum to 1.
func normalise(list []Hypothesis) {
	sum := 0.0
	bound(list)
	for i := range list {
		list[i].Probability = math.Pow(10, list[i].Score/10)
		sum += list[i].Probability
	}
	for i := range list {
		list[i].Probability /= sum
	}
}

// bound keeps all scores within ±maxScore. What a root explains is no rival of it: where both are beyond the bound, the
// distance between them stays.
func bound(list []Hypothesis) {
	limit := map[string]float64{}
	for _, root := range list {
		for _, id := range root.Explains {
			i := slices.IndexFunc(list, func(h Hypothesis) bool { return h.ID == id })
			if gap := root.Score - list[i].Score; gap > 0 && root.Score > maxScore {
				limit[id] = max(limit[id], gap)
			}
		}
	}
	for i := range list {
		h := &list[i]
		h.Score = max(min(h.Score, maxScore-limit[h.ID]), -maxScore)
	}
}
