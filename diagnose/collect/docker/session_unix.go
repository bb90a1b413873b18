//go:build unix

package docker

import "syscall"

// ownSession keeps a program from the terminal: a Ctrl-C there is for us, who end it, and it can ask nothing.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
