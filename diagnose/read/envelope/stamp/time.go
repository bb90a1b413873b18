// Package stamp reads the times that logs write, of any tool, language and country: at the start of some bytes, with
// their length. It looks for none further on, and knows nothing of the line around it.
//
//	2026-11-23T09:06:15.123456789Z    ISO 8601, with a blank, a comma, any or no zone   [Clock.ISO]
//	Mon 2026-11-23 09:06:15 CET       journalctl -o short-full                          [Clock.Words]
//	lun. 23 nov. 09:06:15             another language                                  [Clock.Words]
//	T2 Thg 11 23 09:06:15 2026        dmesg -T under a locale of two words a month      [Clock.Ctime]
//	11/25/2026 2:02:11 PM             numbers in the order of a country                 [Clock.Digits]
//	1795424775.123                    seconds, milli-, micro- or nanoseconds            [Unix]
//
// What it promises: a time that is there and cannot be read is shown and not known; a year, a zone or an order that was
// guessed is told; a zone that means several is named and not guessed. A [Clock] remembers what the log has shown (its
// year, its order of day and month), so each log has its own.
package stamp

import (
	"bytes"
	"time"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// Time is a time as a log writes it.
type Time struct {
	At     int64 // Unix ns; what has no zone is read as UTC, or as Clock.Zone
	Shown  bool  // there is one, perhaps in a language whose months are not known
	Known  bool  // At is it
	NoYear bool  // the year was guessed
	NoZone bool  // the zone was guessed
	Fine   bool  // it has fractions of a second
	// Unclear is the word of its zone where that means several (zones.go).
	Unclear string
}

// Time returns the stamp as a time in UTC, the zero time where it is not known.
func (s Time) Time() time.Time {
	if !s.Known {
		return time.Time{}
	}
	return time.Unix(0, s.At).UTC()
}

// Clock reads stamps. It keeps the last minute it has seen: the lines of a log share it by the thousand, and working
// out the date of every line would cost more than everything else.
type Clock struct {
	// Zone is of stamps that have none; nil = UTC. Near is a time that the log cannot be much after, for stamps without
	// a year; where it is zero, the first whole date of the log serves.
	Zone *time.Location
	Near time.Time

	// Order is of day and month, where both are numbers, as far as what was read shows it.
	Order Order

	minute [16]byte // "2026-11-23T19:14"
	base   int64    // Unix ns of it in UTC
}

// ISO reads "2026-11-23T19:14:00.123456789Z" at the start of b, with a blank, 't' or '/' where those stand, a comma
// before the fraction, any or no zone, and returns how long it is; zero where there is none.
func (c *Clock) ISO(b []byte) (s Time, n int) {
	if len(b) < 19 || b[4] != '-' && b[4] != '/' || b[7] != b[4] || b[16] != ':' || b[13] != ':' || b[10] != 'T' &&
		b[10] != ' ' && b[10] != 't' {
		return s, 0
	}
	sec, ok := twoDigits(b[17:])
	if !ok || sec > 60 {
		return s, 0
	}
	if string(b[:16]) != string(c.minute[:]) && !c.setMinute(b[:16]) {
		return s, 0
	}
	nanos, n := Fraction(b, 19)
	s = Time{At: c.base + int64(sec)*int64(time.Second) + nanos, Shown: true, Known: true, Fine: n > 19}
	offset, size := zone(b[n:])
	if size == 0 {
		hour, _ := twoDigits(b[11:])
		add, length := half(b[n:], hour)
		s.At += int64(add) * int64(time.Hour)
		n += length
		if offset, size = zone(b[n:]); size == 0 {
			offset, s.Unclear, size = zoneNamed(b[n:])
		}
	}
	if size == 0 || s.Unclear != "" {
		s.NoZone = true
		s.At -= c.offset(s.At)
	}
	s.At -= offset
	if n += size; n < len(b) && (lex.IsDigit(b[n]) || lex.IsLetter(b[n])) {
		return Time{}, 0 // half of something longer
	}
	return s, n
}

// offset is how far the zone of stamps without one is ahead of UTC, in ns.
func (c *Clock) offset(at int64) int64 {
	if c.Zone == nil {
		return 0
	}
	_, seconds := time.Unix(0, at).In(c.Zone).Zone()
	return int64(seconds) * int64(time.Second)
}

// setMinute reads "2026-11-23T19:14". UnixNano is undefined outside 1678..2262; a log is well inside.
func (c *Clock) setMinute(b []byte) bool {
	year, ok1 := fourDigits(b)
	month, ok2 := twoDigits(b[5:])
	day, ok3 := twoDigits(b[8:])
	hour, ok4 := twoDigits(b[11:])
	minute, ok5 := twoDigits(b[14:])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || year < 1970 || year > 2200 || hour > 23 || minute > 59 {
		return false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, 0, 0, time.UTC)
	if t.Day() != day || int(t.Month()) != month {
		return false // no such day
	}
	copy(c.minute[:], b)
	c.base = t.UnixNano()
	if c.Near.IsZero() {
		c.Near = t
	}
	return true
}

// Fraction reads ".123456789" or ",123" at b[i] and returns it in ns, and where it ends.
func Fraction(b []byte, i int) (int64, int) {
	if i+1 >= len(b) || b[i] != '.' && b[i] != ',' || !lex.IsDigit(b[i+1]) {
		return 0, i
	}
	n, scale := int64(0), int64(100_000_000)
	for i++; i < len(b) && lex.IsDigit(b[i]); i++ {
		n += int64(b[i]-'0') * scale
		scale /= 10
	}
	return n, i
}

// zone reads "Z", "+01:00", "+0100", "+01", " +0100", " UTC" and " GMT" and returns how far it is ahead of UTC in ns,
// and its length; zero where b does not begin with one.
func zone(b []byte) (offset int64, size int) {
	if len(b) == 0 {
		return 0, 0
	}
	switch b[0] {
	case 'Z', 'z':
		return 0, 1
	case ' ':
		if len(b) >= 4 && (string(b[1:4]) == "UTC" || string(b[1:4]) == "GMT") && (len(b) == 4 || !lex.IsWord(b[4])) {
			return 0, 4
		}
		if offset, size = zone(b[1:]); size >= 5 {
			return offset, size + 1
		}
		return 0, 0
	case '+', '-':
	default:
		return 0, 0
	}
	h, ok := twoDigits(b[1:])
	if !ok || h > 15 {
		return 0, 0
	}
	size = 3
	rest, m := b[3:], 0
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[1:]
	}
	if v, ok := twoDigits(rest); ok {
		m, size = v, len(b)-len(rest)+2
	}
	offset = int64(h)*int64(time.Hour) + int64(m)*int64(time.Minute)
	if b[0] == '-' {
		offset = -offset
	}
	return offset, size
}

