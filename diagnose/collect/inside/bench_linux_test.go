package inside

import (
	"context"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkLook1000 looks into a process of 1,000 tasks and more, from its pid to the
// facts; B/op is what that allocates.
func BenchmarkLook1000(b *testing.B) {
	path, err := exec.LookPath("python3")
	if err != nil {
		b.Skip(err)
	}
	cmd := exec.Command(path, "-u", "testdata/account.py", "1000")
	in, err := cmd.StdinPipe() // it ends with it
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		b.Skip(path, err)
	}
	defer func() { _, _ = in.Close(), cmd.Wait() }()
	if _, err := out.Read(make([]byte, 16)); err != nil {
		b.Fatal(err)
	}
	time.Sleep(time.Second) // its threads come to where they stay
	b.ReportAllocs()
	tasks, looks := 0, 0
	before := processorTime()
	for b.Loop() {
		found, err := Look(context.Background(), Target{ProcRoot: "/proc", PIDs: []int{cmd.Process.Pid}, Now: time.Now})
		if err != nil {
			b.Fatal(err)
		}
		tasks, looks = 0, found.Looks
		for _, t := range found.Processes[0].Tasks {
			tasks += t.Count
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric((processorTime()-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(tasks), "tasks")
	b.ReportMetric(float64(looks), "looks")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-of-the-process")
}

func processorTime() time.Duration {
	var used unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
