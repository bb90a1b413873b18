package host

import (
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

var (
	toRedis = TCPRow{Local: netip.MustParseAddrPort("172.18.0.2:51446"),
		Remote: netip.MustParseAddrPort("[::ffff:172.18.0.3]:6379"), State: stateEstablished, Inode: 51234}
	fromClient = TCPRow{Local: netip.MustParseAddrPort("172.18.0.2:8080"),
		Remote: netip.MustParseAddrPort("172.18.0.9:40000"), State: stateEstablished, Inode: 51235}
	toItself = TCPRow{Local: netip.MustParseAddrPort("127.0.0.1:51447"),
		Remote: netip.MustParseAddrPort("127.0.0.1:9000"), State: stateEstablished, Inode: 51236}
	rows      = []TCPRow{toRedis, fromClient, toItself}
	listening = map[uint16]bool{8080: true}
)

// procTree is an empty /proc of process 10.
func procTree(t *testing.T) *procView {
	t.Helper()
	root := t.TempDir()
	return &procView{Processes: Processes{Machine: Machine{ProcRoot: root}, PID: 10}}
}

func TestRemotes(t *testing.T) {
	want := []evidence.Remote{{Address: "172.18.0.3", Port: 6379, State: "ESTABLISHED", Count: 2}}
	if diff := cmp.Diff(want, remotes(append(rows, toRedis), listening)); diff != "" {
		t.Error(diff)
	}
}

// TestNeighbourHangs: what /proc shows of a neighbour that the engine calls running.
func TestNeighbourHangs(t *testing.T) {
	v := procTree(t)
	write := func(name, text string) {
		path := filepath.Join(v.ProcRoot, "10", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := v.Halted(); got != nil {
		t.Errorf("halted %v without a stat", *got)
	}
	for stat, want := range map[string]bool{"10 (redis-server) S 1 10": false, "10 (a T (b) T) T 1 10": true} {
		write("stat", stat+"\n")
		if got := v.Halted(); got == nil || *got != want {
			t.Errorf("%q: halted %v, want %v", stat, got, want)
		}
	}
	if runtime.GOARCH != "amd64" {
		return // the addresses below are little-endian
	}
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	const rest = " 00:00000000 00000000     0        0 77 1\n"
	write("net/tcp", head+"   0: 030012AC:18EB 020012AC:C8F6 01 00000000:0000000E"+rest+
		"   1: 030012AC:18EB 020012AC:C8F7 01 00000000:00000000"+rest+
		"   2: 030012AC:18EB 090012AC:C8F8 01 00000000:0000000E"+rest)
	want := []evidence.Unread{{Port: 6379, Bytes: 14, Connections: 1}}
	if diff := cmp.Diff(want, v.Unread([]string{"172.18.0.2"})); diff != "" {
		t.Error(diff)
	}
}
