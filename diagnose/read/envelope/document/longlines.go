package document

import "bytes"

// longLines parts the records of a log that has one a line where they are too long for those who read lines: a record
// that holds a whole log in a string.
type longLines struct {
	rest []byte // a line that has no end yet
	doc  *JSON  // it is a record that is longer
	raw  bool   // it is another text that is longer
}

// Cut tells whether a record was longer than is kept.
func (g *longLines) Cut() bool { return g.doc != nil && g.doc.cut }

func (g *longLines) Feed(out, in []byte) []byte {
	for len(in) > 0 {
		end := bytes.IndexByte(in, '\n') + 1
		part := in
		if end > 0 {
			part = in[:end]
		}
		in = in[len(part):]
		switch {
		case g.doc != nil && !g.doc.Idle():
			out = g.doc.Feed(out, part)
		case g.raw, len(g.rest) == 0 && end > 0 && end <= LongText:
			out = append(out, part...)
			g.raw = g.raw && end == 0
		default:
			if g.rest = append(g.rest, part...); end > 0 || len(g.rest) > LongText {
				out = g.line(out)
			}
		}
	}
	return out
}

// line gives out a line, or what there is of one that is too long.
func (g *longLines) line(out []byte) []byte {
	line := g.rest
	g.rest = g.rest[:0]
	if len(line) <= LongText || line[0] != '{' {
		g.raw = line[len(line)-1] != '\n'
		return append(out, line...)
	}
	if g.doc == nil {
		g.doc = &JSON{}
	}
	return g.doc.Feed(out, line)
}

func (g *longLines) End(out []byte) []byte {
	if g.doc != nil && !g.doc.Idle() {
		out = g.doc.End(out)
	}
	return append(out, g.rest...)
}
