package docker

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// SocketPeer returns the process that listens on the other end of a unix socket,
// as our pid namespace numbers it. The kernel gives 0 for a process that this
// namespace cannot see, so a positive answer also proves a shared kernel.
func SocketPeer(conn *net.UnixConn) (int, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if credErr != nil {
		return 0, fmt.Errorf("read SO_PEERCRED: %w", credErr)
	}
	return int(cred.Pid), nil
}
