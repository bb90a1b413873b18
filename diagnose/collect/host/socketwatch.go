package host

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/procfs"

	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// SocketWatch looks at the server's end of a probe in the container's network
// namespace, shortly before the probe gives up: whether the program took the
// connection and what was sent.
type SocketWatch struct {
	Processes
	Port int

	mu     sync.Mutex
	looked time.Time
	owner  socketOwner
}

// socketOwner is the program that listens.
type socketOwner struct {
	threads int
	state   string
	zombies int
	known   bool
}

const (
	stateEstablished = 1
	stateCloseWait   = 8
	ownerAge         = time.Second // many probes time out at once; /proc is walked once for them
)

// Look fills in what the kernel shows of the port. own is the probe's end of its
// connection; not valid where the probe runs in an exec.
func (w *SocketWatch) Look(own netip.AddrPort, r *replay.Record) {
	rows := ReadSockets(w.ProcPath(""), "tcp")
	queue, never, unread, waiting := 0, 0, 0, 0
	listens := map[uint64]bool{}
	for _, row := range rows {
		switch {
		case int(row.Local.Port()) != w.Port:
		case row.State == StateListen:
			queue += row.queue
			listens[row.Inode] = true
		case row.State == stateEstablished, row.State == stateCloseWait:
			where := whereabouts(row)
			switch where {
			case replay.OwnNeverAccepted:
				never++
			case replay.OwnUnread:
				unread++
			case replay.OwnWaiting:
				waiting++
			}
			if own.IsValid() && sameEnd(row.Remote, own) {
				r.Own = where
			}
		}
	}
	if len(listens) == 0 {
		return
	}
	r.Queue, r.NeverAccepted, r.Unread, r.Waiting = &queue, &never, &unread, &waiting
	if owner := w.ownerOf(listens); owner.known {
		r.Threads, r.Listener, r.Zombies = &owner.threads, owner.state, &owner.zombies
	}
}

// whereabouts of a connection: without an inode no program ever took it out of the
// accept queue. One that was accepted and closed is in neither of the two states.
func whereabouts(row TCPRow) string {
	switch {
	case row.Inode == 0:
		return replay.OwnNeverAccepted
	case row.queue > 0:
		return replay.OwnUnread
	}
	return replay.OwnWaiting
}

// sameEnd compares ports and addresses; a dual-stack listener shows ::ffff:127.0.0.1.
func sameEnd(a, b netip.AddrPort) bool {
	return a.Port() == b.Port() && a.Addr().Unmap() == b.Addr().Unmap()
}

// ownerOf finds who holds the listening sockets: the thread count of the largest
// holder, the state of the first, and the zombies that are children of any. Orphans
// of the engine's own timed-out checks become children of PID 1 as well, but keep
// the session of their exec, where workers have their parent's.
func (w *SocketWatch) ownerOf(inodes map[uint64]bool) socketOwner {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.looked) < ownerAge {
		return w.owner
	}
	w.looked, w.owner = time.Now(), socketOwner{}
	members := w.members(context.Background())
	holders := map[int]int{} // sessions by pid
	for _, p := range members {
		if w.holds(p.PID, inodes) {
			holders[p.PID] = p.Session
			w.owner.threads = max(w.owner.threads, p.NumThreads)
			if !w.owner.known {
				w.owner.state = p.State
			}
			w.owner.known = true
		}
	}
	for _, p := range members {
		if session, child := holders[p.PPID]; child && p.State == "Z" && p.Session == session {
			w.owner.zombies++
		}
	}
	return w.owner
}

// holds tells whether a process has one of the sockets open.
func (w *SocketWatch) holds(pid int, inodes map[uint64]bool) bool {
	folder := filepath.Join(w.ProcRoot, strconv.Itoa(pid), "fd")
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		link, err := os.Readlink(filepath.Join(folder, e.Name()))
		if err != nil {
			continue
		}
		if inode, ok := SocketInode(link); ok && inodes[inode] {
			return true
		}
	}
	return false
}

// ListenOverflows reads the counter of connections that full accept queues dropped,
// since the namespace began; nil = not told.
func (c Processes) ListenOverflows() *uint64 {
	fs, err := procfs.NewFS(c.ProcRoot)
	if err != nil {
		return nil
	}
	proc, err := fs.Proc(c.PID)
	if err != nil {
		return nil
	}
	stat, err := proc.Netstat()
	if err != nil {
		return nil
	}
	return count(stat.ListenOverflows)
}

// ProcessCount counts the container's processes, zombies too; nil = not countable.
func (c Processes) ProcessCount() *int {
	fs, err := procfs.NewFS(c.ProcRoot)
	if err != nil {
		return nil
	}
	view := procView{Processes: c, fs: fs}
	n := len(view.all(context.Background()))
	return &n
}
