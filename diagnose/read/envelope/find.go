package envelope

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// find looks for one envelope that most of the texts share, of those that a single line does not prove.
func (o *Opener) find(texts [][]byte) (step, bool) {
	texts = nonEmpty(texts)
	if len(texts) < 2 {
		return step{}, false
	}
	if n := commonBlanks(texts); n > 0 && wholeRecords(texts, n) {
		return step{kind: stepBlanks, n: n}, true
	}
	if countsUp(texts) {
		return step{kind: stepNumber}, true
	}
	if s, ok := enclosure(texts[0]); ok && s.shared(o, texts) {
		return s, true
	}
	if s, ok := o.findRow(texts); ok {
		return s, true
	}
	for _, kind := range []stepKind{stepPane, stepQuote, stepFile, stepTicks, stepQuotes, stepRepr, stepBullet, stepPipe} {
		s := step{kind: kind}
		if s.shared(o, texts) {
			return s, true
		}
	}
	switch {
	case escapedHTML(texts):
		return step{kind: stepEntities}, true
	case o.outerTime(texts):
		return step{kind: stepTime}, true
	}
	if s, ok := outerLevel(texts); ok {
		return s, true
	}
	if begin(texts) { // the lines begin with their messages, or with dates before these
		if s, ok := o.findSkeleton(texts, strongMessage, 60); ok {
			return s, true
		}
		return findFramed(texts)
	}
	if s, ok := findColumns(texts); ok {
		return s, true
	}
	if s, ok := o.findSkeleton(texts, o.known, 10); ok {
		return s, true
	}
	if s, ok := findLiteral(texts); ok {
		return s, true
	}
	if s, ok := findFramed(texts); ok {
		return s, true
	}
	return findShape(texts)
}

// known tells whether b begins as only a message or a record does, or with a message that the reader of the log knows.
func (o *Opener) known(b []byte) bool {
	return strongMessage(b) || bytes.HasPrefix(b, []byte(`{"`)) || beginsMessage(b) && b[lex.WordEnd(b)-1] == ':' ||
		o.Known != nil && o.Known(b, false)
}

func nonEmpty(texts [][]byte) (list [][]byte) {
	list = make([][]byte, 0, len(texts))
	for _, t := range texts {
		if len(bytes.TrimSpace(t)) > 0 {
			list = append(list, t)
		}
	}
	return list
}

// shared tells whether four of five texts have an envelope.
func (s *step) shared(o *Opener, texts [][]byte) bool {
	n := 0
	var l Line
	for _, text := range texts {
		l.reset(text)
		if s.take(o, &l) {
			n++
		}
	}
	return n >= 2 && 5*n >= 4*len(texts)
}

// commonBlanks is by how much every line is indented, as in a copy that somebody made into a quotation of code.
// A logger that sets its levels flush right does that too, and an exception group with its margin.
func commonBlanks(texts [][]byte) int {
	if len(texts) > 3 && isKey(texts[0]) {
		texts = texts[1:]
	}
	n, flush := lex.Blanks(texts[0]), 0
	for _, t := range texts {
		blanks := lex.Blanks(t)
		n = min(n, blanks)
		word := t[blanks : blanks+lex.WordEnd(t[blanks:])]
		if len(word) > 0 && (word[0] == '|' || word[0] == '+') || severity.Of(word) != severity.Unknown && word[1] < 'a' {
			flush++
		}
	}
	if 5*flush >= len(texts) {
		return 0
	}
	return n
}

// isKey knows the line above a list or a block of YAML: a name and a colon.
func isKey(b []byte) bool {
	name := bytes.TrimRight(b, ":|->+ ")
	return len(name) > 0 && len(name) < len(b) && lex.WordEnd(name) == len(name) && b[len(name)] == ':'
}

// wholeRecords tells whether texts that are indented by n bytes are records, and not the middle of something that is
// indented: a message begins behind the blanks, or they are many and none is a frame of a traceback.
func wholeRecords(texts [][]byte, n int) bool {
	frame := false
	for _, t := range texts {
		var l Line
		l.reset(t[n:])
		if beginsMessage(l.Text) || new(Opener).evident(&l) {
			return true
		}
		frame = frame || bytes.HasPrefix(bytes.TrimLeft(t, " "), []byte(`File "`))
	}
	return len(texts) > 2 && !frame
}

