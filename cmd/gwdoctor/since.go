package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const hintSince = `--since takes 90m, 2h or 3d (ago), 15:04, "2006-01-02 15:04", 2006-01-02T15:04:05Z, @1795425292, today or yesterday`

// parseSince reads a moment as people and journalctl write it, in the zone of now
// where it names none. A time of day is today's.
func parseSince(text string, now time.Time) (time.Time, error) {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch text {
	case "now":
		return now, nil
	case "today":
		return midnight, nil
	case "yesterday":
		return midnight.AddDate(0, 0, -1), nil
	}
	if ago, ok := parseAgo(text); ok {
		return now.Add(-ago), nil
	}
	if digits, ok := strings.CutPrefix(text, "@"); ok {
		if s, err := strconv.ParseInt(digits, 10, 64); err == nil && s >= 0 && s < 1<<40 {
			return time.Unix(s, 0), nil
		}
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04",
		"2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return midnight.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
				time.Duration(t.Second())*time.Second), nil
		}
	}
	return time.Time{}, &usageError{fmt.Sprintf("invalid argument %q for \"--since\": no such time", text),
		[]string{hintSince}}
}

// parseAgo reads a Go duration, or one in days, with or without a minus or "ago".
func parseAgo(text string) (time.Duration, bool) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "-"), " ago"))
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour, err == nil && n >= 0 && n < 1<<15
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0
}
