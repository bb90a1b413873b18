package redact

import (
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
)

// escapedName is how JSON writes any character by its number.
const escapedName = `\u00`

// escapedRule masks the value of a name in which letters are escaped: "pass\u0077ord":"x".
func escapedRule(p *pass, at, n int) int {
	left := at
	for floor := max(p.TextStart(), at-keyname.MaxKey/2); left > floor && ascii.IsKeyByte(p.Text[left-1]); left-- {
	}
	left = p.afterEscape(left, at)
	name, right := p.unescaped(left)
	if right <= at || len(name) == 0 {
		return at
	}
	f := found{left: left, right: right, class: p.m.class(name), before: p.Before(left)}
	if f.class >= keyname.Token && (p.pair(&f) || p.findValue(&f)) {
		return max(p.act(&f), right)
	}
	return at
}

// unescaped is the name that begins at a position, as its writer meant it, and where it ends.
func (p *pass) unescaped(i int) (name []byte, end int) {
	from := i
	for i < min(p.End, from+keyname.MaxKey) {
		c, n := p.Text[i], 1
		if p.HasAt(i, escapedName) {
			c, n = p.Hex(i+2, 4), len(escapedName)+2
		}
		if !ascii.IsKeyByte(c) {
			break
		}
		name = append(name, c)
		i += n
	}
	p.m.work += i - from
	return name, i
}
