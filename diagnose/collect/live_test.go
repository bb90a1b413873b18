package collect

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// patientSource is the only program of the live tests' image.
const patientSource = `package main

import ("fmt"; "net"; "os"; "time")

func main() {
	fmt.Println("start")
	if os.Args[1] == "hog" {
		fmt.Fprint(os.Stderr, "last words")
		time.Sleep(100 * time.Millisecond)
		for hold := [][]byte{}; ; {
			b := make([]byte, 1<<20)
			for i := range b { b[i] = 1 }
			hold = append(hold, b)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:8080") // and never accepts
	if err != nil { panic(err) }
	for range 3 {
		if _, err := net.Dial("tcp", "127.0.0.1:8080"); err != nil { panic(err) }
	}
	fmt.Println("ready")
	time.Sleep(time.Hour)
	_ = l
}
`

// liveEngine talks to this machine's engine for the tests; it may write, which
// the package itself never does.
type liveEngine struct {
	t     *testing.T
	http  http.Client
	image string
}

// newLiveEngine skips the test unless an engine of this very machine answers.
func newLiveEngine(t *testing.T) *liveEngine {
	t.Helper()
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("live: needs Linux and no -short")
	}
	ctx := t.Context()
	s, err := connect(ctx, Options{Ref: "live"}.withDefaults())
	if err != nil {
		t.Skipf("live: %v", err)
	}
	defer s.engine.Close()
	s.startInfo(ctx)
	if proof := s.host(ctx); s.mute || !proof.here {
		t.Skipf("live: %s", proof.reason)
	}
	socket := strings.TrimPrefix(s.endpoint.Host, "unix://")
	e := &liveEngine{t: t, image: fmt.Sprintf("gwdoctor-collect-test:p%d", os.Getpid())}
	e.http.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
	e.importImage()
	return e
}

// call sends one request and returns the answer's body.
func (e *liveEngine) call(method, path string, body io.Reader) []byte {
	e.t.Helper()
	req, err := http.NewRequest(method, "http://engine"+path, body)
	if err != nil {
		e.t.Fatal(err)
	}
	if strings.HasPrefix(path, "/containers") {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := e.http.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		e.t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, data, err)
	}
	return data
}

// importImage builds the program and imports it as an image of one file.
func (e *liveEngine) importImage() {
	e.t.Helper()
	dir := enginetest.WriteTree(e.t, map[string]string{"main.go": patientSource})
	program := filepath.Join(dir, "patient")
	build := exec.Command("go", "build", "-o", program, filepath.Join(dir, "main.go"))
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GO111MODULE=off")
	if out, err := build.CombinedOutput(); err != nil {
		e.t.Skipf("live: cannot build the patient: %v\n%s", err, out)
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		e.t.Fatal(err)
	}
	var image bytes.Buffer
	w := tar.NewWriter(&image)
	if err := w.WriteHeader(&tar.Header{Name: "patient", Mode: 0o755, Size: int64(len(binary))}); err != nil {
		e.t.Fatal(err)
	}
	if _, err := w.Write(binary); err != nil {
		e.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		e.t.Fatal(err)
	}
	repo, tag, _ := strings.Cut(e.image, ":")
	e.call("POST", "/images/create?fromSrc=-&repo="+repo+"&tag="+tag, &image)
	e.t.Cleanup(func() { e.call("DELETE", "/images/"+e.image+"?force=1", nil) })
}

// start runs the patient; the container is removed at the test's end.
func (e *liveEngine) start(mode string) (id, name string) {
	e.t.Helper()
	name = fmt.Sprintf("gwdoctor-collect-test-%s-%d", mode, os.Getpid())
	config, err := json.Marshal(map[string]any{
		"Image": e.image, "Cmd": []string{"/patient", mode}, "Labels": map[string]string{"gwdoctor.test": "collect"},
		"HostConfig": map[string]any{"Memory": 64 << 20, "MemorySwap": 64 << 20, "NetworkMode": "none",
			"LogConfig": map[string]string{"Type": "json-file"}},
	})
	if err != nil {
		e.t.Fatal(err)
	}
	var created struct{ ID string }
	if err := json.Unmarshal(e.call("POST", "/containers/create?name="+name, bytes.NewReader(config)),
		&created); err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { e.call("DELETE", "/containers/"+created.ID+"?force=1", nil) })
	e.call("POST", "/containers/"+created.ID+"/start", nil)
	return created.ID, name
}

func TestLiveOOMKill(t *testing.T) {
	e := newLiveEngine(t)
	id, name := e.start("hog")
	e.call("POST", "/containers/"+id+"/wait", nil)
	b, err := Container(t.Context(), Options{Ref: name, ToolVersion: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Manifest().Target; got.ID != id || got.Name != name {
		t.Errorf("target %v", got)
	}
	if got := text(t, b, bundle.FileInspect); !strings.Contains(got, `"OOMKilled":true`) {
		t.Errorf("inspect shows no OOM kill: %s", got)
	}
	events := text(t, b, bundle.FileEvents)
	for _, action := range []string{"create", "start", "oom", "die"} {
		if !strings.Contains(events, `"Action":"`+action+`"`) {
			t.Errorf("no %s among %s", action, events)
		}
	}
	log := text(t, b, bundle.FileLogs)
	for _, want := range []string{"stdout F start\n", "stderr P last words\n"} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in %q", want, log)
		}
	}
	source := b.Source(fact.SourceKernelLog)
	if source.Status != fact.StatusCollected {
		t.Skipf("the kernel log is not to be had here: %s %s", source.Status, source.Detail)
	}
	if kmsg := text(t, b, bundle.FileKmsg); !strings.Contains(kmsg, id) {
		t.Errorf("%d bytes of kernel log from %v do not name the container", len(kmsg), source.From)
	}
	if source.From.After(time.Now()) || source.To.Before(*source.From) {
		t.Errorf("span %v to %v", source.From, source.To)
	}
}

func TestLiveRunning(t *testing.T) {
	e := newLiveEngine(t)
	id, _ := e.start("listen")
	deadline := time.Now().Add(20 * time.Second)
	for !bytes.Contains(e.call("GET", "/containers/"+id+"/logs?stdout=1", nil), []byte("ready")) {
		if time.Now().After(deadline) {
			t.Fatal("the patient never became ready")
		}
		time.Sleep(20 * time.Millisecond)
	}
	b, err := Container(t.Context(), Options{Ref: id[:12], ToolVersion: "test"})
	if err != nil {
		t.Fatal(err)
	}
	var p evidence.Process
	if err := json.Unmarshal([]byte(text(t, b, bundle.FileProcess)), &p); err != nil {
		t.Fatal(err)
	}
	if p.Comm != "patient" || len(p.Tasks) < 2 || p.SigCgt == nil || *p.SigCgt&(1<<14) == 0 {
		t.Errorf("process %q with %d tasks, SigCgt %v: a Go program catches SIGTERM", p.Comm, len(p.Tasks), p.SigCgt)
	}
	if len(p.Listeners) != 1 || p.Listeners[0].Port != 8080 || p.Listeners[0].Queue != 3 {
		t.Errorf("listeners %v: three connections wait on port 8080", p.Listeners)
	}
	found := false
	for _, name := range b.Names() {
		if name == bundle.DirCgroup+"memory.max" || name == bundle.DirCgroup+"memory.limit_in_bytes" {
			found = true
			if got := strings.TrimSpace(text(t, b, name)); got != "67108864" {
				t.Errorf("%s is %s", name, got)
			}
		}
	}
	if !found {
		t.Errorf("no memory limit among %q", b.Names())
	}
}
