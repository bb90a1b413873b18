package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// linkWords may stand between a word that tells of a secret and the secret: "the
// password is x", "API key provided: x".
var linkWords = ascii.Words(`is was are be set to as value provided given used using generated created here following
	temporary initial root admin new old current your my the a an invalid wrong incorrect and hash seed
	ist est es
	yes no differ differs mismatch rotated renewed regenerated gave gives returned returns yields yielded holds contains
	equals we i you use uses that which has been will now id with received got loaded found detected accepted rejected configured issued not default from`)

// saysWords say what the secret is.
var saysWords = ascii.Words(`is was ist est es`)

// givenWords say that what is in quotes behind them is the value itself: using default "x".
var givenWords = ascii.Words(`default value using gave gives returned returns yields yielded holds contains equals`)

// ownerWords lead to whose secret it is.
var ownerWords = ascii.Words(`for of`)

// maxLinks is how many of them.
const maxLinks = 7

// sentence is how far a sentence about a secret was read, and what its words promise of the next one.
type sentence struct {
	at      int
	named   bool // a colon or "is" promises the secret
	said    bool // and was the word before
	given   bool // "default" or "from" gives it
	changed bool // "to" of a change
}

// prose finds a secret that stands in a sentence beside the word that tells of it, and
// has the look of one: long and random, or quoted. It returns where to go on.
func (p *pass) prose(f *found) int {
	if f.class < keyname.Long || f.class == keyname.Weak || f.class == keyname.Header || p.isProtocol(f) ||
		bytes.IndexByte(p.key(f), '_') >= 0 && !p.isVariableName(f) { // the name of a function
		return f.right
	}
	if f.class == keyname.Code {
		p.codeBefore(f)
	}
	s := sentence{at: p.closeName(f)}
	if f.class == keyname.Strong && p.valueBeforeAs(f) || p.newParagraph(f) {
		return f.right
	}
	for range maxLinks {
		j := p.SkipBlanks(s.at)
		if j >= p.End || j == s.at && !s.named {
			break
		}
		v, end := p.proseWord(j)
		if end <= v {
			break
		}
		linked, lost := p.link(f, &s, v, end)
		if lost {
			break
		}
		if !linked {
			return p.spoken(f, s, j, v, end)
		}
	}
	return f.right
}

// isVariableName tells the name of a variable: Setting ROOT_PASSWORD to x.
func (p *pass) isVariableName(f *found) bool {
	return bytes.IndexByte(p.key(f), '_') >= 0 && keyname.IsUpper(p.key(f))
}

// link steps over a word that may stand before the secret. The thread is lost where a sentence says whose secret it is
// and nothing of the secret.
func (p *pass) link(f *found, s *sentence, v, end int) (linked, lost bool) {
	word := p.Text[v:end]
	trimmed := ascii.Lowered(string(bytes.TrimRight(word, ":,=")))
	switch {
	case ownerWords[trimmed]: // for root@localhost: x, for db is x
		s.named, s.said = true, true
		s.at = p.owner(end)
		return true, s.at == 0
	case len(trimmed) == 1 && ascii.IsDigit(trimmed[0]) && s.at > f.right-1 && !s.named: // Cisco's password 7 x
		s.named, s.said = true, true
		s.at = end
		return true, false
	case !linkWords[trimmed] && trimmed != "":
		return false, false
	}
	s.said = saysWords[trimmed] || word[len(word)-1] == ':'
	s.named = s.named || s.said || trimmed == "to" && p.isVariableName(f)
	s.changed = trimmed == "to" && p.isChanged(f, end)
	s.given = givenWords[trimmed] || trimmed == "from" && p.changesTo(end)
	if s.at = end; p.HasAt(end, ", ") {
		s.at++
	}
	return true, false
}

