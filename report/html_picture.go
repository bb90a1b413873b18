package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// picture draws the tracks of a diagnosis as SVG, width units wide: one lane for
// each thing that is known, on one axis of time. Nothing is drawn that the bundle
// does not hold, and an empty lane is left out. "" = no time is known.
//
// Colours are classes of the page's style sheet; each mark also differs by shape.
func picture(d answer.Diagnosis, id string, width int) template.HTML {
	t := d.Lanes
	if t.From == nil || t.To == nil || !t.To.After(*t.From) {
		return ""
	}
	p := &drawing{from: *t.From, span: t.To.Sub(*t.From), width: float64(width)}
	p.runs(t.Runs)
	p.probes(t.Probes)
	p.memory(t.Memory, t.MemoryLimit)
	p.log(t.Log)
	p.kernel(d.Timeline)
	p.moments(d.Timeline)
	p.axis(d)
	var w strings.Builder
	fmt.Fprintf(&w, `<svg class="picture" viewBox="0 0 %d %.0f" role="img" aria-labelledby="%s-title %s-words">`,
		width, p.y, id, id)
	fmt.Fprintf(&w, `<title id="%s-title">What happened to %s</title><desc id="%s-words">%s</desc>`,
		id, html.EscapeString(d.Target.Name), id, html.EscapeString(pictureWords(d)))
	w.WriteString(p.behind.String() + p.out.String() + "</svg>")
	return template.HTML(w.String()) //nolint:gosec // every stranger's text in it is escaped above and in drawing.text
}

// drawing is a picture in the making, from the top down.
type drawing struct {
	out, behind strings.Builder
	from        time.Time
	span        time.Duration
	width, y    float64
}

const (
	edge       = 10.0 // room left and right
	labelRoom  = 17.0 // height of a lane's label
	laneGap    = 9.0
	digitWidth = 7.0 // of the picture's small type
)

// x is where a moment lies; moments outside the span lie at its edges.
func (p *drawing) x(at time.Time) float64 {
	share := float64(at.Sub(p.from)) / float64(p.span)
	return edge + min(max(share, 0), 1)*(p.width-2*edge)
}

func (p *drawing) inside(at time.Time) bool {
	return !at.Before(p.from) && at.Sub(p.from) <= p.span
}

// lane begins a lane of a height with its label, and what the label adds.
func (p *drawing) lane(label, more string, height float64) (top float64) {
	p.y += laneGap
	fmt.Fprintf(&p.out, `<text class="label" x="%.1f" y="%.1f">%s<tspan class="small" dx="8">%s</tspan></text>`,
		edge, p.y+11, html.EscapeString(label), html.EscapeString(more))
	top = p.y + labelRoom
	fmt.Fprintf(&p.behind, `<rect class="lane" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, edge, top,
		p.width-2*edge, height)
	p.y = top + height
	return top
}

func (p *drawing) text(x, y float64, anchor, class, s string) {
	fmt.Fprintf(&p.out, `<text class="%s" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, class, x, y, anchor,
		html.EscapeString(s))
}

func (p *drawing) rect(class string, x, y, width, height float64, title string) {
	fmt.Fprintf(&p.out, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f">%s</rect>`, class, x, y, width,
		height, titled(title))
}

func (p *drawing) path(class, d, title string) {
	fmt.Fprintf(&p.out, `<path class="%s" d="%s">%s</path>`, class, d, titled(title))
}

func titled(s string) string {
	if s == "" {
		return ""
	}
	return "<title>" + html.EscapeString(s) + "</title>"
}

func (p *drawing) runs(list []answer.LaneRun) {
	const height = 16.0
	before := 0
	var shown []answer.LaneRun
	for _, r := range list {
		if r.End != nil && r.End.Before(p.from) {
			before++
			continue
		}
		shown = append(shown, r)
	}
	if len(shown) == 0 {
		return
	}
	more := ""
	if before > 0 {
		more = words.Count(before, "run") + " before this"
	}
	top := p.lane("runs", more, height)
	for _, r := range shown {
		from, to := edge, p.width-edge
		if r.Start != nil {
			from = p.x(*r.Start)
		}
		if r.End != nil {
			to = p.x(*r.End)
		}
		class, told := "run", "another run"
		if r.Examined {
			class, told = "run examined", "the run that this is about"
		}
		p.rect(class, from, top+1, max(to-from, 2), height-2, told+runWords(r))
		if r.End != nil {
			p.cross(to, top+height/2)
		}
	}
}

func runWords(r answer.LaneRun) string {
	told := ""
	if r.Start != nil {
		told += ", from " + r.Start.UTC().Format(layout.ClockTime)
	}
	switch {
	case r.Alive:
		told += ", alive"
	case r.End != nil:
		told += " to " + r.End.UTC().Format(layout.ClockTime)
	}
	if r.ExitCode != nil && !r.Alive {
		told += fmt.Sprintf(", exit code %d", *r.ExitCode)
	}
	return told
}

