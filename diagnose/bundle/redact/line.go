package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/cri"
)

// setLine makes the line of position i the current one. Lines are found once
// each, so one line of 16 MiB is no slower than many.
func (p *pass) setLine(i int) {
	if p.start <= i && i <= p.end && p.end >= 0 {
		return
	}
	from := 0
	if p.end >= 0 && p.end < i {
		from = p.end
	}
	p.start = from + bytes.LastIndexByte(p.text[from:i], '\n') + 1
	p.end = lineEnd(p.text, i)
}

func lineEnd(text []byte, from int) int {
	if n := bytes.IndexByte(text[from:], '\n'); n >= 0 {
		return from + n
	}
	return len(text)
}

// span is a stretch of the file.
type span struct{ from, to int }

// textStart returns where the current line's text begins, after a CRI header.
func (p *pass) textStart() int {
	if !p.cri {
		return p.start
	}
	return p.textOf(p.start, p.end).from
}

// textOf is the text of the line [start,end), without a CRI header and a carriage return.
func (p *pass) textOf(start, end int) span {
	s := span{start, end}
	if p.cri {
		n, _, _ := cri.Header(p.text[start:end])
		s.from += n
	}
	if s.to > s.from && p.text[s.to-1] == '\r' {
		s.to--
	}
	return s
}

// reach is how many lines of the other stream may stand between two of one, and the
// longest line that is looked at beside the current one.
const (
	reach      = 3
	longBeside = 4 << 10
)

// lineBelow remembers the line below the one last asked for: several rules ask of the same line.
type lineBelow struct {
	of   span
	cri  bool
	line span
	ok   bool
}

// after returns the text of the line that follows the one that holds position i, in
// the same stream.
func (p *pass) after(i int) (span, bool) {
	start, end := p.bounds(i)
	of := span{start, end}
	if last := &p.lineBelow; last.of != of || last.cri != p.cri || end == 0 {
		line, ok := p.findBelow(start, end)
		*last = lineBelow{of, p.cri, line, ok}
	}
	return p.lineBelow.line, p.lineBelow.ok
}

func (p *pass) findBelow(start, end int) (span, bool) {
	own := p.stream(start, end)
	for range reach {
		if end >= len(p.text) {
			break
		}
		start = end + 1
		end = p.cutLine(start)
		if start >= len(p.text) {
			break
		}
		if p.stream(start, end) == own {
			return p.textOf(start, end), true
		}
	}
	return span{}, false
}

// preceding returns the text of the line before the one that holds position i, in
// the same stream.
func (p *pass) preceding(i int) (span, bool) {
	start, end := p.bounds(i)
	own := p.stream(start, end)
	for range reach {
		if start == 0 {
			break
		}
		end = start - 1
		floor := max(0, end-longBeside)
		start = floor + bytes.LastIndexByte(p.text[floor:end], '\n') + 1
		p.m.work += end - start
		if p.stream(start, end) == own {
			return p.textOf(start, end), true
		}
	}
	return span{}, false
}

// bounds is the line that holds i: the current one, or one beside it.
func (p *pass) bounds(i int) (start, end int) {
	if p.start <= i && i <= p.end {
		return p.start, p.end
	}
	floor := max(0, i-longBeside)
	return floor + bytes.LastIndexByte(p.text[floor:i], '\n') + 1, p.cutLine(i)
}

// cutLine is the end of the line from i on, or of what is looked at of it.
func (p *pass) cutLine(i int) int {
	if i >= len(p.text) {
		return len(p.text)
	}
	limit := min(len(p.text), i+longBeside)
	end := limit
	if n := bytes.IndexByte(p.text[i:limit], '\n'); n >= 0 {
		end = i + n
	}
	p.m.work += end - i
	return end
}

// stream is the stream of a CRI line; 0 in other texts.
func (p *pass) stream(start, end int) byte {
	if !p.cri {
		return 0
	}
	_, _, stream := cri.Header(p.text[start:end])
	return stream
}

// within runs f while another line's text is the current one.
func (p *pass) within(s span, f func()) {
	start, end, cri := p.start, p.end, p.cri
	p.start, p.end, p.cri = s.from, s.to, false
	f()
	p.start, p.end, p.cri = start, end, cri
}
