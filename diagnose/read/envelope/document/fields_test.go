package document

import (
	"strings"
	"testing"
)

// TestFields: whoever prints a record's fields on a line each, its text comes out whole.
func TestFields(t *testing.T) {
	const first, second = "[2026-11-23 09:06:15 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)",
		"[2026-11-23 09:06:16 +0000] [1] [ERROR] Worker (pid:7) didn't say why: gone"
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	type written func(text string) string
	for name, of := range map[string]written{
		"aws": func(s string) string {
			return "- eventId: '1'\n  message: " + quoted(s) + "\n  timestamp: 1795424775123\n"
		},
		"aws, folded": func(s string) string {
			s = quoted(s)
			at := strings.LastIndex(s, " ")
			return "- eventId: '1'\n  message: " + s[:at] + "\n    " + s[at+1:] + "\n  timestamp: 1795424775123\n"
		},
		"gcloud": func(s string) string {
			return "---\nresource:\n  labels:\n    container_name: gateway\ntextPayload: |-\n  " + s + "\ntimestamp: '2026'\n"
		},
		"Format-List": func(s string) string { return "\nTimeCreated : 23.11.2026 09:06:15\nMessage     : " + s + "\n\n" },
		"mysql": func(s string) string {
			return "*** 1. row ***\nid: 7\n     created: 2026-11-23 09:06:15\n     message: " + s + "\n"
		},
		"psql": func(s string) string {
			return "-[ RECORD 1 ]-\ncreated | 2026-11-23 09:06:15\nmessage | " + s + "\n"
		},
		"OpenTelemetry": func(s string) string {
			return "LogRecord #0\nTimestamp: 2026-11-23 09:06:15 +0000 UTC\nBody: Str(" + s + ")\nAttributes:\n" +
				"     -> log.file.name: Str(app.log)\nFlags: 0\n"
		},
	} {
		stages, _ := Stages([]byte(of(first) + of(second)))
		if len(stages) == 0 {
			t.Errorf("%s: no stage reads it", name)
			continue
		}
		out := stages[0].Feed(nil, []byte(of(first)+of(second)))
		out = stages[0].End(out)
		for _, want := range []string{first, second} {
			if n := strings.Count(string(out), `":"`+want+`"`); n != 1 {
				t.Errorf("%s: %q stands %d times in\n%s", name, want, n, out)
			}
		}
	}
}

// TestFieldsOfSeveralLines: a traceback below its key is the key's, as far as it stands deeper or in no field's form.
func TestFieldsOfSeveralLines(t *testing.T) {
	row := "*** row ***\n     id: 7\nmessage: Traceback (most recent call last):\n  File \"x.py\", line 1, in f\n" +
		"ValueError: no\ncreated: 2026-11-23 09:06:15\n"
	stages, _ := Stages([]byte(row + row + strings.ReplaceAll(row, "ValueError: no", "it is over")))
	if len(stages) == 0 {
		t.Fatal("no stage reads it")
	}
	out := stages[0].End(stages[0].Feed(nil, []byte(row+row)))
	const want = `Traceback (most recent call last):\n  File \"x.py\", line 1, in f\n`
	if strings.Count(string(out), want) != 2 {
		t.Errorf("%q is not twice in\n%s", want, out)
	}
}

// TestNoFields: lines with colons are no fields as long as no key of a text comes again beside another one.
func TestNoFields(t *testing.T) {
	for _, text := range []string{
		"message: one\nmessage: two\nmessage: three\n",
		"INFO: started\nERROR: failed\nINFO: ended\n",
		"2026-11-23 09:06:15 web: message: x\n2026-11-23 09:06:16 web: message: y\n",
		"Error: it failed\nCause: no memory\nat: line 7\n",
		"message: once\ntime: 2026\n",
		"Traceback (most recent call last):\n  File \"x.py\", line 1\nmessage: a\nValueError: b\nmessage: c\nlog\nlog\nlog\n",
	} {
		if newFields([]byte(text)) != nil {
			t.Errorf("fields in %q", text)
		}
	}
}