// cross marks an end.
func (p *drawing) cross(x, y float64) {
	p.path("death", fmt.Sprintf("M%.1f %.1fl8 8m0 -8l-8 8", x-4, y-4), "")
}

// probes draws each probe from its start for as long as it took: a low bar passed,
// a full one with a notch failed.
func (p *drawing) probes(list []answer.LaneProbe) {
	if len(list) == 0 {
		return
	}
	const height = 26.0
	failed := 0
	for _, probe := range list {
		if probe.Failed {
			failed++
		}
	}
	top := p.lane("health checks", fmt.Sprintf("%d seen, %d failed", len(list), failed), height)
	for _, probe := range list {
		took := time.Duration(probe.DurationMs * float64(time.Millisecond))
		from := p.x(probe.At)
		wide := max(p.x(probe.At.Add(took))-from, 3)
		title := fmt.Sprintf("%s: %s after %s", probe.At.UTC().Format(layout.ClockTime), probe.Outcome, words.Duration(took))
		if !probe.Failed {
			p.rect("pass", from, top+height-9, wide, 8, title)
			continue
		}
		if probe.Starting {
			p.rect("grace", from, top+2, wide, height-3, title+", in the start period: it does not count")
			continue
		}
		p.rect("fail", from, top+2, wide, height-3, title)
		p.path("fail mark", fmt.Sprintf("M%.1f %.1fl5 5m0 -5l-5 5", from+wide/2-2.5, top+5), "")
	}
}

