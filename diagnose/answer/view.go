package answer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/advice"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/rank"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Diagnose turns a case and its ranked hypotheses into the finished document.
func Diagnose(c inquest.Case, list []rank.Hypothesis, m bundle.Manifest) Diagnosis {
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
		PeerErrors: peerErrorsOf(c),
	}
	d.Lanes = lanesOf(c, d.Timeline)
	for _, h := range list {
		if h.Number == 0 {
			d.Alternatives = append(d.Alternatives, Alternative{
				ID: h.ID, Title: h.Title, Confidence: rounded(h.Probability), Findings: findingsView(h.Findings),
			})
			continue
		}
		d.Causes = append(d.Causes, causeView(c, h))
	}
	d.Verdict = verdict(c, list)
	d.Advice = adviceView(advice.Of(c, d.Verdict.Kind, d.Verdict.Reason()))
	if d.Verdict.Kind == fact.VerdictCause || d.Verdict.Kind == fact.VerdictOther {
		for i := range d.Causes {
			for _, id := range list[0].Explains {
				if d.Causes[i].ID == id {
					d.Causes[i].ExplainedBy = list[0].ID
				}
			}
		}
	}
	if c.Target.Namespace != "" {
		inKubeletsWords(&d)
	}
	return d
}

func verdict(c inquest.Case, list []rank.Hypothesis) Verdict {
	top := list[0]
	v := Verdict{Kind: rank.Verdict(c, list), Confidence: rounded(top.Probability)}
	switch v.Kind {
	case fact.NotAFailure:
		v.State, v.Summary = fineState(c), "nothing failed: "+lead(top)
	case fact.VerdictCause:
		v.Cause, v.Summary = top.ID, sentence(headline(top))
	case fact.VerdictOther:
		v.Other, v.Summary = &Other{top.ID, titleOf(top)}, headline(top)
	case fact.VerdictTrouble:
		v.Other, v.Summary = &Other{top.ID, titleOf(top)}, troubleText(c)+headline(top)
	default:
		v.Confidence, v.Summary = 0, undetermined(list)
	}
	return v
}

// fineState says what a case is in which nothing failed.
func fineState(c inquest.Case) string {
	switch {
	case c.Death.State == fact.StatePaused:
		return fact.StatePaused
	case c.Alive() && c.Status != nil && c.Status.Leaving != nil:
		return fact.FineStopped
	case c.Alive() && (c.Recovered != nil || c.GotOver() != nil):
		return fact.FineRecovered
	case c.Death.EndedBy == fact.EndedByNone:
		return fact.FineOK
	case c.Death.EndedBy == fact.EndedByOwnExit && c.ToldByExec() == nil:
		return fact.FineFinished
	}
	return fact.FineStopped
}

// troubleText says why trouble is not called a failure.
func troubleText(c inquest.Case) string {
	code, known := c.Exit()
	switch {
	case c.Alive():
		return "it runs, but "
	case known && code == 0:
		return "it ended with exit code 0, but "
	}
	return "it was stopped on request, but before "
}

// headline is the finding that names what failed, where one of some weight does; else the title and the strongest
// finding.
func headline(h rank.Hypothesis) string {
	for _, f := range h.Findings {
		if f.Names && f.Weight >= namesFrom {
			return f.Summary
		}
	}
	return titled(titleOf(h), lead(h))
}

// titleOf is a hypothesis's title, from the side of who is looked at: a server is no dependency of itself.
func titleOf(h rank.Hypothesis) string {
	if h.ID == fact.DependencyRefuses && strings.HasPrefix(lead(h), fact.RefusesItself) {
		return fact.RefusesItself
	}
	return h.Title
}

// sentence begins a headline that begins with a pronoun or an article with a capital: names stay as they are.
func sentence(text string) string {
	for _, word := range []string{"it ", "a ", "the "} {
		if rest, ok := strings.CutPrefix(text, word); ok {
			return strings.ToUpper(word[:1]) + word[1:] + rest
		}
	}
	return text
}

