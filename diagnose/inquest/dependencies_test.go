package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

var (
	began = time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)
	froze = began.Add(time.Minute)
)

// neighbourhood is a gateway that has been up for two minutes, and redis beside it.
func neighbourhood(change func(*evidence.Evidence, *Signs)) []Dependency {
	e := &evidence.Evidence{Now: began.Add(2 * time.Minute)}
	e.Spec, e.Process = &evidence.Spec{}, &evidence.Process{PID: 10}
	e.Lives = []evidence.Life{{Start: began, Alive: true}}
	e.Neighbours = []evidence.Neighbour{{Name: "shop-redis-1", Service: "redis", State: fact.StateRunning,
		Addresses: []string{"172.18.0.3"}}}
	s := Signs{}
	change(e, &s)
	return dependenciesOf(e, Examined{Life: &e.Lives[0]}, s)
}

func waiting(e *evidence.Evidence, call string) {
	r := evidence.Remote{Address: "172.18.0.3", Port: 6379, State: "ESTABLISHED", Count: 1}
	e.Process.Remotes = append(e.Process.Remotes, r)
	if call != "" {
		e.Inside = &evidence.Inside{Processes: []evidence.InsideProcess{{PID: 10, Threads: []evidence.InsideThread{
			{TID: 10, Wait: &evidence.Wait{Call: call, Socket: &evidence.Peering{Protocol: "tcp",
				Local: "172.18.0.2:51446", Remote: "172.18.0.3:6379", State: "ESTABLISHED"}}}}}}}
	}
}

// answersNot has so many threads wait for redis, for so long.
// awaiting has tasks wait on a connection, of which some did so at both looks.
func awaiting(e *evidence.Evidence, stood int) {
	waiting(e, "epoll_wait")
	p := &e.Inside.Processes[0]
	p.Threads[0].Wait.Socket = nil
	p.Tasks = []evidence.InsideTask{{Names: []string{"Task-7"}, Count: 3, State: "pending",
		Frames: []evidence.Frame{{File: "/app/app.py", Line: 16, Function: "cart"}}}}
	p.Connections = []evidence.InsideConnection{{Tasks: []string{"Task-7", "Task-8", "Task-9"}, Stood: stood,
		Socket: evidence.Peering{Protocol: "tcp", Local: "172.18.0.2:51446", Remote: "172.18.0.3:6379",
			State: "ESTABLISHED"}}}
}

