package inside

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestRoutes: a handler is told by its name, in the program's own code, where it waits and runs no loop.
func TestRoutes(t *testing.T) {
	ready := evidence.Frame{File: "/app/app.py", Line: 12, Function: "Api.readyz"}
	theirs := evidence.Frame{File: "/usr/lib/python3/dist-packages/lib/app.py", Line: 12, Function: "ready"}
	request := evidence.Frame{File: "/usr/lib/python3.11/socketserver.py", Line: 691, Function: "process_request_thread"}
	for _, tt := range []struct {
		name   string
		frames []evidence.Frame
		still  bool
		want   int
	}{
		{"it waits", []evidence.Frame{libraryRead, ready, request}, true, 1},
		{"it goes on", []evidence.Frame{libraryRead, ready, request}, false, 0},
		{"another route", []evidence.Frame{libraryRead, ownCall, request}, true, 0},
		{"a library's", []evidence.Frame{libraryRead, theirs, request}, true, 0},
		{"the loop's thread", []evidence.Frame{libraryRead, ready, runOnce}, true, 0},
	} {
		e := looked(fact.StateRunning, thread(tt.still, 27, "recvfrom", tt.frames...))
		if s := viewOf(e); len(s.Routes) != tt.want {
			t.Errorf("%s, a thread: %+v", tt.name, s.Routes)
		}
	}
	e := looked(fact.StateRunning)
	p := &e.Inside.Processes[0]
	p.Pools = []evidence.InsidePool{{Class: "QueuePool", Waiting: []string{"Task-7"}}}
	p.Tasks = []evidence.InsideTask{{Names: []string{"Task-7"}, Count: 2, State: "pending",
		Frames: []evidence.Frame{libraryRead, ready}}, {Names: []string{"Task-8"}, Count: 1, State: "finished",
		Frames: []evidence.Frame{ready}}}
	if s := viewOf(e); len(s.Routes) != 1 || s.Routes[0].Pool != "QueuePool" || s.Routes[0].Count != 2 {
		t.Errorf("tasks: %+v", s.Routes)
	}
}

// TestLostTask: who waits for a process pool waits for a worker that works, is unread, or is gone.
func TestLostTask(t *testing.T) {
	pool := func(function string) evidence.Frame {
		return evidence.Frame{File: "/usr/lib/python3.11" + poolFile, Line: 114, Function: function}
	}
	queue := evidence.Frame{File: "/usr/lib/python3.11/multiprocessing/queues.py", Line: 365, Function: "SimpleQueue.get"}
	caller := thread(true, 40, "futex", libraryRead, pool("ApplyResult.wait"), pool("ApplyResult.get"), ownCall)
	idle, busy := thread(true, 40, "read", queue, pool("worker")), thread(true, 40, "read", ownCall, pool("worker"))
	for _, tt := range []struct {
		name   string
		caller evidence.InsideThread
		worker evidence.InsideThread
		more   evidence.InsideProcess
		lost   bool
	}{
		{"gone", caller, idle, evidence.InsideProcess{Comm: "sh"}, true},
		{"it works", caller, busy, evidence.InsideProcess{}, false},
		{"a worker was idle a moment ago", caller, thread(true, 1, "read", queue, pool("worker")), evidence.InsideProcess{},
			false},
		{"nobody waits", thread(true, 40, "futex", ownCall), idle, evidence.InsideProcess{}, false},
		{"it may wait for its input", thread(true, 40, "futex", libraryRead, pool("IMapIterator.next"), ownCall), idle,
			evidence.InsideProcess{}, false},
		{"a callback has the result", caller, idle, evidence.InsideProcess{Version: "3.11", Threads: []evidence.InsideThread{
			thread(true, 40, "read", ownCall, pool("Pool._handle_results"))}}, false},
		{"one was not read", caller, idle, evidence.InsideProcess{Comm: "python3"}, false},
		{"no workers", caller, caller, evidence.InsideProcess{}, false},
	} {
		e := looked(fact.StateRunning, tt.caller)
		e.Inside.Processes = append(e.Inside.Processes, evidence.InsideProcess{PID: 2, Version: "3.11",
			Threads: []evidence.InsideThread{tt.worker}}, tt.more)
		if s := viewOf(e); (s.LostTask != nil) != tt.lost || s.Failing() != tt.lost {
			t.Errorf("%s: %+v", tt.name, s.LostTask)
		}
	}
}

// TestLogLockHolder: a pipe that is full stops a write at once; other calls that take a log out may take some moments.
func TestLogLockHolder(t *testing.T) {
	for call, want := range map[string]map[float64]bool{"write": {1: true, 9: true}, "sendto": {1: false, 9: true},
		"fsync": {1: false, 9: true}, "recvfrom": {1: false, 9: false}, "futex": {1: false, 9: false}} {
		for seconds, held := range want {
			one := thread(true, seconds, call, ownCall)
			one.Name = "batch"
			e := looked(fact.StateRunning, one)
			e.Inside.Processes[0].Handlers = []evidence.InsideHandler{{Class: "SysLogHandler", Owner: "batch"}}
			if s := viewOf(e); (s.LogLock != nil) != held {
				t.Errorf("%s for %v s: %+v", call, seconds, s.LogLock)
			}
		}
	}
}
