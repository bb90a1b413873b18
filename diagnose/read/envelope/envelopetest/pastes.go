package envelopetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"strings"
)

// Pastes are the ways in which a person puts a single line into an issue, a mail, a chat or a program's text. Each
// stands around every line by itself, so nothing can be learned from the others.
func Pastes() []Framing {
	var list []Framing
	for name, around := range map[string][2]string{
		"quoted": {"> ", ""}, "quoted without a blank": {">", ""}, "quoted in a mail's quotation": {">> ", ""},
		"quoted thrice": {"> > > ", ""}, "back-ticks": {"`", "`"}, "back-ticks, comma": {"`", "`,"},
		"two back-ticks": {"`` ", " ``"}, "three back-ticks": {"```", "```"}, "bullet": {"- ", ""}, "star": {"* ", ""},
		"bullet, back-ticks": {"- `", "`"}, "dot, back-ticks": {"• `", "`"}, "numbered": {"1. ", ""},
		"numbered, back-ticks": {"2) `", "`"}, "bold": {"**", "**"}, "indented bullet in a quotation": {"> - ", ""},
		"Jira code": {"{code}", "{code}"}, "Jira code, language": {"{code:java}", "{code}"},
		"Jira noformat": {"{noformat}", "{noformat}"}, "Jira monospaced": {"{{", "}}"},
		"table cell": {"| ", " |"}, "table row": {"| 1 | gateway | ", " |"}, "table, back-ticks": {"| `", "` |"},
		"table, time": {"| 2026-11-23 09:06:15 | ", " | yes |"}, "YAML item": {"- ", ""},
		"YAML block": {"log: |\n  ", ""}, "YAML block, folded": {"  message: >-\n      ", ""},
		"YAML key": {"message: ", ""}, "Teams": {"[9:41 AM] Jane Doe: ", ""}, "WhatsApp": {"[23.11.26, 09:41:12] Jane: ", ""},
		"Slack": {"jane  9:41 AM\n", ""}, "Slack, back-ticks": {"jane.doe  [9:41 AM]\n`", "`"},
		"details": {"<details><summary>log</summary>\n\n", "\n</details>"}, "smart quotes": {"“", "”"},
		"guillemets": {"« ", " »"}, "diff": {"+ ", ""}, "comment": {"// ", ""}, "hash": {"# ", ""},
		"white space of a page": {"\u00a0\u00a0", "\u200b"}, "a bar": {"gateway | ", ""},
		"after words": {"Hello,\n\nthis is all that we see:\n\n> ", "\n\nAny idea?\nJane"},
		"in a fence":  {"```\n", "\n```"},
	} {
		list = append(list, Framing{Name: name, Frame: each(func(e Entry) string { return around[0] + e.Text + around[1] })})
	}
	list = append(list, Framing{Name: "spaces of a page", Frame: each(func(e Entry) string {
		return strings.ReplaceAll(e.Text, " ", "\u00a0")
	})})
	return append(list, literals()...)
}

// literals are strings of programs' texts and of documents.
func literals() []Framing {
	escaped := func(text string) string {
		b := objectOf([]any{"", text})
		return string(bytes.TrimSuffix(bytes.TrimPrefix(b, []byte(`{"":"`)), []byte(`"}`)))
	}
	python := func(text string) string {
		return strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\t", `\t`).Replace(text)
	}
	list := []Framing{
		{Name: "YAML quoted", Frame: each(func(e Entry) string {
			return "  message: '" + strings.ReplaceAll(e.Text, "'", "''") + "'"
		})},
		{Name: "XML with its time", Frame: each(func(e Entry) string {
			return fmt.Sprintf("<entry level=\"3\"><time>%s</time><msg>%s</msg></entry>",
				e.At.Format(nanos), html.EscapeString(e.Text))
		})},
		{Name: "XML, CDATA", Frame: each(func(e Entry) string { return "<log><![CDATA[" + e.Text + "]]></log>" })},
		{Name: "table of HTML", Frame: each(func(e Entry) string {
			return "<tr><td>7</td><td class=\"m\">" + html.EscapeString(e.Text) + "</td></tr>"
		})},
	}
	for name, around := range map[string][2]string{"msg": {"<msg>", "</msg>"}, "code": {"<code>", "</code>"},
		"code in a paragraph": {"<p><code>", "</code></p>"}, "item": {"<li>", "</li>"}, "line break": {"", "<br/>"},
		"pre with a class": {`<pre class="log">`, "</pre>"}} {
		list = append(list, Framing{Name: "HTML " + name, Frame: each(func(e Entry) string {
			return around[0] + html.EscapeString(e.Text) + around[1]
		})})
	}
	for name, around := range map[string][2]string{"": {`"`, `"`}, ", line end": {`"`, `\n"`}, " of a list": {`  "`, `",`},
		" of a member": {`"log": "`, `\n",`}, ", escaped twice": {`{\"log\":\"`, `\"}`}} {
		list = append(list, Framing{Name: "JSON string" + name, Frame: each(func(e Entry) string {
			inner := escaped(e.Text)
			if strings.HasPrefix(around[0], `{\`) {
				inner = escaped(inner)
			}
			return around[0] + inner + around[1]
		})})
	}
	for name, around := range map[string][2]string{"": {`'`, `'`}, ", line end": {`'`, `\n'`}, ", bytes": {`b'`, `\n'`},
		", list": {`['`, `\n']`}, ", dictionary": {`{'stream': 'stderr', 'time': None, 'log': '`, `\n'}`}} {
		list = append(list, Framing{Name: "Python string" + name, Frame: each(func(e Entry) string {
			return around[0] + python(e.Text) + around[1]
		})})
	}
	return append(list, Framing{Name: "Python string of all lines", Frame: func(log []Entry) []byte {
		var lines []string
		for _, e := range log {
			lines = append(lines, python(e.Text))
		}
		return []byte("'" + strings.Join(lines, `\n`) + `\n'` + "\n")
	}}, Framing{Name: "JSON string of all lines", Frame: func(log []Entry) []byte {
		out, err := json.Marshal(string(before("")(log)))
		if err != nil {
			panic(err) // of a test's own text
		}
		return append(out, '\n')
	}})
}
