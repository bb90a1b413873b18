package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
)

// Health writes an examination of a health check: verdict first, then the probes,
// their latencies and phases, what the orchestrators do, what the engine recorded,
// and what is wrong with the check itself.
func Health(w io.Writer, e health.Examination, s Style) error {
	p := newPage(s)
	p.healthHead(e)
	if len(e.Probes) > 0 {
		p.healthProbes(e)
		p.healthLatency(e.Stats)
		p.healthPhases(e.Phases)
	}
	p.healthPredictions(e)
	if e.Recorded != nil {
		p.healthRecorded(*e.Recorded)
	}
	p.healthLint(e)
	return p.writeTo(w)
}

const healthMargin = 14

// marks of the kinds, so that colour never alone carries meaning.
func (p *page) healthHue(kind string) *color.Color {
	switch kind {
	case health.KindHealthy:
		return p.good
	case health.KindHanging, health.KindFailing, health.KindMisconfigured:
		return p.bad
	}
	return p.unsure
}

func (p *page) healthHead(e health.Examination) {
	name := e.Target.Name
	if name == "" {
		name = e.Target.URL
	}
	p.para(0, p.text(""), span{clip(Clean(name, maxName), p.columns), p.title}, p.text(Clean(e.Target.ID[:min(len(e.Target.ID), 12)], maxName)))
	p.rule("-")
	hue := p.healthHue(e.Verdict.Kind)
	p.para(healthMargin, span{strings.ToUpper(e.Verdict.Kind), hue}, span{e.Verdict.Summary, hue})
	if e.Verdict.Phase != "" && e.Verdict.Phase != health.PhaseDone {
		p.para(healthMargin, p.text("died in"), p.text(phaseWords[e.Verdict.Phase]))
	}
	p.blank()
	p.healthCheck(e)
	if v := e.Vantage; v != nil {
		p.healthVantage(*v, e.Target.URL)
	}
}

// phaseWords say what a phase is.
var phaseWords = map[string]string{
	health.PhaseDNS: "dns: resolving the name", health.PhaseConnect: "connect: the TCP handshake", health.PhaseTLS: "tls: the TLS handshake",
	health.PhaseWait: "wait: the request was sent, the first byte of the answer did not come", health.PhaseBody: "body: the answer had begun and did not end",
	health.PhaseExec: "exec: inside the check's own program", health.PhaseDone: "none",
}

func (p *page) healthCheck(e health.Examination) {
	c := e.Check
	switch {
	case c == nil && e.Target.ID == "":
		return
	case c == nil:
		p.para(healthMargin, p.text("check"), p.text("none is configured"))
		return
	}
	p.para(healthMargin, p.text("check"), p.text(strings.Join(c.Test, " ")))
	settings := fmt.Sprintf("every %s, timeout %s, %s", setting(c.Interval), setting(c.Timeout), plural(c.Retries, "failure")+" in a row")
	if c.StartPeriod > 0 {
		settings += ", start period " + setting(c.StartPeriod)
	}
	p.para(healthMargin, p.text(""), p.dimmed(settings))
}

var vantageWords = map[string]string{
	"exec": "an exec in the container", "container-namespace": "the container's own network namespace", "container-address": "this machine, at the container's address",
	"published-port": "this machine, through the published port", "network": "this machine",
}

func (p *page) healthVantage(v health.ExaminedVantage, url string) {
	from := vantageWords[v.From]
	if url != "" && v.Kind != "exec" {
		from += ", " + url
	}
	p.para(healthMargin, p.text("asked from"), p.text(from))
	p.para(healthMargin, p.text("  it proves"), p.dimmed(v.Proves))
	if v.OverheadMs != nil {
		p.para(healthMargin, p.text("exec costs"), p.text(millis(*v.OverheadMs)+", which is taken off every probe's time"))
	}
	if v.ProcessesBefore != nil && v.ProcessesAfter != nil {
		text := fmt.Sprintf("%d before, %d after", *v.ProcessesBefore, *v.ProcessesAfter)
		if v.LeftKilled > 0 {
			text += fmt.Sprintf("; %s that probes had left were killed", plural(v.LeftKilled, "process"))
		}
		p.para(healthMargin, p.text("processes"), p.text(strings.ReplaceAll(text, "processs", "processes")))
	}
	if v.Overflows != nil && *v.Overflows > 0 {
		p.para(healthMargin, span{"overflow", p.bad}, p.text(fmt.Sprintf("the accept queue was full: the kernel dropped %s during the replay", plural(int(min(*v.Overflows, math.MaxInt32)), "connection"))))
	} else if v.OverflowsBefore != nil && *v.OverflowsBefore > 0 {
		p.para(healthMargin, span{"overflow", p.unsure}, p.text(fmt.Sprintf("before the replay its accept queues had overflowed %d times since the container's network began", *v.OverflowsBefore)))
	}
	if v.Skipped > 0 {
		p.para(healthMargin, span{"skipped", p.unsure}, p.text(plural(v.Skipped, "probe")+" that were due: too many were still waiting"))
	}
	if v.Ended != "" {
		p.para(healthMargin, span{"cut short", p.unsure}, p.text(v.Ended))
	}
}

