package advice

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

var began = time.Date(2026, 11, 26, 11, 0, 0, 0, time.UTC)

// exited is a case of a Docker container shop-gateway-1 that ran for ten minutes and ended; alive is one that goes on.
func exited() inquest.Case {
	end := began.Add(10 * time.Minute)
	life := &evidence.Life{Start: began, End: &end}
	return inquest.Case{
		Evidence: evidence.Evidence{
			Target: bundle.Target{Name: "shop-gateway-1", Runtime: "docker"},
			Runtime: evidence.Runtime{
				Spec:   &evidence.Spec{Service: "gateway", Command: []string{"python3", "-m", "uvicorn", "app:app"}},
				Status: &evidence.Status{State: fact.StateExited},
			},
		},
		Examined: inquest.Examined{Life: life},
		Signs:    inquest.Signs{LogSigns: inquest.LogSigns{Log: &servicelog.Run{}}},
		Death:    inquest.Death{State: fact.StateExited, EndedBy: fact.EndedByOwnExit, At: &end},
	}
}

func alive() inquest.Case {
	c := exited()
	c.Life = &evidence.Life{Start: began, Alive: true}
	c.Death = inquest.Death{State: fact.StateRunning, EndedBy: fact.EndedByNone}
	c.Status.State = fact.StateRunning
	return c
}

// ofUnit has Podman run it under a systemd unit, and the kernel kill it at its own limit.
func ofUnit(unit string, users bool) func(*inquest.Case) {
	return func(c *inquest.Case) {
		killed(kernellog.ScopeOwnLimit)(c)
		c.Target.Runtime, c.Spec.Service, c.Spec.Unit, c.Spec.UserUnit = "podman", "", unit, users
	}
}

func with(c inquest.Case, change func(*inquest.Case)) inquest.Case {
	change(&c)
	return c
}

func printed(c inquest.Case, f servicelog.Finding) inquest.Case {
	f.Strength, f.Role = fact.Conclusive, fact.RoleRoot
	c.Log.Findings = append(c.Log.Findings, f)
	return c
}

func raised(typ, message string) *traceback.Exception {
	return &traceback.Exception{Type: typ, Message: message, Frames: []traceback.Frame{
		{File: "/app/main.py", Line: 70, Function: "health"}, {File: "/usr/lib/python3/dist-packages/redis/client.py",
			Line: 9, Function: "read"}}}
}

func other(id, object, says string) servicelog.Finding {
	return servicelog.Finding{ID: id, Other: id, Object: object, Excerpt: says}
}

// signature is a signature of a named other.
func signature(id, reason, says string) servicelog.Finding {
	return servicelog.Finding{ID: id, Other: reason, Excerpt: says}
}

func ofTen(id, cause string, e *traceback.Exception) servicelog.Finding {
	return servicelog.Finding{ID: id, Cause: cause, Exception: e}
}

// probed is a case whose health check asks port 8080 and failed so.
func probed(c inquest.Case, r check.Result) inquest.Case {
	c.Spec.Healthcheck = &check.Config{Test: []string{"CMD", "curl", "-fsS", "--max-time", "2",
		"http://localhost:8080/healthz"},
		Interval: 10 * time.Second, Timeout: 3 * time.Second, Retries: 3}
	c.Probes = []inquest.Probe{{Result: r}}
	return c
}

func listening(c inquest.Case, port int) inquest.Case {
	c.Process = &evidence.Process{Listeners: []evidence.Listener{{Address: "0.0.0.0", Port: port},
		{Address: "127.0.0.11", Port: 40000}}}
	return c
}

// crammed has no room at a mount point; /data is a tmpfs.
func crammed(mount string) inquest.Case {
	c := alive()
	c.Spec.Tmpfs = []string{"/data"}
	c.Process = &evidence.Process{Rooms: []evidence.Room{{Mount: mount, Size: 2 << 20}}}
	return c
}

// published has port 18080 of the host lead to 8080, and the program listen somewhere.
func published(c inquest.Case, address string, port int) inquest.Case {
	c.Spec.Forwards = []evidence.Forward{{HostPort: 18080, Port: 8080}}
	c.Process = &evidence.Process{Listeners: []evidence.Listener{{Address: address, Port: port}}}
	return c
}

// nowhere is a program that listens on nothing 20 s after its start.
func nowhere(c *inquest.Case) {
	c.Now, c.Process = began.Add(20*time.Second), &evidence.Process{}
}

// timedOut is a gunicorn one of whose workers hung, by line 5 of its log; its newest worker booted by another line.
func timedOut(booted int) func(*inquest.Case) {
	return func(c *inquest.Case) {
		c.Log.Lifecycle.Server = "gunicorn"
		c.Log.Workers = []servicelog.Worker{{PID: 7, StartedLine: 2, EndedLine: 5, End: servicelog.WorkerTimedOut},
			{PID: 8, StartedLine: booted}}
	}
}

// standing is a gunicorn with the given options whose worker has stood in the program's own line for some seconds.
func standing(seconds float64, options ...string) func(*inquest.Case) {
	return func(c *inquest.Case) {
		c.Log.Lifecycle.Server, c.Streak = "gunicorn", 2
		c.Spec.Command = append([]string{"gunicorn", "gun:app"}, options...)
		c.StuckLoops = []inside.Standing{{For: seconds, Place: evidence.Frame{File: "/x/gun.py", Line: 3, Function: "app"}}}
	}
}

// awaits has it wait for a neighbour that does not answer.
func awaits(service, address string) func(*inquest.Case) {
	return func(c *inquest.Case) {
		c.Stuck = []inquest.Dependency{{Neighbour: evidence.Neighbour{Name: "shop-" + service + "-1", Service: service,
			Image: "own:1"}, Wait: &inquest.Wait{Address: address}}}
	}
}

// standsIn has the thread that waits for a neighbour stand below a call of a file, or in the program's own.
func standsIn(file string) func(*inquest.Case) {
	return func(c *inquest.Case) {
		own := evidence.Frame{File: "/app/poll.py", Line: 4, Function: "take"}
		if c.Inside = (&evidence.Inside{}); file != "" {
			c.Stuck[0].Wait.Frames = append(c.Stuck[0].Wait.Frames, evidence.Frame{File: file})
		}
		c.Stuck[0].Wait.Frames = append(c.Stuck[0].Wait.Frames, own)
	}
}

// waitsIn has a task of the health check's handler wait below a call of a file.
func waitsIn(file string) func(*inquest.Case) {
	return func(c *inquest.Case) {
		handler := evidence.Frame{File: "/app/main.py", Line: 70, Function: "health"}
		frames := []evidence.Frame{{File: "/usr/lib/python3.11/asyncio/streams.py"}, {File: file}, handler}
		c.Routes = []inside.Route{{Handler: handler, In: frames[0], Frames: frames, Count: 1}}
	}
}

