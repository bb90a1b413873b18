package cause

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

var (
	start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	end   = start.Add(2 * time.Minute)
)

// option changes one fact of a case.
type option func(*inquest.Case)

// dead is a run that ended by itself with exit code 1 after two minutes, every
// source read, nothing in any of them.
func dead(options ...option) inquest.Case {
	at, code := end, 1
	c := inquest.Case{Evidence: evidence.Evidence{Now: end.Add(time.Minute)}}
	for _, name := range evidence.SourceOrder {
		c.Sources = append(c.Sources, bundle.Source{Name: name, Status: fact.StatusCollected, From: &start, To: &at})
	}
	c.Target.ID = "a6f3"
	c.Spec, c.Status = &evidence.Spec{}, &evidence.Status{State: "exited", ExitCode: 1, StartedAt: start}
	c.Kernel = evidence.Kernel{Log: &kernellog.Log{}, From: &start}
	c.Lives = []evidence.Life{{Start: start, End: &at, ExitCode: &code}}
	c.Life = &c.Lives[0]
	c.Log = &servicelog.Run{Start: start, Lines: 12}
	c.Death = inquest.Death{State: "exited", EndedBy: fact.EndedByOwnExit, ExitCode: &code, At: &at}
	return with(c, options...)
}

// alive is a run that has been up for two minutes.
func alive(options ...option) inquest.Case {
	c := dead()
	c.Now = end
	c.Status.State = "running"
	c.Lives[0].End, c.Lives[0].ExitCode, c.Lives[0].Alive = nil, nil, true
	c.Death = inquest.Death{State: "running", EndedBy: fact.EndedByNone}
	c.Process = &evidence.Process{At: end, PID: 4711, Comm: "python3", Overflows: new(uint64)}
	c.Cgroup = &evidence.Cgroup{}
	return with(c, options...)
}

// blind is a case of which nothing could be read.
func blind(...option) inquest.Case {
	c := inquest.Case{Evidence: evidence.Evidence{Now: end}}
	c.Death = inquest.Death{State: "unknown", EndedBy: fact.EndedByUnknown}
	return c
}

func with(c inquest.Case, options ...option) inquest.Case {
	for _, o := range options {
		o(&c)
	}
	return c
}

func exit(code int, by fact.EndedBy) option {
	return func(c *inquest.Case) {
		c.Death.ExitCode, c.Lives[0].ExitCode, c.Death.EndedBy, c.Death.Reason = &code, &code, by, "as the test says"
		c.Death.Signal = map[int]string{137: "SIGKILL", 139: "SIGSEGV", 143: "SIGTERM",
			152: "SIGXCPU", 159: "SIGSYS"}[code]
	}
}

func kill(at time.Time) option {
	return func(c *inquest.Case) {
		k := kernellog.Kill{At: &at, Comm: "python3", Scope: "own-limit", Container: &kernellog.Container{ID: "a6f3"}}
		c.Kills = append(c.Kills, k)
		if c.Death.At != nil && at.Equal(*c.Death.At) {
			c.KillAtEnd = &k
		}
	}
}

// lostChild is an OOM kill 3 s before the end, with so many processes in the kernel's table of the group.
func lostChild(processes int) option {
	return func(c *inquest.Case) {
		kill(end.Add(-3 * time.Second))(c)
		k := &c.Kills[len(c.Kills)-1]
		k.PID, k.LowestPID, k.TaskCount = 4720, 4711, processes
	}
}

// unresolved is a complaint a minute after the start that redis' name does not resolve, beside a neighbour of a name
// that has run since a moment; zero = nobody knows since when. The container is in network front, the neighbour in
// others; none = that is not known.
func unresolved(neighbour string, since time.Time, networks ...string) option {
	return func(c *inquest.Case) {
		c.Spec.Networks = []string{"front"}
		n := evidence.Neighbour{ID: "b", Name: "shop-redis-1", Service: neighbour, State: fact.StateRunning,
			StartedAt: &since, Networks: networks}
		if since.IsZero() {
			n.StartedAt = nil
		}
		c.Neighbours = append(c.Neighbours, n)
		c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: "dependency-unresolved", Other: fact.DependencyDown,
			Object: "redis:6379", Role: fact.RoleRoot, Strength: fact.Strong, At: start.Add(time.Minute),
			LastAt: start.Add(time.Minute), Line: 1, LastLine: 1, Count: 3})
	}
}

func shellPID1(c *inquest.Case) {
	c.Spec.Command = []string{"sh", "-c", "python3 job.py; sleep 2; exit 3"}
}

func crash(kind string) option {
	return func(c *inquest.Case) {
		at := end
		c.Crashes = append(c.Crashes, inquest.Crash{Crash: kernellog.Crash{At: &at, Comm: "python3",
			Signal: "SIGSEGV"}, Why: "test: " + kind})
	}
}

// crashesAgain are crashes of one command, one in two seconds, the last a second ago.
func crashesAgain(comm string, times int) option {
	return func(c *inquest.Case) {
		for i := range times {
			at := c.Now.Add(time.Duration(2*(i-times)+1) * time.Second)
			c.Crashes = append(c.Crashes, inquest.Crash{Crash: kernellog.Crash{At: &at, Comm: comm, Signal: "SIGSEGV"},
				Why: "as the test says"})
		}
	}
}

// awaits is a log whose last words are that it waits for a database, as the kind of trouble.
func awaits(other string) option {
	return func(c *inquest.Case) {
		c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: servicelog.Awaited, Other: other, Object: "db:5432",
			Role: fact.RoleRoot, Strength: fact.Weak, At: c.Now.Add(-time.Second), LastAt: c.Now.Add(-time.Second), Count: 1})
	}
}

func request(unhealthy, escalated bool) option {
	return func(c *inquest.Case) {
		r := &inquest.StopRequest{Request: evidence.Request{Words: "docker stop", At: end.Add(-time.Second),
			Signal: 15, Escalated: escalated}}
		if unhealthy {
			at := end.Add(-4 * time.Second)
			r.Unhealthy, c.Unhealthy = &at, &at
		}
		c.Death.EndedBy, c.Death.Request = fact.EndedByEngineRequest, r
	}
}

func healthcheck3() option {
	return func(c *inquest.Case) {
		c.Spec.Healthcheck = &check.Config{Test: []string{"CMD", "curl"}, Interval: 10 * time.Second,
			Timeout: 5 * time.Second, Retries: 3}
	}
}

// probes adds one probe an outcome, the last at the end of the run.
func probes(outcomes ...check.Outcome) option {
	return func(c *inquest.Case) {
		healthcheck3()(c)
		for i, outcome := range outcomes {
			at := end.Add(time.Duration(i-len(outcomes)) * 5 * time.Second)
			c.Probes = append(c.Probes, inquest.Probe{Probe: check.Probe{Start: at, End: at.Add(time.Second)},
				Result: check.Result{Outcome: outcome, Summary: string(outcome)}})
		}
		for i := len(c.Probes) - 1; i >= 0 && c.Probes[i].Failed(); i-- {
			c.Streak++
		}
		if c.Streak >= 3 && c.Unhealthy == nil {
			at := end
			c.Unhealthy = &at
		}
	}
}

// asks has the check ask a port, and the program listen on others; without any, the table was not read.
func asks(port int, listens ...int) option {
	return func(c *inquest.Case) {
		c.Spec.Healthcheck.Test = []string{"CMD", "curl", "-f", "http://localhost:" + strconv.Itoa(port) + "/health"}
		if len(listens) == 0 {
			c.Process = nil
			return
		}
		for _, l := range listens {
			c.Process.Listeners = append(c.Process.Listeners, evidence.Listener{Address: "0.0.0.0", Port: l})
		}
	}
}

// silentFor is a log with one line a second, or so it was measured, that stopped some time before now.
func silentFor(silence time.Duration, gaps int) option {
	return func(c *inquest.Case) {
		c.Log.LastAt, c.Log.Gaps, c.Log.MedianGap, c.Log.UsualGap = c.Now.Add(-silence), gaps, time.Second,
			2*time.Second
	}
}

// probesStopped is a log that goes on, but for the access lines of the health checks, one in ten seconds until then.
func probesStopped(missing time.Duration, gaps int) option {
	return func(c *inquest.Case) {
		c.Log.LastAt, c.Log.Gaps, c.Log.UsualGap = c.Now.Add(-time.Second), 500, 2*time.Second
		c.Log.ProbeLastAt, c.Log.ProbeGaps, c.Log.UsualProbeGap = c.Now.Add(-missing), gaps, 10*time.Second
	}
}

// backend adds what a neighbour's log says, at some distance from the run's end.
func backend(id string, before time.Duration) option {
	return func(c *inquest.Case) {
		at := end.Add(-before)
		c.Backends = append(c.Backends, inquest.BackendFinding{Name: "rabbitmq", Finding: servicelog.Finding{
			ID: id, Strength: fact.Conclusive, At: at, LastAt: at, Line: 3, Count: 1, Excerpt: "alarm"}})
	}
}

func logged(cause, id string, role fact.Role, strength fact.Strength) option {
	return func(c *inquest.Case) {
		c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: id, Cause: cause,
			Role: role, Strength: strength, At: end.Add(-10 * time.Second), LastAt: end.Add(-10 * time.Second),
			Line: 7, Count: 1})
	}
}

func lifecycle(server string, started, ready, draining bool) option {
	return func(c *inquest.Case) {
		at := start.Add(time.Second)
		c.Log.Lifecycle.Server = server
		if started {
			c.Log.Lifecycle.Started = &at
		}
		if ready {
			c.Log.Lifecycle.Ready = &at
		}
		if draining {
			c.Log.Lifecycle.Draining = &at
		}
	}
}

// replayed is a replay of the health check with a verdict.
func replayed(kind, picture string) option {
	return func(c *inquest.Case) {
		healthcheck3()(c)
		c.Replayed = &health.Verdict{Kind: kind, Picture: picture, Summary: "as the test says"}
	}
}

// refusedPort is a port that the runtime could not give, and what a neighbour publishes.
func refusedPort(wanted, published int) option {
	return func(c *inquest.Case) {
		c.Refusal = []servicelog.Finding{{Other: fact.PortTaken, Object: strconv.Itoa(wanted)}}
		c.Neighbours = []evidence.Neighbour{{Name: "shop-web-1", Published: []int{published}}}
	}
}

