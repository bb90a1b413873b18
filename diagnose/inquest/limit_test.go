package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// TestMemoryLimit: the limit of an end is the kernel's; the runtime's is today's.
func TestMemoryLimit(t *testing.T) {
	const mib = 1 << 20
	died, hit := time.Date(2026, 11, 27, 0, 37, 36, 0, time.UTC), int64(256*mib)
	for _, tt := range []struct {
		name    string
		kill    *kernellog.Kill
		updated time.Duration // after the end; 0 = never
		want    int64
	}{
		{"the kernel's line", &kernellog.Kill{Memory: &kernellog.Memory{Limit: &hit}}, 15 * time.Second, hit},
		{"a line without a limit", &kernellog.Kill{}, 0, 60 * mib},
		{"no line", nil, 0, 60 * mib},
		{"changed before the end", nil, -15 * time.Second, 60 * mib},
		{"changed since", nil, 15 * time.Second, 0},
	} {
		c := Case{}
		c.Spec = &evidence.Spec{Memory: 60 * mib}
		c.KillAtEnd, c.Death.At = tt.kill, &died
		if tt.updated != 0 {
			c.Events.List = []evidence.Event{{Kind: fact.EventUpdated, At: died.Add(tt.updated)}}
		}
		if got := c.MemoryLimit(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
