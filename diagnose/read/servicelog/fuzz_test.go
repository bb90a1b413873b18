package servicelog

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// FuzzScan: whatever the log, the report keeps its promises.
func FuzzScan(f *testing.F) {
	for _, name := range slices.Sorted(maps.Keys(recordings())) {
		if file := recordings()[name]; len(file) < 2048 {
			f.Add(recorded(file))
		}
	}
	for _, c := range cases {
		f.Add([]byte(c.speaks))
	}
	f.Add([]byte(`{"level":"error","message":"a\nTraceback (most recent call last):\n","exc_info":"{\"message\":\"x\"}"}`))
	// Lines that are nothing but a prefix, among those that the rules of the last words read a second time.
	f.Add([]byte(strings.Repeat("2026-11-23T09:00:02Z waiting for db:5432\n2026-11-23 09:00:02,001 INFO:\n", 4)))
	f.Fuzz(func(t *testing.T, log []byte) {
		r, err := Scan(bytes.NewReader(log), Options{Starts: []time.Time{time.Date(2026, 11, 23, 9, 0, 1, 0, time.UTC)}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Bytes != int64(len(log)) {
			t.Errorf("%d bytes read of %d", r.Bytes, len(log))
		}
		lines := 0
		for _, run := range r.Runs {
			lines += run.Lines
			checkRun(t, &run)
		}
		if lines != r.Lines {
			t.Errorf("the runs have %d lines, the report %d", lines, r.Lines)
		}
	})
}

func checkRun(t *testing.T, run *Run) {
	t.Helper()
	if len(run.Findings) > maxFindings || len(run.Tail) > tailLines || run.LongestGap < 0 ||
		run.MedianGap > run.LongestGap {
		t.Errorf("caps: %d findings, %d lines, gaps %v, %v", len(run.Findings), len(run.Tail), run.LongestGap, run.MedianGap)
	}
	for _, l := range run.Tail {
		checkText(t, l.Text, excerpt.MaxLine)
	}
	for _, f := range run.Findings {
		sig, ok := signature.ByID()[f.ID]
		if sig == nil || !ok || f.Count < 1 || f.Line < 1 || f.Line > 1<<30 || f.Cause == fact.OOMKill &&
			f.Strength != fact.Weak &&
			sig.Section != "guard" {
			t.Errorf("finding %+v of %+v", f, sig)
		}
		checkText(t, f.Excerpt, excerpt.MaxLine)
		if e := f.Exception; e != nil {
			checkText(t, e.Type, excerpt.MaxName)
			checkText(t, e.Message, excerpt.MaxMessage)
			if len(e.Chain) > traceback.MaxChain || len(e.Frames) > traceback.MaxFrames {
				t.Errorf("%d in chain, %d frames", len(e.Chain), len(e.Frames))
			}
			for _, fr := range e.Frames {
				checkText(t, fr.File, excerpt.MaxName)
				checkText(t, fr.Function, excerpt.MaxName)
			}
		}
	}
}

func checkText(t *testing.T, s string, limit int) {
	t.Helper()
	if len(s) > limit || !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r\x1b\x00\u202e") {
		t.Errorf("unsafe text of %d bytes: %q", len(s), s)
	}
}

// FuzzTraceback: whatever follows a header, the exception keeps its bounds, and the next line of a server is read.
func FuzzTraceback(f *testing.F) {
	f.Add("  File \"x.py\", line 3, in f\n    g()\nValueError: x\n\nDuring handling of the above exception, another " +
		"exception occurred:\n\nTraceback (most recent call last):\n")
	f.Add("  + Exception Group Traceback (most recent call last):\n  |   File \"x\", line 1\n  +-+---------------- 1 " +
		"----------------\n    | ValueError: a\n    +------------------------------------\n")
	f.Add("billiard.einfo.ExceptionWithTraceback: \n\"\"\"\nTraceback (most recent call last):\nValueError: x\n\"\"\"\n")
	f.Fuzz(func(t *testing.T, body string) {
		const after = "\n\n\nERROR:    Application startup failed. Exiting.\n"
		r, err := Scan(strings.NewReader("ERROR:    Exception in ASGI application\nTraceback (most recent call last):\n"+
			body+strings.Repeat(after, 100)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, run := range r.Runs {
			checkRun(t, &run)
			found = found || slices.ContainsFunc(run.Findings, func(f Finding) bool { return f.ID == "uvicorn-startup-failed" })
		}
		if !found {
			t.Errorf("a traceback swallows the rest of the log")
		}
	})
}

// FuzzStructured: whatever stands in a JSON record, nothing is found in the members that hold what users sent.
func FuzzStructured(f *testing.F) {
	f.Add("Task exception was never retrieved", "a")
	f.Add("\\u0054ask exception", "\"}")
	f.Fuzz(func(t *testing.T, text, key string) {
		doc, err := json.Marshal(map[string]any{"level": "info", "message": "ok",
			"locals": map[string]any{key: text, "list": []any{text, map[string]any{"exception": text}}}})
		if err != nil {
			t.Skip()
		}
		r, err := Scan(bytes.NewReader(append(doc, '\n')), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Runs[0].Findings {
			t.Errorf("%s in %s", f.ID, doc)
		}
	})
}
