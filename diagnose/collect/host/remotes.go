package host

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

const maxRemotes = 200

// Remotes are the connections that the container itself opened, by their far ends.
func (c Processes) Remotes() []evidence.Remote {
	rows := ReadSockets(c.ProcPath(""), "tcp")
	listening := map[uint16]bool{}
	for _, row := range rows {
		if row.State == StateListen {
			listening[row.Local.Port()] = true
		}
	}
	return remotes(rows, listening)
}

// remotes are the connections that the container itself opened, by their far ends: those to one of its listeners' own
// ports are its clients'.
func remotes(rows []TCPRow, listening map[uint16]bool) []evidence.Remote {
	counts := map[evidence.Remote]int{}
	for _, row := range rows {
		if ownConnection(row, listening) {
			counts[remoteOf(row)]++
		}
	}
	list := make([]evidence.Remote, 0, len(counts))
	for r, n := range counts {
		r.Count = n
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b evidence.Remote) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Port, b.Port),
			cmp.Compare(a.State, b.State))
	})
	return list[:min(len(list), maxRemotes)]
}

// ownConnection leaves out what listens, what clients opened, and what stays within the container.
func ownConnection(row TCPRow, listening map[uint16]bool) bool {
	return row.State != StateListen && !listening[row.Local.Port()] && !row.Remote.Addr().Unmap().IsLoopback()
}

func remoteOf(row TCPRow) evidence.Remote {
	return evidence.Remote{Address: row.Remote.Addr().Unmap().String(), Port: int(row.Remote.Port()),
		State: tcpStates[row.State]}
}

// maxMembers is how many processes of a neighbour are looked at.
const maxMembers = 64

// Halted tells whether the first process, or every one, is stopped by a signal or a tracer; nil = not told. The engine
// calls such a container running.
func (c Processes) Halted() *bool {
	view := procView{Processes: c}
	pids := []int{c.PID}
	for pid := range view.inCgroup() {
		if pid != c.PID && len(pids) < maxMembers {
			pids = append(pids, pid)
		}
	}
	stopped := 0
	for i, pid := range pids {
		state := c.state(pid)
		if i == 0 && state == "" {
			return nil
		}
		if state == "T" || state == "t" {
			stopped++
		}
	}
	halted := stopped == len(pids) || stopped > 0 && strings.ContainsAny(c.state(c.PID), "Tt")
	return &halted
}

// state is a process' state letter; "" = not readable. The name may hold blanks and parentheses:
//
//	4242 (redis-server) T 4200 …
func (c Processes) state(pid int) string {
	text := c.ProcText(strconv.Itoa(pid) + "/stat")
	_, rest, _ := strings.Cut(text[strings.LastIndexByte(text, ')')+1:], " ")
	letter, _, _ := strings.Cut(rest, " ")
	return letter
}

// Unread counts what the given addresses have sent and no program of this container has read: the kernel acknowledges
// for a program that hangs.
func (c Processes) Unread(from []string) []evidence.Unread {
	rows := ReadSockets(c.ProcPath(""), "tcp")
	found := map[int]evidence.Unread{}
	for _, row := range rows {
		open := row.State == stateEstablished || row.State == stateCloseWait
		if !open || row.queue == 0 || !slices.Contains(from, row.Remote.Addr().Unmap().String()) {
			continue
		}
		port := int(row.Local.Port())
		u := found[port]
		found[port] = evidence.Unread{Port: port, Bytes: u.Bytes + row.queue, Connections: u.Connections + 1}
	}
	var list []evidence.Unread
	for _, u := range found {
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b evidence.Unread) int { return cmp.Compare(a.Port, b.Port) })
	return list[:min(len(list), maxRemotes)]
}