// starved is a container that its CPU quota stops at the look; 0 = the quota is not known.
func starved(quota float64) func(*inquest.Case) {
	return func(c *inquest.Case) {
		c.Cgroup = &evidence.Cgroup{Recent: &evidence.Throttling{Throttled: 10, Periods: 10}}
		if quota > 0 {
			c.Cgroup.Quota = &quota
		}
	}
}

// crowded has far more work than processors on the machine.
func crowded(c *inquest.Case) {
	c.Process = &evidence.Process{Load: &evidence.Load{One: 31.5, CPUs: 2}}
}

// usedUp is a pool of a class of which memory shows nothing left.
func usedUp(class string) func(*inquest.Case) {
	return func(c *inquest.Case) {
		c.Full = []inside.Full{{InsidePool: evidence.InsidePool{Class: class}}}
	}
}

func killed(scope kernellog.Scope) func(*inquest.Case) {
	return func(c *inquest.Case) {
		c.Spec.Memory, c.Spec.MemorySwap = 64<<20, 128<<20
		rss := int64(60 << 20)
		c.KillAtEnd = &kernellog.Kill{Scope: scope, Tasks: []kernellog.Task{{PID: 7, Comm: "python3", RSS: &rss}}}
	}
}

// filled is a limit that was reached with so much of it in files.
func filled(shmem, limit int64) *kernellog.Memory {
	return &kernellog.Memory{Usage: &limit, Limit: &limit, Shmem: &shmem}
}

// text is all advice as one text, a line a field.
func text(list []Advice) string {
	var b strings.Builder
	for _, a := range list {
		b.WriteString(a.When + ": " + a.Title + "\n" + a.Detail + "\n$ " + a.Command + "\n" + a.Snippet + "\n")
		if a.Place != nil {
			b.WriteString("at " + a.Place.File + " in " + a.Place.Function + "\n")
		}
	}
	return b.String()
}

// holds tells what advice lacks of what it is to give, and what it has that it must not.
func holds(t *testing.T, name, got string, gives, not []string) {
	t.Helper()
	for _, want := range gives {
		if !strings.Contains(got, want) {
			t.Errorf("%s: lacks %q:\n%s", name, want, got)
		}
	}
	for _, evil := range not {
		if strings.Contains(got, evil) {
			t.Errorf("%s: has %q:\n%s", name, evil, got)
		}
	}
}

