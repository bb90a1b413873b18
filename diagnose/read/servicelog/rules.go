package servicelog

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

const (
	// timeoutKill is how long after WORKER TIMEOUT gunicorn may tell of its own SIGABRT and SIGKILL of that worker
	// (docs/notes/PYTHON.md#1.1: at most 2 s at rest; 8 s were seen at a load of 20 on two cores).
	timeoutKill = 30 * time.Second
	// timeoutLines replaces it in logs without times.
	timeoutLines = 40
	// hardLimitKill is how late billiard may report the child that celery killed: a timer looks every 10 s.
	hardLimitKill = 15 * time.Second
	maxTimeouts   = 64
	// slowCallback is from where on a slow callback is more than noise; asyncio prints from 0.1 s.
	slowCallback = 1.0
	// adoption is how near to a startup failure a worker's death is its mechanism.
	adoption      = 30 * time.Second
	adoptionLines = 400
)

// timeout is one WORKER TIMEOUT.
type timeout struct {
	pid  int
	at   time.Time
	line int
	boot bool // the worker was still starting
}

// hikariExhausted tells HikariCP's pool of which all connections are taken from one that has none, as it cannot reach
// the database: "request timed out after 30001ms (total=10, active=10, idle=0, waiting=5)".
func hikariExhausted(text string) bool {
	return strings.Contains(text, "Connection is not available, request timed out after ") &&
		strings.Contains(text, "active=") && !strings.Contains(text, "active=0,")
}

// judge applies the rules that look at one line and its past. It returns nil to take the sighting back.
func (s *runScan) judge(g *sighting) *sighting {
	if g == nil {
		return nil
	}
	switch g.sig.ID {
	case "exec-not-found", fact.CommandMissing, "sh-command-not-found":
		if strings.Contains(g.excerpt, `\r`) || g.returns {
			g.become("script-crlf")
		}
	case "dotnet-unhandled", "dotnet-fatal":
		if strings.Contains(g.excerpt, "System.OutOfMemoryException") || g.excerpt == "Out of memory." {
			g.become(fact.DotnetMemory)
		}
	case "address-not-available":
		if s.templates.worked() && raisedIn(g.exc, "connect", "create_connection", "_connect") {
			g.become("local-ports-used-up")
		}
	case "gunicorn-main-loop":
		if s.life.Started == nil && s.life.Server == "gunicorn" {
			g.become("gunicorn-master-not-up")
		}
	case "gunicorn-worker-timeout":
		boot := slices.Contains(s.life.starting, g.pid) ||
			slices.Contains(s.life.booting, g.pid) && s.templates.access.n == 0
		s.timeouts = append(s.timeouts, timeout{g.pid, g.at, g.line, boot})
		if boot {
			g.become("gunicorn-boot-timeout")
		}
		s.timeouts = s.timeouts[max(len(s.timeouts)-maxTimeouts, 0):]
	case "gunicorn-worker-sigkill", "gunicorn-worker-abort":
		if t := s.timeoutOf(g); t != nil && t.boot {
			return nil // how the boot timeout ended the worker
		} else if t != nil {
			g.become("gunicorn-worker-timeout-kill")
		}
	case "dependency-timeout":
		if hikariExhausted(g.excerpt) {
			g.become("client-pool-exhausted")
		}
	case "celery-hard-time-limit":
		s.overdue = timeout{0, g.at, g.line, false}
	case "billiard-worker-sigkill", "celery-worker-lost":
		if s.overdue.line > 0 && within(g, s.overdue, hardLimitKill, timeoutLines) {
			g.become("celery-hard-time-limit")
		}
	case "gunicorn-worker-exited":
		if s.timedOut(g) {
			return nil // handle_abort's sys.exit(1): the timeout again
		}
	case "uvicorn-child-died":
		if slices.Contains(s.life.finished, s.childPID(g)) {
			g.strength = fact.Weak // it had finished in order: somebody asked it to
		} else if !g.after && !g.at.IsZero() && s.stalls.woke > 0 && g.at.UnixNano()-s.stalls.woke <= int64(time.Second) {
			h := *g
			h.become("uvicorn-child-hung")
			s.commit(&h)
		}
	case "asyncio-slow-callback":
		if slowSeconds(g.excerpt) < slowCallback {
			g.strength = fact.Weak
		}
	case "uvicorn-startup-failed":
		g.exc = s.startExc // kept: with several workers the lines interleave
	}
	return g
}

