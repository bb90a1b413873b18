package cri

import (
	"strings"
	"testing"
)

const stamp = "2026-11-23T19:14:00.123456789Z"

// TestHeaderOfWhatIsWritten: what Append writes, Header takes apart.
func TestHeaderOfWhatIsWritten(t *testing.T) {
	for _, s := range []string{stamp, "2026-11-23T19:14:00Z", "2026-11-23T19:14:00.123456789+00:00", NoStamp} {
		for _, stream := range []string{"stdout", "stderr"} {
			for _, ended := range []bool{true, false} {
				for _, text := range []string{"", "a b", " x", "\x00\xff"} {
					line := Append(nil, []byte(s), stream, ended, []byte(text))
					n, partial, which := Header(line[:len(line)-1])
					if n == 0 || string(line[n:len(line)-1]) != text || partial == ended || which != stream[3] {
						t.Errorf("%q: %d %t %c", line, n, partial, which)
					}
				}
			}
		}
	}
}

func TestHeader(t *testing.T) {
	for line, want := range map[string]int{
		stamp + " stdout F text": len(stamp) + 10, stamp + " stdout F:tag text": len(stamp) + 14, stamp +
			" stdout F": len(stamp) + 9,
		stamp + " stdout X text": 0, stamp + " other F text": 0, stamp: 0, "": 0, "words that are no stamp stdout F x": 0,
		stamp + "0000000000 stdout F x": 0, strings.Repeat("x", 100): 0,
	} {
		if n, _, _ := Header([]byte(line)); n != want {
			t.Errorf("%q: %d, want %d", line, n, want)
		}
	}
}

func TestStampLength(t *testing.T) {
	for text, want := range map[string]int{
		stamp: len(stamp), stamp + " x": len(stamp), "2026-11-23T19:14:00+01:00 x": 25, "2026-13-23T19:14:00Z x": 0,
		"2026-11-23 19:14:00Z": 0, stamp + "x": 0, "": 0,
	} {
		if n := StampLength([]byte(text)); n != want {
			t.Errorf("%q: %d, want %d", text, n, want)
		}
	}
}
