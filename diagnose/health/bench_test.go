package health_test

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
)

// The worst that an engine hands over: a full output without a reason in it.
func BenchmarkClassifyHostile(b *testing.B) {
	test := []string{"CMD-SHELL", strings.Repeat("curl -f 'x' || ", 1000)}
	p := health.Probe{ExitCode: 1, Output: strings.Repeat("sh: 1: a: ", 1600)}
	for b.Loop() {
		health.Classify(test, p, 0)
	}
}

func BenchmarkClassifyTraceback(b *testing.B) {
	e := load(b, "records.json")["health-wedged-app"]
	for b.Loop() {
		health.Classify(e.Test, e.probe(), e.Timeout)
	}
}
