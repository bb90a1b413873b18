package servicelog

import (
	"fmt"
	"strings"
	"testing"
)

// TestHostsApart: the same complaint of two hosts is two findings, each with its own count; a host whose name another
// one's begins with is another, the same host stays one, and lines that name none are of the first.
func TestHostsApart(t *testing.T) {
	const form = "ERROR redis.exceptions.ConnectionError: Error 111 connecting to %s:6379. Connection refused."
	for name, tt := range map[string]struct {
		hosts []string
		want  string
	}{
		"two hosts":     {[]string{"redis", "sessions", "redis", "sessions", "redis"}, "redis:6379 3, sessions:6379 2"},
		"a longer name": {[]string{"redis-2", "redis", "redis-2"}, "redis-2:6379 2, redis:6379 1"},
		"one host":      {[]string{"redis", "redis"}, "redis:6379 2"},
		"too many to tell": {strings.Fields("a1 b1 c1 d1 e1 f1 g1 h1 i1 j1"),
			"a1:6379 3, b1:6379 1, c1:6379 1, d1:6379 1, e1:6379 1, f1:6379 1, g1:6379 1, h1:6379 1"},
	} {
		var log strings.Builder
		for _, h := range tt.hosts {
			fmt.Fprintf(&log, form+"\n", h)
		}
		report, err := Scan(strings.NewReader(log.String()), Options{OneService: true})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range report.Runs[0].Findings {
			got = append(got, fmt.Sprintf("%s %d", f.Object, f.Count))
		}
		if text := strings.Join(got, ", "); text != tt.want {
			t.Errorf("%s: %s, want %s", name, text, tt.want)
		}
	}
}
