package inside

import (
	"fmt"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Frames as Python 3.11's own are, newest first.
var (
	libraryRead = evidence.Frame{File: "/usr/local/lib/python3.11/site-packages/redis/connection.py", Line: 192,
		Function: "SocketBuffer._read_from_socket"}
	ownCall = evidence.Frame{File: "/app/app.py", Line: 31, Function: "get_stock"}
	select_ = evidence.Frame{File: "/usr/local/lib/python3.11/selectors.py", Line: 468, Function: "EpollSelector.select"}
	runOnce = evidence.Frame{File: "/usr/local/lib/python3.11/asyncio/base_events.py", Line: 1922,
		Function: "BaseEventLoop._run_once"}
	runner   = evidence.Frame{File: "/usr/local/lib/python3.11/asyncio/runners.py", Line: 118, Function: "Runner.run"}
	poolWork = evidence.Frame{File: "/usr/local/lib/python3.11/concurrent/futures/thread.py", Line: 83,
		Function: "_worker"}
)

func looked(state string, threads ...evidence.InsideThread) *evidence.Evidence {
	return &evidence.Evidence{
		Runtime: evidence.Runtime{Status: &evidence.Status{State: state}},
		Inside:  &evidence.Inside{Looks: 1, Processes: []evidence.InsideProcess{{PID: 1, Version: "3.11", Threads: threads}}},
	}
}

func thread(still bool, ran float64, call string, frames ...evidence.Frame) evidence.InsideThread {
	t := evidence.InsideThread{TID: 1, State: "S", Frames: frames, Still: &still, LastRan: &ran}
	if call != "" {
		t.Wait = &evidence.Wait{Call: call}
	}
	return t
}

func TestLoops(t *testing.T) {
	for _, tt := range []struct {
		name          string
		e             *evidence.Evidence
		stuck, moving int
		blocked       bool
	}{
		{"in a client", looked(fact.StateRunning, thread(true, 27, "recvfrom", libraryRead, ownCall, runOnce)), 1, 0,
			true},
		{"for 2 s", looked(fact.StateRunning, thread(true, 2, "recvfrom", libraryRead, ownCall, runOnce)), 1, 0, false},
		{"it just ran", looked(fact.StateRunning, thread(false, 0.1, "recvfrom", libraryRead, ownCall, runOnce)), 0, 1,
			false},
		{"idle", looked(fact.StateRunning, thread(true, 300, "epoll_wait", select_, runOnce)), 0, 1, false},
		{"uvloop, idle", looked(fact.StateRunning, thread(true, 300, "epoll_pwait", runner)), 0, 1, false},
		{"uvloop, in a client", looked(fact.StateRunning, thread(true, 27, "recvfrom", libraryRead, ownCall, runner)), 1, 0,
			true},
		{"no loop", looked(fact.StateRunning, thread(true, 27, "recvfrom", libraryRead, ownCall)), 0, 0, false},
		{"paused", looked(fact.StatePaused, thread(true, 27, "recvfrom", libraryRead, ownCall, runOnce)), 0, 0, false},
		{"one worker of two", looked(fact.StateRunning, thread(true, 27, "recvfrom", libraryRead, ownCall, runOnce),
			thread(true, 300, "epoll_wait", select_, runOnce)), 1, 1, false},
		{"nothing known", looked(fact.StateRunning), 0, 0, false},
	} {
		s := viewOf(tt.e)
		if len(s.StuckLoops) != tt.stuck || s.Moving != tt.moving || s.Blocked() != tt.blocked {
			t.Errorf("%s: %d stuck, %d moving, blocked %v", tt.name, len(s.StuckLoops), s.Moving, s.Blocked())
		}
		if tt.stuck > 0 && s.StuckLoops[0].Place != ownCall {
			t.Errorf("%s: it stands at %+v", tt.name, s.StuckLoops[0].Place)
		}
	}
}

// TestStoppedLoop: a loop in a wait for work does not go on where its process is stopped.
func TestStoppedLoop(t *testing.T) {
	idle := thread(true, 300, "epoll_wait", select_, runOnce)
	halted := idle
	halted.State = "T"
	if s := viewOf(looked(fact.StateRunning, halted)); s.Stopped != 1 || s.Moving != 0 || !s.Failing() {
		t.Errorf("stopped: %+v", s)
	}
	if s := viewOf(looked(fact.StateRunning, idle)); s.Stopped != 0 || s.Moving != 1 || s.Failing() {
		t.Errorf("idle: %+v", s)
	}
}

// TestSpins: a loop that computes is in the same call at both looks.
func TestSpins(t *testing.T) {
	e := looked(fact.StateRunning, thread(false, 0, "", ownCall, runOnce))
	e.Inside.Looks = 2
	one := &e.Inside.Processes[0].Threads[0]
	one.State = "R"
	if s := viewOf(e); len(s.StuckLoops) != 1 || !s.StuckLoops[0].Spins || s.Blocked() {
		t.Errorf("the same call: %+v", s)
	}
	one.Earlier = []evidence.Frame{{File: "/app/app.py", Line: 90, Function: "other"}, runOnce}
	if s := viewOf(e); len(s.StuckLoops) != 0 || s.Moving != 1 {
		t.Errorf("another call: %+v", s)
	}
}

func TestCrowd(t *testing.T) {
	busy := thread(true, 30, "recvfrom", libraryRead, ownCall, poolWork)
	idle := thread(true, 300, "futex", poolWork)
	for _, tt := range []struct {
		name    string
		threads []evidence.InsideThread
		want    int
	}{
		{"all", []evidence.InsideThread{busy, busy, busy, busy}, 4},
		{"three may be chance", []evidence.InsideThread{busy, busy, busy}, 0},
		{"one is idle", []evidence.InsideThread{busy, busy, busy, busy, idle}, 0},
		{"one moves", []evidence.InsideThread{busy, busy, busy, busy, thread(false, 0, "", ownCall, poolWork)}, 0},
	} {
		if s := viewOf(looked(fact.StateRunning, tt.threads...)); s.Crowded != tt.want {
			t.Errorf("%s: %d", tt.name, s.Crowded)
		}
	}
}

// TestStood: of a pool's threads those are told that have long stood in the program, the longest first.
func TestStood(t *testing.T) {
	waits := thread(true, 123, "futex", evidence.Frame{File: "/app/app.py", Line: 17, Function: "probe"}, poolWork)
	holds := thread(true, 129, "futex", ownCall, poolWork)
	moves := thread(false, 0, "recvfrom", ownCall, poolWork)
	idle := thread(true, 300, "futex", poolWork)
	recent := thread(true, 2, "recvfrom", ownCall, poolWork)
	s := viewOf(looked(fact.StateRunning, waits, moves, holds, idle, recent))
	if len(s.Stood) != 2 || s.Stood[0].Place != ownCall || s.Stood[0].For != 129 || s.Stood[1].Place.Line != 17 {
		t.Errorf("%+v", s.Stood)
	}
	if s := viewOf(looked(fact.StateRunning, moves, idle, recent)); s.Stood != nil {
		t.Errorf("nobody stands: %+v", s.Stood)
	}
}

// TestCrowdThatMayGrow: an executor that has not yet started all of its threads takes the next piece of work.
func TestCrowdThatMayGrow(t *testing.T) {
	number := func(n int) *int { return &n }
	for size, want := range map[int]int{4: 4, 8: 0} {
		e := looked(fact.StateRunning)
		p := &e.Inside.Processes[0]
		pool := evidence.InsidePool{Class: "ThreadPoolExecutor", Size: &size, Used: number(4), Queued: number(7)}
		for n := range 4 {
			one := thread(true, 30, "recvfrom", libraryRead, ownCall, poolWork)
			one.Name = fmt.Sprint("worker_", n)
			p.Threads, pool.Holders = append(p.Threads, one), append(pool.Holders, one.Name)
		}
		p.Pools = []evidence.InsidePool{pool}
		if s := viewOf(e); s.Crowded != want || want > 0 && s.CrowdQueue != 7 {
			t.Errorf("of %d threads 4 stand: %d, %d wait", size, s.Crowded, s.CrowdQueue)
		}
	}
}

// TestEnded: a task that was to go on for ever, came to its end and was not replaced is told; with a queue that nobody
// serves it is a failure.
func TestEnded(t *testing.T) {
	used := 3
	consumer := evidence.InsideTask{Names: []string{"order-consumer"}, Coroutine: "consume", State: fact.FineFinished}
	again, failed, batch := consumer, consumer, consumer
	again.State, failed.Exception = pending, "KeyError"
	batch.Names, batch.Coroutine = []string{"Task-7"}, "send_report"
	queue := evidence.InsidePool{Class: "Queue", Used: &used}
	served := queue
	served.Waiting = []string{"Task-9"}
	for _, tt := range []struct {
		name   string
		tasks  []evidence.InsideTask
		pool   evidence.InsidePool
		ended  int
		undone bool
	}{
		{"it ended", []evidence.InsideTask{consumer}, queue, 1, true},
		{"a queue that is served", []evidence.InsideTask{consumer}, served, 1, false},
		{"another one runs", []evidence.InsideTask{consumer, again}, queue, 0, false},
		{"it failed", []evidence.InsideTask{failed}, queue, 0, false}, // another rule's
		{"a batch", []evidence.InsideTask{batch}, queue, 0, false},
	} {
		e := looked(fact.StateRunning)
		e.Inside.Processes[0].Tasks, e.Inside.Processes[0].Pools = tt.tasks, []evidence.InsidePool{tt.pool}
		if s := viewOf(e); len(s.Ended) != tt.ended || s.LeftUndone() != nil != tt.undone || s.Failing() != tt.undone {
			t.Errorf("%s: %+v", tt.name, s.Ended)
		}
	}
}

func TestFailedTasks(t *testing.T) {
	yes, no := true, false
	for _, tt := range []struct {
		name      string
		retrieved *bool
		want      int
	}{{"nobody asked", &no, 1}, {"somebody asked", &yes, 0}, {"not known", nil, 0}} {
		e := looked(fact.StateRunning)
		e.Inside.Processes[0].Tasks = []evidence.InsideTask{{Names: []string{"order-consumer"}, Coroutine: "consume",
			State: fact.FineFinished, Exception: "KeyError", Raised: &ownCall, Retrieved: tt.retrieved}}
		if s := viewOf(e); len(s.FailedTasks) != tt.want || s.Failing() != (tt.want > 0) {
			t.Errorf("%s: %+v", tt.name, s.FailedTasks)
		}
		e.Inside.Processes[0].Tasks[0].Exception = "SystemExit" // asyncio lets it out of the loop, asked for or not
		if s := viewOf(e); len(s.FailedTasks) != 0 || len(s.Leaving) != 1 || !s.Failing() {
			t.Errorf("%s, but it asked to leave: %+v, %+v", tt.name, s.FailedTasks, s.Leaving)
		}
	}
}

func TestFullPool(t *testing.T) {
	number := func(n int) *int { return &n }
	for _, tt := range []struct {
		name string
		pool evidence.InsidePool
		want int
	}{
		{"used up", evidence.InsidePool{Class: "BlockingConnectionPool", Size: number(4), Used: number(4)}, 1},
		{"one is left", evidence.InsidePool{Class: "BlockingConnectionPool", Size: number(4), Used: number(3)}, 0},
		{"a queue", evidence.InsidePool{Class: "Queue", Size: number(4), Used: number(4)}, 0},
		{"not known", evidence.InsidePool{Class: "BlockingConnectionPool", Size: number(4)}, 0},
	} {
		tt.pool.Waiting = []string{"Task-1"}
		e := looked(fact.StateRunning)
		e.Inside.Processes[0].Pools = []evidence.InsidePool{tt.pool}
		if s := viewOf(e); len(s.Full) != tt.want || s.Failing() {
			t.Errorf("%s: %+v", tt.name, s.Full)
		}
	}
}
