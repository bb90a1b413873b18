package servicelog

import (
	"strings"
	"time"
)

const (
	// pingDeath is the age at which uvicorn's supervisor kills a worker that does not answer: it waits 5 s, and looks
	// every 0.5 s (docs/notes/PYTHON.md#4.2 measured about 6 s).
	pingDeathMin, pingDeathMax = 4 * time.Second, 9 * time.Second
	pingDeaths                 = 2
	// startupErrorLines is how much a program prints at most that ends before it begins.
	startupErrorLines = 8
)

// conclude applies the rules that look at the whole run.
func (s *runScan) conclude() {
	if s.finding("uvicorn-concurrency-limit") != nil {
		s.limitedProbes()
	}
	s.slowImports()
	s.startupError()
	for i := range s.run.Findings {
		f := &s.run.Findings[i]
		if f.Cause == causeWorker && f.Role == RoleMechanism && s.afterStartupFailure(f) {
			f.Cause = causeStartup
		}
		if f.ID == "logging-disk-full" && s.floodedBefore(f) {
			f.Role = RoleMechanism
		}
	}
}

// floodedBefore tells whether a flood of descriptor errors came before the disk was full: the flood filled it, and what
// made it is the root (docs/notes/PYTHON.md#4.1).
func (s *runScan) floodedBefore(full *Finding) bool {
	const flood = 1000
	f := s.finding("asyncio-accept-exhausted")
	return f != nil && f.Count >= flood && f.Line < full.Line
}

// slowImports finds workers that uvicorn's own ping killed while they were still importing (docs/notes/PYTHON.md#4.2): they die
// one after the other at the age that the ping has, and none of them printed that it had started.
func (s *runScan) slowImports() {
	f := s.finding("uvicorn-child-died")
	if f == nil {
		return
	}
	var last *Worker
	deaths := 0
	for i := range s.workers.list {
		w := &s.workers.list[i]
		if w.End != WorkerDied || w.Started != nil || w.Ended.IsZero() {
			continue
		}
		if last != nil {
			if gap := w.Ended.Sub(*last.Ended); gap >= pingDeathMin && gap <= pingDeathMax {
				deaths++
			}
		}
		last = w
	}
	if deaths >= pingDeaths {
		f.become("uvicorn-slow-import")
	}
}

// plainError is the last line that began with "Error: ".
type plainError struct{ sighting *sighting }

var plainErrorStart = []byte("Error: ")

// startupError reports the "Error: …" of a program that ended before it began: nothing came after it, little before it,
// and no server had said a word.
func (s *runScan) startupError() {
	g := s.plain.sighting
	if g == nil || s.run.Lines > startupErrorLines || s.life.State != StateUnknown || len(s.run.Findings) > 0 {
		return
	}
	s.commit(g)
}

// become makes a finding one of another signature.
func (f *Finding) become(id string) {
	sig := signatureByID[id]
	f.ID, f.Cause, f.Other, f.Role, f.Strength = sig.ID, sig.Cause, sig.Other, sig.Role, sig.Strength
}

// limitedProbes: 503 on the health path while the server's own cap rejects requests is that cap (docs/notes/PYTHON.md#1.9).
func (s *runScan) limitedProbes() {
	if f := s.finding("health-path-5xx"); f != nil && strings.Contains(f.Excerpt, `" 503`) {
		f.become("health-path-limited")
	}
}

// afterStartupFailure tells whether a worker's death is only how a startup failure ended (docs/notes/PYTHON.md#4.1).
func (s *runScan) afterStartupFailure(w *Finding) bool {
	for i := range s.run.Findings {
		f := &s.run.Findings[i]
		if f.Cause != causeStartup || f.Strength == Weak || f.ID == w.ID {
			continue
		}
		if w.At.IsZero() || f.At.IsZero() {
			if abs(w.Line-f.Line) <= adoptionLines {
				return true
			}
		} else if w.At.Sub(f.At).Abs() <= adoption {
			return true
		}
	}
	return false
}

func abs(n int) int { return max(n, -n) }
