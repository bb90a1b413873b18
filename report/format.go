package report

import (
	"bytes"
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// Format is a form of a report on containers.
type Format struct {
	Name   string // value of --format
	About  string // in a few words
	File   string // its name in the folder of --output-dir; "" = it is not in there
	In     string // the CI whose jobs alone get the file, such as "gitlab"; "" = all
	Syntax sanitize.Syntax
	Whole  bool // texts of any length are kept: programs read it

	render func(*bytes.Buffer, answer.Report, layout.Style) error
}

// Names of formats that the commands themselves ask for.
const (
	FormatText     = "text"
	FormatJSON     = "json"
	FormatMarkdown = "markdown"
	FormatGitHub   = "github"
)

// CIs for which something is done, as values of [Format.In].
const (
	GitHub = "github"
	GitLab = "gitlab"
)

// formats is the one list of them; the first is the default. The values of --format
// and their completion, the folder of --output-dir, the documentation, and the tests
// for hostile, secret and huge texts and for writers that fail range over it.
var formats = []Format{
	{Name: FormatText, About: "for a terminal", Syntax: sanitize.Prose, render: renderText},
	{Name: FormatJSON, About: "for scripts, and for `gwdoctor report`", File: "report.json", Syntax: sanitize.JSON,
		Whole: true, render: renderJSON},
	{Name: "html", About: "one page with pictures; loads nothing from anywhere", File: "report.html",
		Syntax: sanitize.HTML, render: renderHTML},
	{Name: FormatMarkdown, About: "fits a comment on GitHub or GitLab", File: "report.md", Syntax: sanitize.Markdown,
		render: renderMarkdown},
	{Name: "junit", About: "test results: a container is a test", File: "junit.xml", Syntax: sanitize.XML,
		render: renderJUnit},
	{Name: "sarif", About: "code scanning", File: "gwdoctor.sarif", Syntax: sanitize.JSON, render: renderSARIF},
	{Name: "brief", About: "six lines for a chat or an e-mail", Syntax: sanitize.Prose, render: renderBrief},
	{Name: "slack", About: "a message for a Slack webhook (Block Kit)", Syntax: sanitize.JSON, render: renderSlack},
	{Name: FormatGitHub, About: "workflow commands of a GitHub job", Syntax: sanitize.Commands, render: renderGitHub},
	{Name: "code-quality", About: "GitLab's merge request view", File: "gl-code-quality-report.json", In: GitLab,
		Syntax: sanitize.JSON, render: renderCodeQuality},
}

// Formats lists all forms of a report, the default first.
func Formats() []Format { return append([]Format{}, formats...) }

// FormatNames lists the values of --format, the default first.
func FormatNames() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return names
}

// Write writes a report in the form of that name. It writes everything at once, or
// nothing: a report that fails half-way leaves no half of a document behind.
func Write(w io.Writer, name string, r answer.Report, s layout.Style) error {
	for _, f := range formats {
		if f.Name == name {
			return f.Write(w, r, s)
		}
	}
	return fmt.Errorf("no format %q", name)
}

// Write writes a report in this form; see [Write].
func (f Format) Write(w io.Writer, r answer.Report, s layout.Style) error {
	var buf bytes.Buffer
	if err := f.render(&buf, r, s); err != nil {
		return fmt.Errorf("render %s: %w", f.Name, err)
	}
	return f.Syntax.Write(w, buf.Bytes())
}
