// Package inquest works out, from the evidence, what happened to the container, before anybody asks why: which of its
// lives is to be explained, what signs that life left, and who ended it. The result is a [Case], which the rules of the
// causes read:
//
//	evidence ─► lives (which one) ─► signs (log, kernel, probes; artefacts out) ─► death (who ended it, how) ─► Case
//
// What texts say does not depend on the life that is examined: they are read before, once.
//
// Contract: each stage is a function of values and returns a value of its own type, so that no stage can read what a
// later one finds. A Case is built once and handed on by value; nothing changes it afterwards. Everything is pure, and
// knows no runtime: the words of Docker stay in evidence/docker.
package inquest

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// Hold builds the case. A dead container's last life is explained; of a living one the present, unless the one before
// ended badly: a restart policy hides exactly the death that people ask about.
func Hold(e *evidence.Evidence) Case {
	t := read(e)
	newest := len(e.Lives) - 1
	if i := namedLife(e); i >= 0 && i != newest {
		return examine(e, t, i) // this very run was asked for
	}
	now := examine(e, t, newest)
	if i := toExplain(e.Lives, now.Troubled() && !sameRound(e.Lives, e.Now)); i != newest {
		if before := examine(e, t, i); !before.cleanly() {
			return before
		}
	}
	return now
}

// namedLife is the run whose own id the target bears; -1 = the target is the container.
func namedLife(e *evidence.Evidence) int {
	return slices.IndexFunc(e.Lives, func(l evidence.Life) bool { return l.ID != "" && l.ID == e.Target.ID })
}

// texts are what the evidence's texts say, read once for whichever of the lives is examined.
type texts struct {
	log        *servicelog.Report     // the service's, split by the lives' starts; nil = not read
	refusal    []servicelog.Finding   // the runtime's own error, as a line; empty = it has none
	neighbours [][]servicelog.Finding // their logs, one for each of Evidence.Neighbours
}

func read(e *evidence.Evidence) texts {
	return texts{log: scanLogs(e), refusal: refusalOf(e), neighbours: neighbourLogs(e)}
}

// examine is the way through the stages for one life; -1 = none is known.
func examine(e *evidence.Evidence, t texts, i int) Case {
	x := examined(e.Lives, i)
	signs := signsOf(e, x, t)
	death := deathOf(e, x, signs)
	return Case{Evidence: *e, Examined: x, Signs: signs, Death: death, Crashes: crashesOf(e, x, signs, death)}
}

// Signs are what a life left behind.
type Signs struct {
	LogSigns
	MemorySigns
	ProbeSigns
	inside.View // of a life that goes on
	// what a replay of the health check found, of a life that goes on; nil = none was made
	Replayed *health.Verdict
	Refusal  []servicelog.Finding // what the runtime's own error tells, read as a line; empty = it has none
	Backends []BackendFinding     // what neighbours' logs tell of the life's time, strong or better, oldest first
	Stuck    []Dependency         // neighbours that it has to do with and that do not answer, the most telling first
}

func signsOf(e *evidence.Evidence, x Examined, t texts) Signs {
	if x.Life == nil {
		return Signs{Refusal: t.refusal}
	}
	s := Signs{LogSigns: logSignsOf(e, x, t.log), Refusal: t.refusal}
	s.MemorySigns = memorySignsOf(e, x, s.LogSigns)
	s.ProbeSigns = probeSignsOf(e, x, s.OOMEvents)
	s.LogSigns = s.withServed(s.Probes).withCaught(e.Spec, x).withWritable(e.Spec).withWatchdog(x).
		withAwaited(e, x, s.Probes).withLoop(e, x).withoutForeign(e.Spec)
	s.Replayed = replayed(e, x, s.ProbeSigns)
	if x.Life.End == nil {
		s.View = viewOf(e, s.LogSigns)
		s.LogSigns = s.withWorker(s.Worker).withImport(e)
	}
	s.Backends = backendsOf(e, x, t.neighbours)
	s.Stuck = dependenciesOf(e, x, s)
	return s
}