// quoteMark returns the length of "> " and its like: a bar, the plus of a diff, the border of a terminal's pane, of
// which a box would have two.
func quoteMark(b []byte) int {
	const border = "│"
	if bytes.HasPrefix(b, []byte(border)) && !bytes.HasSuffix(bytes.TrimRight(b, " "), []byte(border)) {
		return len(border)
	}
	n := 0
	for n < len(b) && b[n] == b[0] && (b[0] == '>' || b[0] == '|' || b[0] == '+') {
		n++
	}
	if n > 0 && n < len(b) && b[n] == ' ' {
		n++
	}
	return n
}

// pane takes the borders of a terminal's pane off both ends.
func pane(l *Line) bool {
	const border = "│"
	b, left := bytes.CutPrefix(l.Text, []byte(border))
	b, right := bytes.CutSuffix(bytes.TrimRight(b, " "), []byte(border))
	if !left || !right || bytes.Contains(b, []byte(border)) {
		return false
	}
	l.Text = bytes.TrimRight(b, " ")
	return true
}

// bullet returns the length of the mark of a list.
func bullet(b []byte) int {
	for _, mark := range []string{"- ", "* ", "+ ", "• ", "– ", "– ", "·  ", "› ", "» ", "$ ", "# "} {
		if bytes.HasPrefix(b, []byte(mark)) {
			return len(mark)
		}
	}
	return 0
}

// between takes a mark off both ends of a text.
func between(l *Line, mark byte) bool {
	b := bytes.TrimRight(l.Text, " ")
	if len(b) < 2 || b[0] != mark || b[len(b)-1] != mark {
		return false
	}
	l.Text = b[1 : len(b)-1]
	return true
}

// opening and closing are the marks of pages, chats and trackers that enclose a line; lineEnds those by which cat -A
// and editors show that it ends.
var (
	lineEnds = []string{"^M$", "^M", "$", "¶", "↵", "⏎"}
	opening  = []string{"| ", "<![CDATA[", "« ", "«", "“", "„", "‘"}
	closing  = append([]string{" |", "]]>", " »", "»", "”", "“", "’"}, lineEnds...)
)

// enclosure returns what encloses a line: the tags of its elements, the bars of a cell, a tracker's macro.
func enclosure(line []byte) (s step, found bool) {
	b := bytes.TrimRight(line, " ")
	from, to := 0, len(b)
	for n := -1; n != 0 && from < len(b); from += n {
		if n = tagEnd(b[from:]) + macroEnd(b[from:]); n == 0 {
			n = markAt(opening, func(mark string) bool { return bytes.HasPrefix(b[from:], []byte(mark)) })
		}
	}
	for n := -1; n != 0 && to > from; to -= n {
		if n = 0; b[to-1] == '>' || b[to-1] == '}' {
			at := bytes.LastIndexAny(b[from:to], "<{") + from
			if at >= from && at+tagEnd(b[at:to])+macroEnd(b[at:to]) == to {
				n = to - at
			}
		}
		if n == 0 {
			n = markAt(closing, func(mark string) bool { return bytes.HasSuffix(b[from:to], []byte(mark)) })
		}
	}
	if to == len(b) {
		return step{}, false
	}
	return step{kind: stepEnclosed, text: bytes.Clone(b[:from]), tail: bytes.Clone(b[to:])}, true
}

// markAt returns the length of the first mark that fits, zero where none does.
func markAt(marks []string, fits func(string) bool) int {
	for _, mark := range marks {
		if fits(mark) {
			return len(mark)
		}
	}
	return 0
}

// enclosed takes an enclosure off a line that has both ends of it, and one element or cell between.
func (s *step) enclosed(l *Line) bool {
	rest, ok := bytes.CutPrefix(l.Text, s.text)
	inner, ended := bytes.CutSuffix(bytes.TrimRight(rest, " "), s.tail)
	several := s.tail[0] == '<' && bytes.Contains(inner, []byte("</")) ||
		s.tail[0] == ' ' && bytes.Contains(inner, []byte(" | "))
	return ok && ended && !several && l.replace(inner)
}

