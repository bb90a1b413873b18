// Package exitcode says what an exit code of a container can mean, and what it
// does not prove.
//
// A code is a number of 0..255 as the engine reports it (State.ExitCode, the die
// event's exitCode). It is never a verdict: 137 is an OOM kill, a stop that was
// too slow, a docker kill, a kill -9 on the host or a shell that passes its
// child's death on. So every code has a list of meanings, each with when it
// applies and the command or fact that decides, and [ExplainIn] reorders the list
// by what is known about the container.
//
//	$ docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' gateway
//	137 false
//	exitcode.ExplainIn(137, exitcode.Context{OOMKilled: new(false)})
//
// Numbers of signals are those of Linux on x86 and arm (signal(7)); MIPS and
// Alpha differ. The rules come from the engine's and the runtimes' sources and
// from experiments; each entry of the tables names its own. Documented forms:
// POSIX shell exit status (2.8.2: 128+n and more), docker run "Exit status",
// Python subprocess (returncode -n), wait(2) for the raw wait status.
//
// The package is pure data: no clock, no I/O, safe for concurrent use.
package exitcode
