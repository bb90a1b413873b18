package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestOnlyErrors: one error again and again, and nothing else, is trouble, whatever it is of; work beside it, silence
// since, or a word or two, are not; and what a signature names is told by that.
func TestOnlyErrors(t *testing.T) {
	now := time.Date(2026, 11, 27, 11, 0, 0, 0, time.UTC)
	failing := []string{"ERROR feed 1 not read", "ERROR feed 2 not read", "ERROR feed 3 not read", "ERROR feed 4 not read"}
	retries := []string{failing[0], "retrying in 2 s", failing[1], "retrying in 2 s", failing[2]}
	beside := []string{failing[0], "feed 9 stored", failing[1], "feed 8 stored", failing[2], "feed 7 stored"}
	for name, tt := range map[string]struct {
		lines []string
		late  time.Duration // the newest line is so much older
		f     servicelog.Finding
		want  bool
	}{
		"again and again":  {failing, 0, servicelog.Finding{}, true},
		"with its retries": {retries, 0, servicelog.Finding{}, true},
		"work beside it":   {beside, 0, servicelog.Finding{}, false},
		"work before it":   {append([]string{"feed 0 stored"}, failing...), 0, servicelog.Finding{}, true},
		"silent since":     {failing, time.Hour, servicelog.Finding{}, false},
		"twice":            {failing[:2], 0, servicelog.Finding{}, false},
		"warnings":         {[]string{"WARNING slow 1", "WARNING slow 2", "WARNING slow 3"}, 0, servicelog.Finding{}, false},
		"named":            {failing, 0, servicelog.Finding{Other: fact.FileSystemFull, Strength: fact.Strong}, false},
	} {
		log := &servicelog.Run{Findings: []servicelog.Finding{tt.f}}
		for i, text := range tt.lines {
			at := now.Add(-tt.late - time.Duration(2*(len(tt.lines)-i))*time.Second)
			log.Tail = append(log.Tail, servicelog.Line{Number: i + 1, At: at, Text: text})
		}
		c := Case{Evidence: evidence.Evidence{Now: now}, Examined: Examined{Life: &evidence.Life{Alive: true}},
			Signs: Signs{LogSigns: LogSigns{Log: log}}}
		if got := c.OnlyErrors() != nil; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
