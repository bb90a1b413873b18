package main

import (
	"bytes"
	"context"
	"os/exec"
	"strconv"
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

// BenchmarkUnwellPods looks over 500 pods of a fake API server; of all of them it asks at most 100 times a second.
func BenchmarkUnwellPods(b *testing.B) {
	for _, unwell := range []int{5, 50, 500} {
		b.Run(strconv.Itoa(unwell), func(b *testing.B) {
			w, server := onCluster(b, "oom-main/2-crashloop")
			server.Answer = manyPods(server.Pods()[0], 5, unwell/5)
			for b.Loop() {
				if r := w.diagnosed(b, "-A"); len(r.Diagnoses) != unwell {
					b.Fatal(len(r.Diagnoses))
				}
			}
		})
	}
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
