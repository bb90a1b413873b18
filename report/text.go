package report

import (
	"bytes"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// renderText writes a report for people. Several containers get a summary table first.
func renderText(w *bytes.Buffer, r answer.Report, s Style) error {
	p := newPage(s)
	if len(r.Diagnoses) == 0 {
		p.para(0, p.text(""), p.text("Nothing was diagnosed: no container was chosen, or none could be read."))
	}
	if len(r.Diagnoses) > 1 || s.Quiet && len(r.Diagnoses) == 1 {
		p.summary(r)
	}
	if s.Quiet {
		return p.writeTo(w)
	}
	p.chains(r.Chains)
	for i, d := range r.Diagnoses {
		if i > 0 || len(r.Diagnoses) > 1 {
			p.blank()
			p.rule("=")
		}
		p.diagnosis(d, sufferedFrom(r.Chains, d.Target.ID))
	}
	return p.writeTo(w)
}

// diagnosis writes one container, what matters most first: the answer, what
// happened, the ranking, the proofs, what to do, and what nobody could see.
func (p *page) diagnosis(d answer.Diagnosis, suffered string) {
	p.verdict(d, suffered)
	p.nowAndThen(d)
	p.timeline(d)
	p.ranking(d)
	p.evidence(d)
	p.advice(d)
	if d.Verdict.Kind == fact.VerdictUndetermined && !p.verbose {
		p.logTail(d, lastWords)
	}
	p.unseen(d)
	if p.verbose {
		p.logTail(d, len(d.LogTail))
	}
}

// lastWords is how many log lines are shown where no cause is named: then they are
// what a person reads first.
const lastWords = 8

// summary lists the containers, one line each.
func (p *page) summary(r answer.Report) {
	const nameWidth, wordWidth, sureWidth = 20, 11, 5
	room := p.columns - nameWidth - wordWidth - sureWidth - 6
	var rows [][]string
	for _, d := range r.Diagnoses {
		word, hue := p.kind(d.Verdict)
		sure := percent(d.Verdict.Confidence)
		if d.Verdict.Kind == fact.VerdictUndetermined {
			sure = "" // the number is that of the best guess, not of a verdict
		}
		rows = append(rows, []string{
			cell(d.Target.Name, nameWidth), hue.Sprint(word), sure, cell(oneSentence(r, d), room),
		})
	}
	p.table([]string{"container", "verdict", "", "summary"}, rows)
}

// verdict writes who it is and the answer.
func (p *page) verdict(d answer.Diagnosis, suffered string) {
	p.target(d.Target)
	p.rule("-")
	const margin = 14
	word, hue := p.kind(d.Verdict)
	p.para(margin, span{word, hue}, span{d.Verdict.Summary, p.title})
	p.para(margin, p.text(""), p.text(p.sureness(d)))
	p.blank()
	for i, link := range chain(d) {
		label := "How it ended"
		if i > 0 {
			label = "     because"
		}
		p.para(margin, p.text(label), p.text(link))
	}
	if d.Death.Reason != "" {
		p.para(margin, p.dimmed("   known by"), p.dimmed(d.Death.Reason))
	}
	if d.Death.At != nil {
		p.para(margin, p.dimmed("   at"), p.dimmed(stamp(*d.Death.At)))
	}
	if suffered != "" {
		p.para(margin, span{"Suffered", p.unsure}, p.text("from "+suffered+", which fell before: see the chain"))
	}
	if d.Death.Restarted {
		p.para(margin, span{"Note", p.unsure}, p.text("it runs again since; this is about the run that ended before"))
	}
}

// chain is the death's chain without saying the verdict twice: where the last
// link is what the verdict has just said, it points there, or is left out when
// nothing stands between.
func chain(d answer.Diagnosis) []string {
	links := d.Death.Chain
	last := len(links) - 1
	if last < 1 || !strings.Contains(d.Verdict.Summary, links[last]) {
		return links
	}
	if last == 1 {
		return links[:1]
	}
	return append(append([]string{}, links[:last]...), "of the cause named above")
}

// target writes the container's names.
func (p *page) target(t answer.Target) {
	spans := []span{{clip(Clean(t.Name, maxName), maxName), p.title}}
	if len(t.ID) > 12 {
		t.ID = t.ID[:12]
	}
	if t.ID != "" && t.ID != t.Name {
		spans = append(spans, p.text(" "+Clean(t.ID, maxName)))
	}
	if t.Image != "" {
		spans = append(spans, p.text(" "+Clean(t.Image, maxName)))
	}
	if t.Project != "" {
		spans = append(spans, p.dimmed("(compose "+strings.Trim(Clean(t.Project, maxName)+"/"+
			Clean(t.Service, maxName), "/")+")"))
	}
	p.para(0, p.text(""), spans...)
}

// sureness says how sure the verdict is. Where there is none, the number belongs
// to the hypothesis at the top of the ranking, and says so.
func (p *page) sureness(d answer.Diagnosis) string {
	if d.Verdict.Kind == fact.VerdictUndetermined {
		if top := ranked(d); len(top) > 0 {
			return "no verdict; top of the list: " + top[0].Title + ", " + percent(d.Verdict.Confidence)
		}
		return "no verdict"
	}
	return likelihood(d.Verdict.Confidence) + ", " + percent(d.Verdict.Confidence)
}
