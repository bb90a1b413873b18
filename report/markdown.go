package report

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// MarkdownLimit is the most bytes of one Markdown report: GitHub refuses a comment
// of more than 65,536 characters (and a step summary of more than 1 MiB).
const MarkdownLimit = 60_000

const (
	mdFindings    = 5   // of one hypothesis
	mdMoments     = 10  // of the timeline
	mdExcerpt     = 600 // bytes of one quoted excerpt
	mdSummaryRows = 100
)

// renderMarkdown writes a report that fits into a comment on GitHub or GitLab: the
// verdicts and the chain open, the details folded. What does not fit is left out
// container by container, and that is said.
//
// Texts of strangers stand in code spans and fences, or escaped so that they
// neither format, nor link, nor mention anybody.
func renderMarkdown(out *bytes.Buffer, r answer.Report, _ layout.Style) error {
	r = plain(r)
	r.Diagnoses = r.ByGravity()
	out.WriteString(mdHead(r))
	for i, d := range r.Diagnoses {
		part := mdContainer(d, len(r.Diagnoses) > 1)
		if out.Len()+len(part) > MarkdownLimit {
			fmt.Fprintf(out, "\n_The details of %s did not fit here; report.html and report.json have them._\n",
				words.Count(len(r.Diagnoses)-i, "container"))
			break
		}
		out.WriteString(part)
	}
	fmt.Fprintf(out, "\n<sub>gwdoctor %s, %s. Secrets are masked by their form; look before you publish.</sub>\n",
		mdText(r.Tool.Version), layout.Stamp(r.GeneratedAt))
	return nil
}

// mdHead is the heading, the chains and, of several containers, the table.
func mdHead(r answer.Report) string {
	var w strings.Builder
	if len(r.Diagnoses) == 0 {
		return "## gwdoctor: nothing was diagnosed\n\nNo container was chosen, or none could be read.\n"
	}
	if len(r.Diagnoses) == 1 {
		return ""
	}
	failed := 0
	for _, d := range r.Diagnoses {
		if d.Failed() {
			failed++
		}
	}
	fmt.Fprintf(&w, "## gwdoctor: %d of %s failed\n\n", failed, words.Count(len(r.Diagnoses), "container"))
	for _, c := range r.Chains {
		w.WriteString(mdChain(c))
	}
	w.WriteString("| container | verdict | | summary |\n| --- | --- | --- | --- |\n")
	for i, d := range r.Diagnoses {
		if i == mdSummaryRows {
			fmt.Fprintf(&w, "| | | | %d more |\n", len(r.Diagnoses)-i)
			break
		}
		sure := percent(d.Verdict.Confidence)
		if d.Verdict.Kind == fact.VerdictUndetermined {
			sure = ""
		}
		fmt.Fprintf(&w, "| %s | %s | %s | %s |\n", mdCell(mdCode(clipped(d.Target.Name, layout.MaxName))),
			verdictWord(d.Verdict), mdCell(sure), mdText(clipped(oneSentence(r, d), 200)))
	}
	return w.String()
}

func mdChain(c answer.Chain) string {
	var w strings.Builder
	fmt.Fprintf(&w, "**The chain:** %s\n\n", mdText(c.Summary))
	for i, l := range c.Links {
		after := ""
		if i > 0 {
			after = ", " + words.Seconds(l.AfterSeconds) + " later"
		}
		fmt.Fprintf(&w, "%d. **%s** %s%s", i+1, roleWord(l.Role), mdCode(l.Name()), after)
		for _, s := range l.Steps {
			fmt.Fprintf(&w, "\n   - %s %s", s.At.UTC().Format(layout.ClockTime), mdText(s.What))
		}
		for _, b := range l.Because {
			fmt.Fprintf(&w, "\n   - %s", mdText(tieWords(b)))
			if b.PeerError != nil {
				fmt.Fprintf(&w, ": %s", mdCode(clipped(firstLine(b.PeerError.Excerpt), layout.MaxLiteral)))
			}
		}
		w.WriteString("\n")
	}
	return w.String() + "\n"
}

