package report

import (
	"bytes"
	"io"
	"regexp"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/fatih/color"

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
}

func newPage(s Style) *page {
	return &page{palette: newPalette(s.Color), columns: s.width(), verbose: s.Verbose}
}

// empty is a page of the same kind with nothing on it.
func (p *page) empty() *page {
	return &page{palette: p.palette, columns: p.columns, verbose: p.verbose}
}

func (p *page) writeTo(w io.Writer) error { return Prose.write(w, p.buf.Bytes()) }

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

// longestWord is how long a word may be and still stay whole: an id, a path or a name is copied, and the terminal
// wraps what is wider than itself.
const longestWord = 300

// quantity is a number with its unit, which are not parted.
var quantity = regexp.MustCompile(`^[+-]?\d[\d.,]* (B|KiB|MiB|GiB|TiB|ms|s|min|h|d|times|lines)[.,:;)]*$`)

// splitWords splits at spaces, and what is wider than a line behind commas; only a word that nobody copies is cut.
func splitWords(clean string, width int) []string {
	var list []string
	for _, word := range strings.Fields(clean) {
		last := len(list) - 1
		switch {
		case last >= 0 && len(word) < 8 && len(list[last]) < width/2 && quantity.MatchString(list[last]+" "+word):
			list[last] += " " + word
		case cells(word) <= width:
			list = append(list, word)
		case len(word) > longestWord:
			list = append(list, chop(word, width)...)
		default:
			list = append(list, strings.SplitAfter(word, ",")...)
		}
	}
	return list
}

// foldWords wraps a clean text at its blanks; there is always one line at least.
func foldWords(clean string, width int) []string {
	lines := []string{""}
	for _, word := range splitWords(clean, max(width, 1)) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case cells(*last)+1+cells(word) > width:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
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

// fold cuts a quoted line behind its last blank or comma that fits, so that words stay
// whole and nothing is lost; a word that is wider than the page stays whole, too.
func fold(s string, width int) []string {
	var list []string
	for cells(s) > width {
		piece := chop(s, width)[0]
		i := strings.LastIndexAny(piece, " ,")
		if strings.TrimSpace(piece[:i+1]) == "" {
			i = len(piece)
			if next := strings.IndexAny(s[i:], " ,"); next >= 0 && i+next < longestWord {
				i += next
			} else if len(s) > longestWord {
				i--
			} else {
				break
			}
		}
		list = append(list, strings.TrimRight(s[:i+1], " "))
		s = s[i+1:]
	}
	if s == "" && len(list) > 0 {
		return list
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

// cells is how many columns a text takes; colours take none. Ambiguous characters count one,
// whatever the locale says, so that a report is the same on every machine.
func cells(s string) int { return displaywidth.Options{ControlSequences: true}.String(s) }

// clip shortens a clean text to width cells, at a word's end where there is one.
func clip(clean string, width int) string {
	const dots = "..."
	if cells(clean) <= width {
		return clean
	}
	cut := chop(clean, max(width-len(dots), 1))[0]
	if i := strings.LastIndexByte(cut, ' '); i > 0 && clean[len(cut)] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:") + dots
}
