package inside

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestConnections: of a task that waits for a connection's bytes it is told which one that is, and what its other end
// has not read; of one that waits for something else in an object that has a connection, none.
func TestConnections(t *testing.T) {
	notInShort(t)
	each(t, func(t *testing.T, path string) {
		pid, line := start(t, path, "-u", "testdata/connections.py")
		var want map[string]string
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		p := lookOnce(t, Target{PIDs: []int{pid}})
		m, in := openPython(t, pid)
		tasks := settledWith(m, in).Tasks
		got := map[string]string{}
		s := &seen{memory: m, python: in, waits: &waits{folder: m.folder, memory: m}}
		for _, c := range s.connections(tasks) {
			got[c.Task] = c.socket.Local
		}
		if limited, inner := got["limited"], innerOf(got); limited == "" { // up to 3.11 wait_for reads in a task of its own
			got["limited"] = got[inner]
			delete(got, inner)
		}
		if shown(got) != shown(want) {
			t.Errorf("got %s, want %s", shown(got), shown(want))
		}
		unreadBytes, stood := 0, 0
		for _, c := range p.Connections {
			if unread(c.Socket) {
				unreadBytes, stood = *c.Socket.PeerUnread, c.Stood
			}
		}
		if unreadBytes != 5 || stood != 1 {
			t.Errorf("%d bytes unread of 5, %d of 1 stood: %s", unreadBytes, stood, shown(p.Connections))
		}
	})
}

func innerOf(got map[string]string) string {
	for name := range got {
		if strings.HasPrefix(name, "Task-") {
			return name
		}
	}
	return ""
}
