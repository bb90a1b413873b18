package diagnose

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestTraps diagnoses containers that were made to mislead. Most of them were once
// blamed wrongly, with high confidence.
func TestTraps(t *testing.T) {
	tests := []struct {
		name, what, kind, reason string
		endedBy                  fact.EndedBy
	}{
		{"badshut", "docker stop; the handler of SIGTERM raised, exit 1", fact.NotAFailure, "", "engine-request"},
		{"bindlocal", "-p 18978:8080, listens on 127.0.0.1:8080, healthy: its check asks localhost", fact.VerdictOther,
			fact.LoopbackOnly, "none"},
		{"busy-health-503", "answers its check with 503, on a machine so busy that the answers came too late",
			fact.VerdictCause, fact.HealthcheckFailure, "none"},
		{"busy-log-closed", "its log stream was closed; one probe of a busy machine was late", fact.VerdictCause,
			fact.LoggingFailure, "none"},
		{"busy-log-config", "a log file without a folder, found 19 s after gunicorn had begun to start, on a busy machine",
			fact.VerdictCause, fact.LoggingFailure, "own-exit"},
		{"busy-pool-leak", "every request fails for lack of a connection, amid health checks that pass", fact.VerdictCause,
			fact.PoolExhaustion, "none"},
		{"crashhc", "SystemExit of its own while its probes were refused", fact.VerdictUndetermined, "", "own-exit"},
		{"dumpoom", "a segfault whose core went to a tmpfs and ran into the memory limit: OOMKilled, 137",
			fact.VerdictCause, "interpreter-crash", "kernel-oom"},
		{"em13c", "one handled EMFILE, 13 s of work, then an uncaught KeyError", fact.VerdictOther,
			fact.UncaughtException, "own-exit"},
		{"execoom2", "a docker exec was OOM-killed, 6 s later PID 1 died of its own exception", fact.VerdictOther,
			fact.UncaughtException, "own-exit"},
		{"execoom5", "a docker exec was OOM-killed, 7 s later kill -9 from the host: the flag is set, 137",
			fact.VerdictUndetermined, "", "outside-signal"},
		{"exit139", "sys.exit(139)", fact.VerdictUndetermined, "", "unknown"},
		{"exit143", "sys.exit(143), nobody sent anything", fact.VerdictUndetermined, "", "unknown"},
		{"fdslow", "--ulimit nofile=64, opens files until it may not and swallows the error; no health check",
			fact.VerdictCause, fact.PoolExhaustion, "none"},
		{"fg0ra", "forks and leaves with 0 under restart=unless-stopped, again and again", fact.VerdictOther,
			fact.NotInForeground, "own-exit"},
		{"freeze", "memory limit reached with the OOM killer off: frozen", fact.VerdictCause, "oom-kill", "none"},
		{"gapfs", "a cache that a full disk switched off, five requests served, then os._exit(3)", fact.VerdictUndetermined,
			"", "own-exit"},
		{"gap2", "a failed push of metrics, two requests served, then os._exit(3)", fact.VerdictUndetermined, "", "own-exit"},
		{"gtimeout", "gunicorn replaced a blocked worker, went on, docker stop", fact.NotAFailure, "", "engine-request"},
		{"handled", "handled EMFILE and pool errors, went on, docker stop", fact.NotAFailure, "", "engine-request"},
		{"initself9", "--init, and the program kills itself with SIGKILL", fact.VerdictUndetermined, "", "unknown"},
		{"limitlowered", "OOM killed at 256 MiB, 15 s later docker update --memory 60m", fact.VerdictCause, fact.OOMKill,
			"kernel-oom"},
		{"metricserr", "pushes of metrics that fail among orders that are stored, then os._exit(3)",
			fact.VerdictUndetermined, "", "own-exit"},
		{"metricserr3", "the same, and it runs and answers", fact.VerdictTrouble, fact.DependencyDown, "none"},
		{"listenerdead", "-p 18877:8080, closed its only listening socket after 5 s, runs on", fact.VerdictOther,
			fact.NothingListens, "none"},
		{"mount-full", "a tmpfs of 2 MiB is full, the error of each write is swallowed; healthy", fact.VerdictTrouble,
			fact.FileSystemFull, "none"},
		{"netcut", "docker network disconnect from its only network, healthy: its check asks localhost", fact.VerdictOther,
			fact.NoNetwork, "none"},
		{"oomchild1", "a child was OOM-killed, 6 s later exit 1 with a reason of its own", fact.VerdictUndetermined,
			"", "own-exit"},
		{"one-loopback-of-two", "publishes 8080 and 9090, listens on 127.0.0.1:8080 and on 9090; healthy by 9090",
			fact.VerdictTrouble, fact.LoopbackOnly, "none"},
		{"one-port-of-two", "publishes 8080 and 9090, listens on 9090, healthy", fact.NotAFailure, "", "none"},
		{"paused", "docker pause of a healthy container", fact.NotAFailure, "", "none"},
		{"poolthen", "a handled redis pool error, then an uncaught KeyError", fact.VerdictOther,
			fact.UncaughtException, "own-exit"},
		{"poolkilled", "multiprocessing.Pool lost a worker to the OOM killer and waits for ever", fact.VerdictCause,
			fact.OOMKill, "none"},
		{"probeoom", "the health check's own process is OOM-killed", fact.VerdictCause, "oom-kill", "none"},
		{"pyrelay11", "a supervisor exits with 139 as it was told of a child", fact.VerdictUndetermined, "", "unknown"},
		{"segvinit", "--init, kill -SEGV from the host", fact.VerdictUndetermined, "", "unknown"},
		{"sigstop", "kill -STOP from the host", fact.VerdictOther, fact.ProcessStopped, "none"},
		{"sigstop-unhealthy", "kill -STOP from the host 72 s ago; 25 probes got no answer since", fact.VerdictOther,
			fact.ProcessStopped, "none"},
		{"start-awaits", "the lifespan waits for db:5432, which is not there, and says so each second", fact.VerdictCause,
			fact.StartupFailure, "none"},
		{"start-period-503", "answers its check with 503 in a start period of 5 minutes, 17 s old", fact.VerdictUndetermined,
			"", "none"},
		{"t137", "timeout -s KILL as PID 1", fact.VerdictUndetermined, "", "unknown"},
		{"wrongport", "-p 18979:8080, listens on 5000", fact.VerdictOther, fact.NothingListens, "none"},
		{"tmpfull", "uncaught ENOSPC on a full tmpfs", fact.VerdictOther, fact.FileSystemFull, "own-exit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := bundle.Open(filepath.Join("..", "fixtures", "traps", tt.name+".tar.gz"))
			if err != nil {
				t.Fatal(err)
			}
			d := Diagnose(b)
			if d.Verdict.Kind != tt.kind || d.Verdict.Reason() != tt.reason || d.Death.EndedBy != tt.endedBy {
				t.Errorf("%s: got %s %s (%.2f: %s), ended by %s (%s); want %s %s, ended by %s", tt.what,
					d.Verdict.Kind, d.Verdict.Reason(), d.Verdict.Confidence, d.Verdict.Summary, d.Death.EndedBy, d.Death.Reason,
					tt.kind, tt.reason, tt.endedBy)
			}
		})
	}
}