// Words reads a stamp that names its month, at the start of b: a word, or a number with a word's letters ("11月"),
// before or after the day, with or without the weekday, the year and a zone:
//
//	Nov 23 09:06:15.123456            syslog, journalctl -o short-precise
//	Mon Nov 23 09:06:15 2026          OpenWrt, dmesg -T, asctime
//	Mon 2026-11-23 09:06:15 UTC       journalctl -o short-full
//	23 Nov 2026 09:06:15              redis
//	lun. 23 nov. 09:06:15             another language
//
// Day, time and year are known by their form and place; the month by its name where that is known. It returns how long
// the stamp is; zero where there is none.
func (c *Clock) Words(b []byte) (s Time, n int) {
	const longest = 48 // bytes before the time of day
	if i := bytes.IndexByte(b[:min(len(b), longest)], ':'); i < 5 || !IsClock(b[i-2:]) && !shortClock(b[i-1:]) {
		return s, 0
	}
	var w wordStamp
	pos := 0
	for range 6 {
		end := pos
		for end < len(b) && b[end] != ' ' && end-pos < 16 {
			end++
		}
		if end == pos || end-pos == 16 {
			return s, 0
		}
		word := b[pos:end]
		if IsClock(word) {
			if w.dated > 0 {
				return c.finish(&w, b, word, pos, end)
			}
			return s, 0
		}
		if w.dated > 0 && shortClock(b[pos:]) {
			return c.finish(&w, b, append([]byte("0"), word...), pos-1, end)
		}
		if string(word) != "@" && string(word) != "at" && !w.add(c, b[pos:], word) {
			return s, 0
		}
		for pos = end; pos < len(b) && b[pos] == ' '; pos++ {
		}
	}
	return s, 0
}

// wordStamp is what the words before the time said.
type wordStamp struct {
	words       int // of letters
	names       [2][]byte
	month       int
	day, year   int
	dated       int // words with digits
	monthByWord bool
}

