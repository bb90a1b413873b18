package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template, style and script
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

var (
	//go:embed html/page.html.tmpl
	htmlTemplate string
	//go:embed html/page.css
	htmlStyle string
	//go:embed html/page.js
	htmlScript string
)

// htmlPage is what the template shows: the report with its derived words.
type htmlPage struct {
	answer.Report
	Containers    []htmlContainer // the gravest first
	Heading       string          // of several: whose they are, and how many failed
	Steps         []step          // of several: what to do
	Wide, Narrow  template.HTML   // of several, their lanes on one axis
	Policy        string          // Content-Security-Policy
	Style, Script template.HTML   // whole elements: constants of this program
}

// htmlContainer is a diagnosis with what the template cannot work out itself.
type htmlContainer struct {
	answer.Diagnosis
	Anchor   string
	Answer   string // in the list of all
	Suffered string // from whom; "" = it did not, or nothing shows it
	Ranked   []entry
	Shown    []entry // whose evidence is shown at once
	Folded   []entry
	Moments  []htmlMoment
	Zero     time.Time
	ZeroWhat string
	Wide     template.HTML // the picture for screens and paper, and for phones
	Narrow   template.HTML
	RowOnly  bool          // of many: it is well, and has a row in the list of all and no section
	InWords  string        // what the picture shows
	Inset    template.HTML // the last seconds, where many things happened in them
	Brief    string        // for a chat
}

type htmlMoment struct {
	answer.Moment
	Number   int
	Relative string
	After    bool
}

// renderHTML writes a report as one page that needs nothing else: no network, and no
// script for its content. Its policy forbids the browser to load anything, so that
// even a hole in the escaping could not call home.
func renderHTML(w *bytes.Buffer, r answer.Report, _ layout.Style) error {
	page := htmlPage{
		Report: plain(r),
		Policy: "default-src 'none'; style-src " + hashSource(htmlStyle) + "; script-src " + hashSource(htmlScript) +
			"; base-uri 'none'; form-action 'none'",
		Style:  template.HTML("<style>" + htmlStyle + "</style>"),    //nolint:gosec // a constant
		Script: template.HTML("<script>" + htmlScript + "</script>"), //nolint:gosec // a constant
	}
	list := page.ByGravity()
	if len(list) > 1 {
		page.Heading = headcount(page.Report)
		page.Steps, _ = stepsOf(list)
		page.Wide = axisOfAll(page.Report, list, "all-wide", 960)
		page.Narrow = axisOfAll(page.Report, list, "all-narrow", 344)
	}
	for i, d := range list {
		c := htmlOf(page.Report, d, fmt.Sprintf("c%d", i+1))
		c.RowOnly = i >= maxSections && d.Verdict.Kind == fact.NotAFailure
		page.Containers = append(page.Containers, c)
	}
	return htmlPageTemplate().Execute(w, page)
}

// maxSections is up to how many containers each has a section of its own, whatever became of it: 200 made a page of
// 3.7 MB, of which nobody reads the 199 that are well.
const maxSections = 20

// rowOnly counts the containers that have a row only.
func rowOnly(list []htmlContainer) (n int) {
	for _, c := range list {
		if c.RowOnly {
			n++
		}
	}
	return n
}

// htmlPageTemplate is parsed when a page is made: few commands make one.
var htmlPageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(htmlWords).Parse(htmlTemplate))
})

// htmlWords are the functions that the template may call.
var htmlWords = template.FuncMap{
	"percent": percent, "likelihood": likelihood, "stamp": layout.Stamp, "clock": func(t time.Time) string {
		return t.UTC().Format(layout.ClockTime)
	},
	"decibans": decibans, "verdictWord": verdictWord, "verdictClass": verdictClass, "roleWord": roleWord,
	"seconds": words.Seconds,
	"tie":     tieWords, "chain": chain, "limit": limit, "reach": reach, "source": sourceLine, "plural": words.Count,
	"short": func(id string) string { return id[:min(len(id), 12)] },
	"meter": func(p float64) string { return fmt.Sprintf("%.0f", 100*min(max(p, 0), 1)) },
	"aid":   aid, "later": later, "state": stateOf, "breakable": breakable, "sign": sign,
	"maxAxis": func() int { return maxAxis }, "rowOnly": rowOnly,
	"next": nextCommands, "lines": func(s string) []string { return strings.Split(s, "\n") },
}

// hashSource is how a policy names the one inline script or style that may run.
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func htmlOf(r answer.Report, d answer.Diagnosis, anchor string) htmlContainer {
	c := htmlContainer{Diagnosis: d, Anchor: anchor, Answer: oneSentence(r, d),
		Suffered: sufferedFrom(r.Chains, d.Target.ID), Ranked: ranked(d)}
	c.Zero, c.ZeroWhat = zeroOf(d)
	for i, e := range c.Ranked {
		if shownAtOnce(e, i) {
			c.Shown = append(c.Shown, e)
		} else if len(e.Findings) > 0 {
			c.Folded = append(c.Folded, e)
		}
	}
	for i, m := range d.Timeline {
		c.Moments = append(c.Moments, htmlMoment{m, i + 1, relative(m.At.Sub(c.Zero)), m.At.After(c.Zero)})
	}
	c.Wide, c.Narrow = picture(d, anchor+"-wide", 960), picture(d, anchor+"-narrow", 344)
	c.InWords = pictureWords(d)
	c.Inset = inset(d, anchor+"-inset")
	c.Brief = briefly(r, d)
	return c
}

