package cause

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Others lists a hypothesis for each named other that anything in the case speaks for, in the order of their table:
// what is known to make services fail, and is none of the ten. They are not known beforehand, unlike the ten, because a
// report that lists all forty as "nothing of it" would help nobody.
func Others(c inquest.Case) []Cause {
	var list []Cause
	for _, named := range fact.NamedOthers() {
		if other := otherOf(c, named); len(other.Findings(c)) > 0 {
			list = append(list, other)
		}
	}
	return list
}

// otherOf is the hypothesis of one named other. Its prior is that of the likeliest causes: programs fail by what is in
// their log at least as often as by what is in the ten.
func otherOf(c inquest.Case, named fact.NamedOther) Cause {
	explained := explainedByOther(named.ID)
	if named.ID == fact.DependencyDown && c.AwaitedSince(nil) != nil {
		explained = append(explained, fact.PoolExhaustion) // what waits for it gives nothing back
	}
	rules := []Rule{otherLogRule(named), saidAtTheEnd(named.ID), saidAtEveryStart(named.ID), saidNow(named.ID)}
	return Cause{
		ID: named.ID, Title: named.Title, Prior: priorMostLikely, Explains: explained,
		Rules: append(rules, ownRules[named.ID]...),
	}
}

// general are the named others that say that something ended a program, or keeps it from serving, and leave open what;
// each is explained by those that name the thing.
var general = []string{fact.UncaughtException, fact.FatalWords, fact.NotStarted, fact.NothingListens}

// wordsOfRuntime are the named others that a runtime tells in its words for any uncaught failure, by what says more
// closely which it was. Where a runtime is told to leave a core (node --abort-on-uncaught-exception, GOTRACEBACK=crash,
// java -XX:+CrashOnOutOfMemoryError, Rust's panic=abort), it ends itself by a fault's signal after it has said why.
var wordsOfRuntime = map[string][]string{
	fact.JVMHeap:         {fact.JavaException, fact.JVMFatal, fact.NativeCrash},
	fact.JVMFatal:        {fact.NativeCrash},
	fact.DotnetMemory:    {fact.DotnetException, fact.NativeCrash},
	fact.DotnetException: {fact.NativeCrash},
	fact.V8Heap:          {fact.NodeException, fact.NativeCrash},
	fact.NodeException:   {fact.NativeCrash},
	fact.GoDeadlock:      {fact.GoFatal},
	fact.GoFatal:         {fact.NativeCrash},
	fact.GoPanic:         {fact.NativeCrash},
	fact.RustPanic:       {fact.NativeCrash},
	fact.MemoryRefused:   {fact.NativeCrash},
	fact.ThreadsRefused: {fact.MemoryRefused, fact.DependencyDown, fact.JavaException, fact.GoFatal, fact.RustPanic,
		fact.NativeCrash},
	// A framework that does not come up describes why.
	fact.PortTaken:      {fact.JavaException},
	fact.SettingMissing: {fact.JavaException},
	// A check that asks a broker with an alarm, or a cache that cannot save, fails for that reason.
	fact.DependencyRefuses: {fact.HealthcheckFailure, fact.HealthcheckTimeout},
	// Who asks for what waits gets no answer; a worker that waits for ever is killed for it.
	fact.Deadlock:       {fact.RequestsWait},
	fact.RequestsWait:   {fact.HealthcheckTimeout},
	fact.LibraryMissing: {fact.CommandMissing, fact.NodeException},
	// Names do not resolve and nothing is reached; a check that asks for what is not there any more fails.
	fact.NoNetwork: {fact.DependencyDown, fact.DependencyLost, fact.HealthcheckFailure, fact.HealthcheckTimeout,
		fact.StartupFailure, fact.PoolExhaustion},
	// What is late, or has not come up, answers no probe in time.
	fact.StillStarting:  {fact.HealthcheckFailure, fact.HealthcheckTimeout},
	fact.CPUQuota:       {fact.HealthcheckFailure, fact.HealthcheckTimeout, fact.StillStarting},
	fact.ProcessStopped: {fact.HealthcheckTimeout}, // it answers no check
	// A check that asks from outside gets no connection.
	fact.LoopbackOnly:   {fact.HealthcheckFailure},
	fact.NothingListens: {fact.HealthcheckFailure},
}

