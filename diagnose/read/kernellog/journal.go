package kernellog

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// object takes a line out of a JSON object: journald's export as JSON, one object
// a line (systemd.journal-fields(7)):
//
//	{"__REALTIME_TIMESTAMP":"1795425292959000","_BOOT_ID":"7c3c…","_TRANSPORT":"kernel","PRIORITY":"3","MESSAGE":"Killed process …"}
//
// or Docker's json-file driver: {"log":"[  12.345678] …\n","stream":"stdout","time":"…"}.
// It tells whether the message may be wrapped again.
func (u *unwrapper) object(l *line) bool {
	var f objectFields
	f.read(l.msg)
	if f.message != nil {
		l.journal(&f)
		journalMessage(f.message, l)
		return false
	}
	text, ok := textOf(f.log)
	if !ok {
		return false
	}
	if at, err := time.Parse(time.RFC3339Nano, plain(f.time)); err == nil {
		l.wall = at
	}
	l.msg = trimEnd([]byte(jsonString(text)))
	return true
}

// journal reads the trusted fields: those with a leading underscore, which
// journald sets itself and a program cannot. SYSLOG_FACILITY and the identifier
// can be forged, _TRANSPORT cannot.
func (l *line) journal(f *objectFields) {
	l.fromTab = true
	switch transport := string(f.transport); {
	case f.ofKernel():
		l.origin = fromKernel
	case transport == `"kernel"`: // written to /dev/kmsg by a program
		l.origin, l.ident = fromUser, []byte(plain(f.identifier))
	case transport == `"audit"`:
		l.origin = fromAudit
	default:
		l.origin, l.ident = fromUser, trustedIdent(f)
	}
	l.bootID = f.bootID
	if us, ok := numberIn(f.realtime); ok {
		l.wall = time.UnixMicro(us).UTC()
	}
	if us, ok := f.clock(); ok {
		l.boot, l.hasBoot, l.fine = seconds(us), true, true
	}
	if p, ok := numberIn(f.priority); ok && p < 8 {
		l.level = int(p)
	}
}

// trustedIdent is the program of a record by what journald itself knows of it: PID
// 1, the unit of one of the user space killers, or the name of a container's
// monitor, whose unit is another for each container.
func trustedIdent(f *objectFields) []byte {
	if plain(f.pid) == "1" {
		return []byte("systemd[1]")
	}
	if plain(f.comm) == "conmon" {
		return []byte("conmon")
	}
	unit, _, _ := strings.Cut(plain(f.unit), "@")
	switch name := strings.TrimSuffix(unit, ".service"); name {
	case "systemd-oomd", "earlyoom", "nohang", "nohang-desktop", "systemd-coredump", "systemd-journald", "containerd", "kubelet":
		return []byte(name)
	}
	return nil
}

// journalMessage takes MESSAGE, which is a string, an array of byte values (where
// the bytes are not UTF-8 or hold control characters: just the odd process
// names), an array of strings, or null (left out for its length).
func journalMessage(value []byte, l *line) {
	switch value[0] {
	case '"':
		l.msg, l.esc = value[1:len(value)-1], escapeJSON
	case '[':
		l.msg = jsonBytes(value)
	default:
		l.msg, l.hidden = nil, true
	}
}

func jsonBytes(value []byte) []byte {
	var bytesOf []int
	if json.Unmarshal(value, &bytesOf) == nil {
		out := make([]byte, len(bytesOf))
		for i, b := range bytesOf {
			out[i] = byte(b)
		}
		return out
	}
	var texts []string
	if json.Unmarshal(value, &texts) == nil && len(texts) > 0 {
		return []byte(texts[0])
	}
	return nil
}

// jsonField returns the raw value of a field of a flat object, or nil. No string
// inside the object can be taken for the key, since its quotes would be escaped.
func jsonField(object []byte, key string) []byte {
	for rest := object; ; {
		i := bytes.Index(rest, []byte(key))
		if i < 0 {
			return nil
		}
		end := i + len(key)
		if i == 0 || rest[i-1] != '"' || end >= len(rest) || rest[end] != '"' {
			rest = rest[end:]
			continue
		}
		value := bytes.TrimLeft(rest[end+1:], " ")
		if len(value) == 0 || value[0] != ':' {
			rest = rest[end:]
			continue
		}
		return jsonValue(bytes.TrimLeft(value[1:], " "))
	}
}

// jsonValue returns the value at the start of b: a string with its quotes, an
// array, or a bare word; nil where it does not end.
func jsonValue(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case '"':
		if end := stringEnd(b); end > 0 {
			return b[:end]
		}
		return nil
	case '[':
		for i := 1; i < len(b); i++ {
			switch b[i] {
			case '"':
				end := stringEnd(b[i:])
				if end < 0 {
					return nil
				}
				i += end - 1
			case ']':
				return b[:i+1]
			}
		}
		return nil
	}
	if b[0] == '{' {
		return nestedObject(b)
	}
	if end := bytes.IndexAny(b, ",}\n "); end > 0 {
		return b[:end]
	}
	return nil
}

// nestedObject returns the object at the start of b, with what is in it; nil where
// it does not end.
func nestedObject(b []byte) []byte {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			end := stringEnd(b[i:])
			if end < 0 {
				return nil
			}
			i += end - 1
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return b[:i+1]
			}
		}
	}
	return nil
}

// plain returns a value as text: a string without its quotes and escapes.
func plain(value []byte) string {
	if inside, ok := textOf(value); ok {
		return jsonString(inside)
	}
	return string(value)
}

// jsonString decodes the inside of a JSON string; what is no JSON stays as it is.
func jsonString(inside []byte) string {
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside)
	}
	var s string
	quotedText := append(append([]byte{'"'}, inside...), '"')
	if json.Unmarshal(quotedText, &s) != nil {
		return string(inside)
	}
	return s
}

// dmesgJSON reads dmesg --json, which spreads a record over lines:
//
//	"pri":   6,
//	"time":  2026.156805,
//	"msg":   "…"
type dmesgJSON struct {
	pri  int64
	boot float64
	seen bool
}

// field takes one such line and tells whether it was one.
func (d *dmesgJSON) field(text []byte, l *line) bool {
	if value := jsonField(text, "pri"); value != nil {
		d.pri, _ = number(value)
		l.msg = nil
		return true
	}
	if value := jsonField(text, "time"); value != nil {
		var at line
		d.seen = kernelClock(value, &at)
		d.boot = at.boot
		l.msg = nil
		return true
	}
	value := jsonField(text, "msg")
	if len(value) < 2 || value[0] != '"' {
		return false
	}
	l.setPriority(d.pri)
	l.boot, l.hasBoot, l.fine = d.boot, d.seen, d.seen
	l.msg, l.esc = value[1:len(value)-1], escapeJSON
	return true
}
