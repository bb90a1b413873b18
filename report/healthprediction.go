package report

import (
	"cmp"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// minRiskProbes is how many probes a risk needs to say anything.
const minRiskProbes = 30

func (p *page) healthPredictions(e health.Examination) {
	if len(e.Predictions) == 0 {
		return
	}
	p.Heading("What would act on it, and when")
	for i, prediction := range e.Predictions {
		says := prediction.Says
		if i > 0 && prediction.Probe == "" && prediction.When == e.Predictions[0].When {
			says = "the same; " + prediction.Then
		}
		p.Para(healthMargin, p.Text("  "+cmp.Or(prediction.Probe, prediction.Orchestrator)), p.Text(says))
		if r := prediction.OutageRisk; r != nil {
			p.Para(healthMargin, p.Text(""), p.Dimmed(fmt.Sprintf("what was measured would have turned it unhealthy at %.0f "+
				"%% of the moments at which its schedule could stand", 100**r)))
		}
	}
	if d := riskiest(e.Predictions); d.DayRiskHigh != nil && e.Stats.N >= minRiskProbes && e.Stats.Failures < e.Stats.N {
		p.Para(healthMargin, p.Text("  within a day"), p.Text(fmt.Sprintf("a streak long enough has a probability of %s "+
			"to %s, were probes independent (stalls are not)", share(*d.DayRiskLow), share(*d.DayRiskHigh))))
	}
}

// riskiest is the prediction of which a risk is told: the first that has one.
func riskiest(list []health.Prediction) health.Prediction {
	for _, p := range list {
		if p.DayRiskHigh != nil {
			return p
		}
	}
	return list[0]
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

func (p *page) healthRecorded(r health.Recorded, by string) {
	p.Heading("What the " + by + " recorded")
	status := r.Status
	if r.Streak > 0 {
		status += fmt.Sprintf(", %s in a row", words.Count(r.Streak, "failure"))
	}
	p.Para(healthMargin, p.Text("  status"), p.Text(status))
	if r.Note != "" {
		p.Para(healthMargin, p.Text(""), p.Dimmed(r.Note))
	}
	if r.Turned != nil {
		since := "since "
		if r.Before {
			since = "since before "
		}
		p.Para(healthMargin, p.Text("  unhealthy"), p.Text(since+layout.Stamp(*r.Turned)))
	}
	const most = 10
	log := r.Log
	if len(log) > most && !p.Verbose {
		p.Para(2, p.Text(""), p.Dimmed(fmt.Sprintf("... %d earlier (-v shows all)", len(log)-most)))
		log = log[len(log)-most:]
	}
	for _, probe := range log {
		label := fmt.Sprintf("  %s %9s", probe.At.UTC().Format(layout.ClockTime), words.Millis(probe.DurationMs))
		p.Para(28, p.Dimmed(label), p.Text(probe.Summary), p.Dimmed("["+probe.From+"]"))
	}
}

func (p *page) healthLint(e health.Examination) {
	if len(e.Lint) == 0 {
		return
	}
	heading := "What is wrong with the check itself"
	if len(e.PodProbes) > 0 {
		heading = "What is wrong with the probes themselves"
	}
	p.Heading(heading)
	for _, l := range e.Lint {
		hue := p.Unsure
		if l.Severity == "error" {
			hue = p.Bad
		}
		p.Para(healthMargin, layout.Hued("  "+l.Severity, hue), p.Text(l.Message), p.Dimmed("["+l.ID+"]"))
		p.Para(healthMargin, p.Text(""), p.Text("fix: "+l.Fix))
	}
	switch {
	case e.Corrected == nil:
		return
	case e.Corrected.Compose == "":
		p.Heading("Corrected")
	default:
		p.Heading("Corrected, for Compose")
		p.Verbatim(2, e.Corrected.Compose)
		p.Heading("The same for Kubernetes")
	}
	p.Verbatim(2, e.Corrected.Kubernetes)
}