func explainedByOther(id string) []string {
	if slices.Contains(general, id) {
		return wordsOfRuntime[id]
	}
	list := slices.Concat(general, wordsOfRuntime[id])
	if id != fact.RequestsFail {
		list = append(list, fact.RequestsFail) // whatever fails, requests suffer from it
	}
	return list
}

// ownRules are of the named others that more than a log tells.
var ownRules = map[string][]Rule{
	fact.NotStarted:        {engineRefused},
	fact.DependencyDown:    {dependencyStuck, dependencyApart},
	fact.DependencyRefuses: {brokerAlarmed, alarmBefore, refusesClients, dataAtLimit},
	fact.Deadlock:          {allWait, lockCircle, lockOrphaned},
	fact.RequestsWait:      {requestsStalled},
	fact.NativeCrash:       {nativeFault},
	fact.ChildrenDie:       {childrenCrash},
	fact.PortTaken:         {portHolder, portOfNeighbour},
	fact.UncaughtException: {uncaughtException},
	fact.NotInForeground:   {hadNoInput, endsAgain, leftForeground},
	fact.HostSetting:       {callForbidden},
	fact.ProcessStopped:    {processStopped},
	fact.NoNetwork:         {noNetwork},
	fact.StillStarting:     {stillStarting, overdueStart},
	fact.CPUQuota:          {cpuThrottled},
	fact.HostOverloaded:    {hostOverloaded},
	fact.FileSystemFull:    {mountFull},
	fact.LoopbackOnly:      {loopbackOnly},
	fact.NothingListens:    {nothingListening, passesInVain},
	fact.FatalWords:        {fatalLastWords},
	fact.ImageNotPulled:    {toldRule(fact.ImageNotPulled, "")},
	fact.ObjectMissing:     {toldRule(fact.ObjectMissing, "")},
	fact.VolumeNotMounted:  {toldRule(fact.VolumeNotMounted, "")},
	fact.Unschedulable:     {toldRule(fact.Unschedulable, "")},
	fact.PodRefused:        {toldRule(fact.PodRefused, "")},
	fact.Evicted:           {toldRule(fact.Evicted, "")},
	fact.DeadlineExceeded:  {toldRule(fact.DeadlineExceeded, "")},
	fact.NodeTrouble:       {toldRule(fact.NodeTrouble, ""), nodeEndedSeveral},
	fact.HookFailed:        {toldRule(fact.HookFailed, "")},
	fact.GateClosed:        {toldRule(fact.GateClosed, "")},
	fact.OutlastsSchedule:  {toldRule(fact.OutlastsSchedule, "")},
}

// toldRule sees what the runtime itself gives as the reason: it is who kept the container from running, or ended it.
func toldRule(id, shared string) Rule {
	return Rule{
		ID: "told-" + id, Fact: shared, Weight: 30, Source: fact.SourceEvents,
		Why: "the runtime says so itself, and it is who kept the container from running or ended it",
		See: func(c inquest.Case) []Observation {
			var seen []Observation
			for _, t := range c.Told {
				if t.ID == id {
					seen = append(seen, Observation{At: t.At, Summary: t.Summary, Excerpt: t.Excerpt})
				}
			}
			return seen
		},
	}
}

// otherLogRule sees what the service, or the runtime that could not start it, printed.
func otherLogRule(named fact.NamedOther) Rule {
	own := logLevels[fact.RoleRoot][fact.Conclusive]
	return Rule{
		ID: "log-" + named.ID, Weight: own.Weight, Source: fact.SourceLogs, Why: own.Why, Levels: lesserLevels(),
		See: func(c inquest.Case) []Observation {
			var seen []Observation
			for _, f := range c.OtherFindings(named.ID) {
				o := logRules{}.observe(c, f)
				o.Summary = otherSummary(named, f)
				seen = append(seen, o)
			}
			return seen
		},
	}
}

// broad are the named others of which the signature says more closely what happened.
var broad = []string{fact.ChildrenDie, fact.DependencyRefuses, fact.SettingRefused, fact.DataDamaged, fact.NativeCrash,
	fact.HostSetting, fact.MemoryRefused}

// ofServers are the signatures of what a server says of itself: in its report it is no dependency.
var ofServers = []string{"redis-server-save-failed", "redis-server-aof-failed", "rabbitmq-resource-alarm"}

