package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// A table names its columns once, and its secrets stand below:
//
//	| username | password |
//	|----------|----------|
//	| bob      | hunter2  |

// maxRows bounds the rows of a table that are read.
const maxRows = 64

// heads tells whether the name is the head of a table's column: a cell of its own above a ruled line.
func (p *pass) heads(f *found) bool {
	own := p.TextOf(p.Start, p.End)
	if own.To-own.From > 2*maxWidth || !p.beginsCell(f.left) {
		return false
	}
	i := p.SkipBlanks(f.right)
	if i < own.To && p.Text[i] != '|' && p.At(i).C != glyph.GlyphBar {
		return false
	}
	if p.headAt != p.Start+1 {
		p.headAt = p.Start + 1
		below, ok := p.After(f.left)
		p.ruled = ok && (isRuled(p.Text[below.From:below.To]) && !p.isBody(own) || p.isFramed(own, below))
	}
	return p.ruled
}

// isBody tells a row below another of as many cells, perhaps with a ruler between: the names of | password | x | stand
// side by side with what they name.
func (p *pass) isBody(own glyph.Span) bool {
	above, ok := p.Preceding(p.Start)
	if ok && isRuled(p.Text[above.From:above.To]) {
		above, ok = p.Preceding(above.From)
	}
	if !ok || above.To-above.From > maxWidth {
		return false
	}
	cells := len(bars(p.Text[own.From:own.To]))
	return cells > 0 && cells == len(bars(p.Text[above.From:above.To]))
}

// isFramed tells the first of several rows between bars, none of which is drawn: it names three columns and more.
func (p *pass) isFramed(own, below glyph.Span) bool {
	head, row := bytes.TrimSpace(p.Text[own.From:own.To]), bytes.TrimSpace(p.Text[below.From:below.To])
	if len(head) == 0 || len(row) == 0 || len(row) > maxWidth || head[0] != '|' || row[0] != '|' ||
		bytes.ContainsAny(head, "0123456789=:\"'") || len(bars(head)) < 4 || len(bars(head)) != len(bars(row)) {
		return false
	}
	above, ok := p.Preceding(p.Start)
	return !ok || !bytes.HasPrefix(bytes.TrimSpace(p.Text[above.From:above.To]), []byte("|"))
}

// isRuled tells a line that is drawn between the rows of a table.
func isRuled(line []byte) bool {
	dashes, crossings := 0, 0
	for _, r := range string(line) {
		switch r {
		case '-', '=', '─', '━', '═':
			dashes++
		case '+', '|', '┼', '├', '┤', '╪', '╞', '╡', '╋', '┿', '┣', '┫', '╬', '╠', '╣':
			crossings++
		case ' ', ':':
		default:
			return false
		}
	}
	return dashes >= 3 && crossings > 0
}

// column masks the cells below the name.
func (p *pass) column(f *found) int {
	own := p.TextOf(p.Start, p.End)
	bars := bars
	if mark := csvMark(p.Text[own.From:own.To]); mark != 0 {
		bars = func(text []byte) []glyph.Span { return parted(text, mark) }
	}
	place := len(bars(p.Text[own.From:f.left]))
	columns := len(bars(p.Text[own.From:own.To]))
	at := f.left
	for range maxRows {
		line, ok := p.After(at)
		if !ok {
			break
		}
		at = line.From
		text := p.Text[line.From:line.To]
		if isRuled(text) {
			continue
		}
		cells := bars(text)
		if len(cells) != columns {
			break
		}
		p.maskCell(f, line, cells, place)
	}
	return f.right
}

func (p *pass) maskCell(f *found, line glyph.Span, cells []glyph.Span, place int) {
	from, to := line.From, line.To
	if place > 0 {
		from = line.From + cells[place-1].To
	}
	if place < len(cells) {
		to = line.From + cells[place].From
	}
	p.maskField(f, from, to, bytes.TrimSpace(p.Text[from:to]))
}

// maskField masks the text of a cell that lies between two positions.
func (p *pass) maskField(f *found, from, to int, text []byte) {
	if len(text) == 0 || ascii.Among(look.EmptyWords, text[:min(len(text), 16)]) || !look.IsSecret(f.class,
		look.Tight, text) ||
		look.IsShortNumber(text) {
		return
	}
	v := from + bytes.Index(p.Text[from:to], text)
	p.mask(v, v+len(text), KindKeyValue)
}

// bars are the bars that part the cells of a row.
func bars(text []byte) []glyph.Span {
	var list []glyph.Span
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '|':
			list = append(list, glyph.Span{From: i, To: i + 1})
		case text[i] == 0xe2 && i+2 < len(text) && (text[i+1] == 0x94 || text[i+1] == 0x95):
			list = append(list, glyph.Span{From: i, To: i + 3})
			i += 2
		}
	}
	return list
}

// headsCSV tells whether the name is one of a line that holds nothing but names with commas, semicolons or tabs
// between, above a line of as many values.
func (p *pass) headsCSV(f *found) bool {
	own := p.TextOf(p.Start, p.End)
	alone := f.left == own.From && f.right == own.To
	if own.To-own.From > maxWidth || alone || f.right != own.To && !ascii.OneOf(p.Text[f.right], csvMarks) {
		return false
	}
	line := p.Text[own.From:own.To]
	mark := csvMark(line)
	p.m.work += len(line)
	for i, c := range line {
		if !ascii.IsKeyByte(c) && c != mark || c == mark && (i == 0 || line[i-1] == mark) {
			return false
		}
	}
	below, ok := p.After(f.left)
	return ok && mark != 0 && below.To-below.From < maxWidth &&
		len(parted(p.Text[below.From:below.To], mark)) == len(parted(line, mark))
}

// csvMarks part the cells of rows that are not drawn.
const csvMarks = ",;\t"

// csvMark is the one of them that a head of columns has; 0 = it has none, or is drawn.
func csvMark(line []byte) byte {
	i := bytes.IndexAny(line, csvMarks+"|")
	if i < 0 || line[i] == '|' {
		return 0
	}
	return line[i]
}

// parted are the marks between the cells of a row, but for those in quotes.
func parted(text []byte, mark byte) []glyph.Span {
	var list []glyph.Span
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == mark && !quoted:
			list = append(list, glyph.Span{From: i, To: i + 1})
		}
	}
	return list
}
