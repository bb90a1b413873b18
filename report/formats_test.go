package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// in renders a report in one format.
func in(format string) func(*bytes.Buffer, answer.Report) error {
	return func(w *bytes.Buffer, r answer.Report) error { return Write(w, format, r, layout.Style{}) }
}

var markdownOut, junitOut, githubOut, codeQualityOut, htmlOut = in("markdown"), in("junit"), in("github"),
	in("code-quality"), in("html")

func sarifOut(w *bytes.Buffer, r answer.Report) error { return sarifReport(w, r, sampleRules()) }

func sampleRules() []answer.ExplainedCause {
	return []answer.ExplainedCause{
		{Number: 1, ID: "oom-kill", Title: "Killed for lack of memory", Symptom: "it dies", Reason: "memory",
			Fixes: []answer.Fix{{Title: "Raise", Detail: "the limit", Snippet: "mem_limit: 128m\n", Language: "yaml"}}},
		{Number: 9, ID: "healthcheck-failure", Title: "The health check failed"},
	}
}

// gfm renders Markdown as GitHub does: its dialect, raw HTML passed through.
func gfm(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(gmhtml.WithUnsafe()))
	if err := md.Convert([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var markdownElements = strings.Fields("html head body h2 h3 p strong table thead tbody tr th td ol ul li code pre " +
	"details summary sub em br")

// TestHostileMarkdown renders poisoned reports: no link, no image, no element of a
// stranger, no mention in running text, and every folded part closed.
func TestHostileMarkdown(t *testing.T) {
	for _, poison := range poisons {
		text := rendered(t, hostileReport(poison), markdownOut)
		if i := strings.IndexFunc(text, terminalObeys); i >= 0 {
			t.Errorf("%.40q: the text holds %q", poison, text[i:min(len(text), i+20)])
		}
		page := gfm(t, text)
		marks, tables := 0, map[*html.Node]int{}
		elements(t, page, func(n *html.Node) {
			switch n.Type {
			case html.TextNode:
				marks += strings.Count(n.Data, "MARK")
				if mention.MatchString(n.Data) && !within(n, "code") {
					t.Errorf("%.40q: running text mentions somebody: %.80q", poison, n.Data)
				}
			case html.ElementNode:
				if !slices.Contains(markdownElements, n.Data) {
					t.Errorf("%.40q makes an element %q", poison, n.Data)
				}
				for _, a := range n.Attr {
					if a.Key != "class" || !strings.HasPrefix(a.Val, "language-") {
						t.Errorf("%.40q makes an attribute %s=%q", poison, a.Key, a.Val)
					}
				}
				if n.Data == "tr" {
					columns := 0
					for c := range n.ChildNodes() {
						if c.Type == html.ElementNode {
							columns++
						}
					}
					table := n.Parent.Parent
					if tables[table] == 0 {
						tables[table] = columns
					}
					if tables[table] != columns {
						t.Errorf("%.40q: a row of %d cells in a table of %d", poison, columns, tables[table])
					}
				}
			}
		})
		if marks < 20 || len(tables) < 4 {
			t.Errorf("%.40q: its text stands %d times, %d tables", poison, marks, len(tables))
		}
		if open, shut := strings.Count(page, "<details>"), strings.Count(page, "</details>"); open == 0 || open != shut {
			t.Errorf("%.40q: %d parts opened, %d closed", poison, open, shut)
		}
	}
}

// TestMarkdownCellsAreWhole: a bar in a name ends no cell, in a code span neither.
// GFM drops what is beyond the last column, so counting cells shows nothing.
func TestMarkdownCellsAreWhole(t *testing.T) {
	r := chained()
	r.Diagnoses[0].Target.Name, r.Diagnoses[0].Verdict.Summary = "a|b`c|d", "x | y || z"
	var cells []string
	elements(t, gfm(t, rendered(t, r, markdownOut)), func(n *html.Node) {
		if n.Data == "td" && len(cells) < 4 {
			text := ""
			for c := range n.Descendants() {
				if c.Type == html.TextNode {
					text += c.Data
				}
			}
			cells = append(cells, text)
		}
	})
	if want := []string{"a|b`c|d", "CAUSE", "98 %", "x | y || z"}; !slices.Equal(cells, want) {
		t.Errorf("cells %q, want %q", cells, want)
	}
}

// mention is what GitHub would make a link of in a text node.
var mention = regexp.MustCompile(`@\w|#\d|://|www\.`)

func within(n *html.Node, element string) bool {
	for ; n != nil; n = n.Parent {
		if n.Data == element {
			return true
		}
	}
	return false
}

// TestMarkdownFitsAComment: GitHub takes 65,536 characters, whatever went wrong.
func TestMarkdownFitsAComment(t *testing.T) {
	many := make([]answer.Diagnosis, 300)
	for i := range many {
		many[i] = oomDiagnosis()
	}
	text := rendered(t, reportOf(many...), markdownOut)
	if len(text) > 65_536 || len(text) < 30_000 {
		t.Errorf("%d bytes", len(text))
	}
	if !strings.Contains(text, "did not fit here") || !strings.Contains(text, "200 more") {
		t.Error("it does not say what was left out")
	}
}

func TestMarkdownSaysTheAnswerFirst(t *testing.T) {
	r := chained()
	text := rendered(t, r, markdownOut)
	last := -1
	for _, want := range []string{"## gwdoctor: 2 of 3 containers failed", "**The chain:** redis fell first",
		"1. **FIRST** `redis`", "2. **SUFFERED** `gateway`, 2.4 s later", "| `shop-redis-1` | CAUSE | 98 %",
		"### `shop-redis-1`: CAUSE", "**What to do: Raise the memory limit"} {
		i := strings.Index(text, want)
		if i <= last {
			t.Errorf("%q stands at %d, after %d", want, i, last)
		}
		last = i
	}
	if t.Failed() {
		t.Log(text)
	}
}

// TestJUnitFitsTheSchema holds plain and poisoned results against Jenkins' schema
// with a real validator.
func TestJUnitFitsTheSchema(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("no xmllint here (Debian: libxml2-utils)")
	}
	for _, poison := range append([]string{""}, poisons...) {
		doc := rendered(t, hostileReport(poison), junitOut)
		path := filepath.Join(t.TempDir(), "junit.xml")
		if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(xmllint, "--noout", "--schema", "testdata/schema/jenkins-junit.xsd",
			path).CombinedOutput(); err != nil {
			t.Errorf("%.40q: %s", poison, out)
		}
	}
}

// TestJUnitIsReadBack: counts, names and the texts survive an XML parser.
func TestJUnitIsReadBack(t *testing.T) {
	for _, poison := range poisons {
		var back struct {
			Failures int `xml:"failures,attr"`
			Tests    int `xml:"tests,attr"`
			Suites   []struct {
				Cases []struct {
					Name    string `xml:"name,attr"`
					Failure *struct {
						Message string `xml:"message,attr"`
						Type    string `xml:"type,attr"`
						Text    string `xml:",chardata"`
					} `xml:"failure"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal([]byte(rendered(t, hostileReport(poison), junitOut)), &back); err != nil {
			t.Fatalf("%.40q: %v", poison, err)
		}
		if back.Tests != 3 || back.Failures != 2 {
			t.Errorf("%.40q: %d tests, %d failures", poison, back.Tests, back.Failures)
		}
		for _, s := range back.Suites {
			for _, c := range s.Cases {
				if f := c.Failure; !strings.Contains(c.Name, "MARK") || f != nil &&
					(!strings.Contains(f.Message, "MARK") || !strings.Contains(f.Text, "UNSEEN") || f.Type == "") {
					t.Errorf("%.40q: test %q: %+v", poison, c.Name, f)
				}
			}
		}
	}
}

// TestSARIFFitsTheSchema holds plain and poisoned results against OASIS' schema.
func TestSARIFFitsTheSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("testdata/schema/sarif-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, poison := range append([]string{""}, poisons...) {
		doc := rendered(t, hostileReport(poison), sarifOut)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%.40q: %v", poison, err)
		}
	}
	bad, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(rendered(t, chained(), sarifOut),
		`"level": "error"`, `"level": "awful"`, 1)))
	if err != nil || schema.Validate(bad) == nil {
		t.Errorf("the schema accepts a level that does not exist (%v)", err)
	}
}

// TestSARIFHasRulesAndPlaces: each result has its rule with help, a place that
// GitHub accepts, and a fingerprint of its own.
func TestSARIFHasRulesAndPlaces(t *testing.T) {
	doc, err := sarif.FromString(rendered(t, chained(), sarifOut))
	if err != nil {
		t.Fatal(err)
	}
	run := doc.Runs[0]
	prints := map[string]bool{}
	for _, result := range run.Results {
		rule := run.Tool.Driver.Rules[result.RuleIndex]
		if *rule.ID != *result.RuleID || rule.Help == nil || *rule.Help.Text == "" || *rule.Name == *rule.ID {
			t.Errorf("result %s has rule %s", *result.RuleID, *rule.ID)
		}
		if uri := result.Locations[0].PhysicalLocation.ArtifactLocation.URI; uri == nil || *uri == "" ||
			strings.HasPrefix(*uri, "/") {
			t.Errorf("place %v", uri)
		}
		prints[result.PartialFingerprints["gwdoctor/v1"]] = true
	}
	if len(run.Results) != 2 || len(prints) != 2 {
		t.Errorf("%d results, %d fingerprints", len(run.Results), len(prints))
	}
}

// TestHostileAnnotations: as many commands as failed containers and chains, one a
// line, whatever the texts say.
func TestHostileAnnotations(t *testing.T) {
	form := regexp.MustCompile(`^::(error|warning) title=[^,:]*::.*$`)
	for _, poison := range append([]string{""}, poisons...) {
		out := rendered(t, hostileReport(poison), githubOut)
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if len(lines) != 3 {
			t.Errorf("%.40q: %d commands", poison, len(lines))
		}
		for _, line := range lines {
			if !form.MatchString(line) || strings.ContainsAny(line, "\r\x1b") || strings.Contains(line, "##[") {
				t.Errorf("%.40q: %q", poison, line)
			}
		}
	}
}

func TestHostileCodeQuality(t *testing.T) {
	for _, poison := range poisons {
		var issues []codeQualityIssue
		if err := json.Unmarshal([]byte(rendered(t, hostileReport(poison), codeQualityOut)), &issues); err != nil {
			t.Fatal(err)
		}
		if len(issues) != 2 || issues[0].Fingerprint == issues[1].Fingerprint ||
			!strings.Contains(issues[0].Description, "MARK") || issues[0].Severity != "critical" ||
			issues[0].Location.Lines.Begin != 1 {
			t.Errorf("%.40q: %+v", poison, issues)
		}
	}
	if out := rendered(t, reportOf(), codeQualityOut); out != "[]\n" {
		t.Errorf("nothing failed: %q", out)
	}
}
