package diagnose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/fixtures/record"
)

// possible is up to where on a confidence is no more than "possible" in the report's words.
const possible = 0.5

// lastLines keeps the newest n lines of a log.
func lastLines(log []byte, n int) []byte {
	lines := bytes.SplitAfter(log, []byte("\n"))
	if len(lines) > 0 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return bytes.Join(lines[max(len(lines)-n, 0):], nil)
}

// jumped moves the stamps of the second half of a log in CRI form, as a clock that was set does.
func jumped(t *testing.T, log []byte, by time.Duration) []byte {
	t.Helper()
	lines := bytes.SplitAfter(log, []byte("\n"))
	for i := len(lines) / 2; i < len(lines); i++ {
		stamp, rest, ok := bytes.Cut(lines[i], []byte(" "))
		if !ok {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, string(stamp))
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = append([]byte(at.Add(by).Format(time.RFC3339Nano)+" "), rest...)
	}
	return bytes.Join(lines, nil)
}

// withLog diagnoses an incident whose log is another one.
func withLog(t *testing.T, dir string, change func([]byte) []byte) answer.Diagnosis {
	t.Helper()
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	log, _ := b.File(bundle.FileLogs)
	b.Put(bundle.FileLogs, change(log))
	return Diagnose(b)
}

// wrongName is a cause or a named other that is told with more than a possibility and is not what was done; "" = none.
func wrongName(d answer.Diagnosis, want record.Expectation) string {
	v := d.Verdict
	if v.Kind != fact.VerdictCause && v.Kind != fact.VerdictOther || v.Confidence <= possible ||
		v.Reason() == want.Cause+want.Other || partOf(v.Reason(), want.Cause) {
		return ""
	}
	return fmt.Sprintf("%.2f %s, not %q", v.Confidence, v.Summary, want.Cause+want.Other)
}

// partOf tells whether a reason is how a cause shows itself: what the cause explains, the full disk under a log that
// could not be written, and the last words, which name nothing.
func partOf(reason, of string) bool {
	c, known := cause.ByID(of)
	return known && slices.Contains(c.Explains, reason) || of == fact.LoggingFailure && reason == fact.FileSystemFull ||
		reason == fact.FatalWords
}

// TestBadInput: what is left of a log, or was added to it, never names another thing with more than a possibility.
func TestBadInput(t *testing.T) {
	for _, dir := range incidents(t) {
		want := expectation(t, dir)
		for what, change := range map[string]func([]byte) []byte{
			"only the last 5 lines":       func(log []byte) []byte { return lastLines(log, 5) },
			"a clock set an hour ahead":   func(log []byte) []byte { return jumped(t, log, time.Hour) },
			"a clock set a minute back":   func(log []byte) []byte { return jumped(t, log, -time.Minute) },
			"another service's log glued": func(log []byte) []byte { return append([]byte(foreignLog(log)), log...) },
			"a redis's last lines glued":  redisEnd,
		} {
			if wrong := wrongName(withLog(t, dir, change), want); wrong != "" {
				t.Errorf("%s, %s: %s", filepath.Base(dir), what, wrong)
			}
		}
	}
}

// redisEnd adds the last lines of a redis that cannot save, without its first ones, at the stamps of a log's last line.
func redisEnd(log []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	stamp, _, ok := bytes.Cut(lines[len(lines)-1], []byte(" "))
	if !ok {
		return log
	}
	log = slices.Clone(log)
	for range 3 {
		for _, line := range []string{
			"1:M 23 Nov 2026 11:00:03.120 * 100 changes in 300 seconds. Saving...",
			"1:M 23 Nov 2026 11:00:03.121 # Can't save in background: fork: Cannot allocate memory",
			"1:M 23 Nov 2026 11:00:03.200 # Failed opening the temp RDB file temp-20.rdb (in server root dir /data) for " +
				"saving: Permission denied",
			"1:M 23 Nov 2026 11:00:03.222 # Background saving error",
			"1:M 23 Nov 2026 11:00:04.001 # Error registering fd event for the new client: Numerical result out of range",
			"1:M 23 Nov 2026 11:00:04.222 # Out Of Memory allocating 1048600 bytes!",
		} {
			log = append(log, string(stamp)+" stdout F "+line+"\n"...)
		}
	}
	return log
}

// foreignLog has another service's lines at the stamps of a log's first line.
func foreignLog(log []byte) string {
	stamp, _, ok := bytes.Cut(log, []byte(" "))
	if !ok {
		return ""
	}
	text := ""
	for _, line := range []string{
		"1:C 23 Nov 2026 11:00:00.000 # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
		"1:M 23 Nov 2026 11:00:00.000 * Ready to accept connections",
		"2026-11-23 11:00:01 UTC [1] LOG:  starting PostgreSQL 15.4 on x86_64-pc-linux-gnu",
		"2026-11-23 11:00:01 UTC [1] LOG:  database system is ready to accept connections",
		"2026-11-23 11:00:02 UTC [41] FATAL:  password authentication failed for user \"shop\"",
		"2026-11-23 11:00:03 UTC [42] ERROR:  deadlock detected",
	} {
		text += string(stamp) + " stdout F " + line + "\n"
	}
	return text
}

// TestNeighbourQuotes: a neighbour's log that quotes this service's errors changes nothing.
func TestNeighbourQuotes(t *testing.T) {
	const quote = "2026-11-23T11:00:00Z stderr F upstream gateway said: redis.exceptions.ConnectionError: Connection " +
		"refused; MemoryError; OSError: [Errno 28] No space left on device; Application startup failed. Exiting.\n"
	seen := 0
	for _, dir := range incidents(t) {
		b, err := bundle.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		before := Diagnose(b).Verdict
		var list []struct{ ID string }
		data, _ := b.File(bundle.FileNeighbours)
		if json.Unmarshal(data, &list) != nil || len(list) == 0 {
			continue
		}
		seen++
		for _, n := range list {
			log, _ := b.File(bundle.NeighbourLog(n.ID))
			b.Put(bundle.NeighbourLog(n.ID), append(slices.Clone(log), quote...))
		}
		if after := Diagnose(b).Verdict; after.Kind != before.Kind || after.Reason() != before.Reason() {
			t.Errorf("%s: %s; without the quotation %s", filepath.Base(dir), after.Summary, before.Summary)
		}
	}
	if seen < 3 {
		t.Errorf("only %d incidents have neighbours", seen)
	}
}
