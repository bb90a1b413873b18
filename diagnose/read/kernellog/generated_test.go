package kernellog

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog/genlog"
)

// generated makes a log in one of the forms.
func generated(tb testing.TB, form string, megabytes int) ([]byte, genlog.Truth) {
	var text bytes.Buffer
	truth, err := genlog.Write(&text, genlog.Options{Format: form, Size: megabytes * 1e6, Seed: 42})
	if err != nil {
		tb.Fatal(err)
	}
	return text.Bytes(), truth
}

// TestGeneratedLog compares kill by kill with what the generator knows.
func TestGeneratedLog(t *testing.T) {
	for _, form := range genlog.Formats {
		t.Run(form, func(t *testing.T) {
			text, truth := generated(t, form, 5)
			log, err := Read(bytes.NewReader(text), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(truth.KillList) < 5 || len(log.Kills) != len(truth.KillList) || len(log.Crashes) != truth.Segv+
				truth.Traps {
				t.Fatalf("%d kills and %d crashes, want %d and %d", len(log.Kills), len(log.Crashes),
					len(truth.KillList), truth.Segv+truth.Traps)
			}
			for i, want := range truth.KillList {
				checkGenerated(t, i, log.Kills[i], want)
			}
		})
	}
}

func checkGenerated(t *testing.T, i int, k Kill, want genlog.Kill) {
	t.Helper()
	if k.PID != want.PID || k.Comm != want.Comm || (k.Scope == ScopeHost) != want.Global {
		t.Errorf("kill %d: pid %d %q %s, want %+v", i, k.PID, k.Comm, k.Scope, want)
	}
	// The members of a group kill are only known to live in the group or below.
	within := k.Attribution == AttributionGroup && strings.HasPrefix(want.Task, k.TaskCgroup)
	if k.TaskCgroup != want.Task && !within {
		t.Errorf("kill %d (%s): cgroup %q, want %q", i, k.Attribution, k.TaskCgroup, want.Task)
	}
	if want.Limit != "" && k.LimitCgroup != want.Limit {
		t.Errorf("kill %d (%s): limit %q, want %q", i, k.Attribution, k.LimitCgroup, want.Limit)
	}
}

func BenchmarkRead(b *testing.B) {
	run := func(b *testing.B, text []byte) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Read(bytes.NewReader(text), Options{}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("recorded", func(b *testing.B) {
		text, err := os.ReadFile("testdata/6.12-v2/cont-v2.dmesg")
		if err != nil {
			b.Fatal(err)
		}
		run(b, bytes.Repeat(text, 50))
	})
	b.Run("generated", func(b *testing.B) {
		text, _ := generated(b, "dmesg", 200)
		run(b, text)
	})
}