// isFence knows the lines around a block of code in Markdown or HTML.
func isFence(b []byte) bool {
	if len(b) == 0 || b[0] > '<' && b[0] != '`' && b[0] != '~' {
		return false
	}
	b = bytes.TrimSpace(b)
	if len(b) < 3 || len(b) > 24 {
		return false
	}
	switch b[0] {
	case '`', '~':
		rest := bytes.TrimLeft(b, string(b[:1]))
		return len(b)-len(rest) >= 3 && lex.Letters(append([]byte("x"), rest...))
	case '<':
		switch string(bytes.Trim(b, "</>")) {
		case "pre", "code", "details", "pre><code", "code></pre", "summary", "blockquote":
			return true
		}
	}
	return false
}

// lineNumber reads "  12\t" of cat -n and nl, "12:" and "12-" of grep -n, "12  " where the tab became blanks.
func lineNumber(b []byte) (no, n int) {
	start := lex.Blanks(b)
	end := start
	for end < len(b) && lex.IsDigit(b[end]) {
		end++
	}
	no, ok := lex.Number(b[start:end])
	if !ok || end == len(b) {
		return no, map[bool]int{true: end}[ok]
	}
	bar := b[end+lex.Blanks(b[end:]):] // of bat, tmux and others
	switch c := b[end]; {
	case bytes.HasPrefix(bar, []byte("│")):
		return no, len(b) - len(bar) + len("│")
	case c == '\t', c == ':' && start == 0, c == '-' && start == 0:
		return no, end + 1
	case bytes.HasPrefix(b[end:], []byte("  ")):
		return no, end + 2
	case c == ' ' || c == '|':
		return no, end + 1
	}
	return 0, 0
}

// countsUp tells whether the lines are numbered: nearly all begin with a number, and it grows from line to line, by one
// where only blanks stand behind it; or it falls and grows again, as an editor numbers lines by how far they are from
// its cursor.
func countsUp(texts [][]byte) bool {
	last, numbered, ups, downs := 0, 0, 0, 0
	for _, t := range texts {
		no, n := lineNumber(t)
		if n == 0 {
			continue
		}
		numbered++
		if grep := t[n-1] == ':' || t[n-1] == '-'; no > last && (grep || no == last+1 || numbered == 1 || no == last+2) {
			ups++
		} else if no == last-1 {
			downs++
		}
		last = no
	}
	const turn = 3 // numbers at the cursor: the first one, its own line's and the one behind that
	relative := numbered > turn && ups > 0 && downs > 0 && ups+downs+turn >= numbered
	return numbered >= 2 && 5*numbered >= 4*len(texts) && (10*ups >= 9*numbered || relative)
}

