package report

import (
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// maxAxis is how many services are drawn on one axis: the gravest, and then their neighbours.
const maxAxis = 20

// axisOfAll draws a lane for each service on one axis of time, with its runs, probes and ends, and a line at the first
// fall. "" = no times are known of two of them.
func axisOfAll(r answer.Report, list []answer.Diagnosis, id string, width int) template.HTML {
	var drawn []answer.Diagnosis
	var from, to time.Time
	for _, d := range byContainer(list) {
		t := d.Lanes
		if t.From == nil || t.To == nil || !t.To.After(*t.From) || len(drawn) == maxAxis {
			continue
		}
		drawn = append(drawn, d)
		if from.IsZero() || t.From.Before(from) {
			from = *t.From
		}
		if t.To.After(to) {
			to = *t.To
		}
	}
	if len(drawn) < 2 {
		return ""
	}
	p := &drawing{from: from, span: to.Sub(from), width: float64(width)}
	names := rowNames(drawn)
	for i, d := range drawn {
		p.service(names[i], d)
	}
	told := fmt.Sprintf("%d services from %s to %s.", len(drawn), layout.Stamp(from), layout.Stamp(to))
	if len(r.Chains) > 0 && len(r.Chains[0].Links) > 0 {
		first := r.Chains[0].Links[0]
		told += " First fell " + first.Name() + " at " + layout.Stamp(first.At) + "."
		p.firstFall(first)
	}
	p.ticks(from)
	var w strings.Builder
	fmt.Fprintf(&w, `<svg class="picture" viewBox="0 0 %d %.0f" role="img" aria-labelledby="%s-title %s-words">`+
		`<title id="%s-title">All services on one axis</title><desc id="%s-words">%s</desc>`,
		width, p.y, id, id, id, id, html.EscapeString(told))
	w.WriteString(p.behind.String() + p.out.String() + "</svg>")
	return template.HTML(w.String()) //nolint:gosec // every stranger's text in it is escaped above and in drawing.text
}

// byContainer makes one of the diagnoses of one container's runs in a pod: a lane shows them all.
func byContainer(list []answer.Diagnosis) []answer.Diagnosis {
	type place struct{ namespace, pod, container string }
	var lanes []answer.Diagnosis
	at := map[place]int{}
	for _, d := range list {
		where := place{d.Target.Namespace, d.Target.Pod, d.Target.Container}
		i, known := at[where]
		if !known || where.pod == "" {
			at[where] = len(lanes)
			lanes = append(lanes, d)
			continue
		}
		lanes[i] = joined(lanes[i], d)
	}
	return lanes
}

// joined adds to a container's lane what another of its runs tells.
func joined(d, other answer.Diagnosis) answer.Diagnosis {
	t, more := &d.Lanes, other.Lanes
	t.Runs, t.Probes = slices.Clone(t.Runs), slices.Clone(t.Probes)
	for _, r := range more.Runs {
		same := func(known answer.LaneRun) bool { return sameTime(known.Start, r.Start) && sameTime(known.End, r.End) }
		if i := slices.IndexFunc(t.Runs, same); i >= 0 {
			t.Runs[i].Examined = t.Runs[i].Examined || r.Examined
		} else {
			t.Runs = append(t.Runs, r)
		}
	}
	for _, probe := range more.Probes {
		if !slices.Contains(t.Probes, probe) {
			t.Probes = append(t.Probes, probe)
		}
	}
	if more.From != nil && (t.From == nil || more.From.Before(*t.From)) {
		t.From = more.From
	}
	if more.To != nil && (t.To == nil || more.To.After(*t.To)) {
		t.To = more.To
	}
	d.Timeline = slices.Concat(d.Timeline, other.Timeline)
	return d
}

func sameTime(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

// service draws one lane: the runs, and on them the probes that failed and what the cluster told of a pod.
func (p *drawing) service(name string, d answer.Diagnosis) {
	const height = 18.0
	state := strings.ToLower(stateWord(d))
	room := int((p.width-2*edge)/digitWidth) - len(state) - 8
	top := p.lane(layout.Clip(name, max(room, 8)), state, height)
	for _, r := range d.Lanes.Runs {
		from, to := edge, p.width-edge
		if r.Start != nil {
			from = p.x(*r.Start)
		}
		if r.End != nil {
			to = p.x(*r.End)
		} else if d.Lanes.To != nil {
			to = p.x(*d.Lanes.To)
		}
		class := "run"
		if r.Examined {
			class = "run examined"
		}
		p.rect(class, from, top+6, max(to-from, 2), height-12, name+runWords(r))
		if r.End != nil && p.inside(*r.End) {
			p.cross(to, top+height/2)
		}
	}
	for _, probe := range d.Lanes.Probes {
		class := "fail"
		if probe.Starting {
			class = "grace"
		}
		if probe.Failed {
			p.rect(class, p.x(probe.At), top+2, 3, height-4, probe.At.UTC().Format(layout.ClockTime)+": "+probe.Outcome)
		}
	}
	p.told(d, top)
	if at := d.Lanes.Unhealthy; at != nil && !d.Lanes.UnhealthyEarlier && p.inside(*at) {
		fmt.Fprintf(&p.out, `<path class="unhealthy" d="M%.1f %.1fv%.1f"><title>turned unhealthy</title></path>`,
			p.x(*at), top, height)
	}
}

// told marks the events of a pod below its runs, each moment once.
func (p *drawing) told(d answer.Diagnosis, top float64) {
	seen := map[time.Time]bool{}
	for _, m := range d.Timeline {
		if d.Target.Pod == "" || m.Source != fact.SourceEvents || seen[m.At] || !p.inside(m.At) {
			continue
		}
		seen[m.At] = true
		p.path("event", fmt.Sprintf("M%.1f %.1fl3 5h-6z", p.x(m.At), top+13),
			m.At.UTC().Format(layout.ClockTime)+": "+m.What)
	}
}

// firstFall marks through all lanes when the first domino fell.
func (p *drawing) firstFall(first answer.Link) {
	if p.inside(first.At) {
		fmt.Fprintf(&p.behind, `<path class="end" d="M%.1f %.1fV%.1f"><title>first fell %s</title></path>`, p.x(first.At),
			laneGap, p.y, html.EscapeString(first.Name()))
	}
}

// Bounds of the inset.
const (
	insetSpan    = 2 * time.Second // before the end
	insetMoments = 3               // fewer are legible without it
)

// inset draws the last two seconds before the end apart, where they are a small part of the picture and much happened
// in them; "" = it would show nothing new.
func inset(d answer.Diagnosis, id string) template.HTML {
	t := d.Lanes
	if d.Death.At == nil || t.From == nil || t.To == nil || t.To.Sub(*t.From) < 5*insetSpan {
		return ""
	}
	from, to := d.Death.At.Add(-insetSpan), d.Death.At.Add(insetSpan/4)
	within := 0
	for _, m := range d.Timeline {
		if !m.At.Before(from) && !m.At.After(to) {
			within++
		}
	}
	if within < insetMoments {
		return ""
	}
	part := d
	part.Lanes.From, part.Lanes.To = &from, &to
	part.Lanes.Log, part.Lanes.Memory = nil, nil
	return picture(part, id, 344)
}
