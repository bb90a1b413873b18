package envelope

import (
	"bytes"
	"html"
	"slices"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/record"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
)

// A text that a person put together, an issue, a mail, a chat, has a line here and there: quoted, in back-ticks, in a
// cell of a table, as a string of JSON, YAML or Python. No two need look alike, so nothing can be learned from them:
//
//	> [  123.456789] Memory cgroup out of memory: Killed process 143 (node) total-vm:21564kB, …
//	- `2026-11-23T09:06:15Z host gateway[812]: Worker (pid:7) was sent SIGKILL! Perhaps out of memory?`
//	<msg>Worker (pid:7) was sent SIGKILL! Perhaps out of memory?</msg>
//	| 09:06:15 | gateway | WORKER TIMEOUT (pid:7) |
//	b'[2026-11-23 09:06:15 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)\n'
//
// Marks are taken off one by one, and only as far as an envelope or a message begins behind them: prose that mentions a
// message stays prose, and so does a quotation in a log, since all of this is done for texts alone that are no log.

// maxMarks bounds what is taken off one line.
const maxMarks = 16

// looksPasted tells whether a whole text is rather a person's than a log: most lines begin with no envelope and no
// message.
func (o *Opener) looksPasted(lines [][]byte) bool {
	regular := 0
	for _, line := range lines {
		if o.begins(line) && len(withoutBreak(line)) == len(line) {
			regular++
		}
	}
	return 2*regular <= len(lines)
}

// traced tells whether a text has a traceback in it, whose lines are indented as they came.
func traced(lines [][]byte) bool {
	return slices.ContainsFunc(lines, func(line []byte) bool {
		return bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte(`File "`)) || bytes.Contains(line, []byte("Traceback (most"))
	})
}

// begins tells whether an envelope, a logger's line or a message that the reader knows begins with b.
func (o *Opener) begins(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	if beginsMessage(b) || o.Known != nil && o.Known(b, false) {
		return true
	}
	trial := Opener{clock: o.clock}
	var l Line
	l.reset(b)
	return trial.evident(&l)
}

// pasted takes a person's marks off a line, and tells whether a message begins behind them.
func (o *Opener) pasted(l *Line) bool {
	if l.Record || l.Part || len(l.Text) == 0 || l.Depth >= MaxDepth {
		return false
	}
	text := withoutBreak(bytes.Clone(l.Text))
	if begins := o.begins(text); begins && len(text) == len(l.Text) {
		return false
	} else if !begins {
		text = o.unpaste(l, text)
	}
	if text == nil {
		return false
	}
	l.Text = text
	l.Depth++
	return true
}

// withoutBreak takes the line break of HTML off the end of a line.
func withoutBreak(b []byte) []byte {
	line := bytes.TrimRight(b, " ")
	at := bytes.LastIndex(line, []byte("<br"))
	if at < 1 || at+tagEnd(line[at:]) != len(line) {
		return b
	}
	return []byte(html.UnescapeString(string(line[:at])))
}

// unpaste returns the text behind the marks, nil where none begins there.
func (o *Opener) unpaste(l *Line, text []byte) []byte {
	text, found := o.unmarked(text)
	if found {
		return text
	}
	cells := piecesOf(text)
	longest := slices.Clone(cells)
	slices.SortStableFunc(longest, func(a, b []byte) int { return len(b) - len(a) })
	for _, cell := range append(longest, bytes.Trim(text, "| ")) {
		if inner, found := o.unmarked(append([]byte(" "), cell...)); found {
			o.stampAmong(l, cells, cell)
			return inner
		}
	}
	inTraceback := o.learned.traced && len(text) == len(bytes.TrimSpace(l.Text))
	if o.Known != nil && len(text) < len(l.Text) && !inTraceback && o.Known(text, true) {
		return text
	}
	return nil
}

