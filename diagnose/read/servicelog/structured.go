package servicelog

import (
	"bytes"
	"encoding/json"
)

// structured reads a JSON record (docs/notes/PYTHON.md#4.5) and feeds its text through the same reader: message or event first,
// then the traceback. Only the top level is looked at: "locals" and the like may hold any text.
func (s *runScan) structured(l *logical) bool {
	if l.text[len(l.text)-1] != '}' {
		return false
	}
	rec, ok := topLevel(l.text)
	if !ok {
		return false
	}
	p := parsed{level: rec.level}
	ln := &s.lanes[l.stream]
	for _, text := range [][]byte{rec.text, rec.trace} {
		for i, line := range bytes.Split(text, []byte("\n")) {
			if len(line) == 0 {
				continue
			}
			sub := *l
			sub.text = clean(line)
			if i > 0 || ln.head != nil || ln.tb != nil || bytes.HasPrefix(line, tbHead) {
				s.line(&sub)
				continue
			}
			if p.msg = bytes.TrimSpace(sub.text); len(p.msg) > 0 {
				s.match(ln, p, &sub, false)
			}
		}
	}
	s.closeBlock(ln)
	if tb := dictTraceback(rec.dicts, l); tb != nil {
		s.closeTraceback(tb, nil)
	}
	return true
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

// jsonRecord is what counts of a JSON log line.
type jsonRecord struct {
	level       level
	text, trace []byte
	dicts       []byte // a traceback as a list of objects
}

// topLevel walks the members of an object without decoding what it does not need.
func topLevel(b []byte) (rec jsonRecord, ok bool) {
	i := space(b, 1)
	for i < len(b) && b[i] == '"' {
		end := stringEnd(b, i)
		if end < 0 {
			return rec, false
		}
		key := b[i+1 : end-1]
		i = space(b, end)
		if i >= len(b) || b[i] != ':' {
			return rec, false
		}
		i = space(b, i+1)
		if end = valueEnd(b, i); end <= i {
			return rec, false
		}
		rec.member(key, b[i:end])
		i = space(b, end)
		if i < len(b) && b[i] == ',' {
			i = space(b, i+1)
			continue
		}
		return rec, i == len(b)-1 && b[i] == '}'
	}
	return rec, false
}

// member keeps the fields of python-json-logger, structlog and loguru.
func (r *jsonRecord) member(key, value []byte) {
	if value[0] == '[' && string(key) == "exception" {
		r.dicts = value
	}
	if value[0] != '"' {
		return
	}
	switch string(key) {
	case "message", "event", "msg", "text":
		r.text = unquote(value)
	case "exc_info", "exception", "stack_trace", "traceback":
		r.trace = unquote(value)
	case "level", "levelname", "severity", "log_level":
		word := bytes.ToUpper(value[1 : len(value)-1])
		for _, w := range levelWords {
			if string(word) == w.word {
				r.level = w.level
			}
		}
	}
}

func unquote(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return bytes.Clone(b[1 : len(b)-1])
	}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return nil
	}
	return []byte(s)
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		i++
	}
	return i
}

// stringEnd returns the index after the closing quote of the string at i, -1 if it has none.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// valueEnd returns the index after the value at i.
func valueEnd(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = stringEnd(b, i); i < 0 {
				return -1
			}
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return -1
}
