package inquest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestHandled: work as always after an error, or about each of several, shows that the error did not end the program.
func TestHandled(t *testing.T) {
	const refused = "ERROR push to statsd:8125 failed: ConnectionRefusedError: [Errno 111] Connection refused\n"
	warned := strings.Replace(refused, "ERROR", "WARNING", 1)
	order := "INFO order 7 stored\n"
	amid := strings.Repeat(order, 4) + refused
	for name, tt := range map[string]struct {
		log  string // a line a second
		want bool
	}{
		"work went on":                       {order + refused + order + order, true},
		"two requests of one kind":           {refused + "INFO GET /a/1 200\nINFO GET /a/2 200\n", true},
		"a warning, and a line of routine":   {order + warned + order, true},
		"amid work, again and again":         {amid + amid + amid, true},
		"nothing came after it":              {order + order + order + refused, false},
		"a warning was the last line":        {order + order + order + warned, true},
		"one line of work":                   {order + refused + order, false},
		"it put things away":                 {order + refused + "INFO state written\nINFO lock released\n", false},
		"it tried again and gave up":         {strings.Repeat("INFO connecting to db\n"+refused, 8), false},
		"a warm-up before each try":          {strings.Repeat("INFO loading schema\nINFO opening db\n"+refused, 6), false},
		"warned at each of several tries":    {strings.Repeat("INFO connecting to db\n"+warned, 5), false},
		"waited after it":                    {refused + strings.Repeat("INFO retrying in 2 s\n", 6), false},
		"amid work, and then another client": {amid + amid + strings.Replace(amid, "statsd", "db", 1), false},
	} {
		c := endedAfter(t, tt.log, 3, fact.EndedByOwnExit)
		last := c.Log.Findings[len(c.Log.Findings)-1] // each client's is one of its own
		if got := c.handled(last); (got != "") != tt.want {
			t.Errorf("%s: %q, want %v", name, got, tt.want)
		}
		c.Life.Alive = true
		if c.handled(last) != "" {
			t.Errorf("%s: of one that lives", name)
		}
	}
}

// endedAfter is a life that printed a log, a line a second, and ended in the second after it.
func endedAfter(t *testing.T, text string, code int, by fact.EndedBy) Case {
	t.Helper()
	at := began
	var log strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if line != "" {
			fmt.Fprintf(&log, "%s %s", at.Format(time.RFC3339Nano), line)
		}
		at = at.Add(time.Second)
	}
	report, err := servicelog.Scan(strings.NewReader(log.String()), servicelog.Options{OneService: true})
	if err != nil || len(report.Runs) != 1 || len(report.Runs[0].Findings) == 0 {
		t.Fatalf("%q: %v", text, err)
	}
	c := Case{}
	c.Life, c.Log = &evidence.Life{Start: began, End: &at}, &report.Runs[0]
	c.Death = Death{State: fact.StateExited, EndedBy: by, ExitCode: &code, At: &at}
	return c
}

// TestToldBeforeFault: what a program told last before a fault of its own ended it is why it did; what it had worked on
// with is not.
func TestToldBeforeFault(t *testing.T) {
	const order, traceback = "INFO order 7 stored\n", "Traceback (most recent call last):\n" +
		"  File \"/app/main.py\", line 9, in take\n"
	emfile := traceback + "OSError: [Errno 24] Too many open files: '/data/a'\n"
	for name, tt := range map[string]struct {
		log  string
		want bool
	}{
		"no descriptor left":      {order + emfile, true},
		"no memory":               {order + traceback + "MemoryError\n", true},
		"an exception of no kind": {order + traceback + "ValueError: bad row 7\n", true},
		"the interpreter tells, too": {"OSError: [Errno 24] Too many open files\nFatal Python error: Aborted\n" +
			"Current thread 0x7f (most recent call first):\n", true},
		"it worked on":             {emfile + order + order, false},
		"a line of work":           {emfile + order, false},
		"a warning":                {order + "WARNING redis.ConnectionError: Error 111 connecting to redis:6379\n", false},
		"again and again for long": {strings.Repeat(emfile+"INFO waiting\n", 20), false},
		"memory was damaged":       {emfile + "free(): invalid pointer\n", false},
		"a handled lack of memory": {order + "WARNING MemoryError: preview too large, skipped\n", false},
	} {
		c := endedAfter(t, tt.log, 139, fact.EndedByOwnSignal)
		if got := c.ToldBeforeFault(c.Log.Findings[0]); got != tt.want {
			t.Errorf("%s: %v of %+v", name, got, c.Log.Findings[0])
		}
		if c.Death.EndedBy = fact.EndedByOwnExit; c.ToldBeforeFault(c.Log.Findings[0]) {
			t.Errorf("%s: of one that ended by itself", name)
		}
		if c.Death.At = nil; c.ToldBeforeFault(c.Log.Findings[0]) {
			t.Errorf("%s: of an end whose moment is not known", name)
		}
	}
}