// TestAdviceFitsTheCase: what is given has the case's own values; what cannot help there is not given.
func TestAdviceFitsTheCase(t *testing.T) {
	refused := raised("redis.exceptions.ConnectionError", "Error 111 connecting to redis:6379. Connection refused.")
	neighbour := func(state string, code int) func(*inquest.Case) {
		return func(c *inquest.Case) {
			c.Neighbours = []evidence.Neighbour{{Name: "shop-redis-1", Service: "redis", State: state, ExitCode: &code}}
		}
	}
	pids := int64(64)
	for _, tt := range []struct {
		name, reason string
		c            inquest.Case
		gives, not   []string
	}{
		{"limit filled by files in memory", fact.OOMKill,
			with(with(exited(), killed(kernellog.ScopeOwnLimit)), func(c *inquest.Case) {
				c.Spec.Tmpfs = []string{"/spool"}
				c.KillAtEnd.Memory = filled(40<<20, 64<<20)
			}), []string{"Bound what is written to /spool or /dev/shm: 40 MiB", "$ docker update"}, nil},
		{"limit filled by processes", fact.OOMKill,
			with(with(exited(), killed(kernellog.ScopeOwnLimit)), func(c *inquest.Case) {
				c.Spec.Tmpfs = []string{"/spool"}
				c.KillAtEnd.Memory = filled(30<<20, 64<<20)
			}), []string{"find what grows"}, []string{"/spool", "shared memory"}},
		{"own limit", fact.OOMKill, with(exited(), killed(kernellog.ScopeOwnLimit)),
			[]string{"now: Give it more memory than the 64 MiB",
				"$ docker update --memory 128m --memory-swap 192m shop-gateway-1 && docker start shop-gateway-1",
				"python3 (pid 7) 60 MiB", "  gateway:\n    mem_limit: 128m"}, nil},
		{"a child that asked for more than twice the limit", fact.OOMKill, with(exited(), func(c *inquest.Case) {
			killed(kernellog.ScopeOwnLimit)(c)
			c.KillAtEnd.PID = 7
			asked, parent := int64(168<<20), int64(8<<20)
			c.KillAtEnd.Victim.TotalVM = &asked
			c.KillAtEnd.Tasks = append(c.KillAtEnd.Tasks, kernellog.Task{PID: 1, Comm: "python3", RSS: &parent})
		}), []string{"--memory 220m", "mem_limit: 220m"}, nil},
		{"a child of a runtime that reserves", fact.OOMKill, with(exited(), func(c *inquest.Case) {
			killed(kernellog.ScopeOwnLimit)(c)
			asked := int64(3 << 30)
			c.KillAtEnd.Victim.TotalVM = &asked
		}), []string{"--memory 128m"}, nil},
		{"alive", fact.OOMKill, with(alive(), killed(kernellog.ScopeOwnLimit)), []string{"docker update"},
			[]string{"docker start"}},
		{"podman", fact.OOMKill, with(exited(),
			func(c *inquest.Case) { killed(kernellog.ScopeOwnLimit)(c); c.Target.Runtime = "podman" }),
			[]string{"$ podman update", "&& podman start"}, []string{"docker"}},
		{"podman under a user's unit", fact.OOMKill, with(exited(), ofUnit("shop.service", true)),
			[]string{"&& systemctl --user start shop.service", "[Container]\nPodmanArgs=--memory 128m",
				"$ systemctl --user daemon-reload && systemctl --user restart shop.service"}, []string{"podman start", "sudo"}},
		{"podman under the machine's unit", fact.OOMKill, with(exited(), ofUnit("shop.service", false)),
			[]string{"&& sudo systemctl start shop.service"}, []string{"podman start", "--user"}},
		{"podman under a unit whose name is no word", fact.OOMKill, with(exited(), ofUnit("a b;c", true)),
			[]string{"&& podman start"}, []string{"systemctl"}},
		{"docker with Podman's label", fact.OOMKill,
			with(exited(), func(c *inquest.Case) { ofUnit("shop.service", true)(c); c.Target.Runtime = "docker" }),
			[]string{"&& docker start"}, []string{"systemctl"}},
		{"host", fact.OOMKill, with(exited(), killed(kernellog.ScopeHost)),
			[]string{"$ docker start shop-gateway-1", "host's memory"}, []string{"docker update", "mem_limit"}},
		{"raised since", fact.OOMKill, with(exited(), func(c *inquest.Case) {
			killed(kernellog.ScopeOwnLimit)(c)
			hit := int64(32 << 20)
			c.KillAtEnd.Memory, c.Spec.Memory = &kernellog.Memory{Limit: &hit}, 64<<20
		}), []string{"$ docker start"}, []string{"docker update"}},
		{"removed", fact.OOMKill, with(exited(), func(c *inquest.Case) {
			killed(kernellog.ScopeOwnLimit)(c)
			c.Death.State = fact.StateGone
		}), []string{"mem_limit: 128m"}, []string{"$ docker"}},
		{"kubernetes", fact.OOMKill, with(exited(),
			func(c *inquest.Case) { killed(kernellog.ScopeOwnLimit)(c); c.Target.Runtime = "kubernetes" }), nil,
			[]string{"docker"}},

		{"hung, alive", fact.HealthcheckTimeout, probed(alive(), check.Result{Outcome: check.Timeout}),
			[]string{"$ docker restart shop-gateway-1", "Only once it runs with it, `docker kill --signal USR1 shop",
				"without it that signal ends the process", "faulthandler.register(signal.SIGUSR1"}, []string{"wait_for"}},
		{"the check outlasts its timeout", fact.HealthcheckTimeout, probed(alive(), check.Result{Outcome: check.Timeout,
			Outlasts: true}), []string{"Let the check ask at once"}, []string{"$ docker restart", "USR1", "max-time"}},
		{"hung, memory names the line", fact.HealthcheckTimeout, with(probed(alive(), check.Result{Outcome: check.Timeout}),
			func(c *inquest.Case) { c.StuckLoops = []inside.Standing{{For: 30}} }), []string{"$ docker restart"},
			[]string{"USR1"}},
		{"hung, pool threads stand", fact.HealthcheckTimeout, with(probed(alive(), check.Result{Outcome: check.Timeout}),
			func(c *inquest.Case) {
				c.Stood = []inside.Standing{{For: 129, Place: evidence.Frame{File: "/a/gw.py", Line: 14, Function: "lk"}}}
			}), []string{"$ docker restart", "Bound what it does there", "at /a/gw.py"}, []string{"USR1"}},
		{"hung under gunicorn by its command", fact.HealthcheckTimeout, with(alive(), func(c *inquest.Case) {
			c.Spec.Command = []string{"gunicorn", "-k", "uvicorn.workers.UvicornWorker", "app:app"}
		}), nil, []string{"USR1"}},
		{"hung under gunicorn by its log", fact.HealthcheckTimeout, with(alive(), func(c *inquest.Case) {
			c.Log.Lifecycle.Server, c.Spec.Command = "gunicorn", []string{"sh", "-c", "start UvicornWorker"}
		}), nil, []string{"USR1"}},
		{"gunicorn replaced what hung", fact.HealthcheckTimeout, with(alive(), timedOut(9)),
			[]string{"Let gunicorn print"}, []string{"docker restart"}},
		{"gunicorn replaced nothing yet", fact.HealthcheckTimeout, with(alive(), timedOut(3)),
			[]string{"$ docker restart"}, nil},
		{"what gunicorn booted hangs, too", fact.HealthcheckTimeout, with(with(alive(), timedOut(9)),
			func(c *inquest.Case) { c.Streak = 2 }), []string{"$ docker restart"}, nil},
		{"gunicorn replaced what hung, and the check passes again", fact.HealthcheckTimeout,
			with(with(alive(), timedOut(9)), func(c *inquest.Case) { c.Unhealthy = &began }),
			[]string{"Let gunicorn print"}, []string{"docker restart"}},
		{"gunicorn's limit has yet to end what stands", fact.HealthcheckTimeout, with(alive(), standing(3, "-t", "4")),
			[]string{"Bound what it does there", "/x/gun.py in app"}, []string{"docker restart", "pre_request"}},
		{"gunicorn's limit did not end what stands", fact.HealthcheckTimeout, with(alive(), standing(9, "-t", "4")),
			[]string{"docker restart", "/x/gun.py in app"}, nil},
		{"no limit ends what stands in a thread", fact.HealthcheckTimeout,
			with(alive(), standing(3, "-t", "4", "--threads", "8")), []string{"docker restart"}, nil},
		{"gunicorn names no limit", fact.HealthcheckTimeout, with(alive(), standing(3)),
			[]string{"docker restart"}, nil},
		{"hung on redis", fact.HealthcheckTimeout, printed(probed(alive(), check.Result{Outcome: check.Timeout}),
			ofTen("x", fact.HealthcheckTimeout, raised("redis.exceptions.TimeoutError", "Timeout"))),
			[]string{"socket_timeout=2", "at /app/main.py in health"}, []string{"pool_timeout", "faulthandler"}},
		{"stopped by its quota", fact.CPUQuota, with(alive(), starved(.05)),
			[]string{"$ docker update --cpus 0.5 shop-gateway-1", "from 0.05 to 0.5 processors", "cpus: 0.5"},
			[]string{"restart", "faulthandler"}},
		{"stopped by a larger quota", fact.CPUQuota, with(alive(), starved(1.5)), []string{"--cpus 3"}, nil},
		{"stopped by a quota that is not known", fact.CPUQuota, with(alive(), starved(0)), nil, []string{"--cpus"}},
		{"hung, as far as its quota lets one see", fact.HealthcheckTimeout, with(alive(), starved(.05)),
			[]string{"--cpus 0.5"}, []string{"docker restart"}},
		{"the machine is overloaded", fact.HostOverloaded, with(alive(), crowded), []string{"docker stats --no-stream",
			"2 processors", "load average is 31.5"}, []string{"restart"}},
		{"hung, on an overloaded machine", fact.HealthcheckTimeout, with(alive(), crowded), []string{"docker stats"},
			[]string{"docker restart"}},
		{"hung in a call, on an overloaded machine", fact.HealthcheckTimeout, with(with(alive(), crowded), standing(9)),
			[]string{"docker restart"}, []string{"docker stats"}},
		{"hung, not Python", fact.HealthcheckTimeout, with(alive(),
			func(c *inquest.Case) { c.Spec.Command = []string{"node", "a.js"} }), []string{"docker restart"},
			[]string{"faulthandler", "asyncio"}},
		{"hung on redis, by its port", fact.HealthcheckTimeout, with(alive(), awaits("store", "10.0.0.7:6379")),
			[]string{"socket_timeout=2"}, []string{"faulthandler"}},
		{"hung on what has many clients", fact.HealthcheckTimeout, with(alive(), awaits("db", "10.0.0.7:5432")),
			[]string{"Give the client of db a time limit"}, []string{"faulthandler", "socket_timeout"}},
		{"hung on redis, not Python", fact.HealthcheckTimeout, with(with(alive(), awaits("redis", "10.0.0.7:6379")),
			func(c *inquest.Case) { c.Spec.Command = []string{"node", "a.js"} }),
			[]string{"Give the client of redis a time limit"}, []string{"faulthandler", "socket_timeout"}},
		{"waits for a neighbour in a library, and nobody asks it", fact.DependencyDown,
			with(with(alive(), awaits("db", "10.0.0.7:5432")), standsIn("/usr/lib/python3/dist-packages/asyncpg/pool.py")),
			[]string{"command_timeout=5", "at /app/poll.py in take"}, []string{"to_thread"}},
		{"waits for a neighbour in Python's own library", fact.DependencyDown,
			with(with(alive(), awaits("slow", "10.0.0.7:9000")), standsIn("/usr/lib/python3.11/urllib/request.py")),
			[]string{"timeout=5", "urlopen has none", "at /app/poll.py in take"}, nil},
		{"waits for a neighbour at its own socket", fact.DependencyDown,
			with(with(alive(), awaits("slow", "10.0.0.7:9000")), standsIn("")),
			[]string{"Give the client of slow a time limit", "settimeout(5)", "at /app/poll.py in take"}, nil},
		{"waited for a neighbour, and has ended", fact.DependencyDown,
			with(with(exited(), awaits("db", "10.0.0.7:5432")), standsIn("/usr/lib/python3/dist-packages/asyncpg/pool.py")),
			nil, []string{"command_timeout", "time limit"}},
		{"a limit of CPU time", fact.PoolExhaustion, with(exited(), func(c *inquest.Case) { c.Death.Signal = "SIGXCPU" }),
			[]string{"Raise the limit that SIGXCPU tells of"}, []string{"Give back"}},
		{"a call that is forbidden", fact.HostSetting, with(exited(), func(c *inquest.Case) { c.Death.Signal = "SIGSYS" }),
			[]string{"Allow the system call"}, nil},
		{"a task of the health check waits in a library", fact.HealthcheckTimeout, with(alive(),
			waitsIn("/usr/lib/python3/dist-packages/asyncpg/connection.py")),
			[]string{"command_timeout=5", "at /app/main.py in health"}, []string{"faulthandler", "to_thread"}},
		{"a task of the health check waits in no library", fact.HealthcheckTimeout, with(alive(),
			waitsIn("/usr/lib/python3.11/asyncio/locks.py")),
			[]string{"Bound what it does there", "at /app/main.py in health"}, []string{"faulthandler"}},
		{"it never listened, and waits for a neighbour", fact.HealthcheckFailure, with(probed(alive(),
			check.Result{Outcome: check.Refused}), func(c *inquest.Case) {
			awaits("redis", "10.0.0.7:6379")(c)
			c.Stuck[0].Name, c.Process, c.Now = "shop-redis-1", &evidence.Process{PID: 7}, began.Add(time.Minute)
		}), []string{"docker"}, []string{"start_period"}},
		{"dependency paused", fact.HealthcheckTimeout, with(with(alive(), neighbour(fact.StatePaused, 0)),
			func(c *inquest.Case) { c.Spec.DependsOn = []string{"redis"} }), []string{"$ docker unpause shop-redis-1"},
			nil},

		{"wrong port", fact.HealthcheckFailure, listening(probed(alive(), check.Result{Outcome: check.Refused}), 8000),
			[]string{"then: Ask the port that the service listens on", "0.0.0.0 port 8000",
				"test: [\"CMD\", \"curl\", \"-fsS\", \"--max-time\", \"2\", \"http://localhost:8000/healthz\"]\n"},
			[]string{"8080/health", "interval", "retries", "start_period"}},
		{"wrong port of two", fact.HealthcheckFailure,
			with(listening(probed(alive(), check.Result{Outcome: check.Refused}), 8000), func(c *inquest.Case) {
				c.Process.Listeners = append(c.Process.Listeners, evidence.Listener{Address: "0.0.0.0", Port: 9000})
			}), []string{"then: Ask the port that the service listens on", "port 9000"}, []string{"test:"}},
		{"still starting", fact.HealthcheckFailure, with(probed(alive(), check.Result{Outcome: check.Refused}), nowhere),
			[]string{"start_period: 30s", "listens nowhere yet, after 20 s"}, []string{"Ask the port", "test:"}},
		{"still starting, by hand", fact.HealthcheckFailure,
			with(with(probed(alive(), check.Result{Outcome: check.Refused}), nowhere),
				func(c *inquest.Case) { c.Spec.Service = "" }),
			[]string{"docker run --health-start-period 30s"}, []string{"services:"}},
		{"listens nowhere any more", fact.HealthcheckFailure,
			with(with(probed(alive(), check.Result{Outcome: check.Refused}), nowhere), func(c *inquest.Case) {
				c.Probes = append([]inquest.Probe{{Result: check.Result{Outcome: check.Pass}}}, c.Probes...)
			}), nil, []string{"start_period", "Ask the port"}},
		{"has begun to listen", fact.HealthcheckFailure,
			with(listening(probed(alive(), check.Result{Outcome: check.Refused}), 8080),
				func(c *inquest.Case) { c.Now = began.Add(20 * time.Second) }),
			[]string{"start_period: 30s"}, []string{"Ask the port"}},
		{"503", fact.HealthcheckFailure,
			listening(probed(alive(), check.Result{Outcome: check.HTTPStatus, HTTPStatus: 503}), 8000),
			[]string{"answer 503"}, []string{"asks port", "localhost", "test:"}},
		{"404", fact.HealthcheckFailure, probed(alive(), check.Result{Outcome: check.HTTPStatus, HTTPStatus: 404}),
			[]string{"for /healthz it answers 404"}, []string{"test:"}},
		{"tool missing", fact.HealthcheckFailure, probed(alive(),
			check.Result{Outcome: check.ToolMissing, Summary: "curl is not in the image"}),
			[]string{"urlopen('http://127.0.0.1:8080/healthz', timeout=2.4)"}, []string{`"curl"`}},
		{"tool missing, started by hand", fact.HealthcheckFailure, with(probed(alive(),
			check.Result{Outcome: check.ToolMissing, Summary: "curl is not in the image"}),
			func(c *inquest.Case) { c.Spec.Service, c.Spec.Project = "", "" }),
			[]string{`docker run --health-cmd "python3 -c \"import urllib.request`, `timeout=2.4)\"" …`}, []string{"services:"}},

		{"setting at start", fact.StartupFailure, printed(exited(),
			ofTen("startup-exception", fact.StartupFailure, raised("KeyError", "'DATABASE_URL'"))),
			[]string{"Set DATABASE_URL", "      DATABASE_URL: \"\""}, []string{"depends_on"}},
		{"module", fact.StartupFailure, printed(exited(), ofTen("startup-exception",
			fact.StartupFailure, raised("ModuleNotFoundError", "No module named 'numpy'"))), []string{"module numpy"},
			[]string{"depends_on", "docker start"}},
		{"a start that waits, and says for whom", fact.StartupFailure, with(alive(), func(c *inquest.Case) {
			c.Log.Findings = []servicelog.Finding{signature(servicelog.Awaited, fact.DependencyDown, "waiting for db:5432")}
			c.Log.Findings[0].Object = "db:5432"
		}), []string{"Check that db is up"}, nil},
		{"every start ends with an exception that nothing claims", fact.StartupFailure, with(exited(),
			func(c *inquest.Case) {
				c.Log.Findings = []servicelog.Finding{{ID: inquest.Unclassified, LastAt: *c.Death.At,
					Exception: raised("FileNotFoundError", "[Errno 2] No such file or directory: '/etc/app/config.json'")}}
			}), []string{"Mend what its start fails with", "/etc/app/config.json"}, []string{"lifespan"}},
		{"dependency at start", fact.StartupFailure, printed(with(exited(), neighbour(fact.StateExited, 0)),
			ofTen("startup-exception", fact.StartupFailure, refused)), []string{"$ docker start shop-redis-1",
			"redis: {condition: service_healthy}"}, nil},
		{"localhost at start", fact.StartupFailure, printed(exited(),
			ofTen("startup-exception", fact.StartupFailure, raised("E", "Error 99 connecting to localhost:6379."))),
			[]string{"not localhost"}, []string{"depends_on"}},

		{"dead task", fact.BackgroundTaskFailure, printed(alive(),
			ofTen("x", fact.BackgroundTaskFailure, raised("KeyError", "'id'"))),
			[]string{"$ docker restart", "add_done_callback"}, nil},
		{"dead task, ended", fact.BackgroundTaskFailure, exited(), []string{"add_done_callback"}, []string{"$ docker"}},
		{"handler", fact.ExceptionHandlerFailure, printed(alive(),
			ofTen("x", fact.ExceptionHandlerFailure, raised("TypeError", "no"))),
			[]string{"handler return a response", "/app/main.py"}, []string{"docker"}},
		{"log file forbidden", fact.LoggingFailure, printed(alive(),
			ofTen("x", fact.LoggingFailure, raised("OSError", "[Errno 13] Permission denied: '/var/log/a'"))),
			[]string{"Log to stdout"}, []string{"docker"}},
		{"worker exits", fact.WorkerCrash, printed(exited(), ofTen("x", fact.WorkerCrash, raised("SystemExit", "7"))),
			[]string{"docker start", "instead of leaving"}, nil},
		{"worker's fault, by gunicorn", fact.WorkerCrash, printed(alive(), ofTen("gunicorn-worker-crash",
			fact.WorkerCrash, nil)), []string{"then: Let the interpreter print where it crashes",
			"PYTHONFAULTHANDLER: \"1\""}, []string{"Catch", "Supervise", "now:"}},
		{"worker's fault, by the kernel", fact.WorkerCrash, with(printed(alive(), ofTen("uvicorn-child-died",
			fact.WorkerCrash, nil)), func(c *inquest.Case) { c.Crashes = make([]inquest.Crash, 1) }),
			[]string{"PYTHONFAULTHANDLER"}, []string{"Supervise"}},
		{"worker's fault, not Python", fact.WorkerCrash, with(printed(alive(), ofTen("gunicorn-worker-crash",
			fact.WorkerCrash, nil)), func(c *inquest.Case) { c.Spec.Command = []string{"nginx"} }),
			[]string{"ulimits: {core: -1}"}, []string{"PYTHON"}},
		{"worker ended untold", fact.WorkerCrash, printed(alive(), ofTen("uvicorn-child-died", fact.WorkerCrash, nil)),
			[]string{"PYTHONFAULTHANDLER"}, []string{"Catch"}},
		{"worker left by os._exit", fact.WorkerCrash, printed(printed(alive(), ofTen("uvicorn-child-died",
			fact.WorkerCrash, nil)), ofTen("guard-os-exit", fact.WorkerCrash, raised("SystemExit", "7"))),
			[]string{"instead of leaving"}, []string{"PYTHONFAULTHANDLER"}},
		{"worker left with a code", fact.WorkerCrash, printed(alive(), ofTen("gunicorn-worker-exited",
			fact.WorkerCrash, nil)), nil, []string{"PYTHONFAULTHANDLER"}},
		{"SQLAlchemy", fact.PoolExhaustion, printed(alive(),
			ofTen("sqlalchemy-pool-timeout", fact.PoolExhaustion, raised("sqlalchemy.exc.TimeoutError",
				"QueuePool limit of size 2 overflow 1 reached"))), []string{"pool of 2 + 1", "engine.connect()"},
			[]string{"redis."}},
		{"redis pool", fact.PoolExhaustion, printed(alive(), ofTen("redis-pool-exhausted", fact.PoolExhaustion, nil)),
			[]string{"BlockingConnectionPool"}, []string{"create_engine", "engine.connect"}},
		{"SQLAlchemy's pool in memory", fact.PoolExhaustion, with(alive(), usedUp("QueuePool")),
			[]string{"engine.connect()"}, []string{"redis."}},
		{"redis's pool in memory", fact.PoolExhaustion, with(alive(), usedUp("BlockingConnectionPool")),
			[]string{"BlockingConnectionPool(timeout=2)"}, []string{"engine.connect"}},
		{"a pool of no library that is known", fact.PoolExhaustion, with(alive(), usedUp("Slots")),
			[]string{"then: Give back what it takes"}, []string{"redis.", "engine"}},
		{"no pool seen", fact.PoolExhaustion, alive(), []string{"then: Give back what it takes"},
			[]string{"redis.", "engine"}},
		{"crash", fact.InterpreterCrash, exited(), []string{"docker start", "PYTHONFAULTHANDLER"}, []string{"core"}},
		{"crash, not Python", fact.InterpreterCrash, with(exited(),
			func(c *inquest.Case) { c.Spec.Command = []string{"nginx"} }), []string{"ulimits: {core: -1}"},
			[]string{"PYTHON"}},

		{"refuses", fact.DependencyDown, printed(alive(), other(fact.DependencyDown, "redis:6379", "refused")),
			[]string{"Check that redis is up"}, []string{"docker", "depends_on"}},
		{"stopped neighbour", fact.DependencyDown, printed(with(alive(), neighbour(fact.StateExited, 0)),
			other(fact.DependencyDown, "redis:6379", "refused")), []string{"$ docker start shop-redis-1"}, nil},
		{"running neighbour", fact.DependencyLost, printed(with(alive(), neighbour(fact.StateRunning, 0)),
			other(fact.DependencyLost, "redis:6379", "reset")), []string{"when redis goes away"}, []string{"$ docker"}},
		{"another neighbour", fact.DependencyDown, printed(with(alive(), neighbour(fact.StateExited, 0)),
			other(fact.DependencyDown, "db:5432", "refused")), nil, []string{"shop-redis-1"}},
		{"broker with an alarm", fact.DependencyRefuses, with(alive(), func(c *inquest.Case) {
			d := inquest.Dependency{Silence: inquest.SilenceAlarm, Alarm: "memory"}
			d.Name, d.Service = "shop-rabbitmq-1", "rabbitmq"
			c.Stuck = []inquest.Dependency{d}
		}), []string{"$ docker exec shop-rabbitmq-1 rabbitmqctl list_connections", "More memory"},
			[]string{"docker start", "restart shop"}},
		{"the broker itself", fact.DependencyRefuses, printed(alive(), signature("rabbitmq-resource-alarm",
			fact.DependencyRefuses, "disk resource limit alarm set on node rabbit@a")),
			[]string{"rabbitmqctl list_queues", "fills its disk"}, []string{"list_connections"}},
		{"ended migration", fact.DependencyDown, with(with(alive(), neighbour(fact.StateExited, 0)),
			func(c *inquest.Case) { c.Spec.DependsOn = []string{"redis"} }), nil, []string{"docker start"}},

		{"port in the container", fact.PortTaken, printed(exited(), other(fact.PortTaken, "8000", "in use")),
			[]string{"port 8000"}, []string{"$ docker"}},
		{"port of the host", fact.PortTaken, with(exited(), func(c *inquest.Case) {
			c.Refusal = []servicelog.Finding{other(fact.PortTaken, "0.0.0.0:8080", "allocated")}
		}), []string{"$ docker ps --filter publish=8080"}, []string{"docker start"}},
		{"a container has it", fact.PortTaken, with(exited(), portUser(evidence.PortUse{Port: 8080, Container: "web"})),
			[]string{"$ docker stop web"}, []string{"docker start", "docker ps"}},
		{"another project has it", fact.PortTaken, with(exited(), portUser(evidence.PortUse{Port: 8080, Container: "web",
			Project: "shop"})), []string{"$ docker port web"}, []string{"docker stop", "docker ps"}},
		{"a program has it", fact.PortTaken, with(exited(), portUser(evidence.PortUse{Port: 8080, PID: 812})),
			[]string{"-p 812"}, []string{"docker stop", "docker ps"}},
		{"nothing has it", fact.PortTaken, with(exited(), portUser()), []string{"$ docker start"}, []string{"docker ps"}},
		{"setting", fact.SettingMissing, printed(exited(), other(fact.SettingMissing, "API_KEY", "not set")),
			[]string{"      API_KEY: \"\""}, []string{"docker start"}},
		{"script", fact.CRLFScript, printed(exited(), other(fact.CRLFScript, "/app/run.sh", "^M")),
			[]string{"RUN sed -i 's/\\r$//' /app/run.sh"}, nil},
		{"permission on a mount", fact.PermissionDenied,
			printed(with(exited(), func(c *inquest.Case) {
				c.Spec.Mounts = []evidence.Mount{{Type: "bind",
					Destination: "/data"}}
			}), other(fact.PermissionDenied, "/data/a.db", "no")), []string{"the mount /data"}, []string{"chown"}},
		{"permission in the image", fact.PermissionDenied,
			printed(with(exited(), func(c *inquest.Case) { c.Spec.User = "1000" }),
				other(fact.PermissionDenied, "/srv/a.db", "no")), []string{"RUN chown -R 1000 /srv/a.db"},
			[]string{"mount"}},
		{"tmpfs full", fact.FileSystemFull,
			printed(with(alive(), func(c *inquest.Case) { c.Spec.Tmpfs = []string{"/spool"} }),
				other(fact.FileSystemFull, "/spool/x", "full")),
			[]string{"$ docker exec shop-gateway-1 du -xh -d 2 /spool", "Make /spool larger"},
			[]string{"docker start"}},
		{"full, ended", fact.FileSystemFull, printed(exited(), other(fact.FileSystemFull, "/srv/x", "full")),
			[]string{"Write /srv/x to a volume", "Make room where it writes, its own layer,", "$ docker system df"},
			[]string{"$ docker exec", "$ docker start"}},
		{"full, ended, who knows where", fact.FileSystemFull, printed(exited(), other(fact.FileSystemFull, "wal/x", "full")),
			[]string{"Make room where it writes, its own layer,"}, []string{"$ docker start"}},
		{"read-only root", fact.ReadOnlyFileSystem,
			printed(with(exited(), func(c *inquest.Case) { c.Spec.ReadonlyRoot = true }),
				other(fact.ReadOnlyFileSystem, "/run/app/x", "ro")), []string{"tmpfs:\n      - /run/app"}, nil},
		{"read-only root, a file of scratch", fact.ReadOnlyFileSystem,
			printed(with(exited(), func(c *inquest.Case) { c.Spec.ReadonlyRoot, c.Spec.Service = true, "" }),
				other(fact.ReadOnlyFileSystem, "/var/cache/app/x", "ro")),
			[]string{"docker run --tmpfs /var/cache/app"}, []string{"services:"}},
		{"read-only root, a file to keep", fact.ReadOnlyFileSystem,
			printed(with(exited(), func(c *inquest.Case) { c.Spec.ReadonlyRoot = true }),
				other(fact.ReadOnlyFileSystem, "/srv/state.db", "ro")),
			[]string{"volumes:\n      - data:/srv/data\n"}, []string{"tmpfs"}},
		{"read-only root, in the program's own folder", fact.ReadOnlyFileSystem,
			printed(with(exited(), func(c *inquest.Case) {
				c.Spec.ReadonlyRoot, c.Spec.WorkingDir = true, "/opt/shop/app"
			}), other(fact.ReadOnlyFileSystem, "/opt/shop/app/state.db", "ro")),
			[]string{"data:/opt/shop/app/data"}, []string{"tmpfs"}},
		{"read-only root, the program lies in scratch", fact.ReadOnlyFileSystem,
			printed(with(exited(), func(c *inquest.Case) {
				c.Spec.ReadonlyRoot, c.Spec.Command = true, []string{"python3", "/tmp/app/main.py"}
			}), other(fact.ReadOnlyFileSystem, "/tmp/app/x", "ro")), []string{"data:/tmp/app/data"}, []string{"tmpfs"}},
		{"read-only root, a folder for data below the program's", fact.ReadOnlyFileSystem,
			printed(with(exited(), func(c *inquest.Case) { c.Spec.ReadonlyRoot, c.Spec.WorkingDir = true, "/app" }),
				other(fact.ReadOnlyFileSystem, "/app/var/x", "ro")), []string{"data:/app/var\n"}, []string{"tmpfs"}},
		{"read-only root, a file of the image's own", fact.ReadOnlyFileSystem,
			printed(with(exited(), func(c *inquest.Case) { c.Spec.ReadonlyRoot = true }),
				other(fact.ReadOnlyFileSystem, "/usr/lib/python3/dist-packages/x/y.pyc", "ro")),
			[]string{"data:/data"}, []string{"tmpfs"}},
		{"redis cannot save, in its own report", fact.DependencyRefuses, printed(alive(),
			signature("redis-server-save-failed", fact.DependencyRefuses, "Failed opening the temp RDB file temp-11.rdb "+
				"(in server root dir /x) for saving: Read-only file system")),
			[]string{"/x is read-only", "data:/data"}, []string{"Mend"}},
		{"redis's folder is full", fact.DependencyRefuses, printed(alive(),
			signature("redis-server-save-failed", fact.DependencyRefuses, "Failed opening the temp RDB file temp-11.rdb "+
				"(in server root dir /x) for saving: No space left on device")), []string{"/x is full"}, []string{"/data"}},
		{"a client of a redis that cannot save", fact.DependencyRefuses,
			printed(with(alive(), neighbour(fact.StateRunning, 0)), servicelog.Finding{ID: "redis-degraded",
				Other: fact.DependencyRefuses, Exception: raised("redis.exceptions.ResponseError", "MISCONF Redis is "+
					"configured to save RDB snapshots")}),
			[]string{"Mend redis: "}, []string{"/app/main.py", "Handle it"}},
		{"a client of a redis that is full", fact.DependencyRefuses,
			printed(with(alive(), neighbour(fact.StateRunning, 0)), servicelog.Finding{ID: "redis-degraded",
				Other: fact.DependencyRefuses, Exception: raised("redis.exceptions.ResponseError", "OOM command not "+
					"allowed when used memory > 'maxmemory'.")}),
			[]string{"redis-cli info memory", "Give redis a maxmemory"}, []string{"Mend redis", "its own log says why"}},
		{"of one that is not among the neighbours", fact.DependencyRefuses,
			printed(alive(), servicelog.Finding{ID: "redis-degraded",
				Other: fact.DependencyRefuses, Exception: raised("redis.exceptions.ResponseError", "OOM command not "+
					"allowed when used memory > 'maxmemory'.")}),
			[]string{"Give redis a maxmemory"}, []string{"redis-cli info"}},
		{"a client with the wrong password", fact.DependencyRefuses,
			printed(with(alive(), neighbour(fact.StateRunning, 0)), servicelog.Finding{ID: "redis-degraded",
				Other: fact.DependencyRefuses, Exception: raised("redis.exceptions.ResponseError", "WRONGPASS invalid")}),
			[]string{"/app/main.py"}, []string{"Mend redis"}},
		{"V8 with a limit", fact.V8Heap, printed(with(exited(), func(c *inquest.Case) { c.Spec.Memory = 512 << 20 }),
			other(fact.V8Heap, "", "heap")), []string{"--max-old-space-size=384", "docker start"}, []string{"PYTHON"}},
		{"V8 without", fact.V8Heap, printed(exited(), other(fact.V8Heap, "", "heap")), []string{"heapsnapshot"},
			[]string{"max-old-space"}},
		{"Java heap", fact.JVMHeap, printed(exited(), other(fact.JVMHeap, "",
			"java.lang.OutOfMemoryError: Java heap space")), []string{"HeapDumpOnOutOfMemoryError"}, nil},
		{"Metaspace", fact.JVMHeap, printed(exited(), other(fact.JVMHeap, "",
			"java.lang.OutOfMemoryError: Metaspace")), nil, []string{"HeapDump"}},
		{"pids", fact.ThreadsRefused, printed(with(alive(), func(c *inquest.Case) { c.Spec.PidsLimit = &pids }),
			other(fact.ThreadsRefused, "", "fork")), []string{"$ docker update --pids-limit 128 shop-gateway-1",
			"pids_limit: 128"}, nil},
		{"no pids limit", fact.ThreadsRefused, printed(alive(), other(fact.ThreadsRefused, "", "fork")), nil,
			[]string{"pids"}},
		{"PHP", fact.PHPFatal, printed(exited(), other(fact.PHPFatal, "",
			"Allowed memory size of 134217728 bytes exhausted")), []string{"memory_limit = 256M"}, nil},
		{"PHP, another", fact.PHPFatal, printed(exited(), other(fact.PHPFatal, "", "Uncaught Error")), nil,
			[]string{"memory_limit"}},
		{"host setting", fact.HostSetting, printed(exited(),
			other(fact.HostSetting, "", "vm.max_map_count [65530] is too low, increase to at least [262144]")),
			[]string{"sysctl -w vm.max_map_count=262144"}, nil},
		{"nginx", fact.NotInForeground, with(exited(),
			func(c *inquest.Case) { c.Spec.Command = []string{"sh", "-c", "nginx"} }),
			[]string{`nginx -g "daemon off;"`}, []string{"docker start"}},
		{"another program", fact.NotInForeground, with(exited(),
			func(c *inquest.Case) { c.Spec.Command = []string{"mine"} }), nil, []string{"foreground"}},
		{"stopped process", fact.ProcessStopped, alive(), []string{"$ docker kill --signal CONT shop-gateway-1"}, nil},
		{"without a network", fact.NoNetwork, with(alive(), func(c *inquest.Case) {
			c.Spec.Project, c.Status.NoNetwork = "", "shop_default"
		}), []string{"$ docker network connect shop_default shop-gateway-1"}, nil},
		{"without a project's network", fact.NoNetwork, with(alive(), func(c *inquest.Case) {
			c.Spec.Project, c.Spec.Service, c.Status.NoNetwork = "shop", "gateway", "shop_default"
		}), []string{"$ docker network connect --alias gateway shop_default shop-gateway-1"}, nil},
		{"a full tmpfs, no word of it", fact.FileSystemFull, crammed("/data"), []string{"du -xh -d 2 /data",
			"Make /data larger"}, nil},
		{"a full disk, no word of it", fact.FileSystemFull, crammed("/"), []string{"du -xh -d 2 /"}, []string{"volume"}},
		{"on loopback, uvicorn", fact.LoopbackOnly, with(published(alive(), "127.0.0.1", 8080), func(c *inquest.Case) {
			c.Spec.Command = []string{"python3", "-m", "uvicorn", "app:app"}
		}), []string{"Let it listen at 0.0.0.0, port 8080", "uvicorn … --host 0.0.0.0 --port 8080"}, nil},
		{"on loopback, gunicorn", fact.LoopbackOnly, with(published(alive(), "127.0.0.1", 8080), func(c *inquest.Case) {
			c.Spec.Command = []string{"sh", "-c", "exec /venv/bin/gunicorn -k uvicorn.workers.UvicornWorker app:app"}
		}), []string{"gunicorn … --bind 0.0.0.0:8080"}, []string{"--host"}},
		{"on loopback, who knows what", fact.LoopbackOnly, with(published(alive(), "127.0.0.1", 8080),
			func(c *inquest.Case) { c.Spec.Command = []string{"mine"} }), []string{"Let it listen at 0.0.0.0, port 8080"},
			[]string{"uvicorn", "--host"}},
		{"another port", fact.NothingListens, published(alive(), "0.0.0.0", 5000), []string{`"18080:5000"`}, nil},
		{"a check that passes in vain", fact.NothingListens, with(probed(listening(alive(), 9000),
			check.Result{Outcome: check.Pass}), func(c *inquest.Case) {
			c.Spec.Healthcheck.Test = []string{"CMD-SHELL", "curl -s http://localhost:8080/ | cat"}
		}), []string{"Let it listen on port 8080", "$ gwdoctor health"}, []string{"ports:"}},
		{"no port", fact.NothingListens, published(alive(), "127.0.0.11", 40000),
			[]string{"$ gwdoctor inside shop-gateway-1"}, []string{"docker restart"}},
		{"no port any more", fact.NothingListens, with(published(alive(), "127.0.0.11", 40000), func(c *inquest.Case) {
			c.Log.Lifecycle.Ready = &began
		}), []string{"$ docker restart shop-gateway-1"}, []string{"gwdoctor inside"}},
		{"panic", fact.GoPanic, printed(exited(), servicelog.Finding{ID: "p",
			Other: fact.GoPanic, Exception: &traceback.Exception{Type: "panic",
				Frames: []traceback.Frame{{File: "/src/main.go", Line: 12}}}}),
			[]string{"at /src/main.go", "docker start"}, nil},
		{"panic at start", fact.GoPanic, with(exited(),
			func(c *inquest.Case) { c.Life.Start = c.Life.End.Add(-time.Second) }), nil, []string{"docker"}},
	} {
		holds(t, tt.name, text(Of(tt.c, fact.VerdictOther, tt.reason)), tt.gives, tt.not)
	}
}

