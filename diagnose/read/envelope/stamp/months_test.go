package stamp

import (
	"testing"
	"time"
)

// TestMonths: a month is known in any language, by its name, its number or its place.
func TestMonths(t *testing.T) {
	november := time.Date(2026, 11, 23, 9, 6, 15, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"Pzt Kas 23 09:06:15 2026":     november,
		"Pzt Oca  5 09:06:15 2026":     time.Date(2026, 1, 5, 9, 6, 15, 0, time.UTC),
		"Per Ağu 20 09:06:15 2026":     time.Date(2026, 8, 20, 9, 6, 15, 0, time.UTC),
		"Δευ Νοε 23 09:06:15 2026":     november,
		"ma marras 23 09:06:15 2026":   november,
		"пн лис 23 09:06:15 2026":      november,
		"pon lis 23 09:06:15 2026":     november,                                       // Polish: a Monday
		"pet lis 23 09:06:15 2026":     time.Date(2026, 10, 23, 9, 6, 15, 0, time.UTC), // Croatian: a Friday
		"Mon lip 23 09:06:15 2026":     {},                                             // two months, one weekday
		"T2 Thg 11 23 09:06:15 2026":   november,
		"dl. de nov. 23 09:06:15 2026": november,
		"月 11月 23 09:06:15 2026":       november,
		"Xxx Yyy 23 09:06:15 2026":     {}, // shown, and not known
	} {
		var c Clock
		s, n := c.Words([]byte(text))
		if n != len(text) || !s.Shown {
			s = c.Ctime([]byte(text))
		}
		if !s.Shown || s.Known == want.IsZero() || s.Known && !s.Time().Equal(want) {
			t.Errorf("%q: %+v %v, want %v", text, s, s.Time(), want)
		}
	}
}

// TestMonthTable: every line of the table has seven days and twelve months.
func TestMonthTable(t *testing.T) {
	seen := 0
	for name, list := range calendars() {
		for _, c := range list {
			if seen++; len(c.days) != 7 || len(c.months) != 12 {
				t.Errorf("%s: %v", name, c)
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d names", seen)
	}
}
