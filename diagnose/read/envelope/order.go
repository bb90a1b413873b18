package envelope

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// maxTurned is how much of a log that has its newest line first is kept until its end, to be turned round.
const maxTurned = 64 << 20

// turned turns a log round that has its newest record first. Lines without a time of their own stay below the line that
// they go on with.
type turned struct {
	opener *Opener
	kept   []byte
	pieces int
}

func (t *turned) note() Note {
	if t.pieces > 1 {
		return NoteTurnedCut
	}
	return NoteTurned
}

func (t *turned) Feed(out, in []byte) []byte {
	t.kept = append(t.kept, in...)
	if len(t.kept) < maxTurned {
		return out
	}
	end := bytes.LastIndexByte(t.kept, '\n') + 1
	if end == 0 {
		end = len(t.kept)
	}
	out = t.turn(out, t.kept[:end])
	t.kept = append([]byte(nil), t.kept[end:]...)
	return out
}

func (t *turned) End(out []byte) []byte {
	if len(t.kept) > 0 {
		out = t.turn(out, t.kept)
	}
	t.kept = nil
	return out
}

// turn appends the records of b, the last one first.
func (t *turned) turn(out, b []byte) []byte {
	t.pieces++
	w := watch{opener: t.opener}
	for end := len(b); end > 0; {
		start := end
		for start > 0 {
			start = bytes.LastIndexByte(b[:start-1], '\n') + 1
			line, _, _ := bytes.Cut(b[start:end], []byte("\n"))
			if _, ok := w.when(Clean(bytes.Clone(line))); ok {
				break
			}
		}
		out = append(out, b[start:end]...)
		if out[len(out)-1] != '\n' {
			out = append(out, '\n')
		}
		end = start
	}
	return out
}

// watch reads the time of any line: of its envelope, its logger's, or the kernel's clock.
type watch struct {
	opener *Opener
	line   Line
}

func (w *watch) when(text []byte) (int64, bool) {
	if len(text) > 1<<12 && text[0] != '{' {
		text = text[:1<<12]
	}
	w.opener.last.known = false
	w.opener.Open(text, &w.line)
	if w.line.Stamp.Known {
		return w.line.Stamp.At, true
	}
	if s, ok := w.opener.loggerTime(w.line.Text); ok && s.Known {
		return s.At, true
	}
	return bootClock(w.line.Text)
}

// loggerTime reads the time of a logger's own prefix, which stays part of the message.
func (o *Opener) loggerTime(b []byte) (stamp.Time, bool) {
	if len(b) > 20 && b[0] == '[' {
		b = b[1:]
	}
	if len(b) < 19 || !lex.IsDigit(b[0]) {
		return stamp.Time{}, false
	}
	s, n := o.clock.Date(b)
	return s, n > 0
}

// bootClock reads the kernel's "[  123.456789]" in ns.
func bootClock(b []byte) (int64, bool) {
	if len(b) < 14 || b[0] != '[' {
		return 0, false
	}
	end := bytes.IndexByte(b[:min(len(b), 24)], ']')
	if end < 0 {
		return 0, false
	}
	whole, frac, ok := bytes.Cut(bytes.TrimLeft(b[1:end], " "), []byte("."))
	s, ok1 := lex.Number(whole)
	us, ok2 := lex.Number(frac)
	return (int64(s)*1e6 + int64(us)) * 1000, ok && ok1 && ok2 && len(frac) == 6
}

// newestFirst tells whether the times of the lines fall: often, and next to never rise. Where the lines of one event
// have the same time, order tells which of them are printed first.
func newestFirst(lines [][]byte, o *Opener, order func(line []byte) int) bool {
	w := watch{opener: o}
	downs, ups, backs, rank := 0, 0, 0, 0
	last, known := int64(0), false
	for _, line := range lines {
		if order != nil {
			n := order(line)
			switch {
			case n == 0:
			case n < rank:
				backs++
				rank = n
			default:
				ups += min(rank, 1) // two events, or one in its order
				rank = n
			}
		}
		at, ok := w.when(line)
		if !ok {
			continue
		}
		switch {
		case known && at < last:
			downs++
		case known && at > last:
			ups++
		}
		last, known = at, true
	}
	return downs >= 2 && downs > 8*ups || backs > 0 && ups == 0
}

// untimed tells whether the times of most lines are not read.
func untimed(lines [][]byte, clock stamp.Clock) bool {
	w := watch{opener: NewOpener(clock)}
	n := 0
	for _, line := range lines {
		if _, ok := w.when(line); ok {
			n++
		}
	}
	return 2*n < len(lines)
}
