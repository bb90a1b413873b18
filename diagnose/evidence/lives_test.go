package evidence

import (
	"testing"
	"time"
)

// TestLogBounds: a line between two lives is of the one that it is nearer to, up to a second before a start; before
// the first life there is nobody else.
func TestLogBounds(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(1795423706000 + int64(ms)) }
	end := func(ms int) *time.Time { moment := at(ms); return &moment }
	const nanos, seconds = "2026-11-23T10:08:26.000000001Z stdout F up\n", "2026-11-23T10:08:26Z stdout F up\n"
	for name, test := range map[string]struct {
		lives []Life
		logs  string
		want  []time.Time
	}{
		"first":         {[]Life{{Start: at(0), First: true}}, nanos, []time.Time{{}}},
		"perhaps first": {[]Life{{Start: at(0)}}, nanos, []time.Time{at(0)}},
		"backed off":    {[]Life{{End: end(0)}, {Start: at(200)}}, nanos, []time.Time{at(100)}},
		"long after":    {[]Life{{End: end(0)}, {Start: at(60_000)}}, nanos, []time.Time{at(59_000)}},
		"end unknown":   {[]Life{{Start: at(0), First: true}, {Start: at(5000)}}, nanos, []time.Time{{}, at(5000)}},
		"whole seconds, the end in an earlier one": {[]Life{{End: end(-80)}, {Start: at(95)}}, seconds,
			[]time.Time{at(0)}},
		"whole seconds, the end in the same one": {[]Life{{End: end(100)}, {Start: at(200)}}, seconds,
			[]time.Time{at(150)}},
		"whole seconds, the end unknown": {[]Life{{Start: at(200)}}, seconds, []time.Time{at(0)}},
		"no line":                        {[]Life{{Start: at(200)}}, "", []time.Time{at(200)}},
		"end after that":                 {[]Life{{End: end(300)}, {Start: at(200)}}, nanos, []time.Time{at(200)}},
	} {
		starts, from := (&Evidence{Runtime: Runtime{Lives: test.lives}, Logs: []byte(test.logs)}).LogBounds()
		if len(from) != len(test.want) || len(starts) != len(from) {
			t.Fatalf("%s: %v, %v", name, starts, from)
		}
		for i := range from {
			if !from[i].Equal(test.want[i]) {
				t.Errorf("%s: %v, want %v", name, from, test.want)
			}
		}
	}
}
