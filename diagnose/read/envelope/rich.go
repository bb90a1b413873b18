package envelope

import (
	"bytes"
	"strconv"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// columns is what the last line of rich's handler showed of its layout:
//
//	[11/23/26 09:06:15] ERROR    Worker (pid:7) was sent SIGKILL! Perhaps out     arbiter.py:677
//	                             of memory?
//	                    INFO     a record of the same second
type columns struct {
	known bool
	width int        // of the whole line, which is padded
	free  int        // columns left empty in the last line
	stamp stamp.Time // the time is printed once a second
	boxed bool       // within the frame of a traceback
	below bool       // it stood above, so that lines of its exception follow
}

const (
	richStamp   = len("[11/23/26 09:06:15] ")
	richMessage = richStamp + len("CRITICAL ")
)

// rich opens the first line of a record: time, level padded to eight, message, and the place in the source at the
// right.
func (o *Opener) rich(l *Line) bool {
	b := l.Text
	if len(b) < richStamp+3 || b[0] != '[' || b[3] != '/' || b[6] != '/' || b[9] != ' ' || b[18] != ']' ||
		!stamp.IsClock(b[10:]) {
		return false
	}
	level, n := levelColumn(b[richStamp:])
	if n == 0 {
		return false
	}
	iso := append(o.dateBuf[:0], '2', '0', b[7], b[8], '-', b[1], b[2], '-', b[4], b[5], 'T')
	s, size := o.clock.ISO(append(iso, b[10:18]...))
	if size == 0 {
		return false
	}
	o.columns = columns{known: true, width: len(b), stamp: s}
	return o.richText(l, level, richStamp+n)
}

// richText takes the message out of its column, which begins at n.
func (o *Opener) richText(l *Line, level severity.Level, n int) bool {
	l.stamped(o.columns.stamp)
	l.leveled(level)
	text := withoutPlace(bytes.TrimRight(l.Text[min(n, len(l.Text)):], " "))
	o.columns.free = o.columns.width - n - len(text)
	if len(text) < len(bytes.TrimRight(l.Text[min(n, len(l.Text)):], " ")) {
		o.columns.free -= len("arbiter.py:677 ") // the place has a column of its own
	}
	l.Text, l.wraps = text, true
	return true
}

// withoutPlace drops "arbiter.py:677" at the right.
func withoutPlace(b []byte) []byte {
	i := bytes.LastIndexByte(b, ' ')
	if i < 1 || b[i-1] != ' ' {
		return b
	}
	file, line, ok := bytes.Cut(b[i+1:], []byte(":"))
	if _, numeric := lex.Number(line); !ok || !numeric || !bytes.HasSuffix(file, []byte(".py")) {
		return b
	}
	return bytes.TrimRight(b[:i], " ")
}

// levelColumn reads a level that is padded to eight, and the blank behind it.
func levelColumn(b []byte) (level severity.Level, n int) {
	end := bytes.IndexByte(b[:min(len(b), 9)], ' ')
	if end < 3 || b[0] < 'A' || b[0] > 'Z' {
		return severity.Unknown, 0
	}
	if level = severity.Of(b[:end]); level == severity.Unknown {
		return level, 0
	}
	for n = end; n < len(b) && n < 9 && b[n] == ' '; n++ {
	}
	return level, n
}

// indented opens lines that begin with blanks: those of rich below a record's first, and Cloud Foundry's, where a time
// follows.
func (o *Opener) indented(l *Line) bool {
	if o.columns.known {
		if o.richBelow(l) {
			return true
		}
		o.columns.known = false
	}
	rest := bytes.TrimLeft(l.Text, " \t")
	if len(rest) < 30 || !lex.IsDigit(rest[0]) {
		return false
	}
	s, n := o.clock.ISO(rest)
	if n == 0 || n+1 >= len(rest) || rest[n] != ' ' || rest[n+1] != '[' {
		return false
	}
	whole := l.Text
	if l.Text = rest[n+1:]; platform(l) {
		l.stamped(s)
		return true
	}
	l.Text = whole
	return false
}

// richBelow opens a record of the same second, and the rest of a message. The rest is joined with the line above
// where its first word would not have fit there; else it is a line of its own.
func (o *Opener) richBelow(l *Line) bool {
	b := l.Text
	blanks := lex.Blanks(b)
	if blanks == richStamp && len(b) > blanks {
		if level, n := levelColumn(b[richStamp:]); n > 0 {
			return o.richText(l, level, richStamp+n)
		}
	}
	if blanks < richMessage || len(b) == blanks {
		return false
	}
	if b[blanks] == boxSide[0] {
		l.stamped(o.columns.stamp)
		l.Text = b[blanks:]
		return o.boxed(l)
	}
	word := lex.WordEnd(b[blanks:])
	l.continues = blanks == richMessage && word+1 > o.columns.free && !o.columns.below
	o.richText(l, severity.Unknown, richMessage)
	return true
}

var (
	boxTop    = []byte("╭")
	boxSide   = []byte("│")
	boxBottom = []byte("╰")
	boxTitle  = []byte("Traceback (most recent call last)")
)

// boxed opens the frame that rich draws around a traceback, and turns its lines into those of a plain one:
//
//	╭───────────────────── Traceback (most recent call last) ──────────────────────╮
//	│ /app/main.py:12 in boot                                                      │
//	│ ❱ 12 │   raise ValueError("x")                                               │
//	╰──────────────────────────────────────────────────────────────────────────────╯
//	ValueError: x
func (o *Opener) boxed(l *Line) bool {
	b := l.Text
	switch {
	case bytes.HasPrefix(b, boxTop) && bytes.Contains(b, boxTitle):
		o.columns.boxed = true
		l.Text = append(append(o.scratch[l.Depth%MaxDepth][:0], boxTitle...), ':')
	case !o.columns.boxed:
		return false
	case bytes.HasPrefix(b, boxBottom):
		o.columns.boxed, o.columns.below = false, true
		l.Text, l.dropped = nil, true
		return true
	case bytes.HasPrefix(b, boxSide):
		inner := bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimRight(b[len(boxSide):], " "), boxSide))
		l.Text = appendFrame(o.scratch[l.Depth%MaxDepth][:0], inner)
	default:
		return false
	}
	o.scratch[l.Depth%MaxDepth] = l.Text
	return true
}

// appendFrame appends "/app/main.py:12 in boot" as a traceback has it, and any other line as a line of source.
func appendFrame(to, inner []byte) []byte {
	place, function, ok := bytes.Cut(inner, []byte(" in "))
	if i := bytes.LastIndexByte(place, ':'); ok && i > 0 && bytes.IndexByte(place, ' ') < 0 {
		if n, numeric := lex.Number(place[i+1:]); numeric {
			to = append(append(append(to, `  File "`...), place[:i]...), `", line `...)
			return append(append(strconv.AppendInt(to, int64(n), 10), ", in "...), function...)
		}
	}
	return append(append(to, "    "...), inner...)
}
