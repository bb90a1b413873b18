package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// maxBlock bounds the lines of a block below a name.
const maxBlock = 64

// isBlockMark tells whether the rest of the line is YAML's sign that the text follows
// below, indented: | > |- >- >2.
func (p *pass) isBlockMark(v int) bool {
	mark := bytes.TrimSpace(p.Text[v:min(p.End, v+8)])
	return len(mark) > 0 && len(mark) <= 3 && p.End-v <= 8 && ascii.OneOf(mark[0], "|>") &&
		len(bytes.Trim(mark[1:], "+-0123456789")) == 0
}

// blockInLine steps over such a sign where the text follows in the same line, with its breaks escaped: |\n  x.
func (p *pass) blockInLine(v int) int {
	i := p.skipTag(v)
	if i >= p.End || !ascii.OneOf(p.Text[i], "|>") {
		return v
	}
	i = p.ShortRun(i+1, func(c byte) bool { return c == '+' || c == '-' || ascii.IsDigit(c) })
	if i >= p.End || p.At(i).C != '\n' {
		return v
	}
	if i = p.SkipBlanks(i + p.At(i).N); i >= p.End {
		return v
	}
	return i
}

// below finds the value of a name that ends its line: in a quoted text that follows, in
// a block that is indented deeper, or as the one word of the next line. It masks by
// itself, since the current line is the name's.
func (p *pass) below(f *found, v int) bool {
	if v < p.End { // \n inside a text: what follows is in the same line
		i := v
		for n := 0; n < 2 && i < p.End && (p.At(i).C == '\n' || ascii.IsBlank(p.Text[i])); n++ {
			i = p.SkipBlanks(i + p.At(i).N)
		}
		return i < p.End && ascii.IsQuote(p.At(i).C) && p.value(f, i)
	}
	next, ok := p.After(f.left)
	if !ok || f.class < keyname.Token {
		return false
	}
	head, _ := p.head(f.left)
	if rest, ok := p.behind(next, head); ok {
		next = rest
	}
	i := p.skipPicture(next)
	if i < next.To && (ascii.IsQuote(p.Text[i]) || bytes.HasPrefix(p.Text[i:next.To], []byte("string("))) {
		p.Within(next, func() {
			if p.value(f, i) && p.isSecret(f) {
				p.hide(f, KindKeyValue)
			}
		})
		f.class = keyname.None
		return true
	}
	c := f.class
	if outdented := i == next.From && i < next.To && p.Text[i] != '-'; !outdented && p.block(f) {
		return true
	}
	f.class = c
	done := p.nextWord(f, head)
	f.class, f.v, f.end = keyname.None, f.right, f.right
	return done
}

// skipPicture steps over blanks and the lines that draw a table.
func (p *pass) skipPicture(s glyph.Span) int {
	i := s.From
	for i < s.To && (ascii.IsBlank(p.Text[i]) || p.Text[i] == 0xe2) {
		if p.Text[i] == 0xe2 {
			i += 2
		}
		i++
	}
	return min(i, s.To)
}

// head is what stands before the name at left in its line, as each line of one message has it (a time, a level, the
// container's name), and how deep the name is indented behind it.
func (p *pass) head(left int) (head []byte, margin int) {
	start := p.TextStart()
	if left == start {
		return nil, 0
	}
	before := p.Text[start:left]
	before = bytes.TrimRight(before, "\"'")
	text := bytes.TrimRight(bytes.TrimSuffix(before, []byte("- ")), " \t")
	if len(before) > 0 && len(text) == 0 {
		return nil, glyph.Indent(before)
	}
	return text, len(bytes.TrimSuffix(before, []byte("- "))) - len(text)
}

// behind is the rest of a line that begins as the head does, but for its digits; false where it does not.
func (p *pass) behind(line glyph.Span, head []byte) (glyph.Span, bool) {
	if line.To-line.From < len(head) || len(head) > maxHead {
		return line, false
	}
	for i, c := range head {
		if d := p.Text[line.From+i]; d != c && !(ascii.IsDigit(c) && ascii.IsDigit(d)) {
			return line, false
		}
	}
	p.m.work += len(head)
	return glyph.Span{From: line.From + len(head), To: line.To}, true
}

// maxHead is the longest head of a record that is compared with the next one's.
const maxHead = 200

