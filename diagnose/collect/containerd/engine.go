package containerd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
)

// Engine is containerd as the collectors see an engine. It does nothing but read.
type Engine struct {
	socket     string
	namespaces []string // that are asked; none = all but Docker's own
	cgroups    string   // where control groups are mounted
	http       *http.Client
	limit      time.Duration // of each call
	version    atomic.Value  // string: as the ping told
}

// Docker's own containers are in these namespaces, and Docker tells more of them.
var ofDocker = []string{"moby", "plugins.moby"}

// Speaks tells whether containerd listens at an endpoint, by the name that its socket has everywhere.
func Speaks(e docker.Endpoint) bool {
	return e.Local && filepath.Base(e.Host) == "containerd.sock"
}

// New prepares a client; nothing is dialled yet. namespace (CONTAINERD_NAMESPACE) is the only one that is asked; "" =
// all. cgroups is where this machine's control groups are; "" = /sys/fs/cgroup. limit bounds each call.
func New(e docker.Endpoint, namespace, cgroups string, limit time.Duration) *Engine {
	socket := strings.TrimPrefix(e.Host, "unix://")
	c := &Engine{socket: socket, cgroups: cgroups, http: newClient(socket), limit: limit}
	if namespace != "" {
		c.namespaces = []string{namespace}
	}
	c.version.Store("")
	return c
}

// Ping asks for the version. It dials first: a call's error hides whether the socket refused or forbade.
func (e *Engine) Ping(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", e.socket)
	if err != nil {
		return err
	}
	conn.Close()
	m, err := e.call(ctx, "default", "version.v1.Version/Version", nil)
	if err != nil {
		return err
	}
	e.version.Store(strings.TrimPrefix(m.text(1), "v"))
	return nil
}

// PeerPID is the process that listens on the socket.
func (e *Engine) PeerPID(ctx context.Context) (int, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", e.socket)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return docker.SocketPeer(conn.(*net.UnixConn))
}

// Containerd is its version; "" = not told.
func (e *Engine) Containerd() string { return e.version.Load().(string) }

// Podman tells that this is none.
func (e *Engine) Podman() string { return "" }

// Version says whose answers these are, in Docker's form.
func (e *Engine) Version(context.Context) ([]byte, error) {
	type component struct{ Name, Version string }
	return json.MarshalIndent(struct {
		Version    string
		Components []component
	}{e.Containerd(), []component{{"containerd", e.Containerd()}}}, "", "  ")
}

// asked are the namespaces to ask.
func (e *Engine) asked(ctx context.Context) ([]string, error) {
	if len(e.namespaces) > 0 {
		return e.namespaces, nil
	}
	m, err := e.call(ctx, "default", "namespaces.v1.Namespaces/List", nil)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, n := range m.all(1) {
		if name := n.text(1); !slices.Contains(ofDocker, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// containers are all records, of every namespace that is asked.
func (e *Engine) containers(ctx context.Context) ([]container, error) {
	names, err := e.asked(ctx)
	if err != nil {
		return nil, err
	}
	var list []container
	for _, name := range names {
		m, err := e.call(ctx, name, "containers.v1.Containers/List", nil)
		if err != nil {
			return nil, err
		}
		for _, c := range m.all(1) {
			list = append(list, readContainer(name, c))
		}
	}
	return list, nil
}

// List answers as GET /containers/json does. Each container's task is asked for.
func (e *Engine) List(ctx context.Context, label string) ([]byte, error) {
	list, err := e.containers(ctx)
	if err != nil {
		return nil, err
	}
	rows := []docker.Row{}
	for _, c := range list {
		name, value, _ := strings.Cut(label, "=")
		if label != "" && c.labels[name] != value {
			continue
		}
		row := c.row()
		if t, err := e.task(ctx, c); err == nil {
			row.State, row.Status = t.state, t.state
		}
		rows = append(rows, row)
	}
	return json.Marshal(rows)
}

// find resolves a reference as Docker does: whole id, name, unique id prefix.
func (e *Engine) find(ctx context.Context, ref string) (container, error) {
	list, err := e.containers(ctx)
	if err != nil {
		return container{}, err
	}
	var exact, byPrefix []container
	for _, c := range list {
		switch {
		case c.id == ref || c.name() == ref:
			exact = append(exact, c)
		case strings.HasPrefix(c.id, ref):
			byPrefix = append(byPrefix, c)
		}
	}
	if len(exact) == 0 {
		exact = byPrefix
	}
	switch len(exact) {
	case 0:
		return container{}, &docker.StatusError{Code: http.StatusNotFound, Message: "no such container: " + ref}
	case 1:
		return exact[0], nil
	}
	return container{}, &docker.StatusError{Code: http.StatusBadRequest, Message: fmt.Sprintf(
		"multiple IDs found of %q, in the namespaces %s and %s: CONTAINERD_NAMESPACE chooses one", ref,
		exact[0].namespace, exact[1].namespace)}
}

// Inspect answers as GET /containers/REF/json does.
func (e *Engine) Inspect(ctx context.Context, ref string) ([]byte, error) {
	c, err := e.find(ctx, ref)
	if err != nil {
		return nil, err
	}
	t, err := e.task(ctx, c)
	if err != nil {
		return nil, err
	}
	return json.Marshal(e.inspect(ctx, c, t))
}

// errNone is what containerd has no call for.
var errNone = &docker.StatusError{Code: http.StatusNotImplemented, Message: "containerd has no call for that"}

// The rest of docker.Engine.
func (e *Engine) Info(context.Context) ([]byte, error)                           { return nil, errNone }
func (e *Engine) Image(context.Context, string) ([]byte, error)                  { return nil, errNone }
func (e *Engine) Changes(context.Context, string) ([]byte, error)                { return nil, errNone }
func (e *Engine) PodmanRecord(context.Context, string) ([]byte, error)           { return nil, errNone }
func (e *Engine) Archive(context.Context, string, string) (io.ReadCloser, error) { return nil, errNone }
func (e *Engine) HasFile(context.Context, string, string) (bool, error)          { return false, errNone }
func (e *Engine) ExecStart(context.Context, string) (io.ReadCloser, error)       { return nil, errNone }
func (e *Engine) ExecInspect(context.Context, string) ([]byte, error)            { return nil, errNone }
func (e *Engine) Events(context.Context, time.Time, time.Time) (io.ReadCloser, error) {
	return nil, errNone
}
func (e *Engine) ExecCreate(context.Context, string, docker.ExecCommand) (string, error) {
	return "", errNone
}

// Close gives the connections back.
func (e *Engine) Close() { e.http.CloseIdleConnections() }
