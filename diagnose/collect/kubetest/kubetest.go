// Package kubetest is an API server for the tests of several packages: it serves one recorded moment of a cluster
// (fixtures/k8s), as a real one would answer. It is not part of the program.
//
//	GET /api/v1/namespaces/NS/pods/NAME        the one of pods.json
//	GET /api/v1/namespaces/NS/pods/NAME/log    log-NAME-CONTAINER.txt, log-NAME-CONTAINER-previous.txt
package kubetest

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Server serves one folder. Answer, where it is set, is asked first; it tells whether it answered.
type Server struct {
	*httptest.Server
	Folder string
	Answer func(w http.ResponseWriter, r *http.Request) bool
	Calls  chan string // paths that were asked for
}

// New serves a folder until the test ends.
func New(t testing.TB, folder string) *Server { return serve(t, folder, true) }

// NewHTTP1 serves a folder as one does behind a proxy that knows no HTTP/2: a handler may take the connection.
func NewHTTP1(t testing.TB, folder string) *Server { return serve(t, folder, false) }

func serve(t testing.TB, folder string, http2 bool) *Server {
	t.Helper()
	s := &Server{Folder: folder, Calls: make(chan string, 100_000)}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog, s.EnableHTTP2 = log.New(io.Discard, "", 0), http2
	s.StartTLS()
	t.Cleanup(func() {
		s.CloseClientConnections() // what hangs on purpose
		s.Close()
	})
	return s
}

// Kubeconfig writes one for the server and returns its path. user is YAML of the user's entry.
func (s *Server) Kubeconfig(t testing.TB, user string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf(`{current-context: test, clusters: [{name: c, cluster: {server: %q, insecure-skip-tls-verify: true}}],
users: [{name: u, user: {%s}}], contexts: [{name: test, context: {cluster: c, user: u, namespace: %q}}]}`,
		s.URL, user, s.Namespace())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Now is when the moment was recorded.
func (s *Server) Now() time.Time {
	data, _ := os.ReadFile(filepath.Join(s.Folder, "now.txt"))
	at, _ := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(data)))
	return at
}

// object is what the server must know of an object to find it.
type object struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Labels          map[string]string
	}
	InvolvedObject struct{ Kind, Name string }
	Reason         string
}

// items reads a recorded list.
func (s *Server) items(name string) []json.RawMessage {
	data, _ := os.ReadFile(filepath.Join(s.Folder, name))
	var list struct{ Items []json.RawMessage }
	if json.Unmarshal(data, &list) != nil || list.Items == nil {
		return []json.RawMessage{}
	}
	return list.Items
}

// Pods are the recorded ones.
func (s *Server) Pods() []json.RawMessage { return s.items(file("pods")) }

// Namespace is where the recorded objects were.
func (s *Server) Namespace() string {
	for _, raw := range append(s.items("pods.json"), s.items(file(fact.SourceEvents))...) {
		var o object
		if json.Unmarshal(raw, &o) == nil && o.Metadata.Namespace != "" {
			return o.Metadata.Namespace
		}
	}
	return "default"
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case s.Calls <- r.URL.RequestURI():
	default:
	}
	if s.Answer != nil && s.Answer(w, r) {
		return
	}
	s.Right(w, r)
}

// Right answers as the recorded cluster would, whatever Answer says.
func (s *Server) Right(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	kind, name := kindAndName(parts)
	switch {
	case r.URL.Path == "/version":
		fmt.Fprint(w, `{"major":"1","minor":"34","gitVersion":"v1.34.5"}`)
	case strings.HasSuffix(r.URL.Path, "/log"):
		s.log(w, r, name)
	case strings.HasSuffix(r.URL.Path, "/proxy/metrics/probes"):
		http.ServeFile(w, r, filepath.Join(s.Folder, "metrics-probes.txt"))
	case kind == "nodes" && !strings.Contains(r.URL.Path, "/proxy/"):
		http.ServeFile(w, r, filepath.Join(s.Folder, "node.json"))
	case kind != "" && name == "":
		s.list(w, r, kind)
	default:
		s.one(w, kind, name)
	}
}

// kindAndName reads …/namespaces/NS/KIND/NAME, …/KIND and …/nodes/NAME.
func kindAndName(parts []string) (kind, name string) {
	for i, p := range parts {
		switch p {
		case "pods", fact.SourceEvents, "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs",
			"nodes":
			if kind = p; i+1 < len(parts) {
				name = parts[i+1]
			}
			return kind, name
		}
	}
	return "", ""
}

// file is where the objects of a kind stand.
func file(kind string) string {
	switch kind {
	case "pods", fact.SourceEvents:
		return kind + ".json"
	}
	return "owners.json"
}

func (s *Server) one(w http.ResponseWriter, kind, name string) {
	for _, raw := range s.items(file(kind)) {
		var o object
		if json.Unmarshal(raw, &o) == nil && o.Metadata.Name == name && strings.ToLower(o.Kind)+"s" == kind {
			w.Write(raw)
			return
		}
	}
	Status(w, http.StatusNotFound, "NotFound", kind+" "+name+" not found")
}

func (s *Server) list(w http.ResponseWriter, r *http.Request, kind string) {
	chosen := []json.RawMessage{}
	for _, raw := range s.items(file(kind)) {
		var o object
		if json.Unmarshal(raw, &o) == nil && strings.ToLower(o.Kind)+"s" == kind && o.matches(r) {
			chosen = append(chosen, raw)
		}
	}
	json.NewEncoder(w).Encode(map[string]any{"metadata": map[string]any{}, "items": chosen})
}

// matches holds an object against the selectors of a request.
func (o object) matches(r *http.Request) bool {
	for part := range strings.SplitSeq(r.URL.Query().Get("labelSelector"), ",") {
		if key, value, ok := strings.Cut(part, "="); ok && o.Metadata.Labels[key] != value {
			return false
		}
	}
	fields := map[string]string{"involvedObject.name": o.InvolvedObject.Name, "involvedObject.kind": o.InvolvedObject.Kind,
		"reason": o.Reason}
	for part := range strings.SplitSeq(r.URL.Query().Get("fieldSelector"), ",") {
		if key, value, ok := strings.Cut(part, "="); ok && fields[key] != value {
			return false
		}
	}
	return true
}

func (s *Server) log(w http.ResponseWriter, r *http.Request, pod string) {
	name := "log-" + pod + "-" + r.URL.Query().Get("container")
	if r.URL.Query().Get("previous") == "true" {
		name += "-previous"
	}
	data, err := os.ReadFile(filepath.Join(s.Folder, name+".txt"))
	if text, refused := strings.CutPrefix(string(data), "ERR: "); err != nil || refused {
		Status(w, http.StatusBadRequest, "BadRequest", text)
		return
	}
	w.Write(data)
}

// Status answers as the API server does when it has no other answer.
func Status(w http.ResponseWriter, code int, reason, message string) {
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "code": code, "reason": reason, "message": message})
}
