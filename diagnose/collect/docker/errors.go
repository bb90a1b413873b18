package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
)

// NotFoundError says that the engine has no such container. Near holds up to
// five names that look alike.
type NotFoundError struct {
	Ref       string
	Near      []string
	Ambiguous bool // several containers match the prefix; Near names them
	Endpoint  Endpoint
	Others    []string // other engines' sockets here
}

func (e *NotFoundError) Error() string {
	var text strings.Builder
	if e.Ambiguous {
		fmt.Fprintf(&text, "find container %q: several ids begin so at %s", e.Ref, e.Endpoint)
	} else {
		fmt.Fprintf(&text, "find container %q: no such container at %s", e.Ref, e.Endpoint)
	}
	switch {
	case len(e.Near) > 0:
		fmt.Fprintf(&text, "; did you mean %s?", quoted(e.Near))
	case len(e.Others) > 0:
	default:
		text.WriteString("; " + e.Endpoint.Lists())
	}
	text.WriteString(otherEngines(e.Others))
	return text.String()
}

// otherEngines says where else one may look.
func otherEngines(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "; other engines of this machine: --host " + strings.Join(list, ", --host ")
}

// UnreachableError says that no engine listens where we looked.
type UnreachableError struct {
	Endpoint Endpoint
	Err      error
	Others   []string // other engines' sockets here
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("reach engine at %s: %v; %s%s", e.Endpoint, e.Err, e.Helps(), otherEngines(e.Others))
}

// Helps says what to try: what ssh's failure asks for, or to start an engine of this machine, or another one.
func (e *UnreachableError) Helps() string {
	const another = "name another with --host or --context"
	var access *AccessError
	switch {
	case errors.As(e.Err, &access):
		return access.Do
	case e.Endpoint.Local && !errors.Is(e.Err, ErrNoEngine):
		return "start it (" + e.Endpoint.Start() + "), or " + another
	}
	return another
}

// AccessError says why there is no way to an engine, through ssh or TLS, and what helps.
type AccessError struct {
	What string
	Do   string
}

func (e *AccessError) Error() string { return e.What }

// Start is the command that starts the engine of an endpoint.
func (e Endpoint) Start() string {
	switch path := strings.TrimPrefix(e.Host, "unix://"); {
	case path == podmanSocket:
		return "sudo systemctl start podman.socket"
	case strings.HasSuffix(path, "/podman/podman.sock"):
		return "systemctl --user start podman.socket"
	case strings.HasPrefix(path, "/run/user/"):
		return "systemctl --user start docker"
	}
	return "systemctl start docker"
}

// Lists says what lists the containers of the engine there, and other engines.
func (e Endpoint) Lists() string {
	switch {
	case strings.HasSuffix(e.Host, "/containerd.sock"):
		return "nerdctl ps -a, or ctr containers ls, lists those of one namespace, ctr namespaces ls the namespaces"
	case e.Podman, strings.HasSuffix(e.Host, "/podman.sock"):
		return "podman ps -a lists all containers, podman system connection list other engines"
	}
	return "docker ps -a lists all containers, docker context ls other engines"
}

// errGRPC is what a socket says that answers HTTP/1 with the frame by which HTTP/2 begins.
var errGRPC = errors.New("what listens there speaks gRPC, not an engine's API; containerd is known by its socket's " +
	"name, containerd.sock")

// speaksGRPC knows the error of net/http that read such a frame: a length of three bytes, SETTINGS (4), no flags.
func speaksGRPC(err error) bool {
	return strings.Contains(err.Error(), `malformed HTTP response "\x00\x00`)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// DeniedError says that the engine's socket is there and we may not use it.
type DeniedError struct {
	Endpoint Endpoint
	Err      error
	Others   []string // other engines' sockets here
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("reach engine at %s: %v; %s%s", e.Endpoint, e.Err, e.Opens(), otherEngines(e.Others))
}

// Opens says how one gets at the socket.
func (e *DeniedError) Opens() string {
	if strings.Contains(e.Endpoint.Host, "/podman/") {
		return "use sudo: that Podman is another user's"
	}
	return "use sudo, or add yourself to group docker (sudo usermod -aG docker $USER) and log in again"
}

func (e *DeniedError) Unwrap() error { return e.Err }

// StatusError is an answer of the engine other than 200.
type StatusError struct {
	Code    int
	Message string // the engine's own words, capped
	Foreign bool   // it was no engine's answer: a proxy's page, or another server's
}

func (e *StatusError) Error() string {
	if e.Foreign {
		return fmt.Sprintf("a proxy or another server answered in the engine's place: %d %s: %q", e.Code,
			http.StatusText(e.Code), e.Message)
	}
	return fmt.Sprintf("engine answered %d: %s", e.Code, e.Message)
}

// StatusCode returns the HTTP code that the engine refused with; 0 = it did not answer. What a stranger answered in its
// place tells nothing of a container: a 404 of a web server must not become "no such container".
func StatusCode(err error) int {
	var status *StatusError
	if errors.As(err, &status) && !status.Foreign {
		return status.Code
	}
	return 0
}

// Forbidden tells whether a call was refused for what it is, whoever it is about: by a proxy that lets only some
// through, by an authorization plugin, or by an engine that has it not.
func Forbidden(err error) bool {
	var status *StatusError
	if !errors.As(err, &status) {
		return false
	}
	switch status.Code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

// ErrMute is an engine that took connections and answered none of them.
var ErrMute = errors.New("the engine accepts connections and answers nothing")

// ErrNoEngine is a server that speaks HTTP and is no engine.
var ErrNoEngine = errors.New("what answers there is no Docker engine")

// TimedOut tells whether err is a deadline, ours or the network's.
func TimedOut(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, ErrMute) || (errors.As(err, &network) && network.Timeout())
}

// ConnectError sorts a failure to dial into the two that end a diagnosis.
func ConnectError(e Endpoint, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &DeniedError{Endpoint: e, Err: err}
	}
	return &UnreachableError{Endpoint: e, Err: err}
}

func quoted(list []string) string {
	q := make([]string, len(list))
	for i, s := range list {
		q[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(q, ", ")
}
