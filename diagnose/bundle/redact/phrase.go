package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// phraseStarts go on with a phrase about a secret that a colon and the secret may end: password for the elastic user:
// x. A phrase that tells what failed has other words.
var phraseStarts = ascii.Words(`for of to on at generated created changed set reset rotated below für pour para de del di van voor`)

// maxPhraseBytes is how far the colon may stand behind the name.
const maxPhraseBytes = 100

// phrase masks what stands behind the colon that ends a phrase about a secret, in the same line or alone in the next:
//
//	Initial password (without the quotes): "hunter2"
//	Password for the elastic user (reset with `bin/x`):
//	  hunter2
func (p *pass) phrase(f *found) bool {
	key := p.key(f)
	if f.class != keyname.Strong || !keyname.IsPassword(key) && bytes.IndexByte(key, ' ') < 0 || bytes.IndexByte(key,
		'_') >= 0 {
		return false
	}
	rest := p.Text[f.right:min(p.TextOf(p.Start, p.End).To, f.right+maxPhraseBytes)]
	p.m.work += len(rest)
	n := phraseEnd(rest)
	switch {
	case n < 0:
		return false
	case n+1 == len(rest):
		return p.phraseBelow(f)
	}
	v := p.SkipBlanks(f.right + n + 1)
	if v >= p.End {
		return false
	}
	from, end := p.proseWord(v)
	if keyname.IsPhrase(key) {
		end = p.phraseEnd(from, end)
	}
	word := p.Text[from:end]
	if first := bytes.TrimLeft(rest, " "); ascii.Among(changeWords, first[:max(0, bytes.IndexByte(first, ' '))]) &&
		!look.IsOddWord(word) { // password reset for bob: done
		return false
	}
	alone := from > v || len(bytes.Trim(p.Text[end:p.TextOf(p.Start, p.End).To], " .*!'\"`)")) == 0
	if !alone || len(word) < 4 || look.IsPredicate(word) || look.IsReference(word) || bytes.HasPrefix(word,
		[]byte(look.Mask)) {
		return false
	}
	p.mask(from, end, KindKeyValue)
	return true
}

// phraseEnd is where the colon of a phrase stands that begins behind the name; -1 = the text is no such phrase.
func phraseEnd(rest []byte) int {
	text := bytes.TrimLeft(rest, " ")
	first, _, _ := bytes.Cut(text, []byte(" "))
	if len(text) == len(rest) || len(first) == 0 || !ascii.OneOf(first[0], "([<") && !ascii.Among(phraseStarts, first) {
		return -1
	}
	from := 0
	if ascii.OneOf(first[0], "([<") {
		if from = bytes.IndexAny(rest, ")]>"); from < 0 {
			return -1
		}
	}
	for i := from; i < len(rest); i++ {
		switch {
		case (rest[i] == ':' || rest[i] == '=' && rest[i-1] == ' ') && (i+1 == len(rest) || rest[i+1] == ' '):
			if among := bytes.FieldsFunc(rest[:i], func(r rune) bool { return !isLetter(r) }); holdsFailure(among) {
				return -1
			}
			return i
		case ascii.OneOf(rest[i], ";=,"):
			return -1
		}
	}
	return -1
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80 }

// failures are words of a phrase that tells what went wrong; behind its colon stands why.
var failures = ascii.Words(`failed fails failure error errors invalid wrong mismatch denied rejected not missing cannot
	expired incorrect required refused unable exception`)

func holdsFailure(list [][]byte) bool {
	for _, word := range list {
		if ascii.Among(failures, word) {
			return true
		}
	}
	return false
}

// phraseBelow masks the one word of the next line, where it is none of a language.
func (p *pass) phraseBelow(f *found) bool {
	below, ok := p.After(f.left)
	if !ok {
		return false
	}
	head, _ := p.head(p.TextStart())
	if rest, ok := p.behind(below, head); ok {
		below = rest
	}
	text := bytes.TrimSpace(p.Text[below.From:below.To])
	odd := look.IsOddWord(text) || bytes.ContainsAny(text, "!#$%&*+?@^~=") && look.HoldsDigit(text)
	if len(text) < 6 || bytes.IndexByte(text, ' ') >= 0 || !odd || look.IsReference(text) {
		return false
	}
	from := below.From + bytes.Index(p.Text[below.From:below.To], text)
	p.mask(from, from+len(text), KindKeyValue)
	return true
}

// listed masks what follows a secret of several: recovery codes are: x, y.
func (p *pass) listed(f *found, end int) int {
	if key := p.key(f); key[len(key)-1] != 's' && key[len(key)-1] != 'S' {
		return end
	}
	for range maxPhrase {
		i := p.SkipBlanks(end)
		if !p.HasAt(i, ",") {
			break
		}
		if i = p.SkipBlanks(i + 1); i >= p.End {
			break
		}
		v, to := p.proseWord(i)
		if !look.IsOddWord(p.Text[v:to]) {
			break
		}
		p.mask(v, to, KindKeyValue)
		end = to
	}
	return end
}

// changedTo masks both secrets of a change: password: changed 'x' to 'y', and changed the password from x to y.
func (p *pass) changedTo(f *found) bool {
	if f.class != keyname.Strong || !keyname.IsPassword(p.key(f)) {
		return false
	}
	for _, says := range []string{": changed ", " changed from ", " from "} {
		if !p.HasAt(f.right, says) {
			continue
		}
		i := f.right + len(says)
		v, end := p.wordAt(i)
		next := end
		if next < p.End && ascii.IsQuote(p.Text[next]) {
			next++
		}
		if end <= v || !p.HasAt(next, " to ") || v == i && !(look.IsOddWord(p.Text[v:end]) && p.saysChanged(f)) {
			return false
		}
		w, to := p.wordAt(next + len(" to "))
		p.mask(v, end, KindKeyValue)
		p.mask(w, to, KindKeyValue)
		return true
	}
	return false
}

// wordAt is the word of a sentence at i, or none at the line's end.
func (p *pass) wordAt(i int) (v, end int) {
	if i >= p.End {
		return i, i
	}
	return p.proseWord(i)
}

// saysChanged tells whether a sentence says that somebody changed what it names.
func (p *pass) saysChanged(f *found) bool {
	for word := range bytes.FieldsSeq(p.Text[max(p.TextStart(), f.left-maxOffer):f.left]) {
		if ascii.Among(changeWords, word) {
			return true
		}
	}
	return false
}

// moreWords is how many words a password may have after its first, where nothing quotes it.
const moreWords = 3

// wordsEnd goes on over the words of a passphrase that ends the line: password: open sesame. A word of a message, a
// name and a mark show that a sentence follows.
func (p *pass) wordsEnd(f *found, end int) int {
	begins := f.sep.C == '=' && keyname.IsPhrase(p.key(f)) && f.left == p.TextStart() // of a file: wpa_passphrase=x y
	if f.sep.C != ':' && !begins || f.class != keyname.Strong || !keyname.IsPassword(p.key(f)) || f.closed {
		return end
	}
	line := p.TextOf(p.Start, p.End)
	rest := p.Text[end:max(end, min(line.To, end+maxPhraseBytes+1))]
	words := bytes.Fields(rest)
	if len(rest) > maxPhraseBytes || len(words) == 0 || len(words) > moreWords || look.IsPredicate(p.Text[f.v:end]) {
		return end
	}
	p.m.work += len(rest)
	for _, word := range words {
		if look.IsPredicate(word) || bytes.ContainsAny(word, "=:()[]{}<>,;\"'/|`") {
			return end
		}
	}
	return end + len(bytes.TrimRight(rest, " \t"))
}
