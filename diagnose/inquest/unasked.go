package inquest

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// ServerBy says what shows that the container was meant to run until it is told to end, the most telling first; "" =
// nothing does: a job ends by itself. That an image exposes a port shows nothing: jobs are run from a service's image.
func (c Case) ServerBy() string {
	if c.Log != nil {
		switch log := c.Log; {
		case log.Lifecycle.Ready != nil:
			return log.Lifecycle.Server + " said that it was ready"
		case log.Serving != nil:
			return fmt.Sprintf("its log says %q", log.Serving.Text)
		case log.Accesses > 0:
			return "its log has " + words.Count(log.Accesses, "request")
		}
	}
	switch spec := c.Spec; {
	case spec == nil:
	case len(spec.Published) > 0:
		return fmt.Sprintf("port %d of the host leads into it", spec.Published[0])
	case spec.Probed():
		return "it has a health check"
	case spec.RestartPolicy == "always" || spec.RestartPolicy == "unless-stopped":
		return "its restart policy is " + spec.RestartPolicy
	}
	return ""
}

// farewell is how many lines, and for how long, a program may still print that has decided to leave.
const (
	farewellLines = 3
	farewellTime  = 5 * time.Second
)

// SaidDone tells whether the program said, as it ended, that there was no more for it to do: then it left by itself.
func (c Case) SaidDone() bool {
	if c.Log == nil || c.Life == nil || c.Life.End == nil {
		return false
	}
	last := c.Log.Tail[max(len(c.Log.Tail)-farewellLines, 0):]
	return slices.ContainsFunc(last, func(l servicelog.Line) bool {
		return !l.At.IsZero() && c.Life.End.Sub(l.At) <= farewellTime && servicelog.HasDone(l.Text)
	})
}

// ToldByExec returns the command, run in the container beside its main process, that told it to end shortly before it
// did; nil = none is recorded.
func (c Case) ToldByExec() *evidence.Event {
	if c.Life == nil || c.Life.End == nil {
		return nil
	}
	for i, ev := range slices.Backward(c.Life.Events) {
		// What answers a signal ends some time after it.
		gap := c.Life.End.Sub(ev.At)
		if ev.Kind == fact.EventExecCreated && gap >= -KernelSlack && gap <= stopReach && kills(ev.Command) {
			return &c.Life.Events[i]
		}
	}
	return nil
}

// killers are the programs that send a signal to a process.
var killers = []string{"kill", "pkill", "killall", "killall5", "skill"}

// kills tells whether a command line sends a signal: "kill -TERM 1", "sh -c kill 1". kill -0 and -l send none.
func kills(command string) bool {
	words := strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" \t\n;&|\"'`()", r) })
	for i, word := range words {
		if slices.Contains(killers, path.Base(word)) {
			return i+1 < len(words) && words[i+1] != "-0" && words[i+1] != "-l" && words[i+1] != "-L"
		}
	}
	return false
}
