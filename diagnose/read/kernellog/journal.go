package kernellog

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// object takes a line out of a JSON object of those writers that tell more than a time
// and a message: journald's export as JSON (systemd.journal-fields(7)), dmesg --json and
// Fluent Bit's kmsg input. It tells whether the line was one.
//
//	{"__REALTIME_TIMESTAMP":"1795425292959000","_BOOT_ID":"7c3c…","_TRANSPORT":"kernel","PRIORITY":"3","MESSAGE":"Killed process …"}
//	{"pri":3,"time":2026.156805,"msg":"Killed process …"}
//	{"date":1718270098.1,"priority":6,"sequence":1001,"sec":3,"usec":395628,"msg":"Killed process …"}
func (u *unwrapper) object(l *line) bool {
	var f objectFields
	f.read(l.msg)
	if f.message != nil {
		l.journal(&f)
		journalMessage(f.message, l)
		return true
	}
	text, ok := textOf(f.msg)
	if !ok || f.pri == nil && f.sec == nil {
		return false
	}
	if n, ok := number(f.pri); ok {
		l.setPriority(n)
	}
	if n, ok := number(f.priority); ok {
		l.setPriority(n)
	}
	l.msg, l.esc = text, escapeJSON
	var at line
	if kernelClock(f.time, &at) {
		l.boot, l.hasBoot, l.fine = at.boot, true, true
	}
	s, ok1 := number(f.sec)
	us, ok2 := number(f.usec)
	if ok1 && ok2 {
		l.boot, l.hasBoot, l.fine = seconds(s*1e6+us), true, true
	}
	if s, ok := stamp.Unix(f.date); ok {
		u.stamp(s, l)
	}
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
	case f.transport == nil && f.facility == nil && f.identifier == nil && f.unit == nil && f.comm == nil:
		// journalctl --output-fields=MESSAGE: who wrote it was left out
	default:
		l.origin, l.ident = fromUser, trustedIdent(f)
		if string(l.ident) == coredumpIdent {
			l.cgroup = f.cgroupOfCore()
		}
	}
	l.bootID = f.bootID
	if us, ok := numberIn(f.realtime); ok && us <= math.MaxInt64/1000 {
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
	// Of a sender that is gone when journald looks, it knows what came with the message alone: the uid. A record without
	// its unit was seen with systemd 257.
	if f.unit == nil && f.comm == nil && plain(f.uid) == "0" && plain(f.identifier) == coredumpIdent {
		return []byte(coredumpIdent)
	}
	unit, _, _ := strings.Cut(plain(f.unit), "@")
	switch name := strings.TrimSuffix(unit, ".service"); name {
	case "systemd-oomd", "earlyoom", "nohang", "nohang-desktop", coredumpIdent, "systemd-journald", "containerd",
		"kubelet":
		return []byte(name)
	}
	return nil
}

// cgroupOfCore is the control group of a process whose core systemd-coredump took. What its handler read in
// /proc/PID/cgroup comes first: on a hybrid of cgroup v1 COREDUMP_CGROUP is not the container's.
func (f *objectFields) cgroupOfCore() string {
	if path := ContainersCgroup(plain(f.coreProcCgroup)); path != "" {
		return path
	}
	return plain(f.coreCgroup)
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

// jsonValue returns the value at the start of b: a string with its quotes, an
// array, or a bare word; nil where it does not end.
func jsonValue(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case '"':
		if end := jsontext.StringEnd(b); end > 0 {
			return b[:end]
		}
		return nil
	case '[':
		for i := 1; i < len(b); i++ {
			switch b[i] {
			case '"':
				end := jsontext.StringEnd(b[i:])
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
			end := jsontext.StringEnd(b[i:])
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
