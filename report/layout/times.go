package layout

import (
	"strings"
	"time"
)

// How times are written, in UTC.
const (
	DateOnly  = "2006-01-02"
	ClockTime = "15:04:05.000"
	DateTime  = DateOnly + " " + "15:04:05"
)

// Stamp is a moment with its zone.
func Stamp(t time.Time) string { return t.UTC().Format(DateTime) + " UTC" }

// ShortID cuts an id as engines print it; a name, which some containers have in its
// place, stays whole.
func ShortID(id string) string {
	const whole, short = 64, 12
	if len(id) == whole && strings.Trim(id, "0123456789abcdef") == "" {
		return id[:short]
	}
	return Name(id)
}