// TestStartPeriod: what fails only where no failure counts is looked at again; what has failed since, or was never
// probed, is not told to wait.
func TestStartPeriod(t *testing.T) {
	const wait = "Look again once its start period (5 min) is over"
	early := func(streak, early int) inquest.Case {
		return with(alive(), func(c *inquest.Case) {
			c.Spec.Healthcheck = &check.Config{Test: []string{"CMD", "true"}, StartPeriod: 5 * time.Minute}
			c.Streak, c.Early = streak, early
		})
	}
	holds(t, "all in it", text(Of(early(7, 7), fact.VerdictUndetermined, "")),
		[]string{wait, "$ gwdoctor health shop-gateway-1"}, nil)
	holds(t, "some after it", text(Of(early(7, 5), fact.VerdictUndetermined, "")), nil, []string{wait})
	holds(t, "none failed", text(Of(early(0, 0), fact.VerdictUndetermined, "")), nil, []string{wait})
}

// TestNothingForWhatNeedsNothing: an all-clear and a verdict that cannot tell have no advice; a paused service has one.
func TestNothingForWhatNeedsNothing(t *testing.T) {
	c := with(exited(), killed(kernellog.ScopeOwnLimit))
	if list := append(Of(c, fact.NotAFailure, ""), Of(c, fact.VerdictUndetermined, "")...); len(list) > 0 {
		t.Errorf("advice for nothing: %+v", list)
	}
	c.Death.State = fact.StatePaused
	if list := Of(c, fact.NotAFailure, ""); len(list) != 1 || list[0].Command != "docker unpause shop-gateway-1" {
		t.Errorf("a paused service: %+v", list)
	}
}

