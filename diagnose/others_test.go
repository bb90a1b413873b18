package diagnose

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// toldByRules are the named others of which no single line tells: what the runtime says, how it ended, its last
// words or many lines do.
// Each of their rules has a case where it speaks and one where it must not (diagnose/cause/rules_test.go).
var toldByRules = []string{fact.NotInForeground, fact.ProcessStopped, fact.UncaughtException, fact.NotStarted,
	fact.FatalWords, fact.RequestsFail, fact.Deadlock, fact.RequestsWait, fact.NoNetwork, fact.StillStarting,
	fact.CPUQuota, fact.HostOverloaded, fact.LoopbackOnly, fact.NothingListens}

// toldByKubelet are those that Kubernetes itself tells (diagnose/collect/kubernetes/records_test.go).
var toldByKubelet = []string{fact.ImageNotPulled, fact.ObjectMissing, fact.VolumeNotMounted, fact.Unschedulable,
	fact.PodRefused, fact.Evicted, fact.DeadlineExceeded, fact.NodeTrouble, fact.HookFailed,
	fact.GateClosed, fact.OutlastsSchedule}

// TestEveryOtherSpeaksAndKeepsSilent: each named other has a line that tells of it, and one that must not.
func TestEveryOtherSpeaksAndKeepsSilent(t *testing.T) {
	file, err := os.ReadFile("../fixtures/field/other-lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for row := range strings.Lines(string(file)) {
		if strings.HasPrefix(row, "#") {
			continue
		}
		id, rest, _ := strings.Cut(strings.TrimSuffix(row, "\n"), "|")
		says, line, ok := strings.Cut(rest, "|")
		if !ok || says != "+" && says != "-" {
			t.Fatalf("%q is no row", row)
		}
		rows[id+says] = true
		if told := tells(t, id, line); told != (says == "+") {
			t.Errorf("%s: told %v of %q", id, told, line)
		}
	}
	for _, named := range fact.NamedOthers() {
		if slices.Contains(slices.Concat(toldByRules, toldByKubelet), named.ID) {
			continue
		}
		for _, says := range []string{"+", "-"} {
			if !rows[named.ID+says] {
				t.Errorf("fixtures/field/other-lines.txt has no row %s|%s", named.ID, says)
			}
		}
	}
}

// tells whether a line is more than a weak hint of a named other; of a line that must not, of any.
func tells(t *testing.T, id, line string) bool {
	t.Helper()
	report, err := servicelog.Scan(strings.NewReader(line+"\n"), servicelog.Options{OneService: true})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(report.Runs[0].Findings, func(f servicelog.Finding) bool {
		return f.Other == id && f.Strength != fact.Weak
	})
}