// nextWord masks the next line where it is one word with the look of a secret.
func (p *pass) nextWord(f *found, head []byte) bool {
	if f.class < keyname.Strong || p.TextOf(p.Start, p.End).To-f.right > 3 {
		return false
	}
	next, ok := p.After(f.left)
	if !ok {
		return false
	}
	rest, same := p.behind(next, head)
	if same {
		next = rest
	} else if !isSentence(head) {
		return false
	}
	word := bytes.TrimSpace(p.Text[next.From:next.To])
	empty := len(word) == 0
	if empty {
		if next, ok = p.After(next.From); !ok {
			return false
		}
		word = bytes.TrimSpace(p.Text[next.From:next.To])
	}
	if (empty || !same) && !look.LikeSecret(word) { // what stands less near must look like a secret
		return false
	}
	if len(word) < 6 || len(word) > look.MaxValue || bytes.ContainsAny(word, " \t:/[]()<>{}=,") ||
		!look.HoldsDigit(word) ||
		look.IsReference(word) || ascii.IsDigit(word[0]) && ascii.IsDigit(word[3]) && word[2] == '-' {
		return false
	}
	from := next.From + bytes.Index(p.Text[next.From:next.To], word)
	p.mask(from, from+len(word), KindKeyValue)
	return true
}

// isSentence tells the words of a sentence before a name from the head of a record: Your new password:
func isSentence(head []byte) bool {
	for _, c := range head {
		if !ascii.IsLower(c) && !ascii.IsUpper(c) && c != ' ' && c != '\'' && c != ',' {
			return false
		}
	}
	return true
}

// block masks the lines that are indented deeper than the name's own: their values
// where they have names, their words where they are a list, else all of them.
func (p *pass) block(f *found) bool {
	head, margin := p.head(f.left)
	if f.class < keyname.Token {
		return false
	}
	again := p.blockBelow(f.left, head, margin, f)
	f.class, f.v, f.end = keyname.None, f.right, f.right
	return again
}

// blockBelow masks the lines below position at that are indented deeper than the margin behind the head.
func (p *pass) blockBelow(at int, head []byte, margin int, f *found) bool {
	again := false
	for range maxBlock {
		line, ok := p.After(at)
		if !ok {
			break
		}
		at = line.From
		if line, ok = p.behind(line, head); !ok {
			break
		}
		text := p.Text[line.From:line.To]
		if len(bytes.TrimSpace(text)) > 0 && glyph.Indent(text) <= margin && !p.isItem(text, margin) {
			break
		}
		again = p.maskItem(line, f, again) || again
	}
	return again
}

// isItem tells a list's item, which YAML lets stand at the margin of its name.
func (p *pass) isItem(text []byte, margin int) bool {
	return len(text) > margin && bytes.HasPrefix(text[margin:], []byte("- ")) && glyph.Indent(text) == margin
}

// aboutSecrets are the members of Compose's and Kubernetes' lists of secrets, which hold names and places.
var aboutSecrets = ascii.Words(`source target file external name environment mode uid gid driver items path optional
	secretname namespace type immutable`)

// maskItem masks one line of a block.
func (p *pass) maskItem(line glyph.Span, f *found, again bool) bool {
	list := ascii.IsFold(p.key(f), "secrets")
	i := line.From + glyph.Indent(p.Text[line.From:line.To])
	if bytes.HasPrefix(p.Text[i:line.To], []byte("- ")) {
		i += 2
		i += glyph.Indent(p.Text[i:line.To])
		if list && look.IsPlainName(bytes.TrimSpace(p.Text[i:line.To])) {
			return true
		}
	}
	if n := keyname.NameLength(p.Text[i:line.To]); n > 0 && bytes.HasPrefix(p.Text[i+n:line.To], []byte(": ")) {
		if list && ascii.Among(aboutSecrets, p.Text[i:i+n]) {
			return true
		}
		i += n + 2
	} else if n > 0 && i+n+1 == line.To && p.Text[i+n] == ':' {
		return false // a name with a block of its own
	}
	i += glyph.Indent(p.Text[i:line.To])
	end := line.From + len(bytes.TrimRight(p.Text[line.From:line.To], " \t"))
	if i < end && ascii.IsQuote(p.Text[i]) && end-1 > i && p.Text[end-1] == p.Text[i] {
		i, end = i+1, end-1
	}
	v := p.Text[i:max(i, end)]
	if len(v) == 0 || look.IsReference(v) || ascii.Among(look.EmptyWords, v[:min(len(v), 16)]) ||
		f.class < keyname.Strong && !look.IsSecret(f.class, look.Loose, v) {
		return false
	}
	p.emit(edit{start: i, end: end, kind: KindKeyValue, again: again})
	return true
}

