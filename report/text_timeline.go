package report

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
)

const (
	maxMoments   = 12 // unless verbose
	momentsAfter = 3  // of these, at most so many after the end
)

// timeline writes what happened around the end, with its distance from the end.
func (p *page) timeline(d answer.Diagnosis) {
	p.heading("What happened")
	if len(d.Timeline) == 0 {
		p.para(2, p.text(""), p.text("nothing with a time was seen"))
		return
	}
	zero, what := d.CapturedAt, "the moment of this report"
	if d.Death.At != nil {
		zero, what = *d.Death.At, "the end"
	}
	shown := d.Timeline
	before, after := 0, 0
	if !p.verbose {
		shown, before, after = around(d.Timeline, zero)
	}
	p.para(2, p.text(""), p.dimmed("UTC; 0 s is "+what+", "+stamp(zero)))
	if before > 0 {
		p.para(2, p.text(""), p.dimmed(fmt.Sprintf("... %d earlier (-v shows all)", before)))
	}
	day := zero.UTC().Format(dateOnly)
	for _, m := range shown {
		if date := m.At.UTC().Format(dateOnly); date != day {
			day = date
			p.para(2, p.text(""), p.dimmed(date))
		}
		label := fmt.Sprintf("  %s %11s", m.At.UTC().Format(clockTime), relative(m.At.Sub(zero)))
		p.para(28, p.dimmed(label), p.text(m.What), p.dimmed("["+m.Source+"]"))
	}
	if after > 0 {
		p.para(2, p.text(""), p.dimmed(fmt.Sprintf("... %d later (-v shows all)", after)))
	}
}

// around picks the moments next to zero and counts those left out on both sides.
func around(list []answer.Moment, zero time.Time) (shown []answer.Moment, before, after int) {
	end := 0 // first moment after zero
	for end < len(list) && !list[end].At.After(zero) {
		end++
	}
	to := min(len(list), end+momentsAfter)
	from := max(0, to-maxMoments)
	to = min(len(list), max(to, from+maxMoments))
	return list[from:to], from, len(list) - to
}
