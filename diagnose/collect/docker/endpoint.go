package docker

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
)

// Endpoint is where the engine was looked for, and why there. A wrong context is
// a usual reason for "no such container", so every message names both.
type Endpoint struct {
	Host  string // unix:///var/run/docker.sock, tcp://10.0.0.5:2376 …
	How   string // `--host`, `DOCKER_HOST`, `context "x" (--context)`, `default socket`
	Local bool   // a unix socket; says nothing yet about which kernel is behind it
	Usual bool   // nobody named it: a usual socket was taken
	// Podman tells that what answered there is Podman, whatever its socket is called.
	Podman bool
}

func (e Endpoint) String() string {
	if e.Host == "" {
		return e.How
	}
	return fmt.Sprintf("%s (%s)", e.Host, e.How)
}

// ThroughSSH tells whether ssh leads to the engine: each connection is a login, which takes its time.
func (e Endpoint) ThroughSSH() bool { return strings.HasPrefix(e.Host, sshScheme) }

// address is an endpoint with the certificates that open it.
type address struct {
	Endpoint
	tlsDir   string // holds ca.pem, cert.pem, key.pem; "" = no TLS
	podman   bool   // the place where it was named is Podman's
	identity string // the key file for ssh that Podman's connection names
}

// Where says which engine is meant, as the docker CLI's flags and environment do.
type Where struct {
	Host, Context string              // --host and --context; "" = not given
	Getenv        func(string) string // of DOCKER_HOST and the like
	Socket        string              // the default one; "" = /var/run/docker.sock
	Users         string              // where users' sockets lie: /run/user; "" = they are not looked for
}

// Resolve chooses the endpoint in the docker CLI's order (docker/cli
// resolveContextName): --context, --host, DOCKER_HOST, DOCKER_CONTEXT,
// currentContext of config.json, default socket; before the last one Podman's CONTAINER_HOST and CONTAINER_CONNECTION,
// after it the connection that `podman system connection` made the default, and the other usual sockets.
func Resolve(w Where) (address, error) {
	w.Socket = cmp.Or(w.Socket, "/var/run/docker.sock")
	configDir := w.Getenv("DOCKER_CONFIG")
	if configDir == "" {
		configDir = filepath.Join(w.Getenv("HOME"), ".docker")
	}
	current := currentContext(configDir)
	switch {
	case w.Context != "":
		return contextAddress(w, configDir, w.Context, "--context")
	case w.Host != "":
		return hostAddress(w, w.Host, "--host"), nil
	case w.Getenv("DOCKER_HOST") != "":
		return hostAddress(w, w.Getenv("DOCKER_HOST"), "DOCKER_HOST"), nil
	case w.Getenv("DOCKER_CONTEXT") != "":
		return contextAddress(w, configDir, w.Getenv("DOCKER_CONTEXT"), "DOCKER_CONTEXT")
	case current != "":
		return contextAddress(w, configDir, current, "currentContext in "+filepath.Join(configDir, "config.json"))
	case w.Getenv("CONTAINER_HOST") != "":
		return podmanAddress(w, w.Getenv("CONTAINER_HOST"), "CONTAINER_HOST", w.Getenv("CONTAINER_SSHKEY")), nil
	case w.Getenv("CONTAINER_CONNECTION") != "":
		return connectionAddress(w, w.Getenv("CONTAINER_CONNECTION"))
	}
	return defaultAddress(w), nil
}

// hostAddress is a host that the user named. As for the CLI, DOCKER_TLS_VERIFY
// turns TLS on and DOCKER_CERT_PATH says where the certificates are.
func hostAddress(w Where, host, how string) address {
	if strings.HasPrefix(host, "/") {
		host = "unix://" + host
	}
	t := address{Endpoint: Endpoint{Host: host, How: how, Local: strings.HasPrefix(host, "unix://")}}
	if !t.Local && w.Getenv("DOCKER_TLS_VERIFY") != "" {
		t.tlsDir = cmp.Or(w.Getenv("DOCKER_CERT_PATH"), filepath.Join(w.Getenv("HOME"), ".docker"))
	}
	return t
}

// podmanAddress is a host that Podman's own variables or files name.
func podmanAddress(w Where, host, how, identity string) address {
	t := hostAddress(w, host, how)
	t.podman, t.identity = true, identity
	return t
}

// currentContext reads config.json's currentContext:
//
//	{"auths": {…}, "currentContext": "staging"}
//
// A missing or broken file means the default, as for the CLI.
func currentContext(configDir string) string {
	data, err := host.ReadCapped(filepath.Join(configDir, "config.json"), 4<<20)
	if err != nil {
		return ""
	}
	var config struct{ CurrentContext string }
	if json.Unmarshal(data, &config) != nil || config.CurrentContext == "default" {
		return ""
	}
	return config.CurrentContext
}

