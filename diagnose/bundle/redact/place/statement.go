package place

import (
	"bytes"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// placeholder is one of a statement: ?, %s, $2, :pw, @p1.
type placeholder struct {
	name   string
	secret bool // it stands for the value of a column whose name tells of a secret
}

// statementAround finds the placeholders of the statement that the values at position at belong to: in the same
// line, or in the nearest line above or below that has any.
func statementAround(p *page.Page, at int) []placeholder {
	if list := placeholdersIn(p, glyph.Span{From: p.TextStart(), To: p.End}); len(list) > 0 {
		return list
	}
	if below, ok := p.After(at); ok {
		if list := placeholdersIn(p, below); len(list) > 0 {
			return list
		}
	}
	for i, lines := p.Start, 0; lines < maxStatementLines; lines++ {
		above, ok := p.Preceding(i)
		if !ok {
			break
		}
		if list := placeholdersIn(p, above); len(list) > 0 {
			return list
		}
		i = above.From
	}
	return nil
}

// maxStatementLines is how far above its values a statement is looked for: each may have a line of its own.
const maxStatementLines = 8

// placeholdersIn lists those of a line, in their order; none where the line's first names no column.
func placeholdersIn(p *page.Page, line glyph.Span) []placeholder {
	text := p.Text[line.From:min(line.To, line.From+maxBound)]
	p.Looked(len(text))
	lower := bytes.ToLower(text)
	if ascii.Holds(lower, "insert into") {
		return inserted(p, text, lower)
	}
	if !ascii.Holds(lower, "where") && !ascii.Holds(lower, " set ") {
		return nil
	}
	var list []placeholder
	for i := 1; i < len(text); i++ {
		n := placeholderLength(text[i:])
		if n == 0 || !ascii.OneOf(text[i-1], " =(,") {
			continue
		}
		before := bytes.TrimRight(text[:i], " =<>!(")
		name := bytes.Trim(before[bytes.LastIndexAny(before, " ,(.")+1:], "\"`[]")
		list = append(list, placeholder{string(text[i : i+n]), isSecretColumn(p, name)})
		i += n - 1
	}
	return list
}

// inserted reads INSERT INTO users (login, password) VALUES (?, ?).
func inserted(p *page.Page, text, lower []byte) []placeholder {
	open, values := bytes.IndexByte(text, '('), bytes.Index(lower, []byte("values"))
	if open < 0 || values < open {
		return nil
	}
	columns := bytes.Split(text[open+1:values], []byte(","))
	places := bytes.Split(bytes.TrimLeft(text[values+len("values"):], " ("), []byte(","))
	var list []placeholder
	for i := range min(len(columns), len(places)) {
		place := bytes.TrimSpace(places[i])
		if n := placeholderLength(place); n > 0 {
			list = append(list, placeholder{string(place[:n]), isSecretColumn(p, bytes.Trim(columns[i], " \"`[])"))})
		}
	}
	return list
}

// placeholderLength is how many bytes the placeholder has that a text begins with; 0 = it begins with none.
func placeholderLength(text []byte) int {
	switch {
	case len(text) == 0:
		return 0
	case text[0] == '?':
		return 1
	case bytes.HasPrefix(text, []byte("%s")):
		return 2
	case len(text) < 2 || !ascii.OneOf(text[0], "$:@") || !ascii.IsAlnum(text[1]) && text[1] != '_':
		return 0
	}
	n := 1
	for n < len(text) && (ascii.IsAlnum(text[n]) || text[n] == '_') {
		n++
	}
	return n
}

// boundMarks come before the values that placeholders stand for, as drivers and mappers of objects log them:
// PostgreSQL, SQLAlchemy, Django, TypeORM, Prisma, Knex, MyBatis, Entity Framework, NHibernate.
var boundMarks = []string{"parameters: ", "parameters=[", "params: [", "bindings: [", "args=(", "args=[", "[raw sql] (",
	"generated in ", "cached since ", "[no key ", ";@p0 = "}

// timedMarks have a time before the list: [generated in 0.0001s] ('bob', 'x').
var timedMarks = ascii.Words("generated cached [no")

// valueMarks come before one value with its place: Hibernate and Spring.
var valueMarks = []string{"binding parameter [", "binding parameter (", "column index "}

// boundRule masks the values among those that placeholders of secret columns stand for:
//
//	UPDATE users SET password = $2 WHERE login = $1
//	parameters: $1 = 'bob', $2 = 'hunter2'
func boundRule(p *page.Page, at, n int) int {
	if at < p.BoundEnd {
		return at
	}
	p.BoundEnd = min(p.End, at+maxBound)
	list := statementAround(p, at)
	i, limit := at+n, p.BoundEnd
	first, _, _ := bytes.Cut(p.Text[at:at+n], []byte(" "))
	if ascii.Among(timedMarks, first) {
		i += max(0, bytes.IndexByte(p.Text[i:min(limit, i+maxListHead)], '('))
	} else if p.Text[at] == ';' { // the name of the first is part of the mark
		i = at + 1
	}
	for place := 0; i < limit && len(list) > 0; place++ {
		v, end, name := boundValue(p, p.SkipBlanks(i), limit)
		if isBoundSecret(list, place, name) && end > v {
			p.Mask(v, end, page.KindKeyValue)
		}
		comma := bytes.IndexByte(p.Text[min(end, limit):limit], ',')
		if comma < 0 {
			break
		}
		i = end + comma + 1
	}
	return at
}

// maxListHead is how far behind such a mark the bracket of the list may stand.
const maxListHead = 24

// isBoundSecret finds a value's placeholder by its name, else by its place.
func isBoundSecret(list []placeholder, place int, name []byte) bool {
	if len(name) > 0 {
		return slices.Contains(list, placeholder{string(name), true})
	}
	return place < len(list) && list[place].secret
}

// boundValue is one value of the list, with the name of its placeholder where it has one: $2 = 'x', @p1='x' (Size = 4).
func boundValue(p *page.Page, i, limit int) (v, end int, name []byte) {
	for i < limit && ascii.OneOf(p.Text[i], "([{") {
		i++
	}
	if n := placeholderLength(p.Text[min(i, limit):limit]); n > 0 {
		if eq := p.SkipBlanks(i + n); p.HasAt(eq, "=") {
			name, i = p.Text[i:i+n], p.SkipBlanks(eq+1)
		}
	}
	if i >= limit {
		return limit, limit, name
	}
	if start := p.StringPrefix(i); start < limit && ascii.IsQuote(p.At(start).C) {
		g := p.At(start)
		v = start + g.N
		return v, p.QuotedEnd(v, limit, g), name
	}
	end = i
	for end < limit && !ascii.OneOf(p.Text[end], ",()[]{}") {
		end++
	}
	return i, end, name
}

// boundOneRule masks one value that a line has with its place: binding parameter [2] as [VARCHAR] - [x],
// column index 2, parameter value [x].
func boundOneRule(p *page.Page, at, n int) int {
	place := 0
	for i := at + n; i < p.End && ascii.IsDigit(p.Text[i]) && place < maxBound; i++ {
		place = place*10 + int(p.Text[i]-'0')
	}
	rest := p.Text[at:min(p.End, at+keyname.MaxKey)]
	for _, says := range []string{" - [", " <- [", "parameter value ["} {
		if i := bytes.Index(rest, []byte(says)); i >= 0 && isBoundSecret(statementAround(p, at), place-1, nil) {
			v := at + i + len(says)
			end := v + max(0, bytes.IndexByte(p.Text[v:min(p.End, v+glyph.MaxWord)], ']'))
			p.Mask(v, end, page.KindKeyValue)
			return max(end, at+n)
		}
	}
	return at
}

// boundLiterals are the marks of both.
func boundLiterals() []literal {
	var list []literal
	for _, mark := range boundMarks {
		list = append(list, literal{mark, boundRule})
	}
	for _, mark := range valueMarks {
		list = append(list, literal{mark, boundOneRule})
	}
	return list
}
