package probe_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// once probes a URL one time with a timeout of 300 ms.
func once(t *testing.T, address string) replay.Record {
	t.Helper()
	u, err := probe.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	f, err := probe.New(probe.Target{URL: u, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	r := f(t.Context())
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("%s: a probe of 1 s took %v", address, took)
	}
	return r
}

// talker is a server that does one thing with each connection.
func talker(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				talk(conn)
			}()
		}
	}()
	return l.Addr().String()
}

// says reads a little, answers, and keeps the connection open for a while.
func says(answer string, open time.Duration) func(net.Conn) {
	return func(conn net.Conn) {
		var some [512]byte
		conn.Read(some[:])
		io.WriteString(conn, answer)
		time.Sleep(open)
	}
}

// refusing is an address that is taken for the whole test, by the client's end of a
// connection, and on which nothing listens.
func refusing(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client.LocalAddr().String()
}

func TestPhasesAndFaults(t *testing.T) {
	ok := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/503":
			w.WriteHeader(503)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/once":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://198.51.100.1:9/", http.StatusFound)
		case "/endless":
			for i := 0; i < 1<<20; i++ {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<10)); err != nil {
					return
				}
			}
		case "/auth":
			if user, password, _ := r.BasicAuth(); user != "u" || password != "p" {
				w.WriteHeader(401)
			}
		default:
			io.WriteString(w, `{"status":"ok"}`)
		}
	}))
	defer ok.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer secure.Close()
	plain := strings.TrimPrefix(ok.URL, "http://")
	minute := time.Minute
	for _, tt := range []struct {
		name, url      string
		reached, fault string
		status         int
		note           string
	}{
		{"answers", ok.URL + "/", "done", "", 200, ""},
		{"error status", ok.URL + "/503", "done", "status", 503, ""},
		{"redirect within", ok.URL + "/once", "done", "", 200, ""},
		{"redirect loop", ok.URL + "/loop", "body", "redirect-loop", 0, ""},
		{"redirect away is not followed", ok.URL + "/away", "done", "", 302, "another address"},
		{"endless body", ok.URL + "/endless", "done", "", 200, "goes on beyond 1 MiB"},
		{"user and password", "http://u:p@" + plain + "/auth", "done", "", 200, ""},
		{"certificate that does not hold", secure.URL, "done", "", 200, "certificate does not hold"},
		{"TLS to a plain port", "https://" + plain, "tls", "tls", 0, ""},
		{"nothing listens", "http://" + refusing(t), "connect", "refused", 0, ""},
		{"accepts and says nothing", "http://" + talker(t, says("", minute)), "wait", "timeout", 0, ""},
		{"closes without a byte", "http://" + talker(t, says("", 0)), "wait", "empty", 0, ""},
		{"stalls its body", "http://" + talker(t, says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", minute)), "body",
			"timeout", 200, ""},
		{"stalls its headers", "http://" + talker(t, says("HTTP/1.1 200 OK\r\nContent-", minute)), "body", "timeout", 0, ""},
		{"short body", "http://" + talker(t, says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", 0)), "body",
			"short-body", 200, ""},
		{"no HTTP", "http://" + talker(t, says("220 mail ESMTP\r\n", minute)), "body", "protocol", 0, ""},
		{"a handshake that stalls", "https://" + talker(t, says("", minute)), "tls", "timeout", 0, ""},
		{"no such name", "http://no-such-host.invalid/", "dns", "name", 0, ""},
		{"tcp", "tcp://" + talker(t, says("", minute)), "done", "", 0, ""},
		{"tcp closed at once", "tcp://" + talker(t, func(net.Conn) {}), "done", "", 0, "closed at once"},
		{"tcp refused", "tcp://" + refusing(t), "connect", "refused", 0, ""},
		{"redis", "redis://" + talker(t, says("+PONG\r\n", minute)), "done", "", 0, ""},
		{"redis with a password", "redis://:secret@" + talker(t, says("+OK\r\n+PONG\r\n", minute)), "done", "", 0, ""},
		{"redis wants a password", "redis://" + talker(t, says("-NOAUTH Authentication required.\r\n", minute)), "done", "",
			0, "wants a password"},
		{"redis refuses the password", "redis://:secret@" +
			talker(t, says("-WRONGPASS invalid username-password pair\r\n-NOAUTH Authentication required.\r\n", minute)),
			"done", "", 0, "refuses the password of the URL (-WRONGPASS"},
		{"redis without a password", "redis://:secret@" +
			talker(t, says("-ERR AUTH <password> called without any password configured\r\n+PONG\r\n", minute)), "done", "", 0,
			"takes no password"},
		{"redis loads", "redis://" + talker(t, says("-LOADING Redis is loading the dataset in memory\r\n", minute)), "done",
			"status", 0, ""},
		{"redis hangs", "redis://" + talker(t, says("", minute)), "wait", "timeout", 0, ""},
		{"no redis", "redis://" + talker(t, says("HTTP/1.1 400 Bad Request\r\n", minute)), "done", "protocol", 0, ""},
		{"no redis, no line", "redis://" + talker(t, says(strings.Repeat("x", 5000), minute)), "done", "protocol", 0, ""},
		{"amqp", "amqp://" + talker(t, says("\x01\x00\x00\x00\x00\x01\xc0\x00\x0a\x00\x0a\x00\x09", minute)),
			"done", "", 0, ""},
		{"another amqp", "amqp://" + talker(t, says("AMQP\x03\x01\x00\x00", minute)), "done", "protocol", 0, ""},
		{"amqp hangs", "amqp://" + talker(t, says("", minute)), "wait", "timeout", 0, ""},
		{"amqp closes", "amqp://" + talker(t, says("", 0)), "wait", "empty", 0, ""},
		{"no amqp", "amqp://" + talker(t, says("HTTP/1.1 400 Bad Request\r\n", minute)), "done", "protocol", 0, ""},
	} {
		r := once(t, tt.url)
		status := 0
		if r.HTTPStatus != nil {
			status = *r.HTTPStatus
		}
		if (tt.reached != "done" || tt.fault == "") && r.Reached != tt.reached || r.Fault != tt.fault || status != tt.status {
			t.Errorf("%s: %s %q %d (%s), want %s %q %d", tt.name, r.Reached, r.Fault, status, r.Detail, tt.reached,
				tt.fault, tt.status)
		}
		if tt.note == "" && r.Note != "" || !strings.Contains(r.Note, tt.note) {
			t.Errorf("%s: note %q, want %q", tt.name, r.Note, tt.note)
		}
		if len(r.Output) > 64<<10 || r.TookMs < 0 || r.TookMs > 3000 {
			t.Errorf("%s: %d bytes of output, %v ms", tt.name, len(r.Output), r.TookMs)
		}
		if strings.Contains(r.Detail+r.Note, "secret") {
			t.Errorf("%s: the password is told: %s %s", tt.name, r.Detail, r.Note)
		}
	}
}

func TestPhaseTimes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(30 * time.Millisecond)
		w.(http.Flusher).Flush()
		time.Sleep(50 * time.Millisecond)
		io.WriteString(w, "end")
	}))
	defer server.Close()
	r := once(t, server.URL)
	if r.Fault != "" || r.ConnectMs == nil || r.WaitMs == nil || r.BodyMs == nil {
		t.Fatalf("%+v", r)
	}
	if *r.WaitMs < 29 || *r.BodyMs < 49 || r.TookMs < *r.ConnectMs+*r.WaitMs+*r.BodyMs-0.01 {
		t.Errorf("connect %v, wait %v, body %v, all %v ms", *r.ConnectMs, *r.WaitMs, *r.BodyMs, r.TookMs)
	}
}

