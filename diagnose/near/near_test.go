package near

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTo: what people mistype, of every kind of name that a command takes, and what is nothing like any of them.
func TestTo(t *testing.T) {
	containers := []string{"shop-admin-1", "shop-gateway-1", "shop-redis-1", "shop-cache-1", "web", "db"}
	causes := []string{"oom-kill", "healthcheck-timeout", "logging-failure", "healthcheck-failure"}
	pods := []string{"gateway-7d8c5949ff-v9wfl", "worker-0"}
	for _, tt := range []struct {
		typed string
		known []string
		want  []string
	}{
		{"gatway", containers, []string{"shop-gateway-1"}},
		{"redsi", containers, []string{"shop-redis-1"}},
		{"shop-gatway-1", containers, []string{"shop-gateway-1"}},
		{"shop_redis_1", containers, []string{"shop-redis-1"}},
		{"SHOP-Redis-1", containers, []string{"shop-redis-1"}},
		{"shop-redis-2", containers, []string{"shop-redis-1"}},
		{"weeb", containers, []string{"web"}},
		{"shop", containers, []string{"shop-admin-1", "shop-gateway-1", "shop-redis-1", "shop-cache-1"}},
		{"x", containers, nil},
		{"", containers, nil},
		{"kafka", containers, nil},
		{strings.Repeat("g", 5000), containers, nil},
		{"helthcheck", causes, []string{"healthcheck-timeout", "healthcheck-failure"}},
		{"omo-kill", causes, []string{"oom-kill"}},
		{"oom", causes, []string{"oom-kill"}},
		{"gatewya", pods, []string{"gateway-7d8c5949ff-v9wfl"}},
		{"diagnos", []string{"diagnose", "demo"}, []string{"diagnose"}},
		{"porject", []string{"project", "replay"}, []string{"project"}},
		{"\xff\x00", containers, nil},
	} {
		if diff := cmp.Diff(tt.want, To(tt.typed, tt.known)); diff != "" {
			t.Errorf("%.20q (-want +got):\n%s", tt.typed, diff)
		}
	}
}

// TestNamed: an alias leads to the name.
func TestNamed(t *testing.T) {
	known := []Name{{"3f2a", []string{"payments"}}, {"9c1d", nil}, {"", []string{"paymants"}}}
	if diff := cmp.Diff([]string{"3f2a"}, Named("paymants", known)); diff != "" {
		t.Error(diff)
	}
}
