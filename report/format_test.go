package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// A check says what is wrong with a format; nothing is right. Each has a test of its
// own that ranges over the table, and TestARawFormatIsCaught proves that it can fail.
type check func(Format) []string

var checks = map[string]check{
	"control characters": obeyed, "shape": misshapen, "CI commands": commanding, "huge texts": oversized,
}

func TestFormatsAreInert(t *testing.T)           { everyFormat(t, obeyed) }
func TestFormatsKeepTheirShape(t *testing.T)     { everyFormat(t, misshapen) }
func TestFormatsCommandNoRunner(t *testing.T)    { everyFormat(t, commanding) }
func TestFormatsCutHugeTexts(t *testing.T)       { everyFormat(t, oversized) }
func TestFormatsReturnWriteErrors(t *testing.T)  { everyFormat(t, careless) }
func TestFormatsLeaveTheViewAlone(t *testing.T)  { everyFormat(t, meddling) }
func TestFormatsShowWhatTheyDefuse(t *testing.T) { everyFormat(t, hiding) }

func everyFormat(t *testing.T, c check) {
	t.Helper()
	for _, f := range Formats() {
		for _, fault := range c(f) {
			t.Errorf("%s: %s", f.Name, fault)
		}
	}
}

// TestARawFormatIsCaught: a format that prints strangers' bytes as they are fails
// every check, whatever syntax it claims.
func TestARawFormatIsCaught(t *testing.T) {
	for _, syntax := range []sanitize.Syntax{sanitize.Prose, sanitize.Markdown, sanitize.HTML, sanitize.XML, sanitize.JSON,
		sanitize.Commands} {
		raw := Format{Name: "raw " + string(syntax), Syntax: syntax,
			render: func(w *bytes.Buffer, r answer.Report, _ layout.Style) error {
				for _, d := range r.Diagnoses {
					w.WriteString(d.Target.Name + "\n" + d.Verdict.Summary + "\n" + d.Target.Image + "\n")
				}
				return nil
			}}
		for name, c := range checks {
			if name == "CI commands" { // these are broken up on the way out, whoever renders
				continue
			}
			if len(c(raw)) == 0 {
				t.Errorf("%s passes the check for %s", raw.Name, name)
			}
		}
	}
}

// TestARawWayOutIsCaught: what went around [sanitize.Syntax.Write] would be seen.
func TestARawWayOutIsCaught(t *testing.T) {
	for _, payload := range ciPayloads {
		if len(commands(sanitize.Prose, payload)) == 0 {
			t.Errorf("%q is not seen as a command", payload)
		}
	}
}

// written renders a report, and what is wrong with that.
func written(f Format, r answer.Report, s layout.Style) (out, fault string) {
	var buf bytes.Buffer
	if err := f.Write(&buf, r, s); err != nil {
		return "", err.Error()
	}
	return buf.String(), ""
}

// hostile renders a report of poisoned texts, each but once.
func hostile(f Format, poison string) string {
	key := f.Name + "\x00" + poison
	if out, ok := hostiles[key]; ok {
		return out
	}
	out, fault := written(f, hostileReport(poison), layout.Style{Verbose: true})
	hostiles[key] = out + fault
	return out + fault
}

var hostiles = map[string]string{}

// obeyed finds what a terminal would act upon.
func obeyed(f Format) (faults []string) {
	for _, poison := range poisons {
		out := hostile(f, poison)
		if f.Syntax == sanitize.XML {
			out = regexp.MustCompile(`(?m)^\t+`).ReplaceAllString(out, "") // its library indents with tabs
		}
		if i := strings.IndexFunc(out, terminalObeys); i >= 0 {
			faults = append(faults, fmt.Sprintf("%.40q: the output holds %q", poison, out[i:min(len(out), i+20)]))
		}
		if !utf8.ValidString(out) {
			faults = append(faults, fmt.Sprintf("%.40q: the output is no UTF-8", poison))
		}
	}
	return faults
}