// contextAddress reads contexts/meta/<sha256 of the name>/meta.json:
//
//	{"Name":"staging","Endpoints":{"docker":{"Host":"ssh://ops@staging","SkipTLSVerify":false}}}
func contextAddress(w Where, configDir, name, by string) (address, error) {
	how := fmt.Sprintf("context %q (%s)", name, by)
	if name == "default" { // the CLI's built-in one: the environment, then the socket
		if host := w.Getenv("DOCKER_HOST"); host != "" {
			return hostAddress(w, host, how+", DOCKER_HOST"), nil
		}
		t := defaultAddress(w)
		t.How = how + ", " + t.How
		return t, nil
	}
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	data, err := host.ReadCapped(filepath.Join(configDir, "contexts", "meta", id, "meta.json"), 4<<20)
	if err != nil {
		return address{}, &UnreachableError{Endpoint: Endpoint{How: how}, Err: unknownContext(configDir, err)}
	}
	var meta struct {
		Endpoints map[string]struct {
			Host          string
			SkipTLSVerify bool
		}
	}
	if err := json.Unmarshal(data, &meta); err != nil {
		return address{}, &UnreachableError{Endpoint: Endpoint{How: how},
			Err: fmt.Errorf("decode the context's meta.json: %w", err)}
	}
	docker := meta.Endpoints["docker"]
	if docker.Host == "" {
		return address{}, &UnreachableError{Endpoint: Endpoint{How: how}, Err: errors.New("the context names no docker host")}
	}
	t := address{Endpoint: Endpoint{Host: docker.Host, How: how, Local: strings.HasPrefix(docker.Host, "unix://")}}
	if docker.SkipTLSVerify && !t.Local {
		return address{}, &UnreachableError{Endpoint: t.Endpoint, Err: errors.New("the context does not check the server's " +
			"certificate (skip-tls-verify), which gwdoctor refuses")}
	}
	if dir := filepath.Join(configDir, "contexts", "tls", id, "docker"); host.IsDir(dir) {
		t.tlsDir = dir
	}
	return t, nil
}

// unknownContext explains a context that is not there, with those that are.
func unknownContext(configDir string, err error) error {
	if !os.IsNotExist(err) {
		return err
	}
	paths, _ := filepath.Glob(filepath.Join(configDir, "contexts", "meta", "*", "meta.json"))
	known := []string{"default"}
	for _, path := range paths[:min(len(paths), 20)] {
		var meta struct{ Name string }
		data, err := host.ReadCapped(path, 4<<20)
		if err == nil && json.Unmarshal(data, &meta) == nil && meta.Name != "" {
			known = append(known, meta.Name)
		}
	}
	sort.Strings(known)
	return fmt.Errorf("no such context; known are %s", quoted(known))
}

// defaultAddress is the default socket or, where that does not exist, the first
// other usual one that does (docs/notes/DOCKER.md#a8).
func defaultAddress(w Where) address {
	unix := func(path, how string) address {
		return address{Endpoint: Endpoint{Host: "unix://" + path, How: how, Local: true, Usual: true}}
	}
	if _, err := os.Stat(w.Socket); os.IsNotExist(err) {
		if known := podmanConnections(w); known.connections[known.standard].URI != "" {
			c := known.connections[known.standard]
			how := fmt.Sprintf("podman system connection %q; %s does not exist", known.standard, w.Socket)
			return podmanAddress(w, c.URI, how, c.Identity)
		}
		for _, path := range usualSockets(w.Getenv("HOME"), w.Getenv("XDG_RUNTIME_DIR")) {
			if isSocket(path) {
				return unix(path, "usual socket; "+w.Socket+" does not exist")
			}
		}
		if hosts := w.Containerds(); len(hosts) > 0 {
			return unix(strings.TrimPrefix(hosts[0], "unix://"), "containerd's socket; "+w.Socket+" does not exist")
		}
	}
	return unix(w.Socket, "default socket")
}

// Containerds are containerd's sockets on this machine, as hosts: the one that nerdctl and ctr are told, the usual one,
// and that of k3s.
func (w Where) Containerds() []string {
	var list []string
	for _, path := range []string{strings.TrimPrefix(w.Getenv("CONTAINERD_ADDRESS"), "unix://"),
		"/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock"} {
		if host := "unix://" + path; path != "" && isSocket(path) && !slices.Contains(list, host) {
			list = append(list, host)
		}
	}
	return list
}

func usualSockets(home, runtimeDir string) []string {
	var list []string
	if runtimeDir != "" {
		list = append(list, filepath.Join(runtimeDir, "docker.sock")) // rootless Docker
	}
	if home != "" {
		for _, path := range []string{
			".docker/run/docker.sock",     // Docker Desktop, macOS
			".docker/desktop/docker.sock", // Docker Desktop, Linux
			".colima/default/docker.sock",
			".rd/docker.sock",
			".orbstack/run/docker.sock",
		} {
			list = append(list, filepath.Join(home, path))
		}
	}
	list = append(list, podmanSocket)
	if runtimeDir != "" {
		list = append(list, filepath.Join(runtimeDir, "podman", "podman.sock"))
	}
	return list
}

// podmanSocket is rootful Podman's; a user's lies in the runtime folder.
const podmanSocket = "/run/podman/podman.sock"

func isSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeSocket != 0
}

// Others lists the sockets of other engines on this machine, as a host to name: a container that the one does not know
// may be another's. Root sees every user's.
func (w Where) Others(e Endpoint) []string {
	candidates := usualSockets(w.Getenv("HOME"), w.Getenv("XDG_RUNTIME_DIR"))
	if strings.Contains(e.Host, "/podman/") { // who named another socket knows Docker's
		candidates = append(candidates, cmp.Or(w.Socket, "/var/run/docker.sock"))
	}
	if w.Users != "" {
		for _, pattern := range []string{"*/podman/podman.sock", "*/docker.sock"} {
			found, _ := filepath.Glob(filepath.Join(w.Users, pattern))
			candidates = append(candidates, found...)
		}
	}
	var others []string
	for _, path := range candidates {
		address := "unix://" + path
		if isSocket(path) && !sameSocket(path, strings.TrimPrefix(e.Host, "unix://")) &&
			!slices.Contains(others, address) && len(others) < maxNear {
			others = append(others, address)
		}
	}
	return others
}

// sameSocket tells whether two paths lead to one socket: /var/run is a link to /run, and podman-docker links Docker's
// path to Podman's socket.
func sameSocket(a, b string) bool {
	infoA, err := os.Stat(a)
	if err != nil {
		return false
	}
	infoB, err := os.Stat(b)
	return err == nil && os.SameFile(infoA, infoB)
}
