package traceback

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// read offers the lines behind a header, and returns the reader and how many it took.
func read(text string, group bool) (*Reader, int) {
	r, took := NewReader(group), 0
	for i, line := range strings.Split(text, "\n") {
		if r.Feed([]byte(line), i+2) != Taken {
			break
		}
		took++
	}
	return r, took
}

func ExampleReader() {
	r, _ := read(`  File "/srv/app/apps.py", line 8, in lifespan
    raise RuntimeError('cannot reach redis at redis:6379')
RuntimeError: cannot reach redis at redis:6379`, false)
	e := Effective(r.Finish())
	fmt.Println(e.Type, "|", e.Message, "|", e.Place())
	// Output: RuntimeError | cannot reach redis at redis:6379 | /srv/app/apps.py:8 in lifespan
}

// TestEffective: which exception of a chain counts.
func TestEffective(t *testing.T) {
	const first = "  File \"/a.py\", line 1, in f\n    g()\nOSError: no route\n\n"
	const head = "Traceback (most recent call last):\n"
	const second = head + "  File \"/b.py\", line 2, in h\n    i()\nRuntimeError: no start"
	for _, tt := range []struct{ name, text, want string }{
		{"one alone", first, "OSError: no route"},
		{"the cause, where it is named", first + string(causeText) + "\n\n" + second, "OSError: no route"},
		{"the last, where one came while handling", first + string(contextText) + "\n\n" + second, "RuntimeError: no start"},
	} {
		r, _ := read(tt.text, false)
		if e := Effective(r.Finish()); e == nil || e.Type+": "+e.Message != tt.want {
			t.Errorf("%s: %+v, want %q", tt.name, e, tt.want)
		}
	}
	if e := Effective(nil); e != nil {
		t.Errorf("of nothing: %+v", e)
	}
}

// TestFeed: whose line is whose.
func TestFeed(t *testing.T) {
	r := NewReader(false)
	for i, step := range []struct {
		line string
		want Verdict
	}{
		{`  File "/a.py", line 1, in f`, Taken},
		{`2026-11-23 09:06:15,120 - app - INFO - another thread`, Foreign},
		{`    g()`, Taken},
		{`KeyError: 'x'`, Taken},
		{``, Taken},
		{`the next line`, Closed},
	} {
		if got := r.Feed([]byte(step.line), i); got != step.want {
			t.Errorf("%q: %d, want %d", step.line, got, step.want)
		}
	}
	if r.Excerpt != "KeyError: 'x'" || r.ExcLine != 3 {
		t.Errorf("excerpt %q in line %d", r.Excerpt, r.ExcLine)
	}
}

// TestUnfinished: of a traceback that is cut off, the calls, and no exception.
func TestUnfinished(t *testing.T) {
	r, _ := read("  File \"/a.py\", line 1, in f\n    g()", false)
	if e := Effective(r.Finish()); e != nil {
		t.Errorf("exception %+v", e)
	}
	if got := r.Unfinished(); !slices.Equal(got, []Frame{{File: "/a.py", Line: 1, Function: "f"}}) {
		t.Errorf("%+v", got)
	}
}
