// Package layout sets a text for a terminal of some width: words that wrap, labels at the left of a margin, quotations
// behind bars, tables without borders, commands that can be copied. It knows nothing of what is told.
//
//	p := layout.New(layout.Style{Width: 40})
//	p.Para(7, layout.Hued("CAUSE", p.Title), p.Text("the kernel killed the container for lack of memory"))
//	p.Quote(7, "Memory cgroup out of memory: Killed process 4711")
//
//	CAUSE  the kernel killed the container
//	       for lack of memory
//	       | Memory cgroup out of memory:
//	       | Killed process 4711
//
// What it promises:
//
//   - Every text passes package sanitize here, before it gets a hue: a stranger's text has no other way to a terminal.
//   - A line is no wider than the page, but for a word that somebody copies: an id, a path, a command stay whole.
//   - Hues are the [Style]'s alone, and change nothing else; widths are the same in every locale.
//   - A page is written at once, or not at all.
package layout

import (
	"bytes"
	"io"
	"regexp"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/fatih/color"

	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// Caps of what one text may take on the page, in runes.
const (
	MaxProse   = 2000 // of one sentence
	MaxName    = 64   // of a container's, project's or image's name in a heading
	MaxLiteral = 400  // of one quoted line
	MaxCommand = 1000 // of a command, which is never wrapped
)

// maxExcerptLines is how many lines of an excerpt are shown.
const maxExcerptLines = 12

// Page collects lines and writes them at once, so that a failed writer never
// leaves half a report behind an exit code of success. Every text passes through
// Clean here; hues are put on afterwards.
type Page struct {
	palette
	buf     bytes.Buffer
	Columns int
	Verbose bool
}

func New(s Style) *Page {
	return &Page{palette: newPalette(s.Color), Columns: s.width(), Verbose: s.Verbose}
}

// Empty is a page of the same kind with nothing on it.
func (p *Page) Empty() *Page {
	return &Page{palette: p.palette, Columns: p.Columns, Verbose: p.Verbose}
}

// Height is how many lines stand on the page.
func (p *Page) Height() int { return bytes.Count(p.buf.Bytes(), []byte("\n")) }

// Add puts what stands on another page below.
func (p *Page) Add(other *Page) { p.buf.Write(other.buf.Bytes()) }

func (p *Page) Print(w io.Writer) error { return sanitize.Prose.Write(w, p.buf.Bytes()) }

// Span is a piece of text with its hue; nil = none.
type Span struct {
	Text string
	Hue  *color.Color
}

// Hued is a text in a hue.
func Hued(text string, hue *color.Color) Span { return Span{text, hue} }

func (p *Page) Text(s string) Span   { return Span{s, nil} }
func (p *Page) Dimmed(s string) Span { return Span{s, p.Dim} }

func (p *Page) Blank() { p.buf.WriteByte('\n') }

// Heading starts a section.
func (p *Page) Heading(s string) {
	p.Blank()
	p.Put(p.Title, sanitize.Clean(s, MaxProse))
	p.Blank()
}

func (p *Page) Rule(mark string) {
	p.Put(p.Dim, strings.Repeat(mark, p.Columns))
	p.Blank()
}

func (p *Page) Put(hue *color.Color, clean string) {
	switch {
	case clean == "":
	case hue == nil:
		p.buf.WriteString(clean)
	default:
		p.buf.WriteString(hue.Sprint(clean))
	}
}

// Para writes the spans as words, wrapped, with every line beginning at column
// margin; label stands left of the first.
func (p *Page) Para(margin int, label Span, spans ...Span) {
	head := sanitize.Clean(label.Text, MaxProse)
	p.Put(label.Hue, head)
	room := Cells(head)
	if room >= margin && head != "" {
		p.Blank()
		room = 0
	}
	p.Indent(margin - room)
	column := margin
	for _, s := range spans {
		run := "" // words of one hue on one line
		for _, word := range splitWords(sanitize.Clean(s.Text, MaxProse), p.Columns-margin) {
			n := Cells(word)
			switch {
			case column > margin && column+1+n > p.Columns:
				p.Put(s.Hue, run)
				p.Blank()
				p.Indent(margin)
				run, column = word, margin+n
			case column > margin:
				run, column = run+" "+word, column+1+n
			default:
				run, column = word, margin+n
			}
		}
		p.Put(s.Hue, run)
	}
	p.Blank()
}

func (p *Page) Indent(n int) { p.buf.WriteString(strings.Repeat(" ", max(n, 0))) }

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
		case Cells(word) <= width:
			list = append(list, word)
		case len(word) > longestWord:
			list = append(list, chop(word, width)...)
		default:
			list = append(list, strings.SplitAfter(word, ",")...)
		}
	}
	return list
}

// FoldWords wraps a clean text at its blanks; there is always one line at least.
func FoldWords(clean string, width int) []string {
	lines := []string{""}
	for _, word := range splitWords(clean, max(width, 1)) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case Cells(*last)+1+Cells(word) > width:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}

// chop cuts a text into pieces of at most width cells.
func chop(s string, width int) []string {
	if Cells(s) <= width {
		return []string{s}
	}
	var list []string
	start, used := 0, 0
	for i, r := range s {
		n := Cells(string(r))
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
	for Cells(s) > width {
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

// Quote writes what a source said, word for word, behind bars. Long lines go on
// behind the next bar; of many lines the first and the last are shown.
func (p *Page) Quote(margin int, excerpt string) {
	lines := strings.Split(strings.TrimRight(excerpt, "\r\n"), "\n")
	bar := strings.Repeat(" ", margin) + "| "
	for i, line := range lines {
		if skipped := len(lines) - maxExcerptLines; !p.Verbose && skipped > 0 && i >= maxExcerptLines/2 &&
			i < maxExcerptLines/2+skipped {
			if i == maxExcerptLines/2 {
				p.Para(margin, p.Text(""), p.Dimmed("| ... "+words.Count(skipped, "line")+" left out (-v shows all)"))
			}
			continue
		}
		clean := sanitize.Clean(strings.TrimRight(line, "\r"), MaxLiteral)
		for _, piece := range fold(clean, p.Columns-margin-2) {
			p.Put(p.Dim, bar)
			p.buf.WriteString(piece)
			p.Blank()
		}
	}
}

// Verbatim writes lines to be copied: never wrapped, indentation kept.
func (p *Page) Verbatim(margin int, s string) {
	for line := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		p.buf.WriteString(strings.TrimRight(strings.Repeat(" ", margin)+sanitize.Clean(line, MaxCommand), " "))
		p.Blank()
	}
}

// Command writes one line to be copied. A newline in it stays an escape: what is
// pasted into a shell must not run a second line that a stranger wrote.
func (p *Page) Command(margin int, prefix, s string) {
	p.Indent(margin)
	p.buf.WriteString(strings.TrimRight(prefix+sanitize.Clean(s, MaxCommand), " "))
	p.Blank()
}

// Cells is how many columns a text takes; colours take none. Ambiguous characters count one,
// whatever the locale says, so that a report is the same on every machine.
func Cells(s string) int { return displaywidth.Options{ControlSequences: true}.String(s) }

// Clip shortens a clean text to width cells, at a word's end where there is one.
func Clip(clean string, width int) string {
	const dots = "..."
	if Cells(clean) <= width {
		return clean
	}
	cut := chop(clean, max(width-len(dots), 1))[0]
	if i := strings.LastIndexByte(cut, ' '); i > 0 && clean[len(cut)] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:") + dots
}