// grpcServer answers the health protocol over HTTP/2 without TLS.
func grpcServer(t *testing.T, serving byte, status string) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/grpc.health.v1.Health/Check" || r.ProtoMajor != 2 || len(body) < 5 ||
			int(binary.BigEndian.Uint32(body[1:])) != len(body)-5 {
			w.WriteHeader(400)
			return
		}
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		if status == "0" {
			w.Write([]byte{0, 0, 0, 0, 2, 0x08, serving})
		}
		w.Header().Set("Grpc-Status", status)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http://", "grpc://", 1)
}

func TestGRPC(t *testing.T) {
	http1 := httptest.NewServer(http.NotFoundHandler())
	defer http1.Close()
	for _, tt := range []struct{ name, url, fault, detail string }{
		{"serving", grpcServer(t, 1, "0"), "", ""},
		{"serving a named service", grpcServer(t, 1, "0") + "/shop.Orders", "", ""},
		{"not serving", grpcServer(t, 2, "0"), "status", "NOT_SERVING"},
		{"unknown", grpcServer(t, 0, "0"), "status", "UNKNOWN"},
		{"no health service", grpcServer(t, 0, "12"), "protocol", "no health service"},
		{"service not known", grpcServer(t, 0, "5"), "status", "does not know"},
		{"an HTTP/1 server", strings.Replace(http1.URL, "http://", "grpc://", 1), "protocol", ""},
		{"refused, not a timeout as in the kubelet", "grpc://" + refusing(t), "refused", ""},
		{"hangs", "grpc://" + talker(t, says("", time.Minute)), "timeout", ""},
	} {
		if r := once(t, tt.url); r.Fault != tt.fault || !strings.Contains(r.Detail, tt.detail) {
			t.Errorf("%s: %s %q %q", tt.name, r.Reached, r.Fault, r.Detail)
		}
	}
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string]string{
		"http://a": "a:80", "HTTPS://a/x": "a:443", "redis://a": "a:6379", "amqp://a": "a:5672", "tcp://a:1": "a:1",
		"http://[::1]": "[::1]:80", "grpc://a:1/s": "a:1",
		"tcp://a": "", "ftp://a": "", "http://": "", "http://a:0": "", "http://a:70000": "", "http://a:b": "", "://": "",
		"http://a\x00b": "", "http://" + strings.Repeat("a", 5000): "",
	} {
		u, err := probe.ParseURL(text)
		got := ""
		if err == nil {
			got = u.Host
		}
		if got != want {
			t.Errorf("%.40q: %q (%v), want %q", text, got, err, want)
		}
	}
}

