package kernellog

import (
	"bytes"
	"time"
)

const maxWrappings = 5 // a node's syslog in a container's log in an export …

// unwrapper takes lines out of their wrappings. It remembers only what the lines
// of one file share.
type unwrapper struct {
	zone    *time.Location
	near    time.Time
	stamped bool // a line of this log had a stamp
	kmsg    bool // the last line was a /dev/kmsg record
	dmesgJ  dmesgJSON
}

// unwrap fills l from one physical line. It never fails: what it does not know
// stays part of the message.
func (u *unwrapper) unwrap(text []byte, l *line) {
	*l = line{no: l.no, msg: withoutColours(text), level: -1, seq: -1}
	if len(l.msg) == 0 {
		return
	}
	if l.msg[0] == ' ' || l.msg[0] == '\t' {
		u.unstamped(l)
		return
	}
	kmsg, foreign := false, false
	var ident []byte
	for range maxWrappings {
		if len(l.msg) == 0 {
			break
		}
		more := false
		switch c := l.msg[0]; {
		case c >= '0' && c <= '9':
			if kmsg = kmsgHeader(l); kmsg {
				break
			}
			more = isoStamp(l) || unixStamp(l)
		case c == '<':
			more = priority(l)
		case c == '[':
			more = u.bracket(l)
		case c == '{':
			more = u.object(l)
		case c == '"':
			more = quoted(l)
		case c >= 'A' && c <= 'Z':
			more = u.syslogStamp(l) || fullStamp(l)
		case c >= 'a' && c <= 'z':
			more = levelNames(l) || u.repeated(l)
		}
		if l.origin == fromUser && !foreign {
			foreign, ident = true, l.ident
		}
		if !more {
			break
		}
	}
	if foreign { // what a program wrote may look like any wrapping: the outermost counts
		l.origin, l.ident = fromUser, ident
	}
	u.kmsg = kmsg
	l.plain = text[0] == '[' && l.hasBoot
	u.stamped = u.stamped || l.hasBoot || !l.wall.IsZero()
}

// unstamped handles a line that begins with white space: a later line of the
// record above (util-linux dmesg and journalctl indent those and print no stamp),
// a tag of a /dev/kmsg record, or a line of dmesg --json.
func (u *unwrapper) unstamped(l *line) {
	rest := bytes.TrimLeft(l.msg, " \t")
	switch {
	case len(rest) == 0:
	case u.kmsg:
		l.msg = nil // " SUBSYSTEM=…"
	case rest[0] == '"' && u.dmesgJ.field(rest, l):
		u.stamped = true
	case u.stamped:
		l.msg, l.indent = rest, true
	}
}

// kmsgHeader strips "6,1234,567890,-;" (Documentation/ABI/testing/dev-kmsg):
// facility*8+level, sequence number, microseconds, flags, and fields to come such
// as "caller=T12". Extended netconsole puts the kernel's release in front.
func kmsgHeader(l *line) bool {
	head := l.msg[:min(len(l.msg), 160)]
	end := bytes.IndexByte(head, ';')
	if end < 0 {
		return false
	}
	head = head[:end]
	first, rest, _ := bytes.Cut(head, []byte(","))
	pri, ok := number(first)
	if !ok && bytes.IndexByte(first, '.') > 0 {
		first, rest, _ = bytes.Cut(rest, []byte(","))
		pri, ok = number(first)
	}
	seqText, rest, more := bytes.Cut(rest, []byte(","))
	usText, rest, _ := bytes.Cut(rest, []byte(","))
	seq, ok2 := number(seqText)
	us, ok3 := number(usText)
	if !ok || !ok2 || !ok3 || !more {
		return false
	}
	flags, _, _ := bytes.Cut(rest, []byte(","))
	l.setPriority(pri)
	l.seq, l.hasBoot, l.fine = seq, true, true
	l.boot = seconds(us)
	l.joined = bytes.IndexByte(flags, 'c') >= 0 || bytes.IndexByte(flags, '+') >= 0
	l.msg, l.esc = l.msg[end+1:], escapeHex
	return true
}

func (l *line) setPriority(pri int64) {
	l.level = int(pri & 7)
	if pri>>3 != 0 {
		l.origin = fromUser
		return
	}
	l.origin = fromKernel
}

// priority strips "<6>", and the rest of an RFC 5424 header "<6>1 TIME HOST APP
// PROCID MSGID DATA ".
func priority(l *line) bool {
	end := bytes.IndexByte(l.msg[:min(len(l.msg), 6)], '>')
	if end < 2 {
		return false
	}
	pri, ok := number(l.msg[1:end])
	if !ok {
		return false
	}
	l.setPriority(pri)
	l.msg = l.msg[end+1:]
	rest, ok := bytes.CutPrefix(l.msg, []byte("1 "))
	if !ok {
		return true
	}
	fields := bytes.SplitN(rest[:min(len(rest), 512)], []byte(" "), 7)
	if len(fields) < 7 {
		return true
	}
	if at, err := time.Parse(time.RFC3339Nano, string(fields[0])); err == nil {
		l.wall = at
	}
	if string(fields[2]) != "kernel" {
		l.origin, l.ident = fromUser, fields[2]
	}
	head := 0
	for _, f := range fields[:6] {
		head += len(f) + 1
	}
	l.msg = bytes.TrimPrefix(rest[head:], []byte("\xef\xbb\xbf"))
	return true
}

// levelNames strips "kern  :info  : ", dmesg -x.
func levelNames(l *line) bool {
	facility, rest, ok := cutWithin(l.msg, ':', 10)
	if !ok {
		return false
	}
	name := bytes.TrimRight(facility, " ")
	level, rest, ok := cutWithin(rest, ':', 10)
	if !ok || len(rest) == 0 || rest[0] != ' ' {
		return false
	}
	n, known := levelOf(string(bytes.TrimRight(level, " ")))
	if !known {
		return false
	}
	l.level = n
	if l.origin = fromUser; string(name) == "kern" {
		l.origin = fromKernel
	}
	l.msg = rest[1:]
	return true
}

func levelOf(name string) (int, bool) {
	for i, n := range [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"} {
		if n == name {
			return i, true
		}
	}
	return 0, false
}

// repeated strips rsyslog's "message repeated 3 times: [ [ 12.3] msg]".
func (u *unwrapper) repeated(l *line) bool {
	if !bytes.HasPrefix(l.msg, []byte("message repeated ")) || l.msg[len(l.msg)-1] != ']' {
		return false
	}
	_, inner, ok := bytes.Cut(l.msg[:len(l.msg)-1], []byte(" times: ["))
	if ok {
		l.msg = bytes.TrimPrefix(inner, []byte(" "))
	}
	return ok
}

// quoted strips the quotes of a CSV export's cell.
func quoted(l *line) bool {
	if len(l.msg) < 2 || l.msg[len(l.msg)-1] != '"' {
		return false
	}
	l.msg = bytes.ReplaceAll(l.msg[1:len(l.msg)-1], []byte(`""`), []byte(`"`))
	return true
}

func cutWithin(b []byte, sep byte, limit int) (before, after []byte, ok bool) {
	i := bytes.IndexByte(b[:min(len(b), limit)], sep)
	if i < 0 {
		return nil, nil, false
	}
	return b[:i], b[i+1:], true
}

// number reads a decimal number of at most 18 digits.
func number(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
