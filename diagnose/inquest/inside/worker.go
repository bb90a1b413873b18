package inside

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Worker says what became of what printed a line that came like a clock and does not any more.
type Worker int

// What may have become of it.
const (
	WorkerUnknown Worker = iota // the processes were not looked into, or what they show can be read either way
	WorkerIdle                  // all that is seen lives, and waits for work or for a time
	WorkerGone                  // a task failed or ended, or something waits for what does not come
)

// workerOf tells what the look inside shows of the tasks and threads that a service has. A line that stopped is no
// proof that one is dead: traffic ends, and queues run dry. independent = what goes on in the log has another clock.
func workerOf(e *evidence.Evidence, v View, independent bool) Worker {
	if len(v.FailedTasks) > 0 || len(v.Leaving) > 0 || len(v.Ended) > 0 || len(v.StuckLoops) > 0 || len(v.Stalled) > 0 ||
		len(v.Circles) > 0 || v.Failing() {
		return WorkerGone
	}
	in := e.Inside
	if in == nil || in.Cut || len(in.Processes) == 0 {
		return WorkerUnknown
	}
	seen, own, waiting := WorkerIdle, 0, 0
	for i := range in.Processes {
		switch workOf(&in.Processes[i]) {
		case WorkerGone:
			return WorkerGone
		case WorkerUnknown:
			seen = WorkerUnknown
		}
		all, idle := workersOf(&in.Processes[i])
		own, waiting = own+all, waiting+idle
	}
	listeners, read := e.Process.Serves()
	switch {
	case seen == WorkerUnknown, waiting > 0, len(listeners) > 0: // somebody's request may have made it print
		return seen
	case read && own == 1 && independent:
		return WorkerGone // what goes on is all that lives
	}
	return WorkerUnknown
}

// workersOf counts the threads and tasks that run the program's own code, and those of them that wait for work.
func workersOf(p *evidence.InsideProcess) (all, idle int) {
	for _, t := range p.Threads {
		if NewestOwn(t.Frames) == nil {
			continue
		}
		if all++; asksForWork(t.Frames) || waitsForOthers(t) {
			idle++
		}
	}
	for _, t := range p.Tasks {
		if t.State != "pending" || NewestOwn(t.Frames) == nil {
			continue
		}
		if all += t.Count; inCall(t.Frames, taskRests[1:]) {
			idle++
		}
	}
	return all, idle
}

// workOf is the same of one process.
func workOf(p *evidence.InsideProcess) Worker {
	seen := WorkerIdle
	if p.Version == "" {
		seen = WorkerUnknown
	}
	for _, t := range p.Threads {
		switch threadWorks(t) {
		case WorkerGone:
			return WorkerGone
		case WorkerUnknown:
			seen = WorkerUnknown
		}
	}
	for _, t := range p.Tasks {
		switch {
		case t.State != "pending" || NewestOwn(t.Frames) == nil:
		case inCall(t.Frames, taskLocks):
			return WorkerGone
		case !inCall(t.Frames, taskRests):
			seen = WorkerUnknown
		}
	}
	return seen
}

// threadWorks is the same of a thread: what waits for an answer may wait for ever, what asks for work may have none.
func threadWorks(t evidence.InsideThread) Worker {
	w := t.Wait
	switch {
	case w == nil || len(t.Frames) == 0 || moves(t):
		return WorkerIdle
	case w.Socket != nil && SilentPeer(*w.Socket):
		return WorkerGone
	case waitsForOthers(t) && Own(t.Frames[0]) && standsForLong(t): // a lock, which is taken by no function of Python
		return WorkerGone
	case waitsForOthers(t), NewestOwn(t.Frames) == nil, asksForWork(t.Frames):
		return WorkerIdle
	}
	return WorkerUnknown
}

// SilentPeer tells whether the other end of a connection is not there, or does not take what it was sent.
func SilentPeer(p evidence.Peering) bool {
	return p.State == "SYN_SENT" || p.Condition != "" && p.Condition != fact.StateRunning ||
		p.PeerUnread != nil && *p.PeerUnread > 0
}

// call is a function of the standard library by the end of its file's path.
type call struct{ file, function string }

// taskLocks are where a task waits for what another has to give back; taskRests where it waits for work or for a time.
var (
	taskLocks = []call{{"asyncio/locks.py", "Lock.acquire"}, {"asyncio/locks.py", "Semaphore.acquire"}}
	taskRests = []call{{"asyncio/tasks.py", "sleep"}, {"asyncio/queues.py", "Queue.get"},
		{"asyncio/locks.py", "Event.wait"}, {"asyncio/locks.py", "Condition.wait"}}
)

// inCall tells whether the newest call is one of some.
func inCall(frames []evidence.Frame, list []call) bool {
	return len(frames) > 0 && slices.ContainsFunc(list, func(c call) bool {
		return strings.HasSuffix(frames[0].File, "/"+c.file) && frames[0].Function == c.function
	})
}

// asking are words in names of the functions by which clients of queues and streams wait for the next piece of work.
var asking = []string{"pop", "consum", "listen", "subscri", "get_message", "xread", "process_data_events", "basic_get",
	"poll", "notifies", "accept", "watch", "fetch_message", "drain_events", "recv_multipart", "dequeue"}

// asksForWork tells whether a library's call on the stack is one that lasts until there is work.
func asksForWork(frames []evidence.Frame) bool {
	return slices.ContainsFunc(frames, func(f evidence.Frame) bool {
		name := strings.ToLower(lastName(f.Function))
		return !Own(f) && slices.ContainsFunc(asking, func(word string) bool { return strings.Contains(name, word) })
	})
}
