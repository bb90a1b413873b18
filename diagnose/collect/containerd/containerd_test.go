package containerd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
)

const (
	webID = "35477042ca4d871f53c011e76fa9b6a35e04a3ce53bb584d52e6280b245d2705"
	dbID  = "6e0f00458e02bd5e3ac28f54668d8e52f3cb5ea4f9b062beded7267ff96be96c"
)

// pb writes fields of a protobuf message: a text, a number or a message.
func pb(fields ...any) []byte {
	var data []byte
	for i := 0; i < len(fields); i += 2 {
		number := uint64(fields[i].(int)) << 3
		switch v := fields[i+1].(type) {
		case int:
			data = binary.AppendUvarint(binary.AppendUvarint(data, number), uint64(v))
		case string:
			data = append(binary.AppendUvarint(binary.AppendUvarint(data, number|2), uint64(len(v))), v...)
		case []byte:
			data = append(binary.AppendUvarint(binary.AppendUvarint(data, number|2), uint64(len(v))), v...)
		}
	}
	return data
}

// fake is a containerd whose answers a test chooses, by method and namespace.
type fake struct {
	socket  string
	answers map[string][]byte // "tasks.v1.Tasks/Get default"; what is missing is NOT_FOUND
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{socket: filepath.Join(t.TempDir(), "containerd.sock"), answers: map[string][]byte{
		"version.v1.Version/Version default":        pb(1, "v1.7.24"),
		"namespaces.v1.Namespaces/List default":     pb(1, pb(1, "default"), 1, pb(1, "moby")),
		"containers.v1.Containers/List default":     pb(),
		"snapshots.v1.Snapshots/Mounts default":     pb(1, pb(1, "overlay", 4, "lowerdir=/l1:/l2", 4, "upperdir=/u")),
		"containers.v1.Containers/List buildkit":    pb(),
		"containers.v1.Containers/List kubernetes2": pb(),
	}}
	f.serve(t, http.HandlerFunc(f.answer))
	return f
}

func (f *fake) serve(t *testing.T, h http.Handler) {
	t.Helper()
	listener, err := net.Listen("unix", f.socket)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.Listener.Close()
	server.Listener = listener
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Config.Protocols.SetHTTP1(true)
	server.Start()
	t.Cleanup(server.Close)
}

func (f *fake) answer(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/containerd.services.") + " " + r.Header.Get("Containerd-Namespace")
	w.Header().Set("Content-Type", "application/grpc")
	body, ok := f.answers[method]
	if !ok {
		w.Header().Set("Grpc-Status", "5")
		w.Header().Set("Grpc-Message", "not found")
		return
	}
	w.Header().Set("Trailer", "Grpc-Status")
	_, _ = w.Write(append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...))
	w.Header().Set("Grpc-Status", "0")
}

func (f *fake) engine(t *testing.T) *Engine {
	t.Helper()
	e := New(docker.Endpoint{Host: "unix://" + f.socket, Local: true}, "", t.TempDir(), 5*time.Second)
	t.Cleanup(e.Close)
	return e
}

// container is a record with labels and a spec.
func record(id, spec string, labels ...string) []byte {
	fields := []any{1, id, 3, "shop/web:1", 5, pb(1, "types.containerd.io/opencontainers/runtime-spec/1/Spec", 2, spec),
		6, "overlayfs", 7, id, 8, pb(1, 1795423700)}
	for _, label := range labels {
		name, value, _ := strings.Cut(label, "=")
		fields = append(fields, 2, pb(1, name, 2, value))
	}
	return pb(fields...)
}

const webSpec = `{"hostname":"web","process":{"args":["python3","app.py"],"env":["A=1"],"cwd":"/srv","rlimits":[` +
	`{"type":"RLIMIT_CORE","soft":18446744073709551615},{"type":"RLIMIT_NOFILE","soft":1024}]},` +
	`"linux":{"cgroupsPath":"/default/` + webID + `","namespaces":[{"type":"pid"},{"type":"network"}],` +
	`"resources":{"memory":{"limit":67108864},"pids":{"limit":100}}}}`

