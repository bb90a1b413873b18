package exitcode

import (
	"slices"
	"strings"
)

// entry is a meaning with the circumstances that it needs, so that known facts
// can rule it out or lift it up.
type entry struct {
	Meaning
	needs   needs
	runtime string   // "kubernetes": only there; "" = anywhere
	errors  []string // texts of State.Error (lower case) that prove it
}

// needs are circumstances without which a meaning cannot hold.
type needs uint8

const (
	neverStarted needs = 1 << iota // the engine did not get it to run
	relayed                        // a shell or an init stands between
	// PID 1 is not the program, or --pid=host: the kernel shields a PID 1 from unhandled signals
	unprotected
	asPID1    // the program itself is PID 1
	oomKilled // a process of the container was OOM-killed
)

// meaningsIn filters and orders a code's meanings by what is known: most likely
// first, and of equals the one that a known fact supports. It never answers
// nothing: where the facts rule all out, one of them is wrong or the table has a
// gap, and the whole list stands.
func meaningsIn(entries []entry, c Context) []Meaning {
	kept := filter(entries, c)
	if len(kept) == 0 {
		kept = filter(entries, Context{})
	}
	slices.SortStableFunc(kept, func(a, b weighed) int { return a.order() - b.order() })
	meanings := make([]Meaning, 0, len(kept))
	for _, w := range kept {
		meanings = append(meanings, w.Meaning)
	}
	return meanings
}

// weighed is a meaning in the light of the known facts.
type weighed struct {
	Meaning
	supported bool
}

func (w weighed) order() int {
	order := 2 * w.Likelihood.rank()
	if !w.supported {
		order++
	}
	return order
}

func filter(entries []entry, c Context) []weighed {
	var kept []weighed
	for _, e := range entries {
		if e.excluded(c) {
			continue
		}
		w := weighed{Meaning: e.Meaning}
		w.Likelihood, w.supported = e.weigh(c)
		kept = append(kept, w)
	}
	return kept
}

// excluded tells whether a known fact rules the meaning out.
func (e entry) excluded(c Context) bool {
	direct := isFalse(c.PID1Shell) && isFalse(c.InitProcess)
	switch {
	case e.needs&neverStarted != 0 && isTrue(c.Started):
		return true
	case e.needs&neverStarted == 0 && isFalse(c.Started):
		return true
	case e.needs&relayed != 0 && direct:
		return true
	case e.needs&asPID1 != 0 && (isTrue(c.InitProcess) || isTrue(c.PID1Shell)):
		return true
	}
	return e.runtime == "kubernetes" && !mayBeKubernetes(c.Runtime)
}

// mayBeKubernetes: the CRI runtimes run under a kubelet; docker and podman, asked
// through their own API, do not.
func mayBeKubernetes(runtime string) bool {
	switch runtime {
	case "", "kubernetes", "containerd", "cri-o", "k3s", "rke2":
		return true
	}
	return false
}

// weigh raises a meaning that the facts support and lowers one that they speak
// against without ruling it out: OOMKilled false still leaves a host-wide OOM on
// cgroup v1 and the lost race on v2 (docs/notes/DOCKER.md#a1).
func (e entry) weigh(c Context) (l Likelihood, supported bool) {
	if c.EngineError != "" && len(e.errors) > 0 {
		return e.byEngineError(strings.ToLower(c.EngineError))
	}
	switch {
	case e.needs&neverStarted != 0 && c.Started == nil && c.EngineError == "":
		return lower(e.Likelihood), false
	case e.needs&oomKilled != 0 && isTrue(c.OOMKilled):
		return raise(e.Likelihood), true
	case e.needs&oomKilled != 0 && isFalse(c.OOMKilled):
		return Rare, false
	case e.needs&relayed != 0 && (isTrue(c.PID1Shell) || isTrue(c.InitProcess)):
		return raise(e.Likelihood), true
	case e.needs&unprotected != 0 && isFalse(c.PID1Shell) && isFalse(c.InitProcess):
		return Rare, false // only --pid=host is left
	}
	return e.Likelihood, false
}

// byEngineError: the engine's own words decide between its own reasons.
func (e entry) byEngineError(text string) (l Likelihood, supported bool) {
	for _, sign := range e.errors {
		if strings.Contains(text, sign) {
			return Usual, true
		}
	}
	return Rare, false
}

func raise(l Likelihood) Likelihood {
	if l == Rare {
		return Possible
	}
	return Usual
}

func lower(l Likelihood) Likelihood {
	if l == Usual {
		return Possible
	}
	return Rare
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }
