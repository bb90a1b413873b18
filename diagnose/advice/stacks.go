package advice

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// ownStacks asks a program that hangs, and is no Python, for what it does, before a restart takes that away: a JVM
// prints
// every thread's stack on SIGQUIT and goes on, Node.js opens its inspector on SIGUSR1 even where its loop is blocked.
func ownStacks(c inquest.Case) []draft {
	if c.Python() || c.Spec == nil || len(c.Spec.Command) == 0 {
		return nil
	}
	program := c.Spec.Command[0]
	switch program[strings.LastIndexByte(program, '/')+1:] {
	case "java":
		return []draft{{when: Now, title: "Have the JVM print what each thread does, before a restart takes it",
			command: "{cli} kill --signal QUIT {alive}", detail: "It goes to the container's log, and the JVM goes on."}}
	case "node":
		return []draft{{when: Now, title: "Open Node's inspector, and look where it stands, before a restart takes it",
			command: "{cli} kill --signal USR1 {alive}",
			detail: "It listens on 127.0.0.1:9229 of the container's network then: chrome://inspect, or `node inspect`, shows " +
				"the stack."}}
	}
	return []draft{{when: Then, title: "Let it tell where it hangs: a dump of its threads on a signal, or a " +
		"profiler's port",
		detail: "A Go program prints all its goroutines on SIGQUIT, and ends by that: `{cli} kill --signal QUIT " +
			"{name}` in the " +
			"place of a restart."}}
}
