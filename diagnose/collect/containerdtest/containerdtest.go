// Package containerdtest is what the tests of several packages need of containerd: one on a unix socket whose answers a
// test chooses, by method and namespace, in gRPC's frames. It is not part of the program.
//
//	POST /containerd.services.tasks.v1.Tasks/Get      Containerd-Namespace: default
//	00 00000009 0a 07 …                               a flag, the length, the message
package containerdtest

import (
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

const (
	WebID = "35477042ca4d871f53c011e76fa9b6a35e04a3ce53bb584d52e6280b245d2705"
	DBID  = "6e0f00458e02bd5e3ac28f54668d8e52f3cb5ea4f9b062beded7267ff96be96c"
)

// Message writes fields of a protobuf message: a text, a number or a message.
func Message(fields ...any) []byte {
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

// Server is a containerd whose answers a test chooses, by method and namespace.
type Server struct {
	Socket  string
	Answers map[string][]byte // "tasks.v1.Tasks/Get default"; what is missing is NOT_FOUND
}

// New starts one that has no container.
func New(t testing.TB) *Server {
	t.Helper()
	f := Unserved(t)
	f.Serve(t, f)
	return f
}

// Unserved is one that does not listen yet.
func Unserved(t testing.TB) *Server {
	t.Helper()
	socket := filepath.Join(filepath.Dir(enginetest.SocketPath(t)), "containerd.sock") // short enough for a unix socket
	return &Server{Socket: socket, Answers: map[string][]byte{
		"version.v1.Version/Version default":    Message(1, "v1.7.24"),
		"namespaces.v1.Namespaces/List default": Message(1, Message(1, "default"), 1, Message(1, "moby")),
		"containers.v1.Containers/List default": Message(),
		"snapshots.v1.Snapshots/Mounts default": Message(1, Message(1, "overlay", 4, "lowerdir=/l1:/l2",
			4, "upperdir=/u")),
		"containers.v1.Containers/List buildkit":    Message(),
		"containers.v1.Containers/List kubernetes2": Message(),
	}}
}

// Serve starts to listen; h answers.
func (f *Server) Serve(t testing.TB, h http.Handler) {
	t.Helper()
	listener, err := net.Listen("unix", f.Socket)
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
	t.Cleanup(func() {
		server.CloseClientConnections() // what hangs on purpose
		server.Close()
	})
}

// ServeHTTP answers one call.
func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/containerd.services.") + " " + r.Header.Get("Containerd-Namespace")
	w.Header().Set("Content-Type", "application/grpc")
	body, ok := f.Answers[method]
	if !ok {
		w.Header().Set("Grpc-Status", "5")
		w.Header().Set("Grpc-Message", "not found")
		return
	}
	Frame(w, append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...))
}

// Record is a container with labels and a spec.
func Record(id, spec string, labels ...string) []byte {
	const specType = "types.containerd.io/opencontainers/runtime-spec/1/Spec"
	fields := []any{1, id, 3, "shop/web:1", 5, Message(1, specType, 2, spec),
		6, "overlayfs", 7, id, 8, Message(1, 1795423700)}
	for _, label := range labels {
		name, value, _ := strings.Cut(label, "=")
		fields = append(fields, 2, Message(1, name, 2, value))
	}
	return Message(fields...)
}

const WebSpec = `{"hostname":"web","process":{"args":["python3","app.py"],"env":["A=1"],"cwd":"/srv","rlimits":[` +
	`{"type":"RLIMIT_CORE","soft":18446744073709551615},{"type":"RLIMIT_NOFILE","soft":1024}]},` +
	`"linux":{"cgroupsPath":"/default/` + WebID + `","namespaces":[{"type":"pid"},{"type":"network"}],` +
	`"resources":{"memory":{"limit":67108864},"pids":{"limit":100}}}}`

// Has adds a container of the namespace default with its task; no task where task is nil.
func (f *Server) Has(task []byte, records ...[]byte) {
	var fields []any
	for _, r := range records {
		fields = append(fields, 1, r)
	}
	f.Answers["containers.v1.Containers/List default"] = Message(fields...)
	if task != nil {
		f.Answers["tasks.v1.Tasks/Get default"] = Message(1, task)
	}
}

// Frame sends one frame as the whole answer of a call that went well.
func Frame(w http.ResponseWriter, frame []byte) {
	w.Header().Set("Trailer", "Grpc-Status")
	_, _ = w.Write(frame)
	w.Header().Set("Grpc-Status", "0")
}
