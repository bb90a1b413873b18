package layout

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// gap is what stands between two columns.
const gap = "  "

// Table writes a table without borders, its header dimmed, without blanks at the ends of lines. Its cells come here
// clean, cut to width and perhaps coloured.
func (p *Page) Table(header []string, rows [][]string) {
	widths := make([]int, len(header))
	for i := range header {
		widths[i] = Cells(header[i])
		for _, row := range rows {
			widths[i] = max(widths[i], Cells(row[i]))
		}
	}
	p.Put(p.Dim, tableLine(header, widths))
	p.Blank()
	for _, row := range rows {
		p.buf.WriteString(tableLine(row, widths))
		p.Blank()
	}
}

// tableLine pads the cells of a row to the widths of their columns.
func tableLine(row []string, widths []int) string {
	var line strings.Builder
	for i, c := range row {
		line.WriteString(c + strings.Repeat(" ", widths[i]-Cells(c)) + gap)
	}
	return strings.TrimRight(line.String(), " ")
}

// Name makes the name that a stranger gave to something fit a heading.
func Name(s string) string { return Clip(sanitize.Clean(s, MaxName), MaxName) }

// Cell makes a stranger's text fit a table.
func Cell(s string, width int) string { return Clip(sanitize.Clean(s, MaxProse), width) }