// hiding finds texts that are lost instead of being made harmless.
func hiding(f Format) (faults []string) {
	for _, poison := range poisons {
		if n := strings.Count(hostile(f, poison), "MARK"); n < 2 {
			faults = append(faults, fmt.Sprintf("%.40q: its text stands %d times", poison, n))
		}
	}
	return faults
}

// misshapen finds documents that a text made into another kind of document: with
// elements that the same report has not when its texts are harmless.
func misshapen(f Format) (faults []string) {
	known := map[string]bool{}
	if fault := parts(f.Syntax, hostile(f, "MARK"), func(part string) { known[part] = true }); fault != "" {
		return []string{fault}
	}
	for _, poison := range poisons {
		fault := parts(f.Syntax, hostile(f, poison), func(part string) {
			if !known[part] {
				faults = append(faults, fmt.Sprintf("%.40q makes %s", poison, part))
			}
		})
		if fault != "" {
			faults = append(faults, fmt.Sprintf("%.40q: %s", poison, fault))
		}
	}
	return faults
}

// annotation is a workflow command of this program.
var annotation = regexp.MustCompile(`^::(?:error|warning) title=[^,:]*::.*$`)

// parts names what a document is made of; it returns why it is none of its syntax.
func parts(s sanitize.Syntax, doc string, part func(string)) (fault string) {
	switch s {
	case sanitize.JSON:
		return jsonParts(doc)
	case sanitize.XML:
		return xmlParts(doc, part)
	case sanitize.HTML:
		return htmlParts(doc, part)
	case sanitize.Markdown:
		var page bytes.Buffer
		md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(gmhtml.WithUnsafe()))
		if err := md.Convert([]byte(doc), &page); err != nil {
			return err.Error()
		}
		return htmlParts(page.String(), part)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(doc, "\n"), "\n") {
		switch {
		case s == sanitize.Commands && !annotation.MatchString(line):
			part("a line that is no command: " + line)
		case s == sanitize.Prose && strings.HasPrefix(line, "FAKE"):
			part("a line of its own: " + line)
		}
	}
	return ""
}

func jsonParts(doc string) string {
	decoder := json.NewDecoder(strings.NewReader(doc))
	var v any
	if err := decoder.Decode(&v); err != nil {
		return "it is no JSON: " + err.Error()
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return "more stands after the document"
	}
	return ""
}

func xmlParts(doc string, part func(string)) string {
	decoder := xml.NewDecoder(strings.NewReader(doc))
	for seen := false; ; seen = true {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && seen {
			return ""
		}
		if err != nil {
			return "it is no XML: " + err.Error()
		}
		if start, ok := token.(xml.StartElement); ok {
			part("element " + start.Name.Local)
			for _, a := range start.Attr {
				part("attribute " + start.Name.Local + " " + a.Name.Local)
			}
		}
	}
}

func htmlParts(doc string, part func(string)) string {
	root, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		return err.Error()
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		part("element " + n.Data)
		for _, a := range n.Attr {
			part("attribute " + n.Data + " " + a.Key)
		}
	}
	return ""
}

// ciPayloads are commands to CI runners, as a stranger may write them into a log.
var ciPayloads = []string{
	"::error::MARK", "::set-output name=x::MARK", " \t::add-mask::MARK", "::stop-commands::MARK", "##[error]MARK",
	"x ##[group]MARK", "##[add-path]MARK",
	"##vso[task.setvariable variable=x]MARK", "x ##vso[task.complete result=Failed;]MARK",
	"##VSO[task.logissue type=error]MARK", "##[section]MARK",
	"##teamcity[buildStop comment='MARK']", "x ##teamcity[publishArtifacts '/etc/MARK']",
	"section_start:1:MARK[collapsed=true]", "x section_end:1:MARK",
	"travis_fold:start:MARK", "travis_time:end:MARK", "--- MARK", "+++ MARK", "~~~ MARK", "^^^ +++ MARK", "---",
}

