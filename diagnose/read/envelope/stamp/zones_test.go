package stamp

import (
	"testing"
	"time"
)

// TestZones: an abbreviation of a zone that means one offset is read, one that means several is told and not guessed,
// and a word that is none stays with the message.
func TestZones(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 25, hour, 2, 11, 0, time.UTC) }
	for text, want := range map[string]struct {
		at      time.Time
		unclear string
		rest    string
	}{
		"Wed 2026-11-25 09:02:11 EST node-7 kernel: x":   {at(14), "", " node-7 kernel: x"},
		"Wed 2026-11-25 15:02:11 CET node-7 kernel: x":   {at(14), "", " node-7 kernel: x"},
		"Mi 25. Nov 16:02:11 CEST 2026 node-7 kernel: x": {at(14), "", " node-7 kernel: x"},
		"Wed Nov 25 06:02:11 PST 2026":                   {at(14), "", ""},
		"Nov 25 15:02:11 CET node-7 kernel: x":           {at(14), "", " node-7 kernel: x"},
		"Wed 2026-11-25 19:02:11 IST node-7 kernel: x":   {at(19), "IST", " node-7 kernel: x"},
		"Wed Nov 25 19:02:11 CST 2026":                   {at(19), "CST", ""},
		"Nov 25 09:02:11 EST kernel: x":                  {at(9), "", " EST kernel: x"}, // a host of that name
		"Nov 25 09:02:11 EST: x":                         {at(9), "", " EST: x"},        // a program
		"2026-11-25 09:02:11 EST node-7 kernel: x":       {at(14), "", " node-7 kernel: x"},
		"2026-11-25 09:02:11.5 EDT x":                    {at(13), "", " x"},
		"2026-11-25 09:02:11 BST x":                      {at(9), "BST", " x"},
		"2026-11-25 09:02:11 INFO x":                     {at(9), "", " INFO x"},
		"2026-11-25 09:02:11 EST-1 x":                    {at(9), "", " EST-1 x"},
		"2026-11-25 02:02:11 PM EST x":                   {at(19), "", " x"},
		"2026-11-25 12:02:11 AM x":                       {at(0), "", " x"},
		"Nov 25 02:02:11 PM  ==> x":                      {at(14), "", "  ==> x"},
		"Nov 25 12:02:11 PM node-7 kernel: x":            {at(12), "", " node-7 kernel: x"},
		"Nov 25 02:02:11 AM node-7 kernel: x":            {at(2), "", " node-7 kernel: x"},
		"Nov 25 14:02:11 PM node-7 kernel: x":            {at(14), "", " PM node-7 kernel: x"}, // no clock of 12 hours
		"Nov 25 02:02:11 PM: suspend entry (deep)":       {at(2), "", " PM: suspend entry (deep)"},
		"2026-11-25 02:02:11 PMU x":                      {at(2), "", " PMU x"},
	} {
		c := Clock{Near: at(23)}
		s, n := c.ISO([]byte(text))
		if n == 0 {
			s, n = c.Words([]byte(text))
		}
		rounded := s.Time().Truncate(time.Second)
		if n == 0 || !rounded.Equal(want.at) || s.Unclear != want.unclear || text[n:] != want.rest {
			t.Errorf("%q: %v, unclear %q, rest %q; want %+v", text, s.Time(), s.Unclear, text[n:], want)
		}
		if s.Unclear != "" && !s.NoZone {
			t.Errorf("%q: the zone is told as known", text)
		}
	}
}
