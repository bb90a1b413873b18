package redact

import (
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// typingWords end the names of functions with which tests of pages type into a field, and hold what is in it.
var typingWords = []string{".fill(", ".type(", ".sendkeys(", ".send_keys(", ".setvalue(", ".set_value(", ".input(",
	".tobe(", ".toequal(", ".isequalto(", ".settext(", ".replacetext(", ".presssequentially(",
	".press_sequentially(", ".entertext(", ".typetext("}

// typed finds what is typed into a field that the name selects: getByLabel('Password').fill('x').
func (p *pass) typed(f *found, i int) bool {
	for n := 0; n < 4 && i < p.End && (ascii.OneOf(p.Text[i], ")]") || ascii.IsQuote(p.Text[i])); n++ {
		i++
	}
	if f.class < keyname.Strong || f.class > keyname.Pwd {
		return false
	}
	for _, word := range typingWords {
		if v := i + len(word); v < p.End && ascii.HasFold(p.Text[i:p.End], word) && ascii.IsQuote(p.At(v).C) {
			f.joint = look.Tight
			return p.value(f, v)
		}
	}
	return false
}

// leastBytes and mostBytes are how many numbers a key has that is written as a list of bytes.
const (
	leastBytes = 8
	mostBytes  = 512
)

// byteList finds a key that is a list of bytes, as programs print them: key: [0x01, 0x03, …], <Buffer 7a 6b …>,
// []byte{0x01, …}. Behind a name that may be a table's, too, only hexadecimal numbers are one.
func (p *pass) byteList(f *found, v int) bool {
	if f.class < keyname.Long || f.class == keyname.Weak {
		return false
	}
	i := v
	for limit := min(p.End, v+24); i < limit && !ascii.OneOf(p.Text[i], "[{<("); i++ {
		if !ascii.IsAlnum(p.Text[i]) && !ascii.IsBlank(p.Text[i]) {
			return false
		}
	}
	for n := 0; n < 3 && i < p.End && (ascii.OneOf(p.Text[i], "[{<(])") || p.HasAt(i, "byte") || p.HasAt(i, "Buffer ") ||
		p.HasAt(i, "uint8")); n++ {
		for i++; i < p.End && ascii.IsLower(p.Text[i]); i++ {
		}
	}
	from, count, hexadecimal := p.SkipBlanks(i), 0, true
	for i = from; i < p.End && count <= mostBytes; count++ {
		number := p.ShortRun(i, func(c byte) bool { return ascii.IsHexDigit(c) || c == 'x' })
		if number == i || number-i > 4 {
			break
		}
		hexadecimal = hexadecimal && (p.HasAt(i, "0x") || number-i == 2)
		i = number
		if p.HasAt(i, ",") {
			i++
		}
		i = p.SkipBlanks(i)
	}
	if count < leastBytes || f.class == keyname.Long && !hexadecimal || i >= p.End || !ascii.OneOf(p.Text[i], "]})>.") {
		return false
	}
	p.mask(from, i, KindKeyValue)
	f.class, f.v, f.end, f.tree = keyname.None, i, i, false
	return true
}
