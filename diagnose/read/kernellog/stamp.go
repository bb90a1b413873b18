package kernellog

import (
	"bytes"
	"strings"
	"time"
)

// seconds turns microseconds of the kernel's clock into seconds. Dividing (not
// multiplying by 1e-6) gives the float nearest to the printed decimal, so that
// every wrapping of a record yields the same value.
func seconds(us int64) float64 { return float64(us) / 1e6 }

// bracket strips the stamps that stand in brackets:
//
//	[  123.456789] [ 2934.581039 <   23.639528>]   kernel clock, dmesg -d
//	[Mon Nov 20 09:23:11 2026]                     dmesg -T
//	[Nov20 09:23] [  +0.000003] [<    0.000003>]   dmesg -H, -d
//
// and the caller "[ T1234]" or "[C0]" behind them. A row of a task table,
// "[ 1381]     0  1381", is none of them.
func (u *unwrapper) bracket(l *line) bool {
	inside, rest, ok := cutWithin(l.msg[1:], ']', 64)
	if !ok {
		return false
	}
	inside = bytes.TrimLeft(inside, " ")
	if i := bytes.IndexByte(inside, '<'); i > 0 && bytes.HasSuffix(inside, []byte(">")) {
		inside = bytes.TrimRight(inside[:i], " ")
	}
	switch {
	case l.hasBoot:
		return false // a message may begin with a bracket
	case kernelClock(inside, l):
		l.msg = withoutCaller(rest)
		return shortMonotonic(l)
	case u.humanStamp(inside, l):
	case isDelta(inside):
	default:
		return false
	}
	l.msg = withoutCaller(rest)
	u.stamped = true
	return false
}

// kernelClock reads "123.456789": seconds and always six decimals.
func kernelClock(b []byte, l *line) bool {
	whole, frac, ok := bytes.Cut(b, []byte("."))
	if !ok || len(frac) != 6 || len(whole) > 11 {
		return false
	}
	s, ok1 := number(whole)
	us, ok2 := number(frac)
	if !ok1 || !ok2 {
		return false
	}
	l.boot, l.hasBoot, l.fine = seconds(s*1e6+us), true, true
	return true
}

// withoutCaller drops one space, and the caller that CONFIG_PRINTK_CALLER adds.
func withoutCaller(b []byte) []byte {
	rest := bytes.TrimPrefix(b, []byte(" "))
	if len(rest) > 2 && rest[0] == '[' {
		if inside, after, ok := cutWithin(rest[1:], ']', 16); ok {
			inside = bytes.TrimLeft(inside, " ")
			if len(inside) > 1 && (inside[0] == 'T' || inside[0] == 'C') {
				if _, ok := number(inside[1:]); ok {
					return bytes.TrimPrefix(after, []byte(" "))
				}
			}
		}
	}
	return rest
}

// shortMonotonic strips the "host kernel: " of journalctl -o short-monotonic.
func shortMonotonic(l *line) bool {
	_, rest, ok := cutWithin(l.msg, ' ', 65)
	if ok && bytes.HasPrefix(rest, []byte("kernel: ")) {
		l.msg, l.origin = rest[len("kernel: "):], fromKernel
	}
	return false
}

// humanStamp reads "Mon Nov 20 09:23:11 2026" and "Nov20 09:23". Weekday and month
// follow the locale, so the first is known by its shape; only English months give
// a time.
func (u *unwrapper) humanStamp(b []byte, l *line) bool {
	f := bytes.Fields(b)
	switch len(f) {
	case 2: // dmesg -H prints the day and minute once a minute
		return bytes.Count(f[1], []byte(":")) == 1 && len(f[1]) == 5
	case 5:
		if len(f[3]) != 8 || bytes.Count(f[3], []byte(":")) != 2 || len(f[4]) != 4 {
			return false
		}
		if u.zone != nil {
			if at, err := time.ParseInLocation("Jan 2 15:04:05 2006", string(bytes.Join(f[1:], []byte(" "))), u.zone); err == nil {
				l.wall = at
			}
		}
		return true
	}
	return false
}

func isDelta(b []byte) bool {
	inner := bytes.TrimSuffix(bytes.TrimPrefix(b, []byte("<")), []byte(">"))
	if len(inner) == len(b) && !bytes.HasPrefix(b, []byte("+")) {
		return false
	}
	var l line
	return kernelClock(bytes.TrimLeft(inner, " +"), &l)
}

