package inquest

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// Case is what the rules of the causes look at: the evidence, the life that is examined, the signs that it left with
// the artefacts taken out, and how it ended. It is a value: who holds one cannot change another's.
type Case struct {
	evidence.Evidence
	Examined
	Signs
	Death   Death
	Crashes []Crash // the kernel's crash lines in the life's time that may be this container's
}

// Exit returns the exit code of the examined life, and whether it is known.
func (c Case) Exit() (code int, known bool) {
	if c.Death.ExitCode == nil {
		return 0, false
	}
	return *c.Death.ExitCode, true
}

// LogFindings returns the service log's findings of one cause in the examined
// life, without what an orderly stop brings with it.
func (c Case) LogFindings(cause string) []servicelog.Finding {
	return c.findings(cause, c.Death.Request != nil)
}

// LastException returns the uncaught exception that the service printed as it
// ended, where no signature claims it; nil = none.
func (c Case) LastException() *servicelog.Finding { return c.exceptionAt(c.Death.At) }

// cleanly tells whether the examined life was ended on request with nothing wrong
// before: a deploy or a restart, not a death to explain.
func (c Case) cleanly() bool {
	r := c.Death.Request
	return r != nil && r.Unhealthy == nil && !c.Troubled() && len(c.Kills) == 0
}

// episodic tells whether what a finding shows comes and goes: a pool runs empty for a minute, one request in a thousand
// meets a handler that throws, a dependency restarts. A dead task stays dead, and a child that died took its work with
// it.
func episodic(f servicelog.Finding) bool {
	switch f.Cause {
	case fact.PoolExhaustion, fact.ExceptionHandlerFailure, fact.HealthcheckTimeout:
		return true
	}
	if deadThread(f) || f.Other == fact.RequestsFail { // that is told of the newest answers only
		return false
	}
	return f.Cause == "" && f.Other != "" && f.Other != fact.ChildrenDie
}

// deadThread tells of a thread that ended by an exception or a panic: what it did is not done any more, however well
// the others go on. Pools of threads, which serve one request or task each, have others in its place.
func deadThread(f servicelog.Finding) bool {
	if f.Cause != "" || f.Other != fact.JavaException && f.Other != fact.RustPanic {
		return false
	}
	return !slices.ContainsFunc(pooledThreads, func(part string) bool { return strings.Contains(f.Excerpt, part) })
}

// pooledThreads are parts of the names that pools give their threads: java.util.concurrent, Tomcat, Jetty, Undertow,
// Netty, Tokio, Actix.
var pooledThreads = []string{`"pool-`, `"ForkJoinPool`, `-exec-`, `"qtp`, `"XNIO`, `"nioEventLoop`, `"reactor-`, `"vert.x-`,
	`"SimpleAsyncTaskExecutor`, `"task-`, "'tokio-", "'actix-", "'blocking-"}

// slowBoot is of workers that gunicorn killed before they had come up, and replaced: the next ones may come up.
func slowBoot(f servicelog.Finding) bool { return f.ID == "gunicorn-boot-timeout" }

// recoveryTime is how long a service must have gone on printing other things
// before an episode counts as over.
const recoveryTime = 10 * time.Second

// recoveryGaps is how many of its own usual gaps what came again and again must have stayed away: an error that comes
// every 15 s is not over 11 s after the last.
const recoveryGaps = 3

// rhythmic is from how many sightings on their gaps tell of a rhythm: two may be of two episodes.
const rhythmic = 4

// overAfter is how long after its last sighting a finding counts as over.
func overAfter(f servicelog.Finding) time.Duration {
	if f.Count < rhythmic {
		return recoveryTime
	}
	return max(recoveryTime, recoveryGaps*f.Gap())
}

// Over tells whether a finding is an episode that the service got over: it went on for a while without it, was never
// unhealthy, and lives, was asked to stop, ended with success, or ended of something that it told itself. Where it
// ended with an error that it does not name, it must have gone on with good work: an error that the program handled
// and outlived is not why it ended later.
func (c Case) Over(f servicelog.Finding) bool {
	if c.Log != nil && slowBoot(f) { // whatever the probes of that time were
		return c.Log.Lifecycle.Ready != nil && c.Log.Lifecycle.Ready.After(f.LastAt)
	}
	if c.Log == nil || c.Unhealthy != nil || f.LastAt.IsZero() {
		return false
	}
	if f.Cause == fact.StartupFailure && !slowBoot(f) {
		return c.cameUp(f)
	}
	if !episodic(f) {
		return false
	}
	code, known := c.Exit()
	if c.Alive() || c.Death.Request != nil || known && code == 0 || c.LastException() != nil {
		return c.WentOn(f)
	}
	return c.Outlived(f) || c.handled(f) != ""
}

