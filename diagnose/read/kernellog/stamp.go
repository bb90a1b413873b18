package kernellog

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
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
		shortMonotonic(l)
		return true
	case u.humanStamp(inside, l):
	case isDelta(inside):
	default:
		return false
	}
	l.msg = withoutCaller(bytes.TrimPrefix(rest, []byte(":")))
	u.stamped = true
	return true
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
func shortMonotonic(l *line) {
	_, rest, ok := cutWithin(l.msg, ' ', 65)
	if ok && bytes.HasPrefix(rest, []byte("kernel: ")) {
		l.msg = rest[len("kernel: "):]
		l.believe(fromKernel, nil)
	}
}

// humanStamp reads "Mon Nov 20 09:23:11 2026" and "Nov20 09:23". Weekday and month
// follow the locale.
func (u *unwrapper) humanStamp(b []byte, l *line) bool {
	if s, n := u.date(b); n == len(b) && n > 0 { // talosctl dmesg
		u.stamp(s, l)
		return true
	}
	if s, n := u.clock.Words(b); n == len(b) && s.Shown {
		if !s.Known {
			u.guessed.stamp = excerptOf(b)
		}
		u.stamp(s, l)
		return true
	}
	f := bytes.Fields(b)
	switch len(f) {
	case 2: // dmesg -H prints the day and minute once a minute
		return bytes.Count(f[1], []byte(":")) == 1 && len(f[1]) == 5
	case 5, 6, 7:
		s := u.clock.Ctime(b)
		if s.Shown && !s.Known {
			u.guessed.stamp = excerptOf(b)
		}
		u.stamp(s, l)
		return s.Shown
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

// date reads a date in digits, in the order that the log was seen to have.
func (u *unwrapper) date(b []byte) (stamp.Time, int) {
	if u.opener == nil {
		return u.clock.Date(b)
	}
	return u.opener.Date(b)
}
