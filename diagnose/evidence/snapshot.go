package evidence

import (
	"net/netip"
	"time"
)

// The types below are files of a bundle that have no raw form of their own: what
// the collectors read from /proc, from disk or from several calls, as one JSON
// document each. Pointers are nil where the machine did not tell.

// Clock is kernel/clock.json: how the kernel's monotonic stamps map to wall time
// (CLOCK_REALTIME − CLOCK_MONOTONIC at capture), and which boot it was.
type Clock struct {
	Boot   time.Time `json:"boot"` // wall clock of monotonic zero
	BootID string    `json:"bootId,omitempty"`
}

// Span is a length of time; kernel/around.json is one.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// CorePolicy is kernel/core.json: where this kernel writes a core file.
type CorePolicy struct {
	Pattern      string         `json:"pattern"`                // /proc/sys/kernel/core_pattern
	UsesPID      bool           `json:"usesPid"`                // /proc/sys/kernel/core_uses_pid
	SuidDumpable *int           `json:"suidDumpable,omitempty"` // /proc/sys/fs/suid_dumpable
	SortVMA      *bool          `json:"sortVma,omitempty"`      // /proc/sys/kernel/core_sort_vma (Linux 6.15)
	HelperExists *bool          `json:"helperExists,omitempty"` // of a pipe: its program is on the host
	Directory    *CoreDirectory `json:"directory,omitempty"`    // of a file: where it would land in the container
	// soft RLIMIT_CORE of the engine's containerd in bytes, -1 = unlimited: what a container without its own inherits
	EngineLimit *int64 `json:"engineLimit,omitempty"`
}

// CoreDirectory is the directory in the container that a core would be written to.
type CoreDirectory struct {
	Path   string  `json:"path"`
	Exists *bool   `json:"exists,omitempty"`
	UID    *int    `json:"uid,omitempty"`
	Mode   *uint32 `json:"mode,omitempty"`      // permission bits
	Free   *int64  `json:"freeBytes,omitempty"` // room on its filesystem when it was asked
}

// Process is live/process.json: a running container's processes as /proc shows
// them. PIDs are the host's.
type Process struct {
	At        time.Time  `json:"at"`
	PID       int        `json:"pid"` // the container's PID 1
	Comm      string     `json:"comm"`
	Tasks     []Task     `json:"tasks"`           // processes and their threads, capped
	TasksCut  bool       `json:"tasksCut"`        // more than the cap
	Zombies   int        `json:"zombies"`         // processes of the container in state Z
	FDs       *int       `json:"fds,omitempty"`   // open descriptors of PID 1
	FDMax     *int       `json:"fdMax,omitempty"` // its soft limit
	CoreLimit *int64     `json:"coreLimit,omitempty"`
	SigCgt    *uint64    `json:"sigCgt,omitempty"` // caught signals of PID 1, bit n-1 = signal n
	SigIgn    *uint64    `json:"sigIgn,omitempty"`
	SigBlk    *uint64    `json:"sigBlk,omitempty"`
	Listeners []Listener `json:"listeners"`
	Peers     []Peer     `json:"peers"`
	Remotes   []Remote   `json:"remotes,omitempty"`         // connections that it opened itself, by their far ends, capped
	Overflows *uint64    `json:"listenOverflows,omitempty"` // TcpExt ListenOverflows of the container's network namespace
	Drops     *uint64    `json:"listenDrops,omitempty"`
	Load      *Load      `json:"load,omitempty"`  // of the machine, as its processes were read
	Rooms     []Room     `json:"rooms,omitempty"` // file systems that it may write to, by their mount points, capped
	// NoProgram is the program of a health check in exec form that the container's file system lacks; "" = it is there,
	// a shell looks for it, or nobody knows.
	NoProgram string `json:"noCheckProgram,omitempty"`
}

// LackedByCheck is the program that the health check needs and that is not there; "" = none is known to lack.
func (p *Process) LackedByCheck() string {
	if p == nil {
		return ""
	}
	return p.NoProgram
}

