package servicelog

import (
	"encoding/json"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
)

// levelOf takes the level that an application's own record has (docs/notes/PYTHON.md#4.5). What stands in a record at
// all was written by a logger, so it is never as good as a bare line.
func levelOf(l severity.Level) level {
	switch {
	case l == severity.Unknown:
		return levelNone
	case l <= severity.Warning:
		return levelHigh
	}
	return levelLow
}

// dictTraceback reads what structlog's dict_tracebacks makes of an exception, nil where it is none: a list, outermost
// exception first, whose frames may hold "locals" with any text (structlog/tracebacks.py).
func dictTraceback(b []byte, l *logical) *traceback {
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
	tb := newTraceback(l, false, true)
	tb.excLine, tb.state = l.number, tbAfter
	for i := len(list) - 1; i >= 0; i-- {
		e := list[i]
		tb.cur.typ, tb.cur.msg = e.Type[:min(len(e.Type), maxName)], e.Value[:min(len(e.Value), maxMessage)]
		for _, f := range e.Frames {
			tb.cur.addFrame(Frame{File: sanitise(f.File, maxName), Line: max(f.Line, 0), Function: sanitise(f.Name, maxName)})
		}
		tb.excerpt = sanitise(tb.cur.String(), maxExcerpt)
		tb.push()
		tb.cur.link = linkContext
		if e.IsCause {
			tb.cur.link = linkCause
		}
	}
	return tb
}
