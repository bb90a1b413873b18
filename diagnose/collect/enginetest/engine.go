package enginetest

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

const (
	WebID = "35477042ca4d871f53c011e76fa9b6a35e04a3ce53bb584d52e6280b245d2705"
	DBID  = "6e0f00458e02bd5e3ac28f54668d8e52f3cb5ea4f9b062beded7267ff96be96c"
	// twinID begins as webID does, for as long as a user would type.
	TwinID = "35477042ca4d000000000000000000000000000000000000000000000000000f"
)

// InspectBody is what 20.10.24 answered for a container of this kind, cut down.
const InspectBody = `{"Id":"` + WebID + `","Name":"/web","Image":"sha256:852c7ec4",
 "State":{"Status":"exited","Running":false,"Pid":0,"ExitCode":137,"OOMKilled":true,"StartedAt":"2026-11-23T20:05:38.6Z","FinishedAt":"2026-11-23T20:05:38.8Z"},
 "Config":{"Tty":false,"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"}},
 "HostConfig":{"NetworkMode":"default","LogConfig":{"Type":"json-file","Config":{"mode":"non-blocking"}}}}`

const listBody = `[{"Id":"` + WebID + `","Names":["/web"],"Image":"shop","ImageID":"sha256:852c7ec4","State":"exited","Status":"Exited (137) 2 seconds ago","Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"}},
 {"Id":"` + DBID + `","Names":["/web/alias","/shop-db-1"],"Image":"postgres","ImageID":"sha256:1","State":"running","Status":"Up 2 hours","Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db"}},
 {"Id":"` + TwinID + `","Names":["/webmail"],"Image":"mail","ImageID":"sha256:2","State":"running","Status":"Up","Labels":{}}]`

const dbInspect = `{"Id":"` + DBID + `","Name":"/shop-db-1","State":{"Status":"exited","ExitCode":1,"OOMKilled":false,"StartedAt":"2026-11-23T20:00:00Z","FinishedAt":"0001-01-01T00:00:00Z","Health":{"Status":"unhealthy"}}}`

// Engine answers like an engine on a unix socket. Paths have no version.
type Engine struct {
	Socket string
	mu     sync.Mutex
	Routes map[string]http.HandlerFunc
	asked  []string
	// what is answered to any other path; nil = 404
	unknown http.HandlerFunc
}

var versionPrefix = regexp.MustCompile(`^/v[0-9.]+`)

func (f *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := versionPrefix.ReplaceAllString(r.URL.Path, "")
	f.mu.Lock()
	f.asked = append(f.asked, r.URL.Path+"?"+r.URL.RawQuery)
	handler := f.Routes[path]
	f.mu.Unlock()
	w.Header().Set("Api-Version", "1.41")
	if handler == nil {
		handler = f.unknown
	}
	if handler == nil {
		Refuse(404, "No such container: "+path)(w, r)
		return
	}
	handler(w, r)
}

// Route replaces the answer to one path.
func (f *Engine) Route(path string, h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Routes[path] = h
}

func (f *Engine) Requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.asked...)
}

func Body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func Refuse(code int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"message":%q}`, message)
	}
}

// Silence takes the request and answers only when the client has gone away.
func Silence(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // the server sees a client go only once the body is read
	<-r.Context().Done()
}

// Endless sends prefix and then filler until the client stops reading, at most 1 GiB.
func Endless(prefix string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, prefix)
		filler := []byte(strings.Repeat("x", 1<<20))
		for range 1 << 10 {
			if _, err := w.Write(filler); err != nil {
				return
			}
		}
	}
}

// Frame is one frame of a multiplexed log.
func Frame(kind byte, text string) string {
	header := []byte{kind, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(header[4:], uint32(len(text)))
	return string(header) + text
}

// SocketPath is short: a unix socket's path has room for 107 bytes only.
func SocketPath(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gwc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s.sock")
}

// New starts an engine with one dead container, web, of project shop.
func New(t testing.TB) *Engine {
	t.Helper()
	f := &Engine{Socket: SocketPath(t)}
	f.Routes = map[string]http.HandlerFunc{
		"/_ping":                            Body("OK"),
		"/version":                          Body(`{"Version":"20.10.24","ApiVersion":"1.41"}`),
		"/info":                             Body(`{"KernelVersion":"6.18.44-test","MemTotal":25276502016,"DockerRootDir":"/nonexistent"}`),
		"/containers/json":                  Body(listBody),
		"/containers/" + WebID + "/logs":    Body(Frame(1, "2026-11-23T20:05:38.665687543Z start\n")),
		"/containers/" + WebID + "/changes": Body(`[{"Path":"/core","Kind":1}]`),
		"/containers/" + DBID + "/json":     Body(dbInspect),
		"/images/sha256:852c7ec4/json":      Body(`{"Id":"sha256:852c7ec4","Architecture":"amd64"}`),
		"/events":                           Body(""),
	}
	for _, ref := range []string{"web", WebID} {
		f.Routes["/containers/"+ref+"/json"] = Body(InspectBody)
	}
	listener, err := net.Listen("unix", f.Socket)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(f)
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections() // what hangs on purpose
		server.Close()
	})
	return f
}

// WriteTree makes files below a new folder.
func WriteTree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// ThisMachine is a /proc that the fake engine's /info agrees with, and in which
// the listener of the socket, this very test, is called dockerd.
func ThisMachine(extra map[string]string) map[string]string {
	self := fmt.Sprint(os.Getpid())
	files := map[string]string{
		"sys/kernel/osrelease":      "6.18.44-test\n",
		"sys/kernel/core_pattern":   "core\n",
		"sys/kernel/core_uses_pid":  "1\n",
		"sys/kernel/random/boot_id": "7d5f1f5e-0c4e-4f2e-9a64-0b7c1fd7d9a1\n",
		"meminfo":                   "MemTotal:       24684084 kB\nMemFree: 1 kB\n",
		self + "/comm":              "dockerd\n",
	}
	for name, text := range extra {
		files[name] = text
	}
	return files
}

const TCPHeader = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

// TCPLine is a row of /proc/PID/net/tcp.
func TCPLine(local, remote, state, rx string) string {
	return "   0: " + local + " " + remote + " " + state + " 00000000:" + rx +
		" 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0\n"
}

// NewLayer makes a layer's folder of the paths given: "dir/" with mode 0755, "link>target", or a file.
func NewLayer(t testing.TB, paths ...string) *os.Root {
	t.Helper()
	folder := t.TempDir()
	for _, p := range paths {
		at := filepath.Join(folder, p)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case p[len(p)-1] == '/':
			err = os.MkdirAll(at, 0o755)
		case filepath.Base(p) == "link":
			err = os.Symlink("srv", at)
		default:
			err = os.WriteFile(at, nil, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

// Event is one line as 20.10.24 sends it.
func Event(id, action, project string, second int) string {
	return fmt.Sprintf(`{"status":%q,"id":%q,"from":"shop","Type":"container","Action":%q,"Actor":{"ID":%q,"Attributes":{"com.docker.compose.project":%q,"image":"shop","name":"web"}},"scope":"local","time":%d,"timeNano":%d}`,
		action, id, action, id, project, 1795464000+second, int64(1795464000+second)*1e9) + "\n"
}