// Load is how much work there is for a machine's processors: tasks that run, wait for a processor, or for a disk, on
// average over one, five and fifteen minutes.
type Load struct {
	One     float64 `json:"one"`
	Five    float64 `json:"five"`
	Fifteen float64 `json:"fifteen"`
	CPUs    int     `json:"cpus"`
}

// Room is how much room a file system has for who is not root.
type Room struct {
	Mount     string `json:"mount"` // in the container; "/" is its own layer
	Type      string `json:"type"`  // tmpfs, overlay, ext4 …
	Size      int64  `json:"sizeBytes"`
	Free      int64  `json:"freeBytes"`
	Files     int64  `json:"files,omitempty"` // 0 = it has no bound of its own
	FilesFree int64  `json:"filesFree,omitempty"`
}

// Full tells whether no file can be made or grow there.
func (r Room) Full() bool { return r.Size > 0 && r.Free <= 0 || r.Files > 0 && r.FilesFree <= 0 }

// RoomAt is the file system that is mounted there; nil = it was not seen.
func (p *Process) RoomAt(mount string) *Room {
	if p == nil {
		return nil
	}
	for i := range p.Rooms {
		if p.Rooms[i].Mount == mount {
			return &p.Rooms[i]
		}
	}
	return nil
}

// FullRooms lists the file systems with no room left.
func (p *Process) FullRooms() []Room {
	if p == nil {
		return nil
	}
	var list []Room
	for _, r := range p.Rooms {
		if r.Full() {
			list = append(list, r)
		}
	}
	return list
}

// Task is one thread.
type Task struct {
	PID     int    `json:"pid"`
	TID     int    `json:"tid"`
	PPID    int    `json:"ppid"`
	Session *int   `json:"session,omitempty"` // an exec, so each health check, has one of its own
	Comm    string `json:"comm"`
	State   string `json:"state"`           // R S D T Z …
	WChan   string `json:"wchan,omitempty"` // kernel function it sleeps in; "" = not readable or running
	RSS     *int64 `json:"rssBytes,omitempty"`
	Started *int64 `json:"startedTicks,omitempty"`
	FDs     *int   `json:"fds,omitempty"`
	Syscall string `json:"syscall,omitempty"` // /proc/PID/task/TID/syscall, e.g. "1 0x1 …" = write to stdout
}

// Listener is a listening TCP socket. Queue counts connections that the kernel
// has accepted and the program has not.
type Listener struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
	Queue   int    `json:"queue"`
}

// resolver is where Docker's own resolver listens in every network that somebody made; no program of the container.
const resolver = "127.0.0.11"

// Serves lists what the container's programs listen on; read is false where the sockets could not be read. A network
// namespace without any is told by its counters, which lie beside the sockets.
func (p *Process) Serves() (list []Listener, read bool) {
	if p == nil || len(p.Listeners) == 0 && p.Overflows == nil {
		return nil, false
	}
	for _, l := range p.Listeners {
		if l.Address != resolver {
			list = append(list, l)
		}
	}
	return list, true
}

// Outward tells whether others than the container itself can reach the socket.
func (l Listener) Outward() bool {
	addr, err := netip.ParseAddr(l.Address)
	return err != nil || !addr.Unmap().IsLoopback()
}

// Peer counts connections of this network namespace to one remote port.
type Peer struct {
	Port  int    `json:"port"`  // remote port; 0 = clients of its own listeners
	State string `json:"state"` // ESTABLISHED, CLOSE_WAIT …
	Count int    `json:"count"`
}

// Remote counts connections of this network namespace to one address and port.
type Remote struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
	State   string `json:"state"`
	Count   int    `json:"count,omitempty"`
}

// Unread is what was sent to one port of a container and not read by its program.
type Unread struct {
	Port        int `json:"port"`
	Bytes       int `json:"bytes"`
	Connections int `json:"connections"`
}
