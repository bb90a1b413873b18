package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// placeWords come before the names of users, hosts and databases.
var placeWords = ascii.Words(`user username role account for host on at db database server from by named port version line
	pid id container pod node file module`)

// nearby masks words behind a password's name that have the look of one, where the sentence gives none a better place:
// password mismatch, expected hunter22. What stands behind "user" or "host" is the name of one.
func (p *pass) nearby(f *found) {
	if f.class != keyname.Strong || !p.HasAt(f.right, " ") || !keyname.IsPassword(p.key(f)) ||
		bytes.IndexByte(p.key(f), '_') >= 0 {
		return
	}
	var last []byte
	i, limit := max(f.right, p.nearEnd), min(p.End, f.right+maxPhraseBytes)
	p.nearEnd = limit
	for n := 0; n < maxNearWords && i < limit; n++ {
		if i = p.SkipBlanks(i); i >= limit {
			return
		}
		v, end := p.proseWord(i)
		if word := p.Text[v:end]; len(word) <= maxPassword && isNearby(word) && !ascii.Among(placeWords, last) {
			p.mask(v, end, KindKeyValue)
		}
		last = p.Text[v:end]
		if i = max(end, i+1); i < limit && !ascii.IsSpace(p.Text[i]) {
			i++ // the mark or quote behind it
		}
	}
}

// maxNearWords bounds the words that are looked at behind a name.
const maxNearWords = 24

// maxPassword is the longest password that people type.
const maxPassword = 32

// isNearby tells the look: letters and digits, and nothing of an address, a path, a version or an id.
func isNearby(word []byte) bool {
	const acronym = 3 // capitals in a row, as in the names of algorithms: PBKDF2WithHmacSHA256
	return look.IsRandom(word) && look.Capitals(word) < acronym && !bytes.ContainsAny(word, "./:=<>{}[]\\|") &&
		!look.IsHex(word) && !look.IsID(word) &&
		bytes.Count(word, []byte("-")) < 2 && !ascii.IsDigit(word[0])
}
