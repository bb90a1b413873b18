package servicelog

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestHungUp: who asked went away, a dependency did, and an exception without its frames.
func TestHungUp(t *testing.T) {
	const head = "Traceback (most recent call last):\n  File \"/srv/app.py\", line 9, in do_GET\n    self.reply()\n"
	for name, tt := range map[string]struct {
		log  string
		lost bool
	}{
		"a client that hung up": {head + "  File \"/usr/lib/python3.11/socketserver.py\", line 834, in write\n" +
			"    self._sock.sendall(b)\nConnectionResetError: [Errno 104] Connection reset by peer\n", false},
		"a client that hung up as it asked": {head +
			"  File \"/usr/lib/python3.11/http/server.py\", line 424, in handle\n" +
			"    self.raw_requestline = self.rfile.readline(65537)\n" +
			"  File \"/usr/lib/python3.11/socket.py\", line 706, in readinto\n    return self._sock.recv_into(b)\n" +
			"ConnectionResetError: [Errno 104] Connection reset by peer\n", false},
		"a dependency": {head + "  File \"/usr/lib/python3/dist-packages/redis/connection.py\", line 824, in " +
			"read_response\n" +
			"    raise\n  File \"/usr/lib/python3.11/socket.py\", line 706, in readinto\n" +
			"    return self._sock.recv_into(b)\nConnectionResetError: [Errno 104] Connection reset by peer\n", true},
		"no frames": {"ConnectionResetError: [Errno 104] Connection reset by peer\n", true},
		"the program's own socket": {head + "  File \"/usr/lib/python3.11/socket.py\", line 706, in readinto\n" +
			"    return self._sock.recv_into(b)\nConnectionResetError: [Errno 104] Connection reset by peer\n", true},
	} {
		report, err := Scan(strings.NewReader(tt.log), Options{OneService: true})
		if err != nil {
			t.Fatal(err)
		}
		lost := false
		for _, f := range report.Runs[0].Findings {
			lost = lost || f.Other == fact.DependencyLost && f.Strength != fact.Weak
		}
		if lost != tt.lost {
			t.Errorf("%s: a dependency is lost: %v, want %v: %+v", name, lost, tt.lost, report.Runs[0].Findings)
		}
	}
}