// otherSummary names the thing and quotes what tells: "a port is taken: 8080 (log line 4)", "Go panic: runtime error:
// index out of range (log line 9), at main.go:12".
func otherSummary(named fact.NamedOther, f servicelog.Finding) string {
	text := named.Title
	if slices.Contains(ofServers, f.ID) {
		text = fact.RefusesItself
	}
	if meaning := f.Meaning(); slices.Contains(broad, named.ID) && meaning != "" {
		text += ": " + meaning
	}
	if f.Object != "" {
		text += ": " + clip(f.Object, longestMessage)
	}
	if told := toldBy(f); told != "" && !strings.Contains(text, told) {
		text += ": " + told
	}
	if f.Line > 0 {
		text += fmt.Sprintf(" (log line %d)", f.Line)
	}
	if f.Count > 1 {
		text += fmt.Sprintf(", %d times", f.Count)
	}
	if f.Exception != nil && f.Exception.Place() != "" {
		text += ", at " + f.Exception.Place()
	}
	return text
}

// toldBy is what a finding's exception says, else the line itself; "" = the line is only the head of a traceback.
func toldBy(f servicelog.Finding) string {
	switch {
	case f.Exception != nil && !strings.Contains(f.Exception.Message, " "): // 'price' alone tells nothing
		return exceptionSummary(f.Exception.Type, f.Exception.Message)
	case f.Exception != nil && f.Exception.Message != "":
		return clip(f.Exception.Message, longestMessage)
	case f.Exception != nil:
		return clip(f.Exception.Type, longestMessage)
	case strings.HasPrefix(f.Excerpt, "Traceback "):
		return ""
	}
	return clip(f.Excerpt, longestMessage)
}

// endSlack is how long after the line that tells a process may take to leave: a JVM writes its heap dump, a pool waits
// for its workers. Shutdown hooks longer than that are seldom.
const endSlack = 5 * time.Second

// telling returns the findings of a named other that are more than weak hints.
func telling(c inquest.Case, id string) []servicelog.Finding {
	var list []servicelog.Finding
	for _, f := range c.OtherFindings(id) {
		if f.Strength != fact.Weak {
			list = append(list, f)
		}
	}
	return list
}

// The levels of what a single line says, as against a flood of it, or an exception that nobody caught.
const (
	oneLine    = "one line"
	oneEarlier = "one line, some time before"
)

func saidLevel(f servicelog.Finding, gap time.Duration) string {
	if gap <= time.Second || f.Count > 1 || f.Exception != nil || f.Strength == fact.Conclusive {
		return ""
	}
	return oneEarlier
}

// The rules that say of a line only when it came.
const (
	saidAtEnd   = "said-at-the-end"
	saidAtStart = "said-at-every-start"
	saidOn      = "goes-on"
)

// Supplements are the rules whose findings say something of another finding, and nothing by themselves.
var Supplements = []string{saidAtEnd, saidAtStart, saidOn}

func saidAtTheEnd(id string) Rule {
	return Rule{
		ID: saidAtEnd, Weight: 10, Source: fact.SourceLogs,
		Why: "the program said so and ended within five seconds, with an error or by a fault: its last words are " +
			"mostly why",
		Levels: []Level{{oneEarlier, 3, "one line, in words with a known second reading, more than a second before the " +
			"end: it may have been logged and passed over"}},
		See: func(c inquest.Case) []Observation {
			code, known := c.Exit()
			if c.Death.At == nil || c.Death.Request != nil || known && code == 0 {
				return nil
			}
			for _, f := range telling(c, id) {
				if gap := c.Death.At.Sub(f.LastAt).Abs(); !f.LastAt.IsZero() && gap <= endSlack && !c.Over(f) {
					return at(saidLevel(f, gap), saw(c.Death.At, "it ended "+words.Duration(gap)+" after it had said so", ""))
				}
			}
			return nil
		},
	}
}

func saidAtEveryStart(id string) Rule {
	return Rule{
		ID: saidAtStart, Weight: 8, Source: fact.SourceLogs,
		Why: "every start of a restart loop says so: what only one start shows is chance, what all show is the reason",
		See: func(c inquest.Case) []Observation {
			for _, f := range telling(c, id) {
				if in, of, loop := c.Recurs(f.ID); loop && in == of {
					return saw(nil, fmt.Sprintf("each of %d starts said so", of), "")
				}
			}
			return nil
		},
	}
}

