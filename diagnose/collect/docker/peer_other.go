//go:build !linux

package docker

import (
	"errors"
	"net"
)

// On other systems the engine runs in a virtual machine.
func SocketPeer(*net.UnixConn) (int, error) { return 0, errors.New("needs Linux") }