// add takes one word of a date.
func (w *wordStamp) add(c *Clock, rest, word []byte) bool {
	if len(word) == 10 && (word[4] == '-' || word[4] == '/') && word[7] == word[4] { // short-full
		year, ok1 := fourDigits(word)
		month, ok2 := twoDigits(word[5:])
		day, ok3 := twoDigits(word[8:])
		w.year, w.month, w.day = year, month, day
		w.dated++
		return ok1 && ok2 && ok3 && w.words == 1
	}
	digits := 0
	for digits < len(word) && lex.IsDigit(word[digits]) {
		digits++
	}
	n, _ := lex.Number(word[:digits])
	tail := word[digits:]
	switch {
	case digits == 0:
		if !lex.Letters(word) || w.words == 2 {
			return false
		}
		w.names[w.words] = word
		w.words++
		if m := Month(word); m > 0 {
			w.month, w.monthByWord = m, true
		}
		return true
	case digits <= 2 && (len(tail) == 0 || len(tail) == 1 && (tail[0] == '.' || tail[0] == ',')):
		if w.day > 0 || n < 1 || n > 31 {
			return false
		}
		w.day = n
	case digits <= 2 && tail[0] >= utf8.RuneSelf && n >= 1 && n <= 12 && w.month == 0: // 11月
		w.month = n
	case digits == 4 && len(tail) == 0 && n >= 1970 && n <= 2200 && w.year == 0:
		w.year = n
	default:
		return false
	}
	w.dated++
	return true
}

// finish reads the time of day and what follows it: a year, a zone.
func (c *Clock) finish(w *wordStamp, b, word []byte, pos, end int) (s Time, n int) {
	if w.day == 0 || w.words == 0 && w.month == 0 {
		return s, 0
	}
	hour, _ := twoDigits(word)
	minute, _ := twoDigits(word[3:])
	sec, _ := twoDigits(word[6:])
	nanos, after := Fraction(word, 8)
	if after < len(word) && word[after] == ':' && after == len(word)-1 {
		end-- // "Nov 23 09:06:15: "
	} else if after < len(word) {
		if _, size := zone(word[after:]); size != len(word)-after {
			return s, 0
		}
		end = pos + after
	}
	add, length := half(b[end:], hour)
	hour, end = hour+add, end+length
	offset, size, unclear := int64(0), 0, ""
	for range 2 { // a zone may stand before the year or after it
		if w.year == 0 && end+5 <= len(b) && b[end] == ' ' && (end+5 == len(b) || !lex.IsWord(b[end+5])) {
			if year, ok := fourDigits(b[end+1:]); ok && year >= 1970 && year <= 2200 {
				w.year, end = year, end+5
			}
		}
		if size == 0 {
			if offset, unclear, size = zoneAfter(b[end:], w.year); size > 0 {
				end += size
			} else if w.dated > 0 && w.words == 1 && !w.monthByWord { // short-full: "… 09:06:15 CET host"
				end += zoneWord(b[end:])
			}
		}
	}
	s = Time{Shown: true, Fine: after > 8, NoYear: w.year == 0, NoZone: size == 0 || unclear != "", Unclear: unclear}
	w.nameMonth()
	year := w.year
	if year == 0 {
		year = c.yearOf(w.month, w.day)
	}
	if w.month == 0 || year == 0 {
		return s, end
	}
	t := time.Date(year, time.Month(w.month), w.day, hour, minute, sec, int(nanos), time.UTC)
	if t.Day() != w.day {
		return Time{}, 0
	}
	s.At, s.Known = t.UnixNano()-offset, true
	if s.NoZone {
		s.At -= c.offset(s.At)
	}
	return s, end
}

// nameMonth finds out which month the words name: the last of them, or else the first; by the weekday where one stands
// before it. What stands as a number stays.
func (w *wordStamp) nameMonth() {
	if w.month > 0 && !w.monthByWord || w.words == 0 {
		return
	}
	name, weekday := w.names[w.words-1], []byte(nil)
	if w.words == 2 {
		weekday = w.names[0]
	}
	if isMonth(name) {
		w.month = monthNamed(name, weekday, w.year, w.day)
	}
}

// zoneWord returns the length of " CET": three to five capitals.
func zoneWord(b []byte) int {
	i := 1
	for i < len(b) && i < 6 && b[i] >= 'A' && b[i] <= 'Z' {
		i++
	}
	if i >= 4 && b[0] == ' ' && (i == len(b) || b[i] == ' ') {
		return i
	}
	return 0
}

