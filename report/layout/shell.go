package layout

import (
	"strings"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// Shell writes a command that can be copied as it stands: what is longer than a line goes on behind a backslash, as a
// shell takes it; label stands left of its margin. A newline in it stays an escape: what is pasted must not run a
// second line that a stranger wrote.
func (p *Page) Shell(margin int, label, command string) {
	for i, line := range wrapCommand(sanitize.Clean(command, MaxCommand), p.Columns-margin-2) {
		if i == 0 {
			p.Put(p.Title, label)
			p.Indent(margin - Cells(label))
		} else {
			p.Indent(margin + 2)
		}
		p.Put(p.Title, line)
		p.Blank()
	}
}

// wrapCommand breaks a command so that its lines fit: before an operator where that is
// enough, else between any words. Nothing is broken within quotes, a word, or a comment.
func wrapCommand(command string, width int) []string {
	if Cells(command) <= width {
		return []string{command}
	}
	var pieces []string // what is not to be parted
	for _, part := range shellParts(command) {
		if text := strings.Join(part, " "); Cells(text) <= width-2 {
			pieces = append(pieces, text)
		} else {
			pieces = append(pieces, part...)
		}
	}
	var lines []string
	line := ""
	for _, piece := range pieces {
		switch {
		case line == "":
			line = piece
		case Cells(line)+1+Cells(piece) > width-2:
			lines, line = append(lines, line+` \`), piece
		default:
			line += " " + piece
		}
	}
	return append(lines, line)
}

// shellParts groups the words of a command: each operator begins a part.
func shellParts(command string) (parts [][]string) {
	for _, word := range shellWords(command) {
		if len(parts) == 0 || word == "&&" || word == "||" || word == "|" || word == ";" {
			parts = append(parts, nil)
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], word)
	}
	return parts
}

// shellWords splits at the blanks that a shell splits at. A comment is one word: behind
// a backslash it would begin anew. So is what is left where a quote is never closed.
func shellWords(s string) (words []string) {
	start, quote, escaped := 0, rune(0), false
	for i, r := range s {
		switch {
		case escaped:
			escaped = false
		case r == '\\' && quote != '\'':
			escaped = true
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == '#' && i == start && i > 0:
			return append(words, s[start:])
		case r == ' ':
			if i > start {
				words = append(words, s[start:i])
			}
			start = i + 1
		}
	}
	if start < len(s) {
		words = append(words, s[start:])
	}
	return words
}

// FitSnippet puts a comment that would run over the edge above its line: Python, YAML
// and shells mean the same.
func FitSnippet(snippet string, width int) string {
	var out []string
	for line := range strings.SplitSeq(strings.TrimRight(snippet, "\n"), "\n") {
		code, comment, found := strings.Cut(line, "  # ")
		blank := line[:len(line)-len(strings.TrimLeft(line, " "))]
		if utf8.RuneCountInString(line) > width && strings.HasSuffix(line, "]") && strings.Contains(line, "[") {
			out = append(out, foldList(line, width)...)
			continue
		}
		if utf8.RuneCountInString(line) <= width || !found || strings.Count(code, `"`)%2 == 1 || strings.Count(code, "'")%2 == 1 {
			out = append(out, line)
			continue
		}
		for _, piece := range FoldWords(comment, width-len(blank)-2) {
			out = append(out, blank+"# "+piece)
		}
		out = append(out, strings.TrimRight(code, " "))
	}
	return strings.Join(out, "\n")
}

// foldList breaks a list in brackets behind commas: YAML's and Python's may stand on several lines.
func foldList(line string, width int) []string {
	open := strings.Index(line, "[")
	blank := strings.Repeat(" ", min(open+1, width/2))
	lines := []string{line[:open+1]}
	for i, item := range strings.SplitAfter(line[open+1:], `", `) {
		last := &lines[len(lines)-1]
		if i > 0 && utf8.RuneCountInString(*last)+utf8.RuneCountInString(item) > width {
			*last = strings.TrimRight(*last, " ")
			lines = append(lines, blank+item)
			continue
		}
		*last += item
	}
	return lines
}