// maxHealthProbes is how many probes are listed unless verbose: the first and the last.
const maxHealthProbes = 16

func (p *page) healthProbes(e health.Examination) {
	p.heading("Probes")
	const barWidth, phaseWidth = 20, 8
	slowest := 0.0
	for _, probe := range e.Probes {
		slowest = max(slowest, probe.DurationMs)
	}
	var rows [][]string
	first := e.Probes[0].At
	skipped := len(e.Probes) - maxHealthProbes
	for i, probe := range e.Probes {
		if !p.verbose && skipped > 0 && i >= maxHealthProbes/2 && i < maxHealthProbes/2+skipped {
			if i == maxHealthProbes/2 {
				rows = append(rows, []string{"...", "", "", fmt.Sprintf("%d more (-v)", skipped), "", ""})
			}
			continue
		}
		room := p.columns - barWidth - phaseWidth - 34
		rows = append(rows, []string{
			fmt.Sprintf("%d", i+1), relative(probe.At.Sub(first)), p.outcome(probe.Outcome), scaleBar(probe.DurationMs, slowest, barWidth),
			millis(probe.DurationMs), probe.Phase, cell(probeWord(probe), max(room, 12)),
		})
	}
	for i := range rows { // the line of dots
		for len(rows[i]) < 7 {
			rows[i] = append(rows[i], "")
		}
	}
	p.table([]string{"#", "at", "", "", "took", "phase", ""}, rows)
	p.healthNotes(e.Probes)
}

func (p *page) outcome(word string) string {
	switch word {
	case "pass":
		return p.good.Sprint("pass")
	case "timeout":
		return p.bad.Sprint("TIMEOUT")
	}
	return p.bad.Sprint(strings.ToUpper(Clean(word, 10)))
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
		p.blank()
	}
	for i, kind := range order {
		if i == most && !p.verbose {
			p.para(2, p.text(""), p.dimmed(fmt.Sprintf("... %d other notes (-v shows all)", len(order)-most)))
			break
		}
		p.para(6, p.text(fmt.Sprintf("%4dx", counts[kind])), p.text(said[kind]))
	}
	for _, probe := range slices.Backward(probes) {
		if probe.Outcome != "pass" && probe.Output != "" {
			p.para(2, p.text(""), p.dimmed("what the last failed probe printed:"))
			p.quote(2, probe.Output)
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

func (p *page) healthLatency(s health.Stats) {
	p.heading("Latency")
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
			bar = scaleBar(float64(b.Count), float64(tallest), p.columns-48)
		}
		p.verbatim(2, fmt.Sprintf("%9s to %9s  %5d %s%s", millis(b.FromMs), millis(b.ToMs), b.Count, bar, failed))
	}
	p.blank()
	p.healthRate(s)
	for _, q := range s.Quantiles {
		at := ""
		if q.AtLeast {
			at = "more than "
		}
		p.para(healthMargin, p.text(fmt.Sprintf("p%g", q.Q*100)), p.text(at+millis(q.Ms)), p.dimmed(fmt.Sprintf("(95 %% sure: %s to %s)", millis(q.LowMs), millis(q.HighMs))))
	}
	if s.MaxMs != nil {
		p.para(healthMargin, p.text("slowest"), p.text(millis(*s.MaxMs)))
	}
	if s.P99Ms == nil {
		p.para(healthMargin, p.text(""), p.dimmed(tooFew(s)))
	}
}

func (p *page) healthRate(s health.Stats) {
	if s.FailureRate == nil {
		return
	}
	p.para(healthMargin, p.text("failed"), p.text(fmt.Sprintf("%d of %d", s.Failures, s.N)),
		p.dimmed(fmt.Sprintf("(95 %% sure: the true rate is %.1f to %.1f %%)", 100**s.FailureRateLow, 100**s.FailureRateHigh)))
	if s.LongestStallMs != nil {
		p.para(healthMargin, p.text("longest fault"), p.text(millis(*s.LongestStallMs)))
	}
}

