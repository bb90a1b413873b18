package document

import (
	"fmt"
	"strings"
	"testing"
)

// through returns what the stages of a log make of it, fed in pieces of a size.
func through(log string, size int) string {
	text := log
	stages, _ := Stages([]byte(log[:min(len(log), HeadSize)]))
	for _, s := range stages {
		var out []byte
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			out, rest = s.Feed(out, []byte(rest[:n])), rest[n:]
		}
		text = string(s.End(out))
	}
	return text
}

func ExampleStages() {
	log := `{
  "events": [
    {"message": "Worker (pid:7) was sent SIGKILL!", "timestamp": 1795424775123},
    {"message": "Booting worker with pid: 12", "timestamp": 1795424776001}
  ]
}
`
	stages, _ := Stages([]byte(log))
	fmt.Printf("%s", stages[0].End(stages[0].Feed(nil, []byte(log))))
	// Output:
	// {"message":"Worker (pid:7) was sent SIGKILL!","timestamp":1795424775123}
	// {"message":"Booting worker with pid: 12","timestamp":1795424776001}
}

// TestFormsHoldTheSameText: whatever the form, its record has the text, however it is cut into pieces.
func TestFormsHoldTheSameText(t *testing.T) {
	const text = "Worker (pid:7) was sent SIGKILL!"
	for form, log := range map[string]string{
		"JSON over lines": "{\n \"message\": \"" + text + "\"\n}\n",
		"export":          "__REALTIME_TIMESTAMP=1795424775123456\nMESSAGE=" + text + "\n\n",
		"verbose": "Mon 2026-11-23 09:06:15.123456 UTC [s=8d8a;i=1f3;b=7c3c;m=5f2d0c1;t=6441f2b3c0a1e;x=9c]\n" +
			"    MESSAGE=" + text + "\n",
		"YAML":     "---\ntextPayload: '" + text + "'\n",
		"CSV":      "timestamp,message\n2026-11-23T09:06:15Z," + text + "\n",
		"hash":     "{\n  \"message\" => \"" + text + "\",\n  \"@timestamp\" => 2026-11-23T09:06:15.000Z\n}\n",
		"a string": `b'first\n` + text + `\nlast\n'` + "\n",
	} {
		whole := through(log, len(log))
		if stages, _ := Stages([]byte(log)); len(stages) == 0 || !strings.Contains(whole, text) {
			t.Errorf("%s: %d stages, %q", form, len(stages), whole)
		}
		for size := 1; size < 9; size++ {
			if got := through(log, size); got != whole {
				t.Errorf("%s in pieces of %d: %q, in one %q", form, size, got, whole)
			}
		}
	}
}

// TestLinesArePassedOn: a log that has a record a line is no document, of whatever form its lines are.
func TestLinesArePassedOn(t *testing.T) {
	for _, log := range []string{
		"", "\n", "[2026-11-23 09:06:15 +0000] [1] [INFO] ready\n", "{label} ready\n", "--- a/file\n+++ b/file\n",
		"time, please: it is late\nreally\n", "name=value\nno field\n", "'quoted' and more\n",
		`{"message":"ready"}` + "\n" + `{"message":"set"}` + "\n",
	} {
		if got := through(log, 3); got != log {
			t.Errorf("%q became %q", log, got)
		}
	}
}

// TestWhatIsCutIsTold: a record that is longer than is kept tells so, and one that is not does not.
func TestWhatIsCutIsTold(t *testing.T) {
	for _, c := range []struct {
		text string
		cut  bool
	}{{strings.Repeat("x", maxString), false}, {strings.Repeat("x", maxString+1), true}} {
		var d JSON
		d.End(d.Feed(nil, []byte("{\n\"message\": \""+c.text+"\"\n}\n")))
		if d.Cut() != c.cut {
			t.Errorf("a text of %d bytes: cut %v", len(c.text), d.Cut())
		}
	}
}
