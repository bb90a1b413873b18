package cause

import (
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// lookedInside is a service whose processes were looked into.
func lookedInside(sign func(*inside.View)) option {
	return func(c *inquest.Case) {
		c.Inside = &evidence.Inside{At: end, Looks: 1}
		sign(&c.View)
	}
}

func loopMoving(s *inside.View) { s.Loops, s.Moving = 1, 1 }

var appCall = evidence.Frame{File: "/app/app.py", Line: 31, Function: "get_stock"}

// standingIn is a thread that has stood in a system call for so many seconds.
func standingIn(seconds float64, call string) inside.Standing {
	unread := 24
	return inside.Standing{Place: appCall, For: seconds, InsideThread: evidence.InsideThread{Name: "MainThread",
		Frames: []evidence.Frame{{File: "/usr/lib/python3/dist-packages/redis/connection.py", Line: 192, Function: "read"},
			appCall},
		Wait: &evidence.Wait{Call: call, Socket: &evidence.Peering{State: "ESTABLISHED", Remote: "192.168.32.2:6379",
			Name: "redis", Condition: fact.StatePaused, PeerUnread: &unread}}}}
}

func stuckLoop(seconds float64, call string) func(*inside.View) {
	return func(s *inside.View) { s.Loops, s.StuckLoops = 1, []inside.Standing{standingIn(seconds, call)} }
}

func logLocked(s *inside.View) {
	fd := 2
	one := standingIn(30, "write")
	one.Name, one.Wait = "batch-2", &evidence.Wait{Call: "write", FD: &fd, Target: "pipe:[729081]"}
	s.LogLock, s.Behind = &one, 3
}

func taskEnded(name string) func(*inside.View) {
	return func(s *inside.View) {
		loopMoving(s)
		s.FailedTasks = []inside.Failure{{Work: strings.Contains(name, "consumer"), InsideTask: evidence.InsideTask{
			Names: []string{name}, Count: 1, Coroutine: "consume", State: fact.FineFinished, Exception: "KeyError",
			Raised: &evidence.Frame{File: "/app/app.py", Line: 17, Function: "handle"}}}}
	}
}

// taskLeaves has a task that raised SystemExit.
func taskLeaves(s *inside.View) {
	taskEnded("Task-3")(s)
	s.Leaving, s.FailedTasks = s.FailedTasks, nil
	s.Leaving[0].Exception = "SystemExit"
}

// leftUndone is a consumer that came to its end, and a queue in which so much waits; 0 = no such queue is seen.
func leftUndone(queued int) func(*inside.View) {
	return func(s *inside.View) {
		loopMoving(s)
		s.Ended = []inside.Failure{{PID: 1, InsideTask: evidence.InsideTask{Names: []string{"order-consumer"}, Count: 1,
			Coroutine: "consume", State: fact.FineFinished}}}
		if queued > 0 {
			s.Unserved = []inside.Unserved{{PID: 1, InsidePool: evidence.InsidePool{Class: "Queue", Used: &queued}}}
		}
	}
}

func usedUp(waiting int) func(*inside.View) {
	return func(s *inside.View) {
		loopMoving(s)
		size := 4
		s.Full = []inside.Full{{WaitsAt: &appCall, InsidePool: evidence.InsidePool{Class: "BlockingConnectionPool",
			Size: &size, Used: &size, Waiting: make([]string, waiting), Holders: make([]string, 4)}}}
	}
}

func heldBefore(s *inside.View) {
	usedUp(6)(s)
	s.Full[0].HoldsOn = standingIn(27, "recvfrom").Wait.Socket
}

func crowded(seconds float64) func(*inside.View) {
	return func(s *inside.View) {
		loopMoving(s)
		one := standingIn(seconds, "recvfrom")
		read := 0
		one.Wait.Socket.Condition, one.Wait.Socket.PeerUnread = fact.StateRunning, &read
		s.Crowd, s.Crowded = &one, 29
	}
}

func routeWaiting(s *inside.View) {
	loopMoving(s)
	s.Routes = []inside.Route{{Handler: evidence.Frame{File: "/app/app.py", Line: 12, Function: "ready"}, Count: 3,
		In: evidence.Frame{File: "/usr/lib/python3.11/asyncio/streams.py", Line: 522, Function: "_wait_for_data"}}}
}

func taskLost(s *inside.View) {
	one := standingIn(40, "futex")
	s.LostTask = &one
}

func crossed(s *inside.View) {
	loopMoving(s)
	other := evidence.Frame{File: "/app/app.py", Line: 54, Function: "index"}
	s.Circles = []inside.Circle{{Threads: true, For: 40, Members: []inside.Member{{Name: "writer", Place: appCall},
		{Name: "indexer", Place: other}}}}
}

func orphaned(waiting int, ended bool) func(*inside.View) {
	return func(s *inside.View) {
		loopMoving(s)
		s.Orphans = []inside.Orphan{{Class: "lock", Waiting: waiting, For: 40, Ended: ended,
			First: inside.Member{Name: "saver", Place: appCall}}}
	}
}

func stalledFor(seconds float64) func(*inside.View) {
	return func(s *inside.View) {
		loopMoving(s)
		s.Stalled = []inside.Stalled{{Place: appCall, What: "Event.wait", Count: 8, For: seconds}}
	}
}

// TestInsideWords: what is seen in memory is said with its line, and who is waited for.
func TestInsideWords(t *testing.T) {
	for _, tt := range []struct {
		name string
		rule Rule
		sign func(*inside.View)
		want string
	}{
		{"a paused container", loopStandsStill, stuckLoop(27, "recvfrom"), "the event loop's thread stands in " +
			"/app/app.py:31 get_stock, for 27 s at least; it waits in recvfrom on a connection to container redis " +
			"(192.168.32.2:6379), which is paused, which has not read 24 bytes that were sent to it"},
		{"a dead consumer", taskFailed, taskEnded("order-consumer"), "task order-consumer (consume) ended with KeyError at " +
			"/app/app.py:17 handle, and nobody asked for its result"},
		{"a consumer that ended", taskEndedUnasked, leftUndone(3), "task order-consumer (consume) is finished without an " +
			"exception, and no other consume runs; a Queue holds 3 that nobody waits for"},
		{"a pool", poolUsedUp, usedUp(6), "BlockingConnectionPool has given out 4 of 4; 6 wait for it, called from " +
			"/app/app.py:31 get_stock; 4 hold what it gave"},
		{"a pool whose connections are not answered", poolUsedUp, heldBefore, "BlockingConnectionPool has given out 4 of " +
			"4; 6 wait for it, called from /app/app.py:31 get_stock; 4 hold what it gave, and wait on a connection to " +
			"container redis (192.168.32.2:6379), which is paused, which has not read 24 bytes that were sent to it"},
		{"two locks", lockCircle, crossed, "2 threads hold each other's locks: writer waits in /app/app.py:31 get_stock " +
			"for indexer, indexer waits in /app/app.py:54 index for writer, for 40 s at least"},
		{"a lost lock", lockOrphaned, orphaned(1, true), "saver waits in /app/app.py:31 get_stock for a lock that a thread " +
			"holds that has ended, for 40 s at least"},
		{"a lock of nobody", lockOrphaned, orphaned(3, false), "3 wait in /app/app.py:31 get_stock for a lock that nobody " +
			"is seen to hold, for 40 s at least"},
		{"requests", requestsStalled, stalledFor(40), "8 requests wait in /app/app.py:31 get_stock for Event.wait, for " +
			"40 s at least"},
		{"a health check", routeWaits("", false), routeWaiting, "the health check's handler /app/app.py:12 ready " +
			"waits, in 3 calls, in /usr/lib/python3.11/asyncio/streams.py:522 _wait_for_data"},
		{"a lost task", poolTaskLost, taskLost, "thread MainThread has waited for 40 s in /app/app.py:31 get_stock for the " +
			"result of a process pool all of whose workers wait for work: the worker that had it is gone"},
		{"a log", logLockHeld, logLocked, "thread batch-2 stands in write on pipe:[729081], writing the log, at " +
			"/app/app.py:31 get_stock; 3 threads wait for the lock that it holds"},
	} {
		got := tt.rule.See(alive(probes(check.Refused, check.Refused), lookedInside(tt.sign)))
		if len(got) != 1 || got[0].Summary != tt.want {
			t.Errorf("%s:\n got %+v\nwant %s", tt.name, got, tt.want)
		}
	}
}

// TestRunsWellNeedsProof: a service whose loop stands still does not run well, whatever
// its probes said before.
func TestRunsWellNeedsProof(t *testing.T) {
	for _, tt := range []struct {
		name string
		sign func(*inside.View)
		well bool
	}{
		{"the loop moves", loopMoving, true},
		{"a call of 2 s", stuckLoop(2, "recvfrom"), true},
		{"blocked", stuckLoop(27, "recvfrom"), false},
		{"a request's task failed", taskEnded("Task-7"), true},
		{"the consumer failed", taskEnded("order-consumer"), false},
		{"one waits for the pool", usedUp(1), true},
		{"six wait for the pool", usedUp(6), false},
		{"the log is blocked", logLocked, false},
	} {
		c := alive(healthcheck3(), lookedInside(tt.sign))
		if got := len(runsWell(c, true)) > 0; got != tt.well {
			t.Errorf("%s: runs well %v, want %v", tt.name, got, tt.well)
		}
	}
}

// TestStandsBefore: connections wait, and every thread sleeps in something else: of any
// language.
func TestStandsBefore(t *testing.T) {
	still, moves := true, false
	for _, tt := range []struct {
		name  string
		call  string
		still *bool
		queue int
		well  bool
	}{
		{"reads, a connection waits", "recvfrom", &still, 1, false},
		{"reads, none waits", "recvfrom", &still, 0, true},
		{"idle", "epoll_wait", &still, 1, true},
		{"just ran", "recvfrom", &moves, 1, true},
		{"not known", "recvfrom", nil, 1, true},
	} {
		c := alive(queue(tt.queue))
		c.Inside = &evidence.Inside{At: end, Processes: []evidence.InsideProcess{{PID: 4711, Threads: []evidence.InsideThread{
			{TID: 4711, Still: tt.still, Wait: &evidence.Wait{Call: tt.call}}}}}}
		if got := len(runsWell(c, true)) > 0; got != tt.well {
			t.Errorf("%s: runs well %v, want %v", tt.name, got, tt.well)
		}
	}
}

// TestInsideSince: what stands since before the probes failed is what made them fail, though it was looked at after
// them; since when a pool is empty is not known, and its silence is no sign against it.
func TestInsideSince(t *testing.T) {
	for name, tt := range map[string]struct {
		rule Rule
		sign func(*inside.View)
		ago  time.Duration
	}{
		"a loop":    {loopStandsStill, stuckLoop(27, "recvfrom"), 27 * time.Second},
		"a log":     {logLockHeld, logLocked, 30 * time.Second},
		"a crowd":   {workersAtOneLine, crowded(9), 9 * time.Second},
		"a pool":    {poolUsedUp, usedUp(6), -1},
		"dead task": {taskFailed, taskEnded("order-consumer"), -1},
	} {
		got := tt.rule.See(alive(lookedInside(tt.sign)))
		switch {
		case len(got) != 1:
			t.Errorf("%s: %d observations", name, len(got))
		case tt.ago < 0 && got[0].At != nil:
			t.Errorf("%s: since %s, which nobody knows", name, got[0].At)
		case tt.ago >= 0 && (got[0].At == nil || !got[0].At.Equal(end.Add(-tt.ago))):
			t.Errorf("%s: since %v, want %s before the look", name, got[0].At, tt.ago)
		}
	}
	quiet := silentRule(fact.PoolExhaustion, -6)
	log := func(c *inquest.Case) { c.Log = &servicelog.Run{Lines: 5} }
	if got := quiet.See(alive(log, lookedInside(usedUp(6)))); len(got) != 0 {
		t.Errorf("its silence speaks against a pool that is seen used up: %v", got)
	}
	if got := quiet.See(alive(log, lookedInside(loopMoving))); len(got) != 1 {
		t.Errorf("a silent log is not told: %v", got)
	}
}

// TestWorkersStopped: workers that a signal stopped serve nobody, though the main process runs.
func TestWorkersStopped(t *testing.T) {
	got := processStopped.See(alive(lookedInside(func(s *inside.View) { s.Loops, s.Stopped = 2, 2 })))
	if len(got) != 1 || got[0].Level != someStopped || !strings.HasPrefix(got[0].Summary, "2 workers stopped") {
		t.Errorf("%+v", got)
	}
	if got := processStopped.See(alive(lookedInside(loopMoving))); got != nil {
		t.Errorf("none is stopped: %+v", got)
	}
}

// TestQueueIsADoubt: connections that wait to be accepted are no sign of a service that is well.
func TestQueueIsADoubt(t *testing.T) {
	for waiting, want := range map[int]string{3: hampered, 0: unseen} {
		got := runsWell(alive(queue(waiting)), true)
		if len(got) != 1 || (got[0].Level == hampered) != (want == hampered) {
			t.Errorf("%d wait: %+v", waiting, got)
		}
	}
}

// TestLockLevels: a lock that one alone waits for may serve as a signal.
func TestLockLevels(t *testing.T) {
	for _, tt := range []struct {
		waiting int
		name    string
		ended   bool
		want    string
	}{{3, "saver", false, ""}, {1, "saver", false, oneWaits}, {1, mainThread, false, mainParked},
		{1, "saver", true, evidence.EndedThread}} {
		got := lockOrphaned.See(alive(lookedInside(func(s *inside.View) {
			orphaned(tt.waiting, tt.ended)(s)
			s.Orphans[0].First.Name = tt.name
		})))
		if len(got) != 1 || got[0].Level != tt.want {
			t.Errorf("%+v: %+v", tt, got)
		}
	}
}

// TestCrowdIsNoUsedUpPool: threads that wait for a peer that does not answer tell of that peer, and anyio starts more
// threads up to its limit.
func TestCrowdIsNoUsedUpPool(t *testing.T) {
	unread, read := 24, 0
	for _, tt := range []struct {
		name, thread string
		threads      int
		peer         *evidence.Peering
		speaks       bool
	}{
		{"a slow peer", "worker_0", 8, &evidence.Peering{Condition: fact.StateRunning, PeerUnread: &read}, true},
		{"a peer of which nothing is known", "worker_0", 8, &evidence.Peering{}, true},
		{"no peer", "worker_0", 8, nil, true},
		{"a paused peer", "worker_0", 8, &evidence.Peering{Condition: fact.StatePaused}, false},
		{"an ended peer", "worker_0", 8, &evidence.Peering{Condition: fact.StateExited}, false},
		{"a peer that does not read", "worker_0", 8, &evidence.Peering{Condition: fact.StateRunning, PeerUnread: &unread},
			false},
		{"a peer that takes no connection", "worker_0", 8, &evidence.Peering{State: "SYN_SENT"}, false},
		{"anyio's limit is reached", "AnyIO worker thread", 40, nil, true},
		{"anyio may start more", "AnyIO worker thread", 7, nil, false},
		{"anyio, a paused peer", "AnyIO worker thread", 40, &evidence.Peering{Condition: fact.StatePaused}, false},
	} {
		sign := func(s *inside.View) {
			crowded(34)(s)
			s.Crowd.Name, s.Crowded = tt.thread, tt.threads
			s.Crowd.Wait = &evidence.Wait{Call: "recvfrom", Socket: tt.peer}
		}
		if got := workersAtOneLine.See(alive(lookedInside(sign))); len(got) > 0 != tt.speaks {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestAsleep: of a loop that nothing can wake it is said where its work stands; of one that polls a connection nothing.
func TestAsleep(t *testing.T) {
	endless := true
	task := evidence.InsideTask{Count: 1, State: "pending", WaitsFor: "Future",
		Frames: []evidence.Frame{{File: "/srv/app.py", Line: 3, Function: "consume"}}}
	library := task
	library.Frames = []evidence.Frame{{File: "/usr/lib/python3.11/asyncio/queues.py", Line: 158, Function: "Queue.get"}}
	thread := func(endless *bool) evidence.InsideThread {
		return evidence.InsideThread{TID: 7, Wait: &evidence.Wait{Call: "epoll_wait", Endless: endless}}
	}
	for name, tt := range map[string]struct {
		thread evidence.InsideThread
		tasks  []evidence.InsideTask
		want   string
	}{
		"asleep": {thread(&endless), []evidence.InsideTask{library, task},
			"a task of it waits in /srv/app.py:3 consume for a Future"},
		"asleep in a library":   {thread(&endless), []evidence.InsideTask{library}, "could wake its event loop"},
		"it polls a connection": {thread(nil), []evidence.InsideTask{task}, ""},
	} {
		got := asleepText(evidence.InsideProcess{Tasks: tt.tasks}, tt.thread)
		if !strings.HasSuffix(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
