package envelope

// What a log's lines share in front of the message: columns of words, a prefix that no tool is known by, a host.

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// findColumns finds how many words stand before the messages, where they are few different ones: names of pods, nodes,
// streams.
func findColumns(texts [][]byte) (s step, found bool) {
	for n := 1; n <= 4; n++ {
		if values := columnValues(texts, n); values != nil {
			s, found = step{kind: stepColumns, n: n, values: values}, true
		}
	}
	return s, found
}

// columnValues returns what stands in the first n words of the texts, nil where that is not what most messages begin
// behind: nine of ten lines have them, they are few different ones, and half of the messages are known to be some.
func columnValues(texts [][]byte, n int) map[string]bool {
	values, known, begun := map[string]bool{}, 0, 0
	for _, t := range texts {
		end := columnsEnd(t, n)
		if end == 0 {
			continue
		}
		if !isSource(t[:end]) {
			return nil
		}
		known++
		if len(values) < maxSources {
			values[string(t[:end])] = true
		}
		if beginsMessage(t[end:]) && !bareLevel(t[end:]) {
			begun++
		}
	}
	fixed := len(values) == 1 && len(texts) >= 3 && begun > 0 // as good as a literal
	if 10*known < 9*len(texts) || !fixed && (2*begun < len(texts) || begun < 2 || len(values) > max(1, len(texts)/3)) {
		return nil
	}
	return values
}

// isSource tells whether words before a message may say where it comes from. Levels and numbers are a logger's.
func isSource(head []byte) bool {
	for i, c := range head {
		if _, isClock := bootClock(head[i:]); c == '[' && isClock {
			return false
		}
	}
	for _, word := range bytes.Fields(head) {
		if stamp.DateOrTime(bytes.TrimLeft(word, "[(<{")) {
			return false
		}
		inner := bytes.Trim(word, "[]()<>{}:|,")
		if _, isNumber := lex.Number(inner); isNumber || severity.Of(inner) != severity.Unknown && inner[0] < 'a' {
			return false
		}
	}
	return true
}

// bareLevel tells whether b begins with a level that no colon follows: before one of these a logger may well have put
// the thread or its own name.
func bareLevel(b []byte) bool {
	return b[0] >= 'A' && b[0] <= 'Z' && b[lex.WordEnd(b)-1] != ':' && !bytes.HasPrefix(b, boxTitle) && !bytes.HasPrefix(b,
		[]byte("Fatal Python"))
}

// commonPrefix is how all texts begin; one may be that alone, without the blanks at its end.
func commonPrefix(texts [][]byte) []byte {
	prefix := texts[0]
	for _, t := range texts[1:] {
		n := 0
		for n < len(prefix) && n < len(t) && prefix[n] == t[n] {
			n++
		}
		if n == len(t) && len(bytes.TrimRight(prefix[n:min(n+1, len(prefix))], " ")) == 0 {
			continue
		}
		prefix = prefix[:n]
	}
	return prefix[:min(len(prefix), maxName)]
}

// separators end a prefix that somebody put there to be seen as one.
const separators = "|¦│┃║>»›]})~"

// findLiteral finds a text that begins every line and ends with a mark that parts it from the rest.
func findLiteral(texts [][]byte) (step, bool) {
	const enough = 4 // lines: fewer begin alike by chance
	prefix := commonPrefix(texts)
	if len(texts) < enough {
		return step{}, false
	}
	end := 0
	for i, r := range string(prefix) {
		if _, isClock := bootClock(prefix[i:]); isClock { // that is the message's own
			break
		}
		if bytes.ContainsRune([]byte(separators), r) && i > 0 {
			end = i + utf8.RuneLen(r)
		}
	}
	if end == 0 || len(nameIn(prefix[:end])) < 2 {
		return step{}, false
	}
	for end < len(prefix) && prefix[end] == ' ' && prefix[end-1] != ' ' {
		end++
	}
	if !namesOnly(prefix[:end]) || !differ(texts, end) {
		return step{}, false
	}
	return step{kind: stepLiteral, text: bytes.Clone(prefix[:end])}, true
}

// findShape finds the text, up to a blank, that all lines begin with but for its digits, as tools print it that number
// or time lines in a form of their own ("#12 11.250 ", "09:06:11 E: "). That it is none of the logger's show lines that
// are nothing else, or go on indented, or with a message that no logger writes.
func findShape(texts [][]byte) (step, bool) {
	const enough = 4 // lines: fewer begin alike by chance
	if len(texts) < enough {
		return step{}, false
	}
	prefix := texts[0]
	for _, t := range texts[1:] {
		if n := sharedShape(t, prefix); n < len(t) || n < 3 {
			prefix = prefix[:n]
		}
	}
	prefix = prefix[:bytes.LastIndexByte(prefix, ' ')+1]
	outer := 0
	for _, t := range texts {
		rest := t[min(len(prefix), len(t)):]
		if len(rest) == 0 || rest[0] == ' ' || bytes.HasPrefix(rest, []byte("Fatal Python error: ")) ||
			bytes.HasPrefix(rest, []byte("Traceback (most recent call last):")) {
			outer++
		}
	}
	if len(bytes.TrimSpace(prefix)) < 2 || 5*outer < len(texts) {
		return step{}, false
	}
	return step{kind: stepShape, text: bytes.Clone(prefix)}, true
}

