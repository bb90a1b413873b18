package probe_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// serverMode makes the test binary a server, so that its CPU time is not ours.
const serverMode = "GWDOCTOR_PROBE_TEST_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverMode) == "" {
		os.Exit(m.Run())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	panic(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request) {
		io.WriteString(w, `{"status":"ok"}`)
	})))
}

// otherServer starts a server in a process of its own.
func otherServer(b *testing.B) string {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), serverMode+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// bare is the least that a probe can cost: connect, write, read to the end.
func bare(b *testing.B, address string) time.Duration {
	start := time.Now()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: gwdoctor\r\nAccept: */*\r\nConnection: close\r\n\r\n",
		address)
	if _, err := io.Copy(io.Discard, conn); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cpuOf runs b.N probes, 100 a second, and returns the CPU time of one.
func cpuOf(b *testing.B, f probe.Func) time.Duration {
	before := cpuTime()
	records, skipped := probe.Run(b.Context(), probe.Plan{Count: b.N, Interval: 10 * time.Millisecond, Parallel: 50}, f)
	if len(records) != b.N || skipped > 0 {
		b.Fatalf("%d of %d probes, %d skipped", len(records), b.N, skipped)
	}
	return (cpuTime() - before) / time.Duration(b.N)
}

// BenchmarkHTTPProbe runs 100 probes a second against a server in another process,
// and as many exchanges over a bare socket. It reports the CPU time of one of each
// (the kernel's part of a connection is in both) and the median of how much longer a
// probe takes than the exchange right before it.
//
//	go test -run xxx -bench HTTPProbe -benchtime 500x ./diagnose/collect/probe
func BenchmarkHTTPProbe(b *testing.B) {
	address := otherServer(b)
	u, err := probe.ParseURL("http://" + address + "/")
	if err != nil {
		b.Fatal(err)
	}
	f, err := probe.New(probe.Target{URL: u, Timeout: 5 * time.Second})
	if err != nil {
		b.Fatal(err)
	}
	f(b.Context()) // what is set up once
	plain := cpuOf(b, func(context.Context) replay.Record { bare(b, address); return replay.Record{} })
	spent := cpuOf(b, f)
	var added []time.Duration
	for range min(b.N, 500) {
		least := bare(b, address)
		start := time.Now()
		if r := f(b.Context()); r.Fault != "" {
			b.Fatal(r.Detail)
		}
		added = append(added, time.Since(start)-least)
	}
	slices.Sort(added)
	b.ReportMetric(float64(spent.Microseconds()), "cpu-µs/probe")
	b.ReportMetric(float64(plain.Microseconds()), "bare-cpu-µs/probe")
	b.ReportMetric(float64(added[len(added)/2].Microseconds()), "added-µs/probe")
	b.ReportMetric(0, "ns/op")
}
