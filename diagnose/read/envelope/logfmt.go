package envelope

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/record"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
)

// logfmt opens `time="2026-11-23T09:06:15Z" level=error msg="…" container=gateway`, which is nothing but keys and
// values. Values are bare, or quoted as Go or Python do.
func (o *Opener) logfmt(l *Line) bool {
	r := record.New()
	out := o.scratch[l.Depth%MaxDepth][:0]
	from, to, found, fatal := 0, 0, false, false
	for b := l.Text; len(b) > 0; {
		key, value, size := pair(b)
		if size == 0 {
			return false
		}
		b = b[size:]
		for len(b) > 0 && b[0] == ' ' {
			b = b[1:]
		}
		switch string(key) {
		case "msg", "message", "event":
			if !found {
				from, found = len(out), true
				out = jsontext.AppendString(out, value)
				to = len(out)
			}
		case "level", "lvl", "severity":
			r.Level, r.HasLevel = severity.Of(value), true
			fatal = string(value) == "fatal" || string(value) == "panic"
		case "time", "ts", "timestamp", "t":
			r.Time = value
		case "container", "container_name":
			r.Container = value
		}
	}
	o.scratch[l.Depth%MaxDepth] = out
	if !found {
		return false
	}
	l.Record, l.Fatal = r.HasLevel, fatal
	o.describe(&r, l)
	l.Text = out[from:to]
	l.Record = l.Record && !o.tracing(l.Text)
	return true
}

// pair reads `key=value` and returns its length, zero where b does not begin with one.
func pair(b []byte) (key, value []byte, size int) {
	eq := 0
	for eq < len(b) && eq < 64 && nameByte[b[eq]] {
		eq++
	}
	if eq == 0 || eq >= len(b) || b[eq] != '=' {
		return nil, nil, 0
	}
	key, value = b[:eq], b[eq+1:]
	if len(value) > 0 && (value[0] == '"' || value[0] == '\'') {
		end := lex.QuoteEnd(value)
		if end < 0 || end < len(value) && value[end] != ' ' {
			return nil, nil, 0
		}
		return key, value[1 : end-1], eq + 1 + end
	}
	end := bytes.IndexByte(value, ' ')
	if end < 0 {
		end = len(value)
	}
	return key, value[:end], eq + 1 + end
}