// unmarked takes marks off until a message begins, and tells whether one does.
func (o *Opener) unmarked(text []byte) ([]byte, bool) {
	for range maxMarks {
		rest := unmark(text)
		if rest == nil {
			break
		}
		if text = bytes.TrimRight(rest, " \t\r\n"); o.begins(text) && !o.isTime(text) {
			return text, true
		}
	}
	return text, false
}

// isTime tells whether a text is a time and nothing else.
func (o *Opener) isTime(text []byte) bool {
	_, n := o.anyStamp(text)
	return n > 0 && n == len(text)
}

// stampAmong takes the time out of a cell of its own.
func (o *Opener) stampAmong(l *Line, pieces [][]byte, text []byte) {
	for _, piece := range pieces {
		if s, ok := o.clock.Value(piece); ok && !bytes.Equal(piece, text) {
			l.stamped(s)
			return
		}
	}
}

// unmark takes one mark off a text, nil where it has none.
func unmark(b []byte) []byte {
	if len(b) < 2 {
		return nil
	}
	for _, off := range unmarkers {
		if rest := off(b); len(rest) > 0 && len(rest) < len(b) {
			return rest
		}
	}
	return converted(b)
}

var unmarkers = []func([]byte) []byte{withoutBlanks, withoutQuoteMark, withoutBullet, withoutBraces, withoutPair,
	withoutLiteral, withoutKey, withoutTags, withoutEntities, withoutSpeaker, withoutName}

// withoutBlanks trims what is white. A level that is set flush right is a
// logger's own.
func withoutBlanks(b []byte) []byte {
	text := bytes.Trim(b, " \t\r\n")
	word := text[:lex.WordEnd(text)]
	if len(text) == 0 || lex.Blanks(b) > 0 && word[len(word)-1] < 'a' && severity.Of(word) != severity.Unknown {
		return nil
	}
	return text
}

// withoutQuoteMark takes off "> ", ">>" of mails and the "+" of a diff; a bar begins a cell, or the margin of an
// exception group.
func withoutQuoteMark(b []byte) []byte {
	if b[0] == '|' {
		return nil
	}
	return b[quoteMark(b):]
}

// withoutBullet takes off the mark of a list, a comment or a heading: "- ", "1. ", "// ", "[x] ".
func withoutBullet(b []byte) []byte {
	for _, mark := range []string{"// ", "[ ] ", "[x] ", "##", "#"} {
		if rest, ok := bytes.CutPrefix(b, []byte(mark)); ok {
			return rest
		}
	}
	digits := len(b) - len(bytes.TrimLeft(b, "0123456789"))
	if digits > 0 && digits < 4 && digits+1 < len(b) && (b[digits] == '.' || b[digits] == ')') && b[digits+1] == ' ' {
		return b[digits+2:]
	}
	return b[bullet(b):]
}

// withoutBraces takes off the macros of Jira and Confluence: {code}, {code:java}, {noformat}, {quote}, {{line}}.
func withoutBraces(b []byte) []byte {
	if rest, ok := bytes.CutPrefix(b, []byte("{{")); ok {
		return bytes.TrimSuffix(rest, []byte("}}"))
	}
	if n := macroEnd(b); n > 0 {
		inner := b[n:]
		for _, name := range macros {
			inner = bytes.TrimSuffix(inner, []byte("{"+name+"}"))
		}
		return inner
	}
	for _, name := range macros {
		if inner, ok := bytes.CutSuffix(b, []byte("{"+name+"}")); ok {
			return inner
		}
	}
	return nil
}

var macros = []string{"code", "noformat", "quote", "panel"}

// macroEnd returns the length of the macro at the start of b, zero where there is none.
func macroEnd(b []byte) int {
	for _, name := range macros {
		if rest, ok := bytes.CutPrefix(b, []byte("{"+name)); ok && len(rest) > 0 && (rest[0] == '}' || rest[0] == ':') {
			return bytes.IndexByte(b[:min(len(b), 80)], '}') + 1
		}
	}
	return 0
}