// TestTasksWait: tasks tell that somebody waits in vain only where they did so at both looks, for who does not run or
// has not read what it was sent.
func TestTasksWait(t *testing.T) {
	for name, tt := range map[string]struct {
		stood  int
		unread *int
		local  string
		want   int
	}{
		"for a moment":                       {0, new(14), "172.18.0.2:51446", 0},
		"it has read all":                    {3, new(0), "172.18.0.2:51446", 0},
		"what it has read is not known":      {3, nil, "172.18.0.2:51446", 0},
		"at both looks, and it has not read": {3, new(14), "172.18.0.2:51446", 3},
		"a client of ours does not read":     {3, new(14), "172.18.0.2:8080", 0},
	} {
		e := &evidence.Evidence{Process: &evidence.Process{Listeners: []evidence.Listener{{Port: 8080}}}}
		awaiting(e, tt.stood)
		e.Process.Listeners = []evidence.Listener{{Port: 8080}}
		s := &e.Inside.Processes[0].Connections[0].Socket
		s.PeerUnread, s.Local = tt.unread, tt.local
		got := waitsOf(e)
		tasks := 0
		for _, w := range got {
			if tasks += w.Tasks; w.Place() == nil || w.Place().Line != 16 {
				t.Errorf("%s: called at %+v", name, w.Place())
			}
		}
		if tasks != tt.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func answersNot(e *evidence.Evidence, seconds float64, threads int) {
	waiting(e, "recvfrom")
	e.Inside.At = e.Now
	p, still := &e.Inside.Processes[0], true
	p.Threads[0].LastRan, p.Threads[0].Still = &seconds, &still
	for len(p.Threads) < threads {
		p.Threads = append(p.Threads, p.Threads[0])
	}
}

func paused(e *evidence.Evidence) {
	e.Neighbours[0].State = fact.StatePaused
	e.Around = append(e.Around, evidence.Event{At: froze, Kind: fact.EventPaused, Name: "shop-redis-1"})
}

func ended(e *evidence.Evidence, code int, at time.Time) {
	n := &e.Neighbours[0]
	n.State, n.ExitCode, n.FinishedAt, n.Addresses = fact.StateExited, &code, &at, nil
}

// brokerSays is a line of the neighbour's own log.
func brokerSays(id string, at time.Time) BackendFinding {
	return BackendFinding{Name: "shop-redis-1", Finding: servicelog.Finding{ID: id, At: at, LastAt: at,
		Excerpt: "memory resource limit alarm set on node rabbit@rabbitmq"}}
}

func TestStuckDependencies(t *testing.T) {
	yes, no := true, false
	for name, c := range map[string]struct {
		change  func(*evidence.Evidence, *Signs)
		silence Silence
		tie     Tie
	}{
		"a thread waits for what is paused": {func(e *evidence.Evidence, _ *Signs) { paused(e); waiting(e, "recvfrom") },
			SilencePaused, TieWaits},
		"an event loop has an unread request there": {func(e *evidence.Evidence, _ *Signs) {
			paused(e)
			e.Neighbours[0].Unread = []evidence.Unread{{Port: 6379, Bytes: 14, Connections: 1}}
		}, SilencePaused, TieWaits},
		"its processes are stopped by a signal": {func(e *evidence.Evidence, _ *Signs) {
			e.Neighbours[0].Halted = &yes
			waiting(e, "recvfrom")
		}, SilenceHalted, TieWaits},
		"it reads nothing, and a probe failed": {func(e *evidence.Evidence, s *Signs) {
			e.Neighbours[0].Halted, s.Streak = &no, 1
			e.Neighbours[0].Unread = []evidence.Unread{{Port: 6379, Bytes: 14, Connections: 1}}
		}, SilenceUnread, TieWaits},
		"idle connections to what is paused": {func(e *evidence.Evidence, _ *Signs) { paused(e); waiting(e, "") },
			SilencePaused, TieOpen},
		"paused, and depends_on names it": {func(e *evidence.Evidence, _ *Signs) {
			paused(e)
			e.Spec.DependsOn = []string{"redis"}
		}, SilencePaused, TieNeeded},
		"stopped, and the log names it": {func(e *evidence.Evidence, s *Signs) {
			ended(e, 0, froze)
			s.Log = &servicelog.Run{Findings: []servicelog.Finding{{Other: fact.DependencyDown, Object: "redis:6379"}}}
		}, SilenceEnded, TieNamed},
		"stopped, and a setting names it": {func(e *evidence.Evidence, _ *Signs) {
			ended(e, 0, froze)
			e.Neighbours[0].NamedBy = []string{"REDIS_URL"}
		}, SilenceEnded, TieNeeded},
		"a broker with an alarm has unread requests": {func(e *evidence.Evidence, s *Signs) {
			s.Backends = []BackendFinding{brokerSays(alarmSet, began.Add(-time.Hour))}
			e.Neighbours[0].Unread = []evidence.Unread{{Port: 5672, Bytes: 109, Connections: 1}}
		}, SilenceAlarm, TieWaits},
		"an alarm again after it was cleared": {func(e *evidence.Evidence, s *Signs) {
			s.Backends = []BackendFinding{brokerSays(alarmCleared, froze), brokerSays(alarmSet, froze.Add(time.Second))}
			waiting(e, "")
		}, SilenceAlarm, TieOpen},
		"failed, and depends_on names it": {func(e *evidence.Evidence, _ *Signs) {
			ended(e, 1, froze)
			e.Spec.DependsOn = []string{"redis"}
		}, SilenceEnded, TieNeeded},
		"it reads and does not answer, and the pool is empty": {func(e *evidence.Evidence, s *Signs) {
			answersNot(e, 20, 3)
			s.Full = []inside.Full{{InsidePool: evidence.InsidePool{Waiting: []string{"a", "b", "c"}}}}
		}, SilenceMute, TieWaits},
		"it reads and does not answer, and probes fail": {func(e *evidence.Evidence, s *Signs) {
			answersNot(e, 20, 1)
			s.Streak = 1
		}, SilenceMute, TieWaits},
		"nothing arrives there": {func(e *evidence.Evidence, _ *Signs) {
			answersNot(e, 20, 1)
			e.Inside.Processes[0].Threads[0].Wait.Socket.Unsent = 14
		}, SilenceCut, TieWaits},
		"a container of no project is paused": {func(e *evidence.Evidence, _ *Signs) {
			answersNot(e, 20, 1)
			e.Neighbours = nil
			s := e.Inside.Processes[0].Threads[0].Wait.Socket
			s.Name, s.Condition = "redis", fact.StatePaused
		}, SilencePaused, TieWaits},
		"tasks wait for a container of no project that is paused": {func(e *evidence.Evidence, _ *Signs) {
			awaiting(e, 3)
			e.Neighbours = nil
			s := &e.Inside.Processes[0].Connections[0].Socket
			s.Name, s.Condition = "redis", fact.StatePaused
		}, SilencePaused, TieWaits},
		"tasks have waited for what does not read": {func(e *evidence.Evidence, _ *Signs) {
			awaiting(e, 3)
			e.Inside.Processes[0].Connections[0].Socket.PeerUnread = new(14)
			e.Neighbours[0].Unread = []evidence.Unread{{Port: 6379, Bytes: 14, Connections: 1}}
		}, SilenceUnread, TieWaits},
		"another machine gets nothing": {func(e *evidence.Evidence, _ *Signs) {
			answersNot(e, 20, 1)
			e.Neighbours = nil
			e.Inside.Processes[0].Threads[0].Wait.Socket.State = "SYN_SENT"
		}, SilenceCut, TieWaits},
	} {
		got := neighbourhood(c.change)
		if len(got) != 1 || got[0].Silence != c.silence || got[0].Tie != c.tie {
			t.Errorf("%s: %+v, want silence %d by tie %d", name, got, c.silence, c.tie)
		}
	}
}

// TestNothingStuck: what must not be blamed, and what cannot be told.
func TestNothingStuck(t *testing.T) {
	no := false
	for name, change := range map[string]func(*evidence.Evidence, *Signs){
		"a subscriber waits for a healthy neighbour": func(e *evidence.Evidence, _ *Signs) {
			e.Neighbours[0].Halted = &no
			waiting(e, "recvfrom")
		},
		"a client of its own is paused": func(e *evidence.Evidence, _ *Signs) {
			paused(e)
			e.Process.Listeners = []evidence.Listener{{Port: 51446}}
			waiting(e, "recvfrom")
			e.Process.Remotes = nil
		},
		"consumers wait for work at a healthy neighbour": func(e *evidence.Evidence, _ *Signs) { answersNot(e, 600, 4) },
		"probes fail, and an answer is a moment late": func(e *evidence.Evidence, s *Signs) {
			answersNot(e, 2, 4)
			s.Streak = 1
		},
		"an idle connection to a healthy neighbour": func(e *evidence.Evidence, _ *Signs) { waiting(e, "") },
		"a request is on its way": func(e *evidence.Evidence, _ *Signs) {
			e.Neighbours[0].Unread = []evidence.Unread{{Port: 6379, Bytes: 14, Connections: 1}}
		},
		"an alarm that was cleared": func(e *evidence.Evidence, s *Signs) {
			s.Backends = []BackendFinding{brokerSays(alarmSet, froze), brokerSays(alarmCleared, froze.Add(time.Second))}
			waiting(e, "")
		},
		"a broker that nothing ties to it has an alarm": func(_ *evidence.Evidence, s *Signs) {
			s.Backends = []BackendFinding{brokerSays(alarmSet, froze)}
		},
		"somebody else's is paused": func(e *evidence.Evidence, _ *Signs) { paused(e) },
		"a migration is done": func(e *evidence.Evidence, _ *Signs) {
			ended(e, 0, froze)
			e.Spec.DependsOn = []string{"redis"}
		},
		"it ended hours before": func(e *evidence.Evidence, _ *Signs) {
			ended(e, 1, began.Add(-time.Hour))
			e.Spec.DependsOn = []string{"redis"}
		},
		"/proc may not be read, and nothing names it": func(e *evidence.Evidence, _ *Signs) {
			paused(e)
			e.Process = nil
		},
	} {
		if got := neighbourhood(change); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestMainWait: the main thread's connection, with the neighbour's name where it is one.
func TestMainWait(t *testing.T) {
	c := Case{}
	c.Process = &evidence.Process{PID: 10}
	c.Life = &evidence.Life{Alive: true}
	if got := c.MainWait(); got != nil {
		t.Errorf("%+v without a wait", got)
	}
	waiting(&c.Evidence, "poll")
	if got := c.MainWait(); got == nil || got.Address != "172.18.0.3:6379" || got.Called != "" {
		t.Errorf("%+v, want no name", got)
	}
	c.Neighbours = []evidence.Neighbour{{Name: "shop-redis-1", Addresses: []string{"172.18.0.3"}}}
	if got := c.MainWait(); got == nil || got.Called != "shop-redis-1" {
		t.Errorf("%+v, want the neighbour's name", got)
	}
}

// TestPoolBehindNeighbour: what ran dry after a neighbour fell silent did so because of it; what ran dry
// before did not.
func TestPoolBehindNeighbour(t *testing.T) {
	since := froze
	c := Case{}
	c.Life = &evidence.Life{Start: began, Alive: true}
	c.Stuck = []Dependency{{Tie: TieWaits, Since: &since}}
	before, after := froze.Add(-time.Minute), froze.Add(time.Minute)
	if c.AwaitedSince(&after) == nil || c.AwaitedSince(nil) == nil {
		t.Error("the paused neighbour does not explain what came after it")
	}
	if c.AwaitedSince(&before) != nil {
		t.Error("the paused neighbour explains what came before it")
	}
	c.Stuck[0].Tie = TieNeeded
	if c.AwaitedSince(&after) != nil {
		t.Error("a setting that names it is enough")
	}
}

// TestAddressOfTheGone: the address that a stopped neighbour had does not stand before the neighbour that the log
// names.
func TestAddressOfTheGone(t *testing.T) {
	got := neighbourhood(func(e *evidence.Evidence, s *Signs) {
		answersNot(e, 20, 1)
		e.Inside.Processes[0].Threads[0].Wait.Socket.State = "SYN_SENT"
		ended(e, 0, froze)
		s.Log = &servicelog.Run{Findings: []servicelog.Finding{{Other: fact.DependencyDown, Object: "redis:6379"}}}
	})
	if len(got) != 2 || got[0].Service != "redis" {
		t.Errorf("%+v, want redis first", got)
	}
}

// TestStopIsFeltWhenAsked: what a server served ends with the request to stop, not with its exit.
func TestStopIsFeltWhenAsked(t *testing.T) {
	asked := froze.Add(-9 * time.Second)
	got := neighbourhood(func(e *evidence.Evidence, s *Signs) {
		ended(e, 0, froze)
		e.Around = []evidence.Event{{At: asked, Kind: fact.EventSignalSent, Name: "shop-redis-1"}}
		s.Log = &servicelog.Run{Findings: []servicelog.Finding{{Other: fact.DependencyDown, Object: "redis:6379"}}}
	})
	if len(got) != 1 || got[0].Since == nil || !got[0].Since.Equal(asked) {
		t.Errorf("%+v, want it away since %v", got, asked)
	}
}

// TestBrokeOff: a program that had connected to redis and ended by an exception of a connection.
func TestBrokeOff(t *testing.T) {
	end := froze.Add(5 * time.Second)
	for name, tt := range map[string]struct {
		line, exception string
		change          func(*evidence.Evidence)
		broke           bool
	}{
		"redis was paused":        {"connected to redis on attempt 1", "TimeoutError", paused, true},
		"redis was stopped":       {"Connected to Redis", "ConnectionResetError", stops(froze), true},
		"redis was stopped later": {"connected to redis", "TimeoutError", stops(end.Add(time.Minute)), false},
		"redis runs":              {"connected to redis", "TimeoutError", func(*evidence.Evidence) {}, false},
		"it never reached redis":  {"redis not connected, retrying", "TimeoutError", paused, false},
		"it names another":        {"connected to redis-replica", "TimeoutError", paused, false},
		"of no connection":        {"connected to redis", "KeyError", paused, false},
	} {
		e := &evidence.Evidence{Now: end}
		e.Lives = []evidence.Life{{Start: began, End: &end}}
		e.Neighbours = []evidence.Neighbour{{Name: "shop-redis-1", Service: "redis", State: fact.StateRunning}}
		tt.change(e)
		s := Signs{}
		s.Log = &servicelog.Run{Tail: []servicelog.Line{{At: began, Text: tt.line}}, Findings: []servicelog.Finding{{
			ID: "startup-exception", At: end, LastAt: end, Strength: fact.Strong, Cause: fact.StartupFailure,
			Exception: &traceback.Exception{Type: tt.exception, Message: "timed out"}}}}
		x := Examined{Life: &e.Lives[0]}
		c := Case{Evidence: *e, Examined: x, Signs: s}
		c.Stuck = dependenciesOf(e, x, s)
		if got := c.BrokenOff(); (got != nil) != tt.broke {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func stops(at time.Time) func(*evidence.Evidence) {
	return func(e *evidence.Evidence) { ended(e, 137, at) }
}

// TestWaitsToConnect: who polls many connections waits for the one that is not answered, and goes on meanwhile.
func TestWaitsToConnect(t *testing.T) {
	poll := standingThread(1, "epoll_wait", 0.2, nil)
	poll.Wait.Connecting = &evidence.Peering{Protocol: "tcp", State: "SYN_SENT", Local: "172.18.0.3:40812",
		Remote: "10.0.0.5:5432", Unanswered: 35}
	c := withThreads(poll)
	c.Process = &evidence.Process{}
	if list := waitsOf(&c.Evidence); len(list) != 1 || !list[0].Cut || list[0].Main || list[0].For != 35 ||
		list[0].Address != "10.0.0.5:5432" {
		t.Errorf("%+v", list)
	}
	want := "epoll_wait; among what it waits for is a connection to 10.0.0.5:5432, which has not answered the attempt " +
		"to connect for 35 s at least"
	if got := poll.Wait.Text(); got != want {
		t.Errorf("got %q", got)
	}
	poll.Wait.Connecting = nil // the thread in c waits in it, too
	if list := waitsOf(&c.Evidence); len(list) > 0 {
		t.Errorf("it waits for nobody: %+v", list)
	}
}
