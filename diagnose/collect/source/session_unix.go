//go:build unix

package source

import (
	"os"
	"syscall"
)

// OwnSession keeps a program from the terminal: a Ctrl-C there is for us, who end it, and it can ask nothing.
func OwnSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// EndSession ends a program that was started so, with all that it started itself.
func EndSession(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }
