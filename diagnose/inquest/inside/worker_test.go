package inside

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestWorkerOf: what a look inside says of the task or thread whose line stopped.
func TestWorkerOf(t *testing.T) {
	library := func(file, function string) evidence.Frame {
		return evidence.Frame{File: "/usr/lib/python3/dist-packages/" + file, Line: 9, Function: function}
	}
	standard := func(file, function string) evidence.Frame {
		return evidence.Frame{File: "/usr/lib/python3.11/" + file, Line: 9, Function: function}
	}
	talking := func(p evidence.Peering, frames ...evidence.Frame) evidence.InsideThread {
		one := thread(true, 20, "recvfrom", frames...)
		one.Wait.Socket = &p
		return one
	}
	endless := func(frames ...evidence.Frame) evidence.InsideThread {
		one, yes := thread(true, 20, "futex", frames...), true
		one.Wait.Endless = &yes
		return one
	}
	alive, unread := evidence.Peering{State: "ESTABLISHED", Condition: fact.StateRunning}, 64
	paused, deaf := alive, alive
	paused.Condition, deaf.PeerUnread = "paused", &unread
	brpop := []evidence.Frame{library("redis/connection.py", "SocketBuffer._read_from_socket"),
		library("redis/commands/core.py", "ListCommands.brpop"), ownCall}
	for _, tt := range []struct {
		name    string
		threads []evidence.InsideThread
		tasks   []evidence.InsideTask
		want    Worker
	}{
		{"a consumer of an empty queue", []evidence.InsideThread{talking(alive, brpop...)}, nil, WorkerIdle},
		{"kafka's poll", []evidence.InsideThread{talking(alive, library("kafka/consumer/group.py", "KafkaConsumer.poll"),
			ownCall)}, nil, WorkerIdle},
		{"a queue of the program's own", []evidence.InsideThread{endless(standard("threading.py", "Condition.wait"),
			standard("queue.py", "Queue.get"), ownCall), thread(true, 0.5, "clock_nanosleep", ownCall)}, nil, WorkerIdle},
		{"a consumer of a paused server", []evidence.InsideThread{talking(paused, brpop...)}, nil, WorkerGone},
		{"nobody reads what it sent", []evidence.InsideThread{talking(deaf, brpop...)}, nil, WorkerGone},
		{"a lock that is never released", []evidence.InsideThread{endless(ownCall)}, nil, WorkerGone},
		{"an answer that may never come", []evidence.InsideThread{talking(alive,
			library("urllib3/connectionpool.py", "HTTPConnectionPool.urlopen"), ownCall)}, nil, WorkerUnknown},
		{"a task that sleeps", nil, []evidence.InsideTask{{State: "pending",
			Frames: []evidence.Frame{standard("asyncio/tasks.py", "sleep"), ownCall}}}, WorkerIdle},
		{"a task that waits for a queue", nil, []evidence.InsideTask{{State: "pending",
			Frames: []evidence.Frame{standard("asyncio/queues.py", "Queue.get"), ownCall}}}, WorkerIdle},
		{"a task that waits for a lock", nil, []evidence.InsideTask{{State: "pending",
			Frames: []evidence.Frame{standard("asyncio/locks.py", "Lock.acquire"), ownCall}}}, WorkerGone},
		{"a task that waits for an answer", nil, []evidence.InsideTask{{State: "pending",
			Frames: []evidence.Frame{standard("asyncio/streams.py", "StreamReader._wait_for_data"), ownCall}}},
			WorkerUnknown},
		{"a task of a library", nil, []evidence.InsideTask{{State: "pending",
			Frames: []evidence.Frame{standard("asyncio/streams.py", "StreamReader._wait_for_data")}}}, WorkerIdle},
	} {
		e := looked(fact.StateRunning, tt.threads...)
		e.Inside.Processes[0].Version, e.Inside.Processes[0].Tasks = "3.11", tt.tasks
		e.Process = &evidence.Process{Listeners: []evidence.Listener{{Port: 8080}}}
		if got := ViewOf(e, false).Worker; got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	if got := ViewOf(&evidence.Evidence{}, false).Worker; got != WorkerUnknown {
		t.Errorf("no look inside: %d", got)
	}
	noPython := looked(fact.StateRunning, talking(alive, brpop...))
	noPython.Inside.Processes[0].Version = ""
	if got := ViewOf(noPython, false).Worker; got != WorkerUnknown {
		t.Errorf("another runtime: %d", got)
	}
}

// TestMissingWorker: of a program that nobody can ask, and in which nobody waits for work, a line is missed whose clock
// was not that of all that lives.
func TestMissingWorker(t *testing.T) {
	none := new(uint64)
	heartbeat := thread(true, 0.5, "clock_nanosleep", ownCall)
	for _, tt := range []struct {
		name        string
		threads     []evidence.InsideThread
		process     *evidence.Process
		independent bool
		want        Worker
	}{
		{"a thread returned", []evidence.InsideThread{heartbeat}, &evidence.Process{Overflows: none}, true, WorkerGone},
		{"one loop may have printed both", []evidence.InsideThread{heartbeat}, &evidence.Process{Overflows: none}, false,
			WorkerUnknown},
		{"another thread lives", []evidence.InsideThread{heartbeat, heartbeat}, &evidence.Process{Overflows: none}, true,
			WorkerUnknown},
		{"it serves", []evidence.InsideThread{heartbeat}, &evidence.Process{Listeners: []evidence.Listener{{Port: 80}}},
			true, WorkerIdle},
		{"what it serves is not known", []evidence.InsideThread{heartbeat}, nil, true, WorkerUnknown},
	} {
		e := looked(fact.StateRunning, tt.threads...)
		e.Inside.Processes[0].Version, e.Process = "3.11", tt.process
		if got := ViewOf(e, tt.independent).Worker; got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
