package redact

import (
	"bytes"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/token"
)

func tokenLiterals() []literal {
	list := []literal{{"bearer ", bearerRule}, {"basic ", basicRule}, {"eyj", jwtRule}, {".ej", signedRule},
		{":aa", telegramRule},
		{"\"kty\"", jwkRule}}
	for _, digit := range "0123456789" {
		list = append(list, literal{string(digit) + "q~", azureRule})
	}
	for _, scheme := range token.StorageSchemes {
		list = append(list, literal{scheme, schemeRule})
	}
	for _, f := range slices.Concat(token.Forms, token.Hashes) {
		list = append(list, literal{ascii.Lowered(f.Prefix), formRule(f)})
	}
	for _, h := range token.Hooks {
		list = append(list, literal{ascii.Lowered(h.Prefix), hookRule(h)})
	}
	return list
}

// schemeRule masks what stands behind such a scheme: bob:{PLAIN}x:1000:1000.
func schemeRule(p *pass, at, n int) int {
	end := p.RunEnd(at+n, func(c byte) bool {
		return !ascii.IsSpace(c) && !ascii.IsQuote(c) && !ascii.OneOf(c,
			":,;<>)]}\\")
	})
	if end-at-n < 4 {
		return at
	}
	p.mask(at+n, end, KindToken)
	return end
}

// formRule masks a token, prefix and all.
func formRule(f token.Form) rule {
	return func(p *pass, at, n int) int {
		if end := p.formEnd(f, at); end > at && p.StartsWord(at) {
			p.mask(at, end, KindToken)
			return end
		}
		return at
	}
}

// hookRule masks the path of an address; whose service it is stays.
func hookRule(f token.Form) rule {
	return func(p *pass, at, n int) int {
		if end := p.formEnd(f, at); end > at {
			p.mask(at+n, end, KindToken)
			return end
		}
		return at
	}
}

// formEnd is where the token that begins at at ends; at = there is none.
func (p *pass) formEnd(f token.Form, at int) int {
	n := f.Length(p.Text[at:p.End])
	p.m.work += max(n, f.Least)
	return at + n
}

// jwtRule masks a JSON web token: base64 of {" is eyJ, and dots join the parts.
func jwtRule(p *pass, at, n int) int {
	if string(p.Text[at:at+n]) != "eyJ" || !p.StartsWord(at) {
		return at
	}
	end := p.RunEnd(at, ascii.IsTokenish)
	head, rest, dotted := bytes.Cut(p.Text[at:end], []byte("."))
	if !dotted || len(head) < 10 || len(rest) < 6 {
		return max(at+1, end)
	}
	p.mask(at, end, KindToken)
	return end
}

// signedRule masks a compressed value that Django or itsdangerous signed: .eJ, base64, and its time and signature
// behind colons or dots.
func signedRule(p *pass, at, n int) int {
	if !p.HasAt(at, ".eJ") || at > p.Start && ascii.IsTokenish(p.Text[at-1]) {
		return at
	}
	end := p.RunEnd(at, func(c byte) bool { return ascii.IsTokenish(c) || c == ':' })
	if end-at < 32 || bytes.Count(p.Text[at+1:end], []byte(":"))+bytes.Count(p.Text[at+1:end], []byte(".")) < 2 {
		return at
	}
	p.mask(at, end, KindToken)
	return end
}

// jwkRule masks the private members of a JSON web key (RFC 7518, section 6).
func jwkRule(p *pass, at, n int) int {
	limit := min(p.End, at+maxTree)
	for _, name := range []string{`"d"`, `"p"`, `"q"`, `"dp"`, `"dq"`, `"qi"`, `"k"`} {
		i := bytes.Index(p.Text[at:limit], []byte(name))
		if i < 0 {
			continue
		}
		f := found{class: keyname.Strong, left: at + i, right: at + i + len(name)}
		if v := p.SkipBlanks(f.right); p.HasAt(v, ":") {
			if v = p.SkipBlanks(v + 1); v < p.End && ascii.IsQuote(p.Text[v]) && p.value(&f, v) && f.end-f.v >= 16 {
				p.mask(f.v, f.end, KindPrivateKey)
			}
		}
	}
	return limit
}

// telegramRule masks a bot's token wherever it stands: 123456789:AA and 33 more.
func telegramRule(p *pass, at, n int) int {
	from := at
	for from > p.Start && at-from < 12 && ascii.IsDigit(p.Text[from-1]) {
		from--
	}
	end := p.ShortRun(at+1, ascii.IsWordish)
	if at-from < 7 || string(p.Text[at+1:at+3]) != "AA" || end-at < 33 {
		return at
	}
	p.mask(from, end, KindToken)
	return end
}

// azureRule masks a client secret of Entra ID: three characters, a digit, Q~ and
// 31 to 34 more (gitleaks: azure-ad-client-secret).
func azureRule(p *pass, at, n int) int {
	set := func(c byte) bool { return ascii.IsTokenish(c) || c == '~' }
	end := p.ShortRun(at+n, set)
	if at < p.Start+3 || p.Text[at+1] != 'Q' || end-at-n < 31 {
		return at
	}
	p.mask(at-3, end, KindToken)
	return end
}

// bearerRule masks the token of "Bearer eyJ…" wherever it stands.
func bearerRule(p *pass, at, n int) int {
	v := at + n
	end := p.RunEnd(v, func(c byte) bool { return ascii.IsBase64(c) || c == '.' || c == '~' })
	if !p.StartsWord(at) || !look.LikeSecret(p.Text[v:end]) && end-v < 24 {
		return at
	}
	p.mask(v, end, KindHeader)
	return end
}

// basicRule masks what follows "Basic " when it is base64 of user:password.
func basicRule(p *pass, at, n int) int {
	v := at + n
	end := p.RunEnd(v, ascii.IsBase64)
	if !p.StartsWord(at) || !look.IsUserinfo(p.Text[v:end]) {
		return at
	}
	p.mask(v, end, KindHeader)
	return end
}
