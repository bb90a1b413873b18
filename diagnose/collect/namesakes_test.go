package collect

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// namesake puts beside the fake engine, at the default socket, another one whose container has the id; "" = it has none
// of that name. Their sockets are where a machine's and a user's are.
func namesake(t *testing.T, id string) (Options, string) {
	t.Helper()
	first := enginetest.New(t)
	opts := optionsOf(t, first)
	users := filepath.Dir(enginetest.SocketPath(t))
	socket := filepath.Join(users, "7", "podman", "podman.sock")
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id == "" || r.URL.Path != "/containers/web/json" {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"message":"no such container"}`)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(enginetest.InspectBody, enginetest.WebID, id))
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	opts.Host, opts.defaultSocket, opts.userSockets = "", first.Socket, users
	return opts, "unix://" + socket
}

// TestNamesakes: who typed a name and no engine is told that another engine has a container of that name; who named an
// engine, or an id, knows what he meant.
func TestNamesakes(t *testing.T) {
	other := strings.Repeat("ab", 32)
	for name, test := range map[string]struct {
		id     string // of the other engine's container
		change func(*Options)
		want   bool
	}{
		"two of one name":      {id: other, want: true},
		"no other":             {id: ""},
		"the same by two ways": {id: enginetest.WebID},
		"an engine named":      {id: other, change: func(o *Options) { o.Host = "unix://" + o.defaultSocket }},
		"by its id":            {id: other, change: func(o *Options) { o.Ref = enginetest.WebID }},
	} {
		opts, host := namesake(t, test.id)
		var told []string
		opts.Tell = func(text string) { told = append(told, text) }
		if test.change != nil {
			test.change(&opts)
		}
		b := collectWeb(t, opts)
		said := strings.Contains(b.Source(fact.SourceEngine).Detail, host)
		warned := slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, host) })
		if said != test.want || warned != test.want {
			t.Errorf("%s: detail %q, told %q", name, b.Source(fact.SourceEngine).Detail, told)
		}
	}
}

// TestNamesakeInStore: what Podman's list on disk has is told though its engine is not up, or says nothing in time; a
// list of others, of this very container, or one that is no list tells nothing.
func TestNamesakeInStore(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the store that is written here is that of root's Podman")
	}
	other := strings.Repeat("cd", 32)
	entry := func(id, names string) string { return `[{"id":"` + id + `","names":[` + names + `],"layer":"x"}]` }
	for name, test := range map[string]struct {
		file, list string
		want       bool
	}{
		"of the name":    {"overlay-containers/containers.json", entry(other, `"web"`), true},
		"of a --rm":      {"overlay-containers/volatile-containers.json", entry(other, `"x","web"`), true},
		"vfs":            {"vfs-containers/containers.json", entry(other, `"web"`), true},
		"others":         {"overlay-containers/containers.json", entry(other, `"web2"`), false},
		"this very one":  {"overlay-containers/containers.json", entry(enginetest.WebID, `"web"`), false},
		"no list":        {"overlay-containers/containers.json", `{"names":"web"}`, false},
		"another's list": {"overlay-images/containers.json", entry(other, `"web"`), false},
	} {
		opts, host := namesake(t, "")
		opts.HostRoot = t.TempDir()
		path := filepath.Join(opts.HostRoot, "var/lib/containers/storage", test.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(test.list), 0o600); err != nil {
			t.Fatal(err)
		}
		var told []string
		opts.Tell = func(text string) { told = append(told, text) }
		collectWeb(t, opts)
		if got := slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, host) }); got != test.want {
			t.Errorf("%s: told %q", name, told)
		}
	}
}
