package inside

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// parseSyscall reads /proc/PID/task/TID/syscall; ok is false where the thread runs
// ("running") or waits outside of a call ("-1 …"):
//
//	45 0x8 0x7f3a2c01b2a0 0x10000 0x0 0x0 0x0 0x7ffd3c0f6d68 0x7f3a2d8a1b1c
func parseSyscall(text string) (number int, args [6]uint64, ok bool) {
	fields := strings.Fields(text)
	if len(fields) < 7 {
		return 0, args, false
	}
	number, err := strconv.Atoi(fields[0])
	if err != nil || number < 0 {
		return 0, args, false
	}
	for i := range args {
		args[i], _ = strconv.ParseUint(strings.TrimPrefix(fields[1+i], "0x"), 16, 64)
	}
	return number, args, true
}

// waits works out what threads of one process wait for.
type waits struct {
	folder  string // /proc/PID
	memory  *memory
	narrow  bool // a process of 32 bits
	resolve Resolver
	sockets map[uint64]*evidence.Peering // by inode; nil = not yet read

	attempts map[uint64]*evidence.Peering // of these, such as ask for a connection and have no answer
}

// wait reads what a thread waits for, and of a futex where it lies; nil = nothing, or that is not shown.
func (w *waits) wait(tid int) (out *evidence.Wait, futex uint64) {
	data, err := host.ReadCapped(filepath.Join(w.folder, "task", strconv.Itoa(tid), "syscall"), 4096)
	if err != nil {
		return nil, 0
	}
	number, args, ok := parseSyscall(string(data))
	if !ok || w.narrow { // the calls of 32 bits have other numbers
		return nil, 0
	}
	c, known := calls[number]
	out = &evidence.Wait{Call: c.name}
	if !known {
		out.Call = fmt.Sprintf("syscall %d", number)
		return out, 0
	}
	switch c.first {
	case argFutex:
		endless := args[1]&futexPrivate != 0 && args[3] == 0
		out.Endless, futex = &endless, args[0]
	case argFD:
		w.descriptor(out, int(int32(args[0])))
	case argEpoll:
		w.descriptor(out, int(int32(args[0])))
		out.Connecting = w.connecting(*out.FD)
	case argPoll:
		if fd, ok := w.polled(args[0], args[1]); ok {
			w.descriptor(out, fd)
		}
	}
	return out, futex
}

// futexPrivate is FUTEX_PRIVATE_FLAG of a futex's operation; its time limit is the fourth argument (futex(2)).
const futexPrivate = 128

// polled reads the descriptor of a struct pollfd that is the only one; a client with a
// timeout waits so for its socket.
func (w *waits) polled(at, n uint64) (int, bool) {
	var fd [4]byte
	if n != 1 || w.memory == nil || w.memory.ReadMemory(at, fd[:]) != nil {
		return 0, false
	}
	return int(int32(uint32(fd[0]) | uint32(fd[1])<<8 | uint32(fd[2])<<16 | uint32(fd[3])<<24)), true
}

func (w *waits) descriptor(out *evidence.Wait, fd int) {
	out.FD = &fd
	target, err := os.Readlink(filepath.Join(w.folder, "fd", strconv.Itoa(fd)))
	if err != nil {
		return
	}
	out.Target = target
	if inode, ok := host.SocketInode(target); ok {
		out.Socket = w.socket(inode)
	}
}

// maxPolled bounds how much of the list of what is polled is read: some 80 bytes each.
const maxPolled = 256 << 10

// connecting finds, among what is polled, the connection that has been asked for longest without an answer; nil = there
// is none. A program that waits for all in one call (Node, Go, asyncio) stands in no connect. /proc/PID/fdinfo/N of the
// epoll lists what it polls:
//
//	tfd:       19 events: 2000001c data:             13  pos:0 ino:9c1 sdev:8
func (w *waits) connecting(epoll int) (longest *evidence.Peering) {
	w.readSockets()
	if len(w.attempts) == 0 {
		return nil
	}
	info, _ := host.ReadCapped(filepath.Join(w.folder, "fdinfo", strconv.Itoa(epoll)), maxPolled)
	for line := range strings.Lines(string(info)) {
		after, ok := strings.CutPrefix(line, "tfd:")
		fields := strings.Fields(after)
		if !ok || len(fields) == 0 {
			continue
		}
		target, _ := os.Readlink(filepath.Join(w.folder, "fd", fields[0]))
		inode, _ := host.SocketInode(target)
		if p := w.attempts[inode]; p != nil && (longest == nil || p.Unanswered > longest.Unanswered) {
			longest = p
		}
	}
	if longest == nil {
		return nil
	}
	return w.resolved(longest)
}

// socket looks a socket up by its inode.
func (w *waits) socket(inode uint64) *evidence.Peering {
	w.readSockets()
	return w.resolved(w.sockets[inode])
}

// readSockets reads the tables, once a look.
func (w *waits) readSockets() {
	if w.sockets != nil {
		return
	}
	w.sockets, w.attempts = map[uint64]*evidence.Peering{}, map[uint64]*evidence.Peering{}
	w.readTables("tcp")
	w.readTables("udp")
}

// resolved says who is at the other end, once.
func (w *waits) resolved(p *evidence.Peering) *evidence.Peering {
	if p == nil || p.Name != "" || w.resolve == nil || p.Remote == "" {
		return p
	}
	w.resolve(p)
	return p
}

// readTables reads a protocol's sockets of the process's network namespace. Where the
// other end is in the same namespace, its row tells what it has not read.
func (w *waits) readTables(protocol string) {
	rows := host.ReadSockets(w.folder, protocol)
	unread := host.UnreadByEnds(rows)
	for _, row := range rows {
		if row.Inode == 0 {
			continue
		}
		local, remote := row.Ends()
		p := &evidence.Peering{Protocol: protocol, State: row.StateName(), Local: local, Unread: row.Unread(),
			Unsent: row.Unacked, Unanswered: row.Unanswered()}
		if row.Remote.Port() != 0 {
			p.Remote = remote
			if n, ok := unread[[2]string{remote, local}]; ok {
				p.PeerUnread = &n
			}
		}
		w.sockets[row.Inode] = p
		if p.Unanswered > 0 {
			w.attempts[row.Inode] = p
		}
	}
}
