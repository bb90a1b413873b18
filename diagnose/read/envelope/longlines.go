package envelope

import "bytes"

// longLines parts the records of a log that has one a line where they are too long for those who read lines: a record
// that holds a whole log in a string.
type longLines struct {
	rest []byte    // a line that has no end yet
	doc  *document // it is a record that is longer
	raw  bool      // it is another text that is longer
}

func (g *longLines) note() Note {
	if g.doc != nil {
		return g.doc.note()
	}
	return ""
}

func (g *longLines) feed(out, in []byte) []byte {
	for len(in) > 0 {
		end := bytes.IndexByte(in, '\n') + 1
		part := in
		if end > 0 {
			part = in[:end]
		}
		in = in[len(part):]
		switch {
		case g.doc != nil && !g.doc.idle():
			out = g.doc.feed(out, part)
		case g.raw, len(g.rest) == 0 && end > 0 && end <= longText:
			out = append(out, part...)
			g.raw = g.raw && end == 0
		default:
			if g.rest = append(g.rest, part...); end > 0 || len(g.rest) > longText {
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
	if len(line) <= longText || line[0] != '{' {
		g.raw = line[len(line)-1] != '\n'
		return append(out, line...)
	}
	if g.doc == nil {
		g.doc = &document{}
	}
	return g.doc.feed(out, line)
}

func (g *longLines) end(out []byte) []byte {
	if g.doc != nil && !g.doc.idle() {
		out = g.doc.end(out)
	}
	return append(out, g.rest...)
}
