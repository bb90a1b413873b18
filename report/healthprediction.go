package report

import (
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

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
			p.para(healthMargin, p.text(""), p.dimmed(fmt.Sprintf("what was measured would have turned it unhealthy at %.0f "+
				"%% of the moments at which its schedule could stand", 100**r)))
		}
	}
	if d := e.Predictions[0]; d.DayRiskHigh != nil && e.Stats.N >= minRiskProbes && e.Stats.Failures < e.Stats.N {
		p.para(healthMargin, p.text("  within a day"), p.text(fmt.Sprintf("a streak long enough has a probability of %s "+
			"to %s, were probes independent (stalls are not)", share(*d.DayRiskLow), share(*d.DayRiskHigh))))
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
		status += fmt.Sprintf(", %s in a row", words.Count(r.Streak, "failure"))
	}
	p.para(healthMargin, p.text("  status"), p.text(status))
	if r.Note != "" {
		p.para(healthMargin, p.text(""), p.dimmed(r.Note))
	}
	if r.Turned != nil {
		since := "since "
		if r.Before {
			since = "since before "
		}
		p.para(healthMargin, p.text("  unhealthy"), p.text(since+stamp(*r.Turned)))
	}
	const most = 10
	log := r.Log
	if len(log) > most && !p.verbose {
		p.para(2, p.text(""), p.dimmed(fmt.Sprintf("... %d earlier (-v shows all)", len(log)-most)))
		log = log[len(log)-most:]
	}
	for _, probe := range log {
		label := fmt.Sprintf("  %s %9s", probe.At.UTC().Format(clockTime), words.Millis(probe.DurationMs))
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
