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
	for name, test := range map[string]struct {
		lives []Life
		want  []time.Time
	}{
		"first":          {[]Life{{Start: at(0), First: true}}, []time.Time{{}}},
		"perhaps first":  {[]Life{{Start: at(0)}}, []time.Time{at(0)}},
		"backed off":     {[]Life{{End: end(0)}, {Start: at(200)}}, []time.Time{at(100)}},
		"long after":     {[]Life{{End: end(0)}, {Start: at(60_000)}}, []time.Time{at(59_000)}},
		"end unknown":    {[]Life{{Start: at(0), First: true}, {Start: at(5000)}}, []time.Time{{}, at(5000)}},
		"end after that": {[]Life{{End: end(300)}, {Start: at(200)}}, []time.Time{at(200)}},
	} {
		starts, from := LogBounds(test.lives)
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
