package report

import (
	"bytes"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// table lays out rows without borders, a line under the header. The one
// constructor for tablewriter, which by default upper-cases and centres headers,
// wraps where it likes and passes control bytes through: so cells come here clean
// and cut to width. It also pins the width of ambiguous characters, which the
// library otherwise takes from the locale (a process-wide setting, always the same).
func table(header []string, rows [][]string) ([]byte, error) {
	var buf bytes.Buffer
	t := tablewriter.NewTable(&buf,
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleASCII),
			Settings: tw.Settings{
				Separators: tw.Separators{ShowHeader: tw.Off, BetweenColumns: tw.Off, BetweenRows: tw.Off},
				Lines:      tw.Lines{ShowTop: tw.Off, ShowBottom: tw.Off, ShowHeaderLine: tw.Off},
			},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithPadding(tw.Padding{Left: "", Right: "  ", Overwrite: true}),
	)
	t.Header(header)
	for _, row := range rows { // Append keeps the slice, so each row has its own
		if err := t.Append(row); err != nil {
			return nil, err
		}
	}
	if err := t.Render(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// table writes a table, its header dimmed, without blanks at the ends of lines.
func (p *page) table(header []string, rows [][]string) {
	out, err := table(header, rows)
	if err != nil {
		p.err = err
		return
	}
	for i, line := range bytes.Split(bytes.TrimRight(out, "\n"), []byte("\n")) {
		line = bytes.TrimRight(line, " ")
		if i == 0 {
			p.put(p.dim, string(line))
		} else {
			p.buf.Write(line)
		}
		p.blank()
	}
}

// cell makes a stranger's text fit a table.
func cell(s string, width int) string { return clip(Clean(s, maxProse), width) }