// portUse is what was seen of the ports' users.
func portUse(unseen string, uses ...evidence.PortUse) option {
	return func(c *inquest.Case) {
		c.Ports = &evidence.Ports{At: end, Wanted: []int{8080}, Uses: uses, Unseen: unseen}
	}
}

func runs(command ...string) option {
	return func(c *inquest.Case) { c.Spec.Command = command }
}

// stuck is a neighbour that stopped answering so long before the end.
func stuck(silence inquest.Silence, tie inquest.Tie, before time.Duration) option {
	return func(c *inquest.Case) {
		since := end.Add(-before)
		d := inquest.Dependency{Silence: silence, Tie: tie, Since: &since}
		d.Service = "redis"
		c.Stuck = append(c.Stuck, d)
	}
}

// mainWaits is a thread of process 4711, the first of which has the same number, that waits for a connection.
func mainWaits(tid int) option {
	return func(c *inquest.Case) {
		c.Inside = &evidence.Inside{Processes: []evidence.InsideProcess{{PID: 4711, Threads: []evidence.InsideThread{
			{TID: tid, Wait: &evidence.Wait{Call: "recvfrom", Socket: &evidence.Peering{Protocol: "tcp",
				Local: "10.0.0.4:51446", Remote: "10.0.0.5:5432"}}}}}}}
	}
}

func do(f func(c *inquest.Case)) option { return f }

func number(n int64) *int64 { return &n }

func whole(n int) *int { return &n }

// triple is one rule's three cases.
type triple struct{ speaks, silent, cannotTell inquest.Case }

