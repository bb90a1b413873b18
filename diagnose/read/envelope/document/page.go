package document

import (
	"bytes"
	"html"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// page takes the text out of a log that was saved or copied as the source of a page, or exported as XML:
//
//	<div class="line"><span class="ts">09:06:15</span> <span class="msg">WORKER TIMEOUT (pid:7)</span></div>
//	Traceback (most recent call last):<br/>
//	<log><event time="2026-11-23T09:06:15Z"><message>WORKER TIMEOUT (pid:7)</message></event></log>
//
// An element of a page that begins a line of its own ends one, and so does one that holds nothing but elements; what
// other elements hold stands in one line, and before it the time that an attribute names. Only tags are taken out whose
// element is closed somewhere in the head: "in <module>" is a word of a traceback.
type page struct {
	names map[string]bool // of elements that are closed in the head
	rest  []byte          // a tag that has no end yet
	line  []byte          // of text, its entities as they came
	blank bool            // the line has nothing but blanks yet, which may be the indentation of a tag
	bare  bool            // no text stands between here and the last tag
	gap   bool            // an element ended in this line
	ended bool            // a tag ended the line before, so the source's own line end adds none
	cdata bool            // inside <![CDATA[
}

const maxTag = 4 << 10 // bytes; what has no '>' by then is text

// ends are the elements of a page behind which, or at which, a line ends whatever they hold.
var ends = []string{"br", "p", "div", "li", "tr", "pre", "dt", "dd", "h1", "h2", "h3", "h4", "hr"}

// newPage returns the stage for a head most lines of which are enclosed in elements, or end with a break.
func newPage(head []byte) *page {
	p := &page{names: closedElements(head), blank: true, bare: true}
	tagged, lines, broken := 0, 0, 0
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		lines++
		name, n := p.tag(line)
		last := bytes.LastIndexByte(line, '<')
		if last < 0 {
			continue
		}
		tail, m := p.tag(line[last:])
		whole := m == len(line)-last || len(head) >= HeadSize && lines == 1
		switch {
		case whole && tail == "br":
			broken++
		case whole && n > 0 && name != "":
			tagged++
		}
	}
	several := lines > 1 || bytes.Count(head, []byte("</")) > 2
	if !several || len(p.names) == 0 || 2*(tagged+broken) <= lines {
		return nil
	}
	return p
}

// closedElements returns the names of the elements that a text closes, and those that need no end.
func closedElements(text []byte) map[string]bool {
	const most = 64
	names := map[string]bool{}
	for len(names) < most {
		at := bytes.IndexByte(text, '<')
		if at < 0 {
			break
		}
		text = text[at+1:]
		closed := bytes.HasPrefix(text, []byte("/"))
		name := elementName(bytes.TrimPrefix(text, []byte("/")))
		if closed && name != "" || name == "br" || name == "hr" {
			names[name] = true
		}
	}
	return names
}

// elementName reads the name at the start of b in small letters, "" where none is.
func elementName(b []byte) string {
	inside := func(c byte) bool { return lex.IsDigit(c) || bytes.IndexByte([]byte(":-_."), c) >= 0 }
	n := 0
	for n < min(len(b), 64) && (lex.IsLetter(b[n]) || n > 0 && inside(b[n])) {
		n++
	}
	return string(bytes.ToLower(b[:n]))
}

// tag returns the name and length of the tag at the start of b, zero where there is none of a known element. What is
// no element (a comment, a declaration, a section's mark) has the name "".
func (p *page) tag(b []byte) (name string, n int) {
	if len(b) < 3 || b[0] != '<' {
		return "", 0
	}
	if bytes.HasPrefix(b, []byte("<![CDATA[")) {
		return "", len("<![CDATA[")
	}
	end := bytes.IndexByte(b[:min(len(b), maxTag)], '>') + 1
	if b[1] == '!' || b[1] == '?' {
		return "", end
	}
	if name = elementName(bytes.TrimPrefix(b[1:], []byte("/"))); !p.names[name] {
		return "", 0
	}
	return name, end
}

