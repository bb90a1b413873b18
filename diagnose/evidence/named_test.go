package evidence

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamedBy(t *testing.T) {
	redis := Neighbour{Name: "shop-redis-1", Service: "redis"}
	for line, want := range map[string][]string{
		"REDIS_URL=redis://:secret@redis:6379/0": {"REDIS_URL"},
		"REDIS_URL=redis://redis":                {"REDIS_URL"},
		"BROKERS=kafka:9092,redis:6379":          {"BROKERS"},
		"CACHE_HOST=redis":                       {"CACHE_HOST"},
		"CACHE_HOST=shop-redis-1":                {"CACHE_HOST"},
		"CACHE_BACKEND=redis":                    nil, // a kind
		"REDIS_URL=redis://cache:6379/0":         nil, // another host
		"REDIS_URL=redis://redis.example.org":    nil,
		"PATH=/usr/lib/redis:/bin":               nil,
		"redis":                                  nil,
	} {
		if diff := cmp.Diff(want, redis.NamedIn([]string{line})); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
}