// spoken masks the word at v, whose quotes begin at j, if the sentence so far or its own look tell that it is the
// secret.
func (p *pass) spoken(f *found, s sentence, j, v, end int) int {
	word := p.Text[v:end]
	switch {
	case p.isPair(f, word):
		p.mask(v+bytes.IndexByte(word, ':')+1, end, KindKeyValue)
		return end
	case s.given && v > j && f.class == keyname.Strong && !look.IsProse(word), p.endsPrompt(f, s.at, v, end, s.named):
		p.mask(v, end, KindKeyValue)
		if p.HasAt(end+1, " to ") && end+5 < p.End && ascii.IsQuote(p.At(end+5).C) { // from 'x' to 'y'
			v, end = p.proseWord(end + 5)
			p.mask(v, end, KindKeyValue)
		}
		return end
	case p.isRefusedKey(f, word, v, end), p.tellsItself(f, word, v > j, s.named), s.said && p.isSaid(f, v, end), s.changed,
		p.isUsed(f) && (look.IsOddWord(word) || p.isSaid(f, v, end)), p.isGiven(f, s, v, end):
		p.mask(v, end, KindKeyValue)
		p.instead(end, v > j)
		return p.listed(f, end)
	}
	return f.right
}

// owner steps over whose secret it is, up to the colon or the verb: for user root: x.
func (p *pass) owner(i int) int {
	for range 2 {
		if i = p.SkipBlanks(i); i >= p.End {
			return 0
		}
		var v int
		if v, i = p.proseWord(i); i < p.End && v > 0 && ascii.IsQuote(p.Text[v-1]) && i-v < keyname.MaxKey {
			i += p.At(i).N // key '/root/.ssh/id_rsa':
		}
		if p.HasAt(i, ":") {
			return i + 1
		}
		for _, says := range becomes {
			if p.HasAt(i, says) {
				return i + len(says) - 1
			}
		}
		if i < p.End && p.Text[i-1] == ':' {
			return i
		}
	}
	return 0
}

// becomes are verbs that give a secret its value: for shop is, for shop has been set to.
var becomes = []string{" is ", " set to ", " changed to ", " reset to ", " was set to ", " has been set to ",
	" was changed to ", " has been changed to "}

// changesTo tells whether one quoted text follows and then another: from 'x' to 'y'.
func (p *pass) changesTo(i int) bool {
	if i = p.SkipBlanks(i); i >= p.End || !ascii.IsQuote(p.At(i).C) {
		return false
	}
	_, end := p.proseWord(i)
	return p.HasAt(end+1, " to ") && end+5 < p.End && ascii.IsQuote(p.At(end+5).C)
}

// valueBeforeAs masks the word that a sentence uses as a secret: logging in with x as password.
func (p *pass) valueBeforeAs(f *found) bool {
	from := max(p.TextStart(), f.left-maxOffer)
	before := bytes.TrimSuffix(bytes.TrimRight(p.Text[from:f.left], " "), []byte(" the"))
	before, found := bytes.CutSuffix(before, []byte(" as"))
	if !found {
		return false
	}
	end := from + len(bytes.TrimRight(before, "\"' "))
	v := from + bytes.LastIndexAny(p.Text[from:end], "\"' ") + 1
	if word := p.Text[v:end]; len(word) < 4 || !look.IsOddWord(word) && !ascii.IsQuote(p.Text[max(v-1, 0)]) {
		return false
	}
	p.mask(v, end, KindKeyValue)
	return true
}

const maxOffer = 64

// endsPrompt tells what a person typed behind a prompt that names whose secret it asks for, as the line's last word:
// Enter passphrase for key 'k': x.
func (p *pass) endsPrompt(f *found, i, v, end int, named bool) bool {
	telling := keyname.IsPassword(p.key(f)) || look.LikeSecret(p.Text[v:end])
	return named && f.class == keyname.Strong && telling && p.Text[i-1] == ':' && v == p.SkipBlanks(i) &&
		p.SkipBlanks(end) >= p.TextOf(p.Start, p.End).To && !look.IsProse(p.Text[v:end]) && !look.IsReference(p.Text[v:end])
}