// TestDoubtfulAllClear: what runs and passes its checks, and of which something was seen that may be wrong, is no more
// than likely well.
func TestDoubtfulAllClear(t *testing.T) {
	for name, says := range map[string]string{
		"one-port-of-two": "nothing listens on port 8080",
		"stdoutblocked":   "its main thread has stood for", // in os.write() to a pipe that nobody reads
	} {
		b, err := bundle.Open(filepath.Join("..", "fixtures", "traps", name+".tar.gz"))
		if err != nil {
			t.Fatal(err)
		}
		v := Diagnose(b).Verdict
		if v.Kind != fact.NotAFailure || v.Confidence > 0.85 || !strings.Contains(v.Summary, says) {
			t.Errorf("%s: %s (%.2f: %s), want it to say %q and no more than likely", name, v.Kind, v.Confidence, v.Summary, says)
		}
	}
}

// TestForeignCrashLine: a SIGBUS death half a second after another container's
// SIGSYS. The line is not its own.
func TestForeignCrashLine(t *testing.T) {
	b, err := bundle.Open(filepath.Join("..", "fixtures", "traps", "sigbus.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Diagnose(b).Causes {
		for _, f := range c.Findings {
			if f.ID == "kernel-saw-crash" {
				t.Errorf("took a neighbour's line: %s (%s)", f.Summary, f.Excerpt)
			}
		}
	}
}

// TestNoBlameOfWhatWasHandled: what the service went on without is at most a possibility, and never its last words.
func TestNoBlameOfWhatWasHandled(t *testing.T) {
	for name, most := range map[string]float64{"gapfs": 0.3, "gap2": 0.3, "metricserr": 0.3, "metricserr3": 0.9} {
		b, err := bundle.Open(filepath.Join("..", "fixtures", "traps", name+".tar.gz"))
		if err != nil {
			t.Fatal(err)
		}
		d := Diagnose(b)
		if strings.Contains(d.Verdict.Summary, "its last words: ") && strings.Contains(d.Verdict.Summary, "failed") {
			t.Errorf("%s: last words before the last line: %s", name, d.Verdict.Summary)
		}
		for _, o := range d.Alternatives {
			if o.ID != fact.SomethingElse && o.Confidence > most {
				t.Errorf("%s: %s %.2f, want at most %.2f", name, o.ID, o.Confidence, most)
			}
		}
	}
}