// pairs enclose a text; what may follow the second is punctuation.
var pairs = []struct{ open, closing string }{{"```", "```"}, {"``", "``"}, {"`", "`"}, {"**", "**"}, {"~~", "~~"},
	{"*", "*"}, {"_", "_"}, {"“", "”"}, {"„", "“"}, {"‘", "’"}, {"«", "»"}, {"<![CDATA[", "]]>"}, {"(", ")"}}

func withoutPair(b []byte) []byte {
	b = bytes.TrimRight(b, " \t\r\n")
	for _, p := range pairs {
		rest, ok := bytes.CutPrefix(b, []byte(p.open))
		if !ok {
			continue
		}
		if inner, ok := bytes.CutSuffix(rest, []byte(p.closing)); ok {
			return inner
		}
		if inner, ok := bytes.CutSuffix(bytes.TrimRight(rest, ".,;:"), []byte(p.closing)); ok {
			return inner
		}
	}
	return nil
}

// withoutLiteral decodes a string of JSON, Python, Go or a shell: "…", '…', b'…', $'…'.
func withoutLiteral(b []byte) []byte {
	b = bytes.TrimRight(b, " \t\r\n,;")
	if len(b) > 3 && b[0] == '[' && b[len(b)-1] == ']' && bytes.IndexByte([]byte(`'"b`), b[1]) >= 0 {
		b = b[1 : len(b)-1]
	}
	if len(b) > 3 && bytes.IndexByte([]byte("bruf$"), b[0]) >= 0 && (b[1] == '\'' || b[1] == '"') {
		b = b[1:]
	}
	if len(b) < 3 || b[0] != '"' && b[0] != '\'' {
		return nil
	}
	if lex.QuoteEnd(b) != len(b) {
		return doubled(b)
	}
	return bytes.TrimRight(jsontext.AppendString(nil, b[1:len(b)-1]), "\n")
}

// doubled reads a string of YAML or SQL, in which a quotation mark stands twice.
func doubled(b []byte) []byte {
	quote := string(b[:1])
	if !bytes.HasSuffix(b, b[:1]) {
		return nil
	}
	inner := bytes.ReplaceAll(b[1:len(b)-1], []byte(quote+quote), nil)
	if bytes.IndexByte(inner, b[0]) >= 0 {
		return nil
	}
	return bytes.ReplaceAll(b[1:len(b)-1], []byte(quote+quote), []byte(quote))
}

// withoutKey takes off the key of a text: "message: " of YAML, `"log": ` of a member without its object.
func withoutKey(b []byte) []byte {
	key, _, ok := bytes.Cut(b[:min(len(b), 80)], []byte(":"))
	rest := b[min(len(key)+1, len(b)):]
	if !ok || len(rest) == 0 || rest[0] != ' ' && rest[0] != '"' || !record.IsText(string(bytes.Trim(key, `"' `))) {
		return nil
	}
	return bytes.TrimLeft(rest, " ")
}

// withoutTags takes off the elements of HTML and XML that enclose the whole.
func withoutTags(b []byte) []byte {
	n := tagEnd(b)
	if n == 0 {
		return nil
	}
	rest := b[n:]
	if inner, ok := bytes.CutSuffix(rest, []byte("</"+string(tagName(b))+">")); ok {
		rest = inner
	}
	switch {
	case tagEnd(rest) > 0 || bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return rest
	case bytes.IndexByte(rest, '<') < 0:
		return []byte(html.UnescapeString(string(rest)))
	}
	return nil // there are several elements
}

// tagEnd returns the length of the tag at the start of b, zero where there is none: "<4>" is a priority.
func tagEnd(b []byte) int {
	if len(b) < 3 || b[0] != '<' || !lex.IsLetter(b[1]) && b[1] != '/' {
		return 0
	}
	return bytes.IndexByte(b[:min(len(b), maxName)], '>') + 1
}