// TestNoStrangersWordReachesAShell: names, paths, hosts and settings of a stranger are in no command and no snippet.
func TestNoStrangersWordReachesAShell(t *testing.T) {
	for _, evil := range []string{"$(reboot)", "a;reboot", "a\nreboot: 1", "-v /:/h", "--privileged", "`reboot`",
		"a b", "a'b", `a"b`, "{name}", "../x|y", "%s&", "x: {y: z}"} {
		c := with(alive(), killed(kernellog.ScopeOwnLimit))
		c.Target.Name, c.Spec.Service, c.Spec.User = evil, evil, evil
		c.Spec.Tmpfs, c.Spec.DependsOn, c.Spec.ReadonlyRoot = []string{"/" + evil}, []string{evil}, true
		c.Neighbours = []evidence.Neighbour{{Name: evil, Service: evil, State: fact.StatePaused}}
		reasons := []string{fact.UncaughtException}
		for id := range ofCause {
			reasons = append(reasons, id)
		}
		for id := range ofOther {
			reasons = append(reasons, id)
		}
		slices.Sort(reasons)
		for _, id := range reasons {
			for _, object := range []string{evil, "/" + evil + "/" + evil, evil + ":6379"} {
				c.Log = &servicelog.Run{}
				c = printed(c, other(id, object, object))
				c = printed(c, ofTen(id, id, raised("KeyError", "'"+object+"'")))
				for _, a := range Of(c, fact.VerdictOther, id) {
					if strings.Contains(a.Command, evil) || strings.Contains(a.Snippet, evil) ||
						strings.ContainsAny(a.Command, "\n;`|$") {
						t.Errorf("%s, %q: %q %q", id, object, a.Command, a.Snippet)
					}
				}
			}
		}
	}
}

