package servicelog

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// judged is a finished traceback while its findings are worked out.
type judged struct {
	tb       *printed
	segs     []traceback.Segment
	exc      *traceback.Exception
	at       time.Time
	ids      []string // exception signatures that spoke
	others   []string // and the named others among them
	claimed  bool     // something names it
	prefixed bool     // the traceback is a log message of the server
	bare     bool     // nothing announced it, as none does of one that the interpreter prints as it gives up
}

// closeTraceback reports a traceback: the line that announced it, the exceptions in it, and what its frames tell.
func (s *runScan) closeTraceback(tb *printed, head *sighting) {
	segs := tb.Finish()
	j := &judged{tb: tb, segs: segs, exc: traceback.Effective(segs), at: tb.at, claimed: head != nil,
		prefixed: tb.prefixed, bare: head == nil && !tb.prefixed}
	if head != nil {
		head.exc, head.torn = j.exc, tb.Unfinished()
		s.commit(s.refine(head))
	}
	if s.threadDied(j) || j.exc == nil || tb.quoted && head == nil {
		return
	}
	s.told(j.tb.ExcLine, j.tb.Excerpt, Fatal)
	s.matchSegments(j)
	s.judgeLogging(j, head)
	s.judgeFrames(j)
	s.judgeStartup(j, head)
	if !j.claimed {
		s.emit(j, "unclassified-traceback")
	}
}

func (s *runScan) emit(j *judged, id string) { s.emitOf(j, id, j.exc) }

// emitOf reports what one exception of the chain tells.
func (s *runScan) emitOf(j *judged, id string, exc *traceback.Exception) {
	if id == "memory-error" && j.bare {
		id = "python-memory-error" // a program that goes on says so in its own words
	}
	g := s.derive(id, j.at, j.tb.ExcLine, j.tb.Excerpt, exc)
	if strings.HasSuffix(j.exc.Type, "CancelledError") && j.exc.Type != "" && s.life.stopped {
		g.strength = fact.Weak
	}
	s.commit(g)
	j.claimed = true
	j.ids = append(j.ids, id)
}

// matchSegments looks every exception of the chain up, so that a pool error is seen under whatever wraps it.
func (s *runScan) matchSegments(j *judged) {
	for i := range j.segs {
		seg := &j.segs[i]
		if seg.Group {
			continue
		}
		named := false // of several named others one is said: the more particular stands first in the table
		signatures().exceptions([]byte(seg.Type), []byte(seg.Message), func(m *matcher) {
			other := m.sig.Other
			if slices.Contains(j.ids, m.sig.ID) || other != "" && m.sig.Cause == "" &&
				(named || slices.Contains(j.others, other)) || m.sig.ID == "resource-unavailable" && forkRefused(j.exc) ||
				other == fact.DependencyLost && signature.HungUp(j.exc.Type, files(j.exc)) {
				return
			}
			if other != "" {
				named, j.others = true, append(j.others, other)
			}
			j.ids = append(j.ids, m.sig.ID)
			s.emitOf(j, m.sig.ID, j.asTold(seg))
		})
	}
}

// files are those of an exception's frames.
func files(e *traceback.Exception) (list []string) {
	for _, f := range e.Frames {
		list = append(list, f.File)
	}
	return list
}

// asTold is the effective exception, or the one that a signature knows where the effective one is only the cancellation
// that it led to: "no space left", not "CancelledError".
func (j *judged) asTold(seg *traceback.Segment) *traceback.Exception {
	if !strings.HasSuffix(j.exc.Type, "CancelledError") {
		return j.exc
	}
	told := seg.Exception()
	told.Chain, told.Direct = j.exc.Chain, j.exc.Direct
	if len(told.Frames) == 0 {
		told.Frames = j.exc.Frames
	}
	return told
}

// judgeLogging reports failures of logging that are no "--- Logging error ---" block.
func (s *runScan) judgeLogging(j *judged, head *sighting) {
	switch {
	case slices.Contains(j.ids, "logging-config-failed"), head != nil && head.sig.ID == "logging-thread-dead":
	case hasFrame(j.exc, "logging/config.py", "fileConfig") &&
		(j.exc.Type == "KeyError" && j.exc.Message == "'formatters'" || j.exc.Type == "FileNotFoundError"):
		s.emit(j, "logging-fileconfig-missing")
	case hasFrame(j.exc, "logging/__init__.py", "_open"):
		s.emit(j, "logging-open-failed")
	case hasFrame(j.exc, "logging/__init__.py", "callHandlers"), hasFrame(j.exc, "loguru/_handler.py", "emit"),
		hasFrame(j.exc, "structlog/_base.py", "_process_event"):
		s.emit(j, "logging-handler-raised")
	}
}

