//go:build !unix

package source

import (
	"os"
	"syscall"
)

// OwnSession keeps a program from the terminal, where there are sessions.
func OwnSession() *syscall.SysProcAttr { return nil }

// EndSession ends a program.
func EndSession(p *os.Process) error { return p.Kill() }
