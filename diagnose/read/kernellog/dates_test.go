package kernellog

import (
	"strings"
	"testing"
	"time"
)

// TestDates: where audit records show what time the kernel's clock stands for, every record of that boot has a date.
func TestDates(t *testing.T) {
	const fault = "[ %s] bug[81]: segfault at 18 ip 0000000000400853 sp 00007ffd28297cc8 error 4 in bug[400000+1000]\n"
	const abort = "[  200.500000] audit: type=1701 audit(1795425298.530:15): auid=0 uid=0 gid=0 ses=1 subj=kernel " +
		`pid=99 comm="helper" exe="/bin/helper" sig=6 res=1` + "\n"
	at := time.UnixMilli(1795425298530).UTC()
	for _, c := range []struct {
		name, log string
		want      []time.Time
	}{
		{"before and after", strings.Replace(fault, "%s", " 100.000000", 1) + abort +
			strings.Replace(fault, "%s", " 260.500000", 1),
			[]time.Time{at.Add(-100500 * time.Millisecond), at, at.Add(time.Minute)}},
		{"no audit record", strings.Replace(fault, "%s", " 100.000000", 1), []time.Time{{}}},
		{"another boot", abort + strings.Replace(fault, "%s", "   1.000000", 1), []time.Time{at, {}}},
	} {
		log := read(t, c.log, Options{})
		if len(log.Crashes) != len(c.want) {
			t.Errorf("%s: %d crashes", c.name, len(log.Crashes))
			continue
		}
		for i, want := range c.want {
			got := time.Time{}
			if log.Crashes[i].At != nil {
				got = *log.Crashes[i].At
			}
			if !got.Equal(want) {
				t.Errorf("%s: crash %d at %v, want %v", c.name, i, got, want)
			}
		}
	}
}

func TestSinceBoot(t *testing.T) {
	for seconds, want := range map[float64]string{3.3961: "3.396 s", 1234.568: "20 min 34 s", 20100: "5 h 35 min 0 s",
		4648000: "53 d 19 h"} {
		if got := SinceBoot(seconds); got != want {
			t.Errorf("%v: %q, want %q", seconds, got, want)
		}
	}
}
