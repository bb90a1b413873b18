package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// TestBriefFitsAChat: six lines at most, of a bounded length, whatever there is to say.
func TestBriefFitsAChat(t *testing.T) {
	many := make([]answer.Diagnosis, 300)
	for i := range many {
		many[i] = oomDiagnosis()
	}
	for name, r := range map[string]answer.Report{
		"none": reportOf(), "one": reportOf(oomDiagnosis()), "undetermined": reportOf(undetermined()), "chain": chained(),
		"many": reportOf(many...), "huge": hugeReport(), "hostile": hostileReport("MARK\nMARK\n"),
	} {
		out := rendered(t, r, in("brief"))
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if len(lines) > chatLines || lines[0] == "" {
			t.Errorf("%s: %d lines: %q", name, len(lines), lines[0])
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n > chatLine+40 {
				t.Errorf("%s: a line of %d runes", name, n)
			}
		}
	}
	many[0].Target.Name = "first"
	out := rendered(t, reportOf(many...), in("brief"))
	for _, want := range []string{"shop: 300 of 300 services failed, as of 2026-11-23 19:16:00 UTC\n",
		"first of shop, ended 2026-11-23 19:14:00 UTC and runs again: CAUSE: Killed for lack of memory",
		"Then: first, gateway", "Raise the memory limit", "... and 297 more failures in the report"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// TestSlackTakesIt: the limits of Block Kit, and no text that Slack would read.
func TestSlackTakesIt(t *testing.T) {
	for _, poison := range append([]string{"", "<!channel> <@U1> <https://evil.example|x> *MARK* "}, poisons...) {
		var m slackMessage
		if err := json.Unmarshal([]byte(rendered(t, hostileReport(poison), in("slack"))), &m); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(m.Text, "<>") || m.Text == "" || len(m.Blocks) < 2 || len(m.Blocks) > 50 {
			t.Errorf("%.40q: text %q, %d blocks", poison, m.Text, len(m.Blocks))
		}
		for _, b := range m.Blocks {
			most := map[string]int{"header": slackHeader, "section": 3000}[b.Type]
			if n := utf8.RuneCountInString(b.Text.Text); b.Text.Type != "plain_text" || n == 0 || n > most {
				t.Errorf("%.40q: %s of %d runes, %s", poison, b.Type, n, b.Text.Type)
			}
		}
	}
	var none bytes.Buffer
	if err := Write(&none, "slack", reportOf(), layout.Style{}); err != nil || !json.Valid(none.Bytes()) {
		t.Errorf("nothing diagnosed: %v %s", err, &none)
	}
}
