package document

import (
	"bytes"
	"io"
	"mime/quotedprintable"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// quotedPrintable decodes what was saved from a mail as it was sent (RFC 2045, 6.7): "=3D" for "=", "=20" for a blank
// at the end of a line, and a "=" at the end of each line that goes on in the next.
type quotedPrintable struct {
	rest []byte // lines that go on, until the one that does not
}

// isQuotedPrintable tells whether lines are written so: several go on, or have signs written as numbers, and "=" stands
// nowhere else.
func isQuotedPrintable(head []byte) bool {
	soft, signs, bare := 0, 0, 0
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		line = bytes.TrimRight(line, "\r")
		for i := 0; ; i++ {
			at := bytes.IndexByte(line[i:], '=')
			if at < 0 {
				break
			}
			i += at
			switch {
			case i == len(line)-1:
				soft++
			case i+2 < len(line) && isUpperHex(line[i+1]) && isUpperHex(line[i+2]):
				signs++
			default:
				bare++
			}
		}
	}
	return soft+signs > 2 && soft > 0 && signs > 0 && 20*bare < soft+signs
}

func isUpperHex(c byte) bool { return lex.IsDigit(c) || c >= 'A' && c <= 'F' }

func (q *quotedPrintable) Feed(out, in []byte) []byte {
	for len(in) > 0 {
		end := bytes.IndexByte(in, '\n') + 1
		if end == 0 {
			q.rest = append(q.rest, in...)
			if len(q.rest) > maxString { // no line of a mail
				out = q.End(out)
			}
			return out
		}
		q.rest = append(q.rest, in[:end]...)
		in = in[end:]
		if !bytes.HasSuffix(bytes.TrimRight(q.rest, "\r\n"), []byte("=")) || len(q.rest) > maxString {
			out = q.End(out)
		}
	}
	return out
}

// End decodes what was gathered; what is not written so stays as it is.
func (q *quotedPrintable) End(out []byte) []byte {
	text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(q.rest)))
	if err != nil {
		text = q.rest
	}
	out = append(out, text...)
	q.rest = q.rest[:0]
	return out
}