// TestPoolFixesFollowThePool: the general fixes of a case name the library whose pool was found, and no other.
func TestPoolFixesFollowThePool(t *testing.T) {
	for class, library := range map[string]bool{"QueuePool": true, "BlockingConnectionPool": true, "Slots": false,
		"AsyncConnectionPool": false} {
		list := For(fact.PoolExhaustion, with(alive(), usedUp(class)))
		if len(list) != 1 || strings.Contains(list[0].Snippet, "create_engine") != library {
			t.Errorf("%s: %+v", class, list)
		}
	}
}

// portUser is a refused port 8080, and who was seen to have ports.
func portUser(uses ...evidence.PortUse) func(*inquest.Case) {
	return func(c *inquest.Case) {
		c.Refusal = []servicelog.Finding{other(fact.PortTaken, "0.0.0.0:8080", "allocated")}
		c.Ports = &evidence.Ports{Wanted: []int{8080}, Uses: uses}
	}
}

// TestAdviceIsTheSameAgain: what was said of one case changes no table that the next is looked up in.
func TestAdviceIsTheSameAgain(t *testing.T) {
	c := exited()
	c.Target.InPod = bundle.InPod{Namespace: "shop", Pod: "gateway", Container: "app"}
	for _, o := range fact.NamedOthers() {
		c.Log = &servicelog.Run{Findings: []servicelog.Finding{{ID: "x", Object: "redis",
			Cause: fact.StartupFailure, Role: fact.RoleRoot, Strength: fact.Strong, Other: o.ID}}}
		first := podDrafts(c, fact.StartupFailure, &c.Log.Findings[0])
		again := podDrafts(c, fact.StartupFailure, &c.Log.Findings[0])
		if len(first) != len(again) || slices.ContainsFunc(again, func(d draft) bool { return d.title == "" }) {
			t.Errorf("%s: %+v, and again %+v", o.ID, first, again)
		}
	}
}

// TestLimitOfWhatWasRemoved: the kernel tells the limit of a container of which nothing else is left.
func TestLimitOfWhatWasRemoved(t *testing.T) {
	for name, test := range map[string]struct {
		scope kernellog.Scope
		want  string
	}{
		"its own limit":   {kernellog.ScopeOwnLimit, "Raise the memory limit from 64 MiB"},
		"not its own":     {kernellog.ScopeHost, "Set a memory limit"},
		"nothing is told": {"", "Set a memory limit"},
	} {
		c := with(exited(), killed(test.scope))
		c.Spec = nil
		if test.scope != "" {
			c.KillAtEnd.Memory = filled(0, 64<<20)
		}
		if got := memoryLimitFix(c).Title; !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
