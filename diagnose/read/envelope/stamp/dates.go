package stamp

import (
	"bytes"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// Dates in digits whose order a country or a tool decides:
//
//	11/25/2026 2:02:11 PM         Windows, Splunk and pages of American English
//	25/11/2026 14:02:11           most other countries
//	25.11.2026 14:02:11           with points it is the day that comes first
//	25/Nov/2026:14:02:11 +0000    the common log format
//	20261125T140211Z              ISO 8601 without its marks
//
// Which of two numbers is the day, a number over twelve tells for the whole log.

// Order is the order of day and month in a log's dates.
type Order uint8

const (
	OrderUnknown Order = iota
	DayFirst
	MonthFirst
	OrderGuessed // the day first, for nothing told
)

// Digits reads such a date with its time of day at the start of b and returns how long it is; zero where there is none.
func (c *Clock) Digits(b []byte) (s Time, n int) {
	if len(b) < 15 || !lex.IsDigit(b[0]) {
		return s, 0
	}
	var d wordStamp
	at := compactDate(b, &d)
	if at == 0 {
		if at = c.dayAndMonth(b, &d); at == 0 {
			return s, 0
		}
		size := dateEnd(b[at:])
		if size == 0 {
			return s, 0
		}
		at += size
	} else if !lex.IsDigit(b[at]) {
		at++ // 'T'
	}
	return c.timeOfDay(b, &d, at)
}

// compactDate reads "20261125T".
func compactDate(b []byte, d *wordStamp) int {
	const size = len("20261125")
	year, ok1 := fourDigits(b)
	month, ok2 := twoDigits(b[4:])
	day, ok3 := twoDigits(b[6:])
	if !ok1 || !ok2 || !ok3 || year < 1970 || year > 2200 || b[size] != 'T' {
		return 0
	}
	d.year, d.month, d.day = year, month, day
	return size
}

// dayAndMonth reads "25/11/2026", "25.11.2026", "25/Nov/2026".
func (c *Clock) dayAndMonth(b []byte, d *wordStamp) int {
	first, i := shortNumber(b)
	mark := b[i]
	if i == 0 || mark != '/' && mark != '.' && mark != '-' {
		return 0
	}
	rest := b[i+1:]
	second, j := shortNumber(rest)
	if j == 0 {
		for j < len(rest) && lex.IsLetter(rest[j]) {
			j++
		}
		if second = Month(rest[:j]); j < 3 || j > 9 || second == 0 {
			return 0
		}
		d.day, d.month = first, second
	}
	i += 1 + j
	if len(b) < i+5 || b[i] != mark {
		return 0
	}
	year, ok := fourDigits(b[i+1:])
	if !ok || year < 1970 || year > 2200 {
		return 0
	}
	if d.year = year; d.day == 0 {
		d.day, d.month = c.inOrder(first, second, mark, b)
	}
	return i + 5
}

// inOrder tells day from month.
func (c *Clock) inOrder(first, second int, mark byte, b []byte) (day, month int) {
	switch {
	case mark != '/':
		return first, second
	case first > 12:
		c.Order = DayFirst
	case second > 12:
		c.Order = MonthFirst
	case c.Order == OrderUnknown && twelveHours(b):
		c.Order = MonthFirst
	case c.Order == OrderUnknown:
		c.Order = OrderGuessed
	}
	if c.Order == MonthFirst {
		return second, first
	}
	return first, second
}

// twelveHours tells whether a stamp has AM or PM.
func twelveHours(b []byte) bool {
	b = b[:min(len(b), len("11/25/2026, 02:02:11.000 PM"))]
	return bytes.Contains(b, []byte(" AM")) || bytes.Contains(b, []byte(" PM"))
}

// shortNumber reads one or two digits.
func shortNumber(b []byte) (n, size int) {
	for size < 2 && size < len(b) && lex.IsDigit(b[size]) {
		n = n*10 + int(b[size]-'0')
		size++
	}
	return n, size
}

// dateEnd returns the length of what stands between a date and the time of day.
func dateEnd(b []byte) int {
	for _, mark := range []string{", ", " @ ", " ", ":", "T"} {
		if len(b) > len(mark) && string(b[:len(mark)]) == mark && lex.IsDigit(b[len(mark)]) {
			return len(mark)
		}
	}
	return 0
}

// timeOfDay reads what follows the date at b[i]: "14:02:11.000 +0000", "2:02:11 PM", "140211Z".
func (c *Clock) timeOfDay(b []byte, d *wordStamp, i int) (s Time, n int) {
	hour, size := shortNumber(b[i:])
	step := 0
	if i += size; i < len(b) && b[i] == ':' {
		step = 1
	}
	minute, size1 := shortNumber(b[min(i+step, len(b)):])
	at := i + step + size1
	second, size2 := 0, 0
	if step == 0 || at < len(b) && b[at] == ':' {
		second, size2 = shortNumber(b[min(at+step, len(b)):])
	}
	if size == 0 || size1 != 2 || size2 != 2 || hour > 23 || minute > 59 || second > 60 || step == 0 && size != 2 {
		return s, 0
	}
	nanos, end := Fraction(b, at+step+2)
	add, size := half(b[end:], hour)
	end += size
	offset, size, unclear := int64(0), 0, ""
	if offset, size = zone(b[end:]); size == 0 {
		offset, unclear, size = zoneNamed(b[end:])
	}
	end += size
	if end < len(b) && (lex.IsDigit(b[end]) || lex.IsLetter(b[end])) {
		return s, 0
	}
	t := time.Date(d.year, time.Month(d.month), d.day, hour+add, minute, second, int(nanos), time.UTC)
	if d.month < 1 || d.month > 12 || d.day < 1 || t.Day() != d.day {
		return s, 0
	}
	s = Time{At: t.UnixNano() - offset, Shown: true, Known: true, Fine: nanos > 0, Unclear: unclear,
		NoZone: size == 0 || unclear != ""}
	if s.NoZone {
		s.At -= c.offset(s.At)
	}
	if c.Near.IsZero() {
		c.Near = t
	}
	return s, end
}

// Date reads a date in digits, in ISO's order or another.
func (c *Clock) Date(b []byte) (s Time, n int) {
	if s, n = c.ISO(b); n == 0 {
		s, n = c.Digits(b)
	}
	return s, n
}

// Value reads a time that is all of a value, as JSON or a table writes one: with its quotes or without.
func (c *Clock) Value(value []byte) (Time, bool) {
	if len(value) > 2 && value[0] == '"' {
		value = value[1 : len(value)-1]
	}
	if len(value) == 0 {
		return Time{}, false
	}
	if s, n := c.Date(value); n > 0 {
		return s, true
	}
	if s, ok := Unix(value); ok {
		return s, true
	}
	s, n := c.Words(value)
	return s, n > 0
}

// DateOrTime tells whether a word is a date in digits or the time of day.
func DateOrTime(word []byte) bool {
	if IsClock(word) {
		return true
	}
	var c Clock
	_, n := c.Digits(word)
	if n == 0 {
		var d wordStamp
		n = c.dayAndMonth(append(bytes.Clone(word), ' '), &d)
	}
	return n > 0
}
