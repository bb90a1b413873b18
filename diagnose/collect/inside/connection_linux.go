package inside

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// connections lists those for whose bytes tasks wait: what a descriptor says of them, and who is at their other ends.
func (s *seen) connections(tasks []python.Task) (list []connection) {
	for _, c := range s.python.Connections(s.memory, s.memory.fresh, tasks) {
		var w evidence.Wait
		if s.waits.descriptor(&w, c.FD); w.Socket != nil {
			list = append(list, connection{c, *w.Socket})
		}
	}
	return list
}

// unanswered tells whether tasks wait for who does not run, or has not read what it was sent: a moment later it may
// have.
func (g *glance) unanswered() bool {
	return slices.ContainsFunc(g.connections, func(c connection) bool {
		return unread(c.socket) || c.socket.Condition != "" && c.socket.Condition != fact.StateRunning
	})
}

// gathered joins connections to one address in one state: of those with something unread, the first counts.
func (s *seen) gathered(g *glance) (list []evidence.InsideConnection) {
	for _, c := range g.connections {
		i := slices.IndexFunc(list, func(o evidence.InsideConnection) bool {
			return o.Socket.Remote == c.socket.Remote && o.Socket.State == c.socket.State &&
				unread(o.Socket) == unread(c.socket)
		})
		if i < 0 {
			i = len(list)
			list = append(list, evidence.InsideConnection{Socket: c.socket, Tasks: []string{}})
		}
		list[i].Tasks = append(list[i].Tasks, c.Task)
		if s.second.taken && slices.ContainsFunc(s.first.connections, func(old connection) bool {
			return old.Connection == c.Connection && old.socket.Local == c.socket.Local
		}) {
			list[i].Stood++
		}
	}
	return list
}

// unread tells whether the other end has something unread.
func unread(p evidence.Peering) bool { return p.PeerUnread != nil && *p.PeerUnread > 0 }
