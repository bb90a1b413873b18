package inquest

import (
	"path"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

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

// killers are the programs that send a signal to a process, and starters those that run another command.
var (
	killers  = []string{"kill", "pkill", "killall", "killall5", "skill"}
	starters = []string{"sh", "bash", "dash", "ash", "busybox", "sudo", "doas", "exec", "env", "xargs", "nohup", "then",
		"do", "else", "if", "time", "command"}
)

// kills tells whether a command line asks a process to end: "kill -TERM 1", "sh -c 'kill 1'". A word that another
// program is given is no command, and a signal that makes a program read its settings again, or go on, asks for no end.
func kills(command string) bool {
	for _, simple := range strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune("\n;&|`()", r) }) {
		words := strings.FieldsFunc(simple, func(r rune) bool { return strings.ContainsRune(" \t\"'$", r) })
		for len(words) > 0 && (slices.Contains(starters, path.Base(words[0])) || words[0][0] == '-' ||
			strings.Contains(words[0], "=")) {
			words = words[1:]
		}
		if len(words) > 1 && slices.Contains(killers, path.Base(words[0])) && !messages(words[1:]) {
			return true
		}
	}
	return false
}

// harmless are the signals that are sent to a program which is to go on, and what only asks whether it is there.
var harmless = []string{"0", "l", "L", "HUP", "1", "USR1", "10", "USR2", "12", "WINCH", "28", "CONT", "18", "STOP",
	"19", "TSTP", "20", "list", "table"}

// messages tells whether the arguments of a killer name such a signal: -HUP, -s SIGUSR1, --signal=HUP.
func messages(args []string) bool {
	signal := strings.TrimLeft(args[0], "-")
	switch {
	case signal == args[0]:
		return false
	case (signal == "s" || signal == "n" || signal == "signal") && len(args) > 1:
		signal = args[1]
	}
	return slices.Contains(harmless, strings.TrimPrefix(strings.TrimPrefix(signal, "signal="), "SIG"))
}
