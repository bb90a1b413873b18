package cause

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// somethingElse: what the ten do not cover.
var somethingElse = Cause{
	ID: fact.SomethingElse, Title: "Something else, or not enough was seen", Prior: 6,
	Rules: []Rule{
		{
			ID: "outside-kill", Weight: 16, Source: fact.SourceEvents,
			Why: "a SIGKILL from outside the engine: a person or script on the host, systemd-oomd, earlyoom, a " +
				"cloud agent; none of the ten sends one",
			Levels: []Level{{"kernel log not read", 8, "the host's OOM killer sends it, too, and only the kernel " +
				"log tells: on cgroup v1 the engine never hears of a host that ran out of memory"}},
			See: seeOutsideKill,
		}, {
			ID: "error-of-its-own", Weight: 6, Source: fact.SourceInspect,
			Why: "it exited with an error of its own, did not tell it with its last line, and nothing speaks for one of " +
				"the ten: most programs have ways to fail that are not among them",
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				if !known || code == 0 || c.Death.EndedBy != fact.EndedByOwnExit || c.Troubled() ||
					lastError(c) != nil {
					return nil
				}
				text := fmt.Sprintf("it exited with code %d", code)
				if code == 124 && c.Spec != nil && c.Spec.TimeLimited() {
					text = c.Death.Reason
				}
				seen := saw(c.Death.At, text+lastWords(c), c.LastLine())
				if c.LastLine() != "" {
					seen[0].Source = fact.SourceLogs
				}
				return seen
			},
		}, {
			ID: "shut-down-unasked", Weight: 12, Source: fact.SourceLogs,
			Why: "a server ended with success, as servers do on SIGTERM, and no request is recorded: the sender, and so " +
				"the reason, is not known; nor whether it left by itself",
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				if !known || code != 0 || c.Death.EndedBy != fact.EndedByOwnExit || !unasked(c) ||
					memoryTrouble(c) || c.EndlessSuccess() || c.ToldByExec() != nil || c.FatalLastWords() != nil {
					return nil
				}
				return saw(c.Death.At, unaskedText(c), "")
			},
		}, {
			ID: "error-before-signal", Weight: 12, Source: fact.SourceLogs,
			Why: "it obeyed a signal of which nobody knows who sent it, right after it had told of an error: a program " +
				"that gives up sends it to itself, too",
			See: func(c inquest.Case) []Observation {
				w := c.GraveLastWords()
				if w == nil || c.Death.EndedBy != fact.EndedByOutsideSignal || c.Death.Signal == "SIGKILL" || c.Daemon != nil {
					return nil
				}
				return onLine(w.Number, saw(c.Death.At, "it obeyed "+c.Death.Signal+", which it may have sent to itself; "+
					"nobody asked the engine for it; its last words: "+clip(w.Text, longestMessage), w.Text))
			},
		}, {
			ID: "engine-did-not-say", Weight: 8, Source: fact.SourceInspect,
			Why: "its processes were seen, so it runs; what the engine knows of its health, its settings and its runs " +
				"before was not read",
			See: func(c inquest.Case) []Observation {
				if !c.Alive() || c.Status != nil {
					return nil
				}
				return saw(nil, c.Death.Reason, "")
			},
		}, {
			ID: "nothing-moves", Weight: 8, Source: fact.SourceInside,
			Why: "it runs, nobody probes it, and every thread of it stands in a wait that neither a client nor time " +
				"ends: it may wait for something rare, or for ever",
			See: func(c inquest.Case) []Observation {
				if !standsStill(c) || c.Troubled() {
					return nil
				}
				return saw(&c.Inside.At, "cannot tell whether it works: it runs, and nothing in it has moved for "+
					longestText(c), "")
			},
		}, {
			ID: "awaits-a-dependency", Weight: 8, Source: fact.SourceLogs,
			Why: "it runs, nobody probes it, and the last that it told is that it waits for a dependency: it may have got " +
				"through and be silent, or wait still",
			See: func(c inquest.Case) []Observation {
				f := c.Awaits()
				if f == nil || c.Troubled() {
					return nil
				}
				return onLine(f.Line, saw(&f.LastAt, fmt.Sprintf("cannot tell whether it works: it runs, and the last that it "+
					"told, %s ago, is that it waits for %s", words.Duration(c.Now.Sub(f.LastAt)), clip(f.Object, longestMessage)),
					f.Excerpt))
			},
		}, {
			ID: "unknown-end", Weight: 8, Source: fact.SourceEvents,
			Why: "who ended it is not known; the sources that would tell were not there",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByUnknown {
					return nil
				}
				return saw(nonZero(c.Death.At), "cannot tell who ended it: "+c.Death.Reason, "")
			},
		}, {
			ID: "start-not-told", Weight: 20, Source: fact.SourceInspect,
			Why: "it has never run, so none of the ten applies; whether a start was refused the runtime does not note",
			See: func(c inquest.Case) []Observation {
				if c.Death.State != fact.StateNeverStarted || c.Spec == nil || !c.Status.StartUntold {
					return nil
				}
				return saw(nil, "cannot tell whether a start of it was refused or nobody tried: it has never run, and this "+
					"runtime keeps no word of either", "")
			},
		},
	},
}