func mdContainer(d answer.Diagnosis, several bool) string {
	var w strings.Builder
	mark := "##"
	if several {
		mark = "\n###"
	}
	fmt.Fprintf(&w, "%s %s: %s\n\n", mark, mdCode(clipped(d.Target.Name, layout.MaxName)), verdictWord(d.Verdict))
	sure := ""
	if d.Verdict.Kind != fact.VerdictUndetermined {
		sure = " (" + mdText(sureness(d)) + ")"
	}
	fmt.Fprintf(&w, "**%s**%s\n\n", mdText(d.Verdict.Summary), sure)
	for i, link := range chain(d) {
		label := "How it ended"
		if i > 0 {
			label = "because"
		}
		fmt.Fprintf(&w, "- %s: %s\n", label, mdText(link))
	}
	if d.Death.At != nil {
		fmt.Fprintf(&w, "- at %s\n", layout.Stamp(*d.Death.At))
	}
	w.WriteString(mdFixes(d))
	w.WriteString(folded("Evidence and ranking", mdRanking(d)+mdEvidence(d)))
	w.WriteString(folded("What happened", mdTimeline(d)))
	if unseen := mdUnseen(d); unseen != "" {
		w.WriteString(folded("What could not be seen", unseen))
	}
	return w.String()
}

// folded hides a part behind its title. GitHub and GitLab render Markdown inside
// when blank lines surround it.
func folded(title, body string) string {
	return "\n<details><summary>" + title + "</summary>\n\n" + strings.TrimRight(body, "\n") + "\n\n</details>\n"
}

func mdFixes(d answer.Diagnosis) string {
	var w strings.Builder
	for i, f := range fixesOf(d) {
		body := mdText(f.Detail) + "\n\n"
		if f.Snippet != "" {
			body += mdFence(f.Language, f.Snippet)
		}
		if i == 0 {
			fmt.Fprintf(&w, "\n**What to do: %s.** %s", mdText(strings.TrimSuffix(f.Title, ".")), body)
			continue
		}
		w.WriteString(folded("Or: "+mdHTML(f.Title), body))
	}
	return w.String()
}

func mdRanking(d answer.Diagnosis) string {
	var w strings.Builder
	w.WriteString("| cause | likely | main fact |\n| --- | --- | --- |\n")
	for i, e := range ranked(d) {
		if i < 3 || shownAtOnce(e, i) {
			fmt.Fprintf(&w, "| %s | %s | %s |\n", mdText(e.ID), mdText(percent(e.Confidence)), mdText(clipped(e.Reason(), 300)))
		}
	}
	return w.String() + "\n"
}

func mdEvidence(d answer.Diagnosis) string {
	var w strings.Builder
	for i, e := range ranked(d) {
		if !shownAtOnce(e, i) || len(e.Findings) == 0 {
			continue
		}
		fmt.Fprintf(&w, "**%s** (%s)\n\n", mdText(e.Title), mdText(percent(e.Confidence)))
		for j, f := range e.Findings {
			if j == mdFindings {
				fmt.Fprintf(&w, "- %s not shown\n", words.Count(len(e.Findings)-j, "weaker fact"))
				break
			}
			fmt.Fprintf(&w, "- %s %s: %s <sub>%s</sub>\n", f.Says, mdText(decibans(f)), mdText(f.Summary), mdText(mdWhere(f)))
			if f.Excerpt != "" {
				w.WriteString("\n" + indented(mdFence("text", clippedBytes(f.Excerpt, mdExcerpt)), "  ") + "\n")
			}
		}
		w.WriteString("\n")
	}
	return w.String()
}

func mdWhere(f answer.Finding) string {
	where := sourceLine(f)
	if f.At != nil {
		where += ", " + f.At.UTC().Format(layout.ClockTime)
	}
	if !f.Counted {
		where += ", not counted"
	}
	return where
}

