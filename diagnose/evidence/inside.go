package evidence

import (
	"fmt"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// Inside is live/inside.json: what the processes of a running container were doing,
// read from their memory and /proc without stopping them. PIDs are the host's.
type Inside struct {
	At        time.Time       `json:"at"`
	Looks     int             `json:"looks"`           // 1, or 2 where the first one left open whether it moves
	Apart     float64         `json:"apart,omitempty"` // seconds between them
	Processes []InsideProcess `json:"processes"`       // the first one is the container's PID 1 or the one asked for
	Cut       bool            `json:"cut"`             // more processes than the cap, or the time was used up
}

// InsideProcess is one process. Version is "" where it runs no Python that is read;
// Note says why not, if it seems to run one.
type InsideProcess struct {
	PID     int    `json:"pid"`
	Comm    string `json:"comm"`
	Version string `json:"python,omitempty"`
	Asyncio bool   `json:"asyncio"`
	// greenlet was imported: what is switched out is neither among the threads nor among the tasks
	Greenlets bool           `json:"greenlets,omitempty"`
	Threads   []InsideThread `json:"threads"`
	Tasks     []InsideTask   `json:"tasks"`
	Moved     int            `json:"tasksMoved"` // tasks of which no two readings agreed
	// connections for whose bytes tasks wait; a thread's is told with it
	Connections []InsideConnection `json:"connections,omitempty"`
	Handlers    []InsideHandler    `json:"handlers"`
	Pools       []InsidePool       `json:"pools"`
	Notes       []string           `json:"notes"`
}

// Task is the entry of a task of that name; nil = there is none.
func (p *InsideProcess) Task(name string) *InsideTask {
	for i := range p.Tasks {
		if slices.Contains(p.Tasks[i].Names, name) {
			return &p.Tasks[i]
		}
	}
	return nil
}

// ConnectionOf is the connection on which a task or thread waits; nil = none that is known.
func (p *InsideProcess) ConnectionOf(name string) *Peering {
	for i := range p.Connections {
		if slices.Contains(p.Connections[i].Tasks, name) {
			return &p.Connections[i].Socket
		}
	}
	for _, t := range p.Threads {
		if t.Is(name) && t.Wait != nil {
			return t.Wait.Socket
		}
	}
	return nil
}

// Awaited lists the sockets for which threads and tasks wait.
func (p *InsideProcess) Awaited() (list []*Peering) {
	for _, t := range p.Threads {
		if t.Wait != nil && t.Wait.Socket != nil {
			list = append(list, t.Wait.Socket)
		}
	}
	for i := range p.Connections {
		list = append(list, &p.Connections[i].Socket)
	}
	return list
}

// Frame is one call of Python code.
type Frame = python.Frame

// InsideThread is one thread. Frames are there of Python threads, newest first.
type InsideThread struct {
	TID     int      `json:"tid"`
	Inner   int      `json:"innerTid,omitempty"` // in the container's own numbers
	Name    string   `json:"name"`               // Python's, else the kernel's
	State   string   `json:"state"`              // R S D T Z …
	Frames  []Frame  `json:"frames"`
	Depth   int      `json:"depth,omitempty"`   // of all frames, where the middle is left out
	Moves   bool     `json:"moves"`             // no two readings of its stack agreed
	LastRan *float64 `json:"lastRan,omitempty"` // seconds ago
	Still   *bool    `json:"still,omitempty"`   // it has not run for a second, or between the looks; nil = not known
	Earlier []Frame  `json:"earlier,omitempty"` // its stack at the first look, where that was another one
	Wait    *Wait    `json:"wait,omitempty"`    // nil: it runs, or that is not shown
}

// Is tells whether one of a list of waiters or holders is the thread: those of one name are told apart by their number.
func (t InsideThread) Is(called string) bool {
	return called == t.Name || called == fmt.Sprintf("%s (thread %d)", t.Name, t.Inner) ||
		t.Name == "" && called == fmt.Sprintf("thread %d", t.Inner)
}

// Wait is the system call that a thread is in, and what that waits for.
type Wait struct {
	Call   string   `json:"call"` // "recvfrom"; "syscall 451" where its name is not known
	FD     *int     `json:"fd,omitempty"`
	Target string   `json:"target,omitempty"` // what the descriptor is: "socket:[729081]", "/var/log/app.log"
	Socket *Peering `json:"socket,omitempty"`
	Lock   string   `json:"lock,omitempty"`  // which lock it waits for: "lock of StreamHandler"
	Owner  string   `json:"owner,omitempty"` // the name of the thread that holds it
	// of a wait for any of many: the connection among them that has been asked for longest without an answer
	Connecting *Peering `json:"connecting,omitempty"`
	// a wait for a lock, or of an event loop that polls nothing but its own wakeup: it has no time limit, and only a
	// thread of the same process, or a signal, can end it
	Endless *bool `json:"endless,omitempty"`
}

// Peering is a socket and who is at its other end.
type Peering struct {
	Protocol string `json:"protocol"` // tcp, udp
	State    string `json:"state"`    // ESTABLISHED, SYN_SENT …
	Local    string `json:"local"`
	Remote   string `json:"remote"`
	Unread   int    `json:"unread"`  // bytes that came and that we have not read
	Unsent   int    `json:"unacked"` // bytes that we sent and that were not acknowledged
	// seconds at least since a connection was asked for that has had no answer
	Unanswered float64 `json:"unanswered,omitempty"`
	Name       string  `json:"name,omitempty"`       // of the container that has the remote address
	Condition  string  `json:"condition,omitempty"`  // that container's state: running, paused …
	PeerUnread *int    `json:"peerUnread,omitempty"` // bytes of ours that the other end has not read; nil = not known
}

// InsideTask is an asyncio task, or several that stand alike.
type InsideTask = python.TaskGroup

// InsideConnection is a connection for whose bytes tasks wait, or several to one address in one state.
type InsideConnection struct {
	Socket Peering  `json:"socket"`
	Tasks  []string `json:"tasks"`           // the first of those that wait
	Stood  int      `json:"stood,omitempty"` // of these, such as waited for it at both looks; 0 = none, or there was one look
}

// InsideHandler is a handler of the logging module.
type InsideHandler struct {
	Class string `json:"class"`
	FD    *int   `json:"fd,omitempty"`
	Owner string `json:"owner,omitempty"` // the name of the thread that holds its lock
}

// EndedThread stands among a lock's holders for a thread that is not there any more.
const EndedThread = "a thread that has ended"

// InsidePool is something of which there is only so much, and that somebody waits for; a pool of threads; or, by a
// census alone, a queue in which something waits and nobody for it.
type InsidePool struct {
	Class   string   `json:"class"`
	Size    *int     `json:"size,omitempty"` // most that there can be; nil = no bound
	Used    *int     `json:"used,omitempty"`
	Free    *int     `json:"free,omitempty"`   // of a semaphore what it could still give
	Queued  *int     `json:"queued,omitempty"` // of threads: pieces of work that none has taken
	Waiting []string `json:"waiting"`          // tasks and threads
	Holders []string `json:"holders"`          // tasks and threads that use what it gave, where that can be told
	// of a lock or semaphore: all that are in a with of it are among the holders; who took it in another way is not seen
	Sought bool  `json:"withsRead,omitempty"`
	Still  *bool `json:"still,omitempty"` // the first that waits is the same as at the first look; nil = there was one look
}
