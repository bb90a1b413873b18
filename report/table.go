package report

import "strings"

// gap is what stands between two columns.
const gap = "  "

// table writes a table without borders, its header dimmed, without blanks at the ends of lines. Its cells come here
// clean, cut to width and perhaps coloured.
func (p *page) table(header []string, rows [][]string) {
	widths := make([]int, len(header))
	for i := range header {
		widths[i] = cells(header[i])
		for _, row := range rows {
			widths[i] = max(widths[i], cells(row[i]))
		}
	}
	p.put(p.dim, tableLine(header, widths))
	p.blank()
	for _, row := range rows {
		p.buf.WriteString(tableLine(row, widths))
		p.blank()
	}
}

// tableLine pads the cells of a row to the widths of their columns.
func tableLine(row []string, widths []int) string {
	var line strings.Builder
	for i, c := range row {
		line.WriteString(c + strings.Repeat(" ", widths[i]-cells(c)) + gap)
	}
	return strings.TrimRight(line.String(), " ")
}

// cell makes a stranger's text fit a table.
func cell(s string, width int) string { return clip(Clean(s, maxProse), width) }
