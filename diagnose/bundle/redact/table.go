package redact

import "bytes"

// A table names its columns once, and its secrets stand below:
//
//	| username | password |
//	|----------|----------|
//	| bob      | hunter2  |

// maxRows bounds the rows of a table that are read.
const maxRows = 64

// heads tells whether the name is the head of a table's column: a cell of its own above a ruled line.
func (p *pass) heads(f *found) bool {
	own := p.textOf(p.start, p.end)
	if own.to-own.from > 2*maxWidth || !p.beginsCell(f.left) {
		return false
	}
	i := p.skipBlanks(f.right)
	if i < own.to && p.text[i] != '|' && p.at(i).c != glyphBar {
		return false
	}
	if p.headAt != p.start+1 {
		p.headAt = p.start + 1
		below, ok := p.after(f.left)
		p.ruled = ok && isRuled(p.text[below.from:below.to])
	}
	return p.ruled
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
	own := p.textOf(p.start, p.end)
	bars := bars
	if bytes.IndexByte(p.text[own.from:own.to], '|') < 0 && bytes.IndexByte(p.text[own.from:own.to], ',') > 0 {
		bars = commas
	}
	place := len(bars(p.text[own.from:f.left]))
	columns := len(bars(p.text[own.from:own.to]))
	at := f.left
	for range maxRows {
		line, ok := p.after(at)
		if !ok {
			break
		}
		at = line.from
		text := p.text[line.from:line.to]
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

func (p *pass) maskCell(f *found, line span, cells []span, place int) {
	from, to := line.from, line.to
	if place > 0 {
		from = line.from + cells[place-1].to
	}
	if place < len(cells) {
		to = line.from + cells[place].from
	}
	text := bytes.TrimSpace(p.text[from:to])
	if len(text) == 0 || among(emptyWords, text[:min(len(text), 16)]) || !isSecret(f.class, jointTight, text) ||
		isShortNumber(text) {
		return
	}
	v := from + bytes.Index(p.text[from:to], text)
	p.mask(v, v+len(text), KindKeyValue)
}

// bars are the bars that part the cells of a row.
func bars(text []byte) []span {
	var list []span
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '|':
			list = append(list, span{i, i + 1})
		case text[i] == 0xe2 && i+2 < len(text) && (text[i+1] == 0x94 || text[i+1] == 0x95):
			list = append(list, span{i, i + 3})
			i += 2
		}
	}
	return list
}

// headsCSV tells whether the name is one of a line that holds nothing but names with commas between, above a line of as
// many values.
func (p *pass) headsCSV(f *found) bool {
	own := p.textOf(p.start, p.end)
	alone := f.left == own.from && f.right == own.to
	if own.to-own.from > maxWidth || alone || !p.hasAt(f.right, ",") && f.right != own.to {
		return false
	}
	line := p.text[own.from:own.to]
	p.m.work += len(line)
	for i, c := range line {
		if !isKeyByte(c) && c != ',' || c == ',' && (i == 0 || line[i-1] == ',') {
			return false
		}
	}
	below, ok := p.after(f.left)
	return ok && below.to-below.from < maxWidth && len(commas(p.text[below.from:below.to])) == len(commas(line)) &&
		len(commas(line)) > 0
}

// commas part the cells of a row of CSV, but for those in quotes.
func commas(text []byte) []span {
	var list []span
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			list = append(list, span{i, i + 1})
		}
	}
	return list
}