// saidNow needs a line that nothing but more of it came after: an episode that is over is told by its level.
func saidNow(id string) Rule {
	return Rule{
		ID: saidOn, Weight: 8, Source: fact.SourceLogs,
		Why: "it lives, and has said so until now: what it has not got over is trouble, whether or not anybody " +
			"suffers from it yet",
		Levels: []Level{{oneLine, 3, "it said so once: nothing shows that it is over, and nothing that it goes on"}},
		See: func(c inquest.Case) []Observation {
			if !c.Alive() {
				return nil
			}
			for _, f := range telling(c, id) {
				switch {
				case f.LastAt.IsZero() || c.WentOn(f):
				case c.Lone(f):
					return at(oneLine, saw(nil, "its log has said nothing since that shows it to be over", ""))
				default:
					return saw(nil, "its log has said so until now", "")
				}
			}
			return nil
		},
	}
}

var engineRefused = Rule{
	ID: "engine-could-not-start", Fact: "log-root", Weight: 28, Source: fact.SourceInspect,
	Why: "the runtime says that it could not start it, so none of the ten can apply; what its words name more " +
		"closely weighs a little more",
	See: func(c inquest.Case) []Observation {
		if !c.StartRefused() || len(c.Told) > 0 { // what was told is the same words, read
			return nil
		}
		text := "the engine could not start it: " + clip(c.Refused(), 300)
		if c.Refused() == "" {
			text = "the engine could not start it; why, it said only to who had it try, and keeps no word of it"
		}
		return saw(c.Status.StartTried, text, c.Status.Error)
	},
}

var uncaughtException = Rule{
	ID: fact.UncaughtException, Weight: 22, Source: fact.SourceLogs,
	Why: "its last words are an uncaught exception that is none of the known signatures: that is the reason, and " +
		"none of the ten",
	See: func(c inquest.Case) []Observation {
		code, known := c.Exit()
		f := c.LastException()
		if !known || code == 0 || f == nil || c.Death.EndedBy != fact.EndedByOwnExit && !c.ToldBeforeFault(*f) {
			return nil
		}
		text := fmt.Sprintf("it exited with code %d after an exception: %s", code,
			exceptionSummary(f.Exception.Type, f.Exception.Message))
		if place := f.Exception.Place(); place != "" {
			text += ", at " + place
		}
		return saw(c.Death.At, text, f.Excerpt)
	},
}

// nativeFault is the tenth cause's evidence where no interpreter is seen that could have crashed.
var nativeFault = Rule{
	ID: "native-fault", Weight: 28, Source: fact.SourceInspect, Names: true,
	Why: "the main process was ended by a signal that only its own fault brings, and nothing that was seen tells of " +
		"Python: a program in C, C++, Rust or Go, or a library of another runtime",
	See: func(c inquest.Case) []Observation {
		if c.Death.EndedBy != fact.EndedByOwnSignal || c.ShowsPython() || c.Death.Signal == "SIGSYS" {
			return nil
		}
		code, _ := c.Exit()
		for _, f := range c.LogFindings(fact.InterpreterCrash) {
			return onLine(f.Line, saw(c.Death.At, fmt.Sprintf("native code crashed: %s: %s (log line %d)", f.Meaning(),
				toldBy(f), f.Line), f.Excerpt))
		}
		return saw(c.Death.At, fmt.Sprintf("native code crashed: exit code %d: %s", code, faultText(c, code)), "")
	},
}

// childrenCrash sees programs crash that are none of Python: of those, workers mostly, the fourth cause tells.
var childrenCrash = Rule{
	ID: "children-crash", Weight: crashesOn.Weight, Source: fact.SourceKernelLog, Names: true, Why: crashesOn.Why,
	See: func(c inquest.Case) []Observation {
		l := c.CrashLoop()
		if l == nil || l.Python() {
			return nil
		}
		return seeLoop(*l)
	},
}

// callForbidden sees that a seccomp filter ended it, which is no fault of the program's own.
var callForbidden = Rule{
	ID: "call-forbidden", Fact: "fault", Weight: 28, Source: fact.SourceInspect, Names: true,
	Why: "SIGSYS is what a seccomp filter ends a process with that makes a call which it forbids: the program runs " +
		"where it is allowed",
	See: func(c inquest.Case) []Observation {
		if c.Death.EndedBy != fact.EndedByOwnSignal || c.Death.Signal != "SIGSYS" {
			return nil
		}
		return saw(c.Death.At, "SIGSYS ended it: a seccomp profile forbids a system call that it makes", "")
	},
}

