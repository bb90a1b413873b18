package envelope

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// row is the form of lines that are rows of a table without a head: cells between marks, of which one holds the
// messages.
//
//	kern.err|node-7|2026-11-25T14:02:11Z|kernel|[  310.000000] node invoked oom-killer: …     a template of rsyslog's
//	9988\t2026-11-25T14:02:11Z\tnode-7\tgateway\t[2026-11-25 14:02:11 +0000] [1] [INFO] …      a page's export
//	|2026-11-25 14:02:11|[2026-11-25 14:02:11 +0000] [1] [ERROR] …|                            a wiki's table
type row struct {
	mark   []byte
	cells  int
	text   int  // the cell of the messages
	stamp  int  // of the time, -1 = none
	dated  bool // that is no number
	name   int  // of what says where the line comes from, -1 = none
	rest   bool // the last cell may have the mark in it
	padded bool // a blank stands before the text
}

var rowMarks = [][]byte{[]byte("\t"), []byte("|"), []byte("│"), []byte(";"), []byte(",")}

const maxCells = 24

// findRow finds the cell that messages stand in.
func (o *Opener) findRow(texts [][]byte) (step, bool) {
	for _, mark := range rowMarks {
		if r := o.rowOf(texts, mark); r != nil {
			return step{kind: stepCells, row: r}, true
		}
	}
	return step{}, false
}

// rowOf returns the form of rows with that mark, nil where they are none: nearly all lines have as many cells, or more
// where the last one is text that has the mark in it, and in one cell of many lines a message begins.
func (o *Opener) rowOf(texts [][]byte, mark []byte) *row {
	fewest := maxCells
	several := 0
	for _, t := range texts {
		n := bytes.Count(t, mark) + 1
		list := (mark[0] == ',' || mark[0] == ';') && n > 1 && bytes.HasPrefix(t[bytes.Index(t, mark)+1:], []byte(" "))
		if n > 1 && !list { // a blank follows the marks of a sentence
			several++
			fewest = min(fewest, n)
		}
	}
	if 10*several < 9*len(texts) || several < 2 {
		return nil
	}
	rows := make([][][]byte, 0, len(texts))
	same := 0
	for _, t := range texts {
		cells := split(t, mark, maxCells)
		if len(cells) == fewest {
			same++
		}
		rows = append(rows, cells)
	}
	r := &row{mark: mark, cells: fewest, text: -1, stamp: -1, name: -1, rest: same < len(texts)}
	r.find(o, rows)
	if len(mark) > 1 && !r.gutter(rows) {
		return nil // a box
	}
	if mark[0] == '|' && r.cells < 3 || r.text < 1 || r.rest && r.text != r.cells-1 {
		return nil
	}
	return r
}

// find finds out what the cells hold.
func (r *row) find(o *Opener, rows [][][]byte) {
	for i := range r.cells {
		messages, dates, stamps, values, longest, padded := 0, 0, 0, map[string]bool{}, 0, true
		for _, cells := range rows {
			if len(cells) <= i {
				continue
			}
			cell := bytes.TrimPrefix(cells[i], []byte(" "))
			padded = padded && (len(cells[i]) == 0 || cells[i][0] == ' ')
			if _, n := o.clock.Date(cell); o.known(cell) || n > 0 && len(cell) > n+8 {
				messages++
			}
			if _, ok := epoch(cell); ok {
				stamps++
			} else if _, ok := o.clock.Value(cell); ok && len(cell) > 8 && !allDigits(cell) {
				stamps, dates = stamps+1, dates+1
			}
			values[string(cell)] = true
			longest = max(longest, len(cell))
		}
		w := wordKind{values: values}
		switch {
		case messages > 0 && 10*messages >= len(rows) && r.text < 0 && longest > 40 && (messages > 1 || r.stamp >= 0):
			r.text, r.padded = i, padded
		case 5*stamps >= 4*len(rows):
			if r.stamp < 0 || dates > 0 && !r.dated {
				r.stamp, r.dated = i, dates > 0
			}
		case len(values) <= max(2, len(rows)/4) && len(values) <= maxSources && longest < maxName && w.areNames():
			r.name = i
		}
	}
}

// split parts a line at a mark, in up to n cells, without the blanks behind their text.
func split(text, mark []byte, n int) [][]byte {
	cells := bytes.SplitN(text, mark, n)
	for i := range cells {
		cells[i] = bytes.TrimRight(cells[i], " ")
		if c := cells[i]; len(c) > 1 && c[0] == '"' && c[len(c)-1] == '"' {
			cells[i] = bytes.ReplaceAll(c[1:len(c)-1], []byte(`""`), []byte(`"`))
		}
	}
	return cells
}

// take takes the cell of the message out of a row.
func (r *row) take(o *Opener, l *Line) bool {
	n := r.cells
	if !r.rest {
		n++ // one more is no row of this table
	}
	cells := split(l.Text, r.mark, n)
	if len(cells) != r.cells {
		return false
	}
	if r.stamp >= 0 {
		s, ok := o.clock.Value(bytes.TrimSpace(cells[r.stamp]))
		if !ok {
			return false
		}
		l.stamped(s)
	}
	if r.name >= 0 && len(l.Service) == 0 && len(l.Pod) == 0 && len(l.Container) == 0 {
		l.Service = bytes.TrimSpace(cells[r.name])
	}
	if l.Text = cells[r.text]; r.padded {
		l.Text = bytes.TrimPrefix(l.Text, []byte(" "))
	}
	return true
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if !lex.IsDigit(c) {
			return false
		}
	}
	return true
}

// gutter tells whether the first cells are numbers of lines.
func (r *row) gutter(rows [][][]byte) bool {
	n := 0
	for _, cells := range rows {
		if no := bytes.TrimSpace(cells[0]); len(no) > 0 && allDigits(no) {
			n++
		}
	}
	return 5*n >= 4*len(rows)
}