func mdTimeline(d answer.Diagnosis) string {
	zero, what := zeroOf(d)
	shown, before, after := around(d.Timeline, zero, maxMoments)
	shown = shown[max(0, len(shown)-mdMoments):]
	var w strings.Builder
	fmt.Fprintf(&w, "UTC; 0 s is %s, %s.", what, layout.Stamp(zero))
	if before+after > 0 {
		fmt.Fprintf(&w, " %d earlier and %d later moments are left out.", before, after)
	}
	w.WriteString("\n\n| time | | what |\n| --- | --- | --- |\n")
	for _, m := range shown {
		fmt.Fprintf(&w, "| %s | %s | %s (%s) |\n", m.At.UTC().Format(layout.ClockTime), mdText(relative(m.At.Sub(zero))),
			mdText(m.What), mdText(m.Source))
	}
	return w.String()
}

func mdUnseen(d answer.Diagnosis) string {
	var w strings.Builder
	for _, s := range d.Sources {
		if why := limit(s, d.Death.At); why != "" && !noneThere(s) {
			fmt.Fprintf(&w, "- %s: %s", mdText(s.Name), mdText(why))
			if s.Detail != "" {
				fmt.Fprintf(&w, "; %s", mdText(s.Detail))
			}
			if s.Command != "" {
				fmt.Fprintf(&w, "; %s", mdCode(s.Command))
			}
			w.WriteString("\n")
		}
	}
	var masked []string
	for _, m := range d.Masked {
		masked = append(masked, fmt.Sprintf("%s (%d)", m.Kind, m.Count))
	}
	if len(masked) > 0 {
		fmt.Fprintf(&w, "- masked: %s\n", mdText(strings.Join(masked, ", ")))
	}
	return w.String()
}

// mdEscapes are the characters that format anywhere in a line.
var mdEscapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `|`, `\|`, `~`, `\~`, `$`, `\$`,
	`&`, `&amp;`, `<`, `&lt;`, `>`, `&gt;`,
)

// mdLinks is what GitHub turns into a link or a mention inside plain text, whatever
// is escaped: @name, #123, an address. A comment in the middle keeps it text.
var mdLinks = lazyregexp.New(`(?i)@|#\d|://|\bwww\.|\bGH-\d|\bmailto:|\bxmpp:`)

// mdLead would begin a heading, a list or a rule at the start of a line.
var mdLead = lazyregexp.New(`^\s*(?:[#+=-]|\d+[.)])`)

// mdText makes a one-line text plain in a paragraph or a cell.
func mdText(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = mdEscapes.Replace(s)
	s = mdLinks().ReplaceAllStringFunc(s, func(m string) string {
		cut := 1
		if m[0] != '@' && m[0] != '#' && m[0] != ':' {
			cut = len(m) - 1
		}
		return m[:cut] + "<!-- -->" + m[cut:]
	})
	if lead := mdLead().FindString(s); lead != "" {
		last := len(lead) - 1
		s = lead[:last] + `\` + s[last:]
	}
	return s
}

// mdHTML makes a text plain inside an HTML element.
func mdHTML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", " ", "@", "@<!-- -->").Replace(s)
}

// mdCode puts a text into a code span, whose fence is longer than any within.
func mdCode(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if strings.TrimSpace(s) == "" {
		return "` `"
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' {
		s = " " + s + " "
	}
	return fence + s + fence
}

// mdCell keeps a code span inside a table's cell: there a bar ends the cell even
// within code, unless it is escaped (GFM 4.10).
func mdCell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// mdFence puts lines into a fenced block.
func mdFence(language, s string) string {
	fence := strings.Repeat("`", max(3, longestRun(s)+1))
	return fence + language + "\n" + strings.TrimRight(s, "\n") + "\n" + fence + "\n"
}

func longestRun(s string) int {
	longest, run := 0, 0
	for _, c := range []byte(s) {
		if run++; c != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

func indented(s, by string) string {
	return by + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+by) + "\n"
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// clipped cuts a clean text to a number of runes.
func clipped(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

func clippedBytes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
