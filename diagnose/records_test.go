package diagnose

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/fixtures/record"
)

func readRecord(t *testing.T, name string) record.Record {
	t.Helper()
	r, err := record.Read(filepath.Join("..", "fixtures", "records", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func bundleOf(t *testing.T, r record.Record, moment string) *bundle.Bundle {
	t.Helper()
	b, err := r.Bundle(moment)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDeathTable holds the table of signatures (docs/notes/DOCKER.md#a2) against what a real
// engine recorded. The expectations are from fixtures/records' own descriptions.
func TestDeathTable(t *testing.T) {
	tests := []struct {
		name         string
		endedBy      fact.EndedBy
		kind, reason string
	}{
		{"abort-child-sh", "own-signal", fact.VerdictCause, "interpreter-crash"},
		{"abort-init", "own-signal", fact.VerdictCause, "interpreter-crash"},
		{"abort-pid1", "own-signal", fact.VerdictCause, "interpreter-crash"},
		{"bad-mount", "none", fact.VerdictOther, fact.NotStarted},
		{"cgroup-v1-files", "engine-request", fact.NotAFailure, ""},
		{"cmd-badinterp", "own-exit", fact.VerdictOther, fact.InterpreterMissing},
		{"cmd-noshebang", "own-exit", fact.VerdictOther, fact.WrongArchitecture},
		{"cmd-notexec", "none", fact.VerdictOther, fact.CommandNotExecutable},
		{"cmd-notfound", "none", fact.VerdictOther, fact.CommandMissing},
		{"docker-kill-segv-init", "engine-request", fact.NotAFailure, ""},
		{"docker-kill-segv", "engine-request", fact.NotAFailure, ""},
		{"docker-kill", "engine-request", fact.NotAFailure, ""},
		{"docker-restart", "engine-request", fact.NotAFailure, ""},
		{"docker-rm-f", "engine-request", fact.NotAFailure, ""},
		{"exit-256", "own-exit", fact.NotAFailure, ""},
		{"exit-str", "own-exit", fact.VerdictOther, fact.FatalWords},
		{"failcnt-memsw-gt", "engine-request", fact.NotAFailure, ""},
		{"health-bigout", "engine-request", fact.VerdictCause, "healthcheck-failure"},
		{"health-exit2", "engine-request", fact.VerdictCause, "healthcheck-failure"},
		{"health-frozen-by-pause", "engine-request", fact.NotAFailure, ""},
		{"health-log-across-restart", "own-exit", "", ""},
		{"health-notexec", "engine-request", fact.VerdictCause, "healthcheck-failure"},
		{"health-oom-probe", "engine-request", "", ""},
		{"health-recovers", "engine-request", fact.NotAFailure, ""},
		{"health-stop-during-probe", "engine-request", fact.NotAFailure, ""},
		{"health-timeout", "engine-request", fact.VerdictCause, "healthcheck-timeout"},
		{"health-tool-missing-exec", "engine-request", fact.VerdictCause, "healthcheck-failure"},
		{"health-wedged-app", "engine-request", fact.VerdictCause, "healthcheck-timeout"},
		{"health-wrong-user", "engine-request", fact.VerdictCause, "healthcheck-failure"},
		{"health-zombies", "engine-request", fact.VerdictCause, ""},
		{"host-kill9", "outside-signal", fact.VerdictUndetermined, ""},
		{"label-shadow", "engine-request", fact.NotAFailure, ""},
		// the dead end tells nothing of the blocked pipe; only its living threads do
		{"log-driver-blocked", "engine-request", fact.NotAFailure, ""},
		{"logs-driver-gelf", "own-exit", fact.VerdictUndetermined, ""},
		{"logs-driver-journald", "none", fact.VerdictOther, fact.NotStarted},
		{"logs-partial", "own-exit", fact.VerdictUndetermined, ""},
		{"logs-rotation", "own-exit", fact.NotAFailure, ""},
		{"logs-since", "own-exit", fact.VerdictUndetermined, ""},
		{"logs-tty-true", "own-exit", fact.NotAFailure, ""},
		{"manualflag-docker-kill", "engine-request", fact.NotAFailure, ""},
		{"manualflag-docker-restart", "none", fact.NotAFailure, ""},
		{"manualflag-exit-health", "own-exit", "", ""},
		{"manualflag-host-kill9", "outside-signal", fact.VerdictUndetermined, ""},
		{"manualflag-host-term-handled", "own-exit", fact.NotAFailure, ""},
		{"manualflag-oom", "kernel-oom", fact.VerdictCause, "oom-kill"},
		{"memswap-failcnt", "kernel-oom", fact.VerdictCause, "oom-kill"},
		{"oom-child-survives-then-exit0", "own-exit", fact.NotAFailure, ""},
		{"oom-child-survives-then-exit1", "own-exit", fact.VerdictUndetermined, ""},
		{"oom-exec", "engine-request", fact.NotAFailure, ""},
		{"oom-kill-disable", "engine-request", fact.VerdictCause, "oom-kill"},
		// the last run exited 3; the OOM was the run before
		{"oom-then-manual-start", "own-exit", fact.VerdictUndetermined, ""},
		{"parent-oom-hog", "kernel-oom", fact.VerdictCause, "oom-kill"},
		{"pidhost-stop", "engine-request", fact.NotAFailure, ""},
		{"pids-limit-app", "own-exit", "", ""},
		{"port-conflict", "none", fact.VerdictOther, fact.PortTaken},
		{"readonly-fs", "own-exit", fact.VerdictOther, fact.ReadOnlyFileSystem},
		{"restart-always-after-signal", "own-exit", fact.VerdictUndetermined, ""},
		{"restart-always-hostkill", "engine-request", fact.NotAFailure, ""},
		{"restart-exhausted", "own-exit", fact.VerdictUndetermined, ""},
		{"restart-loop-backoff", "own-exit", fact.VerdictUndetermined, ""},
		{"restart-onfailure", "own-exit", fact.NotAFailure, ""},
		{"rm-autoremove", "own-exit", fact.VerdictUndetermined, ""},
		{"segv-child-bash", "own-signal", fact.VerdictCause, "interpreter-crash"},
		{"segv-child-sh", "own-signal", fact.VerdictCause, "interpreter-crash"},
		{"segv-init", "own-signal", fact.VerdictCause, "interpreter-crash"},
		{"segv-pid1-faulthandler", "own-signal", fact.VerdictCause, "interpreter-crash"},
		{"segv-pid1", "own-signal", fact.VerdictCause, "interpreter-crash"},
		{"shell-notfound", "own-exit", fact.VerdictOther, fact.CommandMissing},
		{"shim-killed", "unknown", fact.VerdictUndetermined, ""},
		{"sigbus-shm", "own-signal", fact.VerdictCause, "interpreter-crash"},
		{"stop-graceful", "engine-request", fact.NotAFailure, ""},
		{"stop-ignored", "engine-request", fact.NotAFailure, ""},
		{"stop-init", "engine-request", fact.NotAFailure, ""},
		{"stopsignal-int", "engine-request", fact.NotAFailure, ""},
		{"tmpfs-full", "own-exit", fact.VerdictOther, fact.FileSystemFull},
		{"update-after-death", "own-exit", fact.VerdictUndetermined, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Diagnose(bundleOf(t, readRecord(t, tt.name), "final"))
			if d.Death.EndedBy != tt.endedBy {
				t.Errorf("ended by %q (%s), want %q", d.Death.EndedBy, d.Death.Reason, tt.endedBy)
			}
			if tt.kind != "" && d.Verdict.Kind != tt.kind {
				t.Errorf("verdict %+v, want kind %q", d.Verdict, tt.kind)
			}
			if tt.reason != "" && d.Verdict.Reason() != tt.reason {
				t.Errorf("verdict %+v, want reason %q", d.Verdict, tt.reason)
			}
		})
	}
}

// TestSameBundleSameBytes runs one diagnosis many times: no map order may show.
func TestSameBundleSameBytes(t *testing.T) {
	b := bundleOf(t, readRecord(t, "health-timeout"), "final")
	var first []byte
	for range 20 {
		data, err := json.Marshal(Diagnose(b))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if string(data) != string(first) {
			t.Fatal("two diagnoses of one bundle differ")
		}
	}
}