// tooFew says which quantiles the sample cannot tell, and how many probes they need.
func tooFew(s health.Stats) string {
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

func (p *page) healthPhases(phases []health.PhaseStats) {
	if len(phases) == 0 {
		return
	}
	p.heading("Phases")
	var rows [][]string
	for _, ph := range phases {
		died := ""
		if ph.DiedIn > 0 {
			died = p.bad.Sprint(fmt.Sprintf("%d died here", ph.DiedIn))
		}
		row := []string{ph.Phase, "-", "-", "-", died}
		if ph.N > 0 {
			row = []string{ph.Phase, fmt.Sprint(ph.N), millis(ph.MedianMs), millis(ph.MaxMs), died}
		}
		rows = append(rows, row)
	}
	p.table([]string{"phase", "finished", "median", "slowest", ""}, rows)
}

// minRiskProbes is how many probes a risk needs to say anything.
const minRiskProbes = 30

func (p *page) healthPredictions(e health.Examination) {
	if len(e.Predictions) == 0 {
		return
	}
	p.heading("What would act on it, and when")
	for i, prediction := range e.Predictions {
		says := prediction.Says
		if i > 0 && prediction.When == e.Predictions[0].When {
			says = "the same; " + prediction.Then
		}
		p.para(healthMargin, p.text("  "+prediction.Orchestrator), p.text(says))
		if r := prediction.OutageRisk; r != nil {
			p.para(healthMargin, p.text(""), p.dimmed(fmt.Sprintf("what was measured would have turned it unhealthy at %.0f %% of the moments at which its schedule could stand", 100**r)))
		}
	}
	if d := e.Predictions[0]; d.DayRiskHigh != nil && e.Stats.N >= minRiskProbes && e.Stats.Failures < e.Stats.N {
		p.para(healthMargin, p.text("  within a day"), p.text(fmt.Sprintf("a streak long enough has a probability of %s to %s, were probes independent (stalls are not)", share(*d.DayRiskLow), share(*d.DayRiskHigh))))
	}
}

// share is a probability, in as many figures as it bears.
func share(p float64) string {
	switch {
	case p <= 0:
		return "0"
	case p < 0.0001:
		return "under 0.01 %"
	case p < 0.1:
		return fmt.Sprintf("%.2g %%", 100*p)
	}
	return fmt.Sprintf("%.0f %%", 100*p)
}

func (p *page) healthRecorded(r health.Recorded) {
	p.heading("What the engine recorded")
	status := r.Status
	if r.Streak > 0 {
		status += fmt.Sprintf(", %s in a row", plural(r.Streak, "failure"))
	}
	p.para(healthMargin, p.text("  status"), p.text(status))
	if r.Note != "" {
		p.para(healthMargin, p.text(""), p.dimmed(r.Note))
	}
	if r.Turned != nil {
		p.para(healthMargin, p.text("  unhealthy"), p.text("since "+stamp(*r.Turned)))
	}
	const most = 10
	log := r.Log
	if len(log) > most && !p.verbose {
		p.para(2, p.text(""), p.dimmed(fmt.Sprintf("... %d earlier (-v shows all)", len(log)-most)))
		log = log[len(log)-most:]
	}
	for _, probe := range log {
		label := fmt.Sprintf("  %s %9s", probe.At.UTC().Format(clockTime), millis(probe.DurationMs))
		p.para(28, p.dimmed(label), p.text(probe.Summary), p.dimmed("["+probe.From+"]"))
	}
}

func (p *page) healthLint(e health.Examination) {
	if len(e.Lint) == 0 {
		return
	}
	p.heading("What is wrong with the check itself")
	for _, l := range e.Lint {
		hue := p.unsure
		if l.Severity == "error" {
			hue = p.bad
		}
		p.para(healthMargin, span{"  " + l.Severity, hue}, p.text(l.Message), p.dimmed("["+l.ID+"]"))
		p.para(healthMargin, p.text(""), p.text("fix: "+l.Fix))
	}
	if e.Corrected == nil {
		return
	}
	p.heading("Corrected, for Compose")
	p.verbatim(2, e.Corrected.Compose)
	p.heading("The same for Kubernetes")
	p.verbatim(2, e.Corrected.Kubernetes)
}

// millis prints milliseconds in three figures and a fit unit.
func millis(ms float64) string {
	switch {
	case ms >= 10_000:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 1000:
		return fmt.Sprintf("%.2f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 1:
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.2f ms", ms)
}

// setting prints seconds: 30 s, 1.5 s, 0.2 s.
func setting(s float64) string { return fmt.Sprintf("%g s", s) }
