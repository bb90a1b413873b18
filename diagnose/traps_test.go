package diagnose

import (
	"path/filepath"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// TestTraps diagnoses containers that were made to mislead. Most of them were once
// blamed wrongly, with high confidence.
func TestTraps(t *testing.T) {
	tests := []struct{ name, what, kind, cause, endedBy string }{
		{"badshut", "docker stop; the handler of SIGTERM raised, exit 1", KindNotAFailure, "", "engine-request"},
		{"crashhc", "SystemExit of its own while its probes were refused", KindUndetermined, "", "own-exit"},
		{"dumpoom", "a segfault whose core went to a tmpfs and ran into the memory limit: OOMKilled, 137", KindCause, "interpreter-crash", "kernel-oom"},
		{"em13c", "one handled EMFILE, 13 s of work, then an uncaught KeyError", KindUndetermined, "", "own-exit"},
		{"execoom2", "a docker exec was OOM-killed, 6 s later PID 1 died of its own exception", KindUndetermined, "", "own-exit"},
		{"execoom5", "a docker exec was OOM-killed, 7 s later kill -9 from the host: the flag is set, 137", KindUndetermined, "", "outside-signal"},
		{"exit139", "sys.exit(139)", KindUndetermined, "", "unknown"},
		{"exit143", "sys.exit(143), nobody sent anything", KindUndetermined, "", "unknown"},
		{"fg0ra", "forks and leaves with 0 under restart=unless-stopped, again and again", KindUndetermined, "", "own-exit"},
		{"freeze", "memory limit reached with the OOM killer off: frozen", KindCause, "oom-kill", "none"},
		{"gtimeout", "gunicorn replaced a blocked worker, went on, docker stop", KindNotAFailure, "", "engine-request"},
		{"handled", "handled EMFILE and pool errors, went on, docker stop", KindNotAFailure, "", "engine-request"},
		{"initself9", "--init, and the program kills itself with SIGKILL", KindUndetermined, "", "unknown"},
		{"oomchild1", "a child was OOM-killed, 6 s later exit 1 with a reason of its own", KindUndetermined, "", "own-exit"},
		{"paused", "docker pause of a healthy container", KindNotAFailure, "", "none"},
		{"poolthen", "a handled redis pool error, then an uncaught KeyError", KindUndetermined, "", "own-exit"},
		{"probeoom", "the health check's own process is OOM-killed", KindCause, "oom-kill", "none"},
		{"pyrelay11", "a supervisor exits with 139 as it was told of a child", KindUndetermined, "", "unknown"},
		{"segvinit", "--init, kill -SEGV from the host", KindUndetermined, "", "unknown"},
		{"sigstop", "kill -STOP from the host", KindUndetermined, "", "none"},
		{"t137", "timeout -s KILL as PID 1", KindUndetermined, "", "unknown"},
		{"tmpfull", "uncaught ENOSPC on a full tmpfs", KindUndetermined, "", "own-exit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := bundle.Open(filepath.Join("..", "fixtures", "traps", tt.name+".tar.gz"))
			if err != nil {
				t.Fatal(err)
			}
			d := Diagnose(b)
			if d.Verdict.Kind != tt.kind || d.Verdict.Cause != tt.cause || d.Death.EndedBy != tt.endedBy {
				t.Errorf("%s: got %s %s (%.2f: %s), ended by %s (%s); want %s %s, ended by %s", tt.what,
					d.Verdict.Kind, d.Verdict.Cause, d.Verdict.Confidence, d.Verdict.Summary, d.Death.EndedBy, d.Death.Reason, tt.kind, tt.cause, tt.endedBy)
			}
		})
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
