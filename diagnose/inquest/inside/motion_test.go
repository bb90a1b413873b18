package inside

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
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

// withThreads is a running Python process.
func withThreads(threads ...evidence.InsideThread) *evidence.Evidence {
	return looked(fact.StateRunning, threads...)
}

// withGreenlets is a process most of whose work is not seen.
func withGreenlets(threads ...evidence.InsideThread) *evidence.Evidence {
	e := withThreads(threads...)
	e.Inside.Processes[0].Greenlets = true
	return e
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
		e          *evidence.Evidence
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
		"nobody looked":                 {&evidence.Evidence{}, MotionUnknown, false},
		"a loop that nothing can wake":  {withThreads(asleep), MotionNone, false},
		"a loop that a thread may wake": {withThreads(asleep, forEver(11, 20)), MotionNone, false},
		"a loop that dozes":             {withThreads(dozing), MotionLocked, false},
		"a hub whose greenlets all wait": {withGreenlets(standingThread(10, "epoll_wait", 60, nil)), MotionUnknown,
			false},
		"a hub that ran just now": {withGreenlets(standingThread(10, "epoll_wait", 0.2, nil)), MotionSeen, false},
		"a hub that computes":     {withGreenlets(running), MotionSeen, false},
	} {
		if got := MotionOf(tt.e.Inside, false); got != tt.want {
			t.Errorf("%s: motion %d, want %d", name, got, tt.want)
		}
		if got := deadlockOf(tt.e) != nil; got != tt.deadlocked {
			t.Errorf("%s: a deadlock is %v", name, got)
		}
	}
	other := withThreads(forEver(10, 60))
	other.Inside.Processes[0].Version = ""
	if deadlockOf(other) != nil {
		t.Error("a Go program that waits for a signal is called a deadlock")
	}
}