// leftForeground sees a program that was told to go into the background.
var leftForeground = Rule{
	ID: "left-the-foreground", Weight: 24, Source: fact.SourceInspect, Names: true,
	Why: "its command goes into the background: what the engine started ends with success at once, and the container " +
		"with it, whatever was to go on",
	See: func(c inquest.Case) []Observation {
		how := c.LeftForeground()
		if how == "" {
			return nil
		}
		return saw(c.Death.At, "it ended with exit code 0 right after its start: "+how+" goes into the background, and "+
			"the container ends with what was started", "")
	},
}

var allWait = Rule{
	ID: "all-threads-wait", Weight: 20, Source: fact.SourceInside,
	Why: "every thread of its Python processes has waited for more than 5 s, without a time limit, for a lock that only " +
		"another of them could release; a handler of a signal could, too",
	See: func(c inquest.Case) []Observation {
		d := c.Deadlock
		if d == nil || !c.Alive() {
			return nil
		}
		text := fmt.Sprintf("its only thread waits for a lock that nobody is left to release, for %s at least",
			words.Seconds(d.For))
		if d.Threads > 1 {
			text = fmt.Sprintf("all of its %d threads wait for locks, for %s at least, and none is left to release one",
				d.Threads, words.Seconds(d.For))
		}
		return saw(since(c, *d.First), text+"; the first one stands in "+inside.PlaceText(d.First.Place),
			inside.StackText(d.First.Frames))
	},
}

// hadNoInput sees a shell, or an interpreter, that was started with nothing to do.
var hadNoInput = Rule{
	ID: "had-no-input", Weight: 26, Source: fact.SourceInspect, Names: true,
	Why: "what was started reads what to do from its input, nobody gave it any, and it ended at once with success: it " +
		"did nothing",
	See: func(c inquest.Case) []Observation {
		program := c.NoInput()
		if program == "" {
			return nil
		}
		return saw(c.Death.At, program+" reads its commands from its input, and was started without one (neither -i nor "+
			"a command): it ended at once, with exit code 0, and did nothing", "")
	},
}

var endsAgain = Rule{
	ID: "ends-again-and-again", Weight: 28, Source: fact.SourceInspect,
	Why: "it ends with success, and a restart policy starts it again each time: its main process does not stay in " +
		"the foreground",
	See: func(c inquest.Case) []Observation {
		if !c.EndlessSuccess() && !c.LoopsOnSuccess() {
			return nil
		}
		return saw(c.Death.At, "it ends with exit code 0 and is restarted again and again: its main process does "+
			"not stay in the foreground", "")
	},
}

// someStopped is the level of workers that are stopped under a main process that runs.
const someStopped = "workers"

var processStopped = Rule{
	ID: fact.ProcessStopped, Weight: 26, Source: fact.SourceProcess,
	Why:    "the main process is stopped: SIGSTOP, a debugger, a job control mistake; none of the ten does that",
	Levels: []Level{{someStopped, 20, "it is workers that are stopped; the main process runs, and may start others"}},
	See: func(c inquest.Case) []Observation {
		switch {
		case c.Halted():
		case c.Alive() && c.Stopped > 0:
			seen := saw(&c.Inside.At, fmt.Sprintf("%s stopped (state T): by SIGSTOP or a debugger; SIGCONT lets "+
				"them go on", words.Count(c.Stopped, "worker")), "")
			seen[0].Names = true
			return at(someStopped, seen)
		default:
			return nil
		}
		return saw(&c.Process.At, "the main process is stopped (state T): somebody sent SIGSTOP, or a debugger "+
			"holds it; SIGCONT lets it go on", "")
	},
}

// noNetwork sees that nobody can reach it, and that it can reach nobody.
var noNetwork = Rule{
	ID: fact.NoNetwork, Weight: 28, Source: fact.SourceInspect,
	Why: "it was started in a network and stands in none any more: nobody can reach it, and it reaches nobody; its own " +
		"health check asks from within and does not notice",
	Levels: []Level{{"ended", 10, "it has ended since: it may have been taken out of its network afterwards"}},
	See: func(c inquest.Case) []Observation {
		if c.Status == nil || c.Status.NoNetwork == "" || c.Status.State == fact.StateNeverStarted {
			return nil
		}
		seen := saw(nil, fmt.Sprintf("it was started in network %q and stands in no network any more (`network "+
			"disconnect`)", c.Status.NoNetwork), "")
		if !c.Alive() {
			return at("ended", seen)
		}
		return seen
	},
}
