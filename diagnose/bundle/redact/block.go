package redact

import "bytes"

// maxBlock bounds the lines of a block below a name.
const maxBlock = 64

// isBlockMark tells whether the rest of the line is YAML's sign that the text follows
// below, indented: | > |- >- >2.
func (p *pass) isBlockMark(v int) bool {
	mark := bytes.TrimSpace(p.text[v:min(p.end, v+8)])
	return len(mark) > 0 && len(mark) <= 3 && p.end-v <= 8 && oneOf(mark[0], "|>") &&
		len(bytes.Trim(mark[1:], "+-0123456789")) == 0
}

// below finds the value of a name that ends its line: in a quoted text that follows, or
// in a block that is indented deeper. It masks by itself, since the current line is
// the name's.
func (p *pass) below(f *found, v int) bool {
	if v < p.end { // \n inside a text: what follows is in the same line
		i := v
		for n := 0; n < 2 && i < p.end && (p.at(i).c == '\n' || isBlank(p.text[i])); n++ {
			i = p.skipBlanks(i + p.at(i).n)
		}
		return i < p.end && isQuote(p.at(i).c) && p.value(f, i)
	}
	next, ok := p.after(f.left)
	if !ok || f.class < classStrong {
		return false
	}
	i := p.skipPicture(next)
	if i < next.to && (isQuote(p.text[i]) || bytes.HasPrefix(p.text[i:next.to], []byte("string("))) {
		p.within(next, func() {
			if p.value(f, i) && p.isSecret(f) {
				p.hide(f, KindKeyValue)
			}
		})
		f.class = classNone
		return true
	}
	return p.block(f)
}

// skipPicture steps over blanks and the lines that draw a table.
func (p *pass) skipPicture(s span) int {
	i := s.from
	for i < s.to && (isBlank(p.text[i]) || p.text[i] == 0xe2) {
		if p.text[i] == 0xe2 {
			i += 2
		}
		i++
	}
	return min(i, s.to)
}

// block masks the lines that are indented deeper than the name's own: their values
// where they have names, their words where they are a list, else all of them.
func (p *pass) block(f *found) bool {
	own := p.textOf(p.start, p.end)
	margin := indent(p.text[own.from:own.to])
	if f.class != classStrong || f.left-own.from > margin+len("- '") {
		return false
	}
	at, again := f.left, false
	for range maxBlock {
		line, ok := p.after(at)
		if !ok {
			break
		}
		text := p.text[line.from:line.to]
		if len(bytes.TrimSpace(text)) > 0 && indent(text) <= margin && !p.isItem(text, margin) {
			break
		}
		p.maskItem(line, again)
		again = true
		at = line.from
	}
	f.class, f.v, f.end = classNone, f.right, f.right
	return again
}

// isItem tells a list's item, which YAML lets stand at the margin of its name.
func (p *pass) isItem(text []byte, margin int) bool {
	return indent(text) == margin && bytes.HasPrefix(text[margin:], []byte("- "))
}

func indent(text []byte) int { return len(text) - len(bytes.TrimLeft(text, " \t")) }

// maskItem masks one line of a block.
func (p *pass) maskItem(line span, again bool) {
	i := line.from + indent(p.text[line.from:line.to])
	if bytes.HasPrefix(p.text[i:line.to], []byte("- ")) {
		i += 2
	}
	if n := nameLength(p.text[i:line.to]); n > 0 && bytes.HasPrefix(p.text[i+n:line.to], []byte(": ")) {
		i += n + 2
	} else if n > 0 && i+n+1 == line.to && p.text[i+n] == ':' {
		return // a name with a block of its own
	}
	i += indent(p.text[i:line.to])
	end := line.from + len(bytes.TrimRight(p.text[line.from:line.to], " \t"))
	if i < end && isQuote(p.text[i]) && end-1 > i && p.text[end-1] == p.text[i] {
		i, end = i+1, end-1
	}
	if v := p.text[i:max(i, end)]; len(v) > 0 && !isReference(v) && !emptyWords[lowered(string(v[:min(len(v), 16)]))] {
		p.emit(edit{start: i, end: end, kind: KindKeyValue, again: again})
	}
}