func ruleCases() map[string]triple {
	oom := exit(137, fact.EndedByKernelOOM)
	oomEvent := do(func(c *inquest.Case) { at := end; c.OOMEvents, c.OOMAtEnd = []time.Time{end}, &at })
	shortLife := do(func(c *inquest.Case) { c.Life.Start = c.Life.End.Add(-time.Second) })
	flag := do(func(c *inquest.Case) { c.Status.OOMKilled = true })
	noEnd := do(func(c *inquest.Case) { c.Death.ExitCode, c.Death.EndedBy = nil, fact.EndedByUnknown })
	noLog := do(func(c *inquest.Case) { c.Log = nil })
	noProcess := do(func(c *inquest.Case) { c.Process = nil })
	hung3 := probes(check.Timeout, check.Timeout, check.Timeout)
	failed3 := probes(check.Refused, check.Refused, check.Refused)
	neverStarted := do(func(c *inquest.Case) {
		c.Lives, c.Life = nil, nil
		c.Status = &evidence.Status{State: "never-started", ExitCode: 127, Error: "exec: not found"}
		c.Death = inquest.Death{State: "never-started", EndedBy: fact.EndedByNone, ExitCode: whole(127)}
	})
	steady := do(func(c *inquest.Case) {
		c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: "steady-line-stopped",
			Cause: fact.BackgroundTaskFailure, Role: "root",
			Strength: "strong", At: start, LastAt: start.Add(time.Minute), Count: 60, Every: time.Second,
			Excerpt: "job 60 done"})
	})
	failsAgain := do(func(c *inquest.Case) {
		c.EarlierEnds, c.Life.Start = []int{1, 1}, end.Add(-time.Second)
		c.Log.Lifecycle = servicelog.Lifecycle{}
	})
	recycles := do(func(c *inquest.Case) { c.Spec.Command = []string{"celery", "--max-tasks-per-child=2"} })
	grave := do(func(c *inquest.Case) {
		c.Death.Signal = "SIGTERM"
		c.Log.LastWords = &servicelog.LastWords{Line: servicelog.Line{Number: 9, At: end, Text: "ERROR lost the lease"},
			Gravity: servicelog.Grave}
	})
	bare := func(input bool) option {
		return func(c *inquest.Case) {
			c.Spec.Command, c.Spec.Stdin, c.Log = []string{"bash"}, &input, nil
		}
	}
	worker := func(w inside.Worker) option { return func(c *inquest.Case) { c.Worker = w } }
	serves := do(func(c *inquest.Case) { c.Log.Serving = &servicelog.Line{Number: 1, Text: "INFO serving"} })
	execs := func(command string) option {
		return func(c *inquest.Case) {
			c.Life.Events = append(c.Life.Events, evidence.Event{At: end.Add(-time.Second), Kind: fact.EventExecCreated,
				Command: command})
		}
	}
	allOthers := func(c *inquest.Case) {
		for _, named := range fact.NamedOthers() {
			other(named.ID, fact.Strong)(c)
		}
	}
	saidLast := func(text string, g servicelog.Gravity) option {
		return func(c *inquest.Case) {
			c.Log.LastWords = &servicelog.LastWords{Line: servicelog.Line{Number: 9, Text: text}, Gravity: g}
		}
	}
	untold := do(func(c *inquest.Case) {
		at := end
		c.Untold = &kernellog.Trouble{At: &at, Kind: kernellog.TroubleVictimUntold, Scope: kernellog.ScopeOwnLimit}
	})
	daemon := do(func(c *inquest.Case) {
		at := end
		c.Daemon = &inquest.DaemonKill{Trouble: kernellog.Trouble{At: &at, Kind: kernellog.TroubleOOMDKill,
			Summary: "systemd-oomd killed a cgroup"}, Match: inquest.MatchName, Group: true}
	})
	nameless := do(func(c *inquest.Case) {
		at := end
		c.Nameless = &inquest.NamelessKill{Kill: kernellog.Kill{At: &at, Comm: "uvicorn"}, Match: inquest.MatchName,
			Gap: 60 * time.Millisecond}
	})
	return map[string]triple{
		// oom-kill
		"kernel-oom-kill": {dead(oom, kill(end)), dead(exit(137, fact.EndedByOutsideSignal),
			kill(end.Add(-time.Minute))), blind()},
		"engine-oom-event": {dead(oom, oomEvent), dead(exit(137, fact.EndedByEngineRequest)), blind()},
		"oomkilled-flag":   {dead(oom, flag), dead(exit(1, fact.EndedByOwnExit), flag), blind()},
		"oom-kill-hurt-service": {dead(kill(end.Add(-time.Second / 2))), dead(kill(end.Add(-time.Minute))),
			dead(noEnd, kill(end))},
		"oom-kill-before-end": {dead(kill(end.Add(-6 * time.Second))), dead(kill(end.Add(-6*time.Second)),
			uncaught("KeyError")),
			dead(noEnd, kill(end.Add(-6*time.Second)))},
		"oom-kill-of-all": {dead(lostChild(2), shellPID1), dead(lostChild(3), shellPID1),
			dead(noEnd, lostChild(2), shellPID1)},
		"oom-kill-of-child": {dead(kill(end.Add(-time.Minute))), dead(oom, kill(end)), blind()},
		"oom-frozen": {alive(do(func(c *inquest.Case) { yes := true; c.Cgroup.UnderOOM = &yes })),
			alive(do(func(c *inquest.Case) { no := false; c.Cgroup.UnderOOM = &no })),
			alive(do(func(c *inquest.Case) { c.Cgroup = nil }))},
		"memory-near-limit": {alive(do(func(c *inquest.Case) {
			c.Cgroup.Anon, c.Cgroup.MemoryLimit = number(98),
				number(100)
		})),
			alive(do(func(c *inquest.Case) { c.Cgroup.Anon, c.Cgroup.MemoryLimit = number(50), number(100) })),
			alive(do(func(c *inquest.Case) { c.Cgroup.Anon = number(98) }))},
		"memory-stalls":        {alive(stalled(45)), alive(stalled(2)), alive()},
		"not-killed-by-signal": {dead(), dead(oom), dead(noEnd)},
		"kernel-log-silent": {dead(exit(137, fact.EndedByOutsideSignal)), dead(oom, kill(end)),
			dead(do(func(c *inquest.Case) { late := end.Add(time.Second); c.Kernel.From = &late }))},
		"cgroup-no-kill": {alive(do(func(c *inquest.Case) { c.Cgroup.OOMKills = number(0) })),
			alive(do(func(c *inquest.Case) { c.Cgroup.OOMKills = number(2) })), alive()},
		"engine-sent-kill": {dead(exit(137, ""), request(false, true)), dead(), blind()},
		"oom-of-sibling":   {dead(do(func(c *inquest.Case) { c.SiblingOOM = true })), dead(), blind()},
		"oomkilled-flag-stale": {dead(flag, do(func(c *inquest.Case) { c.StickyOOM = true })), dead(oom, flag),
			blind()},

		// healthcheck-timeout and healthcheck-failure
		"stopped-after-hung-probes": {dead(request(true, false), hung3), dead(request(true, false), failed3),
			dead(request(true, false))},
		"unhealthy-by-hung-probes": {alive(hung3), alive(failed3), alive(healthcheck3())},
		"replay-hung": {alive(replayed("hanging", "event-loop-blocked")),
			alive(replayed("failing", "error-status")), alive()},
		"replay-failed": {alive(replayed("misconfigured", "probe-broken")),
			alive(replayed("hanging", "no-answer")), alive()},
		"replay-passed": {alive(replayed("healthy", "")), alive(replayed("slow", "slow-start")), alive()},
		"replay-found-a-pool": {alive(replayed("hanging", "thread-pool-exhausted")),
			alive(replayed("hanging", "event-loop-blocked")), alive()},
		"hangs-on-dependency": {alive(hung3, stuck(inquest.SilencePaused, inquest.TieWaits, time.Minute)),
			alive(hung3, stuck(inquest.SilencePaused, inquest.TieWaits, time.Second)), alive(hung3, noProcess)},
		"main-thread-waits": {alive(hung3, mainWaits(4711)), alive(hung3, mainWaits(4712)),
			alive(hung3)},
		"fails-on-dependency": {alive(failed3, stuck(inquest.SilenceEnded, inquest.TieNamed, time.Minute)),
			alive(failed3, stuck(inquest.SilenceEnded, inquest.TieNamed, time.Second)),
			alive(healthcheck3(), stuck(inquest.SilenceEnded, inquest.TieNamed, time.Minute))},
		"dependency-in-another-network": {alive(unresolved("redis", start, "back")),
			alive(unresolved("redis", start, "back", "front")), alive(unresolved("redis", time.Time{}, "back"))},
		"dependency-does-not-answer": {alive(stuck(inquest.SilenceHalted, inquest.TieWaits, time.Minute)),
			dead(stuck(inquest.SilenceEnded, inquest.TieNeeded, time.Minute)), alive(noProcess)},
		"probe-hung": {alive(probes(check.Timeout, check.Pass)), alive(probes(check.Pass)),
			alive(healthcheck3())},
		"probe-lines-stopped": {alive(probesStopped(time.Minute, 20)), alive(probesStopped(20*time.Second, 20)),
			alive(probesStopped(time.Minute, 3))},
		"log-went-silent": {alive(silentFor(time.Minute, 50)), alive(silentFor(time.Second, 50)),
			alive(silentFor(time.Minute, 5))},
		"broker-missed-heartbeats": {alive(backend("rabbitmq-missed-heartbeats", time.Second)),
			alive(backend("rabbitmq-resource-alarm", time.Second)), blind()},
		"term-not-handled": {dead(hung3, request(true, true)), dead(hung3, request(true, false)),
			dead(request(true, true))},
		"connections-not-accepted": {alive(queue(17)), alive(queue(0)), alive(noProcess)},
		"clients-at-limit": {alive(takesClients(5, 5)), alive(takesClients(4, 5)),
			alive(takesClients(5, 5), noProcess)},
		"check-outlasts-timeout": {alive(hung3, outlasting), alive(hung3), alive(healthcheck3())},
		"loop-stands-still": {alive(lookedInside(stuckLoop(27, "recvfrom"))), alive(lookedInside(loopMoving)),
			alive()},
		"loop-moves": {alive(lookedInside(loopMoving)), alive(lookedInside(stuckLoop(27, "recvfrom"))),
			alive()},
		"cpu-throttled": {alive(hung3, throttled(80, 100)), alive(hung3, throttled(5, 100)),
			alive(hung3, do(func(c *inquest.Case) { c.Cgroup.Throttled = number(80) }))},
		"load-above-processors": {alive(hung3, loaded(31, 2)), alive(hung3, loaded(3, 2)), alive(hung3)},
		"machine-overloaded": {alive(hung3, loaded(31, 2)),
			alive(hung3, loaded(31, 2), lookedInside(stuckLoop(27, "recvfrom"))), alive(hung3)},
		"not-listening-yet":       {alive(failed3, atWork("R")), alive(failed3, atWork("S")), alive(failed3, noProcess)},
		"probes-failed-otherwise": {alive(failed3), alive(hung3), alive(healthcheck3())},
		"stopped-after-failed-probes": {dead(request(true, false), failed3), dead(request(true, false), hung3),
			dead(request(true, false))},
		"unhealthy-by-failed-probes": {alive(failed3), alive(hung3), alive(healthcheck3())},
		"probe-cannot-run": {alive(probes(check.ToolMissing)), alive(probes(check.HTTPStatus)),
			alive(healthcheck3())},
		"probe-asks-wrong-port": {alive(probes(check.Refused, check.Refused, check.Timeout), asks(8000, 8080)),
			alive(failed3, asks(8080, 8080)), alive(failed3, asks(8000))},
		"probe-failed": {alive(probes(check.Refused, check.Pass)), alive(probes(check.Pass)),
			alive(healthcheck3())},
		"probes-hung-instead": {alive(hung3), alive(failed3), alive(healthcheck3())},
		"no-healthcheck":      {dead(), dead(healthcheck3()), blind()},
		"probes-passed": {alive(probes(check.Pass, check.Pass)),
			alive(probes(check.Pass, check.Timeout)), alive(healthcheck3())},
		"probes-recovered": {alive(probes(check.Refused, check.Pass)), alive(failed3),
			alive(healthcheck3())},
		"health-flaps":             {alive(failed3, flaps), alive(failed3), alive(flaps)},
		"health-flaps-by-timeouts": {alive(hung3, flaps), alive(hung3), alive(flaps)},
		"ended-before-a-probe": {dead(healthcheck3(),
			do(func(c *inquest.Case) { soon := start.Add(2 * time.Second); c.Lives[0].End = &soon })),
			dead(healthcheck3()), dead(healthcheck3(), do(func(c *inquest.Case) { c.Lives[0].Start = time.Time{} }))},
		"nobody-stopped-it": {dead(), dead(request(false, false)),
			dead(exit(0, fact.EndedByOwnExit), serves, do(func(c *inquest.Case) { c.Events.Sparse = true }))},

		// logging-failure
		"blocked-writing-log": {alive(task("anon_pipe_write", "1 0x2 0x7f00")),
			alive(task("anon_pipe_write", "1 0x9 0x7f00")), alive(noProcess)},
		"health-route-waits": {alive(hung3, lookedInside(routeWaiting)), alive(failed3, lookedInside(routeWaiting)),
			alive(hung3)},
		"health-route-fails-waiting": {alive(failed3, lookedInside(routeWaiting)), alive(hung3, lookedInside(routeWaiting)),
			alive(failed3)},
		"pool-task-lost": {alive(lookedInside(taskLost)), alive(lookedInside(loopMoving)), alive()},
		"task-asks-to-leave": {alive(lookedInside(taskLeaves)), alive(lookedInside(taskEnded("order-consumer"))),
			alive()},
		"log-lock-held": {alive(lookedInside(logLocked)), alive(lookedInside(stuckLoop(27, "recvfrom"))), alive()},
		"exit-120":      {dead(exit(120, fact.EndedByOwnExit)), dead(), dead(noEnd)},
		"log-driver-drops": {
			dead(do(func(c *inquest.Case) { c.Spec.LogOptions = map[string]string{"mode": "non-blocking"} })),
			dead(), blind()},

		// background-task-failure and pool-exhaustion, from the processes' memory
		"task-ended-with-exception": {alive(lookedInside(taskEnded("order-consumer"))), alive(lookedInside(loopMoving)),
			alive()},
		"lasting-task-ended": {alive(lookedInside(leftUndone(3))), alive(lookedInside(loopMoving)),
			alive()},
		"pool-used-up":        {alive(lookedInside(usedUp(6))), alive(lookedInside(loopMoving)), alive()},
		"workers-at-one-line": {alive(lookedInside(crowded(27))), alive(lookedInside(loopMoving)), alive()},

		// worker-crash
		"left-without-farewell": {dead(lifecycle("uvicorn", true, true, false)),
			dead(lifecycle("uvicorn", true, true, true)), dead(noLog)},
		"gunicorn-halted": {dead(exit(3, fact.EndedByOwnExit), lifecycle("gunicorn", true, true, true)),
			dead(exit(3, fact.EndedByOwnExit), lifecycle("gunicorn", true, false, false)),
			dead(exit(3, fact.EndedByOwnExit), noLog)},
		"worker-zombies": {alive(hung3, zombie("python3", 4711)), alive(hung3, zombie("python3", 4711), recycles),
			alive(hung3, zombie("python3", 0))},
		"service-started-again": {alive(kept("s6-supervise", 1070)), alive(kept("s6-supervise", 1)),
			alive(do(func(c *inquest.Case) { c.Process = nil }))},
		"crash-under-living-parent": {alive(crash("worker")), alive(),
			alive(do(func(c *inquest.Case) { c.Kernel = evidence.Kernel{} }))},
		"children-crash": {alive(crashesAgain("convert", 4)), alive(crashesAgain("convert", 2)),
			alive(do(func(c *inquest.Case) { c.Kernel = evidence.Kernel{} }))},
		"main-process-crashed": {dead(exit(139, fact.EndedByOwnSignal)), dead(), dead(noEnd)},
		"stop-was-asked":       {dead(request(false, false)), dead(), dead(noEnd)},

		// startup-failure
		"never-ready": {dead(lifecycle("uvicorn", true, false, false)), dead(lifecycle("uvicorn", true, true, false)),
			dead(noLog)},
		"startup-hangs": {alive(lifecycle("uvicorn", true, false, false)),
			alive(lifecycle("uvicorn", true, false, false), queue(0)),
			alive(noLog)},
		"exit-3": {dead(exit(3, fact.EndedByOwnExit), lifecycle("uvicorn", true, false, false)),
			dead(exit(3, fact.EndedByOwnExit), lifecycle("uvicorn", true, true, false)),
			dead(exit(3, fact.EndedByOwnExit), noLog)},
		"short-life": {dead(do(func(c *inquest.Case) { soon := start.Add(2 * time.Second); c.Lives[0].End = &soon })),
			dead(),
			dead(do(func(c *inquest.Case) { c.Lives[0].Start = time.Time{} }))},
		"same-end-every-start": {dead(do(func(c *inquest.Case) { c.EarlierEnds = []int{1, 1} })),
			dead(do(func(c *inquest.Case) { c.EarlierEnds = []int{0, 1} })), dead(noEnd)},
		"every-start-raises": {dead(failsAgain, uncaught("AssertionError"), do(inEveryStart)),
			dead(uncaught("AssertionError"), do(inEveryStart)), dead(failsAgain, noLog)},
		"was-ready": {dead(lifecycle("uvicorn", true, true, false)), dead(lifecycle("uvicorn", true, false, false)),
			dead(noLog)},
		"lived-long": {dead(do(func(c *inquest.Case) { late := start.Add(time.Hour); c.Lives[0].End = &late })),
			dead(), dead(do(func(c *inquest.Case) { c.Lives[0].End = nil }))},

		// background-task-failure, exception-handler-failure
		"crashed-instead":      {dead(oom), dead(), dead(noEnd)},
		"handlers-do-not-kill": {dead(), alive(), dead(noEnd)},

		// pool-exhaustion
		"descriptors-used-up": {alive(do(func(c *inquest.Case) {
			c.Process.FDs, c.Process.FDMax = whole(1020),
				whole(1024)
		})),
			alive(do(func(c *inquest.Case) { c.Process.FDs, c.Process.FDMax = whole(20), whole(1024) })),
			alive(do(func(c *inquest.Case) { c.Process.FDs = whole(1020) }))},
		"forks-refused": {alive(do(func(c *inquest.Case) { c.Cgroup.PidsRefused = number(3) })),
			alive(do(func(c *inquest.Case) { c.Cgroup.PidsRefused = number(0) })),
			alive(do(func(c *inquest.Case) { c.Cgroup = nil; c.Kernel.Log = nil }))},
		"backend-at-its-limit": {dead(backend("rabbitmq-connection-limit", 30*time.Second)),
			dead(backend("rabbitmq-resource-alarm", 30*time.Second)),
			alive(backend("rabbitmq-connection-limit", 30*time.Second))},
		"broker-has-an-alarm": {alive(stuck(inquest.SilenceAlarm, inquest.TieWaits, time.Minute)),
			alive(stuck(inquest.SilencePaused, inquest.TieWaits, time.Minute)), alive()},
		"refuses-its-clients": {alive(clientTold("OOM command not allowed when used memory > 'maxmemory'.")),
			alive(clientTold("WRONGPASS invalid username-password pair")), alive(runs("redis-server"))},
		"data-at-their-limit": {alive(holdsData(21 << 20)), alive(holdsData(19 << 20)),
			alive(holdsData(21<<20), noProcess)},
		"broker-had-an-alarm": {dead(backend("rabbitmq-resource-alarm", 30*time.Second)),
			dead(backend("rabbitmq-resource-alarm", 30*time.Second), backend("rabbitmq-alarm-cleared",
				20*time.Second)), alive(backend("rabbitmq-resource-alarm", 30*time.Second))},
		"connections-pile-up": {alive(peer("CLOSE_WAIT", 40)), alive(peer("ESTABLISHED", 10)), alive(noProcess)},

		// interpreter-crash
		"died-of-fault": {dead(exit(139, fact.EndedByOwnSignal), runs("python3", "app.py")),
			dead(runs("python3", "app.py")), dead(noEnd)},
		"nothing-of-python": {dead(exit(139, fact.EndedByOwnSignal), runs("/srv/orders")),
			dead(exit(139, fact.EndedByOwnSignal), lifecycle("uvicorn", true, true, false)), blind()},
		"port-of-neighbour": {dead(neverStarted, refusedPort(8080, 8080)), dead(neverStarted, refusedPort(8080, 9090)),
			dead(neverStarted)},
		"port-holder": {dead(neverStarted, refusedPort(8080, 0), portUse("", evidence.PortUse{Port: 8080, PID: 812})),
			dead(neverStarted, refusedPort(8080, 8080)), dead(neverStarted, refusedPort(8080, 0), portUse("no root"))},
		"native-fault": {dead(exit(139, fact.EndedByOwnSignal), runs("/srv/orders")),
			dead(exit(139, fact.EndedByOwnSignal), runs("sh", "-c", "exec gunicorn app:app")), blind()},
		"kernel-saw-crash": {dead(exit(139, fact.EndedByOwnSignal), crash("end")),
			dead(exit(139, fact.EndedByOwnSignal)), dead(noEnd)},
		"kernel-saw-child-crash": {alive(crash("child")), alive(),
			alive(do(func(c *inquest.Case) { c.Kernel = evidence.Kernel{} }))},
		"kernel-saw-no-crash": {dead(exit(139, fact.EndedByUnknown)), dead(exit(139, fact.EndedByOwnSignal),
			crash("end")), dead(noEnd)},
		"core-file": {dead(do(func(c *inquest.Case) { c.Cores = []string{"/srv/core"} })), dead(),
			blind()},
		"oom-while-dumping": {dead(oom, dumping(400)), dead(oom, dumping(600)), dead(oom, dumping())},
		"killed-and-unwitnessed": {dead(exit(137, fact.EndedByOutsideSignal), kernelUnread),
			dead(exit(137, fact.EndedByOutsideSignal)), dead(exit(137, fact.EndedByUnknown), kernelUnread, noEnd)},
		"killed-while-dumping": {dead(oom, dumping(400)), dead(oom, dumping(600)), dead(oom, dumping())},
		"core-tells-crash": {dead(exit(139, fact.EndedByOwnSignal), core(1, "null-pointer")),
			dead(exit(139, fact.EndedByOwnSignal), core(1, "snapshot")), blind()},
		"core-tells-signal-sent": {dead(core(1, "sent-by-process")), dead(core(1, "abort")), blind()},
		"worker-left-core":       {alive(core(7, "stack-overflow")), alive(core(1, "stack-overflow")), blind()},
		"no-fault":               {dead(), dead(exit(139, fact.EndedByOwnSignal)), dead(noEnd)},
		"still-running":          {alive(), alive(crash("child")), dead(noEnd)},

		// the alternatives
		"stopped-on-request": {dead(request(false, false)), dead(request(true, false)), dead(noEnd)},
		"stopped-while-troubled": {dead(request(false, false), crash("before")), dead(request(false, false)),
			dead(noEnd)},
		"stopped-while-unhealthy": {dead(request(true, false)), dead(request(false, false)), dead(noEnd)},
		"paused":                  {alive(do(func(c *inquest.Case) { c.Death.State = "paused" })), alive(), blind()},
		"all-threads-wait":        {alive(waitsForEver(true)), alive(waitsForEver(false)), alive()},
		"locks-in-a-circle":       {alive(lookedInside(crossed)), alive(lookedInside(loopMoving)), alive()},
		"lock-not-given-back": {alive(lookedInside(orphaned(2, false))), alive(lookedInside(crossed)),
			alive()},
		"requests-stand-alike": {alive(lookedInside(stalledFor(60))), alive(lookedInside(stalledFor(0.3))), alive()},
		"nothing-moves":        {alive(readsPipe(600)), alive(readsPipe(1)), alive()},
		"process-stopped":      {alive(state("T")), alive(state("S")), alive(noProcess)},
		"no-network": {alive(do(func(c *inquest.Case) { c.Status.NoNetwork = "shop_default" })), alive(),
			blind()},
		"exit-zero": {dead(exit(0, fact.EndedByOwnExit)), dead(exit(0, fact.EndedByOwnExit), serves), dead(noEnd)},
		"told-by-exec": {dead(exit(0, fact.EndedByOwnExit), serves, execs("kill -TERM 1")),
			dead(exit(0, fact.EndedByOwnExit), serves, execs("kill -0 1")), dead(noEnd, execs("kill -TERM 1"))},
		"listens-on-loopback": {alive(forwards(8080), listens("127.0.0.1", 8080)),
			alive(forwards(8080), listens("0.0.0.0", 8080), listens("127.0.0.1", 8081)),
			alive(forwards(8080), noProcess)},
		"mount-full": {alive(room(0)), alive(room(4096)), alive(noProcess)},
		"port-not-served": {alive(forwards(8080), listens("0.0.0.0", 5000)),
			alive(forwards(8080, 9090), listens("::", 9090)), alive(forwards(8080), noProcess)},
		"runs-well": {alive(), alive(hung3),
			alive(do(func(c *inquest.Case) { c.Lives[0].Start = time.Time{} }))},
		"runs-unheard": {alive(unread("logs")), alive(), dead(unread("logs"))},
		"signal-of-a-limit": {dead(exit(152, fact.EndedByOutsideSignal)), dead(exit(143, fact.EndedByOutsideSignal)),
			blind()},
		"call-forbidden": {dead(exit(159, fact.EndedByOwnSignal)), dead(exit(139, fact.EndedByOwnSignal)), blind()},
		"left-the-foreground": {dead(exit(0, fact.EndedByOwnExit), runs("gunicorn", "-D", "wsgi:app"), shortLife),
			dead(exit(0, fact.EndedByOwnExit), runs("gunicorn", "wsgi:app"), shortLife), blind()},
		"ended-by-term": {dead(exit(143, fact.EndedByOutsideSignal)),
			dead(exit(137, fact.EndedByOutsideSignal)), dead(noEnd)},
		"ended-badly": {dead(), dead(exit(0, fact.EndedByOwnExit)), dead(noEnd)},
		"killed-from-outside": {dead(exit(137, fact.EndedByOutsideSignal)),
			dead(exit(137, ""), request(false, true)), dead(noEnd)},
		"is-unhealthy":  {alive(hung3), alive(probes(check.Pass)), blind()},
		"did-not-start": {dead(neverStarted), dead(), blind()},
		"check-passes-in-vain": {alive(asksPiped(8080)), alive(asksPiped(8080), listens("0.0.0.0", 8080)),
			alive(asksPiped(8080), noProcess)},
		"created-only": {dead(neverStarted,
			do(func(c *inquest.Case) { c.Status = &evidence.Status{State: "never-started"} })),
			dead(neverStarted), dead(neverStarted,
				do(func(c *inquest.Case) { c.Status = &evidence.Status{State: "never-started", StartUntold: true} }))},
		"start-not-told": {dead(neverStarted,
			do(func(c *inquest.Case) { c.Status = &evidence.Status{State: "never-started", StartUntold: true} })),
			dead(neverStarted), blind()},
		"kernel-oom-report": {dead(exit(137, fact.EndedByKernelOOM), untold),
			dead(exit(137, fact.EndedByKernelOOM)), blind()},
		"memory-daemon-kill": {dead(exit(137, fact.EndedByOutsideSignal), daemon),
			dead(exit(137, fact.EndedByEngineRequest), request(false, true), daemon), blind()},
		"kernel-kill-by-name": {dead(exit(137, fact.EndedByKernelOOM), nameless),
			dead(exit(137, fact.EndedByEngineRequest), request(false, true), nameless), blind()},
		"outside-kill": {dead(exit(137, fact.EndedByOutsideSignal)),
			dead(exit(137, ""), request(false, true)), dead(noEnd)},
		"steady-work-stopped": {alive(steady, worker(inside.WorkerGone)), alive(steady, worker(inside.WorkerIdle)),
			alive(steady)},
		"shut-down-unasked": {dead(exit(0, fact.EndedByOwnExit), serves), dead(exit(0, fact.EndedByOwnExit)),
			dead(exit(0, fact.EndedByOwnExit), noLog)},
		"said-at-the-end":     {dead(allOthers), dead(exit(0, fact.EndedByOwnExit), allOthers), dead(noLog)},
		"said-at-every-start": {dead(allOthers, do(inEveryStart)), dead(allOthers), dead(noLog)},
		"goes-on":             {alive(allOthers), dead(allOthers), alive(noLog)},
		fact.FatalWords: {dead(saidLast("FATAL: no way", servicelog.Fatal)),
			dead(saidLast("bye", servicelog.Plain)), dead(noLog)},
		"engine-could-not-start": {dead(neverStarted), dead(), blind()},
		"uncaught-exception":     {dead(uncaught("KeyError")), dead(), dead(noLog)},
		"had-no-input": {dead(exit(0, fact.EndedByOwnExit), bare(false)), dead(exit(0, fact.EndedByOwnExit), bare(true)),
			dead(exit(0, fact.EndedByOwnExit))},
		"ends-again-and-again": {dead(exit(0, fact.EndedByOwnExit), restarts("always")),
			dead(exit(0, fact.EndedByOwnExit), restarts("no")), blind()},
		"error-of-its-own": {dead(), dead(exit(0, fact.EndedByOwnExit)), dead(noEnd)},
		"awaits-a-dependency": {alive(awaits(fact.DependencyDown)), alive(awaits("")),
			alive(awaits(fact.DependencyDown), noLog)},
		"unknown-end": {dead(noEnd), dead(), alive()},
		"error-before-signal": {dead(exit(143, fact.EndedByOutsideSignal), grave),
			dead(exit(143, fact.EndedByOutsideSignal)), dead(exit(143, fact.EndedByOutsideSignal), noLog)},
		"engine-did-not-say": {alive(do(func(c *inquest.Case) {
			c.Spec, c.Status, c.Death.Reason = nil, nil, "the engine did not say; its processes run"
		})), alive(), blind()},
	}
}

