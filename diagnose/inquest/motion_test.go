package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
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

func TestFreshLog(t *testing.T) {
	c := withThreads(standingThread(10, "read", 60, nil))
	c.Log = &servicelog.Run{LastAt: froze.Add(-5 * time.Second)}
	if c.Motion() != inside.MotionSeen {
		t.Error("a log that goes on shows no motion")
	}
}

// TestFreshLogAndLocks: a line of seconds ago does not show that what stands in a lock now goes on.
func TestFreshLogAndLocks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		thread evidence.InsideThread
		gap    time.Duration
		want   inside.Motion
	}{
		{"a lock for 4 s", forEver(10, 4), 0, inside.MotionLocked},
		{"a lock for 8 s", forEver(10, 8), 0, inside.MotionNone},
		{"a lock for a moment", forEver(10, 0.2), 0, inside.MotionLocked},
		{"a pipe", standingThread(10, "read", 4, nil), 0, inside.MotionSeen},
	} {
		c := withThreads(tt.thread)
		c.Log = &servicelog.Run{LastAt: froze.Add(-9 * time.Second), UsualGap: tt.gap}
		if got := c.Motion(); got != tt.want {
			t.Errorf("%s: motion %d, want %d", tt.name, got, tt.want)
		}
	}
}
