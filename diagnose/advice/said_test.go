package advice

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// checked is a case whose check is this shell line, and failed so.
func checked(c inquest.Case, line string, r check.Result) inquest.Case {
	c = probed(c, r)
	c.Spec.Healthcheck.Test = []string{"CMD-SHELL", line}
	return c
}

// running is a case whose main program is this.
func running(c inquest.Case, command ...string) inquest.Case {
	c.Spec.Command = command
	return c
}

// seen is a case whose memory was looked into.
func seen(c inquest.Case, processes ...evidence.InsideProcess) inquest.Case {
	c.Inside = &evidence.Inside{Processes: processes}
	return c
}

// TestAdviceFromWhatIsSaid: what the engine, the check or a runtime says is turned into what to do about just that.
func TestAdviceFromWhatIsSaid(t *testing.T) {
	hung := check.Result{Outcome: check.Timeout}
	overIPv6 := func(c *inquest.Case) {
		c.Probes[0].Output = "connect to ::1 port 8080 failed: Connection refused"
	}
	refused := check.Result{Outcome: check.Refused}
	failed := func(c inquest.Case, says string) inquest.Case {
		c.Death.State, c.Status.Error = fact.StateNeverStarted, says
		return c
	}
	for _, tt := range []struct {
		name, reason string
		c            inquest.Case
		gives, not   []string
	}{
		{"a check that may not be executed", fact.HealthcheckFailure, checked(alive(), "/app/check.sh",
			check.Result{Outcome: check.NotExecutable}), []string{"Let /app/check.sh be executed", "chmod +x /app/check.sh"},
			[]string{"interval"}},
		{"TLS where there is none, any certificate", fact.HealthcheckFailure, checked(alive(),
			"curl -fsSk https://localhost:8080/h", check.Result{Outcome: check.TLS}),
			[]string{"the port speaks no TLS", "http://localhost:8080/h"}, []string{"trust the certificate"}},
		{"TLS where there is none, or a certificate", fact.HealthcheckFailure, checked(alive(),
			"curl -fsS https://localhost:8080/h", check.Result{Outcome: check.TLS}), []string{"or let the check trust"}, nil},
		{"an answer that is judged", fact.HealthcheckFailure, checked(alive(),
			"curl -fsS http://localhost:8080/h | grep -q ok", check.Result{Outcome: check.Failed}),
			[]string{"Mend what the service answers", "without the grep"}, []string{"--max-time"}},
		{"an answer that nothing judges", fact.HealthcheckFailure, checked(alive(), "curl -fsS http://localhost:8080/h",
			check.Result{Outcome: check.Failed}), nil, []string{"Mend what the service answers"}},
		{"IPv6 where IPv4 is served", fact.HealthcheckFailure, listening(with(checked(alive(),
			"curl -fsS http://localhost:8080/h", refused), overIPv6), 8080), []string{"Ask 127.0.0.1", "asks ::1"},
			[]string{"start_period"}},
		{"IPv6 where nothing is served", fact.HealthcheckFailure, listening(with(checked(alive(),
			"curl -fsS http://localhost:8080/h", refused), overIPv6), 9090), nil, []string{"Ask 127.0.0.1"}},

		{"a low port, uvicorn", fact.PermissionDenied, printed(exited(), other(fact.PermissionDenied, "",
			"[Errno 13] error while attempting to bind on address ('0.0.0.0', 80): permission denied")),
			[]string{"80 is the superuser's", "ip_unprivileged_port_start"}, nil},
		{"a low port, nginx", fact.PermissionDenied, printed(exited(), other(fact.PermissionDenied, "",
			"bind() to 0.0.0.0:443 failed (13: Permission denied)")), []string{"443 is the superuser's"}, nil},
		{"a low port, Go", fact.PermissionDenied, printed(exited(), other(fact.PermissionDenied, "",
			"listen tcp :25: bind: permission denied")), []string{"25 is the superuser's"}, nil},
		{"a high port", fact.PermissionDenied, printed(exited(), other(fact.PermissionDenied, "",
			"bind() to 0.0.0.0:8080 failed (13: Permission denied)")), nil, []string{"superuser"}},
		{"no class", fact.JVMStart, printed(exited(), other(fact.JVMStart, "",
			"Error: Could not find or load main class com.shop.Main")), []string{"class com.shop.Main on the class path"},
			[]string{"Correct what"}},
		{"no such option", fact.JVMStart, printed(exited(), other(fact.JVMStart, "", "Unrecognized VM option 'Foo'")),
			[]string{"Correct what the JVM"}, nil},
		{"recursion in Go", fact.GoFatal, printed(exited(), other(fact.GoFatal, "",
			"runtime: goroutine stack exceeds 1000000000-byte limit")), []string{"call themselves"}, []string{"-race"}},
		{"a race in Go", fact.GoFatal, printed(exited(), other(fact.GoFatal, "", "fatal error: concurrent map writes")),
			[]string{"-race"}, []string{"call themselves"}},
		{"a certificate", fact.UncaughtException, printed(exited(), other(fact.UncaughtException, "",
			"tls: failed to verify certificate: x509: certificate signed by unknown authority")),
			[]string{"Let it trust", "update-ca-certificates"}, []string{"Mend what it says"}},
		{"a whole line as a command", fact.CommandMissing, printed(exited(), other(fact.CommandMissing,
			"uvicorn app:app --port 80", "executable file not found")),
			[]string{"as a list of words", `["uvicorn", "app:app", "--port", "80"]`}, []string{"into the image"}},
		{"a command", fact.CommandMissing, printed(exited(), other(fact.CommandMissing, "uvicorn",
			"executable file not found")), []string{"Put uvicorn into the image"}, []string{"as a list"}},
		{"no such user", fact.NotStarted, failed(exited(), "unable to find user app: no matching entries in passwd file"),
			[]string{"useradd --system app"}, nil},
		{"no such device", fact.NotStarted, failed(exited(),
			`error gathering device information while adding custom device "/dev/ttyUSB0": no such file or directory`),
			[]string{"Plug in /dev/ttyUSB0"}, nil},
		{"a namespace of what does not run", fact.NotStarted, failed(exited(), "cannot join network of a non running "+
			"container: 15933f687c5a07a5ef6cc4508a0a62709ab6750205a206099bf5f9ea901b9e65"),
			[]string{"$ docker start 15933f687c5a && docker start shop-gateway-1"}, []string{"Mend what it says"}},
		{"a bridge that is gone", fact.NotStarted, failed(exited(), "failed to create endpoint gw on network bridge: adding "+
			"interface veth000e704 to bridge docker0 failed: could not find bridge docker0: route ip+net: no such network "+
			"interface"), []string{"its own bridge docker0", "$ sudo systemctl restart docker"}, []string{"collector"}},
		{"a collector of logs that is away", fact.NotStarted, failed(exited(), "failed to initialize logging driver: dial "+
			"tcp 127.0.0.1:24224: connect: connection refused"), []string{"takes the logs at 127.0.0.1:24224",
			"driver: local"}, []string{"in a container that is the container itself"}},
		{"no GPU", fact.NotStarted, failed(exited(), `could not select device driver "" with capabilities: [[gpu]]`),
			[]string{"container toolkit"}, []string{"Mend what it says"}},
		{"a folder on a file", fact.NotStarted, failed(exited(), `failed to create shim task: OCI runtime create failed: `+
			`runc create failed: unable to start container process: error during container init: error mounting "/srv/conf" `+
			`to rootfs at "/etc/app.conf": mount /srv/conf:/etc/app.conf (via /proc/self/fd/6), flags: 0x5000: not a `+
			`directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified `+
			`host path exists and is the expected type`), []string{"/srv/conf on the host and /etc/app.conf in the image"}, nil},
		{"a mount point in what is read-only", fact.ReadOnlyFileSystem, failed(exited(), `error mounting "/srv/d" to rootfs `+
			`at "/opt/d/inner": mkdir /var/lib/docker/overlay2/x/merged/opt/d/inner: read-only file system`),
			[]string{"Make /opt/d/inner in what is mounted above"}, nil},
		{"a sysctl", fact.NotStarted, failed(exited(), "OCI runtime create failed: runc create failed: unable to start "+
			"container process: error during container init: write /proc/sys/net/ipv4/ip_local_port_range: invalid argument: "+
			"unknown"), []string{"Correct the sysctl net/ipv4/ip_local_port_range"}, []string{"OCI runtime"}},
		{"a capability for chown", fact.PermissionDenied, printed(exited(), other(fact.PermissionDenied, "/data",
			"chown: changing ownership of '/data': Operation not permitted")), []string{"the capability CHOWN",
			"cap_add: [CHOWN]"}, []string{"Let the service's user use"}},
		{"a capability that a user cannot have", fact.PermissionDenied, with(printed(exited(), other(fact.PermissionDenied,
			"/data", "chown: changing ownership of '/data': Operation not permitted")), func(c *inquest.Case) {
			c.Spec.User = "1000"
		}), []string{"Find what forbids it"}, []string{"CHOWN", "Let user 1000 use"}},
		{"another user", fact.PermissionDenied, printed(exited(), other(fact.PermissionDenied, "",
			"setgroups: Operation not permitted")), []string{"SETUID and SETGID"}, nil},
		{"a mount of another owner", fact.PermissionDenied, with(printed(exited(), other(fact.PermissionDenied,
			"/data/state.json", "[Errno 13] Permission denied: '/data/state.json'")), func(c *inquest.Case) {
			c.Spec.User, c.Spec.Mounts = "1000:1000", []evidence.Mount{{Type: "bind", Destination: "/data"}}
		}), []string{"Let user 1000:1000 use /data/state.json", "chown -R 1000:1000"}, []string{"Give /data"}},
		{"a package without a main module", fact.StartupFailure, printed(exited(), ofTen("python-entry-missing",
			fact.StartupFailure, &traceback.Exception{Type: "python3", Message: "No module named orders.__main__; 'orders' " +
				"is a package and cannot be directly executed"})), []string{"Give the package orders a __main__.py"},
			[]string{"Put the module"}},
		{"a pids limit that ended it", fact.ThreadsRefused, with(printed(exited(), other(fact.ThreadsRefused, "",
			"can't start new thread")), func(c *inquest.Case) {
			limit := int64(6)
			c.Spec.PidsLimit = &limit
		}), []string{"$ docker update --pids-limit 12 shop-gateway-1 && docker start shop-gateway-1"}, nil},
		{"a name on the default bridge", fact.DependencyDown, with(printed(exited(), other(fact.DependencyDown, "",
			"socket.gaierror: [Errno -2] Name or service not known")), func(c *inquest.Case) { c.Spec.DefaultBridge = true }),
			[]string{"on the default bridge no container's name resolves"}, nil},
		{"a name in a network of its own", fact.DependencyDown, printed(exited(), other(fact.DependencyDown, "",
			"socket.gaierror: [Errno -2] Name or service not known")), nil, []string{"default bridge"}},
		{"a name of elsewhere on the default bridge", fact.DependencyDown, with(printed(exited(), other(fact.DependencyDown,
			"db.example.org:5432", "could not translate host name")), func(c *inquest.Case) { c.Spec.DefaultBridge = true }),
			nil, []string{"default bridge"}},
		{"a name of elsewhere, asked of a name server of its own", fact.DependencyDown, with(printed(exited(),
			other(fact.DependencyDown, "db.example.org:5432", "could not translate host name")), func(c *inquest.Case) {
			c.Spec.DefaultBridge, c.Spec.Resolvers = true, []string{"10.0.0.53"}
		}), []string{"See whether 10.0.0.53, the name server that it was given (`--dns`), answers and knows db.example.org"},
			[]string{"default bridge", "is up"}},
		{"a name that is not told, asked of a name server of its own", fact.DependencyDown, with(printed(exited(),
			other(fact.DependencyDown, "", "socket.gaierror: [Errno -3] Temporary failure in name resolution")),
			func(c *inquest.Case) { c.Spec.DefaultBridge, c.Spec.Resolvers = true, []string{"10.0.0.53"} }),
			[]string{"answers and knows the name"}, []string{"default bridge"}},
		{"a container's name, with a name server of its own", fact.DependencyDown, with(printed(exited(),
			other(fact.DependencyDown, "db:5432", "could not translate host name")), func(c *inquest.Case) {
			c.Spec.DefaultBridge, c.Spec.Resolvers = true, []string{"10.0.0.53"}
		}), []string{"default bridge"}, []string{"--dns"}},
		{"refused, with a name server of its own", fact.DependencyDown, with(printed(exited(),
			other(fact.DependencyDown, "db.example.org:5432", "Connection refused")),
			func(c *inquest.Case) { c.Spec.Resolvers = []string{"10.0.0.53"} }), nil, []string{"--dns"}},
		{"what nobody knows", fact.NotStarted, failed(exited(), "the moon is full"), []string{"Mend what it says",
			"the moon is full"}, nil},
		{"a neighbour that refuses a port", fact.DependencyDown, with(printed(exited(), other(fact.DependencyDown,
			"redis:6380", "Connection refused")), func(c *inquest.Case) {
			c.Neighbours = []evidence.Neighbour{{Name: "my-redis", Aliases: []string{"redis"}, State: fact.StateRunning}}
		}), []string{"See what my-redis listens on: it runs, and refuses port 6380"}, []string{"docker start my-redis"}},
		{"a neighbour in another network", fact.DependencyDown, nameless([]string{"shop_back"}),
			[]string{"$ docker network connect shop_default my-redis", "is in none of this container's"},
			[]string{"resolv.conf"}},
		{"a neighbour in the same network", fact.DependencyDown, nameless([]string{"shop_back", "shop_default"}),
			[]string{"both are in network shop_default", "$ docker exec shop-gateway-1 cat /etc/resolv.conf"},
			[]string{"network connect", "refuses port"}},
		{"a neighbour of whose networks nothing is known", fact.DependencyDown, nameless(nil), nil,
			[]string{"network connect", "resolv.conf", "refuses port", "is in none of"}},
		{"a folder in the place of a file", fact.StartupFailure, with(printed(exited(), ofTen("startup-exception",
			fact.StartupFailure, &traceback.Exception{Type: "IsADirectoryError",
				Message: "[Errno 21] Is a directory: '/etc/app.json'"})), func(c *inquest.Case) {
			c.Spec.Mounts = []evidence.Mount{{Type: "bind", Destination: "/etc/app.json"}}
		}), []string{"Put a file where /etc/app.json is mounted from"}, nil},
		{"a folder of the image", fact.StartupFailure, printed(exited(), ofTen("startup-exception", fact.StartupFailure,
			&traceback.Exception{Type: "IsADirectoryError", Message: "[Errno 21] Is a directory: '/etc/app.json'"})),
			[]string{"Mend what its start fails with"}, []string{"mounted from"}},
		{"a file without a name", fact.StartupFailure, printed(running(exited(), "uvicorn", "--ssl-keyfile=/certs/key.pem"),
			ofTen("startup-exception", fact.StartupFailure, &traceback.Exception{Type: "FileNotFoundError",
				Message: "[Errno 2] No such file or directory"})), []string{"the command line names /certs/key.pem"}, nil},

		{"a heap above the limit", fact.OOMKill, running(with(exited(), killed(kernellog.ScopeOwnLimit)), "java", "-Xmx512m",
			"-jar", "a.jar"), []string{"--memory 640m", "-Xmx512m is not below the limit of 64 MiB"}, nil},
		{"a heap below the limit", fact.OOMKill, running(with(exited(), killed(kernellog.ScopeOwnLimit)), "java", "-Xmx32m",
			"-jar", "a.jar"), []string{"--memory 128m"}, []string{"-Xmx32m"}},
		{"a JVM that hangs", fact.HealthcheckTimeout, probed(running(alive(), "/usr/bin/java", "-jar", "a.jar"), hung),
			[]string{"$ docker kill --signal QUIT shop-gateway-1", "$ docker restart"}, []string{"faulthandler"}},
		{"Node that hangs", fact.HealthcheckTimeout, probed(running(alive(), "node", "a.js"), hung),
			[]string{"$ docker kill --signal USR1 shop-gateway-1"}, []string{"faulthandler"}},
		{"a program without an interpreter of " +
			"Python", fact.HealthcheckTimeout, seen(probed(running(alive(), "/g/prog"), hung),
			evidence.InsideProcess{PID: 7, Comm: "prog"}), []string{"SIGQUIT"}, []string{"faulthandler"}},
		{"a program that may be Python", fact.HealthcheckTimeout, seen(probed(running(alive(), "/g/prog"), hung),
			evidence.InsideProcess{PID: 7, Comm: "prog", Notes: []string{"its version is not known"}}),
			[]string{"faulthandler"}, []string{"SIGQUIT"}},
		{"a thread that died", fact.BackgroundTaskFailure, seen(alive(), evidence.InsideProcess{PID: 7, Version: "3.11"}),
			[]string{"threading.excepthook"}, []string{"tasks.add"}},
		{"a task that died", fact.BackgroundTaskFailure, seen(alive(), evidence.InsideProcess{PID: 7, Version: "3.11",
			Asyncio: true}), []string{"tasks.add"}, []string{"threading.excepthook"}},
		{"the pids limit", fact.PoolExhaustion, with(alive(), func(c *inquest.Case) {
			n, limit := int64(4), int64(6)
			c.Cgroup, c.Spec.PidsLimit = &evidence.Cgroup{PidsRefused: &n}, &limit
		}), []string{"$ docker update --pids-limit 12"}, []string{"docker restart"}},
		{"worker threads in one place", fact.PoolExhaustion, with(alive(), func(c *inquest.Case) {
			c.Crowd = &inside.Standing{Place: evidence.Frame{File: "/app/sync.py", Line: 8, Function: "work"}}
		}), []string{"waits for in /app/sync.py:8"}, nil},
		{"no /dev/log", fact.LoggingFailure, printed(alive(), ofTen("logging-error", fact.LoggingFailure,
			&traceback.Exception{Type: "FileNotFoundError", Message: "[Errno 2] No such file or directory",
				Frames: []traceback.Frame{{File: "/usr/lib/python3.11/logging/handlers.py", Function: "_connect_unixsocket"}}})),
			[]string{"there is no /dev/log"}, nil},
		{"requests that fail", fact.RequestsFail, printed(alive(), servicelog.Finding{ID: "e", Other: fact.RequestsFail,
			Exception: raised("TypeError", "'NoneType' object is not callable")}),
			[]string{"Mend what its requests fail with", "at /app/main.py", "health check ask"}, nil},
	} {
		holds(t, tt.name, text(Of(tt.c, fact.VerdictOther, tt.reason)), tt.gives, tt.not)
	}
}

// TestCreatedIsStarted: what was made and never started needs nothing but that.
func TestCreatedIsStarted(t *testing.T) {
	c := exited()
	c.Death.State = fact.StateNeverStarted
	if list := Of(c, fact.NotAFailure, ""); len(list) != 1 || list[0].Command != "docker start shop-gateway-1" {
		t.Errorf("%+v", list)
	}
}

// nameless is a container of network shop_default in which the name of a redis in others does not resolve.
func nameless(networks []string) inquest.Case {
	start, until := began, began.Add(time.Minute)
	f := other(fact.DependencyDown, "redis:6379",
		"Error -3 connecting to redis:6379. Temporary failure in name resolution.")
	f.ID, f.At, f.LastAt = "dependency-unresolved", until, until
	return with(printed(exited(), f), func(c *inquest.Case) {
		c.Spec.Networks = []string{"shop_default"}
		c.Neighbours = []evidence.Neighbour{{ID: "b", Name: "my-redis", Aliases: []string{"redis"}, Networks: networks,
			State: fact.StateRunning, StartedAt: &start}}
	})
}
