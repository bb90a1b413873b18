package main

import (
	"context"
	"errors"
)

// Exit codes of the program, the same for every format (docs/architecture.md).
const (
	exitOK          = 0
	exitFound       = 1 // --fail-on asked for it, and it holds
	exitUsage       = 2
	exitFailed      = 3 // no such container, engine not reachable, bundle unreadable, output not writable
	exitInterrupted = 130
)

// errFound says that --fail-on holds. Nothing is printed for it: the report is.
var errFound = errors.New("found what --fail-on asked for")

// errNotSeen says that nothing of what was asked for could be seen. Nothing is printed for it: the answer says why.
var errNotSeen = errors.New("nothing was seen")

// exitCode maps what came of a command to the program's exit code. Errors that a
// command returned come as *failure; what cobra found wrong before one ran does not.
func exitCode(ctx context.Context, err error) int {
	var failed *failure
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case err == nil:
		return exitOK
	case errors.As(err, &failed) && errors.Is(err, errFound):
		return exitFound
	case errors.As(err, &failed):
		return exitFailed
	}
	return exitUsage
}
