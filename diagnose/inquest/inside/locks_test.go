package inside

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

var (
	stdlibWait = evidence.Frame{File: "/usr/lib/python3.11/threading.py", Line: 320, Function: "Condition.wait"}
	eventWait  = evidence.Frame{File: "/usr/lib/python3.11/asyncio/locks.py", Line: 213, Function: "Event.wait"}
	waitFor    = evidence.Frame{File: "/usr/lib/python3.11/asyncio/tasks.py", Line: 479, Function: "wait_for"}
	routing    = evidence.Frame{File: "/usr/lib/python3/dist-packages/starlette/routing.py", Line: 66, Function: "app"}
	socket     = evidence.Frame{File: "/usr/lib/python3/dist-packages/starlette/websockets.py", Line: 30,
		Function: "receive"}
)

// locked is a thread that has waited for so many seconds for a lock, with a time limit or without.
func locked(name string, seconds float64, endless bool, frames ...evidence.Frame) evidence.InsideThread {
	t := thread(true, seconds, "futex", frames...)
	t.Name, t.Wait.Endless = name, &endless
	return t
}

// holds is a lock for which one waits and that another holds; "" = nobody is seen to.
func holds(class, waits, holder string) evidence.InsidePool {
	p := evidence.InsidePool{Class: class, Waiting: []string{waits}, Holders: []string{}, Sought: true}
	if holder != "" {
		p.Holders = []string{holder}
	}
	return p
}

// idleLoop goes on beside what stands.
var idleLoop = thread(true, 1, "epoll_wait", select_, runOnce)