// fileName takes "gateway.log:" off, as grep -H prints it, with the line's number where -n did that too.
func fileName(l *Line) bool {
	b := l.Text
	end := 0
	for end < len(b) && end < maxName && (nameByte[b[end]] || b[end] == '~' || b[end] == '\\' || b[end] == ':' &&
		end == 1 && lex.IsLetter(b[0])) {
		end++
	}
	if end < 3 || end == len(b) || b[end] != ':' {
		// grep prints a '-' behind the name of a line that is only context
		return false
	}
	name := b[:end]
	if dot := bytes.LastIndexByte(name, '.'); !bytes.ContainsAny(name, `/\`) && (dot < 1 || !isLogSuffix(name[dot:])) {
		return false
	}
	rest := b[end+1:]
	digits := 0
	for digits < len(rest) && lex.IsDigit(rest[digits]) {
		digits++
	}
	if digits > 0 && digits < len(rest) && rest[digits] == ':' && !stamp.IsClock(rest) {
		rest = rest[digits+1:]
	}
	base := name[bytes.LastIndexAny(name, `/\`)+1:]
	if dot := bytes.IndexByte(base, '.'); dot > 0 {
		base = base[:dot]
	}
	l.named(base)
	l.Text = rest
	return true
}

func isLogSuffix(b []byte) bool {
	switch string(b) {
	case ".log", ".txt", ".out", ".err", ".json", ".jsonl", ".1", ".2", ".old":
		return true
	}
	return false
}

// escapedHTML tells whether texts went through a page: they have entities, and none of the characters that those stand
// for.
func escapedHTML(texts [][]byte) bool {
	entities := 0
	for _, t := range texts {
		if bytes.IndexByte(t, '<') >= 0 || bytes.IndexByte(t, '>') >= 0 {
			return false
		}
		for _, e := range []string{"&gt;", "&lt;", "&quot;", "&#39;", "&#x27;", "&amp;", "&#34;"} {
			entities += bytes.Count(t, []byte(e))
		}
	}
	return entities >= 2
}

// looselyPiped opens "name | msg" with any number of blanks, also none.
func looselyPiped(l *Line) bool {
	b := l.Text
	end := 0
	for end < len(b) && end < maxName && nameByte[b[end]] {
		end++
	}
	bar := end + lex.Blanks(b[end:])
	if end == 0 || bar >= len(b) || b[bar] != '|' || severity.Of(b[:end]) != severity.Unknown {
		return false
	}
	l.named(b[:end])
	l.Text = bytes.TrimPrefix(b[bar+1:], []byte(" "))
	return true
}

// outerTime tells whether the time that nearly all lines begin with is not the logger's: behind it stands another
// one, or lines that no logger begins so (indented, or a traceback's).
func (o *Opener) outerTime(texts [][]byte) bool {
	timed, inner := 0, 0
	var rests [][]byte
	for _, t := range texts {
		_, n := o.outerStamp(t)
		if n == 0 {
			continue
		}
		timed++
		rest := t[min(n+1, len(t)):]
		rests = append(rests, rest)
		if len(rest) == 0 || rest[0] == ' ' || dateBegins(rest) || strongMessage(rest) ||
			bytes.HasPrefix(rest, []byte("INFO:     ")) || bytes.HasPrefix(rest, []byte("ERROR:    ")) {
			inner++
		}
	}
	if 10*timed < 9*len(texts) || timed < 2 {
		return false
	}
	if 5*inner >= timed {
		return true
	}
	_, ok := findColumns(nonEmpty(rests))
	return ok
}

// bracketedLevel reads a level in brackets at the start of b.
func bracketedLevel(b []byte) (level severity.Level, n int) {
	if len(b) < 5 || b[0] != '[' {
		return severity.Unknown, 0
	}
	end := bytes.IndexByte(b[:min(len(b), 12)], ']')
	if end < 0 || severity.Of(b[1:end]) == severity.Unknown {
		return severity.Unknown, 0
	}
	return severity.Of(b[1:end]), end + 1
}

// outerLevel finds a level in brackets that nearly all lines begin with, as Fly and Maven print it, where it is not the
// logger's: behind it stand whole lines of loggers, or those of a traceback, before which no logger puts a level.
func outerLevel(texts [][]byte) (step, bool) {
	leveled, inner, blank := 0, 0, 0
	for _, t := range texts {
		_, n := bracketedLevel(t)
		if n == 0 {
			continue
		}
		leveled++
		rest := t[n:]
		if len(rest) == 0 || rest[0] == ' ' {
			blank++
		}
		if rest = bytes.TrimLeft(rest, " "); beginsMessage(rest) || bytes.HasPrefix(rest, []byte(`File "`)) {
			inner++
		}
	}
	if 10*leveled < 9*len(texts) || 10*inner < leveled || inner == 0 {
		return step{}, false
	}
	return step{kind: stepLevel, n: blank / leveled}, true
}

// dateBegins tells whether a logger's date begins b, perhaps in brackets.
func dateBegins(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("["))
	var c stamp.Clock
	_, n := c.ISO(b)
	return n > 0
}

// begin tells whether the texts begin with messages already.
func begin(texts [][]byte) bool {
	n := 0
	for _, t := range texts {
		if beginsMessage(t) {
			n++
		}
	}
	return 5*n >= len(texts)
}

// unquote takes the quotes off a string as Python prints it, "b'…'" among them.
func unquote(l *Line) bool {
	b := bytes.TrimRight(l.Text, " ,")
	if len(b) > 2 && b[0] == 'b' {
		b = b[1:]
	}
	if len(b) < 2 || b[0] != '\'' && b[0] != '"' || b[len(b)-1] != b[0] {
		return false
	}
	return l.replace(jsontext.AppendString(nil, b[1:len(b)-1]))
}
