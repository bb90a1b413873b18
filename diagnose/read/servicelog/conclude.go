package servicelog

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
)

const (
	// pingDeath is the age at which uvicorn's supervisor kills a worker that does not answer: it waits 5 s, and looks
	// every 0.5 s (docs/notes/PYTHON.md#4.2 measured about 6 s).
	pingDeathMin, pingDeathMax = 4 * time.Second, 9 * time.Second
	pingDeaths                 = 2
	// startupErrorLines is how much a program prints at most that ends before it begins.
	startupErrorLines = 8
	// bootAgain is how far apart boots are that are no first ones: gunicorn starts its workers within a tenth of a second.
	bootAgain = 400 * time.Millisecond
	bootTimes = 4
)

const workerVanished = "gunicorn-worker-vanished"

// conclude applies the rules that look at the whole run.
func (s *runScan) conclude() {
	if s.finding("uvicorn-concurrency-limit") != nil {
		s.limitedProbes()
	}
	s.slowImports()
	s.silentBoots()
	s.stoppedSteady()
	s.answersFail()
	s.resumed()
	s.wrapped()
	s.bootLoop()
	s.glue()
	s.startupError()
	s.failedInLifespan()
	s.clientsTrouble()
	s.awaited()
	s.childEnds()
	for i := range s.run.Findings {
		f := &s.run.Findings[i]
		if f.Cause == fact.WorkerCrash && f.Role == fact.RoleMechanism && s.afterStartupFailure(f) {
			f.Cause = fact.StartupFailure
		}
		if f.ID == "logging-disk-full" && s.floodedBefore(f) {
			f.Role = fact.RoleMechanism
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

// slowImports finds workers that uvicorn's own ping killed while they were still importing
// (docs/notes/PYTHON.md#4.2): they die
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
		f.Become("uvicorn-slow-import")
	}
}

// silentBoots takes a boot timeout back where no worker ever said that it had come up: an application that silences
// uvicorn's logger looks like that while it works.
func (s *runScan) silentBoots() {
	if f := s.finding("gunicorn-boot-timeout"); f != nil && f.Exception == nil && len(s.life.booting) > 0 && !s.life.up {
		f.Become("gunicorn-worker-timeout")
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

// failedInLifespan takes back that a lifespan failed while the server served, where the server says that it never came
// up: of a traceback whose lower frames were cut off, the frames do not tell in which half of the lifespan it stood.
func (s *runScan) failedInLifespan() {
	if s.life.State != StateFailed || s.life.Ready != nil {
		return
	}
	named := func(line int) bool {
		return slices.ContainsFunc(s.run.Findings, func(f Finding) bool {
			return f.Line == line && f.Role == fact.RoleRoot && f.ID != bodyFailed
		})
	}
	s.run.Findings = slices.DeleteFunc(s.run.Findings, func(f Finding) bool { return f.ID == bodyFailed && named(f.Line) })
	if f := s.finding(bodyFailed); f != nil {
		f.Become("startup-exception")
	}
}

// databases are the servers whose logs tell what they refuse their clients.
var databases = []string{"postgresql", "mysql", "mariadb", "redis", "mongodb", "rabbitmq"}

// clientsTrouble lowers what a database that came up says of the names and logins of its clients: it is one client's
// trouble, and none of its own.
func (s *runScan) clientsTrouble() {
	if s.life.Ready == nil || !slices.Contains(databases, s.life.Server) {
		return
	}
	for _, id := range []string{"dependency-lacks", "login-refused"} {
		for i := range s.run.Findings {
			if s.run.Findings[i].ID == id {
				s.run.Findings[i].Strength = fact.Weak
			}
		}
	}
}

// bodyFailed is the signature of a lifespan that failed after it had come up.
const bodyFailed = "lifespan-body-failed"

// Become makes a finding one of another signature.
func (f *Finding) Become(id string) {
	sig := signature.ByID()[id]
	f.ID, f.Cause, f.Other, f.Role, f.Strength = sig.ID, sig.Cause, sig.Other, sig.Role, sig.Strength
}

// limitedProbes: 503 on the health path while the server's own cap rejects requests is that cap
// (docs/notes/PYTHON.md#1.9).
func (s *runScan) limitedProbes() {
	if f := s.finding("health-path-5xx"); f != nil && strings.Contains(f.Excerpt, `" 503`) {
		f.Become("health-path-limited")
	}
}

// afterStartupFailure tells whether a worker's death is only how a startup failure ended (docs/notes/PYTHON.md#4.1).
func (s *runScan) afterStartupFailure(w *Finding) bool {
	for i := range s.run.Findings {
		f := &s.run.Findings[i]
		if f.Cause != fact.StartupFailure || f.Strength == fact.Weak || f.ID == w.ID {
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

// glue lowers what is said of a log in which servers began that do not belong together: the streams of several services
// in one text, or one container with all of them. Which of them the service is, nobody can tell by the text.
func (s *runScan) glue() {
	if len(s.life.families) < 2 {
		return
	}
	s.run.Mixed = s.life.families
	for i := range s.run.Findings {
		switch f := &s.run.Findings[i]; {
		case f.Other != "" && f.Cause == "":
			f.Strength = fact.Weak // one service's refused login is not why another one ended
		case f.Strength == fact.Conclusive:
			f.Strength = fact.Strong
		}
	}
}

// bootLoop finds gunicorn workers that come one after the other, each without a word of its end (gunicorn up to 20.1
// tells none of codes and signals). Of one replacement the line that told the end may have been lost; of two it is sure
// that there was none, for whoever asks a worker to go leaves one; and where nothing else comes about they die as they
// start.
func (s *runScan) bootLoop() {
	if f := s.finding(workerVanished); f != nil && f.Count > 1 {
		f.Strength = fact.Conclusive
	}
	var first *Worker
	again := 0
	for i := range s.workers.list {
		w := &s.workers.list[i]
		if w.Started == nil || w.Started.IsZero() || w.End != WorkerLives && w.End != WorkerDied {
			return // somebody told
		}
		if i > 0 && w.Started.Sub(*s.workers.list[i-1].Started) >= bootAgain {
			again++
			first = cmp.Or(first, w)
		}
	}
	if s.life.Server != "gunicorn" || s.workers.asked || again < bootTimes || s.templates.access.n > 0 {
		return
	}
	g := s.derive("gunicorn-boot-loop", *first.Started, first.StartedLine, bootLine, nil)
	s.commit(g)
	if f := s.finding("gunicorn-boot-loop"); f != nil {
		f.Count = again
	}
}
