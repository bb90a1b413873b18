package containerd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/containerdtest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
)

const webID, dbID, webSpec = containerdtest.WebID, containerdtest.DBID, containerdtest.WebSpec

var pb, record = containerdtest.Message, containerdtest.Record

func engineOf(t *testing.T, f *containerdtest.Server) *Engine {
	t.Helper()
	e := New(docker.Endpoint{Host: "unix://" + f.Socket, Local: true}, "", t.TempDir(), 5*time.Second)
	t.Cleanup(e.Close)
	return e
}

func inspected(t *testing.T, e *Engine, ref string) docker.Container {
	t.Helper()
	raw, err := e.Inspect(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	c, err := docker.ParseInspect(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestInspect: the records become a body of Docker's form.
func TestInspect(t *testing.T) {
	f := containerdtest.New(t)
	f.Has(pb(3, 4711, 4, 3, 9, 137, 10, pb(1, 1795423706, 2, 500)), record(webID, webSpec, "nerdctl/name=web",
		"containerd.io/restart.policy=on-failure:3", "containerd.io/restart.count=2",
		"com.docker.compose.project=shop"))
	e := engineOf(t, f)
	if err := e.Ping(t.Context()); err != nil || e.Containerd() != "1.7.24" {
		t.Fatalf("ping: %v, version %q", err, e.Containerd())
	}
	raw, err := e.Inspect(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"ExitCode":137`, `"Status":"exited"`, `"Pid":0`, `"RestartCount":2`,
		`"RestartPolicy":{"Name":"on-failure"}`, `"Memory":67108864`, `"PidsLimit":100`, `"Path":"python3"`,
		`{"Name":"core","Soft":-1}`, `"FinishedAt":"2026-11-23T08:48:26.0000005Z"`,
		`"StartedAt":""`, `"UpperDir":"/u","LowerDir":"/l1:/l2"`} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("inspect lacks %s: %s", part, raw)
		}
	}
	if strings.Contains(string(raw), "OOMKilled") {
		t.Errorf("nobody read the control group: %s", raw)
	}
	if c := inspected(t, e, webID[:12]); c.Name != "web" || c.Project != "shop" || c.Running {
		t.Errorf("container %+v", c)
	}
}

// TestOOMKilled: the control group, which stays, has counted the kill or has not; both versions have a file for it.
func TestOOMKilled(t *testing.T) {
	for file, want := range map[string]string{
		"memory/default/" + webID + "/memory.oom_control=oom_kill_disable 0\nunder_oom 0\noom_kill 1\n": `"OOMKilled":true`,
		"default/" + webID + "/memory.events=low 0\nmax 9\noom 1\noom_kill 1\n":                         `"OOMKilled":true`,
		"default/" + webID + "/memory.events=low 0\nmax 9\noom 0\noom_kill 0\n":                         `"OOMKilled":false`,
	} {
		f := containerdtest.New(t)
		f.Has(pb(4, 3, 9, 137), record(webID, webSpec))
		e := engineOf(t, f)
		path, text, _ := strings.Cut(file, "=")
		path = filepath.Join(e.cgroups, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if raw, err := e.Inspect(t.Context(), webID); err != nil || !strings.Contains(string(raw), want) {
			t.Errorf("%q: %v %s", text, err, raw)
		}
	}
}

// TestStates: what runs, what was never started, and what has no task, of which nobody knows whether it ran.
func TestStates(t *testing.T) {
	for want, task := range map[string][]byte{
		`"Status":"running","Running":true,"Paused":false,"Pid":4711`: pb(3, 4711, 4, 2),
		`"Status":"paused","Running":true,"Paused":true`:              pb(3, 4711, 4, 4),
		`"Status":"created","Running":false`:                          pb(4, 1),
		`"Status":"","Running":false`:                                 nil,
	} {
		f := containerdtest.New(t)
		f.Has(task, record(webID, webSpec))
		raw, err := engineOf(t, f).Inspect(t.Context(), webID)
		if err != nil || !strings.Contains(string(raw), want) {
			t.Errorf("want %s: %v %s", want, err, raw)
		}
		if ended := strings.Contains(string(raw), "ExitCode"); ended {
			t.Errorf("no end was told: %s", raw)
		}
	}
}

// TestStarted: the shim's init.pid tells when the task began.
func TestStarted(t *testing.T) {
	f := containerdtest.New(t)
	f.Has(pb(3, 4711, 4, 2), record(webID, webSpec))
	folder := filepath.Join(filepath.Dir(f.Socket), "io.containerd.runtime.v2.task", "default", webID)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	if err := os.WriteFile(filepath.Join(folder, "init.pid"), []byte("4711"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(folder, "init.pid"), at, at); err != nil {
		t.Fatal(err)
	}
	if c := inspected(t, engineOf(t, f), webID); !c.StartedAt.Equal(at) {
		t.Errorf("started %s", c.StartedAt)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if c := inspected(t, engineOf(t, f), webID); !c.StartedAt.Equal(c.Created) {
		t.Errorf("without the shim's folder, started %s", c.StartedAt)
	}
}

// TestNamesInTwoNamespaces: of two containers of one name none is taken; the variable chooses.
func TestNamesInTwoNamespaces(t *testing.T) {
	f := containerdtest.New(t)
	f.Has(nil, record(webID, webSpec, "nerdctl/name=web"))
	f.Answers["namespaces.v1.Namespaces/List default"] = pb(1, pb(1, "default"), 1, pb(1, "buildkit"))
	f.Answers["containers.v1.Containers/List buildkit"] = pb(1, record(dbID, webSpec, "nerdctl/name=web"))
	_, err := engineOf(t, f).Inspect(t.Context(), "web")
	if docker.StatusCode(err) != http.StatusBadRequest || !strings.Contains(err.Error(), "CONTAINERD_NAMESPACE") {
		t.Errorf("error %v", err)
	}
	only := New(docker.Endpoint{Host: "unix://" + f.Socket, Local: true}, "buildkit", "", time.Second)
	defer only.Close()
	if c := inspected(t, only, "web"); c.ID != dbID {
		t.Errorf("container %s", c.ID)
	}
	raw, err := engineOf(t, f).List(t.Context(), "")
	if rows, _ := docker.ReadList(raw); err != nil || len(rows) != 2 {
		t.Errorf("list %v %s", err, raw)
	}
}

// TestRefusals: what is no containerd, and what answers nonsense or nothing, is a failure and no empty fact.
func TestRefusals(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"a web server": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"cut":          func(w http.ResponseWriter, _ *http.Request) { containerdtest.Frame(w, []byte{0, 0, 0, 0, 9, 1}) },
		"compressed":   func(w http.ResponseWriter, _ *http.Request) { containerdtest.Frame(w, []byte{1, 0, 0, 0, 0}) },
		"no protobuf":  func(w http.ResponseWriter, _ *http.Request) { containerdtest.Frame(w, []byte{0, 0, 0, 0, 1, 0xff}) },
		"forbidden": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Grpc-Status", "7")
		},
		"silent": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		f := &containerdtest.Server{Socket: filepath.Join(t.TempDir(), "containerd.sock")}
		f.Serve(t, handler)
		e := New(docker.Endpoint{Host: "unix://" + f.Socket, Local: true}, "", "", 300*time.Millisecond)
		if raw, err := e.Inspect(t.Context(), "web"); err == nil || docker.StatusCode(err) == http.StatusNotFound {
			t.Errorf("%s: %v %s", name, err, raw)
		}
		e.Close()
	}
}

// TestLogs: nerdctl's json-file becomes what the engine would send; elsewhere the words say where the output goes.
func TestLogs(t *testing.T) {
	f, dir := containerdtest.New(t), t.TempDir()
	f.Has(pb(4, 3, 6, "binary:///usr/bin/nerdctl"), record(webID, webSpec, "nerdctl/state-dir="+dir))
	text := `{"log":"one\n","stream":"stdout","time":"2026-11-23T20:00:00Z"}` + "\n" +
		`{"log":"two\n","stream":"stderr","time":"2026-11-23T20:00:01Z"}` + "\n" + "torn"
	if err := os.WriteFile(filepath.Join(dir, webID+"-json.log"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	body, err := engineOf(t, f).Logs(t.Context(), webID, docker.LogQuery{Tail: 2})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&docker.CRIWriter{Out: &out}).Stream(bufio.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	if want := "2026-11-23T20:00:01Z stderr F two\n2026-11-23T20:00:01Z stdout P torn\n"; out.String() != want {
		t.Errorf("log %q", out.String())
	}
	f.Has(pb(4, 3, 6, "file:///var/log/web.log"), record(webID, webSpec))
	if _, err := engineOf(t, f).Logs(t.Context(), webID, docker.LogQuery{}); docker.StatusCode(err) != 501 ||
		!strings.Contains(err.Error(), "file:///var/log/web.log") {
		t.Errorf("error %v", err)
	}
}

// FuzzDecode: any bytes are a message or an error.
func FuzzDecode(f *testing.F) {
	f.Add(record(webID, webSpec, "a=b"))
	f.Add(pb(1, 5, 2, "x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decode(data)
		if err != nil {
			return
		}
		c := readContainer("default", m)
		_ = (&Engine{socket: "/nonexistent/containerd.sock", cgroups: "/nonexistent"}).state(c, task{state: "exited"})
		if _, err := json.Marshal(c.config()); err != nil {
			t.Error(err)
		}
		m.time(1)
	})
}

// TestPeer: who listens is this very process.
func TestPeer(t *testing.T) {
	pid, err := engineOf(t, containerdtest.New(t)).PeerPID(context.Background())
	if err != nil || pid != os.Getpid() {
		t.Errorf("peer %d, %v", pid, err)
	}
}