// dumping puts an OOM kill at line 500 of the kernel log, and call traces that write a
// core at the given lines.
func dumping(lines ...int) option {
	return func(c *inquest.Case) {
		k := kernellog.Kill{Comm: "python3", Line: 500}
		c.KillAtEnd, c.Kernel.Dumping = &k, lines
		c.Kernel.Log = &kernellog.Log{Kills: []kernellog.Kill{{Line: 100}, k}}
	}
}

// core is a core file of the run's middle.
func core(pid int, kind string) option {
	return func(c *inquest.Case) {
		at := start.Add(time.Second)
		d := coredump.Dump{Path: "/core", At: &at, PID: &pid, Signal: "SIGSEGV",
			Summary: "python3 was ended by SIGSEGV"}
		d.Kind = coredump.Kind(kind)
		c.Dumps = append(c.Dumps, d)
	}
}

// room is a tmpfs of 2 MiB with so much left.
func room(free int64) option {
	return func(c *inquest.Case) {
		c.Process.Rooms = []evidence.Room{{Mount: "/data", Type: "tmpfs", Size: 2 << 20, Free: free}}
	}
}

// forwards publishes ports of the container.
// asksPiped is a health check that passes, and whose pipe hides what it was answered.
func asksPiped(port int) option {
	return func(c *inquest.Case) {
		probes(check.Pass)(c)
		c.Spec.Healthcheck.Test = []string{"CMD-SHELL", "curl -s http://localhost:" + strconv.Itoa(port) + "/ | cat"}
	}
}