func TestCircles(t *testing.T) {
	three := []evidence.InsideThread{locked("a", 60, true, ownCall), locked("b", 50, true, ownCall),
		locked("c", 70, true, ownCall)}
	limited := []evidence.InsideThread{locked("a", 60, true, ownCall), locked("b", 50, false, ownCall)}
	for _, tt := range []struct {
		name    string
		threads []evidence.InsideThread
		pools   []evidence.InsidePool
		want    string
	}{
		{"two", three, []evidence.InsidePool{holds("lock", "a", "b"), holds("RLock", "b", "a")}, "a b for 50"},
		{"three", three, []evidence.InsidePool{holds("lock", "a", "b"), holds("lock", "b", "c"), holds("lock", "c", "a")},
			"a b c for 50"},
		{"one alone", three, []evidence.InsidePool{holds("lock", "c", "c")}, "c for 70"},
		{"one behind two", three, []evidence.InsidePool{holds("lock", "c", "a"), holds("lock", "a", "b"),
			holds("lock", "b", "a")}, "a b for 50"},
		{"a row, no circle", three, []evidence.InsidePool{holds("lock", "a", "b"), holds("lock", "b", "c")}, ""},
		{"one waits for a time only", limited, []evidence.InsidePool{holds("lock", "a", "b"), holds("lock", "b", "a")}, ""},
		{"a semaphore has others", three, []evidence.InsidePool{holds("Semaphore", "a", "b"), holds("lock", "b", "a")}, ""},
		{"two of one name", append(slices.Clone(three), three[0]), []evidence.InsidePool{holds("lock", "a", "b"),
			holds("lock", "b", "a")}, ""},
		{"who holds is not seen", three, []evidence.InsidePool{holds("lock", "a", ""), holds("lock", "b", "a")}, ""},
	} {
		e := looked(fact.StateRunning, append(slices.Clone(tt.threads), idleLoop)...)
		e.Inside.Processes[0].Pools = tt.pools
		got := ""
		s := viewOf(e)
		for _, c := range s.Circles {
			for _, m := range c.Members {
				got += m.Name + " "
			}
			got += fmt.Sprintf("for %.0f", c.For)
		}
		if got != tt.want || s.Failing() != (tt.want != "") && len(s.Orphans) == 0 {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestOrphans(t *testing.T) {
	for _, tt := range []struct {
		name   string
		thread evidence.InsideThread
		pool   evidence.InsidePool
		want   int
	}{
		{"nobody holds it", locked("a", 60, true, ownCall), holds("lock", "a", ""), 1},
		{"its thread has ended", locked("a", 60, true, libraryRead), holds("RLock", "a", evidence.EndedThread), 1},
		{"another holds it", locked("a", 60, true, ownCall), holds("lock", "a", "b"), 0},
		{"for a moment", locked("a", 2, true, ownCall), holds("lock", "a", ""), 0},
		{"it waits for a time only", locked("a", 60, false, ownCall), holds("lock", "a", ""), 0},
		{"the library parks so", locked("a", 60, true, stdlibWait, ownCall), holds("lock", "a", ""), 0},
		{"who holds it cannot be seen", locked("a", 60, true, ownCall), evidence.InsidePool{Class: "lock",
			Waiting: []string{"a"}}, 0},
	} {
		e := looked(fact.StateRunning, tt.thread, idleLoop)
		e.Inside.Processes[0].Pools = []evidence.InsidePool{tt.pool}
		if s := viewOf(e); len(s.Orphans) != tt.want || s.Failing() != (tt.want > 0) {
			t.Errorf("%s: %+v", tt.name, s.Orphans)
		}
	}
}

// tasksAt is a group of tasks that stand alike, as far as a running loop's process shows.
func tasksAt(count int, waits string, frames ...evidence.Frame) evidence.InsideTask {
	g := evidence.InsideTask{Count: count, State: pending, WaitsFor: waits, Frames: frames}
	for i := range count {
		g.Names = append(g.Names, fmt.Sprintf("Task-%d", i))
	}
	return g
}

// busyLoop is a process whose loop ran just now, looked at twice.
func busyLoop(apart float64, tasks ...evidence.InsideTask) *evidence.Evidence {
	e := looked(fact.StateRunning, thread(false, 0.1, "epoll_wait", select_, runOnce))
	e.Inside.Looks, e.Inside.Apart, e.Inside.Processes[0].Tasks = 2, apart, tasks
	return e
}

func TestStalled(t *testing.T) {
	for _, tt := range []struct {
		name  string
		e     *evidence.Evidence
		count int
		lasts bool
	}{
		{"an event", busyLoop(1.5, tasksAt(3, "Future", eventWait, ownCall, routing)), 3, true},
		{"in a moment", busyLoop(0.3, tasksAt(3, "Future", eventWait, ownCall, routing)), 3, false},
		{"two", busyLoop(1.5, tasksAt(2, "Future", eventWait, ownCall, routing)), 0, false},
		{"a future of each one's own", busyLoop(1.5, tasksAt(9, "Future", ownCall, routing)), 9, false},
		{"with an end", busyLoop(1.5, tasksAt(3, "Future", eventWait, waitFor, ownCall, routing)), 0, false},
		{"a library's event", busyLoop(1.5, tasksAt(3, "Future", eventWait, libraryRead, ownCall, routing)), 0, false},
		{"a websocket", busyLoop(1.5, tasksAt(3, "Future", eventWait, ownCall, socket, routing)), 0, false},
		{"no requests", busyLoop(1.5, tasksAt(3, "Future", eventWait, ownCall)), 0, false},
		{"an answer of another task", busyLoop(1.5, tasksAt(3, "Task", ownCall, routing)), 0, false},
	} {
		s := viewOf(tt.e)
		got := 0
		for _, r := range s.Stalled {
			got += r.Count
		}
		if got != tt.count || got > 0 && s.Stalled[0].Lasts() != tt.lasts || s.Failing() != tt.lasts {
			t.Errorf("%s: %+v", tt.name, s.Stalled)
		}
	}
}

// TestStalledThreads: of threads the kernel tells for how long.
func TestStalledThreads(t *testing.T) {
	request := evidence.Frame{File: "/usr/lib/python3.11/socketserver.py", Line: 691, Function: "process_request_thread"}
	wait := locked("", 40, true, stdlibWait, ownCall, request)
	for _, tt := range []struct {
		name    string
		threads []evidence.InsideThread
		want    int
	}{
		{"three", []evidence.InsideThread{wait, wait, wait}, 1},
		{"two", []evidence.InsideThread{wait, wait}, 0},
		{"workers of its own", []evidence.InsideThread{locked("", 40, true, stdlibWait, ownCall),
			locked("", 40, true, stdlibWait, ownCall), locked("", 40, true, stdlibWait, ownCall)}, 0},
		{"for a time", []evidence.InsideThread{wait, wait, locked("", 40, false, stdlibWait, ownCall, request)}, 0},
	} {
		if s := viewOf(looked(fact.StateRunning, tt.threads...)); len(s.Stalled) != tt.want {
			t.Errorf("%s: %+v", tt.name, s.Stalled)
		}
	}
}

// TestSpentSemaphore: a semaphore that makes some wait does what it is for, unless nobody is left to give back.
func TestSpentSemaphore(t *testing.T) {
	yes, no, none, one := true, false, 0, 1
	acquire := evidence.Frame{File: "/usr/lib/python3.11/asyncio/locks.py", Line: 387, Function: "Semaphore.acquire"}
	later := evidence.Frame{File: ownCall.File, Line: ownCall.Line + 2, Function: ownCall.Function}
	elsewhere := evidence.Frame{File: "/app/other.py", Line: 3, Function: "other"}
	for _, tt := range []struct {
		name   string
		free   *int
		still  *bool
		holder string
		other  evidence.Frame
		want   int
	}{
		{"spent", &none, &yes, "", elsewhere, 1},
		{"it has one left", &one, &yes, "", elsewhere, 0},
		{"they get on", &none, &no, "", elsewhere, 0},
		{"one is in a with of it", &none, &yes, "Task-9", elsewhere, 0},
		{"one may have come past it", &none, &yes, "", later, 0},
		{"not known", nil, &yes, "", elsewhere, 0},
	} {
		other := tasksAt(1, "Future", tt.other)
		other.Names = []string{"Task-9"}
		e := busyLoop(1.5, tasksAt(3, "Future", acquire, ownCall, routing), other)
		pool := holds("Semaphore", "Task-0", tt.holder)
		pool.Waiting, pool.Free, pool.Still = []string{"Task-0", "Task-1", "Task-2"}, tt.free, tt.still
		e.Inside.Processes[0].Pools = []evidence.InsidePool{pool}
		if s := viewOf(e); len(s.Full) != tt.want {
			t.Errorf("%s: %+v", tt.name, s.Full)
		}
	}
}