// namesFrom is the least weight of what a headline says in place of the title: what is proven weakly stands in none.
const namesFrom = 10

// titled puts the cause's title before its strongest finding, unless that begins
// with the same words.
func titled(title, lead string) string {
	if strings.HasPrefix(strings.ToLower(lead), strings.ToLower(title)) {
		return title + lead[len(title):]
	}
	return title + ": " + lead
}

// lead is the summary of the strongest finding for a hypothesis; what only says of another finding that it goes on, or
// came last, leads nowhere.
func lead(h rank.Hypothesis) string {
	last := ""
	for _, f := range h.Findings {
		switch {
		case f.Weight > 0 && !slices.Contains(cause.Supplements, f.ID):
			return f.Summary
		case f.Weight > 0 && last == "":
			last = f.Summary
		}
	}
	return last
}

func undetermined(list []rank.Hypothesis) string {
	top := list[0]
	if why := lead(top); top.ID == fact.SomethingElse && strings.HasPrefix(why, "cannot tell whether ") {
		return why
	} else if top.ID == fact.SomethingElse && why != "" {
		return "cannot tell why: " + strings.TrimPrefix(why, "cannot tell ")
	}
	outweighed := false
	for i, h := range list {
		likeliest := !slices.ContainsFunc(list[:i], func(o rank.Hypothesis) bool { return o.Number > 0 })
		if h.Number > 0 && h.Own > 0 && likeliest && h.Probability >= worthNaming {
			return fmt.Sprintf("cannot tell: the evidence does not single out one cause; the most likely of the ten is %q "+
				"(%.0f %%)", h.Title, 100*h.Probability)
		}
		outweighed = outweighed || h.Number > 0 && h.Own > 0
	}
	if why := perhapsWell(list); why != "" {
		return "cannot tell: perhaps nothing failed: " + why
	}
	if outweighed {
		return "cannot tell: what speaks for one of the ten causes is outweighed by what speaks against it"
	}
	return "cannot tell: nothing that was seen speaks for one of the ten causes"
}

// perhapsWell is what shows that nothing may have failed, where that is likelier than any reason that has a name; "" =
// it is not.
func perhapsWell(list []rank.Hypothesis) string {
	for _, h := range list {
		if h.ID == fact.NotAFailure {
			return lead(h)
		}
		if h.ID != fact.SomethingElse {
			return ""
		}
	}
	return ""
}

// worthNaming is the least probability at which a sentence names a cause that it does not call the reason: below one in
// twenty, a name only leads astray.
const worthNaming = 0.05

// rounded keeps six digits, so that a last bit of floating point never shows in
// a comparison of two reports.
func rounded(p float64) float64 { return math.Round(p*1e6) / 1e6 }

func causeView(c inquest.Case, h rank.Hypothesis) Cause {
	view := Cause{
		Number: h.Number, ID: h.ID, Title: h.Title, Confidence: rounded(h.Probability),
		Findings: findingsView(h.Findings), Missing: []Missing{}, Fixes: []Fix{},
	}
	for _, m := range h.Missing(c) {
		view.Missing = append(view.Missing, Missing(m))
	}
	if h.Own > 0 {
		for _, f := range advice.For(h.ID, c) {
			view.Fixes = append(view.Fixes, Fix(f))
		}
	}
	return view
}