func forwards(ports ...int) option {
	return func(c *inquest.Case) {
		for _, port := range ports {
			c.Spec.Forwards = append(c.Spec.Forwards, evidence.Forward{HostPort: 10000 + port, Port: port})
		}
	}
}

func listens(address string, port int) option {
	return func(c *inquest.Case) {
		c.Process.Listeners = append(c.Process.Listeners, evidence.Listener{Address: address, Port: port})
	}
}

func kernelUnread(c *inquest.Case) { c.Kernel = evidence.Kernel{} }

func flaps(c *inquest.Case) {
	c.Flapping = &inquest.Flapping{Turns: 4, From: start, To: start.Add(24 * time.Second)}
}

func unread(source string) option {
	return func(c *inquest.Case) {
		for i := range c.Sources {
			if c.Sources[i].Name == source {
				c.Sources[i].Status = fact.StatusFailed
			}
		}
	}
}

func queue(n int) option {
	return func(c *inquest.Case) {
		c.Process.Listeners = []evidence.Listener{{Address: "0.0.0.0", Port: 8080, Queue: n}}
	}
}

func stalled(share float64) option {
	return func(c *inquest.Case) { c.Cgroup.MemoryStall = &share }
}

// loaded is a machine with so many tasks that run or wait, and so many processors.
func loaded(tasks float64, cpus int) option {
	return func(c *inquest.Case) { c.Process.Load = &evidence.Load{One: tasks, CPUs: cpus} }
}

// atWork has the main process in a state.
func atWork(state string) option {
	return func(c *inquest.Case) {
		c.Process.Tasks = []evidence.Task{{PID: 4711, TID: 4711, Comm: "python3", State: state}}
	}
}

func throttled(n, periods int64) option {
	return func(c *inquest.Case) { c.Cgroup.Throttled, c.Cgroup.Periods = &n, &periods }
}

// uncaught ends the log with an uncaught exception.
func uncaught(kind string) option {
	return func(c *inquest.Case) {
		c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: "unclassified-traceback",
			Role: "symptom", Strength: "weak",
			At: end, LastAt: end, Line: 12, Count: 1, Exception: &traceback.Exception{Type: kind,
				Message: "'tenant'"}})
	}
}

func restarts(policy string) option {
	return func(c *inquest.Case) {
		c.Spec.RestartPolicy, c.Status.Restarts, c.EarlierEnds = policy, 3, []int{0, 0}
	}
}

// zombie is a dead child of PID 1; session 0 = a bundle that does not tell sessions.
func zombie(comm string, session int) option {
	return func(c *inquest.Case) {
		main := evidence.Task{PID: 4711, TID: 4711, Comm: "python3", State: "S"}
		dead := evidence.Task{PID: 4720, TID: 4720, PPID: 4711, Comm: comm, State: "Z"}
		if session > 0 {
			main.Session, dead.Session = &main.PID, &session
		}
		c.Process.Tasks = []evidence.Task{main, dead}
	}
}

// kept is a service under a supervisor of its own, started so many hundredths of a second after that.
func kept(keeper string, after int64) option {
	return func(c *inquest.Case) {
		c.Process.Tasks = []evidence.Task{{PID: 4711, TID: 4711, Comm: "s6-svscan", State: "S", Started: number(500)},
			{PID: 4712, TID: 4712, PPID: 4711, Comm: keeper, State: "S", Started: number(510)},
			{PID: 4720, TID: 4720, PPID: 4712, Comm: "python3", State: "S", Started: number(510 + after)}}
	}
}

// TestZombies: what a dead child of PID 1 is, without and beside health checks.
func TestZombies(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    inquest.Case
		want int
	}{
		{"a worker", alive(zombie("python3", 4711)), 1},
		{"a probe's shell", alive(zombie("sh", 4711)), 0},
		{"an orphan of an exec", alive(zombie("python3", 4719)), 0},
		{"no sessions, no probe hung", alive(zombie("python3", 0)), 1},
		{"no sessions, a replay hung", alive(zombie("python3", 0), replayed("hanging", "")), 0},
		{"no processes", blind(), 0},
	} {
		if got := deadWorkers(tt.c); len(got) != tt.want {
			t.Errorf("%s: dead workers %v, want %d", tt.name, got, tt.want)
		}
	}
}

// TestRefusalOutlived: one refused process weighs little where the service went on long after it; where it did not, or
// where nobody knows when it was, the limit may be what ails it.
func TestRefusalOutlived(t *testing.T) {
	refused := func(at time.Time) option {
		return do(func(c *inquest.Case) {
			c.Kernel.Log.Trouble = append(c.Kernel.Log.Trouble, kernellog.Trouble{Kind: "fork-rejected", At: &at,
				Container: &kernellog.Container{ID: c.Target.ID}})
		})
	}
	early, late := refused(start.Add(time.Second)), refused(end.Add(-time.Second))
	worked := do(func(c *inquest.Case) {
		c.Log.LastAt = end
		for i := range 3 {
			at := end.Add(-time.Duration(i) * time.Second)
			c.Log.Tail = append(c.Log.Tail, servicelog.Line{At: at, Text: "order 7 handled"})
		}
	})
	counted := func(n, now int64) option {
		return do(func(c *inquest.Case) {
			c.Cgroup.PidsRefused, c.Cgroup.PidsCurrent, c.Cgroup.PidsMax = number(n), number(now), number(100)
		})
	}
	for name, tt := range map[string]struct {
		c    inquest.Case
		want string
	}{
		"it worked on long after it, and ended":      {dead(early, worked), gotOver.Name},
		"it ended right after it":                    {dead(late, worked), ""},
		"it printed nothing more":                    {dead(early), ""},
		"one, long ago, by line and counter":         {alive(early, worked, counted(1, 20)), gotOver.Name},
		"the limit is reached now":                   {alive(early, worked, counted(1, 98)), ""},
		"more than one: when the others were is not": {alive(early, worked, counted(7, 20)), ""},
		"no line: when it was is not told":           {alive(worked, counted(1, 20)), ""},
	} {
		if got := seeForksRefused(tt.c); len(got) != 1 || got[0].Level != tt.want {
			t.Errorf("%s: %+v, want level %q", name, got, tt.want)
		}
	}
}

// TestNeverReplaced: a worker that the kernel took and nobody collected is harm; a probe's orphan is none, and one that
// was collected cannot tell.
func TestNeverReplaced(t *testing.T) {
	victim := func(c *inquest.Case) { kill(end)(c); c.Kills[0].PID = 4720 }
	for name, tt := range map[string]struct {
		c    inquest.Case
		want harm
	}{
		"a worker":              {alive(zombie("python3", 4711), victim), clearHarm},
		"an orphan of an exec":  {alive(zombie("python3", 4719), victim), noHarm},
		"it was collected":      {alive(victim), noHarm},
		"another one was taken": {alive(zombie("python3", 4711), kill(end)), noHarm},
		"it had a pool's task":  {alive(victim, awaitsPool(5)), clearHarm},
		"the wait began later":  {alive(victim, awaitsPool(-5)), noHarm},
	} {
		if got := harmOf(tt.c, tt.c.Kills[0]); got != tt.want {
			t.Errorf("%s: harm %d, want %d", name, got, tt.want)
		}
	}
}