// heredocMark is the word that ends a text of several lines which begins at v: <<EOT, <<-'EOF'.
func (p *pass) heredocMark(v int) (mark []byte, ok bool) {
	mark = bytes.TrimSpace(p.Text[v:min(p.End, v+keyname.MaxKey)])
	mark = bytes.Trim(bytes.TrimLeft(mark, "<-~"), `"'`)
	return mark, keyname.IsName(mark) && v+keyname.MaxKey > p.End
}

// tripleMark is what ends a text of several lines in TOML and Python: the three quotes that begin it at v and that its
// own line does not have again.
func (p *pass) tripleMark(v int) (mark []byte, ok bool) {
	if !p.HasAt(v, `"""`) && !p.HasAt(v, "'''") {
		return nil, false
	}
	mark = p.Text[v : v+3]
	return mark, len(bytes.TrimSpace(p.Text[v+3:min(p.End, v+keyname.MaxKey)])) == 0
}

// heredoc masks the lines up to the mark.
func (p *pass) heredoc(f *found, mark []byte) bool {
	head, _ := p.head(f.left)
	at, again := f.left, false
	for range maxBlock {
		line, ok := p.After(at)
		if !ok || f.class < keyname.Strong {
			break
		}
		at = line.From
		if rest, ok := p.behind(line, head); ok {
			line = rest
		}
		whole := bytes.TrimSpace(p.Text[line.From:line.To])
		text, closed := bytes.CutSuffix(whole, mark)
		if closed && len(text) > 0 && !ascii.IsQuote(mark[0]) { // a word that ends like the mark
			text, closed = whole, false
		}
		if len(text) > 0 {
			from := line.From + bytes.Index(p.Text[line.From:line.To], text)
			p.emit(edit{start: from, end: from + len(text), kind: KindKeyValue, again: again})
			again = true
		}
		if closed {
			break
		}
	}
	f.class, f.v, f.end = keyname.None, f.right, f.right
	return again
}

// formValue masks what a form of several parts holds for a name: below the empty line that ends the part's head.
//
//	Content-Disposition: form-data; name="password"
//
//	hunter2
func (p *pass) formValue(f *found) bool {
	start := p.TextStart()
	from := max(start, f.left-keyname.MaxKey)
	head := p.Text[from:f.left]
	i := bytes.LastIndex(head, []byte("form-data"))
	if i < 0 {
		return false
	}
	if v := p.closeName(f); v < p.End && p.At(v).C == '\n' { // the whole form in one line
		return p.formInLine(f, v)
	}
	head = p.Text[start:f.left]
	if c := bytes.LastIndex(head, []byte("Content-Disposition")); c >= 0 {
		head = bytes.TrimRight(head[:c], " ")
	} else {
		return false
	}
	at, empty := f.left, false
	for range 3 {
		line, ok := p.After(at)
		if !ok {
			return false
		}
		at = line.From
		if line, ok = p.behind(line, head); !ok {
			return false
		}
		text := bytes.TrimSpace(p.Text[line.From:line.To])
		if empty {
			v := line.From + bytes.Index(p.Text[line.From:line.To], text)
			p.mask(v, v+len(text), KindKeyValue)
			f.class, f.v, f.end = keyname.None, f.right, f.right
			return true
		}
		empty = len(text) == 0
	}
	return false
}

func (p *pass) formInLine(f *found, i int) bool {
	breaks := 0
	for i < p.End && p.At(i).C == '\n' {
		i += p.At(i).N
		breaks++
	}
	if breaks < 2 || i >= p.End {
		return false
	}
	f.v, f.end, f.quote, f.joint = i, i, glyph.Glyph{}, look.Tight
	for limit := min(p.End, i+glyph.MaxWord); f.end < limit && p.At(f.end).C != '\n'; {
		f.end += p.At(f.end).N
	}
	return f.end > f.v
}
