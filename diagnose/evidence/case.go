package evidence

import (
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// Case is what the rules of the ten causes look at: the evidence, the run that
// is examined, how it ended, and the facts of that run with the artefacts taken
// out. Package diagnose builds it; nothing changes it afterwards.
type Case struct {
	*Evidence
	Runs  []Run // oldest first; the last is the newest
	Run   *Run  // the run that is examined: one of Runs
	Death Death

	Probes      []Probe          // of the examined run, teardown artefacts left out
	Unhealthy   *time.Time       // when the engine truly turned the run unhealthy; nil = it did not, or unknown
	Streak      int              // failed probes in a row at the end of the run
	Log         *servicelog.Run  // the service's output of the examined run; nil = not read
	LogRuns     []servicelog.Run // what the log has of the runs up to the examined one; those that wrote nothing left out
	Backends    []BackendFinding // what neighbours' logs tell of the run's time, strong or better, oldest first
	Kills       []kernellog.Kill // OOM kills in this container's cgroup during the run
	KillAtEnd   *kernellog.Kill  // the one that came with the run's end; nil = none did
	Crashes     []Crash          // kernel crash lines in the run's time that may be this container's
	OOMEvents   []time.Time      // oom events of the run, siblings' ones left out
	OOMAtEnd    *time.Time       // the one that came with the run's end; nil = none did
	SiblingOOM  bool             // an oom event or flag that a neighbour in the same parent group caused
	StickyOOM   bool             // OOMKilled is set but speaks of another run or of a child long before
	Restarted   bool             // a later run than the examined one is alive
	LaterRuns   int              // runs that began after the examined one
	EarlierEnds []int            // exit codes of earlier runs, oldest first
	Replayed    *health.Verdict  // what a replay of the health check found, of a run that is alive; nil = none was made
}

// Run is one life of the container, from a start to an end.
type Run struct {
	Start    time.Time  // zero = unknown
	End      *time.Time // nil = alive, or the end is not known
	Alive    bool
	ExitCode *int // nil = alive or unknown
	Events   []Event
}

// Contains tells whether a moment belongs to the run. Both ends are widened by
// slack, because stamps of the log and of the engine are taken by different
// processes (docs/notes/DOCKER.md#a4: first lines come before StartedAt, last ones after
// FinishedAt).
func (r *Run) Contains(at time.Time, slack time.Duration) bool {
	if at.IsZero() {
		return false
	}
	if !r.Start.IsZero() && at.Before(r.Start.Add(-slack)) {
		return false
	}
	return r.End == nil || !at.After(r.End.Add(slack))
}

// Length is how long the run lasted, never negative: a fast crash is stamped
// with an end before its start (docs/notes/DOCKER.md#a1). ok is false where an end is not known.
func (r *Run) Length(now time.Time) (length time.Duration, ok bool) {
	if r.Start.IsZero() {
		return 0, false
	}
	end := now
	if !r.Alive {
		if r.End == nil {
			return 0, false
		}
		end = *r.End
	}
	return max(end.Sub(r.Start), 0), true
}

// Death is the end of the examined run: who ended it and how, apart from why.
type Death struct {
	State    string // exited running restarting paused never-started gone unknown
	EndedBy  fact.EndedBy
	ExitCode *int
	Signal   string // "SIGKILL"; "" = none or unknown
	At       *time.Time
	Request  *StopRequest // set when EndedBy is engine-request
	Reason   string       // the sentence that says why EndedBy was chosen
}

// StopRequest is a stop, kill or restart that came through the engine.
type StopRequest struct {
	Kind      string // "docker stop", "docker kill", "docker restart", "docker rm -f", "engine signal"
	At        time.Time
	Signal    int
	Escalated bool          // the first signal was not enough, KILL followed
	Grace     time.Duration // between the two; 0 where not escalated
	// Unhealthy is the moment the engine had turned the container unhealthy
	// before the request, with no recovery in between: what a watcher such as
	// autoheal or Swarm acts on. nil = it was not unhealthy, or nobody knows.
	Unhealthy *time.Time
	Restart   bool // a start followed: docker restart, autoheal
}

// Probe is one health check with its reading.
type Probe struct {
	check.Probe
	check.Result
	FromEvents bool // rebuilt from exec events: no output is known
}

// Failed tells whether the probe counts as a failure.
func (p Probe) Failed() bool { return p.Outcome != check.Pass && p.Outcome != check.Teardown }

// Crash is a kernel crash line with the reason for taking it as this container's.
type Crash struct {
	kernellog.Crash
	Why   string // "same command, 0.1 s from the end"
	Exact bool   // the command is one of the container's own; false: only of its kind
}

// LogFindings returns the service log's findings of one cause in the examined
// run, shutdown noise left out.
func (c *Case) LogFindings(cause string) []servicelog.Finding {
	if c.Log == nil {
		return nil
	}
	var list []servicelog.Finding
	for _, f := range c.Log.Findings {
		if f.Cause == cause && !c.noise(f) {
			list = append(list, f)
		}
	}
	return list
}

// loopRuns is how many starts make a restart loop.
const loopRuns = 3

// Recurs tells in how many of the runs up to the examined one a signature was seen, where there are enough of them to
// tell a restart loop's reason from what only one start printed.
func (c *Case) Recurs(id string) (in, of int, known bool) {
	for i := range c.LogRuns {
		for _, f := range c.LogRuns[i].Findings {
			if f.ID == id {
				in++
				break
			}
		}
	}
	return in, len(c.LogRuns), len(c.LogRuns) >= loopRuns
}

// LoopReason tells whether every start of a restart loop shows some failure of this container's own: then what only one
// of them shows is beside it (docs/notes/PYTHON.md#4.1).
func (c *Case) LoopReason() bool {
	if c.Log == nil {
		return false
	}
	for _, f := range c.Log.Findings {
		if in, of, known := c.Recurs(f.ID); known && in == of && f.Cause != "" && f.Strength != fact.Weak {
			return true
		}
	}
	return false
}

// noise tells whether a line came out of an orderly stop: what is printed after
// the stop was asked for does not explain it. Without a request the stop is
// itself the consequence of something, and gunicorn prints its reason last.
func (c *Case) noise(f servicelog.Finding) bool {
	return f.AfterShutdown && (f.Strength == fact.Weak || c.Death.Request != nil)
}

// episodic are the causes that come and go: a pool runs empty for a minute, one
// request in a thousand meets a handler that throws. A dead task stays dead.
var episodic = map[string]bool{fact.PoolExhaustion: true, fact.ExceptionHandlerFailure: true, fact.HealthcheckTimeout: true}

// recoveryTime is how long a service must have gone on printing other things
// before an episode counts as over.
const recoveryTime = 10 * time.Second

// Over tells whether a finding is an episode that the service got over: it went
// on for a while without it, was never unhealthy, and lives, was asked to stop or
// ended with success.
func (c *Case) Over(f servicelog.Finding) bool {
	if c.Log == nil || !episodic[f.Cause] || c.Unhealthy != nil || f.LastAt.IsZero() || !c.WentOn(f) {
		return false
	}
	code, known := c.Exit()
	return c.Alive() || c.Death.Request != nil || known && code == 0 || c.LastException() != nil
}

// WentOn tells whether the service showed life after a finding: it printed other
// things for a while, or its health check passed again and again.
func (c *Case) WentOn(f servicelog.Finding) bool {
	if c.Log.LastAt.Sub(f.LastAt) >= recoveryTime {
		return true
	}
	passed := 0
	for _, p := range c.Probes {
		if p.Start.After(f.LastAt) && !p.Failed() {
			passed++
		}
	}
	return passed >= 2
}

// LastException returns the uncaught exception that the service printed as it
// ended, where no signature claims it; nil = none.
func (c *Case) LastException() *servicelog.Finding {
	if c.Log == nil || c.Death.At == nil {
		return nil
	}
	for i := len(c.Log.Findings) - 1; i >= 0; i-- {
		f := &c.Log.Findings[i]
		if f.ID == "unclassified-traceback" && f.Exception != nil && f.LastAt.Sub(*c.Death.At).Abs() <= 2*time.Second {
			return f
		}
	}
	return nil
}

// LastLine is the last line of the run's log that is not empty; "" = none.
func (c *Case) LastLine() string {
	if c.Log == nil {
		return ""
	}
	for i := len(c.Log.Tail) - 1; i >= 0; i-- {
		if text := strings.TrimSpace(c.Log.Tail[i].Text); text != "" {
			return text
		}
	}
	return ""
}

// LogHas returns the first finding with one of the given IDs, of any cause.
func (c *Case) LogHas(ids ...string) *servicelog.Finding {
	if c.Log == nil {
		return nil
	}
	for i, f := range c.Log.Findings {
		for _, id := range ids {
			if f.ID == id {
				return &c.Log.Findings[i]
			}
		}
	}
	return nil
}

// Alive tells whether the examined run is still running.
func (c *Case) Alive() bool { return c.Run != nil && c.Run.Alive }

// Exit returns the exit code of the examined run, and whether it is known.
func (c *Case) Exit() (code int, known bool) {
	if c.Death.ExitCode == nil {
		return 0, false
	}
	return *c.Death.ExitCode, true
}

// FailedProbes are the probes of the examined run that failed.
func (c *Case) FailedProbes() []Probe {
	var list []Probe
	for _, p := range c.Probes {
		if p.Failed() {
			list = append(list, p)
		}
	}
	return list
}

// ReplayedAs tells whether the health check was replayed and its verdict is of one
// of the kinds.
func (c *Case) ReplayedAs(kinds ...string) bool {
	return c.Replayed != nil && slices.Contains(kinds, c.Replayed.Kind)
}

// Troubled tells whether anything in the run speaks of a failure of its own: what
// keeps a stop on request from being the whole story. Where the engine probes, its
// own record of the probes is better than what the service printed of them.
func (c *Case) Troubled() bool {
	if c.Unhealthy != nil || len(c.Crashes) > 0 || c.ReplayedAs("hanging", "failing", "misconfigured") {
		return true
	}
	if c.Log == nil {
		return false
	}
	for _, f := range c.Log.Findings {
		ofProbes := f.Cause == fact.HealthcheckFailure && len(c.Probes) > 0
		if f.Cause != "" && !ofProbes && !c.noise(f) && !c.Over(f) && f.Strength != fact.Weak {
			return true
		}
	}
	return false
}

// signatures is the table of the service log's findings by ID.
var signatures = sync.OnceValue(func() map[string]servicelog.Signature {
	m := map[string]servicelog.Signature{}
	for _, s := range servicelog.Signatures() {
		m[s.ID] = s
	}
	return m
})

// Signature returns what is known of a finding's ID; the zero value for an ID that the table does not have.
func Signature(id string) servicelog.Signature { return signatures()[id] }

// SignatureMeaning says what a finding of the service's log means; "" for an ID
// that the table does not have.
func SignatureMeaning(id string) string { return signatures()[id].Meaning }

// RunCores returns the cores that were written in the examined run: layers survive
// restarts, and an older core says nothing of this end.
func (c *Case) RunCores() []coredump.Dump {
	var list []coredump.Dump
	for _, d := range c.Dumps {
		if c.Run != nil && d.At != nil && c.Run.Contains(*d.At, coreSlack) {
			list = append(list, d)
		}
	}
	return list
}

// coreSlack is how long after the end the kernel may still be stamping a core.
const coreSlack = 2 * time.Second
