package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/fatih/color"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// Health writes an examination of a health check: verdict first, then the probes,
// their latencies and phases, what the orchestrators do, what the engine recorded,
// and what is wrong with the check itself.
func Health(w io.Writer, e health.Examination, s layout.Style) error {
	p := newPage(s)
	p.healthHead(e)
	if len(e.Probes) > 0 {
		p.healthProbes(e)
		p.healthLatency(e.Stats)
		p.healthPhases(e.Phases)
	}
	p.healthPredictions(e)
	switch {
	case e.Recorded != nil && len(e.PodProbes) > 0:
		p.healthRecorded(*e.Recorded, "kubelet")
	case e.Recorded != nil:
		p.healthRecorded(*e.Recorded, fact.SourceEngine)
	}
	p.healthLint(e)
	return p.Print(w)
}

const healthMargin = 14

// marks of the kinds, so that colour never alone carries meaning.
func (p *page) healthHue(kind string) *color.Color {
	switch kind {
	case replay.KindHealthy:
		return p.Good
	case replay.KindHanging, replay.KindFailing, replay.KindMisconfigured:
		return p.Bad
	}
	return p.Unsure
}

func (p *page) healthHead(e health.Examination) {
	name := e.Target.Name
	if name == "" {
		name = e.Target.URL
	}
	p.Para(0, p.Text(""), layout.Hued(layout.Clip(sanitize.Clean(name, layout.MaxName), p.Columns), p.Title),
		p.Text(e.Target.ID[:min(len(e.Target.ID), 12)]))
	p.Rule("-")
	hue := p.healthHue(e.Verdict.Kind)
	p.Para(healthMargin, layout.Hued(strings.ToUpper(e.Verdict.Kind), hue), layout.Hued(e.Verdict.Summary, hue))
	if e.Verdict.Phase != "" && e.Verdict.Phase != replay.PhaseDone {
		p.Para(healthMargin, p.Text("died in"), p.Text(phaseWords[e.Verdict.Phase]))
	}
	p.Blank()
	if len(e.PodProbes) > 0 {
		p.podProbes(e.PodProbes)
	} else {
		p.healthCheck(e)
	}
	if v := e.Vantage; v != nil {
		p.healthVantage(*v, e.Target.URL)
	}
}

// phaseWords say what a phase is.
var phaseWords = map[string]string{
	replay.PhaseDNS: "dns: resolving the name", replay.PhaseConnect: "connect: the TCP handshake",
	replay.PhaseTLS:  "tls: the TLS handshake",
	replay.PhaseWait: "wait: the request was sent, the first byte of the answer did not come",
	replay.PhaseBody: "body: the answer had begun and did not end",
	replay.PhaseExec: "exec: inside the check's own program", replay.PhaseDone: "none",
}

func (p *page) healthCheck(e health.Examination) {
	c := e.Check
	switch {
	case c == nil && e.Target.ID == "":
		return
	case c == nil:
		p.Para(healthMargin, p.Text("check"), p.Text("none is configured"))
		return
	}
	p.Para(healthMargin, p.Text("check"), p.Text(strings.Join(c.Test, " ")))
	settings := fmt.Sprintf("every %s, timeout %s, %s", words.Seconds(c.Interval), words.Seconds(c.Timeout),
		words.Count(c.Retries, "failure")+" in a row")
	if c.StartPeriod > 0 {
		settings += ", start period " + words.Seconds(c.StartPeriod)
	}
	p.Para(healthMargin, p.Text(""), p.Dimmed(settings))
}

// podProbes lists the probes of a pod with their settings.
func (p *page) podProbes(list []health.ExaminedPodProbe) {
	for _, q := range list {
		test := strings.Join(q.Test[min(1, len(q.Test)):], " ")
		mark := p.Text("")
		if q.Replayed {
			mark = p.Dimmed("[asked now]")
		}
		p.Para(healthMargin, p.Text(q.Probe), p.Text(test), mark)
		settings := fmt.Sprintf("every %s, timeout %s, %s", words.Seconds(q.Period), words.Seconds(q.Timeout),
			words.Count(q.FailureThreshold, "failure")+" in a row")
		if q.InitialDelay > 0 {
			settings += ", from " + words.Seconds(q.InitialDelay) + " after the start on"
		}
		if q.SuccessThreshold > 1 {
			settings += fmt.Sprintf(", %d successes in a row", q.SuccessThreshold)
		}
		p.Para(healthMargin, p.Text(""), p.Dimmed(settings))
	}
}

var vantageWords = map[string]string{
	replay.VantageExec:      "an exec in the container",
	replay.VantageNamespace: "the container's own network namespace",
	replay.VantageAddress:   "this machine, at the container's address",
	replay.VantagePublished: "this machine, through the published port",
	replay.VantageNetwork:   "this machine",
	replay.VantageProxy:     "the API server, at the pod's address",
	replay.VantageForward:   "the kubelet, inside of the pod's network (port-forward)",
}

func (p *page) healthVantage(v health.ExaminedVantage, url string) {
	from := vantageWords[v.From]
	if url != "" && v.Kind != "exec" {
		from += ", " + url
	}
	p.Para(healthMargin, p.Text("asked from"), p.Text(from))
	p.Para(healthMargin, p.Text("  it proves"), p.Dimmed(v.Proves))
	if v.OverheadMs != nil {
		p.Para(healthMargin, p.Text("exec costs"), p.Text(words.Millis(*v.OverheadMs)+
			", which is taken off every probe's time"))
	}
	if v.ProcessesBefore != nil && v.ProcessesAfter != nil {
		text := fmt.Sprintf("%d before, %d after", *v.ProcessesBefore, *v.ProcessesAfter)
		if v.LeftKilled > 0 {
			text += fmt.Sprintf("; %s that probes had left were killed", words.Count(v.LeftKilled, "process"))
		}
		p.Para(healthMargin, p.Text("processes"), p.Text(strings.ReplaceAll(text, "processs", "processes")))
	}
	if v.Overflows != nil && *v.Overflows > 0 {
		dropped := words.Count(int(min(*v.Overflows, math.MaxInt32)), "connection")
		p.Para(healthMargin, layout.Hued("overflow", p.Bad), p.Text("the accept queue was full: the kernel dropped "+dropped+
			" during the replay"))
	} else if v.OverflowsBefore != nil && *v.OverflowsBefore > 0 {
		p.Para(healthMargin, layout.Hued("overflow", p.Unsure), p.Text(fmt.Sprintf("before the replay its accept queues had "+
			"overflowed %d times since the container's network began", *v.OverflowsBefore)))
	}
	if v.Skipped > 0 {
		p.Para(healthMargin, layout.Hued("skipped", p.Unsure), p.Text(words.Count(v.Skipped, "probe")+
			" that were due: too many were still waiting"))
	}
	if v.Ended != "" {
		p.Para(healthMargin, layout.Hued("cut short", p.Unsure), p.Text(v.Ended))
	}
}
