package evidence

import (
	"bytes"
	"sort"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// Life is one run of the container, from a start to an end.
type Life struct {
	ID       string     // where each run has an id of its own; "" = all have the container's
	Start    time.Time  // zero = unknown
	End      *time.Time // nil = alive, or the end is not known
	Alive    bool
	First    bool // proven to be the container's first
	ExitCode *int // nil = alive or unknown
	Events   []Event
	Execs    []Exec   // commands that ran beside its main process and have ended
	OOM      *bool    // the runtime's mark that memory ran out in this very run; nil = none of its own
	Request  *Request // what a client asked of the runtime that ended it; nil = nothing is recorded
}

// Contains tells whether a moment belongs to the life. Both ends are widened by
// slack, because stamps of the log and of the runtime are taken by different
// processes (docs/notes/DOCKER.md#a4: first lines come before the start, last ones after
// the end).
func (l *Life) Contains(at time.Time, slack time.Duration) bool {
	if at.IsZero() {
		return false
	}
	if !l.Start.IsZero() && at.Before(l.Start.Add(-slack)) {
		return false
	}
	return l.End == nil || !at.After(l.End.Add(slack))
}

// Length is how long the life lasted, never negative: a fast crash is stamped
// with an end before its start (docs/notes/DOCKER.md#a1). ok is false where an end is not known.
func (l *Life) Length(now time.Time) (length time.Duration, ok bool) {
	if l.Start.IsZero() {
		return 0, false
	}
	end := now
	if !l.Alive {
		if l.End == nil {
			return 0, false
		}
		end = *l.End
	}
	return max(end.Sub(l.Start), 0), true
}

// maxLead is how much earlier than a life's start its first line may be stamped. Measured: 483 ms on Docker 26.1 with
// a slow disk; the engine stamps the start when its own task answers, and a program that fails at once has printed by
// then.
const maxLead = time.Second

// LogBounds returns the starts of the lives that are known, and from which moment on the lines of the log are each
// life's; zero = from the log's beginning, for nothing came before it. Between two lives the line in the middle parts
// them: last lines come after an end (docs/notes/DOCKER.md#a4), first ones before a start. Where the log's stamps are
// whole seconds, the lines of the second in which a life begins are its own, unless the one before ended in it.
func (e *Evidence) LogBounds() (starts, from []time.Time) {
	precision := stampPrecision(e.Logs)
	for i := range e.Lives {
		start := e.Lives[i].Start
		if start.IsZero() {
			continue
		}
		var before *time.Time
		if i > 0 {
			before = e.Lives[i-1].End
		}
		bound := start
		if before != nil && before.Before(start) {
			bound = start.Add(-min(start.Sub(*before)/2, maxLead))
		}
		if second := start.Truncate(precision); second.Before(bound) && (before == nil || before.Before(second)) {
			bound = second
		}
		if e.Lives[i].First {
			bound = time.Time{}
		}
		starts, from = append(starts, start), append(from, bound)
	}
	return starts, from
}

// stampPrecision is a second where no stamp of a log has a fraction: Podman's API of Docker's form cuts it off (seen of
// 4.3.1 and 5.4.2); else 0. A few lines tell: of nanoseconds one in 10⁹ is whole.
func stampPrecision(logs []byte) time.Duration {
	const enough = 50
	seen := 0
	for line := range bytes.Lines(logs) {
		stamp, _, ok := bytes.Cut(line, []byte(" "))
		if !ok || bytes.IndexByte(stamp, '.') >= 0 {
			return 0
		}
		if seen++; seen == enough {
			break
		}
	}
	if seen == 0 {
		return 0
	}
	return time.Second
}

// Has tells whether an event of that kind belongs to the life.
func (l *Life) Has(kind fact.Event) bool {
	for _, ev := range l.Events {
		if ev.Kind == kind {
			return true
		}
	}
	return false
}

// Exec is a command that ran in the container beside its main process.
type Exec struct {
	Start, End time.Time
	ExitCode   int
	Command    string
}

// Request is a stop, kill or restart that a client asked of the runtime.
type Request struct {
	Kind      fact.Request
	Words     string // what the runtime's users call it: "docker stop"
	At        time.Time
	Signal    int
	Escalated bool          // the first signal was not enough, KILL followed
	Grace     time.Duration // between the two; 0 where not escalated
	Probe     string        // of RequestProbe: one of the words below
}

// The probes that a kubelet runs, as a manifest calls them.
const (
	ProbeLiveness  = check.Liveness
	ProbeReadiness = check.Readiness
	ProbeStartup   = check.Startup
)

// Told is a reason that the runtime itself gives: one of the ten causes or a named other.
type Told struct {
	ID      string // of fact's
	At      *time.Time
	Summary string // one sentence
	Excerpt string // word for word
	Source  string // of fact's
}

// Events is what the runtime still told of this container.
type Events struct {
	List []Event    // oldest first
	From *time.Time // they reach back to here; nil = unknown
	// Sparse: the runtime does not tell every signal that a client has it send, nor every kill for lack of memory, so
	// that one which is missing says nothing.
	Sparse bool
}

// Event is one event of a container, in our own kinds.
type Event struct {
	At       time.Time
	Kind     fact.Event
	Word     string // the runtime's own word for it
	Health   string // of HealthTurned: one of fact's
	Command  string // of ExecCreated and ExecStarted
	ExitCode *int   // of Ended and ExecEnded; nil = not told
	Signal   *int   // of SignalSent
	ExecID   string
	Name     string // the container's name at that time
	Times    int    // how often it happened, the last time at At; 0 = once
}

// Covers tells whether the events reach back to at, so that one that is not
// among them did not happen.
func (e Events) Covers(at time.Time) bool { return e.From != nil && !e.From.After(at) }

// Between returns the events with from ≤ At ≤ to.
func (e Events) Between(from, to time.Time) []Event {
	first := sort.Search(len(e.List), func(i int) bool { return !e.List[i].At.Before(from) })
	last := first
	for last < len(e.List) && !e.List[last].At.After(to) {
		last++
	}
	return e.List[first:last]
}

// Witnessed tells whether the events would hold a signal that was sent to end this life.
func (e Events) Witnessed(l *Life) bool {
	if e.Sparse || l.End == nil || !l.Has(fact.EventEnded) {
		return false
	}
	return e.Covers(l.End.Add(-time.Second)) || l.Has(fact.EventStarted)
}