// spokenValue finds a value that the sentence gives to a name of a setting: key 'db.password' in x with value y, and
// db_password is "y".
func (p *pass) spokenValue(f *found) bool {
	if f.class < keyname.Token || f.class == keyname.Header || f.class == keyname.Cookie {
		return false
	}
	i := p.closeName(f)
	for _, says := range []string{" is ", " was ", " equals ", " set to "} {
		if v := i + len(says); p.HasAt(i, says) && v < p.End && ascii.IsQuote(p.At(v).C) {
			return p.value(f, v) && !look.IsProse(p.Text[f.v:f.end]) && bytes.IndexByte(p.Text[f.v:f.end], ' ') < 0
		}
	}
	if p.setTo(f, i) {
		return true
	}
	const with = " with value "
	if p.withAt < i { // found once for all names before it
		p.withAt = len(p.Text)
		if n := bytes.Index(p.Text[i:], []byte(with)); n >= 0 {
			p.withAt = i + n
		}
	}
	n := p.withAt - i
	if p.withAt+len(with) > min(p.End, i+look.MaxValue) || !f.closed && n > 0 || i+n+len(with) >= p.End {
		return false
	}
	f.joint = look.Tight
	return p.value(f, i+n+len(with)) && !look.IsProse(p.Text[f.v:f.end])
}

// setTo finds the last word of a sentence about a name in quotes or brackets, which says what it was set to: property
// 'db.password' of bean X set to 'y', system property [db.password] to [y].
func (p *pass) setTo(f *found, i int) bool {
	if !ascii.IsQuote(f.before.C) && f.before.C != '[' || !f.closed && !p.HasAt(i, "]") || f.class != keyname.Strong {
		return false
	}
	line := p.TextOf(p.Start, p.End)
	rest := p.Text[min(i, line.To):min(line.To, i+look.MaxValue)]
	p.m.work += len(rest)
	for _, says := range []string{" to '", ` to "`, " to ["} {
		n := bytes.LastIndex(rest, []byte(says))
		if n < 0 || bytes.ContainsAny(rest[:n], ";|{") {
			continue
		}
		end := bytes.TrimRight(rest, " .'\"]")
		f.joint = look.Tight
		f.v, f.end = i+n+len(says), i+len(end)
		f.quote = glyph.Glyph{C: '\'', N: 1}
		return f.end > f.v && bytes.IndexByte(p.Text[f.v:f.end], ' ') < 0
	}
	return false
}

// rejected finds the value that Spring's validation says of a field: on field 'password': rejected value [x].
func (p *pass) rejected(f *found, i int) bool {
	const says = ": rejected value ["
	if v := i + len(says); f.closed && p.HasAt(i, says) && v < p.End {
		f.v, f.quote, f.joint = v, glyph.Glyph{}, look.Tight
		f.end = v + max(0, bytes.IndexByte(p.Text[v:min(p.End, v+glyph.MaxWord)], ']'))
		return f.end > f.v
	}
	return false
}

// newParagraph masks a random word that stands alone below a line such as "use the
// following password to proceed:".
func (p *pass) newParagraph(f *found) bool {
	line := p.TextOf(p.Start, p.End)
	if !keyname.IsPassword(p.key(f)) || line.To == line.From || p.Text[line.To-1] != ':' ||
		line.To-f.right > look.MaxValue {
		return false
	}
	at := f.left
	for range 3 {
		below, ok := p.After(at)
		if !ok {
			return false
		}
		at = below.From
		word := bytes.TrimSpace(p.Text[below.From:below.To])
		if len(word) == 0 {
			continue
		}
		if len(word) < 16 || bytes.IndexByte(word, ' ') >= 0 || !look.IsRandom(word) {
			return false
		}
		from := below.From + bytes.Index(p.Text[below.From:below.To], word)
		p.mask(from, from+len(word), KindKeyValue)
		return true
	}
	return false
}

// proseWord is the next word of a sentence, or what is in quotes there, without the
// sentence's own marks.
func (p *pass) proseWord(j int) (v, end int) {
	limit := min(p.End, j+look.MaxValue)
	if g := p.At(j); ascii.IsQuote(g.C) {
		v = j + g.N
		if end = p.QuotedEnd(v, limit, g); end < limit {
			return v, end
		}
		return v, v
	}
	end = j
	for end < limit && !ascii.IsSpace(p.Text[end]) && p.Text[end] != 0x1b && p.Text[end] != '"' && p.Text[end] != '\\' {
		end++
	}
	for end > j && ascii.OneOf(p.Text[end-1], ".,;!?)]}>'") {
		end--
	}
	p.m.work += end - j
	return j, end
}