func (p *page) Feed(out, in []byte) []byte {
	text := append(p.rest, in...)
	p.rest = nil
	for len(text) > 0 {
		at := p.markIn(text)
		if at > 0 {
			out = p.words(out, text[:at])
			text = text[at:]
			continue
		}
		n := p.mark(text)
		if n == 0 { // it may have no end yet
			if len(text) < maxTag && bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '>') < 0 {
				p.rest = bytes.Clone(text)
				return out
			}
			out = p.words(out, text[:1])
			text = text[1:]
			continue
		}
		out = p.pass(out, text[:n])
		text = text[n:]
	}
	return out
}

// markIn returns where the next mark may begin: a tag, or the end of a section.
func (p *page) markIn(text []byte) int {
	c := byte('<')
	if p.cdata {
		c = ']'
	}
	if at := bytes.IndexByte(text, c); at >= 0 {
		return at
	}
	return len(text)
}

// mark returns the length of the mark at the start of text, zero where there is none, or not all of it.
func (p *page) mark(text []byte) (n int) {
	if p.cdata {
		if bytes.HasPrefix(text, []byte("]]>")) {
			return len("]]>")
		}
		return 0
	}
	_, n = p.tag(text)
	return n
}

// pass goes past a mark, which may end a line.
func (p *page) pass(out, mark []byte) []byte {
	if p.cdata || mark[len(mark)-1] == '[' {
		p.cdata = !p.cdata
		return out
	}
	name, _ := p.tag(mark)
	closes := mark[1] == '/'
	switch {
	case name == "":
		return out
	case slices.Contains(ends, name) || closes && p.bare:
		out = p.end(out)
		p.ended = true
	case closes:
		p.gap = !p.blank
	case !closes:
		p.time(mark)
	}
	if p.blank {
		p.line = p.line[:0]
	}
	p.bare = true
	return out
}

// time takes over the time that an attribute of a tag names.
func (p *page) time(tag []byte) {
	for _, key := range []string{` time="`, ` timestamp="`, ` datetime="`, ` date="`, ` ts="`} {
		if _, value, ok := bytes.Cut(tag, []byte(key)); ok && len(value) > 0 && lex.IsDigit(value[0]) {
			value, _, _ = bytes.Cut(value, []byte(`"`))
			p.line = append(append(p.line, value...), ' ')
			p.blank = false
		}
	}
}

// words takes text, the line ends of the source among it.
func (p *page) words(out, text []byte) []byte {
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		part := text
		if end >= 0 {
			part = text[:end]
		}
		if len(bytes.TrimSpace(part)) > 0 {
			p.blank, p.bare, p.ended = false, false, false
		}
		if p.gap && len(part) > 0 && part[0] != ' ' {
			p.line = append(p.line, ' ')
		}
		p.gap = p.gap && len(part) == 0
		p.line = append(p.line, part...)
		if end < 0 && len(p.line) < maxString {
			return out
		}
		if !p.ended || !p.blank {
			out = p.end(out)
		}
		p.line, p.ended = p.line[:0], false
		text = text[min(len(part)+1, len(text)):]
	}
	return out
}

// end gives out the line, unless a tag ended it before.
func (p *page) end(out []byte) []byte {
	if !p.blank || !p.ended && !p.bare {
		text := []byte(html.UnescapeString(string(p.line)))
		text = bytes.ReplaceAll(text, []byte("\u00a0"), []byte(" "))
		out = append(append(out, bytes.TrimRight(text, " \t\r")...), '\n')
	}
	p.line, p.blank, p.gap = p.line[:0], true, false
	return out
}

func (p *page) End(out []byte) []byte {
	out = p.words(out, p.rest)
	p.rest = nil
	if p.blank {
		return out
	}
	return p.end(out)
}
