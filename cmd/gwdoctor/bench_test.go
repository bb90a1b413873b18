package main

import (
	"bytes"
	"context"
	"os/exec"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/fixtures"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// BenchmarkStart is what a shell prompt or a CI step pays before any work.
func BenchmarkStart(b *testing.B) {
	binary := b.TempDir() + "/gwdoctor"
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	b.ResetTimer()
	for b.Loop() {
		if err := exec.Command(binary, "version").Run(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDemo is everything but the collecting: open, diagnose, print.
func BenchmarkDemo(b *testing.B) {
	names := fixtures.Names()
	if len(names) == 0 {
		b.Skip("no incidents are recorded")
	}
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if code := run(context.Background(), []string{"demo", names[0]}, benchEnv(&out)); code != exitOK {
			b.Fatal(code)
		}
	}
}

func benchEnv(out *bytes.Buffer) env {
	e := system()
	e.Stdout, e.Stderr = out, out
	e.Getenv = func(string) string { return "" }
	return e
}

// BenchmarkText is the rendering alone.
func BenchmarkText(b *testing.B) {
	d := diagnose.Diagnose(bundle.New("bench", bundle.Target{Name: "gateway"}, now))
	a := app{env: system()}
	r := a.report([]answer.Diagnosis{d})
	for b.Loop() {
		if err := report.Write(bytes.NewBuffer(nil), report.FormatText, r, layout.Style{}); err != nil {
			b.Fatal(err)
		}
	}
}
