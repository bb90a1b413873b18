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

// below finds the value of a name that ends its line: in a quoted text that follows, in
// a block that is indented deeper, or as the one word of the next line. It masks by
// itself, since the current line is the name's.
func (p *pass) below(f *found, v int) bool {
	if v < p.end { // \n inside a text: what follows is in the same line
		i := v
		for n := 0; n < 2 && i < p.end && (p.at(i).c == '\n' || isBlank(p.text[i])); n++ {
			i = p.skipBlanks(i + p.at(i).n)
		}
		return i < p.end && isQuote(p.at(i).c) && p.value(f, i)
	}
	next, ok := p.after(f.left)
	if !ok || f.class < classToken {
		return false
	}
	head, _ := p.head(f.left)
	if rest, ok := p.behind(next, head); ok {
		next = rest
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
	c := f.class
	if p.block(f) {
		return true
	}
	f.class = c
	done := p.nextWord(f, head)
	f.class, f.v, f.end = classNone, f.right, f.right
	return done
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

// head is what stands before the name at left in its line, as each line of one message has it (a time, a level, the
// container's name), and how deep the name is indented behind it.
func (p *pass) head(left int) (head []byte, margin int) {
	start := p.textStart()
	if left == start {
		return nil, 0
	}
	before := p.text[start:left]
	before = bytes.TrimRight(before, "\"'")
	text := bytes.TrimRight(bytes.TrimSuffix(before, []byte("- ")), " \t")
	if len(before) > 0 && len(text) == 0 {
		return nil, indent(before)
	}
	return text, len(bytes.TrimSuffix(before, []byte("- "))) - len(text)
}

// behind is the rest of a line that begins as the head does, but for its digits; false where it does not.
func (p *pass) behind(line span, head []byte) (span, bool) {
	if line.to-line.from < len(head) || len(head) > maxHead {
		return line, false
	}
	for i, c := range head {
		if d := p.text[line.from+i]; d != c && !(isDigit(c) && isDigit(d)) {
			return line, false
		}
	}
	p.m.work += len(head)
	return span{line.from + len(head), line.to}, true
}

// maxHead is the longest head of a record that is compared with the next one's.
const maxHead = 200

// nextWord masks the next line where it is one word with the look of a secret.
func (p *pass) nextWord(f *found, head []byte) bool {
	next, ok := p.after(f.left)
	if !ok || f.class < classStrong || p.textOf(p.start, p.end).to-f.right > 3 {
		return false
	}
	if next, ok = p.behind(next, head); !ok {
		return false
	}
	word := bytes.TrimSpace(p.text[next.from:next.to])
	if len(word) < 6 || len(word) > maxValue || bytes.ContainsAny(word, " \t:/[]()<>{}=,") || !holdsDigit(word) ||
		isReference(word) || isDigit(word[0]) && isDigit(word[3]) && word[2] == '-' {
		return false
	}
	from := next.from + bytes.Index(p.text[next.from:next.to], word)
	p.mask(from, from+len(word), KindKeyValue)
	return true
}

// block masks the lines that are indented deeper than the name's own: their values
// where they have names, their words where they are a list, else all of them.
func (p *pass) block(f *found) bool {
	head, margin := p.head(f.left)
	if f.class < classToken {
		return false
	}
	again := p.blockBelow(f.left, head, margin, f)
	f.class, f.v, f.end = classNone, f.right, f.right
	return again
}

// blockBelow masks the lines below position at that are indented deeper than the margin behind the head.
func (p *pass) blockBelow(at int, head []byte, margin int, f *found) bool {
	again := false
	for range maxBlock {
		line, ok := p.after(at)
		if !ok {
			break
		}
		at = line.from
		if line, ok = p.behind(line, head); !ok {
			break
		}
		text := p.text[line.from:line.to]
		if len(bytes.TrimSpace(text)) > 0 && indent(text) <= margin && !p.isItem(text, margin) {
			break
		}
		again = p.maskItem(line, f, again) || again
	}
	return again
}

// isItem tells a list's item, which YAML lets stand at the margin of its name.
func (p *pass) isItem(text []byte, margin int) bool {
	return len(text) > margin && bytes.HasPrefix(text[margin:], []byte("- ")) && indent(text) == margin
}

func indent(text []byte) int {
	n := 0
	for n < len(text) && isBlank(text[n]) {
		n++
	}
	return n
}

// aboutSecrets are the members of Compose's and Kubernetes' lists of secrets, which hold names and places.
var aboutSecrets = words(`source target file external name environment mode uid gid driver items path optional
	secretname namespace type immutable`)

// maskItem masks one line of a block.
func (p *pass) maskItem(line span, f *found, again bool) bool {
	list := isFold(p.key(f), "secrets")
	i := line.from + indent(p.text[line.from:line.to])
	if bytes.HasPrefix(p.text[i:line.to], []byte("- ")) {
		i += 2
		i += indent(p.text[i:line.to])
		if list && isPlainName(bytes.TrimSpace(p.text[i:line.to])) {
			return true
		}
	}
	if n := nameLength(p.text[i:line.to]); n > 0 && bytes.HasPrefix(p.text[i+n:line.to], []byte(": ")) {
		if list && among(aboutSecrets, p.text[i:i+n]) {
			return true
		}
		i += n + 2
	} else if n > 0 && i+n+1 == line.to && p.text[i+n] == ':' {
		return false // a name with a block of its own
	}
	i += indent(p.text[i:line.to])
	end := line.from + len(bytes.TrimRight(p.text[line.from:line.to], " \t"))
	if i < end && isQuote(p.text[i]) && end-1 > i && p.text[end-1] == p.text[i] {
		i, end = i+1, end-1
	}
	v := p.text[i:max(i, end)]
	if len(v) == 0 || isReference(v) || among(emptyWords, v[:min(len(v), 16)]) ||
		f.class < classStrong && !isSecret(f.class, jointLoose, v) {
		return false
	}
	p.emit(edit{start: i, end: end, kind: KindKeyValue, again: again})
	return true
}

// isPlainName tells the name of an object from a secret: db-creds, tls_cert.
func isPlainName(v []byte) bool {
	return len(v) > 0 && isName(bytes.ReplaceAll(v, []byte("-"), []byte("_"))) && !looksSecret(v)
}

// heredocMark is the word that ends a text of several lines which begins at v: <<EOT, <<-'EOF'.
func (p *pass) heredocMark(v int) (mark []byte, ok bool) {
	mark = bytes.TrimSpace(p.text[v:min(p.end, v+maxKey)])
	mark = bytes.Trim(bytes.TrimLeft(mark, "<-~"), `"'`)
	return mark, isName(mark) && v+maxKey > p.end
}

// heredoc masks the lines up to the mark.
func (p *pass) heredoc(f *found, mark []byte) bool {
	head, _ := p.head(f.left)
	at, again := f.left, false
	for range maxBlock {
		line, ok := p.after(at)
		if !ok || f.class < classStrong {
			break
		}
		at = line.from
		if rest, ok := p.behind(line, head); ok {
			line = rest
		}
		text := bytes.TrimSpace(p.text[line.from:line.to])
		if bytes.Equal(text, mark) {
			break
		}
		if len(text) > 0 {
			from := line.from + bytes.Index(p.text[line.from:line.to], text)
			p.emit(edit{start: from, end: from + len(text), kind: KindKeyValue, again: again})
			again = true
		}
	}
	f.class, f.v, f.end = classNone, f.right, f.right
	return again
}

// formValue masks what a form of several parts holds for a name: below the empty line that ends the part's head.
//
//	Content-Disposition: form-data; name="password"
//
//	hunter2
func (p *pass) formValue(f *found) bool {
	start := p.textStart()
	from := max(start, f.left-maxKey)
	head := p.text[from:f.left]
	i := bytes.LastIndex(head, []byte("form-data"))
	if i < 0 {
		return false
	}
	if v := p.closeName(f); v < p.end && p.at(v).c == '\n' { // the whole form in one line
		return p.formInLine(f, v)
	}
	head = p.text[start:f.left]
	if c := bytes.LastIndex(head, []byte("Content-Disposition")); c >= 0 {
		head = bytes.TrimRight(head[:c], " ")
	} else {
		return false
	}
	at, empty := f.left, false
	for range 3 {
		line, ok := p.after(at)
		if !ok {
			return false
		}
		at = line.from
		if line, ok = p.behind(line, head); !ok {
			return false
		}
		text := bytes.TrimSpace(p.text[line.from:line.to])
		if empty {
			v := line.from + bytes.Index(p.text[line.from:line.to], text)
			p.mask(v, v+len(text), KindKeyValue)
			f.class, f.v, f.end = classNone, f.right, f.right
			return true
		}
		empty = len(text) == 0
	}
	return false
}

func (p *pass) formInLine(f *found, i int) bool {
	breaks := 0
	for i < p.end && p.at(i).c == '\n' {
		i += p.at(i).n
		breaks++
	}
	if breaks < 2 || i >= p.end {
		return false
	}
	f.v, f.end, f.quote, f.joint = i, i, glyph{}, jointTight
	for limit := min(p.end, i+maxWord); f.end < limit && p.at(f.end).c != '\n'; {
		f.end += p.at(f.end).n
	}
	return f.end > f.v
}
