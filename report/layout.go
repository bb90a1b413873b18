package report

import (
	"bytes"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Caps of what one text may take on the page.
const (
	maxProse        = 2000 // runes of one sentence
	maxName         = 64   // runes of a container's, project's or image's name in a heading
	maxLiteral      = 400  // runes of one quoted line
	maxCommand      = 1000 // runes of a command, which is never wrapped
	maxExcerptLines = 12
)

// page collects lines and writes them at once, so that a failed writer never
// leaves half a report behind an exit code of success. Every text passes through
// Clean here; hues are put on afterwards.
type page struct {
	palette
	buf     bytes.Buffer
	columns int
	verbose bool
	err     error // of a table
}

func newPage(s Style) *page {
	return &page{palette: newPalette(s.Color), columns: s.width(), verbose: s.Verbose}
}

func (p *page) writeTo(w io.Writer) error {
	if p.err != nil {
		return p.err
	}
	return Prose.write(w, p.buf.Bytes())
}

// span is a piece of text with its hue; nil = none.
type span struct {
	text string
	hue  *color.Color
}

func (p *page) text(s string) span   { return span{s, nil} }
func (p *page) dimmed(s string) span { return span{s, p.dim} }

func (p *page) blank() { p.buf.WriteByte('\n') }

// heading starts a section.
func (p *page) heading(s string) {
	p.blank()
	p.put(p.title, Clean(s, maxProse))
	p.blank()
}

func (p *page) rule(mark string) {
	p.put(p.dim, strings.Repeat(mark, p.columns))
	p.blank()
}

func (p *page) put(hue *color.Color, clean string) {
	switch {
	case clean == "":
	case hue == nil:
		p.buf.WriteString(clean)
	default:
		p.buf.WriteString(hue.Sprint(clean))
	}
}

// para writes the spans as words, wrapped, with every line beginning at column
// margin; label stands left of the first.
func (p *page) para(margin int, label span, spans ...span) {
	head := Clean(label.text, maxProse)
	p.put(label.hue, head)
	room := cells(head)
	if room >= margin && head != "" {
		p.blank()
		room = 0
	}
	p.indent(margin - room)
	column := margin
	for _, s := range spans {
		run := "" // words of one hue on one line
		for _, word := range splitWords(Clean(s.text, maxProse), p.columns-margin) {
			n := cells(word)
			switch {
			case column > margin && column+1+n > p.columns:
				p.put(s.hue, run)
				p.blank()
				p.indent(margin)
				run, column = word, margin+n
			case column > margin:
				run, column = run+" "+word, column+1+n
			default:
				run, column = word, margin+n
			}
		}
		p.put(s.hue, run)
	}
	p.blank()
}

func (p *page) indent(n int) { p.buf.WriteString(strings.Repeat(" ", max(n, 0))) }

// splitWords splits at spaces; a word wider than a line is cut.
func splitWords(clean string, width int) []string {
	var list []string
	const longest = 300
	for _, word := range strings.Fields(clean) {
		if strings.Contains(word, "/") && len(word) <= longest { // a path is copied: it stays whole
			list = append(list, word)
			continue
		}
		list = append(list, chop(word, width)...)
	}
	return list
}

// chop cuts a text into pieces of at most width cells.
func chop(s string, width int) []string {
	if cells(s) <= width {
		return []string{s}
	}
	var list []string
	start, used := 0, 0
	for i, r := range s {
		n := cells(string(r))
		if used+n > width && i > start {
			list = append(list, s[start:i])
			start, used = i, 0
		}
		used += n
	}
	return append(list, s[start:])
}

// fold cuts a quoted line like chop, but behind a space or comma where one is
// near the edge, so that words stay whole and nothing is lost.
func fold(s string, width int) []string {
	var list []string
	for cells(s) > width {
		piece := chop(s, width)[0]
		if i := strings.LastIndexAny(piece, " ,;"); i > len(piece)*2/3 {
			piece = piece[:i+1]
		}
		list = append(list, strings.TrimRight(piece, " "))
		s = s[len(piece):]
	}
	return append(list, s)
}

// quote writes what a source said, word for word, behind bars. Long lines go on
// behind the next bar; of many lines the first and the last are shown.
func (p *page) quote(margin int, excerpt string) {
	lines := strings.Split(strings.TrimRight(excerpt, "\r\n"), "\n")
	bar := strings.Repeat(" ", margin) + "| "
	for i, line := range lines {
		if skipped := len(lines) - maxExcerptLines; !p.verbose && skipped > 0 && i >= maxExcerptLines/2 &&
			i < maxExcerptLines/2+skipped {
			if i == maxExcerptLines/2 {
				p.para(margin, p.text(""), p.dimmed("| ... "+words.Count(skipped, "line")+" left out (-v shows all)"))
			}
			continue
		}
		clean := Clean(strings.TrimRight(line, "\r"), maxLiteral)
		for _, piece := range fold(clean, p.columns-margin-2) {
			p.put(p.dim, bar)
			p.buf.WriteString(piece)
			p.blank()
		}
	}
}

// verbatim writes lines to be copied: never wrapped, indentation kept.
func (p *page) verbatim(margin int, s string) {
	for line := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		p.buf.WriteString(strings.TrimRight(strings.Repeat(" ", margin)+Clean(line, maxCommand), " "))
		p.blank()
	}
}

// command writes one line to be copied. A newline in it stays an escape: what is
// pasted into a shell must not run a second line that a stranger wrote.
func (p *page) command(margin int, prefix, s string) {
	p.indent(margin)
	p.buf.WriteString(strings.TrimRight(prefix+Clean(s, maxCommand), " "))
	p.blank()
}

// cells is how many columns a text takes. Ambiguous characters count one,
// whatever the locale says, so that a report is the same on every machine.
func cells(s string) int { return twwidth.WidthWithOptions(s, twwidth.Options{}) }

// clip shortens a clean text to width cells, at a word's end where one is near.
func clip(clean string, width int) string {
	const dots = "..."
	if cells(clean) <= width {
		return clean
	}
	cut := chop(clean, max(width-len(dots), 1))[0]
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)*2/3 && clean[len(cut)] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:") + dots
}
