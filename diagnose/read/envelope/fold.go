package envelope

import (
	"bytes"
	"unicode/utf8"
)

// folded joins lines that a terminal broke at its width.
type folded struct {
	clock Clock
	width int
	watch watch
	rest  []byte // a line that has no end yet
	held  []byte // a line that may go on in the next
	hold  bool
	last  int // columns of the held line's last piece
}

const (
	minFold = 40 // columns: no terminal is narrower
	maxFold = 400
)

// foldedAt returns the stage for lines that were folded, nil where that is not plain: at least two lines are as wide as
// the widest, none of them is followed by one that begins as lines of this log do, and most others are.
func foldedAt(lines [][]byte, clock Clock) *folded {
	width, wide, broken, whole, begun := foldCounts(lines, clock)
	if width == 0 || wide < 2 || 2*broken < wide || 5*begun < 4*whole || begun == 0 {
		return nil
	}
	return &folded{clock: clock, width: width, watch: watch{opener: NewOpener(clock)}}
}

// mayBeFolded tells whether some lines look folded, not clearly enough to join them.
func mayBeFolded(lines [][]byte, clock Clock) bool {
	width, wide, broken, whole, begun := foldCounts(lines, clock)
	return width == 80 && wide >= 1 && broken == wide && 5*begun >= 4*whole && begun > 0
}

// foldCounts returns the width of the widest lines, how many have it, of these how many are followed by a line that
// does not begin as lines of the log do; of the other lines how many there are and how many are followed by one that
// does.
func foldCounts(lines [][]byte, clock Clock) (width, wide, broken, whole, begun int) {
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

// begins tells whether a line begins as a record does: with an envelope, a date, a level, the kernel's clock.
func (w *watch) begins(line []byte) bool {
	if _, ok := w.when(line); ok || w.line.Depth > 0 {
		return true
	}
	return beginsMessage(line) || bytes.HasPrefix(line, []byte("  File ")) || bytes.HasPrefix(line, []byte("    "))
}

func (f *folded) note() Note { return NoteFolded }

// trial returns what the stage makes of a sample, without taking it.
func (f *folded) trial(sample []byte) []byte {
	try := &folded{clock: f.clock, width: f.width, watch: watch{opener: NewOpener(f.clock)}}
	return try.end(try.feed(nil, sample))
}

func (f *folded) feed(out, in []byte) []byte {
	for len(in) > 0 {
		end := bytes.IndexByte(in, '\n')
		if end < 0 {
			if f.rest = append(f.rest, in...); len(f.rest) > maxString { // no line of a terminal
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
	if f.hold && len(line) > 0 && len(f.held) < maxString && !f.watch.begins(Clean(bytes.Clone(line))) {
		if f.last < f.width {
			f.held = append(f.held, ' ') // the copy lost the blank at which it was broken
		}
		f.held = append(bytes.TrimRight(f.held, "\r"), line...)
	} else {
		out = f.flush(out)
		f.held = append(f.held[:0], line...)
	}
	f.hold, f.last = true, columns
	if columns != f.width && columns != f.width-1 {
		return f.flush(out)
	}
	return out
}

// flush gives out the held line.
func (f *folded) flush(out []byte) []byte {
	if f.hold {
		out = append(append(out, f.held...), '\n')
	}
	f.hold, f.held = false, f.held[:0]
	return out
}

func (f *folded) end(out []byte) []byte {
	out = f.flush(out)
	if len(f.rest) > 0 {
		out = f.line(out, f.rest)
		out = f.flush(out)
	}
	f.rest = nil
	return out
}