// awaitsPool has a thread wait for a result that no worker of its pool works on, since seconds before the end.
func awaitsPool(seconds float64) option {
	return func(c *inquest.Case) {
		c.Inside = &evidence.Inside{At: end.Add(time.Minute)}
		c.LostTask = &inside.Standing{For: 60 + seconds}
	}
}

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"1 child process": words.Count(1, "child process"), "2 child processes": words.Count(2, "child process"),
		"0 probes": words.Count(0, "probe"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// takesClients is a redis with so many clients of so many that it may have.
func takesClients(clients, most int) option {
	return func(c *inquest.Case) {
		c.Spec.Command = []string{"redis-server", "--maxclients", strconv.Itoa(most)}
		c.Process.Peers = []evidence.Peer{{State: "ESTABLISHED", Count: clients}}
	}
}

// clientTold is a store of which the log of a neighbour says that it was refused just now.
func clientTold(text string) option {
	return func(c *inquest.Case) {
		c.Spec.Command = []string{"redis-server"}
		c.Backends = append(c.Backends, inquest.BackendFinding{Name: "web", Finding: servicelog.Finding{
			ID: "redis-degraded", Strength: fact.Strong, At: end, LastAt: end, Line: 3, Count: 1, Excerpt: text}})
	}
}

// holdsData is a store that holds so much, and may hold 20 MiB of data.
func holdsData(bytes int64) option {
	return func(c *inquest.Case) {
		c.Spec.Command = []string{"redis-server", "--maxmemory", "20mb"}
		c.Cgroup.Anon = &bytes
		c.Process.Tasks = []evidence.Task{{PID: 4711, TID: 4711, Comm: "redis-server", State: "S"}}
	}
}

// outlasting is a check that takes longer than its timeout by itself.
func outlasting(c *inquest.Case) {
	for i := range c.Probes {
		c.Probes[i].Outlasts = true
	}
}

func state(letter string) option {
	return func(c *inquest.Case) {
		c.Process.Tasks = []evidence.Task{{PID: 4711, TID: 4711, Comm: "python3", State: letter}}
	}
}

// waitsForEver is a deadlock, of a container that lives or one that was paused.
func waitsForEver(lives bool) option {
	return func(c *inquest.Case) {
		c.Inside = &evidence.Inside{At: end}
		c.Deadlock = &inside.Deadlock{Threads: 2, For: 60, First: &inside.Standing{Place: appCall, For: 60}}
		c.Lives[0].Alive = lives
	}
}

// readsPipe is a main thread that has been in a read for so long.
func readsPipe(seconds float64) option {
	return func(c *inquest.Case) {
		still := seconds >= 1
		c.Inside = &evidence.Inside{At: end, Processes: []evidence.InsideProcess{{PID: 4711, Threads: []evidence.InsideThread{
			{TID: 4711, State: "S", Still: &still, LastRan: &seconds, Wait: &evidence.Wait{Call: "read", Target: "pipe:[7]"}}}}}}
	}
}

func task(wchan, syscall string) option {
	return func(c *inquest.Case) {
		c.Process.Tasks = []evidence.Task{{PID: 4711, TID: 4712, Comm: "python3", State: "S", WChan: wchan,
			Syscall: syscall}}
	}
}

func peer(state string, n int) option {
	return func(c *inquest.Case) { c.Process.Peers = []evidence.Peer{{Port: 6379, State: state, Count: n}} }
}

// TestRules proves for every rule of every cause that it speaks, that it stays
// silent, and that it says nothing where it cannot see. A rule without its three
// cases fails the test.
func TestRules(t *testing.T) {
	cases := ruleCases()
	maps.Copy(cases, podCases())
	noLog := do(func(c *inquest.Case) { c.Log = nil })
	for _, id := range []string{fact.OOMKill, fact.HealthcheckTimeout, fact.LoggingFailure, fact.WorkerCrash,
		fact.StartupFailure,
		fact.BackgroundTaskFailure, fact.ExceptionHandlerFailure, fact.PoolExhaustion, fact.HealthcheckFailure,
		fact.InterpreterCrash} {
		another := logged("another-cause", "x", "root", "conclusive")
		cases["log-"+id] = triple{dead(logged(id, "signature", "root", "conclusive")), dead(another), dead(noLog)}
		cases["log-silent-"+id] = triple{dead(), dead(logged(id, "signature", "root", "weak")), dead(noLog)}
	}
	used := map[string]bool{}
	for _, cause := range slices.Concat(All(), Alternatives(), everyOther()) {
		for _, rule := range cause.Rules {
			if strings.HasPrefix(rule.ID, "log-") && cause.Number == 0 { // of a named other, all made alike
				cases[rule.ID] = triple{dead(other(cause.ID, "strong")),
					dead(logged(fact.OOMKill, "x", "root", "strong")), dead(noLog)}
			}
			tt, ok := cases[rule.ID]
			used[rule.ID] = true
			if !ok {
				t.Errorf("rule %s of %s has no cases", rule.ID, cause.ID)
				continue
			}
			t.Run(cause.ID+"/"+rule.ID, func(t *testing.T) {
				got := rule.See(tt.speaks)
				if len(got) == 0 || got[0].Summary == "" {
					t.Errorf("does not speak where it must")
				}
				for _, o := range got {
					if _, ok := rule.Level(o.Level); !ok {
						t.Errorf("speaks on a level %q that it does not list", o.Level)
					}
				}
				if got := rule.See(tt.silent); len(got) > 0 {
					t.Errorf("speaks where it must not: %q", got[0].Summary)
				}
				if got := rule.See(tt.cannotTell); len(got) > 0 {
					t.Errorf("speaks where it cannot tell: %q", got[0].Summary)
				}
			})
		}
	}
	for id := range cases {
		if !used[id] && id != "log-silent-oom-kill" && id != "log-silent-healthcheck-timeout" &&
			id != "log-silent-healthcheck-failure" && id != "log-silent-worker-crash" &&
			id != "log-silent-background-task-failure" && id != "log-silent-interpreter-crash" {
			t.Errorf("cases for %q, which is no rule", id)
		}
	}
}

// everyOther is the hypothesis of each named other.
func everyOther() []Cause {
	var list []Cause
	for _, named := range fact.NamedOthers() {
		list = append(list, otherOf(inquest.Case{}, named))
	}
	return list
}

// other adds a line that tells of a named other and of no cause, two seconds before the end.
func other(id string, strength fact.Strength) option {
	return func(c *inquest.Case) {
		at := end.Add(-2 * time.Second)
		c.Log.LastAt = end
		c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: id +
			"-line", Other: id, Role: fact.RoleRoot, Strength: strength, At: at, LastAt: at, Line: 3, Count: 1})
	}
}

// inEveryStart makes the findings those of three starts.
func inEveryStart(c *inquest.Case) { c.LogRuns = []servicelog.Run{*c.Log, *c.Log, *c.Log} }

// TestOthers: a named other is told where its lines are, whatever other causes they may have; a line that shows one of
// the ten speaks for that.
func TestOthers(t *testing.T) {
	list := Others(dead(other(fact.GoPanic, "strong")))
	if len(list) != 1 || list[0].ID != fact.GoPanic {
		t.Errorf("others of a Go panic: %v", list)
	}
	shared := dead(other(fact.SettingMissing, "strong"))
	shared.Log.Findings[0].Cause = fact.StartupFailure
	if list := Others(shared); len(list) != 0 {
		t.Errorf("a line of one of the ten makes others of it: %v", list)
	}
	if list := Others(dead()); len(list) != 0 {
		t.Errorf("others of nothing: %v", list)
	}
	moved := dead(other(fact.GoPanic, "strong"))
	moved.Log.Findings[0].AfterShutdown, moved.Death.Request = true, &inquest.StopRequest{}
	if list := Others(moved); len(list) != 0 {
		t.Errorf("others of what an orderly stop brings: %v", list)
	}
}

// TestLogWeights holds role and strength to their order, and shutdown noise out.
func TestLogWeights(t *testing.T) {
	weigh := func(role fact.Role, strength fact.Strength) float64 {
		list := poolExhaustion.Findings(dead(logged(fact.PoolExhaustion, "sig", role, strength)))
		for _, f := range list {
			if f.ID == "sig" {
				return f.Weight
			}
		}
		t.Fatalf("no finding for %s %s", role, strength)
		return 0
	}
	if root, mechanism, symptom := weigh("root", "conclusive"), weigh("mechanism", "conclusive"),
		weigh("symptom", "conclusive"); root <= mechanism || mechanism <= symptom {
		t.Errorf("root %v, mechanism %v, symptom %v: want falling weights", root, mechanism, symptom)
	}
	if strong, weak := weigh("root", "strong"), weigh("root", "weak"); strong <= weak {
		t.Errorf("strong %v, weak %v", strong, weak)
	}
	noise := dead(request(false, false), logged(fact.PoolExhaustion, "sig", "root", "conclusive"),
		do(func(c *inquest.Case) { c.Log.Findings[0].AfterShutdown = true }))
	for _, f := range poolExhaustion.Findings(noise) {
		if f.ID == "sig" {
			t.Errorf("shutdown noise counts: %+v", f)
		}
	}
}

// TestStartOfWhatRuns: an exception that a living main process printed did not end its start; one of its children may
// have ended by it, and behind a shell nobody can tell.
func TestStartOfWhatRuns(t *testing.T) {
	for name, test := range map[string]struct {
		command []string
		file    string
		running bool
		want    bool // it counts
	}{
		"its own file":              {[]string{"python3", "-u", "/l.py"}, "/l.py", true, false},
		"named from its folder":     {[]string{"python3", "./main.py"}, "/srv/main.py", true, false},
		"it has ended":              {[]string{"python3", "-u", "/l.py"}, "/l.py", false, true},
		"a worker's":                {[]string{"supervisord", "-n"}, "/l.py", true, true},
		"behind a shell":            {[]string{"sh", "-c", "python3 /l.py; sleep 9"}, "/l.py", true, true},
		"a module of the same name": {[]string{"python3", "main.py"}, "/srv/domain.py", true, true},
	} {
		changes := do(func(c *inquest.Case) {
			c.Spec.Command = test.command
			c.Log.Findings[0].Exception = &traceback.Exception{Frames: []traceback.Frame{{File: test.file}}}
		})
		c := dead(logged(fact.StartupFailure, "startup-exception", "root", "strong"), changes)
		if test.running {
			c = alive(logged(fact.StartupFailure, "startup-exception", "root", "strong"), changes)
		}
		got := false
		for _, f := range startupFailure.Findings(c) {
			got = got || f.ID == "startup-exception"
		}
		if got != test.want {
			t.Errorf("%s: counts %v, want %v", name, got, test.want)
		}
	}
}

