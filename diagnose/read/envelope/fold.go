package envelope

import (
	"bytes"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// folded joins lines that a terminal broke at its width.
type folded struct {
	clock stamp.Clock
	width int
	watch watch
	rest  []byte // a line that has no end yet
	held  []byte // a line that may go on in the next
	hold  bool
	last  int // columns of the held line's last piece
	// words: a mail's editor broke the lines between words. flat: no line of the log begins with blanks.
	words, flat bool
}

const (
	minFold = 40 // columns: no terminal is narrower
	maxFold = 400
	maxWrap = 90       // columns: editors of mails break earlier
	maxHeld = 64 << 10 // bytes of a line that is joined
)

// foldedAt returns the stage for lines that were folded, nil where that is not plain: at least two lines are as wide as
// the widest, none of them is followed by one that begins as lines of this log do, and most others are.
func foldedAt(lines [][]byte, clock stamp.Clock) *folded {
	if endsMarked(lines) {
		return nil
	}
	f := &folded{clock: clock, watch: watch{opener: NewOpener(clock)}}
	f.flat = isFlat(lines, clock)
	width, wide, broken, whole, begun := foldCounts(lines, clock)
	if width == 0 || wide < 2 || 2*broken < wide || 5*begun < 4*whole || begun == 0 {
		f.words, f.width = true, wrappedAt(lines, clock)
		if f.width == 0 || !f.flat {
			return nil
		}
		return f
	}
	f.width = width
	return f
}

// endsMarked tells whether somebody had the ends of lines shown, so that none was folded unseen.
func endsMarked(lines [][]byte) bool {
	marked := 0
	for _, line := range lines {
		if markAt(lineEnds, func(mark string) bool { return bytes.HasSuffix(line, []byte(mark)) }) > 0 {
			marked++
		}
	}
	return 5*marked >= 4*len(lines)
}

// isFlat tells whether most lines have a time of their own, and none of the others is indented but below a line
// that is too long for its width.
func isFlat(lines [][]byte, clock stamp.Clock) bool {
	w := watch{opener: NewOpener(clock)}
	timed, others := 0, 0
	for i, line := range lines {
		if line = unquoted(line); len(line) == 0 {
			continue
		}
		if w.timed(line) {
			timed++
		} else if others++; lex.Blanks(line) > 0 && (i == 0 || len(lines[i-1]) < minFold) {
			return false
		}
	}
	return timed > others
}

// wrappedAt returns the width at which an editor broke lines between words; zero where that is not plain: each line
// that goes on would have been too long with the first word of the next.
func wrappedAt(lines [][]byte, clock stamp.Clock) (width int) {
	w := watch{opener: NewOpener(clock)}
	type pair struct{ line, next []byte }
	var broken []pair
	for i, line := range lines[:max(len(lines)-1, 0)] {
		next := unquoted(lines[i+1])
		if len(next) == 0 || len(unquoted(line)) == 0 || w.empty(line) {
			continue
		}
		if w.timed(next) || len(broken) == 0 && !w.timed(unquoted(line)) {
			continue // words before the log
		}
		broken = append(broken, pair{line, next})
	}
	for _, p := range broken {
		if bytes.IndexByte(bytes.TrimSpace(p.line), ' ') > 0 && utf8.RuneCount(p.line) <= maxWrap {
			width = max(width, utf8.RuneCount(p.line))
		}
	}
	wrapped := 0
	for _, p := range broken {
		if utf8.RuneCount(p.line)+1+lex.WordEnd(p.next) > width {
			wrapped++
		}
	}
	if len(broken) < 2 || width < minFold || 10*wrapped < 8*len(broken) {
		return 0
	}
	return width
}

// unquoted is a line without a mail's marks of quotation.
func unquoted(line []byte) []byte {
	for len(line) > 0 && line[0] == '>' {
		line = line[quoteMark(line):]
	}
	return line
}

// mayBeFolded tells whether some lines look folded, not clearly enough to join them.
func mayBeFolded(lines [][]byte, clock stamp.Clock) bool {
	width, wide, broken, whole, begun := foldCounts(lines, clock)
	return width == 80 && wide >= 1 && broken == wide && 5*begun >= 4*whole && begun > 0
}

// foldCounts returns the width of the widest lines, how many have it, of these how many are followed by a line that
// does not begin as lines of the log do; of the other lines how many there are and how many are followed by one that
// does.
func foldCounts(lines [][]byte, clock stamp.Clock) (width, wide, broken, whole, begun int) {
	for _, line := range lines {
		width = max(width, utf8.RuneCount(line))
	}
	if width < minFold || width > maxFold {
		return 0, 0, 0, 0, 0
	}
	w := watch{opener: NewOpener(clock)}
	for i, line := range lines[:max(len(lines)-1, 0)] {
		next := lines[i+1]
		if len(next) == 0 {
			continue
		}
		begins := w.begins(next)
		switch {
		case utf8.RuneCount(line) == width:
			wide++
			if !begins {
				broken++
			}
		default:
			whole++
			if begins {
				begun++
			}
		}
	}
	return width, wide, broken, whole, begun
}

// empty tells whether a line is an envelope alone, whose message stands below it (supervisord's).
func (w *watch) empty(line []byte) bool {
	_, _ = w.when(line)
	return w.line.Depth > 0 && len(w.line.Text) == 0
}

// timed tells whether a line has a time of its own.
func (w *watch) timed(line []byte) bool {
	_, ok := w.when(line)
	return ok || w.line.Stamp.Shown
}

// begins tells whether a line begins as a record does: with an envelope, a date, a level, the kernel's clock.
func (w *watch) begins(line []byte) bool {
	if _, ok := w.when(line); ok || w.line.Depth > 0 {
		return true
	}
	return beginsMessage(line) || bytes.HasPrefix(line, []byte("  File ")) || bytes.HasPrefix(line, []byte("    "))
}

// trial returns what the stage makes of a sample, without taking it.
func (f *folded) trial(sample []byte) []byte {
	try := &folded{clock: f.clock, width: f.width, words: f.words, flat: f.flat, watch: watch{opener: NewOpener(f.clock)}}
	return try.End(try.Feed(nil, sample))
}

func (f *folded) Feed(out, in []byte) []byte {
	for len(in) > 0 {
		end := bytes.IndexByte(in, '\n')
		if end < 0 {
			if f.rest = append(f.rest, in...); len(f.rest) > maxHeld { // no line of a terminal
				out = f.flush(out)
				out = append(out, f.rest...)
				f.rest = f.rest[:0]
			}
			return out
		}
		line := in[:end]
		if len(f.rest) > 0 {
			f.rest = append(f.rest, line...)
			line = f.rest
		}
		out = f.line(out, line)
		f.rest = f.rest[:0]
		in = in[end+1:]
	}
	return out
}

func (f *folded) line(out, line []byte) []byte {
	columns := utf8.RuneCount(bytes.TrimRight(line, "\r"))
	if f.hold && len(line) > 0 && len(f.held) < maxHeld && f.goesOn(Clean(bytes.Clone(line))) {
		if f.last < f.width || f.words {
			f.held = append(f.held, ' ') // the copy lost the blank at which it was broken
		}
		if f.words {
			line = unquoted(line)
		}
		f.held = append(bytes.TrimRight(f.held, "\r"), line...)
	} else {
		out = f.flush(out)
		f.held = append(f.held[:0], line...)
	}
	f.hold, f.last = true, columns
	if f.words {
		if len(bytes.TrimSpace(unquoted(line))) == 0 {
			return f.flush(out)
		}
		return out
	}
	if columns != f.width && columns != f.width-1 {
		return f.flush(out)
	}
	return out
}

// goesOn tells whether a line is the rest of the one before.
func (f *folded) goesOn(line []byte) bool {
	if !f.words && !f.flat {
		return !f.watch.begins(line)
	}
	text := unquoted(line)
	timed := f.watch.timed(text)
	const lost = 16 // blanks in a row at which a line was broken
	if f.words && f.last+1+lex.WordEnd(text) <= f.width-lost {
		return false
	}
	return !timed && len(text) > 0 && !beginsMessage(text)
}

// flush gives out the held line.
func (f *folded) flush(out []byte) []byte {
	if f.hold {
		out = append(append(out, f.held...), '\n')
	}
	f.hold, f.held = false, f.held[:0]
	return out
}

func (f *folded) End(out []byte) []byte {
	out = f.flush(out)
	if len(f.rest) > 0 {
		out = f.line(out, f.rest)
		out = f.flush(out)
	}
	f.rest = nil
	return out
}