// judgeFrames reports what only the frames tell.
func (s *runScan) judgeFrames(j *judged) {
	if handlerRaised(j.segs) {
		s.emit(j, "exception-handler-raised")
	}
	if forkRefused(j.exc) {
		s.emit(j, "fork-refused")
	}
	if hasFrame(j.exc, "starlette/background.py", "__call__") {
		s.emit(j, "background-task-raised")
	}
	if strings.HasSuffix(j.exc.Type, "TimeoutError") && hasFrame(j.exc, "asyncpg/pool.py", "_acquire") {
		s.emit(j, "asyncpg-pool-timeout")
	}
	if slices.Contains(j.ids, "hypercorn-startup-failed") && !s.rootNamed(j) {
		s.emit(j, "startup-exception")
	}
	if i := slices.IndexFunc(j.segs, inLifespan); j.prefixed && i >= 0 {
		s.judgeLifespan(j, &j.segs[i])
	}
	if s.importFailed(j) {
		s.emit(j, "startup-import-error")
	}
}

// forkRefused tells whether EAGAIN is the answer to fork(2), by the calls that do nothing else.
func forkRefused(e *traceback.Exception) bool {
	return e != nil && e.Type == "BlockingIOError" && strings.HasPrefix(e.Message, "[Errno 11]") &&
		(hasFrame(e, "subprocess.py", "_execute_child") || hasFrame(e, "multiprocessing/popen_fork.py", "_launch") ||
			hasFrame(e, "multiprocessing/util.py", "spawnv_passfds") || hasFrame(e, "pty.py", "fork"))
}

// judgeLifespan tells where in its life the application's lifespan failed. Starlette sends the traceback as the
// message of an ERROR record (starlette/routing.py lifespan).
func (s *runScan) judgeLifespan(j *judged, seg *traceback.Segment) {
	switch {
	case s.lifespanStarting(seg):
		s.startExc = j.exc
		if !s.rootNamed(j) {
			s.emit(j, "startup-exception")
		}
	case s.life.stopped:
		// The lifespan's own teardown: never the cause of a death (docs/notes/PYTHON.md#0).
	case !exits(j.exc):
		s.emit(j, bodyFailed)
	}
	j.claimed = true
}

// lifespanStarting tells startup from body: a context manager is entered or left; other lifespans are told apart by
// what the server said last.
func (s *runScan) lifespanStarting(seg *traceback.Segment) bool {
	for _, f := range seg.Outermost() {
		if strings.HasSuffix(f.File, "contextlib.py") {
			return f.Function == "__aenter__"
		}
	}
	return s.life.waiting > 0
}

func inLifespan(s traceback.Segment) bool {
	first := s.Outermost()
	return len(first) > 0 && first[0].Function == "lifespan" && strings.HasSuffix(first[0].File, "starlette/routing.py")
}

// handlerRaised tells whether an exception handler of the application raised while handling another exception.
func handlerRaised(segs []traceback.Segment) bool {
	return slices.ContainsFunc(segs, func(s traceback.Segment) bool {
		return s.Link == traceback.LinkContext && s.Handler
	})
}

// rootNamed tells whether a signature already names the root that the traceback shows.
func (s *runScan) rootNamed(j *judged) bool {
	return slices.ContainsFunc(j.ids, func(id string) bool { return signature.ByID()[id].Role == fact.RoleRoot })
}

// importFailed: before anything served, an import error is why nothing does.
func (s *runScan) importFailed(j *judged) bool {
	return s.life.Ready == nil && slices.Contains(signature.ByID()["startup-import-error"].Types, j.exc.Type) &&
		!slices.Contains(j.ids, "logging-config-failed") && !slices.Contains(j.ids, "hypercorn-load-failed")
}

// exits tells exceptions that end a program from those that report a fault.
func exits(e *traceback.Exception) bool {
	return e.Type == "SystemExit" || e.Type == "KeyboardInterrupt" || strings.HasSuffix(e.Type, "CancelledError")
}
