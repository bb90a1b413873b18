package main

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/containerdtest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

// containerdCommands are all commands that ask containerd.
func containerdCommands() map[string][]string {
	return map[string][]string{
		"diagnose":       {"diagnose", "web", "--format", "json"},
		"diagnose --all": {"diagnose", "--all", "--format", "json"},
		"logs":           {"logs", "web", "--format", "json"},
		"exit":           {"exit", "web", "--format", "json"},
		"sources":        {"sources", "--format", "json"},
		"completion":     {"__complete", "diagnose", ""},
	}
}

// grpcFaults are ways of not answering one call of gRPC over HTTP/2.
func grpcFaults() []enginetest.Fault {
	sent := func(frame []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { containerdtest.Frame(w, frame) }
	}
	return []enginetest.Fault{
		{Name: "hangs before the headers", Hangs: true, Sample: true, Serve: enginetest.Silence},
		{Name: "hangs in the body", Hangs: true, Serve: func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte{0, 0, 0, 0})
			w.(http.Flusher).Flush()
			enginetest.Silence(w, r)
		}},
		{Name: "drips", Hangs: true, Sample: true, Serve: dripped},
		{Name: "never ends", Serve: enginetest.Endless("\x00\xff\xff\xff\xff")},
		{Name: "breaks off", Serve: func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}},
		{Name: "is a page", Serve: enginetest.Body("<html>##[error]page</html>")},
		{Name: "is nothing", Serve: enginetest.Body("")},
		{Name: "is no protobuf", Sample: true, Serve: sent([]byte{0, 0, 0, 0, 1, 0xff})},
		{Name: "says a length too long", Serve: sent([]byte{0, 0, 0, 0, 9, 1})},
		{Name: "is compressed", Serve: sent([]byte{1, 0, 0, 0, 0})},
		{Name: "is a message of nothing", Serve: sent([]byte{0, 0, 0, 0, 0})},
		{Name: "has numbers where texts are", Serve: func(w http.ResponseWriter, _ *http.Request) {
			message := containerdtest.Message(1, 5, 2, 5, 3, 5, 4, 5, 5, 5, 6, 5, 7, 5, 8, 5, 9, 5, 10, 5)
			containerdtest.Frame(w, append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...))
		}},
		{Name: "forbids", Serve: refusedWith("7")}, {Name: "is found nowhere", Serve: refusedWith("5")},
		{Name: "is not implemented", Serve: refusedWith("12")}, {Name: "ends with a word", Serve: refusedWith("bad")},
	}
}

func refusedWith(status string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Grpc-Status", status) }
}

// dripped sends a byte now and then, each soon enough to look alive.
func dripped(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		_, _ = w.Write([]byte{0}) // the client may be gone
		w.(http.Flusher).Flush()
		time.Sleep(20 * time.Millisecond)
	}
}

// brokenContainerd has a dead container, web, and fails in one way wherever one method is called.
func brokenContainerd(t *testing.T, method string, serve http.HandlerFunc) (socket string, asked func() bool) {
	t.Helper()
	right := containerdtest.Unserved(t)
	right.Has(containerdtest.Message(4, 3, 9, 137, 10, containerdtest.Message(1, 1795423706)),
		containerdtest.Record(containerdtest.WebID, containerdtest.WebSpec, "nerdctl/name=web"))
	seen := make(chan struct{}, 1000)
	right.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, method) {
			right.ServeHTTP(w, r)
			return
		}
		seen <- struct{}{}
		if serve == nil {
			right.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		serve(w, r)
	}))
	return right.Socket, func() bool { return len(seen) > 0 }
}

func askContainerd(t *testing.T, ctx context.Context, socket, timeout string, args []string) *hostileRun {
	t.Helper()
	return runPatiently(t, ctx, nil, append([]string{"--host", "unix://" + socket, "--timeout", timeout}, args...))
}

// forContainerd runs a check for each method in each way of failing with each command that calls it.
func forContainerd(t *testing.T, wanted func(enginetest.Fault) bool,
	check func(t *testing.T, socket string, command string, args []string)) {
	for _, method := range []string{"Version/Version", "Namespaces/List", "Containers/List", "Tasks/Get",
		"Snapshots/Mounts"} {
		called := false
		for command, args := range containerdCommands() {
			socket, asked := brokenContainerd(t, method, nil)
			askContainerd(t, t.Context(), socket, "5s", args)
			if !asked() {
				continue
			}
			called = true
			for _, fault := range grpcFaults() {
				if !wanted(fault) || testing.Short() && !fault.Sample {
					continue
				}
				t.Run(command+"/"+method+"/"+fault.Name, func(t *testing.T) {
					t.Parallel()
					socket, _ := brokenContainerd(t, method, fault.Serve)
					check(t, socket, command, args)
				})
			}
		}
		if !called {
			t.Errorf("no command calls %q: this test proves nothing of it", method)
		}
	}
}

// TestHostileContainerd holds every command against every call that it makes of containerd, failing in every way: it
// ends by its own deadlines and never falls over.
func TestHostileContainerd(t *testing.T) {
	forContainerd(t, func(enginetest.Fault) bool { return true }, func(t *testing.T, socket, _ string, args []string) {
		r := askContainerd(t, t.Context(), socket, "200ms", args)
		text := r.out.String() + r.err.String()
		if r.code == exitUsage || r.code == exitInterrupted || strings.Contains(text, "internal error") ||
			strings.Contains(text, "##[error]") {
			t.Errorf("exit code %d: %s", r.code, text)
		}
	})
}

// TestHostileContainerdIsLeft: whatever hangs, the first signal ends the command.
func TestHostileContainerdIsLeft(t *testing.T) {
	forContainerd(t, func(f enginetest.Fault) bool {
		return f.Hangs
	}, func(t *testing.T, socket, command string, args []string) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		r := askContainerd(t, ctx, socket, "1h", args)
		r.wasLeft(t, command)
	})
}

// TestHostileContainerdSocket: what listens under containerd's name may not even speak HTTP.
func TestHostileContainerdSocket(t *testing.T) {
	for name, speak := range map[string]func(net.Conn){
		"says nothing":          func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"closes at once":        func(net.Conn) {},
		"speaks another tongue": func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n") },
		"speaks HTTP/1.1":       func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") },
	} {
		for command, args := range containerdCommands() {
			t.Run(command+"/"+name, func(t *testing.T) {
				t.Parallel()
				socket := containerdtest.Unserved(t).Socket
				listener, err := net.Listen("unix", socket)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { listener.Close() })
				go answerEach(listener, speak)
				r := askContainerd(t, t.Context(), socket, "300ms", args)
				if r.code == exitUsage || r.code == exitInterrupted || strings.Contains(r.err.String(), "internal error") {
					t.Errorf("exit code %d: %s", r.code, r.err.String())
				}
			})
		}
	}
}

// answerEach serves connections until the listener is closed.
func answerEach(listener net.Listener, speak func(net.Conn)) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			speak(conn)
		}()
	}
}
