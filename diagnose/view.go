package diagnose

import (
	"fmt"
	"math"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// view turns the ranked hypotheses into the finished Diagnosis.
func view(c *evidence.Case, list []hypothesis, m bundle.Manifest) Diagnosis {
	d := Diagnosis{
		Target:     targetView(c),
		Death:      deathView(c, list),
		Causes:     []Cause{},
		Timeline:   timeline(c),
		Sources:    sourcesView(c),
		Masked:     maskedView(m.Masked),
		CapturedAt: c.Now,
		LogTail:    tailView(c),
		Redacted:   m.Redacted,
		Complaints: complaints(c),
	}
	d.Tracks = tracks(c, d.Timeline)
	for _, h := range list {
		if h.Number == 0 {
			d.Alternatives = append(d.Alternatives, Alternative{
				ID: h.ID, Title: h.Title, Confidence: rounded(h.probability), Findings: findingsView(h.findings),
			})
			continue
		}
		d.Causes = append(d.Causes, causeView(c, h))
	}
	d.Verdict = verdict(list)
	if d.Verdict.Kind == fact.VerdictCause {
		for i := range d.Causes {
			for _, id := range list[0].explains {
				if d.Causes[i].ID == id {
					d.Causes[i].ExplainedBy = list[0].ID
				}
			}
		}
	}
	return d
}

// verdict names a cause only where it is more likely than everything else
// together and has evidence of its own.
func verdict(list []hypothesis) Verdict {
	top := list[0]
	v := Verdict{Kind: fact.VerdictUndetermined, Confidence: rounded(top.probability), Summary: undetermined(list)}
	if top.probability < blameFrom {
		return v
	}
	switch {
	case top.ID == fact.NotAFailure && top.own > 0:
		v.Kind, v.Summary = fact.NotAFailure, "nothing failed: "+lead(top)
	case top.Number > 0 && top.own >= blameFromEvidence:
		v.Kind, v.Cause, v.Summary = fact.VerdictCause, top.ID, titled(top.Title, lead(top))
	}
	return v
}

// titled puts the cause's title before its strongest finding, unless that begins
// with the same words.
func titled(title, lead string) string {
	if strings.HasPrefix(strings.ToLower(lead), strings.ToLower(title)) {
		return title + lead[len(title):]
	}
	return title + ": " + lead
}

// lead is the summary of the strongest finding for a hypothesis.
func lead(h hypothesis) string {
	for _, f := range h.findings {
		if f.Weight > 0 {
			return f.Summary
		}
	}
	return ""
}

func undetermined(list []hypothesis) string {
	top := list[0]
	if why := lead(top); top.ID == fact.SomethingElse && why != "" {
		return "none of the ten causes is shown: " + why
	}
	for _, h := range list {
		if h.Number > 0 && h.own > 0 {
			return fmt.Sprintf("cannot tell: the evidence does not single out one cause; the most likely of the ten is %q (%.0f %%)", h.Title, 100*h.probability)
		}
	}
	return "cannot tell: nothing that was seen speaks for one of the ten causes"
}

// rounded keeps six digits, so that a last bit of floating point never shows in
// a comparison of two reports.
func rounded(p float64) float64 { return math.Round(p*1e6) / 1e6 }

func causeView(c *evidence.Case, h hypothesis) Cause {
	view := Cause{
		Number: h.Number, ID: h.ID, Title: h.Title, Confidence: rounded(h.probability),
		Findings: findingsView(h.findings), Missing: []Missing{}, Fixes: []Fix{},
	}
	for _, m := range h.Missing(c) {
		view.Missing = append(view.Missing, Missing(m))
	}
	if h.Fixes != nil && h.own > 0 {
		for _, f := range h.Fixes(c) {
			view.Fixes = append(view.Fixes, Fix(f))
		}
	}
	return view
}

// findingsView marks which findings counted: only the strongest of each fact.
func findingsView(list []cause.Finding) []Finding {
	views := []Finding{}
	counted := map[string]bool{}
	for _, f := range list { // strongest first
		says := fact.SaysFor
		if f.Weight < 0 {
			says = fact.SaysAgainst
		}
		views = append(views, Finding{
			ID: f.ID, Says: says, Weight: math.Abs(f.Weight), Counted: !counted[f.Fact],
			Source: f.Source, At: f.At, Summary: f.Summary, Excerpt: f.Excerpt, Line: f.Line,
		})
		counted[f.Fact] = true
	}
	return views
}

func targetView(c *evidence.Case) Target {
	t := Target{ID: c.Target.ID, Name: c.Target.Name, Runtime: "docker"}
	if c.Container != nil {
		t.Image, t.Project, t.Service = c.Container.Image, c.Container.Project(), c.Container.Service()
		t.Aliases, t.Networks = c.Container.Known(), c.Container.Networks
		t.DependsOn, t.ComposeFile = c.Container.DependsOn(), c.Container.ComposeFile()
	}
	return t
}

func deathView(c *evidence.Case, list []hypothesis) Death {
	d := Death{
		State: c.Death.State, ExitCode: c.Death.ExitCode, Signal: c.Death.Signal,
		EndedBy: c.Death.EndedBy, At: c.Death.At, Reason: c.Death.Reason, Restarted: c.Restarted,
		Chain: []string{endSentence(c)},
	}
	top := list[0]
	if verdict(list).Kind != fact.VerdictCause {
		return d
	}
	for _, id := range top.explains {
		for _, h := range list {
			if h.ID == id {
				d.Chain = append(d.Chain, lead(h))
			}
		}
	}
	d.Chain = append(d.Chain, lead(top))
	return d
}

// endSentence says how the run ended, in one line.
func endSentence(c *evidence.Case) string {
	code := ""
	if c.Death.ExitCode != nil {
		code = fmt.Sprintf(" (exit code %d)", *c.Death.ExitCode)
	}
	switch c.Death.EndedBy {
	case fact.EndedByKernelOOM:
		return "killed by the kernel's OOM killer" + code
	case fact.EndedByEngineRequest:
		return "ended on request: " + requestSentence(c.Death.Request) + code
	case fact.EndedByOutsideSignal:
		return "ended by " + c.Death.Signal + " from outside the engine" + code
	case fact.EndedByOwnSignal:
		return "crashed with " + c.Death.Signal + code
	case fact.EndedByOwnExit:
		return "ended by itself" + code + loop(c)
	case fact.EndedByUnknown:
		return "ended" + code + "; who ended it is not known"
	}
	if c.Death.State == fact.StateNeverStarted {
		return "never started" + code
	}
	if c.Unhealthy != nil {
		return "still running, and unhealthy"
	}
	return "still running"
}

// loop tells of earlier runs that ended, for which a single end is half the story.
func loop(c *evidence.Case) string {
	n := len(c.EarlierEnds)
	if c.Container != nil && c.LaterRuns == 0 {
		n = max(n, c.Container.RestartCount)
	}
	switch {
	case n == 0:
		return ""
	case n == 1:
		return ", as 1 run before it had ended"
	}
	return fmt.Sprintf(", as %d runs before it had ended", n)
}

func requestSentence(r *evidence.StopRequest) string {
	if r == nil {
		return "a stop"
	}
	if r.Escalated {
		return fmt.Sprintf("%s, which had to use SIGKILL after %.1f s", r.Kind, r.Grace.Seconds())
	}
	return r.Kind
}

func sourcesView(c *evidence.Case) []Source {
	views := []Source{}
	for _, s := range c.Sources {
		views = append(views, answer.SourceOf(s))
	}
	return views
}

func maskedView(list []bundle.Mask) []Masked {
	views := []Masked{}
	at := map[string]int{}
	for _, m := range list {
		i, seen := at[m.Kind]
		if !seen {
			i = len(views)
			at[m.Kind] = i
			views = append(views, Masked{Kind: m.Kind})
		}
		views[i].Count += m.Count
	}
	return views
}

func tailView(c *evidence.Case) []LogLine {
	lines := []LogLine{}
	if c.Log == nil {
		return lines
	}
	for _, l := range c.Log.Tail {
		view := LogLine{Stream: l.Stream, Text: l.Text}
		if at := l.At; !at.IsZero() {
			view.At = &at
		}
		lines = append(lines, view)
	}
	return lines
}
