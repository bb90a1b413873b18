package words

import (
	"math"
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 40 * time.Microsecond: "0.04 ms", 1700 * time.Microsecond: "1.7 ms", 2 * time.Millisecond: "2 ms",
		9970 * time.Microsecond: "10 ms",
		293 * time.Millisecond:  "293 ms", 999600 * time.Microsecond: "1 s", 2 * time.Second: "2 s",
		4230 * time.Millisecond: "4.2 s", 59970 * time.Millisecond: "1 min",
		94 * time.Second: "1 min 34 s", 2 * time.Minute: "2 min", time.Hour - 200*time.Millisecond: "1 h", 5*time.Hour +
			12*time.Minute: "5 h 12 min",
		47*time.Hour + 59*time.Minute + 40*time.Second: "2 days", 80 * time.Hour: "3 days",
		-1500 * time.Millisecond: "-1.5 s", math.MinInt64: "-0 s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	if got := Seconds(0.2) + ", " + Millis(1234); got != "200 ms, 1.2 s" {
		t.Error(got)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 812: "812 B", 1024: "1 KiB", 64 << 20: "64 MiB", 3 << 29: "1.5 GiB",
		5 << 50: "5120 TiB"} {
		if got := Size(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"1 probe": Count(1, "probe"), "0 probes": Count(0, "probe"), "2 child processes": Count(2, "child process"),
		"3 crashes": Count(3, "crash"),
		"4 retries": Count(4, "retry"), "5 days": Count(5, "day"), "once": Times(1), "3 times": Times(3),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
