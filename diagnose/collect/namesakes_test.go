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