// TestEpisode: what the service got over weighs little, and does not keep a stop
// on request from being the whole story.
func TestEpisode(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after time.Duration // log lines go on for so long
		over  bool
	}{{"at once", time.Second, false}, {"went on", time.Minute, true}} {
		c := dead(request(false, false), logged(fact.PoolExhaustion, "sig", "root", "conclusive"))
		c.Log.Findings[0].LastAt = end.Add(-tt.after)
		c.Log.LastAt = end
		if c.Troubled() == tt.over {
			t.Errorf("%s: troubled %v", tt.name, c.Troubled())
		}
		if f := poolExhaustion.Findings(c)[0]; (f.Weight <= gotOver.Weight) != tt.over {
			t.Errorf("%s: weight %v", tt.name, f.Weight)
		}
	}
	if c := dead(logged(fact.PoolExhaustion, "sig", "root", "conclusive")); c.Over(c.Log.Findings[0]) {
		t.Error("an episode is over although the run ended by itself with an error")
	}
}

// TestNetworkNotKnown: where the networks of one are not told, that they share none is only likely, and said so.
func TestNetworkNotKnown(t *testing.T) {
	for name, tt := range map[string]struct {
		networks []string
		says     string
		weight   float64
	}{
		"in another":     {[]string{"back"}, "the two are in no common network where names are known", 16},
		"in none":        {[]string{}, "the two are in no common network where names are known", 16},
		"nobody says it": {nil, "the two are likely in no common network", 12},
	} {
		seen := dependencyApart.See(alive(unresolved("redis", start, tt.networks...)))
		if len(seen) != 1 || dependencyApart.finding(seen[0]).Weight != tt.weight ||
			!strings.HasSuffix(seen[0].Summary, tt.says) {
			t.Errorf("%s: %+v", name, seen)
		}
	}
}

// TestDependencyBack: a check that failed while the dependency was complained of, and passes now, tells it is back.
func TestDependencyBack(t *testing.T) {
	const gap = 10 * time.Second // before the end
	recovered := func(from, to time.Duration) option {
		return do(func(c *inquest.Case) {
			c.Recovered = &inquest.Recovery{From: end.Add(-from), To: end.Add(-to), Failed: 3}
		})
	}
	complaint := func(other string, count int) option {
		return do(func(c *inquest.Case) {
			c.Log.Findings = []servicelog.Finding{{ID: other, Other: other, Role: fact.RoleRoot, Strength: fact.Conclusive,
				At: end.Add(-3*time.Minute - gap), LastAt: end.Add(-gap), Count: count}}
			c.Log.LastAt = end.Add(-gap)
		})
	}
	for _, tt := range []struct {
		name string
		c    inquest.Case
		over bool
	}{
		{"it passes since", alive(complaint(fact.DependencyDown, 1), recovered(time.Minute, 9*time.Second)), true},
		{"lost, and it passes", alive(complaint(fact.DependencyLost, 1), recovered(time.Minute, 9*time.Second)), true},
		{"it never failed", alive(complaint(fact.DependencyDown, 1)), false},
		{"complained of after the pass", alive(complaint(fact.DependencyDown, 1), recovered(time.Minute, 20*time.Second)),
			false},
		{"it failed only after", alive(complaint(fact.DependencyDown, 1), recovered(8*time.Second, 2*time.Second)), false},
		{"no dependency", alive(complaint(fact.PortTaken, 1), recovered(time.Minute, 9*time.Second)), false},
		{"every 3 s", alive(complaint(fact.DependencyDown, 61), recovered(time.Minute, 9*time.Second)), true},
		{"every minute", alive(complaint(fact.DependencyDown, 4), recovered(time.Minute, 9*time.Second)), false},
	} {
		if got := tt.c.Over(tt.c.Log.Findings[0]); got != tt.over || tt.c.Troubled() == tt.over {
			t.Errorf("%s: over %v, troubled %v", tt.name, got, tt.c.Troubled())
		}
	}
}

// TestSlowBoot: workers that gunicorn killed before they had come up are over once one has.
func TestSlowBoot(t *testing.T) {
	killed := do(func(c *inquest.Case) {
		c.Log.Findings = []servicelog.Finding{{ID: "gunicorn-boot-timeout", Cause: fact.StartupFailure, Role: fact.RoleRoot,
			Strength: fact.Conclusive, At: end.Add(-time.Minute), LastAt: end.Add(-10 * time.Second), Count: 4}}
		c.Log.LastAt = end
	})
	cameUp := func(before time.Duration) option {
		at := end.Add(-before)
		return do(func(c *inquest.Case) { c.Log.Lifecycle.Ready = &at })
	}
	for before, over := range map[time.Duration]bool{5 * time.Second: true, 30 * time.Second: false} {
		if c := alive(killed, cameUp(before)); c.Over(c.Log.Findings[0]) != over {
			t.Errorf("came up %s ago: over %v", before, !over)
		}
	}
}