// has adds a container of the namespace default with its task; no task where task is nil.
func (f *fake) has(task []byte, records ...[]byte) {
	var fields []any
	for _, r := range records {
		fields = append(fields, 1, r)
	}
	f.answers["containers.v1.Containers/List default"] = pb(fields...)
	if task != nil {
		f.answers["tasks.v1.Tasks/Get default"] = pb(1, task)
	}
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
	f := newFake(t)
	f.has(pb(3, 4711, 4, 3, 9, 137, 10, pb(1, 1795423706, 2, 500)), record(webID, webSpec, "nerdctl/name=web",
		"containerd.io/restart.policy=on-failure:3", "containerd.io/restart.count=2",
		"com.docker.compose.project=shop"))
	e := f.engine(t)
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
		f := newFake(t)
		f.has(pb(4, 3, 9, 137), record(webID, webSpec))
		e := f.engine(t)
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
		f := newFake(t)
		f.has(task, record(webID, webSpec))
		raw, err := f.engine(t).Inspect(t.Context(), webID)
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
	f := newFake(t)
	f.has(pb(3, 4711, 4, 2), record(webID, webSpec))
	folder := filepath.Join(filepath.Dir(f.socket), "io.containerd.runtime.v2.task", "default", webID)
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
	if c := inspected(t, f.engine(t), webID); !c.StartedAt.Equal(at) {
		t.Errorf("started %s", c.StartedAt)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if c := inspected(t, f.engine(t), webID); !c.StartedAt.Equal(c.Created) {
		t.Errorf("without the shim's folder, started %s", c.StartedAt)
	}
}

// TestNamesInTwoNamespaces: of two containers of one name none is taken; the variable chooses.
func TestNamesInTwoNamespaces(t *testing.T) {
	f := newFake(t)
	f.has(nil, record(webID, webSpec, "nerdctl/name=web"))
	f.answers["namespaces.v1.Namespaces/List default"] = pb(1, pb(1, "default"), 1, pb(1, "buildkit"))
	f.answers["containers.v1.Containers/List buildkit"] = pb(1, record(dbID, webSpec, "nerdctl/name=web"))
	_, err := f.engine(t).Inspect(t.Context(), "web")
	if docker.StatusCode(err) != http.StatusBadRequest || !strings.Contains(err.Error(), "CONTAINERD_NAMESPACE") {
		t.Errorf("error %v", err)
	}
	only := New(docker.Endpoint{Host: "unix://" + f.socket, Local: true}, "buildkit", "", time.Second)
	defer only.Close()
	if c := inspected(t, only, "web"); c.ID != dbID {
		t.Errorf("container %s", c.ID)
	}
	raw, err := f.engine(t).List(t.Context(), "")
	if rows, _ := docker.ReadList(raw); err != nil || len(rows) != 2 {
		t.Errorf("list %v %s", err, raw)
	}
}

// TestRefusals: what is no containerd, and what answers nonsense or nothing, is a failure and no empty fact.
func TestRefusals(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"a web server": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"cut":          func(w http.ResponseWriter, _ *http.Request) { grpc(w, []byte{0, 0, 0, 0, 9, 1}) },
		"compressed":   func(w http.ResponseWriter, _ *http.Request) { grpc(w, []byte{1, 0, 0, 0, 0}) },
		"no protobuf":  func(w http.ResponseWriter, _ *http.Request) { grpc(w, []byte{0, 0, 0, 0, 1, 0xff}) },
		"forbidden": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Grpc-Status", "7")
		},
		"silent": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		f := &fake{socket: filepath.Join(t.TempDir(), "containerd.sock")}
		f.serve(t, handler)
		e := New(docker.Endpoint{Host: "unix://" + f.socket, Local: true}, "", "", 300*time.Millisecond)
		if raw, err := e.Inspect(t.Context(), "web"); err == nil || docker.StatusCode(err) == http.StatusNotFound {
			t.Errorf("%s: %v %s", name, err, raw)
		}
		e.Close()
	}
}

func grpc(w http.ResponseWriter, frame []byte) {
	w.Header().Set("Trailer", "Grpc-Status")
	_, _ = w.Write(frame)
	w.Header().Set("Grpc-Status", "0")
}

// TestLogs: nerdctl's json-file becomes what the engine would send; elsewhere the words say where the output goes.
func TestLogs(t *testing.T) {
	f, dir := newFake(t), t.TempDir()
	f.has(pb(4, 3, 6, "binary:///usr/bin/nerdctl"), record(webID, webSpec, "nerdctl/state-dir="+dir))
	text := `{"log":"one\n","stream":"stdout","time":"2026-11-23T20:00:00Z"}` + "\n" +
		`{"log":"two\n","stream":"stderr","time":"2026-11-23T20:00:01Z"}` + "\n" + "torn"
	if err := os.WriteFile(filepath.Join(dir, webID+"-json.log"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	body, err := f.engine(t).Logs(t.Context(), webID, docker.LogQuery{Tail: 2})
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
	f.has(pb(4, 3, 6, "file:///var/log/web.log"), record(webID, webSpec))
	if _, err := f.engine(t).Logs(t.Context(), webID, docker.LogQuery{}); docker.StatusCode(err) != 501 ||
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
	pid, err := newFake(t).engine(t).PeerPID(context.Background())
	if err != nil || pid != os.Getpid() {
		t.Errorf("peer %d, %v", pid, err)
	}
}
