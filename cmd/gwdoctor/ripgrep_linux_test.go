package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
)

// BenchmarkLogsAgainstRipgrep reads 500 MB of access log with 200 findings in turn with gwdoctor logs and with
// ripgrep, which is given the literals of the same signatures and finds lines only.
func BenchmarkLogsAgainstRipgrep(b *testing.B) {
	if _, err := exec.LookPath("rg"); err != nil {
		b.Skip("needs ripgrep: apt-get install ripgrep")
	}
	dir := b.TempDir()
	binary, log, literals := filepath.Join(dir, "gwdoctor"), filepath.Join(dir, "access.log"),
		filepath.Join(dir, "literals")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	writeAccessLog(b, log, 500<<20, 200)
	writeLiterals(b, literals)
	var theirs, ours []time.Duration
	var peak int64
	for b.Loop() {
		took, _ := timed(b, exec.Command("rg", "-c", "-F", "-f", literals, log))
		theirs = append(theirs, took)
		took, size := timed(b, exec.Command(binary, "logs", "--file", log, "--format", "json"))
		ours, peak = append(ours, took), max(peak, size)
	}
	b.ReportMetric(median(theirs).Seconds(), "rg-s")
	b.ReportMetric(median(ours).Seconds(), "gwdoctor-s")
	b.ReportMetric(float64(median(ours))/float64(median(theirs)), "ratio")
	b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkLogsAgainstJq reads 200 MB of JSON lines, an application's own and Docker's json-file, in turn with gwdoctor
// logs and with `jq -c .`, which only reads and writes them.
func BenchmarkLogsAgainstJq(b *testing.B) {
	if _, err := exec.LookPath("jq"); err != nil {
		b.Skip("needs jq: apt-get install jq")
	}
	dir := b.TempDir()
	binary := filepath.Join(dir, "gwdoctor")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for name, line := range map[string]string{
		"application": `{"asctime": "2026-11-23 09:40:02,081", "levelname": "INFO", "name": "gateway", "message": "handled job %d", "tenant": "acme", "ms": 12.5}` + "\n",
		"json-file":   `{"log":"INFO:     10.0.3.7:41532 - \"GET /v1/items/%d?limit=50 HTTP/1.1\" 200 OK\n","stream":"stdout","time":"2026-11-23T09:40:02.081234567Z"}` + "\n",
	} {
		b.Run(name, func(b *testing.B) {
			log := filepath.Join(dir, name+".jsonl")
			f, err := os.Create(log)
			must(b, err)
			w := bufio.NewWriterSize(f, 1<<20)
			for i, n := 0, 0; n < 200<<20; i++ {
				k, _ := fmt.Fprintf(w, line, i)
				n += k
			}
			must(b, w.Flush())
			must(b, f.Close())
			var theirs, ours []time.Duration
			for b.Loop() {
				took, _ := timed(b, exec.Command("jq", "-c", ".", log))
				theirs = append(theirs, took)
				took, _ = timed(b, exec.Command(binary, "logs", "--file", log, "--format", "json"))
				ours = append(ours, took)
			}
			b.ReportMetric(median(theirs).Seconds(), "jq-s")
			b.ReportMetric(median(ours).Seconds(), "gwdoctor-s")
			b.ReportMetric(float64(median(theirs))/float64(median(ours)), "times-as-fast")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// timed runs a command and returns how long it took and its peak memory in bytes.
func timed(b *testing.B, cmd *exec.Cmd) (time.Duration, int64) {
	b.Helper()
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %v", cmd.Args, err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return time.Since(start), 0
	}
	return time.Since(start), int64(usage.Maxrss) << 10
}

func median(list []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(list))[len(list)/2]
}

// writeAccessLog writes uvicorn's access lines with as many failed requests, each of another exception, among them.
func writeAccessLog(b *testing.B, path string, size, failures int) {
	b.Helper()
	f, err := os.Create(path)
	must(b, err)
	w := bufio.NewWriterSize(f, 1<<20)
	for i, n := 0, 0; n < size; i++ {
		k, _ := fmt.Fprintf(w, "INFO:     10.0.%d.%d:%d - \"GET /v1/items/%d?limit=50 HTTP/1.1\" 200 OK\n", i%250, i%199,
			30000+i%9999, i)
		n += k
		if n/(size/failures) > (n-k)/(size/failures) {
			k, _ = fmt.Fprintf(w, "ERROR:    Exception in ASGI application\nTraceback (most recent call last):\n  File "+
				"\"/srv/app/main.py\", line %d, in work\n    await r.ping()\nacme.Error%d: failed\n", i, i)
			n += k
		}
	}
	must(b, w.Flush())
	must(b, f.Close())
}

func writeLiterals(b *testing.B, path string) {
	b.Helper()
	var list []string
	for _, s := range signature.Table() {
		for _, l := range slices.Concat(s.Starts, s.Anchors, s.AnyOf, s.Types) {
			if len(l) > 5 && !slices.Contains(list, l) {
				list = append(list, l)
			}
		}
	}
	must(b, os.WriteFile(path, []byte(strings.Join(list, "\n")+"\n"), 0o600))
}