func tagName(b []byte) []byte {
	end := 1
	for end < len(b) && nameByte[b[end]] && b[end] != '/' {
		end++
	}
	return b[1:end]
}

func withoutEntities(b []byte) []byte {
	if bytes.IndexByte(b, '&') < 0 {
		return nil
	}
	return []byte(html.UnescapeString(string(b)))
}

// withoutSpeaker takes off who said it in a chat: "[9:41 AM] Jane Doe: ", "[23.11.26, 09:41] Jane: ".
func withoutSpeaker(b []byte) []byte {
	if b[0] != '[' {
		return nil
	}
	end := bytes.IndexByte(b[:min(len(b), 32)], ']')
	if end < 4 || bytes.IndexByte(b[:end], ':') < 0 || bytes.IndexByte(b[:end], '.') > 0 && bytes.IndexByte(b[:end],
		',') < 0 {
		return nil
	}
	who, text, ok := bytes.Cut(b[end+1:], []byte(": "))
	if !ok || len(who) > 48 || len(bytes.Fields(who)) > 4 {
		return nil
	}
	return text
}

// withoutName takes off up to two names before a message: a container's with a bar, a pod's with its container. Words
// of prose have neither digits nor dashes in them.
func withoutName(b []byte) []byte {
	var l Line
	if l.reset(b); looselyPiped(&l) {
		return l.Text
	}
	for n := 1; n <= 2; n++ {
		end := columnsEnd(b, n)
		if first := b[:lex.WordEnd(b)]; end > 0 && end < len(b) && isSource(b[:end]) && hostName(first) &&
			bytes.ContainsAny(first, "-/_0123456789") && beginsMessage(b[end:]) {
			return b[end:]
		}
	}
	return nil
}

// converted turns what is JSON in another notation into JSON: a dictionary as Python prints it, an object whose
// quotation marks are escaped.
func converted(b []byte) []byte {
	switch {
	case bytes.HasPrefix(b, []byte(`{\"`)):
		return jsontext.AppendString(nil, b)
	case bytes.HasPrefix(b, []byte("{'")) || bytes.HasPrefix(b, []byte(`{b'`)):
		return pythonDict(b)
	}
	return nil
}

// pythonDict rewrites {'log': 'Worker …\n', 'time': None} as JSON, nil where a string has no end.
func pythonDict(b []byte) []byte {
	var out []byte
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\'' || c == '"' {
			end := lex.QuoteEnd(b[i:])
			if end < 0 {
				return nil
			}
			out = append(out, '"')
			out = jsontext.AppendEscaped(out, jsontext.AppendString(nil, b[i+1:i+end-1]))
			out = append(out, '"')
			i += end - 1
			continue
		}
		if c == 'b' && i+1 < len(b) && (b[i+1] == '\'' || b[i+1] == '"') {
			continue
		}
		out = append(out, c)
	}
	for python, json := range map[string]string{": None": ": null", ": True": ": true", ": False": ": false"} {
		out = bytes.ReplaceAll(out, []byte(python), []byte(json))
	}
	return out
}

// piecesOf returns the cells of a row, or the texts of the elements of XML.
func piecesOf(b []byte) (pieces [][]byte) {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) > 2 && b[0] == '|':
		for cell := range bytes.SplitSeq(bytes.Trim(b, "|"), []byte("|")) {
			pieces = append(pieces, bytes.TrimSpace(cell))
		}
	case tagEnd(b) > 0:
		for len(b) > 0 {
			if n := tagEnd(b); n > 0 {
				b = b[n:]
				continue
			}
			end := bytes.IndexByte(b[1:], '<') + 1
			if end == 0 {
				end = len(b)
			}
			pieces = append(pieces, []byte(html.UnescapeString(string(b[:end]))))
			b = b[end:]
		}
	}
	return slices.DeleteFunc(pieces, func(p []byte) bool { return len(p) == 0 || !utf8.Valid(p) })
}
