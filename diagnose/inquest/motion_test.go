package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// standingThread has not run for so long, and is in a call; of a futex, endless says that it has no time limit.
func standingThread(tid int, call string, seconds float64, endless *bool) evidence.InsideThread {
	still := seconds >= 1
	return evidence.InsideThread{TID: tid, State: "S", Still: &still, LastRan: &seconds,
		Wait: &evidence.Wait{Call: call, Endless: endless}}
}

// forEver is a thread that has waited for a lock for so long, without a limit.
func forEver(tid int, seconds float64) evidence.InsideThread {
	yes := true
	return standingThread(tid, "futex", seconds, &yes)
}

func withThreads(threads ...evidence.InsideThread) Case {
	c := Case{}
	c.Now = froze
	c.Status = &evidence.Status{State: fact.StateRunning}
	c.Life = &evidence.Life{Start: began, Alive: true}
	p := evidence.InsideProcess{PID: 10, Version: "3.11", Threads: threads}
	c.Inside = &evidence.Inside{At: froze, Processes: []evidence.InsideProcess{p}}
	return c
}

// withGreenlets is a process most of whose work is not seen.
func withGreenlets(threads ...evidence.InsideThread) Case {
	c := withThreads(threads...)
	c.Inside.Processes[0].Greenlets = true
	return c
}

func TestMotion(t *testing.T) {
	no, zero := false, 0
	stdin := standingThread(10, "read", 60, nil)
	stdin.Wait.FD = &zero
	socket := standingThread(10, "recvfrom", 60, nil)
	socket.Wait.Socket = &evidence.Peering{Remote: "172.18.0.3:6379"}
	running := standingThread(10, "read", 60, nil)
	running.State = "R"
	yes := true
	asleep, dozing := standingThread(10, "epoll_wait", 60, &yes), standingThread(10, "epoll_wait", 2, &yes)
	for name, tt := range map[string]struct {
		c          Case
		want       Motion
		deadlocked bool
	}{
		"locks without end":          {withThreads(forEver(10, 60), forEver(11, 20)), MotionNone, true},
		"a lock for a moment":        {withThreads(forEver(10, 2)), MotionLocked, false},
		"a lock with a limit":        {withThreads(standingThread(10, "futex", 60, &no)), MotionSeen, false},
		"a recording without limits": {withThreads(standingThread(10, "futex", 60, nil)), MotionUnknown, false},
		"a lock, and a worker": {withThreads(forEver(10, 60), standingThread(11, "epoll_wait", 60, nil)),
			MotionSeen, false},
		"a pipe":                        {withThreads(standingThread(10, "read", 60, nil)), MotionNone, false},
		"its standard input":            {withThreads(stdin), MotionSeen, false},
		"a consumer":                    {withThreads(socket), MotionUnknown, false},
		"it sleeps":                     {withThreads(standingThread(10, "clock_nanosleep", 60, nil)), MotionSeen, false},
		"it computes":                   {withThreads(running), MotionSeen, false},
		"nobody looked":                 {Case{}, MotionUnknown, false},
		"a loop that nothing can wake":  {withThreads(asleep), MotionNone, false},
		"a loop that a thread may wake": {withThreads(asleep, forEver(11, 20)), MotionNone, false},
		"a loop that dozes":             {withThreads(dozing), MotionLocked, false},
		"a hub whose greenlets all wait": {withGreenlets(standingThread(10, "epoll_wait", 60, nil)), MotionUnknown,
			false},
		"a hub that ran just now": {withGreenlets(standingThread(10, "epoll_wait", 0.2, nil)), MotionSeen, false},
		"a hub that computes":     {withGreenlets(running), MotionSeen, false},
	} {
		if got := tt.c.Motion(); got != tt.want {
			t.Errorf("%s: motion %d, want %d", name, got, tt.want)
		}
		if got := deadlockOf(&tt.c.Evidence) != nil; got != tt.deadlocked {
			t.Errorf("%s: a deadlock is %v", name, got)
		}
	}
	c := withThreads(standingThread(10, "read", 60, nil))
	c.Log = &servicelog.Run{LastAt: froze.Add(-5 * time.Second)}
	if c.Motion() != MotionSeen {
		t.Error("a log that goes on shows no motion")
	}
	other := withThreads(forEver(10, 60))
	other.Inside.Processes[0].Version = ""
	if deadlockOf(&other.Evidence) != nil {
		t.Error("a Go program that waits for a signal is called a deadlock")
	}
}

// TestFreshLogAndLocks: a line of seconds ago does not show that what stands in a lock now goes on.
func TestFreshLogAndLocks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		thread evidence.InsideThread
		gap    time.Duration
		want   Motion
	}{
		{"a lock for 4 s", forEver(10, 4), 0, MotionLocked},
		{"a lock for 8 s", forEver(10, 8), 0, MotionNone},
		{"a lock for a moment", forEver(10, 0.2), 0, MotionLocked},
		{"a pipe", standingThread(10, "read", 4, nil), 0, MotionSeen},
	} {
		c := withThreads(tt.thread)
		c.Log = &servicelog.Run{LastAt: froze.Add(-9 * time.Second), UsualGap: tt.gap}
		if got := c.Motion(); got != tt.want {
			t.Errorf("%s: motion %d, want %d", tt.name, got, tt.want)
		}
	}
}
