package answer

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

// Exit is what `gwdoctor exit` prints: what a code can mean, and for a container how
// its last run ended.
type Exit struct {
	SchemaVersion int                `json:"schemaVersion"`
	Code          *int               `json:"code"` // 0..255; null = it has not ended, or nobody knows
	Signal        string             `json:"signal,omitempty"`
	Title         string             `json:"title,omitempty"`
	Meanings      []exitcode.Meaning `json:"meanings"`
	DoesNotProve  string             `json:"doesNotProve,omitempty"`
	Container     *ExitContainer     `json:"container"` // null where a number was asked about
}

// ExitContainer is the container that an exit code is from.
type ExitContainer struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	State       string     `json:"state"`
	EndedBy     string     `json:"endedBy"`
	Reason      string     `json:"reason,omitempty"` // why endedBy says so
	At          *time.Time `json:"at,omitempty"`
	OOMKilled   *bool      `json:"oomKilled,omitempty"`   // the engine's flag
	EngineError string     `json:"engineError,omitempty"` // the engine's own start or stop error
	Restarted   bool       `json:"restarted"`             // it runs again; this is about the run before
	Restarts    int        `json:"restarts,omitempty"`    // that the runtime counts
	Before      *ExitRun   `json:"before,omitempty"`      // the run before the one that this is about; absent = not known
}

// ExitRun is an earlier end, which has its own meaning.
type ExitRun struct {
	Code    *int       `json:"code"` // null = not known
	At      *time.Time `json:"at,omitempty"`
	Command string     `json:"command,omitempty"` // that explains it
}

// ExitOf explains a code.
func ExitOf(c exitcode.Code) Exit {
	return Exit{
		SchemaVersion: SchemaVersion, Code: &c.Code, Signal: c.Signal, Title: c.Title,
		Meanings: c.Meanings, DoesNotProve: c.DoesNotProve,
	}
}

// ExitOfCase explains how the examined run of a container ended.
func ExitOfCase(c inquest.Case) Exit {
	e := Exit{SchemaVersion: SchemaVersion, Meanings: []exitcode.Meaning{}}
	if c.Death.ExitCode != nil {
		e = ExitOf(exitcode.ExplainIn(*c.Death.ExitCode, exitContext(c)))
	}
	e.Meanings = slices.Clone(e.Meanings) // the tables are everybody's
	for i := range e.Meanings {
		inRuntimesWords(&e.Meanings[i], c)
		e.Meanings[i].Check = asked(e.Meanings[i].Check, c)
	}
	e.Container = &ExitContainer{
		ID: c.Target.ID, Name: c.Target.Name, State: c.Death.State, EndedBy: string(c.Death.EndedBy),
		Reason: c.Death.Reason, At: c.Death.At, Restarted: c.Restarted,
	}
	if c.Spec != nil && !c.Restarted {
		oom := c.Status.OOMKilled
		e.Container.OOMKilled, e.Container.EngineError = &oom, c.Status.Error
	}
	if c.Status != nil {
		e.Container.Restarts = c.Status.Restarts
	}
	e.Container.Before = runBefore(c)
	return e
}

// runBefore is the end before the examined run: of one that goes on, it is the only end that there is. Kubernetes keeps
// one beside the newest run, and shows it when asked; nil = none is known.
func runBefore(c inquest.Case) *ExitRun {
	i := len(c.Lives) - 2 - c.LaterLives
	if c.Life == nil || i < 0 || c.Lives[i].End == nil {
		return nil
	}
	r := &ExitRun{Code: c.Lives[i].ExitCode, At: c.Lives[i].End}
	if t := c.Target; t.Runtime == bundle.RuntimeKubernetes && c.LaterLives == 0 && r.Code != nil {
		if plainWord(t.Pod) && plainWord(t.Namespace) && plainWord(t.Container) {
			r.Command = "gwdoctor exit pod/" + t.Pod + " -n " + t.Namespace + " --container " + t.Container + " --previous"
		}
	}
	return r
}

// plainWord tells whether a name can stand in a command as it is.
func plainWord(name string) bool {
	return name != "" && name[0] != '-' && !strings.ContainsFunc(name, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r)
	})
}

// asked is a command with the container's name, and the time of its end, in place of those that stand for any.
func asked(command string, c inquest.Case) string {
	name := strings.TrimPrefix(c.Target.Name, "/")
	if plainWord(name) {
		command = strings.ReplaceAll(strings.ReplaceAll(command, "container=NAME", "container="+name), " NAME", " "+name)
	}
	if at := c.Death.At; at != nil {
		around := "--since " + at.Add(-time.Minute).UTC().Format(time.RFC3339) + " --until " +
			at.Add(time.Minute).UTC().Format(time.RFC3339)
		command = strings.ReplaceAll(command, "--since 1h --until 0s", around)
	}
	return command
}

// exitContext tells what is known beside the code. The engine's flag and error
// belong to its newest run, so they are left out where that is not the one asked
// about.
func exitContext(c inquest.Case) exitcode.Context {
	known := exitcode.Context{Runtime: c.Target.Runtime}
	if c.Spec == nil {
		return known
	}
	started := c.Death.State != fact.StateNeverStarted
	shell, init := c.Spec.ShellPID1(), c.Spec.Init
	known.Started, known.PID1Shell, known.InitProcess = &started, &shell, &init
	if !c.Restarted {
		oom := c.Status.OOMKilled
		known.OOMKilled, known.EngineError = &oom, c.Status.Error
	}
	return known
}
