package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// value sets the span of the value that begins at v: a quoted text, a list, map or
// call of such, or a word.
func (p *pass) value(f *found, v int) bool {
	for v < p.End && p.At(v).C == glyph.GlyphCSI {
		v += p.At(v).N
	}
	if v = p.skipTag(v); v >= p.End {
		return false
	}
	f.v, f.end, f.quote, f.tree = v, v, glyph.Glyph{}, false
	if p.IsTree(v) {
		f.tree = true
		f.end = v + 1
		return true
	}
	if c := p.Text[v]; (c == '[' || c == '(') && p.StringPrefix(v) == v { // password [x]
		v++
		f.v, f.end = v, v
	}
	start := p.StringPrefix(v)
	if start >= p.End {
		return false
	}
	if g := p.At(start); ascii.IsQuote(g.C) {
		return p.quoted(f, start, g)
	}
	f.end = p.valueEnd(f, p.limit(f))
	if next := p.SkipBlanks(f.end); f.sep.C == ':' && f.class == keyname.Strong && !f.closed && next > f.end &&
		f.end-f.v > 1 && p.Text[f.end-1] == ':' && keyname.IsName(p.Text[f.v:f.end-1]) { // security keys: S0: x
		f.v, f.end = next, p.PlainEnd(next, p.limit(f), f.sep)
	}
	return f.end > f.v
}

// limit is how far a value is read before it is known to be a secret.
func (p *pass) limit(f *found) int {
	if f.class == keyname.Strong {
		return p.End
	}
	return min(p.End, f.v+look.MaxValue)
}

// quoted reads a quoted value whose opening quote g stands at start.
func (p *pass) quoted(f *found, start int, g glyph.Glyph) bool {
	f.quote, f.v = g, start+g.N
	if p.IsTriple(f.v, g) {
		f.v += 2 * g.N
		f.end = p.TripleEnd(f.v, g)
		return f.end > f.v
	}
	if next := f.v + g.N; p.isDoubled(f.v, g) { // ''x'' in a text that '' would end
		f.v = next
	}
	f.end = p.QuotedEnd(f.v, p.limit(f), g)
	for rest := f.end; g == quoteOfShell && p.HasAt(rest, `'\''`); rest = f.end {
		f.end = p.QuotedEnd(rest+len(`'\''`), p.limit(f), g) // a quote in a shell's quotes
	}
	return f.end > f.v
}

// isDoubled tells whether the quote g stands twice before a word: password=”x” of SQL, ""x"" of CSV.
func (p *pass) isDoubled(i int, g glyph.Glyph) bool {
	return i+g.N < p.End && p.At(i) == g && ascii.IsAlnum(p.At(i+g.N).C)
}

func (p *pass) valueEnd(f *found, limit int) int {
	if f.quote.N > 0 {
		return p.QuotedEnd(f.v, limit, f.quote)
	}
	if key := bytes.ToLower(p.key(f)); ascii.Holds(key, "conn") && ascii.Holds(key, "str") { // A=b;C=d
		return p.RunEnd(f.v, func(c byte) bool { return !ascii.IsSpace(c) && !ascii.IsQuote(c) && c != '<' && c != '\\' })
	}
	if p.HasAt(f.v, "$argon2") { // its parameters have commas between them
		return p.RunEnd(f.v, ascii.IsHash)
	}
	if f.closed && f.before.C == '[' && f.sep.C == '=' && f.left-f.before.N == p.TextStart()+
		glyph.Indent(p.Text[p.TextStart():f.left]) { // PHP's [password] => x y
		return p.TextOf(p.Start, p.End).To
	}
	end := p.dumpedEnd(f, p.PlainEnd(f.v, limit, f.sep))
	if keyname.IsPhrase(p.key(f)) {
		end = p.phraseEnd(f.v, end)
	}
	return p.wordsEnd(f, end)
}

// maxPhrase is how many words such a secret has: a seed has 24.
const maxPhrase = 32

// phraseEnd goes on over the words that follow a value, where they look like it: small letters and digits, with a blank
// or a comma between them. Fewer than three words are no phrase, and a word with a value of its own ends it.
func (p *pass) phraseEnd(v, end int) int {
	to, n := end, 1
	for n < maxPhrase {
		i := p.SkipBlanks(to)
		if p.HasAt(i, ",") {
			i = p.SkipBlanks(i + len(","))
		}
		if i == to {
			break
		}
		next := p.RunEnd(i, func(c byte) bool { return ascii.IsLower(c) || ascii.IsDigit(c) || c == '-' })
		if next-i < 3 || next < p.End && !ascii.IsSpace(p.Text[next]) && p.Text[next] != ',' && p.Text[next] != '.' ||
			look.ProseWords[string(p.Text[i:next])] {
			break
		}
		to = next
		n++
	}
	if n < 3 && !ascii.Holds(bytes.ToLower(p.Text[v:end]), "-") {
		return end
	}
	return to
}

