package guard

import (
	"os"
	"syscall"
)

// exitOf is the exit code, or the signal as a negative number.
func exitOf(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return -int(status.Signal())
	}
	return state.ExitCode()
}
