package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/column"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// A table may have nothing but blanks between its columns. A ruler below the head shows where they begin, or the head
// is in capitals, as the tools of containers print it:
//
//	Username     Password         USER  PASSWORD
//	--------     --------         bob   hunter2
//	admin        hunter2

// alignedColumn masks the cells below the name where it heads such a column.
func (p *pass) alignedColumn(f *found) bool {
	own := p.TextOf(p.Start, p.End)
	if f.class < keyname.Token || f.class > keyname.Pwd || own.To-own.From > maxWidth || !p.isAlone(f, own) {
		return false
	}
	below, ok := p.After(f.left)
	if !ok || below.To-below.From > maxWidth {
		return false
	}
	ruler := p.Text[below.From:below.To]
	p.m.work += len(ruler)
	from, to := column.RunBelow(ruler, f.left-own.From, f.right-own.From)
	switch {
	case to > from:
		return p.alignedCells(f, below.From, from, column.NextRun(ruler, to))
	case column.IsCapitalHead(p.Text[own.From:own.To]) && keyname.IsPassword(p.key(f)):
		return p.alignedCells(f, f.left, f.left-own.From, column.NextRun(p.Text[own.From:own.To], f.right-own.From))
	}
	return false
}

// isAlone tells whether at least two blanks part the name from what stands beside it in its line, and something does.
func (p *pass) isAlone(f *found, own glyph.Span) bool {
	before, behind := p.Text[own.From:max(own.From, f.left)], p.Text[f.right:max(f.right, own.To)]
	first, last := len(bytes.TrimLeft(before, " ")) == 0, len(bytes.TrimRight(behind, " ")) == 0
	return !(first && last) && (first || bytes.HasSuffix(before, []byte("  "))) &&
		(last || bytes.HasPrefix(behind, []byte("  ")))
}

// alignedCells masks the cells between two columns in the lines below position at, up to an empty one. What says that
// there is a password (set, never, expired) is none.
func (p *pass) alignedCells(f *found, at, from, to int) bool {
	done := false
	for range maxRows {
		line, ok := p.After(at)
		if !ok || line.To-line.From <= from || line.To-line.From > maxWidth {
			break
		}
		at = line.From
		if from > 0 && p.Text[line.From+from-1] != ' ' {
			break
		}
		end := line.To
		if to > from && line.From+to < line.To && p.Text[line.From+to-1] == ' ' {
			end = line.From + to
		}
		cell, _, _ := bytes.Cut(bytes.TrimSpace(p.Text[line.From+from:end]), []byte("  "))
		p.m.work += end - line.From - from
		if len(cell) > 3 && !look.IsPredicate(cell) {
			p.maskField(f, line.From+from, end, cell)
			done = true
		}
	}
	return done
}
