// Package words says durations, sizes and counts, the same way wherever a person
// reads them:
//
//	1.7 ms   293 ms   2 s   4.2 s   1 min 34 s   5 h 12 min   3 days
//	812 B   64 MiB   1.5 GiB
//	1 probe   3 probes   2 processes   4 retries
//
// It is a leaf: every room that writes sentences may use it.
package words

import (
	"fmt"
	"strings"
	"time"
)

// Duration says a length of time in the two figures that matter; below a second in
// milliseconds, because probes are told apart there.
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(max(-d, 0)) // the smallest number has no positive one
	}
	switch {
	case d == 0:
		return "0 s"
	case d < 100*time.Microsecond:
		return short(float64(d)/float64(time.Millisecond), 2) + " ms"
	case d < 9950*time.Microsecond:
		return short(float64(d)/float64(time.Millisecond), 1) + " ms"
	case d.Round(time.Millisecond) < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d.Round(100*time.Millisecond) < time.Minute:
		return short(d.Seconds(), 1) + " s"
	case d.Round(time.Second) < time.Hour:
		d = d.Round(time.Second)
		return pair(int(d/time.Minute), "min", int(d/time.Second)%60, "s")
	case d.Round(time.Minute) < 48*time.Hour:
		d = d.Round(time.Minute)
		return pair(int(d/time.Hour), "h", int(d/time.Minute)%60, "min")
	}
	return Count(int(d.Round(time.Hour).Hours())/24, "day")
}

// Seconds is [Duration] of seconds, Millis of milliseconds.
func Seconds(s float64) string { return Duration(time.Duration(s * float64(time.Second))) }

// Millis is [Duration] of milliseconds.
func Millis(ms float64) string { return Duration(time.Duration(ms * float64(time.Millisecond))) }

func pair(large int, unit string, small int, fraction string) string {
	if small == 0 {
		return fmt.Sprintf("%d %s", large, unit)
	}
	return fmt.Sprintf("%d %s %d %s", large, unit, small, fraction)
}

// short prints a number with at most so many decimals.
func short(value float64, decimals int) string {
	text := fmt.Sprintf("%.*f", decimals, value)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Size says bytes in binary units.
func Size(bytes int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	value, unit := float64(bytes), 0
	for value >= 1024 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	return short(value, 1) + " " + units[unit]
}

// Count says how many of something there are.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %s", n, plural(noun))
}

func plural(noun string) string {
	for _, hiss := range []string{"s", "sh", "ch", "x"} {
		if strings.HasSuffix(noun, hiss) {
			return noun + "es"
		}
	}
	stem, ok := strings.CutSuffix(noun, "y")
	if ok && stem != "" && !strings.ContainsAny(stem[len(stem)-1:], "aeiou") {
		return stem + "ies"
	}
	return noun + "s"
}

// Times says how often something was.
func Times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// WasWere is the verb of n things.
func WasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
