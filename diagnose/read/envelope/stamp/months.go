package stamp

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// months.txt has the names of weekdays, from Sunday on, and of months as the locales of the C library abbreviate them
// (abday, abmon and ab_alt_mon of glibc's localedata), lower case, without points, one set a line:
//
//	paz,pzt,sal,çar,per,cum,cmt;oca,şub,mar,nis,may,haz,tem,ağu,eyl,eki,kas,ara
//
//go:embed months.txt
var monthText string

// calendar is how one language names days and months.
type calendar struct{ days, months []string }

// calendars lists, for each name of a month, the languages that have it.
var calendars = sync.OnceValue(func() map[string][]calendar {
	m := map[string][]calendar{}
	for line := range strings.Lines(monthText) {
		days, months, _ := strings.Cut(strings.TrimSpace(line), ";")
		c := calendar{strings.Split(days, ","), strings.Split(months, ",")}
		for _, name := range c.months {
			m[name] = append(m[name], c)
		}
	}
	return m
})

// plainName is a name as months.txt has it.
func plainName(word []byte) string {
	return string(bytes.ToLower(bytes.TrimRight(word, "., ")))
}

// isMonth tells whether a word names a month in some language.
func isMonth(word []byte) bool { return Month(word) > 0 || len(calendars()[plainName(word)]) > 0 }

// monthNamed returns the number of a month by its name, zero where it is not known. Where languages use one name for
// two months ("lis" is October or November), the weekday decides, if its name and the year are known.
func monthNamed(month, weekday []byte, year, day int) int {
	if m := Month(month); m > 0 && len(weekday) == 0 {
		return m
	}
	name, on := plainName(month), plainName(weekday)
	numbers, fitting := map[int]bool{}, map[int]bool{}
	for _, c := range calendars()[name] {
		n := slices.Index(c.months, name) + 1
		numbers[n] = true
		is := time.Date(year, time.Month(n), day, 0, 0, 0, 0, time.UTC).Weekday()
		if year > 0 && c.days[is] == on {
			fitting[n] = true
		}
	}
	for _, list := range []map[int]bool{fitting, numbers} {
		if len(list) == 1 {
			for n := range list {
				return n
			}
		}
	}
	if len(numbers) > 1 && len(weekday) > 0 && year > 0 {
		return 0 // no weekday of these languages fits
	}
	return Month(month)
}

// Ctime reads "Mon Nov 23 09:06:15 2026" by the places of its words alone: the weekday first, the year last, and the
// month, in one word or two, a name or a number, before the day. It is for what nothing but a time can be.
//
//	T2 Thg 11 23 09:06:15 2026
//	dl. de nov. 23 09:06:15 2026
func (c *Clock) Ctime(b []byte) Time {
	f := bytes.Fields(b)
	n := len(f)
	if n < 5 || n > 7 || len(f[n-1]) != 4 || !IsClock(f[n-2]) {
		return Time{}
	}
	year, ok1 := fourDigits(f[n-1])
	day, ok2 := lex.Number(bytes.TrimRight(f[n-3], "."))
	if !ok1 || !ok2 || day < 1 || day > 31 {
		return Time{}
	}
	name := bytes.Join(f[1:n-3], []byte(" "))
	digits := bytes.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .-")
	month, ok := lex.Number(digits)
	if !ok {
		month = monthNamed(name, f[0], year, day)
	}
	s := Time{Shown: true, NoZone: true}
	hour, _ := twoDigits(f[n-2])
	minute, _ := twoDigits(f[n-2][3:])
	sec, _ := twoDigits(f[n-2][6:])
	t := time.Date(year, time.Month(month), day, hour, minute, sec, 0, time.UTC)
	if month < 1 || month > 12 || t.Day() != day {
		return s
	}
	s.Known, s.At = true, t.UnixNano()
	s.At -= c.offset(s.At)
	return s
}
