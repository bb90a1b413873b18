package glyph

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/read/cri"
)

// Reader reads a text line by line and glyph by glyph.
type Reader struct {
	Text       []byte
	CRI        bool // lines begin with a CRI header
	Start, End int  // the current line, without its newline
	work       *int // bytes looked at
	below      lineBelow
	ends       ends // where arguments of calls end
}

// New returns a reader of a text, before its first line.
func New(text []byte, work *int) Reader { return Reader{Text: text, End: -1, work: work} }

// SetLine makes the line of position i the current one. Lines are found once
// each, so one line of 16 MiB is no slower than many.
func (r *Reader) SetLine(i int) {
	if r.Start <= i && i <= r.End && r.End >= 0 {
		return
	}
	from := 0
	if r.End >= 0 && r.End < i {
		from = r.End
	}
	r.Start = from + bytes.LastIndexByte(r.Text[from:i], '\n') + 1
	r.End = LineEnd(r.Text, i)
}

func LineEnd(text []byte, from int) int {
	if n := bytes.IndexByte(text[from:], '\n'); n >= 0 {
		return from + n
	}
	return len(text)
}

// Span is a stretch of the file.
type Span struct{ From, To int }

// TextStart returns where the current line's text begins, after a CRI header.
func (r *Reader) TextStart() int {
	if !r.CRI {
		return r.Start
	}
	return r.TextOf(r.Start, r.End).From
}

// LineBefore is what stands before i in the current line's text, its last n bytes at most; none where i lies in
// the head.
func (r *Reader) LineBefore(i, n int) []byte { return r.Text[min(i, max(r.TextStart(), i-n)):i] }

// TextOf is the text of the line [start,end), without a CRI header and a carriage return.
func (r *Reader) TextOf(start, end int) Span {
	s := Span{start, end}
	if r.CRI {
		n, _, _ := cri.Header(r.Text[start:end])
		s.From += n
	}
	if s.To > s.From && r.Text[s.To-1] == '\r' {
		s.To--
	}
	return s
}

// reach is how many lines of the other stream may stand between two of one, and the
// longest line that is looked at beside the current one.
const (
	Reach      = 3
	LongBeside = 4 << 10
)

// lineBelow remembers the line below the one last asked for: several rules ask of the same line.
type lineBelow struct {
	of   Span
	cri  bool
	line Span
	ok   bool
}

// After returns the text of the line that follows the one that holds position i, in
// the same stream.
func (r *Reader) After(i int) (Span, bool) {
	start, end := r.bounds(i)
	of := Span{start, end}
	if last := &r.below; last.of != of || last.cri != r.CRI || end == 0 {
		line, ok := r.findBelow(start, end)
		*last = lineBelow{of, r.CRI, line, ok}
	}
	return r.below.line, r.below.ok
}

func (r *Reader) findBelow(start, end int) (Span, bool) {
	own := r.stream(start, end)
	for range Reach {
		if end >= len(r.Text) {
			break
		}
		start = end + 1
		end = r.cutLine(start)
		if start >= len(r.Text) {
			break
		}
		if r.stream(start, end) == own {
			return r.TextOf(start, end), true
		}
	}
	return Span{}, false
}

// Preceding returns the text of the line before the one that holds position i, in
// the same stream.
func (r *Reader) Preceding(i int) (Span, bool) {
	start, end := r.bounds(i)
	own := r.stream(start, end)
	for range Reach {
		if start == 0 {
			break
		}
		end = start - 1
		floor := max(0, end-LongBeside)
		start = floor + bytes.LastIndexByte(r.Text[floor:end], '\n') + 1
		*r.work += end - start
		if r.stream(start, end) == own {
			return r.TextOf(start, end), true
		}
	}
	return Span{}, false
}

// bounds is the line that holds i: the current one, or one beside it.
func (r *Reader) bounds(i int) (start, end int) {
	if r.Start <= i && i <= r.End {
		return r.Start, r.End
	}
	floor := max(0, i-LongBeside)
	return floor + bytes.LastIndexByte(r.Text[floor:i], '\n') + 1, r.cutLine(i)
}

// cutLine is the end of the line from i on, or of what is looked at of it.
func (r *Reader) cutLine(i int) int {
	if i >= len(r.Text) {
		return len(r.Text)
	}
	limit := min(len(r.Text), i+LongBeside)
	end := limit
	if n := bytes.IndexByte(r.Text[i:limit], '\n'); n >= 0 {
		end = i + n
	}
	*r.work += end - i
	return end
}

// stream is the stream of a CRI line; 0 in other texts.
func (r *Reader) stream(start, end int) byte {
	if !r.CRI {
		return 0
	}
	_, _, stream := cri.Header(r.Text[start:end])
	return stream
}

// Within runs f while another line's text is the current one.
func (r *Reader) Within(s Span, f func()) {
	start, end, cri := r.Start, r.End, r.CRI
	r.Start, r.End, r.CRI = s.From, s.To, false
	f()
	r.Start, r.End, r.CRI = start, end, cri
}

func Indent(text []byte) int {
	n := 0
	for n < len(text) && ascii.IsBlank(text[n]) {
		n++
	}
	return n
}

// Looked counts bytes that a rule has looked at by itself.
func (r *Reader) Looked(n int) { *r.work += n }