// TestPortHolder: who has a port is told as closely as it was seen, and never guessed.
func TestPortHolder(t *testing.T) {
	for _, tt := range []struct {
		name, unseen, want string
		uses               []evidence.PortUse
	}{
		{"another project's", "", "taken by container web of the project shop",
			[]evidence.PortUse{{Port: 8080, Container: "web", Project: "shop"}}},
		{"of no project", "", "taken by container web", []evidence.PortUse{{Port: 8080, Container: "web"}}},
		{"a program of the host", "", "process 812 of the host (redis-server)",
			[]evidence.PortUse{{Port: 8080, PID: 812, Comm: "redis-server"}}},
		{"a proxy that was left behind", "", "left behind (process 9): no container has 172.17.0.9:80",
			[]evidence.PortUse{{Port: 8080, PID: 9, Comm: "docker-proxy", LeadsTo: "172.17.0.9:80"}}},
		{"somebody", "needs root", "a program that could not be seen: needs root", []evidence.PortUse{{Port: 8080}}},
		{"nobody any more", "", "port 8080 was refused, and nothing has it any more",
			[]evidence.PortUse{{Port: 9090, PID: 7}}},
		{"not to be seen", "needs root", "", nil},
		{"the name before the number", "", "container web", []evidence.PortUse{{Port: 8080, PID: 9, LeadsTo: "10.0.0.1:1"},
			{Port: 8080, Container: "web"}}},
	} {
		c := dead(refusedPort(8080, 0), portUse(tt.unseen, tt.uses...))
		got := ""
		if seen := portHolder.See(c); len(seen) > 0 {
			got = seen[0].Summary
		}
		if !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestRestartLoop: what every start of a loop shows outranks what one of them does (docs/notes/PYTHON.md#4.1).
func TestRestartLoop(t *testing.T) {
	c := dead(logged(fact.StartupFailure, "uvicorn-startup-failed", "root", "strong"),
		logged(fact.PoolExhaustion, "redis-pool-exhausted", "root", "strong"))
	every, last := c.Log.Findings[:1], c.Log.Findings
	c.LogRuns = []servicelog.Run{{Findings: every}, {Findings: every}, {Findings: last}}
	if f := startupFailure.Findings(c)[0]; f.Weight != 14 || !strings.Contains(f.Summary, "in 3 of 3 starts") {
		t.Errorf("what every start shows: %v, %s", f.Weight, f.Summary)
	}
	if f := poolExhaustion.Findings(c)[0]; f.Weight > gotOver.Weight {
		t.Errorf("what one start shows: %v, %s", f.Weight, f.Summary)
	}
	c.LogRuns = c.LogRuns[1:]
	if f := poolExhaustion.Findings(c)[0]; f.Weight != 14 || strings.Contains(f.Summary, "starts") {
		t.Errorf("two starts make no loop: %v, %s", f.Weight, f.Summary)
	}
}

// TestWorkersKilled: gunicorn's workers are OOM-killed under a master that lives
// and replaces them. That is no healthy service, and a stop ends no healthy one.
func TestWorkersKilled(t *testing.T) {
	killedWorker := logged(fact.OOMKill, "gunicorn-worker-sigkill", "symptom", "weak")
	moment := end.Add(-10 * time.Second)
	for name, c := range map[string]inquest.Case{
		"confirmed by the log": alive(kill(moment), killedWorker),
		"again and again":      alive(kill(start.Add(time.Second)), kill(start.Add(20*time.Second)), kill(moment)),
		"then stopped":         dead(request(false, false), kill(moment), killedWorker),
	} {
		found := map[string]bool{}
		for _, f := range append(oomKill.Findings(c), notAFailure.Findings(c)...) {
			found[f.ID] = true
		}
		if !found["oom-kill-hurt-service"] || found["runs-well"] || found["stopped-on-request"] {
			t.Errorf("%s: findings %v", name, found)
		}
	}
}

// TestWorkerKillCounted: the kernel's line is gone, its counter is not, and the server lost a worker. The counter alone
// may be of a helper, and a killed worker alone somebody's kill.
func TestWorkerKillCounted(t *testing.T) {
	counted := func(n int64) option { return do(func(c *inquest.Case) { c.Cgroup.OOMKills = number(n) }) }
	killedWorker := logged(fact.OOMKill, "gunicorn-worker-sigkill", "symptom", "weak")
	for name, tt := range map[string]struct {
		c    inquest.Case
		well bool
	}{
		"both":                {alive(counted(2), killedWorker), false},
		"the counter alone":   {alive(counted(1)), true},
		"the worker alone":    {alive(counted(0), killedWorker), true},
		"no counter was read": {alive(killedWorker), true},
	} {
		if got := len(runsWell(tt.c, true)) > 0; got != tt.well {
			t.Errorf("%s: runs well %v, want %v", name, got, tt.well)
		}
	}
}

// TestStopTooSoon: a watcher polls; what stops a container the moment it turns
// unhealthy was on its way already.
func TestStopTooSoon(t *testing.T) {
	for _, tt := range []struct {
		gap  time.Duration
		sure bool
	}{{20 * time.Millisecond, false}, {3 * time.Second, true}} {
		c := dead(request(true, false), probes(check.Timeout, check.Timeout, check.Timeout))
		at := c.Death.Request.At.Add(-tt.gap)
		c.Death.Request.Unhealthy = &at
		if s := stoppedForHealth(c, true); (s[0].Level == "") != tt.sure {
			t.Errorf("a stop %v after the turn has level %q", tt.gap, s[0].Level)
		}
	}
}

// TestTable holds what docs and the contract promise of the list.
func TestTable(t *testing.T) {
	for i, c := range All() {
		if c.Number != i+1 || c.ID == "" || c.Title == "" || c.Symptom == "" || c.Reason == "" {
			t.Errorf("cause %d (%q) is incomplete", i+1, c.ID)
		}
		for _, rule := range c.Rules {
			if rule.Why == "" || rule.Source == "" || rule.Weight == 0 {
				t.Errorf("rule %q of %q lacks a reason, a source or a weight", rule.ID, c.ID)
			}
			for i, l := range rule.Levels {
				same := slices.ContainsFunc(rule.Levels[:i], func(o Level) bool { return o.Name == l.Name })
				if l.Name == "" || l.Why == "" || l.Weight == 0 || same {
					t.Errorf("level %q of rule %q lacks a reason or a weight, or is there twice", l.Name, rule.ID)
				}
			}
		}
		for _, id := range c.Explains {
			_, known := ByID(id)
			if !known && !slices.ContainsFunc(fact.NamedOthers(), func(o fact.NamedOther) bool { return o.ID == id }) {
				t.Errorf("%q explains %q, which is no cause", c.ID, id)
			}
		}
	}
}

// TestStandsBeforeNeighbour: what stands in a wait for a neighbour hangs on it, although its probes are refused since
// it has not come to listen.
func TestStandsBeforeNeighbour(t *testing.T) {
	waiting := func(main bool, tie inquest.Tie) option {
		return func(c *inquest.Case) {
			stuck(inquest.SilencePaused, tie, time.Minute)(c)
			c.Stuck[0].Wait = &inquest.Wait{Main: main, Call: "recvfrom", Address: "172.18.0.3:6379"}
			c.StuckLoops = []inside.Standing{{For: 9}}
		}
	}
	refused := probes(check.Refused, check.Refused, check.Refused)
	for name, tt := range map[string]struct {
		c    inquest.Case
		sees bool
	}{
		"its main thread waits":  {alive(refused, waiting(true, inquest.TieWaits)), true},
		"another thread waits":   {alive(refused, waiting(false, inquest.TieWaits)), false},
		"it is only connected":   {alive(refused, waiting(true, inquest.TieOpen)), false},
		"it was not looked into": {alive(refused, stuck(inquest.SilencePaused, inquest.TieWaits, time.Minute)), false},
	} {
		if got := waitsFor("hangs-on-dependency", true).See(tt.c); (len(got) > 0) != tt.sees {
			t.Errorf("%s: sees %v", name, got)
		}
	}
}

// TestEndLongAfterTheTurn: what ends a container minutes after its check turned unhealthy is less surely an answer to
// it.
func TestEndLongAfterTheTurn(t *testing.T) {
	failed3 := probes(check.Refused, check.Refused, check.Refused)
	hung3 := probes(check.Timeout, check.Timeout, check.Timeout)
	turned := func(before time.Duration) option {
		return func(c *inquest.Case) {
			at := end.Add(-before)
			c.Unhealthy = &at
			if c.Death.Request != nil {
				c.Death.Request.Unhealthy = &at
			}
		}
	}
	for name, tt := range map[string]struct {
		c    inquest.Case
		want string // the level
	}{
		"stopped within seconds":     {dead(request(true, false), failed3, turned(10*time.Second)), ""},
		"stopped half an hour later": {dead(request(true, false), failed3, turned(30*time.Minute)), muchLater},
		"the turn is not on record": {dead(request(true, false), failed3, turned(30*time.Minute),
			do(func(c *inquest.Case) { c.Earlier = &inquest.Earlier{} })), ""},
		"hung, and stopped half an hour later": {dead(request(true, false), hung3, turned(30*time.Minute)), muchLater},
	} {
		hung := strings.HasPrefix(name, "hung")
		if got := stoppedForHealth(tt.c, hung); len(got) != 1 || got[0].Level != tt.want {
			t.Errorf("%s: %+v, want level %q", name, got, tt.want)
		}
	}
	for name, tt := range map[string]struct {
		c    inquest.Case
		want string
	}{
		"it lives on":                 {alive(failed3, turned(time.Hour)), ""},
		"killed from outside at once": {dead(exit(137, fact.EndedByOutsideSignal), failed3, turned(20*time.Second)), ""},
		"killed from outside later":   {dead(exit(137, fact.EndedByOutsideSignal), failed3, turned(time.Hour)), muchLater},
		"ended by itself later":       {dead(failed3, turned(time.Hour)), endedOtherwise},
	} {
		if got := unhealthyThrough(tt.c, false); len(got) != 1 || got[0].Level != tt.want {
			t.Errorf("%s: %+v, want level %q", name, got, tt.want)
		}
	}
}

// TestBadAnswersBesideProbes: what the access log tells of a health check counts as the engine counts it,
// where it does.
func TestBadAnswersBesideProbes(t *testing.T) {
	bad := logged(fact.HealthcheckFailure, "health-path-5xx", fact.RoleRoot, fact.Strong)
	for _, tt := range []struct {
		name string
		c    inquest.Case
		want string
	}{
		{"one of them failed just now", alive(probes(check.Pass, check.HTTPStatus), bad), tooFewFailed.Name},
		{"unhealthy by them", alive(probes(check.HTTPStatus, check.HTTPStatus, check.HTTPStatus), bad),
			"root, strong"},
		{"the engine saw none of them", alive(probes(check.Pass, check.Pass), bad), "root, strong"},
		{"nobody but a client asks", alive(bad), "root, strong"},
		{"it came and went three times", alive(probes(check.Pass, check.HTTPStatus), flaps, bad), "root, strong"},
	} {
		if got := accessLogRule.See(tt.c); len(got) != 1 || got[0].Level != tt.want {
			t.Errorf("%s: %+v, want level %q", tt.name, got, tt.want)
		}
	}
}

// TestLostAll: a shell that lost its only child and leaves did not fail by itself; work after the kill, or a main
// process that may have had work of its own, leaves that open.
func TestLostAll(t *testing.T) {
	says := func(texts ...string) option {
		return func(c *inquest.Case) {
			for i, text := range texts {
				at := end.Add(-3*time.Second + time.Duration(i+1)*100*time.Millisecond)
				c.Log.Tail = append(c.Log.Tail, servicelog.Line{Number: i + 1, At: at, Text: text})
			}
		}
	}
	worked := says("order 1 stored", "order 2 stored", "order 3 stored")
	for name, tt := range map[string]struct {
		c    inquest.Case
		want harm
	}{
		"a shell":                         {dead(lostChild(2), shellPID1, says("job ended with 137")), allLost},
		"a supervisor that says so":       {dead(lostChild(2), says("worker left with -9")), allLost},
		"the shell went on to other work": {dead(lostChild(2), shellPID1, worked), someHarm},
		"others lived":                    {dead(lostChild(3), shellPID1), someHarm},
		"a program that says nothing":     {dead(lostChild(2)), someHarm},
		"it called that a success":        {dead(lostChild(2), shellPID1, exit(0, fact.EndedByOwnExit)), someHarm},
		"a success, and others lived":     {dead(lostChild(3), shellPID1, exit(0, fact.EndedByOwnExit)), noHarm},
	} {
		if got := harmOf(tt.c, tt.c.Kills[0]); got != tt.want {
			t.Errorf("%s: harm %d, want %d", name, got, tt.want)
		}
	}
}

// TestLastError: an error that a program tells as it leaves, by a code of its own, is what it left for. One that it
// went on after, now or at an earlier time, one that came long before, and one before a signal are not.
func TestLastError(t *testing.T) {
	const text = "ERROR licence expired"
	told := func(at time.Time, before ...string) option {
		return func(c *inquest.Case) {
			for i, text := range before {
				c.Log.Tail = append(c.Log.Tail, servicelog.Line{Number: i + 1, At: at.Add(-time.Second), Text: text})
			}
			l := servicelog.Line{Number: 20, At: at, Text: text}
			c.Log.Tail = append(c.Log.Tail, l)
			c.Log.LastWords = &servicelog.LastWords{Gravity: servicelog.Grave, Line: l}
		}
	}
	after := func(c *inquest.Case) {
		c.Log.Tail = append(c.Log.Tail, servicelog.Line{Number: 21, At: end, Text: "order 7 stored"})
	}
	for name, tt := range map[string]struct {
		c    inquest.Case
		want bool
	}{
		"right before the end":           {dead(told(end.Add(-200*time.Millisecond), "order 6 stored")), true},
		"seconds before it":              {dead(told(end.Add(-2500 * time.Millisecond))), false},
		"when is not known":              {dead(told(time.Time{})), false},
		"it went on":                     {dead(told(end), after), false},
		"it told the same, and went on":  {dead(told(end, text, "order 6 stored")), false},
		"it told the same, and no more":  {dead(told(end, text, "retrying")), true},
		"it ended with success":          {dead(told(end), exit(0, fact.EndedByOwnExit)), false},
		"a signal ended it":              {dead(told(end), exit(137, fact.EndedByOutsideSignal)), false},
		"who ended it is not known":      {dead(told(end), exit(1, fact.EndedByUnknown)), false},
		"it lives":                       {alive(told(end)), false},
		"something else is known wrong":  {dead(told(end), other(fact.PortTaken, fact.Strong)), false},
		"memory ran out and it mattered": {dead(told(end), lostChild(2), shellPID1), false},
	} {
		seen := fatalLastWords.See(tt.c)
		if got := len(seen) > 0; got != tt.want || got && seen[0].Level != anError {
			t.Errorf("%s: %+v, want %t", name, seen, tt.want)
		}
	}
}
