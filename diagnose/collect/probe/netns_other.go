//go:build !linux

package probe

import (
	"context"
	"errors"
	"net"
)

// InNamespace needs Linux.
func InNamespace(string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("network namespaces need Linux")
	}
}

// CanEnter needs Linux.
func CanEnter(string) error { return errors.New("network namespaces need Linux") }