// timedOut tells whether gunicorn had just found this worker blocked.
func (s *runScan) timedOut(g *sighting) bool { return s.timeoutOf(g) != nil }

// timeoutOf returns the timeout that a sighting of the same worker came soon after, nil for none.
func (s *runScan) timeoutOf(g *sighting) *timeout {
	for i := len(s.timeouts) - 1; i >= 0; i-- {
		if t := &s.timeouts[i]; t.pid == g.pid {
			if within(g, *t, timeoutKill, timeoutLines) {
				return t
			}
			return nil
		}
	}
	return nil
}

// within tells whether a sighting came soon after a timeout: by the clock, or by the lines where there is none.
func within(g *sighting, t timeout, soon time.Duration, lines int) bool {
	if t.at.IsZero() || g.at.IsZero() {
		return g.line-t.line <= lines
	}
	return g.at.Sub(t.at) <= soon
}

// childPID reads the N of "Child process [N] died".
func (s *runScan) childPID(g *sighting) int {
	_, rest, _ := strings.Cut(g.excerpt, "Child process [")
	n, _, _ := strings.Cut(rest, "]")
	pid, _ := lex.Number(n)
	return pid
}

// slowSeconds reads "Executing <…> took 0.312 seconds"; an unreadable number counts as slow.
func slowSeconds(text string) float64 {
	i := strings.LastIndex(text, " took ")
	if i < 0 {
		return slowCallback
	}
	n, _, _ := strings.Cut(text[i+len(" took "):], " ")
	v, err := strconv.ParseFloat(n, 64)
	if err != nil {
		return slowCallback
	}
	return v
}

// refine applies the rules that look at an announcement together with its exception. It returns nil to take the
// announcement back.
func (s *runScan) refine(g *sighting) *sighting {
	e := g.exc
	switch g.sig.ID {
	case "asyncio-task-exception":
		s.refineTask(g)
	case "thread-exception":
		// Workers that die together print into each other, line by line; the frames come before the exception.
		if logThread(e) || logThread(&traceback.Exception{Frames: g.torn}) {
			g.become("logging-thread-dead")
		}
	case "gunicorn-worker-exception":
		// A sync worker that is stuck in its import is ended by handle_abort, which raises SystemExit there.
		if e != nil && e.Type == "SystemExit" && s.timedOut(g) && loading(e, traceback.IsApp) {
			if f := s.finding("gunicorn-worker-timeout"); f != nil {
				f.Become("gunicorn-boot-timeout")
				f.Exception = e
			}
			return nil
		}
	case "gunicorn-request-error":
		if e != nil && e.Type == "SystemExit" && s.timedOut(g) {
			if f := s.finding("gunicorn-worker-timeout"); f != nil && f.Exception == nil {
				f.Exception = e
			}
			return nil
		}
	case "uvicorn-asgi-exception", "hypercorn-asgi-exception", "gunicorn-asgi-exception":
		if healthFrame(e) {
			h := *g
			h.become("health-route-exception")
			s.commit(&h)
		}
	case "uvicorn-lifespan-exception":
		s.startExc = e
	}
	return g
}

// refineTask tells a task that ended the server from one that merely died, and a cancelled one from both. The line of
// the task itself says what it was, where other workers print between it and its traceback.
func (s *runScan) refineTask(g *sighting) {
	kind := g.named
	if kind == "" && g.exc != nil {
		kind = g.exc.Type
	}
	switch {
	case kind == "SystemExit":
		g.become("asyncio-task-exit")
	case kind == "KeyboardInterrupt":
		g.become("asyncio-task-exit")
		if g.strength == fact.Conclusive {
			g.strength = fact.Strong
		}
	case strings.HasSuffix(kind, "CancelledError"):
		g.strength = fact.Weak
	case g.after && g.exc != nil:
		// Printed when the task is collected, so it may have failed long before the stop.
		g.strength = fact.Strong
	}
}

// raisedIn tells whether an exception came out of one of some functions.
func raisedIn(e *traceback.Exception, functions ...string) bool {
	return e != nil && slices.ContainsFunc(e.Frames, func(f traceback.Frame) bool {
		return slices.Contains(functions, f.Function)
	})
}

// hasFrame tells whether a call of this function in a file of this name is among the frames.
func hasFrame(e *traceback.Exception, file, function string) bool {
	if e == nil {
		return false
	}
	return slices.ContainsFunc(e.Frames, func(f traceback.Frame) bool {
		return f.Function == function && strings.HasSuffix(f.File, file)
	})
}