func seeOutsideKill(c inquest.Case) []Observation {
	if c.Death.EndedBy != fact.EndedByOutsideSignal || c.Death.Signal != "SIGKILL" || c.Daemon != nil {
		return nil
	}
	if c.Death.At != nil && !c.Kernel.Covers(*c.Death.At) {
		return at("kernel log not read", saw(c.Death.At, "SIGKILL from outside the engine, by whom is not known (the "+
			"host's OOM killer, since the kernel log of that moment was not read, a person, a script or a memory daemon), "+
			"or a chosen or relayed 137", ""))
	}
	return saw(c.Death.At, "SIGKILL from outside the engine (a person, a script or a memory daemon on the host), or a "+
		"chosen or relayed 137", "")
}

// lastWords tells what the service said last, or why that is not known.
func lastWords(c inquest.Case) string {
	line := c.LastLine()
	if c.Log != nil && c.Log.LastWords != nil {
		if w := c.Log.LastWords; w.Text != "" && !ofSomethingOver(c, w.Number) {
			line = w.Text
		}
	}
	switch {
	case !c.Read(fact.SourceLogs) && fact.Removed(c.Death.State):
		return "; it was removed, and its log with it"
	case !c.Read(fact.SourceLogs):
		return "; its log could not be read"
	case line == "":
		return " and printed nothing"
	case strings.HasPrefix(line, "exec ") && (strings.HasSuffix(line, "no such file or directory") ||
		strings.HasSuffix(line, "exec format error")):
		return ": its command could not be run (" + clip(line, 120) +
			"): a missing interpreter, CRLF line ends in a script, or another CPU architecture"
	}
	return "; its last words: " + clip(line, 160)
}

// ofSomethingOver tells whether a line tells of what the service got over: such words were not its last.
func ofSomethingOver(c inquest.Case, line int) bool {
	return slices.ContainsFunc(c.Log.Findings, func(f servicelog.Finding) bool { return f.LastLine == line && c.Over(f) })
}

func failures(codes []int) int {
	n := 0
	for _, code := range codes {
		if code != 0 {
			n++
		}
	}
	return n
}

func nonZero(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	return t
}

// standsStill tells whether nothing of a running container moves and no probe has passed.
func standsStill(c inquest.Case) bool {
	return c.Alive() && len(c.Probes) == 0 && c.Inside != nil && c.Motion() == inside.MotionNone
}

// longestText says for how long nothing has run, and in what the main thread stands.
func longestText(c inquest.Case) string {
	text := ""
	for i, p := range c.Inside.Processes {
		for _, t := range p.Threads {
			if i == 0 && (text == "" || t.TID == p.PID) {
				text = fmt.Sprintf("%s; thread %s is in %s", words.Seconds(*t.LastRan), t.Name, t.Wait.Text()) +
					asleepText(p, t)
			}
		}
	}
	return text
}

// asleepText says of an event loop that nothing will wake by which line of the program its work stands.
func asleepText(p evidence.InsideProcess, t evidence.InsideThread) string {
	if !inside.SleepsForGood(t) {
		return ""
	}
	text := ", with no time limit, no connection and no other descriptor that could wake its event loop"
	for _, task := range p.Tasks {
		if len(task.Frames) > 0 && task.State == "pending" && inside.Own(task.Frames[0]) && task.WaitsFor != "" {
			return text + fmt.Sprintf("; a task of it waits in %s for a %s", inside.PlaceText(task.Frames[0]),
				clip(task.WaitsFor, longestMessage))
		}
	}
	return text
}
