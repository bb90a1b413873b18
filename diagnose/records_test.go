package diagnose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// record is one of fixtures/records: what a real engine said of one experiment.
type record struct {
	Name    string
	Events  []json.RawMessage
	Inspect map[string]json.RawMessage
	Logs    *string
}

func readRecord(t *testing.T, name string) record {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "fixtures", "records", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func eventTime(raw json.RawMessage) time.Time {
	var ev struct {
		TimeNano int64 `json:"timeNano"`
	}
	_ = json.Unmarshal(raw, &ev)
	return time.Unix(0, ev.TimeNano).UTC()
}

// bundleOf makes a bundle as collect would have at the moment of one inspect:
// the events up to then, in a ring that reaches back an hour.
func bundleOf(t *testing.T, r record, moment string) *bundle.Bundle {
	t.Helper()
	var body struct {
		ID   string `json:"Id"`
		Name string
	}
	_ = json.Unmarshal(r.Inspect[moment], &body)
	if len(r.Events) == 0 && body.ID == "" {
		t.Fatalf("record %q has neither events nor inspect", r.Name)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	from := now.Add(-24 * time.Hour)
	b := bundle.New("test", bundle.Target{ID: body.ID, Name: strings.TrimPrefix(body.Name, "/")}, now)
	if body.ID != "" {
		b.Put(bundle.FileInspect, r.Inspect[moment])
		b.SetSource(bundle.Source{Name: bundle.SourceInspect, Status: bundle.StatusCollected, From: &from, To: &now})
	}
	b.Put(bundle.FileVersion, []byte(`{"Version":"20.10.24","ApiVersion":"1.41"}`))
	b.Put(bundle.FileEvents, bytes.Join(rawLines(r.Events), []byte("\n")))
	b.SetSource(bundle.Source{Name: bundle.SourceEvents, Status: bundle.StatusCollected, From: &from, To: &now})
	if r.Logs != nil {
		start := from
		if len(r.Events) > 0 {
			start = eventTime(r.Events[len(r.Events)-1])
		}
		var cri bytes.Buffer
		for line := range strings.Lines(*r.Logs) {
			fmt.Fprintf(&cri, "%s stderr F %s\n", start.Format(time.RFC3339Nano), strings.TrimRight(line, "\n"))
		}
		b.Put(bundle.FileLogs, cri.Bytes())
		b.SetSource(bundle.Source{Name: bundle.SourceLogs, Status: bundle.StatusCollected, From: &from, To: &now})
	}
	return b
}

func rawLines(list []json.RawMessage) [][]byte {
	var lines [][]byte
	for _, raw := range list {
		var compact bytes.Buffer
		if json.Compact(&compact, raw) == nil {
			lines = append(lines, compact.Bytes())
		}
	}
	return lines
}

// TestDeathTable holds the table of signatures (DOCKER.md A2) against what a real
// engine recorded. The expectations are from fixtures/records' own descriptions.
func TestDeathTable(t *testing.T) {
	tests := []struct{ name, endedBy, kind, cause string }{
		{"abort-child-sh", "own-signal", KindCause, "interpreter-crash"},
		{"abort-init", "own-signal", KindCause, "interpreter-crash"},
		{"abort-pid1", "own-signal", KindCause, "interpreter-crash"},
		{"bad-mount", "none", KindUndetermined, ""},
		{"cgroup-v1-files", "engine-request", KindNotAFailure, ""},
		{"cmd-badinterp", "own-exit", KindUndetermined, ""},
		{"cmd-noshebang", "own-exit", KindUndetermined, ""},
		{"cmd-notexec", "none", KindUndetermined, ""},
		{"cmd-notfound", "none", KindUndetermined, ""},
		{"docker-kill-segv-init", "engine-request", KindNotAFailure, ""},
		{"docker-kill-segv", "engine-request", KindNotAFailure, ""},
		{"docker-kill", "engine-request", KindNotAFailure, ""},
		{"docker-restart", "engine-request", KindNotAFailure, ""},
		{"docker-rm-f", "engine-request", KindNotAFailure, ""},
		{"exit-256", "own-exit", KindNotAFailure, ""},
		{"exit-str", "own-exit", KindUndetermined, ""},
		{"failcnt-memsw-gt", "engine-request", KindNotAFailure, ""},
		{"health-bigout", "engine-request", KindCause, "healthcheck-failure"},
		{"health-exit2", "engine-request", KindCause, "healthcheck-failure"},
		{"health-frozen-by-pause", "engine-request", KindNotAFailure, ""},
		{"health-log-across-restart", "own-exit", "", ""},
		{"health-notexec", "engine-request", KindCause, "healthcheck-failure"},
		{"health-oom-probe", "engine-request", "", ""},
		{"health-recovers", "engine-request", KindNotAFailure, ""},
		{"health-stop-during-probe", "engine-request", KindNotAFailure, ""},
		{"health-timeout", "engine-request", KindCause, "healthcheck-timeout"},
		{"health-tool-missing-exec", "engine-request", KindCause, "healthcheck-failure"},
		{"health-wedged-app", "engine-request", KindCause, "healthcheck-timeout"},
		{"health-wrong-user", "engine-request", KindCause, "healthcheck-failure"},
		{"health-zombies", "engine-request", KindCause, ""},
		{"host-kill9", "outside-signal", KindUndetermined, ""},
		{"label-shadow", "engine-request", KindNotAFailure, ""},
		{"log-driver-blocked", "engine-request", KindNotAFailure, ""}, // the dead end tells nothing of the blocked pipe; only its living threads do
		{"logs-driver-gelf", "own-exit", KindUndetermined, ""},
		{"logs-driver-journald", "none", KindUndetermined, ""},
		{"logs-partial", "own-exit", KindUndetermined, ""},
		{"logs-rotation", "own-exit", KindNotAFailure, ""},
		{"logs-since", "own-exit", KindUndetermined, ""},
		{"logs-tty-true", "own-exit", KindNotAFailure, ""},
		{"manualflag-docker-kill", "engine-request", KindNotAFailure, ""},
		{"manualflag-docker-restart", "none", KindNotAFailure, ""},
		{"manualflag-exit-health", "own-exit", "", ""},
		{"manualflag-host-kill9", "outside-signal", KindUndetermined, ""},
		{"manualflag-host-term-handled", "own-exit", KindNotAFailure, ""},
		{"manualflag-oom", "kernel-oom", KindCause, "oom-kill"},
		{"memswap-failcnt", "kernel-oom", KindCause, "oom-kill"},
		{"oom-child-survives-then-exit0", "own-exit", KindNotAFailure, ""},
		{"oom-child-survives-then-exit1", "own-exit", KindUndetermined, ""},
		{"oom-exec", "engine-request", KindNotAFailure, ""},
		{"oom-kill-disable", "engine-request", KindCause, "oom-kill"},
		{"oom-then-manual-start", "own-exit", KindUndetermined, ""}, // the last run exited 3; the OOM was the run before
		{"parent-oom-hog", "kernel-oom", KindCause, "oom-kill"},
		{"pidhost-stop", "engine-request", KindNotAFailure, ""},
		{"pids-limit-app", "own-exit", "", ""},
		{"port-conflict", "none", KindUndetermined, ""},
		{"readonly-fs", "own-exit", "", ""},
		{"restart-always-after-signal", "own-exit", KindUndetermined, ""},
		{"restart-always-hostkill", "engine-request", KindNotAFailure, ""},
		{"restart-exhausted", "own-exit", KindUndetermined, ""},
		{"restart-loop-backoff", "own-exit", KindUndetermined, ""},
		{"restart-onfailure", "own-exit", KindNotAFailure, ""},
		{"rm-autoremove", "own-exit", KindUndetermined, ""},
		{"segv-child-bash", "own-signal", KindCause, "interpreter-crash"},
		{"segv-child-sh", "own-signal", KindCause, "interpreter-crash"},
		{"segv-init", "own-signal", KindCause, "interpreter-crash"},
		{"segv-pid1-faulthandler", "own-signal", KindCause, "interpreter-crash"},
		{"segv-pid1", "own-signal", KindCause, "interpreter-crash"},
		{"shell-notfound", "own-exit", KindUndetermined, ""},
		{"shim-killed", "unknown", KindUndetermined, ""},
		{"sigbus-shm", "own-signal", KindCause, "interpreter-crash"},
		{"stop-graceful", "engine-request", KindNotAFailure, ""},
		{"stop-ignored", "engine-request", KindNotAFailure, ""},
		{"stop-init", "engine-request", KindNotAFailure, ""},
		{"stopsignal-int", "engine-request", KindNotAFailure, ""},
		{"tmpfs-full", "own-exit", "", ""},
		{"update-after-death", "own-exit", KindUndetermined, ""},
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
			if tt.cause != "" && d.Verdict.Cause != tt.cause {
				t.Errorf("verdict %+v, want cause %q", d.Verdict, tt.cause)
			}
		})
	}
}
