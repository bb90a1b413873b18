package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// sqlLiterals are statements that hold a password where no name stands before it, and
// rows whose columns are named apart from their values.
func sqlLiterals() []literal {
	return []literal{{"identified ", identifiedRule}, {"insert into ", insertRule}, {"set password",
		setPasswordRule}, {"update ", updateRule}, {"pragma key", pragmaRule}, {"pragma rekey", pragmaRule},
		{"pragma hexkey", pragmaRule}}
}

// identifiedRule masks IDENTIFIED BY 'x', IDENTIFIED WITH plugin AS 'x' and
// IDENTIFIED BY x.
func identifiedRule(p *pass, at, n int) int {
	i := at + n
	by := false
	for range 5 {
		i = p.SkipBlanks(i)
		if i >= p.End {
			break
		}
		if g := p.At(i); ascii.IsQuote(g.C) && by {
			v := i + g.N
			p.mask(v, p.QuotedEnd(v, min(p.End, v+glyph.MaxWord), g), KindKeyValue)
			break
		}
		end := i
		for end < p.End && !ascii.IsSpace(p.Text[end]) && !ascii.OneOf(p.Text[end], ";,") &&
			!(ascii.IsQuote(p.Text[end]) && end > i) {
			end++
		}
		switch word := ascii.Lowered(string(p.Text[i:min(end, i+24)])); {
		case word == "by", word == "as", word == "password", word == "values":
			by = true
		case by && end > i && p.Text[at] == 'I' && p.Text[at+1] == 'D':
			p.mask(i, end, KindKeyValue)
			return end
		}
		i = max(end, i+1)
	}
	return at + n
}

// pragmaRule masks SQLCipher's key: PRAGMA key = 'x'.
func pragmaRule(p *pass, at, n int) int {
	i := p.SkipBlanks(at + n)
	if !p.HasAt(i, "=") && !p.HasAt(i, "(") {
		return at
	}
	f := found{class: keyname.Strong, left: at, right: at + n, joint: look.Tight}
	if v := p.SkipBlanks(i + 1); v < p.End && ascii.IsQuote(p.At(v).C) && p.value(&f, v) {
		p.mask(f.v, f.end, KindKeyValue)
		return f.end
	}
	return at
}

// setPasswordRule masks SET PASSWORD FOR 'u'@'h' = 'x'.
func setPasswordRule(p *pass, at, n int) int {
	const far = 160
	i := p.SkipBlanks(at + n)
	if !p.HasAt(i, "FOR ") && !p.HasAt(i, "for ") {
		return at + 4 // the rules about names see PASSWORD = 'x'
	}
	limit := min(p.End, i+far)
	eq := bytes.IndexByte(p.Text[i:limit], '=')
	if eq < 0 {
		return at + n
	}
	f := found{class: keyname.Strong, left: at + 4, right: at + n, joint: look.Tight}
	if v := p.SkipBlanks(i + eq + 1); v < p.End && p.value(&f, v) {
		p.act(&f)
	}
	return at + n
}

// Limits of a statement that is read.
const (
	maxColumns   = 64
	maxStatement = 8 << 10
)

// insertRule masks the values of secret columns: INSERT INTO users (name, password)
// VALUES ('bob', 'x'), and of placeholders whose parameters follow in brackets.
func insertRule(p *pass, at, n int) int {
	if at < p.sqlEnd {
		return at + n
	}
	limit := min(p.End, at+maxStatement)
	open := bytes.IndexByte(p.Text[at:min(limit, at+look.MaxValue)], '(')
	if open < 0 {
		return at + n
	}
	columns, i := p.columns(at+open+1, limit)
	if len(columns) == 0 {
		return at + n
	}
	i = p.SkipBlanks(i)
	if !ascii.HasFold(p.Text[i:limit], "values") {
		return at + n
	}
	i += len("values")
	places := 0
	for rows := 0; rows < maxColumns; rows++ {
		i = p.SkipBlanks(i)
		if i >= limit || p.Text[i] != '(' {
			break
		}
		var placeholders int
		i, placeholders = p.row(i+1, limit, columns)
		places = max(places, placeholders)
		if i < limit && p.Text[i] == ',' {
			i++
		}
	}
	p.sqlEnd = i
	if places > 0 {
		p.parameters(i, columns)
	}
	return at + n
}

