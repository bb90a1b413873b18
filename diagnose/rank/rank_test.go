package rank

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

func finding(id, fact string, weight float64, at time.Time) cause.Finding {
	f := cause.Finding{ID: id, Fact: fact, Weight: weight, Summary: id}
	if !at.IsZero() {
		f.At = &at
	}
	return f
}

func TestStrongestPerFact(t *testing.T) {
	var never time.Time
	got := strongest([]cause.Finding{
		finding("kernel line", "oom", 32, never),
		finding("event", "oom", 24, never), // the same fact again
		finding("near the limit", "limit", 4, never),
		finding("log silent", "silent", -16, never),
		finding("counter", "silent", -20, never),
	})
	if diff := cmp.Diff([]float64{32, 4, -20}, got); diff != "" {
		t.Errorf("weights (-want +got):\n%s", diff)
	}
}

// hypothesise builds a list of hypotheses with the scores that weigh would give.
func hypothesise(own map[string][]cause.Finding) []Hypothesis {
	var list []Hypothesis
	for _, c := range append(cause.All(), cause.Alternatives()...) {
		h := Hypothesis{Cause: c, Findings: own[c.ID], Score: c.Prior}
		for _, w := range strongest(h.Findings) {
			h.Score += w
			h.Own += max(w, 0)
		}
		list = append(list, h)
	}
	return list
}

func probability(list []Hypothesis, id string) float64 {
	for _, h := range list {
		if h.ID == id {
			return h.Probability
		}
	}
	return math.NaN()
}

// TestRootAboveMechanism: an empty pool made the probes hang, and the hung probes
// made somebody stop the container. Both have proofs; the pool stands on top.
func TestRootAboveMechanism(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	list := hypothesise(map[string][]cause.Finding{
		fact.PoolExhaustion:     {finding("too many connections", "log", 14, at)},
		fact.HealthcheckTimeout: {finding("stopped after hung probes", "probes", 28, at.Add(5*time.Second))},
	})
	inherit(list)
	normalise(list)
	pool, probes := probability(list, fact.PoolExhaustion), probability(list, fact.HealthcheckTimeout)
	if pool <= probes {
		t.Errorf("pool %.3f, hung probes %.3f: the root must stand above", pool, probes)
	}
}

// TestMechanismBeforeRoot: the same facts in the other order. What came later
// cannot have caused what came first.
func TestMechanismBeforeRoot(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	list := hypothesise(map[string][]cause.Finding{
		fact.PoolExhaustion:     {finding("too many connections", "log", 14, at.Add(time.Minute))},
		fact.HealthcheckTimeout: {finding("stopped after hung probes", "probes", 28, at)},
	})
	inherit(list)
	normalise(list)
	if pool, probes := probability(list, fact.PoolExhaustion), probability(list, fact.HealthcheckTimeout); pool >= probes {
		t.Errorf("pool %.3f, hung probes %.3f: the earlier must stand above", pool, probes)
	}
}

// TestHintIsNoMechanism: the server's banner told of a loopback address a moment
// before the kill. That is a hint of another cause, and brought about by nothing.
func TestHintIsNoMechanism(t *testing.T) {
	at := time.Date(2026, 11, 25, 21, 1, 38, 0, time.UTC)
	for weight, want := range map[float64]int{2: 0, 4: 1} {
		list := hypothesise(map[string][]cause.Finding{
			fact.OOMKill:            {finding("the kernel killed it", "oom", 32, at)},
			fact.HealthcheckFailure: {finding("loopback-bind", "log", weight, at.Add(-900*time.Millisecond))},
		})
		inherit(list)
		for _, h := range list {
			if h.ID == fact.OOMKill && len(h.Explains) != want {
				t.Errorf("%v dB of another cause: the kill explains %v", weight, h.Explains)
			}
		}
	}
}

// TestWeakRootExplainsNothing: a cause with next to no evidence of its own must
// not live on its neighbour's.
func TestWeakRootExplainsNothing(t *testing.T) {
	var never time.Time
	list := hypothesise(map[string][]cause.Finding{
		fact.PoolExhaustion:     {finding("hint", "log", 4, never)},
		fact.HealthcheckTimeout: {finding("stopped after hung probes", "probes", 28, never)},
	})
	inherit(list)
	normalise(list)
	if pool := probability(list, fact.PoolExhaustion); pool > 0.05 {
		t.Errorf("pool %.3f with a hint of 4 dB", pool)
	}
}

// TestRefutedRootExplainsNothing: runs that end alike hint at a failed start, and the server said that it was ready.
func TestRefutedRootExplainsNothing(t *testing.T) {
	var never time.Time
	for against, want := range map[float64]int{-18: 0, -3: 1} {
		list := hypothesise(map[string][]cause.Finding{
			fact.StartupFailure: {finding("ends alike", "ends", 6, never), finding("short life", "short", 4, never),
				finding("was ready", "ready", against, never)},
			fact.WorkerCrash: {finding("a task called sys.exit", "log", 30, never)},
		})
		inherit(list)
		for _, h := range list {
			if h.ID == fact.StartupFailure && len(h.Explains) != want {
				t.Errorf("%v dB against the start: it explains %v", against, h.Explains)
			}
		}
	}
}

// TestBoundKeepsTheDistance: a root and what it explains are both proven beyond the bound, and are no rivals.
func TestBoundKeepsTheDistance(t *testing.T) {
	var never time.Time
	list := hypothesise(map[string][]cause.Finding{
		fact.PoolExhaustion:     {finding("pool", "pool", 40, never)},
		fact.HealthcheckTimeout: {finding("probes", "probes", 60, never)},
	})
	inherit(list)
	normalise(list)
	if pool := probability(list, fact.PoolExhaustion); pool < 0.95 {
		t.Errorf("root %.3f, although it explains the other", pool)
	}
}

func TestNormaliseSumsToOne(t *testing.T) {
	var never time.Time
	list := hypothesise(map[string][]cause.Finding{fact.OOMKill: {finding("x", "x", 4000, never)}})
	normalise(list)
	sum := 0.0
	for _, h := range list {
		sum += h.Probability
		if h.Probability <= 0 || h.Probability >= 1 {
			t.Errorf("%s: %v is a certainty", h.ID, h.Probability)
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("sum %v", sum)
	}
}

// TestNoEvidenceNoBlame: priors alone never name a cause.
func TestNoEvidenceNoBlame(t *testing.T) {
	list := hypothesise(nil)
	normalise(list)
	order(list)
	if kind := Verdict(inquest.Case{}, list); kind != fact.VerdictUndetermined {
		t.Errorf("verdict %s without any evidence", kind)
	}
}
