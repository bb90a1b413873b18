package envelope_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
)

// messagesOf returns the texts of a log's messages.
func messagesOf(t *testing.T, log string) (texts []string) {
	t.Helper()
	r := envelope.NewReader(strings.NewReader(log), envelope.Options{})
	var m envelope.Message
	for r.Next(&m) == nil {
		texts = append(texts, string(m.Text))
	}
	return texts
}

// TestKnownNames: the text is under the name that is known, not under one that only begins like it; where no name is
// known, nothing of the record is lost.
func TestKnownNames(t *testing.T) {
	const text = "WORKER TIMEOUT (pid:7)"
	for name, log := range map[string]string{
		"Sumo Logic": "\"_messagetimems\",\"_messagetime\",\"_raw\"\n\"1795615331000\",\"11/25/2026 14:02:11.000 +0000\",\"" +
			text + "\"\n\"2\",\"x\",\"INFO: x\"\n",
		"a text before _raw":       "_messagetime,_messagecount,_raw\n1,2," + text + "\n1,2,INFO: x\n",
		"a phrase":                 "When,Log message\n1," + text + "\n2,INFO: x\n",
		"camel case":               "when,messageText\n1," + text + "\n2,INFO: x\n",
		"Log Analytics":            "[\n  {\n    \"Log_s\": \"" + text + "\",\n    \"Job_s\": \"x\"\n  }\n]\n",
		"Log Analytics, syslog":    "[\n  {\n    \"SyslogMessage_s\": \"" + text + "\"\n  }\n]\n",
		"Log Analytics, CSV":       "TimeGenerated,Log_s\n2026-11-25T14:02:11Z," + text + "\n2026-11-25T14:02:12Z,x\n",
		"VictoriaLogs":             `{"_time":"2026-11-25T14:02:11Z","log":"app.log","_msg":"` + text + `"}` + "\n",
		"no message, but its time": "_messagetime,details\n1," + text + "\n2,x\n",
	} {
		got := messagesOf(t, log)
		if name == "no message, but its time" {
			if len(got) != 3 || got[1] != "1,"+text {
				t.Errorf("%s: %q", name, got)
			}
		} else if len(got) == 0 || got[0] != text {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := messagesOf(t, `{"stats_s":"x","pages_s":"y"}`+"\n"); len(got) != 1 || !strings.Contains(got[0], "pages_s") {
		t.Errorf("names that are not known, with a suffix: %q", got)
	}
}

// TestUnknownArray: the elements of an array in which no name is known come out one a line, whatever its length, so
// that what looks for anchors sees each.
func TestUnknownArray(t *testing.T) {
	for _, n := range []int{3, 900, 9000} {
		for name, form := range map[string]string{
			"objects": "  {\n    \"Was\": \"line %d\"\n  },\n", "rows": "  [\n    \"x\",\n    \"line %d\"\n  ],\n",
		} {
			var rows strings.Builder
			for i := range n {
				fmt.Fprintf(&rows, form, i)
			}
			list := "[\n" + strings.TrimSuffix(rows.String(), ",\n") + "\n]"
			nested := "{\n\"tables\": [{\"rows\": " + list + "}]}"
			for where, log := range map[string]string{"alone": list, "nested": nested} {
				got := messagesOf(t, log+"\n")
				last := fmt.Sprintf("line %d\"", n-1)
				if whole := len(log) < 64<<10 && where == "nested"; len(got) == 0 ||
					!strings.Contains(got[len(got)-1], last) || !whole && len(got) < n {
					t.Errorf("%d %s, %s: %d messages", n, name, where, len(got))
				}
			}
		}
	}
}
