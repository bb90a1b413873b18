package servicelog

import (
	"fmt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"strings"
	"testing"
	"time"
)

func TestServing(t *testing.T) {
	for line, want := range map[string][2]bool{ // a server by its words; and it has come up
		"2026-11-27 00:30:30 INFO serving":                   {true, true},
		"INFO listening on 0.0.0.0:8080":                     {true, true},
		"Server started in 1.2 s":                            {true, true},
		"[*] Waiting for messages. To exit press CTRL+C":     {true, true},
		"ready to accept connections":                        {true, true},
		"2026-11-27 00:22:03 starting server":                {true, false},
		"INFO batch 7 done":                                  {false, false},
		"INFO serving config from /etc/app":                  {false, false},
		"INFO stopped listening on 8080":                     {false, false},
		"ERROR cannot start server: no licence":              {false, false},
		"WARNING the server is not ready to accept requests": {false, false},
	} {
		s := newRunScan(time.Time{}, "", nil)
		l := &logical{text: []byte(line), number: 1}
		s.server(prefix.Parse(l.text), l)
		if got := [2]bool{s.run.Serving != nil, s.serving}; got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

func TestHasDone(t *testing.T) {
	for text, want := range map[string]bool{"INFO nothing left to do": true, "INFO idle for 2 s, scaling to zero": true,
		"import finished": true, "INFO serving": false, "shutting down": false, "ERROR job finished badly": false} {
		if HasDone(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// TestStartedBeforeItFailed: what comes after the program's own word that it serves, or after it has worked for a
// while, ended no start.
func TestStartedBeforeItFailed(t *testing.T) {
	const failed = "Traceback (most recent call last):\n  File \"/srv/a.py\", line 3, in <module>\n" +
		"OSError: [Errno 27] File too large\n"
	work := ""
	for i := range 5 {
		work += fmt.Sprintf("INFO order %d stored\n", i)
	}
	for name, tt := range map[string]struct {
		log   string
		start bool
	}{
		"served":         {"INFO serving\n" + failed, false},
		"worked":         {work + failed, false},
		"worked a while": {work[:2*len("INFO order 0 stored\n")] + failed, true},
		"reads settings": {"INFO reading settings\n" + failed, true},
	} {
		var log strings.Builder
		at := time.Date(2026, 11, 27, 0, 30, 0, 0, time.UTC)
		for _, line := range strings.SplitAfter(strings.TrimSuffix(tt.log, "\n"), "\n") {
			fmt.Fprintf(&log, "%s stdout F %s\n", at.Format(time.RFC3339Nano), strings.TrimSuffix(line, "\n"))
			if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "Trace") {
				at = at.Add(2500 * time.Millisecond)
			}
		}
		report, err := Scan(strings.NewReader(log.String()), Options{OneService: true})
		if err != nil {
			t.Fatal(err)
		}
		start := false
		for _, f := range report.Runs[0].Findings {
			start = start || f.ID == "startup-exception"
		}
		if start != tt.start {
			t.Errorf("%s: of the start is %v: %v", name, start, findings(report))
		}
	}
}
