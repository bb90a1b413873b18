package redact

import (
	"bytes"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

func pemLiterals() []literal {
	list := []literal{{"-----begin", pemRule}, {"-----end", pemTailRule}, {"private-lines:", puttyRule}, {"mii",
		derRule}}
	for _, head := range encodedHeads {
		list = append(list, literal{ascii.Lowered(head), encodedRule(head)})
	}
	return list
}

// encodedHeads are the base64 of -----BEGIN PRIVATE KEY and its relatives, as
// Kubernetes' Secrets hold them; and the heads of keys in DER that have no MII:
// EC (RFC 5915), and PKCS #8 with EC and Ed25519.
var encodedHeads = []string{
	"LS0tLS1CRUdJTiBQUklWQVRF", "LS0tLS1CRUdJTiBSU0Eg", "LS0tLS1CRUdJTiBFQy", "LS0tLS1CRUdJTiBPUEVOU1NI",
	"LS0tLS1CRUdJTiBFTkNS",
	"LS0tLS1CRUdJTiBEU0Eg", "LS0tLS1CRUdJTiBQR1Ag", "MHcCAQEE", "MIGHAgEAMBMGByqGSM49", "MC4CAQAwBQYDK2Vw",
	"b3BlbnNzaC1rZXktdjE",
}

func encodedRule(head string) rule {
	return func(p *pass, at, n int) int {
		if string(p.Text[at:at+n]) != head || at < p.pemEnd {
			return at
		}
		end := p.RunEnd(at, ascii.IsBase64)
		p.mask(at, end, KindPrivateKey)
		return end
	}
}

// derRule masks the line of base64 that begins a private key in PKCS #1 or #8 without
// its mark: a SEQUENCE (MII and its length) whose first member is the INTEGER 0. What
// follows in lines of its own is masked from the end mark, or not at all.
func derRule(p *pass, at, n int) int {
	const head = len("MIIEpAIBAA")
	if at < p.pemEnd || at+head > p.End || !p.HasAt(at, "MII") || !p.HasAt(at+5, "AIBA") || !p.StartsWord(at) {
		return at
	}
	end := p.RunEnd(at, ascii.IsBase64)
	p.mask(at, end, KindPrivateKey)
	p.keyLines(at, true)
	return end
}

// keyTitles are what the mark of a key that opens something says; NATS and OpenVPN have names of their own.
var keyTitles = []string{"PRIVATE KEY", "PRIVATE%20KEY", "PRIVATE+KEY", "NKEY SEED", "OpenVPN Static key"}

// maxPEMLines bounds a private key in lines; 16384-bit RSA needs 200.
const maxPEMLines = 400

// pemRule masks a private key up to its end mark: in the same line, with \n for
// line breaks, or over the lines that follow. Where the end mark is missing it
// stops at the first line that cannot belong to a key.
func pemRule(p *pass, at, n int) int {
	if at < p.pemEnd {
		return at + n
	}
	head := p.Text[at:min(p.End, at+96)]
	if !slices.ContainsFunc(keyTitles, func(title string) bool { return ascii.Holds(head, title) }) {
		return at + n
	}
	end, done := p.pemEndIn(at+n, p.End)
	p.mask(at, end, KindPrivateKey)
	if !done {
		p.keyLines(at, false)
	}
	return end
}

// pemEndIn returns where the end mark of a key ends in text[from:to], or the last byte
// that can belong to the key.
func (p *pass) pemEndIn(from, to int) (end int, done bool) {
	i := bytes.Index(p.Text[from:to], []byte("-----END"))
	if i < 0 {
		end = to
		if end > from && p.Text[end-1] == '\r' {
			end--
		}
		return end, false
	}
	tail := from + i + len("-----END")
	if j := bytes.Index(p.Text[tail:to], []byte("-----")); j >= 0 && j < 48 {
		return tail + j + 5, true
	}
	return tail, true
}

// keyLines masks the lines of a key after the one that holds at. Each counts as part of
// the one key. Of lines with a record's head before it only the key's own word goes.
func (p *pass) keyLines(at int, headless bool) {
	for range maxPEMLines {
		line, ok := p.After(at)
		if !ok {
			return
		}
		at = line.From
		word, ok := p.keyWord(line)
		if !ok || headless && word.From == word.To {
			return
		}
		p.emit(edit{start: word.From, end: word.To, kind: KindPrivateKey, again: true})
		p.pemEnd = max(p.pemEnd, line.To)
		if ascii.Holds(p.Text[line.From:line.To], "-----END") {
			return
		}
	}
}

// keyWord is what of a line belongs to a PEM block: base64 as its last word, an end
// mark, a header such as "Proc-Type:", nothing, or our mask.
func (p *pass) keyWord(line glyph.Span) (glyph.Span, bool) {
	text := bytes.TrimRight(p.Text[line.From:line.To], " \t")
	s := glyph.Span{From: line.From, To: line.From + len(text)}
	switch {
	case len(bytes.TrimSpace(text)) == 0, bytes.HasSuffix(text, []byte(look.Mask)):
		return glyph.Span{From: s.To, To: s.To}, true
	case bytes.HasPrefix(text, []byte("Proc-Type:")), bytes.HasPrefix(text, []byte("DEK-Info:")):
		return glyph.Span{From: s.To, To: s.To}, true
	}
	if i := bytes.Index(text, []byte("-----END")); i >= 0 {
		end, _ := p.pemEndIn(line.From+i, line.To)
		return glyph.Span{From: line.From + i, To: end}, true
	}
	if i := bytes.LastIndexByte(text, ' '); i >= 0 {
		if s.From += i + 1; s.To-s.From < 24 {
			return s, false
		}
	}
	for s.From < s.To && ascii.IsQuote(p.Text[s.From]) {
		s.From++
	}
	word := bytes.TrimRight(p.Text[s.From:s.To], `",'\n+`)
	s.To = s.From + len(word)
	for _, c := range word {
		if !ascii.IsBase64(c) {
			return s, false
		}
	}
	return s, len(word) > 0
}

// pemTailRule masks the lines of a key whose head the log has lost, up from its end
// mark.
func pemTailRule(p *pass, at, n int) int {
	if at < p.pemEnd || !ascii.Holds(p.Text[at:min(p.End, at+64)], "PRIVATE KEY") {
		return at + n
	}
	line := at
	for range maxPEMLines {
		above, ok := p.Preceding(line)
		if !ok {
			break
		}
		word, ok := p.keyWord(above)
		if !ok || word.From == word.To || bytes.HasPrefix(p.Text[word.From:word.To], []byte("-----")) {
			break
		}
		p.emit(edit{start: word.From, end: word.To, kind: KindPrivateKey, again: line != at})
		line = above.From
	}
	return at + n
}

// puttyRule masks what follows in a key of PuTTY's own format.
func puttyRule(p *pass, at, n int) int {
	if at < p.pemEnd {
		return at + n
	}
	i := at + n
	for i < p.End && (ascii.IsBlank(p.Text[i]) || ascii.IsDigit(p.Text[i])) {
		i++
	}
	end := p.RunEnd(i, ascii.IsBase64)
	p.mask(i, end, KindPrivateKey)
	p.keyLines(at, true)
	return max(end, at+n)
}
