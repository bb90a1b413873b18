package check_test

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// The worst that an engine hands over: a full output without a reason in it.
func BenchmarkClassifyHostile(b *testing.B) {
	test := []string{"CMD-SHELL", strings.Repeat("curl -f 'x' || ", 1000)}
	p := check.Probe{ExitCode: 1, Output: strings.Repeat("sh: 1: a: ", 1600)}
	for b.Loop() {
		check.Classify(test, p, 0)
	}
}

func BenchmarkClassifyTraceback(b *testing.B) {
	e := load(b, "records.json")["health-wedged-app"]
	for b.Loop() {
		check.Classify(e.Test, e.probe(), e.Timeout)
	}
}
