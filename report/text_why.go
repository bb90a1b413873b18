package report

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

const (
	shownFrom    = 0.05 // confidence from which a hypothesis is part of the story
	excludedFrom = 0.01 // below it, what evidence speaks against is excluded
)

// why writes the facts of the verdict by their source, also those against it.
func (p *page) why(d answer.Diagnosis, b budget) {
	list := ranked(d)
	if len(list) == 0 {
		return
	}
	label := layout.Hued("WHY", p.Title)
	counted, same := countedFacts(list[0])
	if len(counted) == 0 {
		p.Para(gutter, label, p.Text("nothing that was seen speaks for it"))
		return
	}
	told := strings.Join(append([]string{d.Verdict.Summary}, between(d)...), "\n")
	fresh, above := parted(counted, told, b.excerpt)
	margin := gutter + 2 + sourceWidth(fresh)
	for i, f := range fresh {
		if i == b.facts {
			p.Para(gutter, p.Text(""), p.Dimmed("and "+words.Count(len(fresh)-i, "weaker fact")+" (-v)"))
			break
		}
		p.fact(label, margin, f, told, b.excerpt)
		label = layout.Span{}
	}
	if len(above) > 0 {
		p.Para(gutter, label, p.Text("what stands above is from "+strings.Join(above, ", ")))
		label = layout.Span{}
	}
	if len(same) > 0 {
		p.Para(gutter, p.Text(""), p.Dimmed("the same is said by "+strings.Join(same, ", ")))
	}
}

// parted splits the facts into those that are new to who has read the verdict, or have their source's own words, and
// the sources of the others.
func parted(list []answer.Finding, told string, excerpt int) (fresh []answer.Finding, above []string) {
	for _, f := range list {
		switch {
		case !says(told, f.Summary) || f.Says == fact.SaysAgainst || len(excerptLines(f.Excerpt, excerpt)) > 0:
			fresh = append(fresh, f)
		case !slices.Contains(above, f.Source):
			above = append(above, f.Source)
		}
	}
	return fresh, above
}

// countedFacts are the facts that decide about a hypothesis, and the other sources that
// say the same as one of them.
func countedFacts(e entry) (counted []answer.Finding, same []string) {
	told := map[string]bool{}
	for _, f := range e.Findings {
		if f.Counted {
			counted, told[f.Source] = append(counted, f), true
		}
	}
	for _, f := range e.Findings {
		if !f.Counted && !told[f.Source] {
			same, told[f.Source] = append(same, f.Source), true
		}
	}
	return counted, same
}

func sourceWidth(list []answer.Finding) (width int) {
	const most = 14
	for _, f := range list {
		width = max(width, layout.Cells(sanitize.Clean(f.Source, most)))
	}
	return min(width, most)
}

// fact writes one fact behind its source. What the verdict has said is not said again
// where the source's own words can stand for it.
func (p *page) fact(label layout.Span, margin int, f answer.Finding, said string, excerpt int) {
	p.Put(label.Hue, label.Text)
	p.Indent(gutter - layout.Cells(label.Text))
	source := layout.Cell(f.Source, margin-gutter-2)
	p.Put(p.Dim, source)
	used := gutter + layout.Cells(source)
	text := f.Summary
	if f.Says == fact.SaysAgainst {
		text = "speaks against it: " + text
	}
	quoted := excerptLines(f.Excerpt, excerpt)
	if says(said, f.Summary) && len(quoted) > 0 {
		text, quoted = "| "+quoted[0], quoted[1:]
	}
	p.lines(margin, used, text)
	for _, line := range quoted {
		p.Quote(margin, line)
	}
}

// excerptLines picks at most n lines of an excerpt: of a traceback the end, of all else
// the beginning.
func excerptLines(excerpt string, n int) []string {
	excerpt = strings.TrimRight(excerpt, "\r\n ")
	if excerpt == "" || n == 0 {
		return nil
	}
	list := strings.Split(excerpt, "\n")
	if len(list) > n && strings.Contains(excerpt, "Traceback") {
		return list[len(list)-n:]
	}
	return list[:min(n, len(list))]
}

// rivals writes what else may be the cause.
func (p *page) rivals(d answer.Diagnosis) {
	label := layout.Hued("OR", p.Title)
	for i, e := range ranked(d) {
		named := i == 0 && d.Verdict.Kind != fact.VerdictUndetermined
		if named || e.ID == fact.SomethingElse || e.Confidence < shownFrom || e.ExplainedBy != "" {
			continue
		}
		p.Para(gutter, label, p.Text(percent(e.Confidence)), p.Text(e.Title))
		label = layout.Span{}
	}
}

// not names what was checked and is excluded, and what nothing was seen of, which is
// less.
func (p *page) not(d answer.Diagnosis) {
	var excluded, faint, open []string
	for i, e := range ranked(d) {
		name, known := shortNames[e.ID]
		switch {
		case i == 0 || !known || e.Confidence >= shownFrom || e.ExplainedBy != "":
		case e.Confidence < excludedFrom && seen(e, fact.SaysAgainst):
			excluded = append(excluded, name)
		case seen(e, fact.SaysFor):
			faint = append(faint, name)
		default:
			open = append(open, name)
		}
	}
	label := layout.Hued("NOT", p.Title)
	if len(excluded) > 0 {
		p.Para(gutter, label, p.Text(strings.Join(excluded, ", ")+": checked, the evidence is against it (-v)"))
		label = layout.Span{}
	}
	if len(faint) > 0 {
		p.Para(gutter, label, p.Dimmed("too little speaks for: "+strings.Join(faint, ", ")+" (-v)"))
		label = layout.Span{}
	}
	if len(open) > 0 {
		p.Para(gutter, label, p.Dimmed("no sign of: "+strings.Join(open, ", ")))
	}
}

// seen tells whether something that counts was seen that speaks for an entry, or against it.
func seen(e entry, which string) bool {
	for _, f := range e.Findings {
		if f.Says == which && f.Counted {
			return true
		}
	}
	return false
}

// shortNames are the ten causes where many stand in a line.
var shortNames = map[string]string{
	fact.OOMKill: "out of memory", fact.HealthcheckTimeout: "hung health check", fact.LoggingFailure: "broken logging",
	fact.WorkerCrash: "worker crash", fact.StartupFailure: "failed start",
	fact.BackgroundTaskFailure: "dead background task", fact.ExceptionHandlerFailure: "broken error handler",
	fact.PoolExhaustion: "full pool", fact.HealthcheckFailure: "failing health check",
	fact.InterpreterCrash: "crash of the interpreter",
}