// findFramed finds what stands before the frames of tracebacks and, but for its digits, before nearly all other lines:
// no logger writes anything ahead of these. The margin of an exception group is the traceback's own.
//
//	[gateway:9]   File "/srv/app/main.py", line 22, in startup
//	INFO:docker:    await client.ping()
func findFramed(texts [][]byte) (step, bool) {
	const enough = 4 // lines: fewer begin alike by chance
	var shape []byte
	for _, t := range texts {
		at := bytes.Index(t[:min(len(t), skeletonReach)], []byte(`  File "`))
		if at > 0 && shape == nil {
			shape = t[:at]
		}
		if at == 0 || at > 0 && shapeEnd(t, shape) != at {
			return step{}, false
		}
	}
	if len(texts) < enough || len(shape) == 0 || isMargin(texts, shape) {
		return step{}, false
	}
	s := step{kind: stepShape, text: bytes.Clone(shape)}
	have := 0
	for _, t := range texts {
		if l := (Line{Text: t}); s.shape(&l) {
			have++
		}
	}
	return s, 10*have >= 9*len(texts)
}

// isMargin tells whether a prefix is the margin of an exception group, whose parts begin with a corner: a bar before
// all lines, as runners put one, has none.
func isMargin(texts [][]byte, prefix []byte) bool {
	bar := bytes.Trim(prefix, " ")
	if len(bar) == 0 || len(bytes.Trim(bar, "|+ ")) > 0 {
		return false
	}
	return slices.ContainsFunc(texts, func(t []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(t, " |"), []byte("+")) })
}

// shape takes a prefix off that is s.text but for its digits; of a line without a message it may lack the blanks.
func (s *step) shape(l *Line) bool {
	n := shapeEnd(l.Text, s.text)
	if n < 0 && shapeEnd(l.Text, bytes.TrimRight(s.text, " ")) == len(l.Text) {
		n = len(l.Text)
	}
	return n >= 0 && l.cut(n)
}

// shapeEnd returns how much of a line a prefix takes, of which any number is like another; -1 where it begins
// otherwise.
func shapeEnd(line, prefix []byte) int {
	i := 0
	for j := 0; j < len(prefix); {
		if i == len(line) {
			return -1
		}
		if !lex.IsDigit(prefix[j]) || !lex.IsDigit(line[i]) {
			if prefix[j] != line[i] {
				return -1
			}
			i, j = i+1, j+1
			continue
		}
		for j < len(prefix) && lex.IsDigit(prefix[j]) {
			j++
		}
		for i < len(line) && lex.IsDigit(line[i]) {
			i++
		}
	}
	return i
}

// sharedShape is how far a line begins as a prefix does, where any digit is like another.
func sharedShape(line, prefix []byte) int {
	n := min(len(line), len(prefix))
	for i := range n {
		if line[i] != prefix[i] && !(lex.IsDigit(line[i]) && lex.IsDigit(prefix[i])) {
			return i
		}
	}
	return n
}

// namesOnly tells whether a prefix is up to three names and the marks around them.
func namesOnly(prefix []byte) bool {
	for _, r := range string(prefix) {
		if r < utf8.RuneSelf && !nameByte[r] && r != ' ' && r != ':' && !bytes.ContainsRune([]byte("[({<"+separators), r) {
			return false
		}
	}
	return len(bytes.Fields(prefix)) <= 4
}

// differ tells whether the lines say different things behind a prefix of n bytes.
func differ(texts [][]byte, n int) bool {
	different := 0
	for _, t := range texts[1:] {
		if len(t) > n && !bytes.Equal(t[n:], texts[0][min(n, len(texts[0])):]) {
			different++
		}
	}
	return 2*different >= len(texts)
}

// unknownPrefix returns how all lines begin, where they do and nothing of it was understood.
func unknownPrefix(o *Opener, lines [][]byte) []byte {
	const shown = 3
	if len(lines) < shown || begin(lines) {
		return nil
	}
	if _, n := o.openAll(lines); 2*n > len(lines) {
		return nil
	}
	prefix := commonPrefix(lines)
	if len(bytes.TrimSpace(prefix)) < shown {
		return nil
	}
	return bytes.Clone(prefix[:min(len(prefix), 64)])
}

// commonHost returns the word behind the time of most lines that have one, where a name with a colon follows it: then
// it is a host, and what follows a program.
func commonHost(o *Opener, lines [][]byte) []byte {
	hosts, timed := map[string]int{}, 0
	for _, t := range lines {
		_, n := o.anyStamp(t)
		if n == 0 || n+1 >= len(t) {
			continue
		}
		timed++
		rest := t[n+1:]
		end := lex.WordEnd(rest)
		if end == len(rest) || !hostName(rest[:end]) {
			continue
		}
		rest, host := rest[end+1:], rest[:end]
		if name, _, size := ident(rest[:lex.WordEnd(rest)]); size > 0 && severity.Of(name) == severity.Unknown {
			hosts[string(host)]++
		}
	}
	for host, n := range hosts {
		if n >= 2 && 5*n >= 3*timed && severity.Of([]byte(host)) == severity.Unknown {
			return []byte(host)
		}
	}
	return nil
}
