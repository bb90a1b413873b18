package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/encoded"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/place"
)

// Limits of encoded texts that are read: their length, and how deep one may stand in another.
const (
	maxEncoded = 16 << 10
	maxDepth   = 2
)

// encodedText masks a run of base64 or of hexadecimal digits where what it encodes holds a secret: a document, the
// line of a form, a command line as the kernel's audit writes it, a user and a password.
//
//	cGFzc3dvcmQ9aHVudGVyMg==                          password=hunter2
//	proctitle=6D7973716C002D7068756E74657232          mysql -phunter2
//	dXNlcjpodW50ZXIy                                  user:hunter2
func (p *pass) encodedText(at, to int) {
	if at < p.encodedEnd || p.m.depth >= maxDepth {
		return
	}
	from, end := at, at
	for floor := max(p.encodedEnd, at-maxEncoded/2); from > floor && ascii.IsBase64(p.Text[from-1]); from-- {
	}
	for ceil := min(to, at+maxEncoded/2); end < ceil && ascii.IsBase64(p.Text[end]); end++ {
	}
	p.m.work += end - from
	p.encodedEnd = end
	for eq := bytes.IndexByte(p.Text[from:end], '='); eq >= 0 &&
		from+eq+2 < end; eq = bytes.IndexByte(p.Text[from:end], '=') {
		from += eq + 1 // a name before it
	}
	if plain := encoded.Text(p.Text[from:end]); plain != nil && p.holdsSecret(plain) {
		p.mask(from, end, KindToken)
	}
}

// holdsSecret tells whether the rules find anything in a text of its own.
func (p *pass) holdsSecret(plain []byte) bool {
	if user, password, two := bytes.Cut(bytes.TrimSpace(plain), []byte(":")); two && place.IsUser(user) &&
		len(password) >= 4 && !ascii.IsNumber(password) && !bytes.ContainsAny(password, "/: \n") && look.IsUserLike(user) {
		return true
	}
	p.m.depth++
	sub := newPass(p.m, plain)
	sub.scan(0, len(plain))
	p.m.depth--
	return len(sub.edits) > 0
}

// dumpedBytes masks the hexadecimal half of a dump's line of which the readable half holds a secret:
//
//	0x0040:  7061 7373 776f 7264 3d68 756e 7465 7232  password=hunter2
func (p *pass) dumpedBytes() {
	line := p.TextOf(p.Start, p.End)
	isHex := func(i int) int { return p.ShortRun(i, ascii.IsHexDigit) }
	i := p.SkipBlanks(line.From)
	if p.HasAt(i, "0x") {
		i += len("0x")
	}
	offset := isHex(i)
	if offset-i < 4 || offset >= line.To || p.Text[offset] != ':' && p.Text[offset] != ' ' {
		return
	}
	from := p.SkipBlanks(offset + 1)
	end := from
	for groups := 0; groups < 16; groups++ {
		group := isHex(p.SkipBlanks(end))
		if n := group - p.SkipBlanks(end); n != 2 && n != 4 && n != 8 || group < line.To && p.Text[group] != ' ' {
			break
		}
		end = group
	}
	if end-from >= encoded.Least/2 {
		p.mask(from, end, KindToken)
	}
}
