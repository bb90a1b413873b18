package sanitize

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Syntax is what an output is written in. It decides how a command to a CI runner
// that a stranger wrote into a log or a name is broken up on its way out.
type Syntax string

// The syntaxes.
const (
	Prose    Syntax = "prose" // for people, perhaps with colour
	Markdown Syntax = "markdown"
	HTML     Syntax = "html"
	XML      Syntax = "xml"
	JSON     Syntax = "json"
	Commands Syntax = "commands" // GitHub's workflow commands: each line is one, and ours
)

// Write is the one way out for everything that this package writes. Nobody can know
// whose log standard output ends in (the variable that tells of a CI job may be
// missing in a container of it), so commands are broken up always.
func (s Syntax) Write(w io.Writer, text []byte) error {
	if s == JSON {
		text = printable(text)
	}
	_, err := w.Write(s.WithoutCommands(text))
	return err
}

// maxMessage is how many runes of such a line are shown.
const maxMessage = 1000

// Message writes lines for a person beside a result, such as errors and hints. Their
// texts come from strangers, too.
func Message(w io.Writer, lines ...string) error {
	var out bytes.Buffer
	for _, line := range lines {
		out.WriteString(Clean(line, maxMessage) + "\n")
	}
	return Prose.Write(w, out.Bytes())
}

// Inert is [Clean] for a text that another writer puts on a line: without commands to a CI runner.
func Inert(s string, limit int) string { return string(Prose.WithoutCommands([]byte(Clean(s, limit)))) }

// ciCommand finds what a CI runner obeys in the text of its log, and in it the
// character at which it is broken up:
//
//	::error::                     GitHub, after blanks at the start of a line (runner ActionCommand.TryParseV2)
//	##[error] ##vso[task.x]       GitHub's older form and Azure, anywhere in a line (its agent's Command.TryParse)
//	##teamcity[buildStop]         TeamCity service messages
//	section_start:1:name          GitLab's sections
//	travis_fold:start:x           Travis CI's folds, travis_time: its timers
//	--- +++ ~~~ ^^^ +++           Buildkite's groups, at the start of a line
//
// Escape sequences of colour before one do not save a runner that strips them first.
var ciCommand = lazyregexp.New(`(?m)^(?:[ \t]|\x1b\[[\d;]*m)*(:):|^(?:\x1b\[[\d;]*m)*(-)--(?:[ \t\r]|$)|^(?:\x1b\[[\d;]*m)*(\+)\+\+(?:[ \t\r]|$)|` +
	`^(?:\x1b\[[\d;]*m)*(~)~~(?:[ \t\r]|$)|^(?:\x1b\[[\d;]*m)*(\^)\^\^(?:[ \t\r]|$)|(#)#[A-Za-z]*\[|section(_)(?:start|end):|travis(_)(?:fold|time):`)

// commandMarks are texts of which each command has one. Nearly all texts have none.
var commandMarks = [][]byte{[]byte("::"), []byte("##"), []byte("section_"), []byte("travis_"), []byte("---"),
	[]byte("+++"), []byte("~~~"), []byte("^^^")}

// WithoutCommands breaks up the commands in a text. In XML, HTML and JSON a
// character is written in another way that means the same; elsewhere a blank does it.
func (s Syntax) WithoutCommands(text []byte) []byte {
	var marks [][]byte // that stand in it at all
	for _, m := range commandMarks {
		if bytes.Contains(text, m) {
			marks = append(marks, m)
		}
	}
	if len(marks) == 0 {
		return text
	}
	out := make([]byte, 0, len(text)+len(text)/64)
	for line := range bytes.Lines(text) { // the expression is slow, and most lines need it not
		if slices.ContainsFunc(marks, func(m []byte) bool { return bytes.Contains(line, m) }) {
			out = s.breakUp(out, line)
		} else {
			out = append(out, line...)
		}
	}
	return out
}

// breakUp appends a line without its commands.
func (s Syntax) breakUp(out, line []byte) []byte {
	from := 0
	for _, m := range ciCommand().FindAllSubmatchIndex(line, -1) {
		at := brokenAt(m)
		if s == Commands && line[at] == ':' {
			continue
		}
		out = append(append(out, line[from:at]...), s.instead(line[at])...)
		from = at + 1
	}
	return append(out, line[from:]...)
}

// brokenAt is where the one group of a match stands that took part in it.
func brokenAt(match []int) int {
	for i := 2; i < len(match); i += 2 {
		if match[i] >= 0 {
			return match[i]
		}
	}
	return match[0]
}

// instead is what is written for the character at which a command is broken up.
func (s Syntax) instead(c byte) string {
	switch {
	case s == JSON:
		return fmt.Sprintf(`\u%04x`, c)
	case s == HTML || s == XML:
		return fmt.Sprintf("&#%d;", c)
	case c == '-' || c == '+' || c == '~' || c == '^':
		return " " + string(c)
	}
	return string(c) + " "
}
