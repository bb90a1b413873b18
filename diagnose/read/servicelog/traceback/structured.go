package traceback

import (
	"encoding/json"

	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
)

// FromObjects reads what structlog's dict_tracebacks makes of an exception, nil where it is none; number is that of the
// line. It is a list, outermost exception first, whose frames may hold "locals" with any text
// (structlog/tracebacks.py).
func FromObjects(b []byte, number int) *Reader {
	var list []struct {
		Type    string `json:"exc_type"`
		Value   string `json:"exc_value"`
		IsCause bool   `json:"is_cause"` // of the one before it
		Frames  []struct {
			File string `json:"filename"`
			Line int    `json:"lineno"`
			Name string `json:"name"`
		} `json:"frames"`
	}
	if len(b) == 0 || json.Unmarshal(b, &list) != nil {
		return nil
	}
	tb := NewReader(false)
	tb.ExcLine, tb.state = number, tbAfter
	for i := len(list) - 1; i >= 0; i-- {
		e := list[i]
		tb.cur.Type = e.Type[:min(len(e.Type), excerpt.MaxName)]
		tb.cur.Message = e.Value[:min(len(e.Value), excerpt.MaxMessage)]
		for _, f := range e.Frames {
			tb.cur.addFrame(Frame{File: excerpt.Name(f.File), Line: max(f.Line, 0), Function: excerpt.Name(f.Name)})
		}
		tb.Excerpt = excerpt.Line(tb.cur.String())
		tb.push()
		tb.cur.Link = LinkContext
		if e.IsCause {
			tb.cur.Link = LinkCause
		}
	}
	return tb
}
