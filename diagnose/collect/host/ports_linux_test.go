package host

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// TestPortUses: a listener of our own is found with its process, and no other port.
func TestPortUses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	uses, _ := Machine{}.WithUsual().PortUses(context.Background(), "self", func(p int) bool { return p == port })
	if len(uses) != 1 || uses[0].PID != os.Getpid() || uses[0].Address != "127.0.0.1" || uses[0].Protocol != "tcp" ||
		uses[0].Comm == "" {
		t.Errorf("%+v, want process %d on 127.0.0.1", uses, os.Getpid())
	}
	if uses, shut := (Machine{ProcRoot: t.TempDir()}).PortUses(context.Background(), "self",
		func(int) bool { return true }); len(uses) > 0 || shut {
		t.Errorf("of no /proc: %+v, shut %v", uses, shut)
	}
}

func TestProxyTarget(t *testing.T) {
	m := Machine{ProcRoot: t.TempDir()}
	for pid, tt := range map[string]struct{ cmdline, want string }{
		"9": {"/usr/bin/docker-proxy\x00-proto\x00tcp\x00-host-port\x008080\x00-container-ip\x00172.17.0.2\x00" +
			"-container-port\x0080\x00", "172.17.0.2:80"},
		"8": {"redis-server\x00-container-ip\x00172.17.0.2\x00-container-port\x0080\x00", ""},
		"7": {"/usr/bin/docker-proxy\x00-container-ip", ""},
		"6": {"", ""},
	} {
		if err := os.MkdirAll(filepath.Join(m.ProcRoot, pid), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(m.ProcRoot, pid, "cmdline"), []byte(tt.cmdline), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := m.ProxyTarget(int(pid[0] - '0')); got != tt.want {
			t.Errorf("%q leads to %q, want %q", tt.cmdline, got, tt.want)
		}
	}
}
