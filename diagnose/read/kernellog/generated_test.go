package kernellog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// generatedEnv names a log made by genlog, with its truth beside it:
//
//	go run ./genlog -size 200 -fmt dmesg -o klog -truth klog.truth
const generatedEnv = "GWDOCTOR_KERNEL_LOG"

func generated(tb testing.TB) (path string, text []byte) {
	path = os.Getenv(generatedEnv)
	if path == "" {
		tb.Skipf("no generated log: make one with genlog and set %s to it", generatedEnv)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return path, text
}

// TestGeneratedLog compares kill by kill with what the generator knows.
func TestGeneratedLog(t *testing.T) {
	path, text := generated(t)
	type truthKill struct {
		PID    int    `json:"pid"`
		Comm   string `json:"comm"`
		Task   string `json:"task_memcg"`
		Limit  string `json:"oom_memcg"`
		Global bool   `json:"global"`
	}
	var truth struct {
		KillList              []truthKill
		Segv, Traps, Rejected int
	}
	data, err := os.ReadFile(path + ".truth")
	if err != nil || json.Unmarshal(data, &truth) != nil {
		t.Fatalf("read truth of %q: %v", path, err)
	}
	log, err := Read(bytes.NewReader(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(log.Kills) != len(truth.KillList) || len(log.Crashes) != truth.Segv+truth.Traps {
		t.Errorf("%d kills and %d crashes, want %d and %d", len(log.Kills), len(log.Crashes), len(truth.KillList), truth.Segv+truth.Traps)
	}
	grades := map[Attribution]int{}
	for i := range min(len(log.Kills), len(truth.KillList)) {
		k, want := log.Kills[i], truth.KillList[i]
		grades[k.Attribution]++
		if k.PID != want.PID || k.Comm != want.Comm || (k.Scope == ScopeHost) != want.Global {
			t.Fatalf("kill %d: pid %d %q %s, want %+v", i, k.PID, k.Comm, k.Scope, want)
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
	t.Log(fmt.Sprint("grades: ", grades))
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
		_, text := generated(b)
		run(b, text)
	})
}
