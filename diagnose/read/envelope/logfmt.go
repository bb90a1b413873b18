package envelope

import "bytes"

// logfmt opens `time="2026-11-23T09:06:15Z" level=error msg="…" container=gateway`, which is nothing but keys and
// values. Values are bare, or quoted as Go or Python do.
func (o *Opener) logfmt(l *Line) bool {
	r := record{level: LevelUnknown, facility: -1, priority: -1}
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
				out = AppendString(out, value)
				to = len(out)
			}
		case "level", "lvl", "severity":
			r.level, r.hasLevel = LevelOf(value), true
			fatal = string(value) == "fatal" || string(value) == "panic"
		case "time", "ts", "timestamp", "t":
			r.time = value
		case "container", "container_name":
			r.container = value
		}
	}
	o.scratch[l.Depth%MaxDepth] = out
	if !found {
		return false
	}
	l.Record, l.Fatal = r.hasLevel, fatal
	o.describe(&r, l)
	l.Text = out[from:to]
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
		end := quoteEnd(value)
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

// quoteEnd returns the index after the quote that closes b[0], -1 where none does.
func quoteEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case b[0]:
			return i + 1
		}
	}
	return -1
}
