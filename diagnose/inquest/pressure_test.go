package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// refusedSince is a life of a minute whose main process computes, and whose probes were all refused.
func refusedSince(change func(*Case)) Case {
	c := Case{}
	c.Now = began.Add(time.Minute)
	c.Life = &evidence.Life{Start: began, Alive: true}
	c.Death = Death{State: fact.StateRunning}
	c.Log, c.Cgroup = &servicelog.Run{}, &evidence.Cgroup{}
	c.Process = &evidence.Process{PID: 7, Tasks: []evidence.Task{{PID: 7, TID: 7, State: "R"}}}
	c.Streak = 3
	for range c.Streak {
		c.Probes = append(c.Probes, Probe{Result: check.Result{Outcome: check.Refused}})
	}
	change(&c)
	return c
}

func listens(c *Case) { c.Process.Listeners = []evidence.Listener{{Port: 8000}} }

func imports(c *Case) {
	c.Inside = &evidence.Inside{Processes: []evidence.InsideProcess{{PID: 9, Threads: []evidence.InsideThread{{TID: 9,
		Frames: []evidence.Frame{{File: "/app/model.py", Line: 3, Function: "<module>"},
			{File: "<frozen importlib._bootstrap>", Function: "_call_with_frames_removed"}}}}}}}
}

func TestStarting(t *testing.T) {
	session, other := 7, 99
	for name, tt := range map[string]struct {
		change func(*Case)
		starts bool
	}{
		"nothing listens, and it computes":   {func(*Case) {}, true},
		"it reads from a disk":               {func(c *Case) { c.Process.Tasks[0].State = "D" }, true},
		"a parent listens, a worker imports": {func(c *Case) { listens(c); imports(c) }, true},
		"it sleeps":                          {func(c *Case) { c.Process.Tasks[0].State = "S" }, false},
		"only the probe's own command runs": {func(c *Case) {
			c.Process.Tasks[0] = evidence.Task{PID: 7, TID: 7, State: "S", Session: &session}
			c.Process.Tasks = append(c.Process.Tasks, evidence.Task{PID: 50, TID: 50, State: "R", Session: &other})
		}, false},
		"it listens":                {listens, false},
		"it said that it was ready": {func(c *Case) { c.Log.Lifecycle.Ready = &c.Now }, false},
		"a probe was answered":      {func(c *Case) { c.Probes[0].Outcome = check.HTTPStatus }, false},
		"how it failed is not known": {func(c *Case) {
			c.Probes[0].Outcome, c.Probes[0].FromEvents = check.Failed, true
		}, true},
		"it has done so for hours":      {func(c *Case) { c.Now = c.Now.Add(2 * time.Hour) }, false},
		"its failures do not count yet": {func(c *Case) { c.Early = 3 }, true},
		"nor yet, and it sleeps":        {func(c *Case) { c.Early = 3; c.Process.Tasks[0].State = "S" }, true},
		"nor yet, and it listens":       {func(c *Case) { c.Early = 3; listens(c) }, false},
		"no probe has failed":           {func(c *Case) { c.Streak = 0 }, false},
		"it waits for a neighbour":      {func(c *Case) { c.Stuck = []Dependency{{Tie: TieWaits}} }, false},
		"its processes were not read":   {func(c *Case) { c.Process = nil }, false},
	} {
		if got := refusedSince(tt.change).Starting(); (got != nil) != tt.starts {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestStarved(t *testing.T) {
	count := func(n int64) *int64 { return &n }
	life := func(throttled, periods int64) func(*Case) {
		return func(c *Case) { c.Cgroup.Throttled, c.Cgroup.Periods = count(throttled), count(periods) }
	}
	recent := func(throttled, periods int64) func(*Case) {
		return func(c *Case) {
			life(300, 400)(c)
			c.Cgroup.Recent = &evidence.Throttling{Throttled: throttled, Periods: periods}
		}
	}
	for name, tt := range map[string]struct {
		change func(*Case)
		now    bool
		starve bool
	}{
		"stopped at the look":        {recent(9, 10), true, true},
		"only its start was stopped": {recent(0, 10), false, false},
		"it had nothing to do":       {recent(1, 1), false, false},
		"stopped in its life":        {life(300, 400), false, true},
		"seldom stopped":             {life(30, 400), false, false},
		"it has lived for a moment":  {life(9, 10), false, false},
		"nothing was counted":        {func(*Case) {}, false, false},
		"its group was not read":     {func(c *Case) { c.Cgroup = nil }, false, false},
	} {
		got := refusedSince(tt.change).Starved()
		if (got != nil) != tt.starve || got != nil && got.Now != tt.now {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestOverload(t *testing.T) {
	idle, busy := 3.0, 80.0
	load := func(one float64) func(*Case) {
		return func(c *Case) { c.Process.Load = &evidence.Load{One: one, CPUs: 2} }
	}
	for name, tt := range map[string]struct {
		change func(*Case)
		over   bool
	}{
		"ten tasks for each processor":     {load(20), true},
		"two tasks for each":               {load(4), false},
		"they wait for processors":         {func(c *Case) { load(20)(c); c.Cgroup.CPUStall = &busy }, true},
		"they wait for a dead file server": {func(c *Case) { load(20)(c); c.Cgroup.CPUStall = &idle }, false},
		"the load is not known":            {func(*Case) {}, false},
	} {
		if got := refusedSince(tt.change).Overload(); (got != nil) != tt.over {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestUndisturbed: what crawls under a small quota seems to compute in one call, and does not.
func TestUndisturbed(t *testing.T) {
	spins := func(c *Case) { c.StuckLoops = []inside.Standing{{Spins: true}} }
	quota := func(n float64) func(*Case) {
		return func(c *Case) {
			spins(c)
			c.Cgroup.Quota, c.Cgroup.Recent = &n, &evidence.Throttling{Throttled: 10, Periods: 10}
		}
	}
	for name, tt := range map[string]struct {
		change func(*Case)
		want   bool
	}{
		"nothing stands": {func(*Case) {}, true},
		"it computes":    {spins, false},
		"it computes, with a tenth of a processor": {quota(.1), true},
		"it computes, with half of one":            {quota(.5), false},
		"it stands in a call":                      {func(c *Case) { c.StuckLoops = []inside.Standing{{For: 9}} }, false},
		"a neighbour does not answer":              {func(c *Case) { c.Stuck = []Dependency{{}} }, false},
	} {
		if got := refusedSince(tt.change).Undisturbed(); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
