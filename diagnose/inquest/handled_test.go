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
		at := began
		var log strings.Builder
		for _, line := range strings.SplitAfter(tt.log, "\n") {
			if line != "" {
				fmt.Fprintf(&log, "%s %s", at.Format(time.RFC3339Nano), line)
			}
			at = at.Add(time.Second)
		}
		report, err := servicelog.Scan(strings.NewReader(log.String()), servicelog.Options{OneService: true})
		if err != nil || len(report.Runs) != 1 || len(report.Runs[0].Findings) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		c := Case{}
		c.Life, c.Log = &evidence.Life{Start: began, End: &at}, &report.Runs[0]
		code := 3
		c.Death = Death{State: fact.StateExited, EndedBy: fact.EndedByOwnExit, ExitCode: &code, At: &at}
		if got := c.handled(c.Log.Findings[0]); (got != "") != tt.want {
			t.Errorf("%s: %q, want %v", name, got, tt.want)
		}
		c.Life.Alive = true
		if c.handled(c.Log.Findings[0]) != "" {
			t.Errorf("%s: of one that lives", name)
		}
	}
}
