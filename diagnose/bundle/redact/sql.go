package redact

import "bytes"

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
		i = p.skipBlanks(i)
		if i >= p.end {
			break
		}
		if g := p.at(i); isQuote(g.c) && by {
			v := i + g.n
			p.mask(v, p.quotedEnd(v, min(p.end, v+maxWord), g), KindKeyValue)
			break
		}
		end := i
		for end < p.end && !isSpace(p.text[end]) && !oneOf(p.text[end], ";,") && !(isQuote(p.text[end]) && end > i) {
			end++
		}
		switch word := lowered(string(p.text[i:min(end, i+24)])); {
		case word == "by", word == "as", word == "password", word == "values":
			by = true
		case by && end > i && p.text[at] == 'I' && p.text[at+1] == 'D':
			p.mask(i, end, KindKeyValue)
			return end
		}
		i = max(end, i+1)
	}
	return at + n
}

// pragmaRule masks SQLCipher's key: PRAGMA key = 'x'.
func pragmaRule(p *pass, at, n int) int {
	i := p.skipBlanks(at + n)
	if !p.hasAt(i, "=") && !p.hasAt(i, "(") {
		return at
	}
	f := found{class: classStrong, left: at, right: at + n, joint: jointTight}
	if v := p.skipBlanks(i + 1); v < p.end && isQuote(p.at(v).c) && p.value(&f, v) {
		p.mask(f.v, f.end, KindKeyValue)
		return f.end
	}
	return at
}

// setPasswordRule masks SET PASSWORD FOR 'u'@'h' = 'x'.
func setPasswordRule(p *pass, at, n int) int {
	const far = 160
	i := p.skipBlanks(at + n)
	if !p.hasAt(i, "FOR ") && !p.hasAt(i, "for ") {
		return at + 4 // the rules about names see PASSWORD = 'x'
	}
	limit := min(p.end, i+far)
	eq := bytes.IndexByte(p.text[i:limit], '=')
	if eq < 0 {
		return at + n
	}
	f := found{class: classStrong, left: at + 4, right: at + n, joint: jointTight}
	if v := p.skipBlanks(i + eq + 1); v < p.end && p.value(&f, v) {
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
	limit := min(p.end, at+maxStatement)
	open := bytes.IndexByte(p.text[at:min(limit, at+maxValue)], '(')
	if open < 0 {
		return at + n
	}
	columns, i := p.columns(at+open+1, limit)
	if len(columns) == 0 {
		return at + n
	}
	i = p.skipBlanks(i)
	if !hasFold(p.text[i:limit], "values") {
		return at + n
	}
	i += len("values")
	places := 0
	for rows := 0; rows < maxColumns; rows++ {
		i = p.skipBlanks(i)
		if i >= limit || p.text[i] != '(' {
			break
		}
		var placeholders int
		i, placeholders = p.row(i+1, limit, columns)
		places = max(places, placeholders)
		if i < limit && p.text[i] == ',' {
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
		switch c := p.text[i]; {
		case c == ',', c == ')':
			name := bytes.Trim(p.text[from:i], " \t`\"'[]")
			class := p.m.class(name)
			secret = append(secret, class == classStrong || class == classToken || class == classPwd)
			if from = i + 1; c == ')' {
				return secret, i + 1
			}
		case !isKeyByte(c) && !isBlank(c) && !isQuote(c) && c != '[' && c != ']':
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
		i = p.skipBlanks(i)
		f := found{class: classStrong, joint: jointTight}
		if i >= limit {
			break
		}
		end := i
		if g := p.at(p.stringPrefix(i)); isQuote(g.c) {
			p.quoted(&f, p.stringPrefix(i), g)
			end = min(limit, f.end+g.n)
		} else {
			end = p.argumentEnd(i, limit)
			f.v, f.end = i, end
			if v := p.text[i:end]; len(v) > 0 && (v[0] == '%' || v[0] == '?' || v[0] == '$' || v[0] == ':') {
				placeholders++
			}
		}
		if column < len(secret) && secret[column] && f.end > f.v && p.isSecret(&f) {
			p.mask(f.v, f.end, KindKeyValue)
		}
		if i = p.skipBlanks(end); i >= limit || p.text[i] != ',' {
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
		switch c := p.text[i]; {
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
	limit := min(p.end, i+maxStatement)
	at := bytes.Index(p.text[i:limit], []byte("parameters: "))
	if at < 0 {
		return
	}
	i += at + len("parameters: ")
	if p.hasAt(i, "[(") {
		i++
	}
	if p.hasAt(i, "(") {
		p.row(i+1, min(p.end, i+maxStatement), secret)
	}
}

// updateRule masks by place, too: UPDATE users SET password=%s, name=%s WHERE id=%s.
func updateRule(p *pass, at, n int) int {
	limit := min(p.end, at+maxStatement)
	set := bytes.Index(p.text[at:min(limit, at+maxValue)], []byte(" SET "))
	if set < 0 || p.text[at+1] != 'P' || at < p.sqlEnd {
		return at + n
	}
	var secret []bool
	i := at + set
	for i < limit && len(secret) < maxColumns && p.text[i] != '[' {
		if c := p.text[i]; c == '%' && p.hasAt(i, "%s") || c == '?' || c == '$' && i+1 < limit && isDigit(p.text[i+1]) {
			name := bytes.TrimRight(p.text[at:i], " =")
			from := len(name)
			for from > 0 && isKeyByte(name[from-1]) {
				from--
			}
			class := p.m.class(name[from:])
			secret = append(secret, class == classStrong || class == classToken || class == classPwd)
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