func adviceView(list []advice.Advice) []Advice {
	views := []Advice{}
	for _, a := range list {
		view := Advice{
			When: a.When, Title: a.Title, Detail: a.Detail, Command: a.Command, Snippet: a.Snippet, Language: a.Language,
		}
		if a.Place != nil {
			view.Place = &Place{a.Place.File, a.Place.Line, a.Place.Function}
		}
		views = append(views, view)
	}
	return views
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

func targetView(c inquest.Case) Target {
	t := Target{ID: c.Target.ID, Name: c.Target.Name, Runtime: c.Target.Runtime, Namespace: c.Target.Namespace,
		Pod: c.Target.Pod, Container: c.Target.Container, Node: c.Target.Node}
	if c.Spec != nil {
		t.Owner = c.Spec.Owner
		t.Image, t.Project, t.Service = c.Spec.Image, c.Spec.Project, c.Spec.Service
		t.Aliases, t.Networks = c.Status.KnownAs, c.Spec.Networks
		t.DependsOn, t.ComposeFile = c.Spec.DependsOn, c.Spec.DefinedIn
	}
	return t
}

func deathView(c inquest.Case, list []rank.Hypothesis) Death {
	d := Death{
		State: c.Death.State, ExitCode: c.Death.ExitCode, Signal: c.Death.Signal,
		EndedBy: c.Death.EndedBy, At: c.Death.At, Reason: c.Death.Reason, Restarted: c.Restarted,
		Repeats: repeatsOf(c),
		Chain:   []string{endSentence(c)},
	}
	top := list[0]
	kind := rank.Verdict(c, list)
	if kind == fact.VerdictUndetermined && c.Death.EndedBy == fact.EndedByKernelOOM {
		d.Chain[0] = "killed by SIGKILL" + strings.TrimPrefix(d.Chain[0], killedByKernel) + "; it seems, by the kernel's " +
			"OOM killer"
	}
	if kind != fact.VerdictCause && kind != fact.VerdictOther {
		return d
	}
	for _, id := range top.Explains {
		for _, h := range list {
			if h.ID == id {
				d.Chain = append(d.Chain, lead(h))
			}
		}
	}
	d.Chain = append(d.Chain, lead(top))
	return d
}

// killedByKernel is what is said of an end that the OOM killer brought.
const killedByKernel = "killed by the kernel's OOM killer"

// endSentence says how the run ended, in one line.
func endSentence(c inquest.Case) string {
	code := ""
	if c.Death.ExitCode != nil {
		code = fmt.Sprintf(" (exit code %d)", *c.Death.ExitCode)
	}
	switch c.Death.EndedBy {
	case fact.EndedByKernelOOM:
		return killedByKernel + code
	case fact.EndedByEngineRequest:
		return "ended on request: " + requestSentence(c.Death.Request) + code
	case fact.EndedByOutsideSignal:
		if c.Daemon != nil {
			return "ended by a daemon on the host: " + c.Daemon.Summary + code
		}
		return "ended as if by " + c.Death.Signal + " from outside the engine" + code
	case fact.EndedByOwnSignal:
		return "crashed with " + c.Death.Signal + code
	case fact.EndedByOwnExit:
		return "ended by itself" + code + loop(c)
	case fact.EndedByUnknown:
		if c.Death.At == nil && c.Death.ExitCode == nil {
			return "whether it runs or has ended is not known"
		}
		return "ended" + code + "; who ended it is not known"
	}
	if c.Death.State == fact.StateNeverStarted {
		return "never started" + code
	}
	if c.Unhealthy != nil {
		return "still running, and unhealthy"
	}
	if c.Death.State == fact.StateUnknown {
		return "running, as its processes show; the engine did not say"
	}
	return "still running"
}

// loop tells of earlier runs that ended, for which a single end is half the story.
func loop(c inquest.Case) string {
	n := len(c.EarlierEnds)
	if c.Spec != nil && c.LaterLives == 0 {
		n = max(n, c.Status.Restarts)
	}
	switch {
	case n == 0:
		return ""
	case n == 1:
		return ", as 1 run before it had ended"
	}
	return fmt.Sprintf(", as %d runs before it had ended", n)
}

func requestSentence(r *inquest.StopRequest) string {
	if r == nil {
		return "a stop"
	}
	if r.Escalated && r.Grace == 0 {
		return r.Words + ", which had to use SIGKILL"
	}
	if r.Escalated {
		return r.Words + ", which had to use SIGKILL after " + words.Duration(r.Grace)
	}
	return r.Words
}

func sourcesView(c inquest.Case) []Source {
	views := []Source{}
	for _, s := range c.Sources {
		views = append(views, sourceView(s))
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

func tailView(c inquest.Case) []LogLine {
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
