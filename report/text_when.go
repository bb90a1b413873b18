package report

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

const (
	maxMoments   = 12 // of the timeline in Markdown
	momentsAfter = 3  // of these, at most so many after the end
)

// when writes what happened around the end, with its distance from the end.
func (p *page) when(d answer.Diagnosis, b budget) {
	p.Blank()
	label := layout.Hued("WHEN", p.Title)
	if len(d.Timeline) == 0 {
		p.Para(gutter, label, p.Text("nothing with a time was seen"))
		return
	}
	zero, what := zeroOf(d)
	shown, before, after := around(d.Timeline, zero, b.moments)
	rows := whenRows(shown, zero, p.Verbose)
	if d.Death.At == nil && !zero.IsZero() {
		rows = append(rows, whenRow{clock(zero, zero, p.Verbose), "0 s", "this report"})
	}
	p.moments(label, rows)
	if p.Verbose {
		p.Para(gutter, p.Text(""), p.Dimmed("UTC; 0 s is "+what+", "+layout.Stamp(zero)))
	} else if before+after > 0 {
		p.Para(gutter, p.Text(""), p.Dimmed(fmt.Sprintf("(UTC; %s left out, -v has all)", leftOutMoments(before, after))))
	}
}

func leftOutMoments(before, after int) string {
	switch {
	case after == 0:
		return fmt.Sprintf("%d earlier", before)
	case before == 0:
		return fmt.Sprintf("%d later", after)
	}
	return fmt.Sprintf("%d earlier, %d later", before, after)
}

// whenRow is one line of the timeline.
type whenRow struct{ clock, distance, what string }

func whenRows(list []answer.Moment, zero time.Time, verbose bool) (rows []whenRow) {
	for _, m := range list {
		what := m.What
		if verbose {
			what += " [" + m.Source + "]"
		}
		rows = append(rows, whenRow{clock(m.At, zero, verbose), relative(m.At.Sub(zero)), what})
	}
	return rows
}

// clock tells the time, with its date where that is another than that of zero.
func clock(at, zero time.Time, exact bool) string {
	form := "15:04:05"
	if exact {
		form = layout.ClockTime
	}
	if day := at.UTC().Format(layout.DateOnly); day != zero.UTC().Format(layout.DateOnly) {
		form = layout.DateOnly + " " + form
	}
	return at.UTC().Format(form)
}

// moments writes rows in columns; where the page is too narrow for three, the distance
// is left out.
func (p *page) moments(label layout.Span, rows []whenRow) {
	clockWidth, distanceWidth := 0, 0
	for _, r := range rows {
		clockWidth, distanceWidth = max(clockWidth, layout.Cells(r.clock)), max(distanceWidth, layout.Cells(r.distance))
	}
	margin := gutter + clockWidth + 2 + distanceWidth + 2
	narrow := p.Columns-margin < p.Columns/3
	if narrow {
		margin = gutter + clockWidth + 2
	}
	for _, r := range rows {
		told := fmt.Sprintf("%-*s  %*s", clockWidth, r.clock, distanceWidth, r.distance)
		if narrow {
			told = r.clock
		}
		p.Put(label.Hue, label.Text)
		p.Indent(gutter - layout.Cells(label.Text))
		label = layout.Span{}
		p.Put(p.Dim, told)
		p.lines(margin, gutter+layout.Cells(told), r.what)
	}
}

// lines writes a text wrapped at margin, where the first line has been begun up to
// column used.
func (p *page) lines(margin, used int, text string) {
	for i, line := range layout.FoldWords(sanitize.Clean(text, layout.MaxProse), p.Columns-margin) {
		p.Indent(margin - used)
		p.Put(nil, line)
		p.Blank()
		if i == 0 {
			used = 0
		}
	}
}

// around picks the moments next to zero, at most so many, and counts those left out on both sides.
func around(list []answer.Moment, zero time.Time, most int) (shown []answer.Moment, before, after int) {
	end := 0 // first moment after zero
	for end < len(list) && !list[end].At.After(zero) {
		end++
	}
	to := min(len(list), end+momentsAfter)
	from := max(0, to-most)
	to = min(len(list), max(to, from+most))
	return list[from:to], from, len(list) - to
}

// zeroOf is the moment from which times are told.
func zeroOf(d answer.Diagnosis) (zero time.Time, what string) {
	if d.Death.At != nil {
		return *d.Death.At, "the end"
	}
	return d.CapturedAt, "the moment of this report"
}

// lastWords writes the newest lines of the log where no cause is named: then they are
// what a person reads first.
func (p *page) lastWords(d answer.Diagnosis, b budget) {
	label := layout.Hued("LOG", p.Title)
	if len(d.LogTail) == 0 && fact.Removed(d.Death.State) {
		p.Para(gutter, label, p.Text("it went with the container"))
		return
	}
	if len(d.LogTail) == 0 {
		p.Para(gutter, label, p.Text("it printed nothing, or its log could not be read"))
		return
	}
	p.Para(gutter, label, p.Dimmed("its last lines:"))
	for _, l := range d.LogTail[max(0, len(d.LogTail)-b.words):] {
		p.Quote(gutter, layout.Clip(sanitize.Clean(l.Text, layout.MaxLiteral), p.Columns-gutter-2))
	}
}
