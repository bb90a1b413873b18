package stamp

import (
	"bytes"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// zoneHours are the abbreviations of zones behind a stamp ("2026-11-23 09:06:15 CET") that mean one offset to those who
// run servers, in hours ahead of UTC (IANA tzdata 2025b: the rules of the continents' files).
var zoneHours = map[string]int{
	"UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, // Europe
	"EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, // the Americas
	"JST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, // Asia and the Pacific
}

// unclearZones are those that mean several: Irish, Israeli and Indian time is IST, British and Bangladeshi BST, Central
// American, Chinese and Cuban CST, Atlantic and Arabian AST, Samoan and Singaporean SST.
var unclearZones = map[string]string{
	"IST": "IST", "BST": "BST", "CST": "CST", "CDT": "CDT", "AST": "AST", "ADT": "ADT", "SST": "SST", "GST": "GST",
}

// zoneNamed reads " CET" and returns how far it is ahead of UTC in ns and its length, zero where there is none; what
// has several offsets comes back as its word.
func zoneNamed(b []byte) (offset int64, unclear string, size int) {
	end := 1
	for end < len(b) && end < 6 && b[end] >= 'A' && b[end] <= 'Z' {
		end++
	}
	if end < 4 || b[0] != ' ' || end < len(b) && (lex.IsWord(b[end]) || b[end] == '-' || b[end] == '.') {
		return 0, "", 0
	}
	if hours, ok := zoneHours[string(b[1:end])]; ok {
		return int64(hours) * int64(time.Hour), "", end
	}
	if unclear = unclearZones[string(b[1:end])]; unclear != "" {
		return 0, unclear, end
	}
	return 0, "", 0
}

// half reads the " AM" or " PM" of a clock of twelve hours and returns the hours that it adds to hour, and its length;
// zero where there is none.
func half(b []byte, hour int) (add, size int) {
	if len(b) < 3 || b[0] != ' ' || b[2]|' ' != 'm' || b[1]|' ' != 'a' && b[1]|' ' != 'p' || hour < 1 || hour > 12 ||
		len(b) > 3 && (lex.IsWord(b[3]) || b[3] == '.' || b[3] == ':') {
		return 0, 0
	}
	switch {
	case b[1]|' ' == 'p' && hour < 12:
		return 12, 3
	case b[1]|' ' == 'a' && hour == 12:
		return -12, 3
	}
	return 0, 3
}

// zoneAfter reads the zone behind a stamp of words. Behind one without a year a word of capitals is none where it is
// syslog's host or program: where the program follows it, or the message.
func zoneAfter(b []byte, year int) (offset int64, unclear string, size int) {
	if offset, size = zone(b); size > 0 {
		return offset, "", size
	}
	offset, unclear, size = zoneNamed(b)
	next := b[size:]
	if len(next) > 1 && next[0] == ' ' {
		next = next[1 : 1+lex.WordEnd(next[1:])]
	}
	if year == 0 && (bytes.HasSuffix(next, []byte(":")) || len(next) > 0 && next[0] == ':') {
		return 0, "", 0
	}
	return offset, unclear, size
}