// isoStamp strips an ISO 8601 time and what the writers of such lines put behind
// it:
//
//	2026-11-20T09:23:11,123456+00:00 msg             dmesg --time-format iso
//	2026-11-20T09:23:11.123456+00:00 host kernel: …  rsyslog, journalctl short-iso
//	2026-11-20T09:23:11.123456789Z stdout F …        CRI container logs
func isoStamp(l *line) bool {
	stamp, rest, ok := cutWithin(l.msg, ' ', 40)
	if !ok || len(stamp) < 19 || stamp[4] != '-' || stamp[7] != '-' || (stamp[10] != 'T' && stamp[10] != 't') {
		return false
	}
	at, ok := parseISO(stamp)
	if !ok {
		return false
	}
	l.wall = at
	l.fine = len(stamp) > 25
	if stamp[19%len(stamp)] == ',' {
		l.msg, l.fine = rest, true
		return false
	}
	l.msg = rest
	if bytes.HasPrefix(rest, []byte("stdout ")) || bytes.HasPrefix(rest, []byte("stderr ")) {
		if tag, after, ok := cutWithin(rest[len("stdout "):], ' ', 3); ok && len(tag) == 1 {
			l.msg = after
		}
		return true
	}
	return program(l)
}

func parseISO(stamp []byte) (time.Time, bool) {
	s := strings.Replace(string(stamp), ",", ".", 1)
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// unixStamp strips journalctl -o short-unix: "1795425292.959123 host kernel: ".
func unixStamp(l *line) bool {
	stamp, rest, ok := cutWithin(l.msg, ' ', 24)
	if !ok {
		return false
	}
	whole, frac, ok := bytes.Cut(stamp, []byte("."))
	s, ok1 := number(whole)
	us, ok2 := number(frac)
	if !ok || !ok1 || !ok2 || len(frac) != 6 || len(whole) < 9 || len(whole) > 11 {
		return false
	}
	l.wall, l.fine, l.msg = time.Unix(s, us*1000).UTC(), true, rest
	return program(l)
}

// syslogStamp strips the classic "Nov 20 09:23:11 host kernel: ", which has
// neither year nor zone.
func (u *unwrapper) syslogStamp(l *line) bool {
	if len(l.msg) < 17 || l.msg[3] != ' ' || l.msg[9] != ':' || l.msg[12] != ':' {
		return false
	}
	end := bytes.IndexByte(l.msg[12:min(len(l.msg), 24)], ' ')
	if end < 0 {
		return false
	}
	stamp := string(l.msg[:12+end]) // short-precise has decimals
	at, err := time.Parse("Jan _2 15:04:05", stamp)
	if err != nil {
		return false
	}
	l.wall, l.fine = u.withYear(at), len(stamp) > 20
	u.stamped = true
	l.msg = l.msg[12+end+1:]
	if !program(l) {
		return false
	}
	l.esc = escapeOctal
	return true
}

// withYear puts a classic syslog time into the last year in which it is not
// after Near (a day of grace for zones and late writes).
func (u *unwrapper) withYear(at time.Time) time.Time {
	if u.zone == nil || u.near.IsZero() {
		return time.Time{}
	}
	year := u.near.In(u.zone).Year()
	full := time.Date(year, at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), u.zone)
	if full.After(u.near.Add(24 * time.Hour)) {
		full = full.AddDate(-1, 0, 0)
	}
	return full
}

// fullStamp strips journalctl -o short-full: "Mon 2026-11-20 09:23:11 UTC host kernel: ".
// Only UTC names a zone for certain.
func fullStamp(l *line) bool {
	f := bytes.SplitN(l.msg[:min(len(l.msg), 64)], []byte(" "), 5)
	if len(f) < 5 || len(f[1]) != 10 || f[1][4] != '-' || len(f[2]) < 8 || f[2][2] != ':' {
		return false
	}
	if string(f[3]) == "UTC" {
		if at, err := time.Parse("2006-01-02 15:04:05", string(f[1])+" "+string(f[2])); err == nil {
			l.wall = at
		}
	}
	l.msg = l.msg[len(f[0])+len(f[1])+len(f[2])+len(f[3])+4:]
	return program(l)
}

// program strips "host kernel: " and tells whether it did. Another program's name
// makes the line a user's; what looks like neither is left alone.
func program(l *line) bool {
	host, rest, ok := cutWithin(l.msg, ' ', 256)
	if !ok || len(host) == 0 || bytes.IndexByte(host, ':') >= 0 && host[len(host)-1] == ':' {
		return true
	}
	ident, msg, ok := cutWithin(rest, ' ', 128)
	if !ok || len(ident) < 2 || ident[len(ident)-1] != ':' {
		return true
	}
	ident = ident[:len(ident)-1]
	l.msg = msg
	name, _, _ := bytes.Cut(ident, []byte("["))
	switch string(name) {
	case "kernel":
		l.origin = fromKernel
	case "audit":
		l.origin = fromAudit
	default:
		l.origin, l.ident = fromUser, ident
	}
	return true
}
