// Package words is how the pure rooms say sizes, lengths of time and counts, so that one report says them one way:
//
//	Size(67108864) "64 MiB"    Span(4200*time.Millisecond) "4.2 s"    Count(3, "probe") "3 probes"
package words

import (
	"fmt"
	"strings"
	"time"
)

// Size writes bytes as people say them: 64 MiB, 1.5 GiB, 812 KiB.
func Size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	value, unit := float64(n), 0
	for value >= 1024 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", value), ".0") + " " + units[unit]
}

// Span writes a duration in two figures at most: 350 ms, 4.2 s, 3 min 20 s, 5 h 12 min.
func Span(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

// Count writes a number with its noun: 1 probe, 3 probes, 2 child processes.
func Count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// WasWere is the verb of n things.
func WasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
