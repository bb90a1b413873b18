package collect

import (
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// TestTelling: of a service the logs of its backends are read, of a backend those of its clients, too, after them.
func TestTelling(t *testing.T) {
	named := func(list ...string) (neighbours []evidence.Neighbour) {
		for _, n := range list {
			neighbours = append(neighbours, evidence.Neighbour{Name: n})
		}
		return neighbours
	}
	many := named("a", "b", "c", "d", "e", "f", "g", "h", "i", "rabbitmq")
	for _, tt := range []struct {
		own  string
		list []evidence.Neighbour
		want []string
	}{
		{"gateway", named("web", "redis"), []string{"redis"}},
		{"redis", named("web", "postgres"), []string{"postgres", "web"}},
		{"valkey", many, []string{"rabbitmq", "a", "b", "c", "d", "e", "f", "g"}},
		{"", named("web"), nil},
	} {
		var got []string
		for _, n := range telling(tt.list, evidence.Neighbour{Name: tt.own}) {
			got = append(got, n.Name)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("of %q: %v, want %v", tt.own, got, tt.want)
		}
	}
}