// commandingTexts hold every command on a line of its own and within one, and those
// that count at the start of a line behind so many words that wrapping moves them there.
func commandingTexts() []string {
	texts := []string{strings.Join(ciPayloads, "\n"), "MARK\n" + strings.Join(ciPayloads, "\nMARK\n") + "\n"}
	texts = append(texts, ciPayloads...)
	for width := range 12 {
		texts = append(texts, strings.Repeat("words ", width+4)+"::error::MARK --- MARK")
	}
	return texts
}

// commanding finds lines that a CI runner would obey.
func commanding(f Format) (faults []string) {
	styles, texts := []layout.Style{{}}, commandingTexts()
	switch f.Syntax {
	case sanitize.Prose:
		styles = append(styles, layout.Style{Color: true, Verbose: true, Width: 60})
	case sanitize.HTML, sanitize.XML, sanitize.JSON, sanitize.Commands: // nothing is wrapped
		texts = texts[:2]
	}
	for _, text := range texts {
		for _, s := range styles {
			out, fault := written(f, hostileReport(text), s)
			for _, c := range append(commands(f.Syntax, out), strings.Fields(fault)...) {
				faults = append(faults, fmt.Sprintf("%.60q: %.80q", text, c))
			}
		}
	}
	return faults
}

var (
	colours = regexp.MustCompile(`\x1b\[[\d;]*m`)
	inLine  = regexp.MustCompile(`(?i)##\[|##vso\[|##teamcity\[|section_(?:start|end):|travis_(?:fold|time):`)
	groups  = regexp.MustCompile(`^(?:---|\+\+\+|~~~|\^\^\^)(?:\s|$)`)
)

// commands lists the lines that some CI runner would obey. It knows nothing of
// [ciCommand]: it is written from what each runner looks for.
func commands(s sanitize.Syntax, text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		plain := colours.ReplaceAllString(line, "")
		github := strings.HasPrefix(strings.TrimSpace(plain), "::") &&
			!(s == sanitize.Commands && annotation.MatchString(line))
		if github || inLine.MatchString(plain) || groups.MatchString(plain) {
			list = append(list, line)
		}
	}
	return list
}

// oversized finds outputs that do not open: excerpts of 10 MB must be cut. What
// programs read keeps them whole.
func oversized(f Format) []string {
	if f.Whole {
		return nil
	}
	out, fault := written(f, hugeReport(), layout.Style{})
	if len(out) > 300_000 || fault != "" {
		return []string{fmt.Sprintf("%d bytes %s", len(out), fault)}
	}
	return nil
}

// failing is a writer on a full disk, and counts what was tried.
type failing struct{ writes int }

func (f *failing) Write([]byte) (int, error) {
	f.writes++
	return 0, io.ErrShortWrite
}

// careless finds writers that hide an error or go on after one.
func careless(f Format) []string {
	var w failing
	if err := f.Write(&w, chained(), layout.Style{}); !errors.Is(err, io.ErrShortWrite) || w.writes != 1 {
		return []string{fmt.Sprintf("a failed write gives %v after %d writes", err, w.writes)}
	}
	return nil
}

// meddling finds renderers that change the report that they are given.
func meddling(f Format) []string {
	view := func(r answer.Report) string {
		out, err := json.Marshal(r)
		return fmt.Sprint(string(out), err)
	}
	r := chained()
	before := view(r)
	if _, fault := written(f, r, layout.Style{}); fault != "" || view(r) != before {
		return []string{"it changed the report " + fault}
	}
	return nil
}

// TestOwnWordsAreNoCommands: breaking up finds nothing in a report of harmless
// texts, so that style and script of the page stay what its policy hashed.
func TestOwnWordsAreNoCommands(t *testing.T) {
	for _, f := range Formats() {
		var buf bytes.Buffer
		if err := f.render(&buf, chained(), layout.Style{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		if got := f.Syntax.WithoutCommands(buf.Bytes()); !bytes.Equal(got, buf.Bytes()) {
			t.Errorf("%s changed on its way out", f.Name)
		}
	}
}
