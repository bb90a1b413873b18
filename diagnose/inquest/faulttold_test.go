package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestFaultsTold: a program of its own that loses children to faults again and again is not well, by whatever words it
// tells of them. A fault or two it has got over; those that it does not tell of may be another container's.
func TestFaultsTold(t *testing.T) {
	start := time.Date(2026, 11, 27, 6, 51, 39, 0, time.UTC)
	for name, tt := range map[string]struct {
		says  string
		times int
		alive bool
		want  int
	}{
		"status of wait":        {"arbiter: child 9 left, status 11; shard 1 goes to a fresh one", 3, true, 3},
		"subprocess":            {"renderer ended with -11, next try", 4, true, 4},
		"a shell":               {"./run.sh: line 3:    17 Segmentation fault      ./convert", 3, true, 3},
		"twice":                 {"child 9 left, status 11", 2, true, 0},
		"words of other things": {"job 11 took 8 s, status 200", 3, true, 0},
		"after its end":         {"child 9 left, status 11", 3, false, 0},
	} {
		log := &servicelog.Run{}
		kernel := &kernellog.Log{}
		for i := range tt.times {
			at := start.Add(time.Duration(i+1) * 5 * time.Second)
			kernel.Crashes = append(kernel.Crashes, kernellog.Crash{At: &at, Comm: "python3", Signal: "SIGSEGV"})
			log.Tail = append(log.Tail, servicelog.Line{Number: i + 1, At: at.Add(time.Second), Text: tt.says})
		}
		e := &evidence.Evidence{Kernel: evidence.Kernel{Log: kernel},
			Runtime: evidence.Runtime{Spec: &evidence.Spec{Command: []string{"python3", "a.py"}}}}
		x := Examined{Life: &evidence.Life{Start: start, Alive: true}}
		d := Death{}
		if end := start.Add(time.Minute); !tt.alive {
			x.Life.Alive, x.Life.End, d.At, d.EndedBy = false, &end, &end, fact.EndedByOwnExit
		}
		if got := crashesOf(e, x, Signs{LogSigns: LogSigns{Log: log}}, d); len(got) != tt.want {
			t.Errorf("%s: %d crashes are its own, want %d: %+v", name, len(got), tt.want, got)
		}
	}
}