// minPassed is how many passes are more than a lucky moment.
const minPassed = 2

// passedSince counts the probes that began after a moment and passed.
func (c Case) passedSince(at time.Time) int {
	passed := 0
	for _, p := range c.Probes {
		if p.Start.After(at) && !p.Failed() {
			passed++
		}
	}
	return passed
}

// How much good work after an error shows that the program handled it: some lines where it went on for long, many
// where it went on for a moment.
const (
	fewGoodLines  = 3
	manyGoodLines = 10
	goodMoment    = time.Second
)

// Outlived tells whether a service that has ended had done good work since a finding. Silence, and lines of
// waiting and trying again, are no work: whoever gives up after ten of those gives up for that reason.
func (c Case) Outlived(f servicelog.Finding) bool {
	if c.Log == nil || c.Alive() {
		return false
	}
	good := c.goodLinesSince(f.LastAt)
	went := c.Log.LastAt.Sub(f.LastAt)
	return went >= overAfter(f) && good >= fewGoodLines || went >= goodMoment && good >= manyGoodLines
}

// RunsOn tells whether the program that printed a traceback is the main process, and lives: whatever the exception was,
// it did not end it. The interpreter's first frame is the file that the command line names.
func (c Case) RunsOn(f servicelog.Finding) bool {
	return c.Alive() && ofMain(c.Spec, f)
}

// ReplayedAs tells whether the health check was replayed and its verdict is of one
// of the kinds.
func (c Case) ReplayedAs(kinds ...string) bool {
	return c.Replayed != nil && slices.Contains(kinds, c.Replayed.Kind)
}

// Troubled tells whether anything in the life speaks of a failure of its own: what
// keeps a stop on request from being the whole story. Where the engine probes, its
// own record of the probes is better than what the service printed of them.
func (c Case) Troubled() bool {
	if told, others := c.RefusedClient(); told != nil && !others {
		return true
	}
	if c.Unhealthy != nil || c.Flapping != nil || len(c.Crashes) > 0 || c.FatalLastWords() != nil || c.Failing() ||
		c.OnlyErrors() != nil ||
		c.ReplayedAs("hanging", "failing", "misconfigured") || c.Alive() && len(c.Stuck) > 0 {
		return true
	}
	if c.Log == nil {
		return false
	}
	for _, f := range c.Log.Findings {
		ofProbes := f.Cause == fact.HealthcheckFailure && len(c.Probes) > 0
		if (f.Cause != "" || f.Other != "") && !ofProbes && !ofShutdown(f, c.Death.Request != nil) && !c.Over(f) &&
			f.Strength != fact.Weak {
			return true
		}
	}
	return false
}

// Began is when the newest spell of a finding began: what was told of an earlier one is over.
func Began(f servicelog.Finding) time.Time {
	if f.Spell.At.IsZero() {
		return f.At
	}
	return f.Spell.At
}

// FirstTrouble is when the trouble of the examined life's end, or of now, was first seen in this container itself: by
// its log, its failing probes or its exit; nil = there is none. Causes lie before it, effects only after. What it got
// over earlier does not count: probes often fail while a service starts.
func (c Case) FirstTrouble() *time.Time {
	var first *time.Time
	seen := func(at time.Time) {
		if !at.IsZero() && (first == nil || at.Before(*first)) {
			first = &at
		}
	}
	if c.Log != nil {
		for _, f := range c.Log.Findings {
			if f.Strength != fact.Weak && !ofShutdown(f, c.Death.Request != nil) && !c.Over(f) {
				seen(Began(f))
			}
		}
	}
	for _, p := range c.Probes[max(len(c.Probes)-c.Streak, 0):] {
		seen(p.End) // one that got no answer may have begun before the trouble
	}
	if code, known := c.Exit(); known && code != 0 && c.Death.At != nil {
		seen(*c.Death.At)
	}
	return first
}

// LifeCores returns the cores that were written in the examined life: layers survive
// restarts, and an older core says nothing of this end.
func (c Case) LifeCores() []coredump.Dump { return coresOf(&c.Evidence, c.Examined) }

// coreSlack is how long after the end the kernel may still be stamping a core.
const coreSlack = 2 * time.Second

func coresOf(e *evidence.Evidence, x Examined) []coredump.Dump {
	var list []coredump.Dump
	for _, d := range e.Dumps {
		if x.Life != nil && d.At != nil && x.Life.Contains(*d.At, coreSlack) {
			list = append(list, d)
		}
	}
	return list
}
