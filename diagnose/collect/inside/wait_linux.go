package inside

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

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
		if forever(number, args[3]) && w.onlyWakeups(*out.FD) {
			endless := true
			out.Endless = &endless
		}
	case argPoll:
		if fd, ok := w.polled(args[0], args[1]); ok {
			w.descriptor(out, fd)
		}
	}
	return out, futex
}

// futexPrivate is FUTEX_PRIVATE_FLAG of a futex's operation; its time limit is the fourth argument (futex(2)).
const futexPrivate = 128

// forever tells whether an epoll waits without a time limit: -1 milliseconds, or no struct timespec (epoll_wait(2)).
func forever(number int, limit uint64) bool {
	if number == unix.SYS_EPOLL_PWAIT2 {
		return limit == 0
	}
	return int32(limit) == -1
}

// ownWakeup tells whether a descriptor is one by which other threads of the process wake the one that waits: an
// eventfd, or an end of the pipe or of the unnamed pair of sockets whose other end it holds itself. Of a pair no file
// says which belong together: a process that has two sockets of no protocol and no name is taken to hold both ends.
func (w *waits) ownWakeup(target string) bool {
	inode, socket := host.SocketInode(target)
	switch {
	case target == "anon_inode:[eventfd]":
		return true
	case socket:
		return w.pairs(inode) >= 2
	case strings.HasPrefix(target, "pipe:["):
		return w.holds(target) >= 2
	}
	return false
}

// holds counts the descriptors of the process that lead to a target.
func (w *waits) holds(target string) int {
	n := 0
	for _, t := range w.descriptors() {
		if t == target {
			n++
		}
	}
	return n
}

// pairs counts the process's unnamed Unix sockets, if the one in question is one of them.
func (w *waits) pairs(inode uint64) int {
	unnamed := unnamedSockets(w.folder)
	if !unnamed[inode] {
		return 0
	}
	n := 0
	for _, t := range w.descriptors() {
		if i, ok := host.SocketInode(t); ok && unnamed[i] {
			n++
		}
	}
	return n
}

// maxDescriptors bounds how many descriptors of a process are looked at: one with more has more than a wakeup.
const maxDescriptors = 256

// descriptors are the targets of the process's descriptors, capped.
func (w *waits) descriptors() []string {
	folder, err := os.Open(filepath.Join(w.folder, "fd"))
	if err != nil {
		return nil
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(maxDescriptors)
	var list []string
	for _, name := range names {
		if target, err := os.Readlink(filepath.Join(w.folder, "fd", name)); err == nil {
			list = append(list, target)
		}
	}
	return list
}

// unnamedSockets are the inodes of the Unix sockets without a path in the process's network namespace:
//
//	0000000000000000: 00000003 00000000 00000000 0001 03 24567
func unnamedSockets(folder string) map[uint64]bool {
	list := map[uint64]bool{}
	data, _ := host.ReadCapped(filepath.Join(folder, "net", "unix"), maxPolled)
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) != 7 {
			continue
		}
		if inode, err := strconv.ParseUint(fields[6], 10, 64); err == nil {
			list[inode] = true
		}
	}
	return list
}

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

// polledBy lists the targets of the descriptors that an epoll polls; whole is false where not all of the list could be
// read. /proc/PID/fdinfo/N has it:
//
//	tfd:       19 events: 2000001c data:             13  pos:0 ino:9c1 sdev:8
func (w *waits) polledBy(epoll int) (targets []string, whole bool) {
	info, err := host.ReadCapped(filepath.Join(w.folder, "fdinfo", strconv.Itoa(epoll)), maxPolled)
	for line := range strings.Lines(string(info)) {
		after, ok := strings.CutPrefix(line, "tfd:")
		fields := strings.Fields(after)
		if !ok || len(fields) == 0 {
			continue
		}
		target, _ := os.Readlink(filepath.Join(w.folder, "fd", fields[0]))
		targets = append(targets, target)
	}
	return targets, err == nil
}

// onlyWakeups tells whether an epoll polls nothing but what other threads of the process wake it by.
func (w *waits) onlyWakeups(epoll int) bool {
	targets, whole := w.polledBy(epoll)
	return whole && len(targets) > 0 &&
		!slices.ContainsFunc(targets, func(target string) bool { return !w.ownWakeup(target) })
}

// connecting finds, among what is polled, the connection that has been asked for longest without an answer; nil = there
// is none. A program that waits for all in one call (Node, Go, asyncio) stands in no connect.
func (w *waits) connecting(epoll int) (longest *evidence.Peering) {
	w.readSockets()
	if len(w.attempts) == 0 {
		return nil
	}
	targets, _ := w.polledBy(epoll)
	for _, target := range targets {
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