// TestOpenLoop: probes start on schedule while the first ones still hang.
func TestOpenLoop(t *testing.T) {
	var mu sync.Mutex
	var starts []time.Time
	slow := func(context.Context) replay.Record {
		mu.Lock()
		starts = append(starts, time.Now())
		mu.Unlock()
		time.Sleep(200 * time.Millisecond)
		return replay.Record{Fault: "timeout"}
	}
	begin := time.Now()
	records, skipped := probe.Run(t.Context(), probe.Plan{Count: 10, Interval: 10 * time.Millisecond, Parallel: 10}, slow)
	if len(records) != 10 || skipped != 0 || len(starts) != 10 || starts[9].Sub(begin) < 90*time.Millisecond {
		t.Errorf("%d records, %d skipped, last start after %v", len(records), skipped, starts[len(starts)-1].Sub(begin))
	}
	if took := time.Since(begin); took > 1500*time.Millisecond {
		t.Errorf("took %v: one waited for the other", took)
	}
	records, skipped = probe.Run(t.Context(), probe.Plan{Count: 10, Interval: time.Millisecond, Parallel: 2}, slow)
	if len(records)+skipped != 10 || skipped == 0 {
		t.Errorf("%d records and %d skipped of 10", len(records), skipped)
	}
	records, _ = probe.Run(t.Context(), probe.Plan{Interval: 10 * time.Millisecond, Duration: 55 * time.Millisecond,
		Parallel: 9}, func(context.Context) replay.Record { return replay.Record{} })
	if len(records) != 6 {
		t.Errorf("%d probes in 55 ms at one per 10 ms, want 6", len(records))
	}
}

// TestInterrupted: what has ended is returned, what was cut off is left out.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	records, _ := probe.Run(ctx, probe.Plan{Count: 1000, Interval: 5 * time.Millisecond, Parallel: 1,
		Progress: func(done, failed int) {
			if n = done; n == 3 {
				cancel()
			}
		}}, func(context.Context) replay.Record { return replay.Record{} })
	if len(records) < 3 || len(records) > 4 {
		t.Errorf("%d records", len(records))
	}
}

// TestOutputBudget: long runs with large answers stay small.
func TestOutputBudget(t *testing.T) {
	large := strings.Repeat("x", 60<<10)
	records, _ := probe.Run(t.Context(), probe.Plan{Count: 300, Interval: 1, Parallel: 300},
		func(context.Context) replay.Record { return replay.Record{Output: large} })
	sum := 0
	for _, r := range records {
		sum += len(r.Output)
	}
	if sum > 3<<20 {
		t.Errorf("%d bytes of output are kept", sum)
	}
}

// TestNothingLeft: hung probes leave no goroutine behind.
func TestNothingLeft(t *testing.T) {
	address := talker(t, says("", 2*time.Second))
	before := runtime.NumGoroutine()
	for _, scheme := range []string{"http", "https", "grpc", "redis", "amqp"} {
		once(t, scheme+"://"+address)
	}
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		var stacks [64 << 10]byte
		t.Errorf("%d goroutines before, %d after\n%s", before, after, stacks[:runtime.Stack(stacks[:], true)])
	}
}

func ExampleParseURL() {
	u, err := probe.ParseURL("redis://cache")
	fmt.Println(u.Host, err)
	// Output: cache:6379 <nil>
}
