package main

import (
	"context"
	"strings"
	"testing"
)

// TestExitCodes is the program's promise to scripts, for both formats alike.
func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		args string
		want int
		says string // on standard error
	}{
		{"", 0, ""},
		{"--help", 0, ""},
		{"version", 0, ""},
		{"explain", 0, ""},
		{"explain oom-kill", 0, ""},
		{"explain 10", 0, ""},
		{"sources", 0, ""},
		{"exit 137", 0, ""},
		{"exit gateway", 0, ""},
		{"demo --list", 0, ""},
		{"diagnose gateway", 0, ""},
		{"diagnose gateway batch", 0, ""},
		{"diagnose --all", 0, ""},
		{"diagnose --project shop", 0, ""},
		{"diagnose gateway --fail-on never", 0, ""},
		{"diagnose gateway --fail-on cause", 1, ""},
		{"diagnose gateway --fail-on any", 1, ""},
		{"diagnose batch --fail-on cause", 0, ""},
		{"diagnose batch --fail-on any", 0, ""},

		{"gateway", 2, `unknown command "gateway"`},
		{"diagnose", 2, "want either"},
		{"diagnose gateway --all", 2, "want either"},
		{"diagnose --all --project shop", 2, "want either"},
		{"diagnose gateway --no-such-flag", 2, "unknown flag"},
		{"diagnose gateway --format yaml", 2, "want text, json"},
		{"diagnose gateway --fail-on 1", 2, "want never, cause, any"},
		{"diagnose gateway --color maybe", 2, "want auto, always, never"},
		{"diagnose gateway --timeout never", 2, "invalid argument"},
		{"diagnose gateway --timeout 0s", 2, "more than 0"},
		{"diagnose gateway --timeout -3s", 2, "more than 0"},
		{"diagnose gateway --log-bytes 5parsecs", 2, "want a size such as"},
		{"diagnose gateway --log-bytes 0", 2, "1 byte to 60MiB"},
		{"diagnose gateway --host unix:///x --context y", 2, "give one of them"},
		{"exit", 2, "accepts 1 arg"},
		{"exit 1 2", 2, "accepts 1 arg"},
		{"demo no-such-incident", 2, "no incident"},
		{"explain oom", 2, "did you mean oom-kill?"},
		{"explain 11", 2, "no cause"},
		{"version now", 2, "unknown command"},
		{"sources now", 2, "unknown command"},

		{"diagnose gatewy", 3, "did you mean gateway?"},
		{"diagnose lost", 3, "reach engine"},
		{"diagnose gateway gatewy", 3, "did you mean gateway?"},
		{"diagnose gateway gatewy --fail-on cause", 3, "did you mean gateway?"},
		{"diagnose --project shp", 3, "did you mean shop?"},
		{"diagnose --bundle /no/such/incident.tar.gz", 3, "check the path"},
		{"exit gatewy", 3, "did you mean gateway?"},
		{"capture gatewy -o never-written.tar.gz", 3, "did you mean gateway?"},
		{"diagnose gateway -o /no/such/folder/report.txt", 3, "write output"},
	} {
		for _, format := range []string{"text", "json"} {
			w := shop(t)
			args := strings.Fields(test.args)
			if !strings.Contains(test.args, "--format") && len(args) > 0 {
				args = append(args, "--format", format)
			}
			if got := w.gwdoctor(args...); got != test.want {
				t.Errorf("gwdoctor %q: exit code %d, want %d\n%s", args, got, test.want, w.err.String())
			}
			if test.says == "" && w.err.Len() > 0 {
				t.Errorf("gwdoctor %q: standard error: %s", args, w.err.String())
			}
			contains(t, "standard error of "+test.args, w.err.String(), test.says)
			if test.want >= 2 && !strings.HasPrefix(w.err.String(), "error: ") {
				t.Errorf("gwdoctor %q does not begin with error: %s", args, w.err.String())
			}
		}
	}
}

// TestOthersAreReported: of two containers the one that was found gets its
// report, the other its error.
func TestOthersAreReported(t *testing.T) {
	w := shop(t)
	if code := w.gwdoctor("diagnose", "nobody", "gateway", "lost"); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	contains(t, "report", w.out.String(), "Killed for lack of memory")
	contains(t, "errors", w.err.String(), `error: find container "nobody"`, "hint: did you mean gateway?",
		"error: reach engine")
}

// TestInterruptedReportsWhatWasGathered: Ctrl-C while collecting gives the partial
// bundle that the collector returns, and 130.
func TestInterruptedReportsWhatWasGathered(t *testing.T) {
	w := shop(t)
	ctx, cancel := context.WithCancel(context.Background())
	w.engine.onAsk = cancel
	if code := w.gwdoctorIn(ctx, "diagnose", "gateway"); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	contains(t, "report", w.out.String(), "Killed for lack of memory")

	ctx, cancel = context.WithCancel(context.Background())
	cancel()
	if code := w.gwdoctorIn(ctx, "diagnose", "gateway", "batch", "lost"); code != exitInterrupted {
		t.Errorf("before the start: exit code %d, want %d", code, exitInterrupted)
	}
	if n := strings.Count(w.err.String(), "interrupted"); n != 1 || w.out.Len() > 0 {
		t.Errorf("interrupted before the start: %d words of it, output %q", n, w.out.String())
	}
}
