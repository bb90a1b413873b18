package docker

import (
	"net"
	"path/filepath"
	"slices"
	"testing"
)

// TestContainerds: the socket that ctr and nerdctl are told is one of them, and where there is no Docker and no Podman
// it is the engine.
func TestContainerds(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "containerd.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	where := Where{Socket: "/nonexistent/docker.sock", Getenv: func(name string) string {
		return map[string]string{"CONTAINERD_ADDRESS": socket, "HOME": "/nonexistent"}[name]
	}}
	if list := where.Containerds(); !slices.Contains(list, "unix://"+socket) {
		t.Errorf("sockets %q", list)
	}
	if isSocket(podmanSocket) {
		t.Skip("this machine has Podman")
	}
	if e, err := Resolve(where); err != nil || e.Host != "unix://"+socket {
		t.Errorf("endpoint %s, %v", e, err)
	}
}