// aid is what stands above the fold: the first aid, and the first change.
func aid(d answer.Diagnosis) (list []answer.Advice) {
	for _, a := range doList(d) {
		list = append(list, a)
		if a.When == answer.AdviceThen {
			break
		}
	}
	return list
}

// later is the rest of what to do.
func later(d answer.Diagnosis) []answer.Advice { return doList(d)[len(aid(d)):] }

// sign marks a fact for or against without judging it.
func sign(f answer.Finding) string {
	if f.Says == fact.SaysAgainst {
		return "\u2212"
	}
	return "+"
}

// breakable lets a browser break a name behind its separators, and nowhere else.
func breakable(name string) template.HTML {
	var w strings.Builder
	w.WriteString("<bdi>") // letters that run from right to left turn round nothing but the name
	for _, r := range name {
		w.WriteString(html.EscapeString(string(r)))
		if strings.ContainsRune("-_./:@", r) {
			w.WriteString("<wbr>")
		}
	}
	w.WriteString("</bdi>")
	return template.HTML(w.String()) //nolint:gosec // escaped above
}

// shownAtOnce tells whether the evidence of the i-th of the ranking is part of the
// story.
func shownAtOnce(e entry, i int) bool {
	return i == 0 || e.Confidence >= shownFrom || e.ExplainedBy != ""
}

func verdictWord(v answer.Verdict) string {
	switch v.Kind {
	case fact.VerdictCause:
		return "CAUSE"
	case fact.VerdictOther:
		return "REASON"
	case fact.VerdictTrouble:
		return "TROUBLE"
	case fact.NotAFailure:
		return fineWord(v.State)
	}
	return "CANNOT TELL"
}

// fineWord says how it stands with what did not fail.
func fineWord(state string) string {
	switch state {
	case fact.FineStopped:
		return "STOPPED"
	case fact.FineFinished:
		return "DONE"
	case fact.StatePaused:
		return "PAUSED"
	case fact.FineRecovered:
		return "RECOVERED"
	}
	return "OK"
}

// verdictClass is the kind of a verdict as a word of the style sheet.
func verdictClass(v answer.Verdict) string {
	switch {
	case v.Kind == fact.VerdictCause, v.Kind == fact.VerdictOther:
		return "bad"
	case v.Kind == fact.NotAFailure && v.State != fact.StatePaused && v.State != fact.FineRecovered:
		return "good"
	}
	return "unsure"
}

// sourceLine names where a fact stands: the source, and the line in it.
func sourceLine(f answer.Finding) string {
	if f.Line > 0 {
		return fmt.Sprintf("%s, line %d", f.Source, f.Line)
	}
	return f.Source
}

// fixesOf returns what to do: the advice that fits the case, else the fixes of the cause that the verdict names.
func fixesOf(d answer.Diagnosis) []answer.Fix {
	if len(d.Advice) > 0 {
		return adviceFixes(d.Advice)
	}
	if d.Verdict.Kind != fact.VerdictCause {
		return nil
	}
	for _, c := range d.Causes {
		if c.ID == d.Verdict.Cause {
			return c.Fixes
		}
	}
	return nil
}

// adviceFixes shows advice as fixes: a command is a snippet for the shell.
func adviceFixes(list []answer.Advice) []answer.Fix {
	var fixes []answer.Fix
	for _, a := range list {
		when := "Then: "
		if a.When == answer.AdviceNow {
			when = "Now: "
		}
		f := answer.Fix{Title: when + adviceTitle(a), Detail: a.Detail, Snippet: a.Snippet, Language: a.Language}
		if a.Command != "" {
			f.Snippet, f.Language = a.Command+"\n", "sh"
		}
		fixes = append(fixes, f)
	}
	return fixes
}

// nextCommand is a command that would open a source which is shut.
type nextCommand struct{ Source, Cause, Command string }

// nextCommands lists, for a case without a verdict, what to look at next: each
// shut source once, for the likeliest cause that it speaks of.
func nextCommands(d answer.Diagnosis) []nextCommand {
	if fact.Removed(d.Death.State) {
		return nil // there is nothing left to open
	}
	var list []nextCommand
	seen := map[string]bool{}
	for _, c := range d.Causes {
		for _, m := range c.Missing {
			if m.Command != "" && !seen[m.Source] {
				seen[m.Source] = true
				list = append(list, nextCommand{m.Source, c.ID, m.Command})
			}
		}
	}
	return list
}