// columns reads names up to the closing bracket, and says which hold a secret.
func (p *pass) columns(i, limit int) (secret []bool, next int) {
	from := i
	for i < limit && len(secret) < maxColumns {
		switch c := p.Text[i]; {
		case c == ',', c == ')':
			name := bytes.Trim(p.Text[from:i], " \t`\"'[]")
			class := p.m.class(name)
			secret = append(secret, class == keyname.Strong || class == keyname.Token || class == keyname.Pwd)
			if from = i + 1; c == ')' {
				return secret, i + 1
			}
		case !ascii.IsKeyByte(c) && !ascii.IsBlank(c) && !ascii.IsQuote(c) && c != '[' && c != ']':
			return nil, i
		}
		i++
	}
	return nil, i
}

// row masks the values of the secret columns; it returns what follows the row, and how
// many of its values are placeholders.
func (p *pass) row(i, limit int, secret []bool) (next, placeholders int) {
	for column := 0; i < limit; column++ {
		i = p.SkipBlanks(i)
		f := found{class: keyname.Strong, joint: look.Tight}
		if i >= limit {
			break
		}
		end := i
		if g := p.At(p.StringPrefix(i)); ascii.IsQuote(g.C) {
			p.quoted(&f, p.StringPrefix(i), g)
			end = min(limit, f.end+g.N)
		} else {
			end = p.argumentEnd(i, limit)
			f.v, f.end = i, end
			if v := p.Text[i:end]; len(v) > 0 && (v[0] == '%' || v[0] == '?' || v[0] == '$' || v[0] == ':') {
				placeholders++
			}
		}
		if column < len(secret) && secret[column] && f.end > f.v && p.isSecret(&f) {
			p.mask(f.v, f.end, KindKeyValue)
		}
		if i = p.SkipBlanks(end); i >= limit || p.Text[i] != ',' {
			return min(limit, i+1), placeholders
		}
		i++
	}
	return i, placeholders
}

// argumentEnd ends a bare argument at the comma or bracket after it.
func (p *pass) argumentEnd(i, limit int) int {
	depth := 0
	for ; i < limit; i++ {
		switch c := p.Text[i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == ',' && depth == 0, c == ')', c == ']':
			return i
		}
	}
	return limit
}

// parameters masks by place in SQLAlchemy's [parameters: ('bob', 'x')].
func (p *pass) parameters(i int, secret []bool) {
	limit := min(p.End, i+maxStatement)
	at := bytes.Index(p.Text[i:limit], []byte("parameters: "))
	if at < 0 {
		return
	}
	i += at + len("parameters: ")
	if p.HasAt(i, "[(") {
		i++
	}
	if p.HasAt(i, "(") {
		p.row(i+1, min(p.End, i+maxStatement), secret)
	}
}

// updateRule masks by place, too: UPDATE users SET password=%s, name=%s WHERE id=%s.
func updateRule(p *pass, at, n int) int {
	limit := min(p.End, at+maxStatement)
	set := bytes.Index(p.Text[at:min(limit, at+look.MaxValue)], []byte(" SET "))
	if set < 0 || p.Text[at+1] != 'P' || at < p.sqlEnd {
		return at + n
	}
	var secret []bool
	i := at + set
	for i < limit && len(secret) < maxColumns && p.Text[i] != '[' {
		if c := p.Text[i]; c == '%' && p.HasAt(i, "%s") || c == '?' || c == '$' && i+1 < limit && ascii.IsDigit(p.Text[i+1]) {
			name := bytes.TrimRight(p.Text[at:i], " =")
			from := len(name)
			for from > 0 && ascii.IsKeyByte(name[from-1]) {
				from--
			}
			class := p.m.class(name[from:])
			secret = append(secret, class == keyname.Strong || class == keyname.Token || class == keyname.Pwd)
		}
		i++
	}
	p.m.work += i - at
	p.sqlEnd = i
	if len(secret) > 0 {
		p.parameters(i, secret)
	}
	return at + n
}
