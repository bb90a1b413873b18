package servicelog

import (
	"bytes"
	"time"
)

// clock reads RFC 3339 times. It keeps the last minute it has seen: the lines of a log share it by the thousand,
// and time.Parse on every line would cost more than everything else.
type clock struct {
	minute []byte // "2026-11-23T19:14"
	base   int64  // Unix ns of it
}

// parse returns the Unix nanoseconds of "2026-11-23T19:14:00.123456789Z" or the same with an offset.
func (c *clock) parse(b []byte) (int64, bool) {
	if len(b) < 20 || b[16] != ':' {
		return 0, false
	}
	sec, ok := twoDigits(b[17:])
	if !ok || sec > 60 {
		return 0, false
	}
	if !bytes.Equal(c.minute, b[:16]) && !c.setMinute(b[:16]) {
		return 0, false
	}
	nanos, zone := fraction(b[19:])
	offset, ok := zoneOffset(zone)
	if !ok {
		return 0, false
	}
	return c.base + int64(sec)*int64(time.Second) + nanos - offset, true
}

func (c *clock) setMinute(b []byte) bool {
	t, err := time.Parse("2006-01-02T15:04", string(b))
	// UnixNano is undefined outside 1678..2262; a container log is well inside.
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return false
	}
	c.minute = append(c.minute[:0], b...)
	c.base = t.UnixNano()
	return true
}

// fraction reads ".123456789" and returns it in ns with what follows it.
func fraction(b []byte) (int64, []byte) {
	if len(b) == 0 || b[0] != '.' {
		return 0, b
	}
	n, scale, i := int64(0), int64(100_000_000), 1
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		n += int64(b[i]-'0') * scale
		scale /= 10
	}
	return n, b[i:]
}

// zoneOffset returns how far a zone ("Z", "+01:00") is ahead of UTC, in ns.
func zoneOffset(b []byte) (int64, bool) {
	if len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	if len(b) != 6 || b[3] != ':' || (b[0] != '+' && b[0] != '-') {
		return 0, false
	}
	h, ok1 := twoDigits(b[1:])
	m, ok2 := twoDigits(b[4:])
	off := int64(h)*int64(time.Hour) + int64(m)*int64(time.Minute)
	if b[0] == '-' {
		off = -off
	}
	return off, ok1 && ok2
}

func twoDigits(b []byte) (int, bool) {
	if len(b) < 2 || !isDigit(b[0]) || !isDigit(b[1]) {
		return 0, false
	}
	return int(b[0]-'0')*10 + int(b[1]-'0'), true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// instant turns Unix nanoseconds into a time, the zero time if the line had none.
func instant(ns int64, timed bool) time.Time {
	if !timed {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