// memory draws the moments at which memory was told, against the limit.
func (p *drawing) memory(list []answer.LaneMemory, limit *int64) {
	if len(list) == 0 {
		return
	}
	const height = 40.0
	most := int64(1)
	for _, m := range list {
		most = max(most, m.Bytes)
	}
	more := "no limit"
	if limit != nil {
		most, more = max(most, *limit), "limit "+words.Size(*limit)
	}
	top := p.lane("memory", more, height)
	level := func(n int64) float64 { return top + height - 2 - float64(n)/float64(most)*(height-10) }
	if limit != nil {
		p.path("limit", fmt.Sprintf("M%.1f %.1fH%.1f", edge, level(*limit), p.width-edge), "")
	}
	line := ""
	for i, m := range list {
		x, y := p.x(m.At), level(m.Bytes)
		line += fmt.Sprintf("%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[i == 0], x, y)
		fmt.Fprintf(&p.out, `<circle class="dot" cx="%.1f" cy="%.1f" r="4">%s</circle>`, x, y,
			titled(fmt.Sprintf("%s: %s (%s)", m.At.UTC().Format(layout.ClockTime), words.Size(m.Bytes), m.Source)))
	}
	if len(list) > 1 {
		p.path("curve", line, "")
	}
	last := list[len(list)-1]
	p.text(p.x(last.At)-8, level(last.Bytes)+14, "end", "small", words.Size(last.Bytes))
}

// log draws the rhythm of the service's own output: lines in equal steps of time.
func (p *drawing) log(track *answer.LaneLog) {
	if track == nil || len(track.Lines) == 0 {
		return
	}
	const height = 30.0
	most, total := slices.Max(track.Lines), 0
	for _, n := range track.Lines {
		total += n
	}
	more := "silent"
	if total > 0 {
		more = fmt.Sprintf("%s, at most %d in %s", words.Count(total, "line"), most,
			words.Duration(time.Duration(track.StepSeconds*float64(time.Second))))
	}
	top := p.lane("log", more, height)
	step := (p.width - 2*edge) / float64(len(track.Lines))
	var bars strings.Builder
	for i, n := range track.Lines {
		if n > 0 {
			high := 3 + (height-5)*math.Sqrt(float64(n)/float64(most)) // a root, so that a single line beside a flood is seen
			fmt.Fprintf(&bars, "M%.1f %.1fv-%.1f", edge+(float64(i)+.5)*step, top+height-1, high)
		}
	}
	if bars.Len() > 0 {
		fmt.Fprintf(&p.out, `<path class="rhythm" stroke-width="%.1f" d="%s"/>`, max(step-1, 1.5), bars.String())
	}
}

// kernel marks what the kernel log says of this container.
func (p *drawing) kernel(list []answer.Moment) {
	var shown []answer.Moment
	for _, m := range list {
		if m.Source == fact.SourceKernelLog && p.inside(m.At) {
			shown = append(shown, m)
		}
	}
	if len(shown) == 0 {
		return
	}
	const height = 16.0
	top := p.lane("kernel", words.Count(len(shown), "record"), height)
	for _, m := range shown {
		p.path("kernel", fmt.Sprintf("M%.1f %.1fl6 12h-12z", p.x(m.At), top+2),
			m.At.UTC().Format(layout.ClockTime)+": "+m.What)
	}
}

// moments marks the entries of the list below by their numbers. Those too near to
// be told apart share a mark.
func (p *drawing) moments(list []answer.Moment) {
	if len(list) == 0 {
		return
	}
	const height = 20.0
	top := p.lane("what happened", "numbers as in the list", height)
	free := 0.0
	for i := 0; i < len(list); {
		if !p.inside(list[i].At) {
			i++
			continue
		}
		first, x := i, max(p.x(list[i].At), free)
		label := fmt.Sprint(i + 1)
		for i++; i < len(list) && p.inside(list[i].At) && p.x(list[i].At) < x+
			markWidth(fmt.Sprintf("%d-%d", first+1, i+1))+2; i++ {
			label = fmt.Sprintf("%d-%d", first+1, i+1)
		}
		wide := markWidth(label)
		x = min(x, p.width-edge-wide)
		p.rect("mark", x, top+2, wide, height-4, "")
		p.text(x+wide/2, top+14, "middle", "number", label)
		free = x + wide + 2
	}
}

func markWidth(label string) float64 { return float64(len(label))*digitWidth + 8 }

// axis draws the ticks, the end and the moment of turning unhealthy through all
// lanes.
func (p *drawing) axis(d answer.Diagnosis) {
	zero, _ := zeroOf(d)
	bottom := p.y
	if at := d.Lanes.Unhealthy; at != nil && !d.Lanes.UnhealthyEarlier && p.inside(*at) {
		fmt.Fprintf(&p.behind, `<path class="unhealthy" d="M%.1f %.1fV%.1f"><title>turned unhealthy</title></path>`,
			p.x(*at), laneGap, bottom)
	}
	if d.Death.At != nil && p.inside(zero) {
		fmt.Fprintf(&p.behind, `<path class="end" d="M%.1f %.1fV%.1f"><title>the end</title></path>`, p.x(zero),
			laneGap, bottom)
	}
	p.ticks(zero)
}

// ticks draws the axis with round distances from zero, where there is room for them.
func (p *drawing) ticks(zero time.Time) {
	bottom := p.y
	step := tickStep(p.span, p.width)
	lastEdge := -1.0
	first := p.from.Sub(zero).Truncate(step)
	for i := range time.Duration(p.span/step + 2) { // few: tickStep sees to that
		at := first + i*step
		moment := zero.Add(at)
		label := relative(at)
		half := float64(len(label)) * digitWidth / 2
		x := p.x(moment)
		if !p.inside(moment) || x-half < lastEdge+6 || x-half < 0 || x+half > p.width {
			continue
		}
		lastEdge = x + half
		fmt.Fprintf(&p.behind, `<path class="tick" d="M%.1f %.1fV%.1f"/>`, x, bottom, bottom+4)
		p.text(x, bottom+16, "middle", "small", label)
	}
	p.y = bottom + 22
}

// tickStep picks a round distance of ticks, so that labels have room.
func tickStep(span time.Duration, width float64) time.Duration {
	ticks := time.Duration(max(width/110, 2))
	for _, unit := range []time.Duration{time.Millisecond, time.Second, time.Minute, time.Hour} {
		for _, n := range []time.Duration{1, 2, 5, 10, 15, 20, 30, 50, 100, 200, 500} {
			if step := n * unit; span/step <= ticks && !(unit == time.Millisecond && n > 500) {
				return step
			}
		}
	}
	return span
}

// pictureWords tells the picture to those who cannot see it.
func pictureWords(d answer.Diagnosis) string {
	t := d.Lanes
	if t.From == nil {
		return ""
	}
	told := []string{fmt.Sprintf("From %s to %s.", layout.Stamp(*t.From), layout.Stamp(*t.To)),
		words.Count(len(t.Runs), "run") + " known."}
	failed := 0
	for _, probe := range t.Probes {
		if probe.Failed {
			failed++
		}
	}
	if len(t.Probes) > 0 {
		told = append(told, fmt.Sprintf("%s, %d failed.", words.Count(len(t.Probes), "health check"), failed))
	}
	for _, m := range t.Memory {
		told = append(told, fmt.Sprintf("Memory at %s: %s.", m.At.UTC().Format(layout.ClockTime), words.Size(m.Bytes)))
	}
	if t.Log != nil {
		total := 0
		for _, n := range t.Log.Lines {
			total += n
		}
		told = append(told, words.Count(total, "log line")+".")
	}
	if t.Unhealthy != nil {
		word := "at "
		if t.UnhealthyEarlier {
			word = "since before "
		}
		told = append(told, "Unhealthy "+word+t.Unhealthy.UTC().Format(layout.ClockTime)+".")
	}
	if d.Death.At != nil {
		told = append(told, "The end at "+d.Death.At.UTC().Format(layout.ClockTime)+".")
	}
	return strings.Join(told, " ")
}