// maxTree bounds a list or map whose leaves are masked, in bytes.
const maxTree = 8 << 10

// leaves masks what the list, map or call at f.v holds: the values, not the names.
func (p *pass) leaves(f *found) int {
	code := p.belowFrame()
	f.tree = false
	limit, depth, index := min(p.End, f.v+p.treeLimit(f)), 0, 0
	i := f.v
	for i < limit {
		g := p.At(i)
		switch {
		case g.C == '<' && p.HasAt(i, look.Mask):
			i += len(look.Mask)
		case g.C == '[' || g.C == '{' || g.C == '(':
			depth++
			i += g.N
		case g.C == ']' || g.C == '}' || g.C == ')':
			if depth--; depth <= 0 {
				limit = i
			}
			i += g.N
		case ascii.IsQuote(g.C):
			i = p.quotedLeaf(f, i, g, &index)
		case ascii.IsAlnum(g.C) || g.C >= 0x80 || g.C == '$' || g.C == '+' || g.C == '/':
			i = p.plainLeaf(f, i, limit, code)
		default:
			i += g.N
		}
	}
	if p.hidesAll(f) {
		return max(i, f.right)
	}
	return f.right // other names in there may tell of a secret
}

// hidesAll tells whether all leaves of the tree after a name are masked.
func (p *pass) hidesAll(f *found) bool {
	return f.class == keyname.Strong || f.class == keyname.Cookie
}

// treeLimit is how many bytes of a tree are read.
func (p *pass) treeLimit(f *found) int {
	if p.hidesAll(f) {
		return maxTree
	}
	return maxTree / 16
}

// quotedLeaf masks a quoted text of a tree, unless it is a name; it returns where to
// go on.
func (p *pass) quotedLeaf(f *found, i int, g glyph.Glyph, index *int) int {
	leaf := *f
	if !p.quoted(&leaf, i, g) {
		return i + g.N
	}
	next := min(p.End, leaf.end+g.N)
	if p.IsName(next) {
		return next
	}
	*index++
	if p.isLeafSecret(f, &leaf, *index) {
		p.hide(&leaf, kindOf(f))
	}
	return next
}

// isLeafSecret tells whether a quoted text of the tree at f.v is a secret. Of
// auth=('user', 'x') the second is; a map below a token's name may hold anything.
func (p *pass) isLeafSecret(f, leaf *found, index int) bool {
	v := p.Text[leaf.v:leaf.end]
	switch {
	case len(v) == 0, ascii.Among(look.EmptyWords, v[:min(len(v), 16)]), look.IsReference(v):
		return false
	case f.class == keyname.Cookie:
		return true
	case f.class == keyname.Weak && bytes.HasSuffix(bytes.ToLower(p.key(f)), []byte("auth")):
		return index == 2
	case f.class == keyname.Token && (p.Text[f.v] == '{' || ascii.OneOf(p.Text[f.right-1],
		"sS")): // tokens: ["the", "quick"]
		return look.IsSecret(f.class, look.Loose, v)
	}
	return p.isSecret(leaf)
}

func kindOf(f *found) string {
	if f.class == keyname.Cookie || f.class == keyname.Header {
		return KindHeader
	}
	return KindKeyValue
}

// plainLeaf masks a bare word of a tree; in program text such are names and calls.
func (p *pass) plainLeaf(f *found, i, limit int, code bool) int {
	end := i
	for end < limit && !ascii.IsSpace(p.Text[end]) && !ascii.OneOf(p.Text[end], `,;:=()[]{}"'`) {
		if p.Text[end] == '\\' && p.At(end).C != '\\' { // an escape
			break
		}
		end++
	}
	end = max(end, i+1)
	leaf := *f
	leaf.v, leaf.end = i, end
	called := end < limit && (p.Text[end] == '(' || ascii.IsQuote(p.Text[end]))
	if code || called || p.IsName(end) || f.class == keyname.Weak {
		return end
	}
	if p.isSecret(&leaf) && !(f.class == keyname.Cookie && end-i < 4) {
		p.mask(i, end, kindOf(f))
	}
	return end
}

// isSecret tells whether the value that was found is to be masked.
func (p *pass) isSecret(f *found) bool {
	v := p.Text[f.v:f.end]
	j := f.joint
	if f.quote.N > 0 && j == look.Loose {
		j = look.Tight
	}
	if j == look.Loose && p.isShellsComplaint(f) {
		return false
	}
	return len(v) > 0 && look.IsSecret(f.class, j, v)
}
