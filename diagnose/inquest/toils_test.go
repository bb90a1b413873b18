package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestToils: one line of work under a log that has gone silent, work that moves, a log that is as it was, one look.
func TestToils(t *testing.T) {
	frames := []evidence.Frame{{File: "/usr/lib/python3.11/re/__init__.py", Line: 166, Function: "match"},
		{File: "/srv/app.py", Line: 15, Function: "filter"}}
	for name, tt := range map[string]struct {
		change func(c *Case)
		want   bool
	}{
		"one line":        {nil, true},
		"it waits":        {func(c *Case) { c.Inside.Processes[0].Threads[0].State = "S" }, false},
		"it moves":        {func(c *Case) { c.Inside.Processes[0].Threads[0].Moves = true }, false},
		"of a library":    {func(c *Case) { c.Inside.Processes[0].Threads[0].Frames = frames[:1] }, false},
		"silent as usual": {func(c *Case) { c.Log.UsualGap = 2 * time.Second }, false},
		"no rhythm":       {func(c *Case) { c.Log.UsualGap = 0 }, false},
		"one look":        {func(c *Case) { c.Inside.Looks = 1 }, false},
		"no log":          {func(c *Case) { c.Log = nil }, false},
		"nobody looked":   {func(c *Case) { c.Inside = nil }, false},
	} {
		c := withThreads(evidence.InsideThread{TID: 10, State: "R", Frames: frames})
		c.Inside.Looks = 2
		c.Log = &servicelog.Run{LastAt: froze.Add(-30 * time.Second), UsualGap: 150 * time.Millisecond}
		if tt.change != nil {
			tt.change(&c)
		}
		at, silent := c.Toils()
		if (at != nil) != tt.want || tt.want && (at.Line != 15 || silent != 30*time.Second) {
			t.Errorf("%s: %+v, %s", name, at, silent)
		}
	}
}
