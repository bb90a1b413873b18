package servicelog

import (
	"cmp"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// Two workers of one server whose threads die of the same thing print at the same time, and the interpreter writes a
// dead thread's traceback line by line: the tracebacks cut each other off, and whose line is whose nobody can tell.
// What they have in common can be told all the same: which threads ended, and what ended one that stands right there.

const (
	tornReach = 64 // lines between the announcement of a dead thread and the traceback that may be its own
	maxTorn   = 64 // dead threads of one run that wait for theirs
)

// threadDeath is a traceback that came out of a thread's outermost call.
type threadDeath struct {
	exc  *traceback.Exception // nil = it was cut off before
	log  bool                 // of the thread behind a log queue
	line int
}

// tearThread keeps the announcement of a dead thread that lost its traceback; false = it has one, or too many wait.
func (s *runScan) tearThread(g *sighting) bool {
	if g.sig.ID != "thread-exception" || g.exc != nil || len(s.torn) == maxTorn {
		return false
	}
	s.torn = append(s.torn, g)
	return true
}

// threadDied keeps the traceback of a thread's end, and tells whether it is one without announcement where an
// announcement waits for its own.
func (s *runScan) threadDied(j *judged) bool {
	seen := j.exc
	if seen == nil {
		seen = &traceback.Exception{Frames: j.tb.Unfinished()}
	}
	if !hasFrame(seen, "threading.py", "_bootstrap_inner") || len(s.deaths) == maxTorn {
		return false
	}
	s.deaths = append(s.deaths, threadDeath{j.exc, logThread(seen), j.tb.line})
	return j.bare && len(s.torn) > 0 && j.tb.line-s.torn[len(s.torn)-1].line <= tornReach
}

// mendTorn gives the announcements that wait the first exception of those near.
func (s *runScan) mendTorn() {
	slices.SortStableFunc(s.torn, func(a, b *sighting) int { return a.line - b.line })
	for _, g := range s.torn {
		log := false
		for _, d := range s.deaths {
			if abs(d.line-g.line) > tornReach {
				continue
			}
			log = log || d.log
			g.exc = cmp.Or(g.exc, d.exc)
		}
		if log && unnamedThread().MatchString(g.excerpt) {
			g.become("logging-thread-dead")
		}
		s.keep(g)
	}
	s.torn, s.deaths = nil, nil
}

// logThread tells whether the thread behind a log queue ended so.
func logThread(e *traceback.Exception) bool { return hasFrame(e, "logging/handlers.py", "_monitor") }

// unnamedThread matches the name that threading gives a thread, as QueueListener does: since 3.10 with its function.
var unnamedThread = lazyregexp.New(`^Exception in thread Thread-\d+(?: \(_monitor\))?:`)
