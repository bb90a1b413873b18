package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// maxHealthProbes is how many probes are listed unless verbose: the first and the last.
const maxHealthProbes = 16

func (p *page) healthProbes(e health.Examination) {
	p.Heading("Probes")
	const barWidth, phaseWidth = 20, 8
	slowest := 0.0
	for _, probe := range e.Probes {
		slowest = max(slowest, probe.DurationMs)
	}
	var rows [][]string
	first := e.Probes[0].At
	skipped := len(e.Probes) - maxHealthProbes
	for i, probe := range e.Probes {
		if !p.Verbose && skipped > 1 && i >= maxHealthProbes/2 && i < maxHealthProbes/2+skipped {
			if i == maxHealthProbes/2 {
				rows = append(rows, []string{"...", "", "", fmt.Sprintf("%d more (-v)", skipped), "", ""})
			}
			continue
		}
		room := p.Columns - barWidth - phaseWidth - 34
		rows = append(rows, []string{
			fmt.Sprintf("%d", i+1), relative(probe.At.Sub(first)), p.outcome(probe.Outcome),
			scaleBar(probe.DurationMs, slowest, barWidth),
			words.Millis(probe.DurationMs), layout.Cell(probe.Phase, phaseWidth), layout.Cell(probeWord(probe), max(room, 12)),
		})
	}
	for i := range rows { // the line of dots
		for len(rows[i]) < 7 {
			rows[i] = append(rows[i], "")
		}
	}
	p.Table([]string{"#", "at", "", "", "took", "phase", ""}, rows)
	p.healthNotes(e.Probes)
}

func (p *page) outcome(word string) string {
	switch word {
	case "pass":
		return p.Good.Sprint("pass")
	case "timeout":
		return p.Bad.Sprint("TIMEOUT")
	}
	return p.Bad.Sprint(strings.ToUpper(sanitize.Clean(word, 10)))
}

// probeWord is the shortest word on a probe's end.
func probeWord(probe health.ExaminedProbe) string {
	switch {
	case probe.HTTPStatus != nil:
		return fmt.Sprintf("HTTP %d", *probe.HTTPStatus)
	case probe.Picture != "":
		return probe.Picture
	case probe.ExitCode != nil:
		return fmt.Sprintf("exit %d", *probe.ExitCode)
	}
	return ""
}

// healthNotes says every different note once, with how often it came.
func (p *page) healthNotes(probes []health.ExaminedProbe) {
	const most = 6
	counts, said := map[string]int{}, map[string]string{}
	var order []string
	for _, probe := range probes {
		if probe.Note == "" {
			continue
		}
		kind := probe.Note
		if probe.Picture != "" { // its numbers differ from probe to probe
			kind = probe.Picture
		}
		if counts[kind]++; counts[kind] == 1 {
			order = append(order, kind)
		}
		said[kind] = probe.Note
	}
	if len(order) > 0 {
		p.Blank()
	}
	for i, kind := range order {
		if i == most && !p.Verbose {
			p.Para(2, p.Text(""), p.Dimmed(fmt.Sprintf("... %d other notes (-v shows all)", len(order)-most)))
			break
		}
		p.Para(6, p.Text(fmt.Sprintf("%4dx", counts[kind])), p.Text(said[kind]))
	}
	for _, probe := range slices.Backward(probes) {
		if probe.Outcome != "pass" && probe.Output != "" {
			p.Para(2, p.Text(""), p.Dimmed("what the last failed probe printed:"))
			p.Quote(2, probe.Output)
			return
		}
	}
}

func scaleBar(value, most float64, width int) string {
	if most <= 0 {
		return ""
	}
	return strings.Repeat("#", max(int(math.Round(value/most*float64(width))), 1))
}

func (p *page) healthLatency(s replay.Stats) {
	p.Heading("Latency")
	tallest := 0
	for _, b := range s.Histogram {
		tallest = max(tallest, b.Count)
	}
	for _, b := range s.Histogram {
		failed := ""
		if b.Failed > 0 {
			failed = fmt.Sprintf(" (%d failed)", b.Failed)
		}
		bar := ""
		if b.Count > 0 {
			bar = scaleBar(float64(b.Count), float64(tallest), p.Columns-48)
		}
		p.Verbatim(2, fmt.Sprintf("%9s to %9s  %5d %s%s", words.Millis(b.FromMs), words.Millis(b.ToMs), b.Count, bar, failed))
	}
	p.Blank()
	p.healthRate(s)
	for _, q := range s.Quantiles {
		at := ""
		if q.AtLeast {
			at = "more than "
		}
		p.Para(healthMargin, p.Text(fmt.Sprintf("p%g", q.Q*100)), p.Text(at+words.Millis(q.Ms)),
			p.Dimmed(fmt.Sprintf("(95 %% sure: %s to %s)", words.Millis(q.LowMs), words.Millis(q.HighMs))))
	}
	if s.MaxMs != nil {
		p.Para(healthMargin, p.Text("slowest"), p.Text(words.Millis(*s.MaxMs)))
	}
	if s.P99Ms == nil {
		p.Para(healthMargin, p.Text(""), p.Dimmed(tooFew(s)))
	}
}

func (p *page) healthRate(s replay.Stats) {
	if s.FailureRate == nil {
		return
	}
	p.Para(healthMargin, p.Text("failed"), p.Text(fmt.Sprintf("%d of %d", s.Failures, s.N)),
		p.Dimmed(fmt.Sprintf("(95 %% sure: the true rate is %.1f to %.1f %%)", 100**s.FailureRateLow,
			100**s.FailureRateHigh)))
	if s.LongestStallMs != nil {
		p.Para(healthMargin, p.Text("longest fault"), p.Text(words.Millis(*s.LongestStallMs)))
	}
}

// tooFew says which quantiles the sample cannot tell, and how many probes they need.
func tooFew(s replay.Stats) string {
	var missing []string
	for _, q := range []struct {
		value *float64
		text  string
	}{{s.P50Ms, "p50 (6)"}, {s.P90Ms, "p90 (36)"}, {s.P95Ms, "p95 (72)"}, {s.P99Ms, "p99 (368)"}} {
		if q.value == nil {
			missing = append(missing, q.text)
		}
	}
	return "too few probes (needed) for " + strings.Join(missing, ", ")
}

func (p *page) healthPhases(phases []replay.PhaseStats) {
	if len(phases) == 0 {
		return
	}
	p.Heading("Phases")
	var rows [][]string
	for _, ph := range phases {
		died := ""
		if ph.DiedIn > 0 {
			died = p.Bad.Sprint(fmt.Sprintf("%d died here", ph.DiedIn))
		}
		name := layout.Cell(ph.Phase, layout.MaxName)
		row := []string{name, "-", "-", "-", died}
		if ph.N > 0 {
			row = []string{name, fmt.Sprint(ph.N), words.Millis(ph.MedianMs), words.Millis(ph.MaxMs), died}
		}
		rows = append(rows, row)
	}
	p.Table([]string{"phase", "finished", "median", "slowest", ""}, rows)
}