// yearOf puts a date without a year into the last year in which it is not after Near, with a day of grace for zones and
// late writes; zero where nothing is known.
func (c *Clock) yearOf(month, day int) int {
	if c.Near.IsZero() || month == 0 {
		return 0
	}
	year := c.Near.Year()
	if time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).After(c.Near.Add(24 * time.Hour)) {
		year--
	}
	return year
}

// monthNames are the first letters of the months' names, in the languages in which servers are run most. A name that is
// not here is known as a month by its place, and its time is then shown and not known.
var monthNames = map[string]int{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
	"dec": 12,
	"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12, // German
	"fév": 2, "avr": 4, "jui": 0, "aoû": 8, "déc": 12, "janv": 1, "févr": 2, "juin": 6, "juil": 7, // French
	"ene": 1, "abr": 4, "ago": 8, "dic": 12, // Spanish
	"gen": 1, "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10, // Italian
	"fev": 2, "out": 10, // Portuguese
	"mrt": 3, "mei": 5, // Dutch
	"sty": 1, "lut": 2, "kwi": 4, "maj": 5, "cze": 6, "lip": 7, "sie": 8, "wrz": 9, "paź": 10, "lis": 11, "gru": 12,
	// Polish
	"янв": 1, "фев": 2, "мар": 3, "апр": 4, "май": 5, "мая": 5, "июн": 6, "июл": 7, "авг": 8, "сен": 9, "окт": 10,
	"ноя": 11, "дек": 12, // Russian
}

// Month returns the number of a month's name, zero where it is not known.
func Month(word []byte) int {
	lower := bytes.ToLower(bytes.TrimRight(word, ".,"))
	if m, ok := monthNames[string(lower)]; ok {
		return m
	}
	end := 0
	for range 3 {
		_, size := utf8.DecodeRune(lower[end:])
		end += size
	}
	return monthNames[string(lower[:end])]
}

// Unix reads a time as a number: seconds with or without a fraction, or milli-, micro- or nanoseconds.
func Unix(b []byte) (s Time, ok bool) {
	whole, frac, dotted := bytes.Cut(b, []byte("."))
	if len(whole) < 9 || len(whole) > 19 || dotted && (len(frac) == 0 || len(whole) > 11) {
		return s, false
	}
	var n int64
	for _, c := range whole {
		if !lex.IsDigit(c) {
			return s, false
		}
		n = n*10 + int64(c-'0')
	}
	for _, c := range frac {
		if !lex.IsDigit(c) {
			return s, false
		}
	}
	scale := int64(1)
	for _, digits := range [...]int{17, 14, 11} { // micro-, milliseconds, seconds
		if len(whole) <= digits {
			scale *= 1000
		}
	}
	nanos := int64(0)
	if dotted {
		nanos, _ = Fraction(b, len(whole))
	}
	if n > (1<<63-1)/scale-1e9 {
		return s, false
	}
	return Time{At: n*scale + nanos, Shown: true, Known: true, Fine: dotted || scale < 1e9}, true
}

// IsClock tells whether b begins with 09:06:15.
func IsClock(b []byte) bool {
	return len(b) >= 8 && lex.IsDigit(b[0]) && lex.IsDigit(b[1]) && b[2] == ':' && lex.IsDigit(b[3]) &&
		lex.IsDigit(b[4]) &&
		b[5] == ':' && lex.IsDigit(b[6]) && lex.IsDigit(b[7])
}

// shortClock tells whether b begins with 9:06:15 AM.
func shortClock(b []byte) bool {
	const size = len("9:06:15")
	if len(b) < size+3 || !lex.IsDigit(b[0]) || b[1] != ':' || !IsClock(append([]byte("0"), b[:size]...)) {
		return false
	}
	_, n := half(b[size:], int(b[0]-'0'))
	return n > 0
}

func twoDigits(b []byte) (int, bool) {
	if len(b) < 2 || !lex.IsDigit(b[0]) || !lex.IsDigit(b[1]) {
		return 0, false
	}
	return int(b[0]-'0')*10 + int(b[1]-'0'), true
}

func fourDigits(b []byte) (int, bool) {
	high, ok1 := twoDigits(b)
	if !ok1 {
		return 0, false
	}
	low, ok2 := twoDigits(b[2:])
	return high*100 + low, ok2
}
