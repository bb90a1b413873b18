package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/moby/moby/client"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// Engine is what the collectors need of a Docker-compatible engine. Bodies are
// raw: the bundle keeps the engine's own words.
type Engine interface {
	Ping(ctx context.Context) error // also agrees on the API version
	// who listens on the unix socket; 0 = not in our pid namespace
	PeerPID(ctx context.Context) (int, error)
	Version(ctx context.Context) ([]byte, error)             // GET /version
	Info(ctx context.Context) ([]byte, error)                // GET /info
	List(ctx context.Context, label string) ([]byte, error)  // GET /containers/json?all=1; "" = every label
	Inspect(ctx context.Context, ref string) ([]byte, error) // GET /containers/REF/json
	Image(ctx context.Context, ref string) ([]byte, error)   // GET /images/REF/json
	Changes(ctx context.Context, id string) ([]byte, error)  // GET /containers/ID/changes
	// GET /containers/ID/archive: a tar of one path, of a stopped container too
	Archive(ctx context.Context, id, path string) (io.ReadCloser, error)
	// the ring up to now, one JSON object a line; of Podman, which forgets nothing, what came after since
	Events(ctx context.Context, since, now time.Time) (io.ReadCloser, error)
	Podman() string     // Podman's version, as the ping told; "" = another engine
	Containerd() string // containerd's version, where nothing else stands above it; "" = another engine
	// Podman's own inspect, with what Docker's form has no place for
	PodmanRecord(ctx context.Context, id string) ([]byte, error)
	Logs(ctx context.Context, id string, q LogQuery) (io.ReadCloser, error)
	HasFile(ctx context.Context, id, path string) (bool, error) // HEAD /containers/ID/archive
	ExecEngine
	Close()
}

// dockerEngine speaks HTTP over the SDK's dialer with the version that the SDK
// negotiated. It does not use the SDK's calls: their strict types refuse a whole
// body over one bad DNS entry, port or MAC address, and then the raw form is gone
// as well (measured with moby/moby/client v0.6.2).
type dockerEngine struct {
	sdk      *client.Client
	ssh      *children // connections through ssh; nil = the SDK dials
	local    bool      // at a socket of this machine
	http     *http.Client
	basePath string       // of tcp://host/path
	prefix   atomic.Value // string: "/v1.41"; "" until a version is agreed on
	pinned   bool         // the user said which
	anew     atomic.Bool  // agreed on for a second time
	podman   atomic.Value // string: of the header Libpod-Api-Version; "" = not Podman
	server   atomic.Value // string: the header Server of the first answer that had one; "" = none had
	skew     atomic.Int64 // engine's clock minus ours in ns, from the Date header
}

// Caps of what is read of an answer.
const (
	bodyBytes  = 16 << 20 // inspect, image, info, changes …; one above its cap cannot be parsed when cut, so it fails
	EventBytes = 32 << 20
	errorBytes = 4 << 10 // the text of a refusal
)

// New prepares a client; nothing is dialled yet. apiVersion
// (DOCKER_API_VERSION) pins the version, "" negotiates; limit is how long a call may
// take whose caller says no deadline, and how long any may take to begin its answer.
func New(t address, apiVersion string, limit time.Duration) (*dockerEngine, error) {
	ssh, err := throughSSH(t)
	if err != nil {
		return nil, err
	}
	opts := []client.Opt{client.WithAPIVersion(apiVersion)}
	if ssh == nil {
		opts = append(opts, client.WithHost(t.Host))
	}
	if t.tlsDir != "" && ssh == nil {
		c, err := readCertificates(t.tlsDir)
		if err != nil {
			return nil, err
		}
		opts = append(opts, client.WithTLSClientConfig(c.ca, c.cert, c.key))
	}
	sdk, err := client.New(opts...)
	if err != nil {
		return nil, err
	}
	e := &dockerEngine{sdk: sdk, ssh: ssh, local: t.Local}
	e.prefix.Store("")
	e.podman.Store("")
	e.server.Store("")
	if e.pinned = apiVersion != ""; e.pinned {
		e.prefix.Store("/v" + strings.TrimPrefix(sdk.ClientVersion(), "v"))
	}
	if u, err := client.ParseHostURL(t.Host); err == nil && ssh == nil {
		e.basePath = strings.TrimSuffix(u.Path, "/")
	}
	e.http = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &transport{limit: limit, base: source.StaysHTTP{Base: &http.Transport{
			DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return e.dial(ctx) },
			DisableCompression:     true, // a capped body must not grow behind the cap
			MaxResponseHeaderBytes: 1 << 20,
			MaxIdleConnsPerHost:    16,
			MaxConnsPerHost:        e.maxConns(),
			ReadBufferSize:         64 << 10,
			IdleConnTimeout:        30 * time.Second,
		}}},
	}
	return e, nil
}

// throughSSH makes the way to an engine behind ssh; nil for any other.
func throughSSH(t address) (*children, error) {
	if !t.ThroughSSH() {
		return nil, nil
	}
	h, err := parseSSH(t)
	if err != nil {
		return nil, err
	}
	return &children{command: h.command, why: h.why}, nil
}

// maxConns is how many connections may be open at once; 0 = any number. Each is a login, which costs the other side
// more than all calls through it: on two busy cores a diagnosis took 4 to 7 s with eight, 3.5 s with four. At ten
// logins that are not through yet, sshd begins to refuse (MaxStartups 10:30:100).
func (e *dockerEngine) maxConns() int {
	if e.ssh != nil {
		return 4
	}
	return 0
}

// dial opens a connection. The SDK's dialer heeds no context for tcp hosts, so it
// is waited for beside one.
func (e *dockerEngine) dial(ctx context.Context) (net.Conn, error) {
	if e.ssh != nil {
		return e.ssh.dial(ctx)
	}
	type result struct {
		conn net.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() {
		conn, err := e.sdk.Dialer()(ctx)
		done <- result{conn, err}
	}()
	select {
	case r := <-done:
		return r.conn, r.err
	case <-ctx.Done():
		go func() {
			if r := <-done; r.conn != nil {
				r.conn.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// Ping asks whether anybody answers and agrees on the API version, which GET /_ping
// names in a header. It dials a connection of its own first, because the error of a call
// hides whether the socket refused or forbade; ssh's does not.
func (e *dockerEngine) Ping(ctx context.Context) error {
	if e.ssh == nil {
		conn, err := e.dial(ctx)
		if err != nil {
			return accessError(err)
		}
		conn.Close()
	}
	resp, err := e.call(ctx, http.MethodGet, "/_ping", nil)
	switch {
	case err == nil:
	case ctx.Err() != nil || TimedOut(err):
		return fmt.Errorf("ping: %w", err)
	case speaksGRPC(err):
		return errGRPC
	case e.local:
		return nil // an error of another kind still proves a living engine
	default:
		return accessError(err) // what broke it may be the way there
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusBadRequest {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, errorBytes)) // what was read of it may tell
		if err := speaksTLS(text); err != nil {
			return err
		}
	}
	if strange(resp) {
		if err := e.known(ctx); err != nil {
			return err
		}
	}
	_, _ = io.CopyN(io.Discard, resp.Body, errorBytes) // a connection is used again once its answer was read
	if e.prefix.Load() == "" {                         // not pinned
		e.prefix.Store(prefixFor(resp.Header.Get("Api-Version")))
	}
	return nil
}

// strange tells whether a ping's answer is none that an engine gives: each names its API version or says OK, and none
// lacks the path. (A proxy that forbids the ping says 403.)
func strange(resp *http.Response) bool {
	if resp.Header.Get("Api-Version") != "" || resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNotFound {
		return false
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, errorBytes))
	return err == nil && string(bytes.TrimSpace(text)) != "OK"
}

// known fails where the version is not told either.
func (e *dockerEngine) known(ctx context.Context) error {
	_, err := e.Version(ctx)
	var status *StatusError
	if errors.As(err, &status) && status.Foreign || errors.Is(err, errNotUnderstood) {
		return fmt.Errorf("%w (GET /version: %w)", ErrNoEngine, err)
	}
	return nil
}

// prefixFor returns the beginning of the paths to use with an engine that speaks API
// versions up to the given one: the newest that both know. An engine below the SDK's
// minimum, and one that names no version, is asked without one, which gives its newest.
func prefixFor(version string) string {
	theirs, ok := minor(version)
	oldest, _ := minor(client.MinAPIVersion)
	newest, _ := minor(client.MaxAPIVersion)
	if !ok || theirs < oldest {
		return ""
	}
	return fmt.Sprintf("/v1.%d", min(theirs, newest))
}

// minor reads the 41 of "1.41".
func minor(version string) (int, bool) {
	text, ok := strings.CutPrefix(version, "1.")
	n, err := strconv.ParseUint(text, 10, 16)
	return int(n), ok && err == nil
}

func (e *dockerEngine) PeerPID(ctx context.Context) (int, error) {
	conn, err := e.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, errors.New("not a unix socket")
	}
	return SocketPeer(socket)
}

func (e *dockerEngine) Version(ctx context.Context) ([]byte, error) {
	return e.object(ctx, "/version", "Version", "ApiVersion")
}

func (e *dockerEngine) Info(ctx context.Context) ([]byte, error) {
	return e.object(ctx, "/info", "ID", "ServerVersion", "KernelVersion")
}

func (e *dockerEngine) List(ctx context.Context, label string) ([]byte, error) {
	query := url.Values{"all": {"1"}}
	if label != "" {
		filters, err := json.Marshal(map[string][]string{"label": {label}})
		if err != nil {
			return nil, err
		}
		query.Set("filters", string(filters))
	}
	raw, err := e.body(ctx, "/containers/json", query)
	if err != nil {
		return nil, err
	}
	return raw, array("/containers/json", raw, false)
}

func (e *dockerEngine) Inspect(ctx context.Context, ref string) ([]byte, error) {
	path := "/containers/" + url.PathEscape(ref) + "/json"
	raw, err := e.body(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	body, err := object(path, raw, "Id")
	if err == nil && !isOf(body, ref) {
		err = fmt.Errorf("get %s: the answer is of another container", path)
	}
	return raw, err
}

func (e *dockerEngine) Image(ctx context.Context, ref string) ([]byte, error) {
	return e.object(ctx, "/images/"+url.PathEscape(ref)+"/json", "Id")
}

func (e *dockerEngine) Changes(ctx context.Context, id string) ([]byte, error) {
	path := "/containers/" + url.PathEscape(id) + "/changes"
	raw, err := e.body(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	return raw, array(path, raw, true)
}

func (e *dockerEngine) Archive(ctx context.Context, id, path string) (io.ReadCloser, error) {
	return e.stream(ctx, "/containers/"+url.PathEscape(id)+"/archive", url.Values{"path": {path}})
}

// Events asks for the whole ring: since=0, because a missing since gives no past
// event at all (moby daemon/events loadBufferedEvents), until now in the engine's
// clock, because the stream stays open until then.
//
// Podman answers since and until with a part of its events or none (podman #10474; 4.3: 1 of 72), and since alone with
// all, if it is told not to go on.
func (e *dockerEngine) Events(ctx context.Context, since, now time.Time) (io.ReadCloser, error) {
	if e.Podman() != "" {
		from := "0"
		if !since.IsZero() {
			from = strconv.FormatInt(since.Unix(), 10)
		}
		return e.stream(ctx, "/events", url.Values{"since": {from}, "stream": {"false"}})
	}
	// Below 2 s the difference may be the Date header's own rounding.
	if skew := time.Duration(e.skew.Load()); skew.Abs() > 2*time.Second {
		now = now.Add(skew)
	}
	until := fmt.Sprintf("%d.%09d", now.Unix(), now.Nanosecond())
	return e.stream(ctx, "/events", url.Values{"since": {"0"}, "until": {until}})
}

func (e *dockerEngine) Containerd() string { return "" }

func (e *dockerEngine) Podman() string { return e.podman.Load().(string) }

// podmanAPI begins the paths of Podman's own API, of all versions from 4.0 on.
const podmanAPI = "/v4.0.0/libpod"

func (e *dockerEngine) PodmanRecord(ctx context.Context, id string) ([]byte, error) {
	return e.object(ctx, podmanAPI+"/containers/"+url.PathEscape(id)+"/json", "Id")
}

// LogQuery is which part of a log is wanted.
type LogQuery struct {
	Tail   int // newest pieces; 0 = all
	Follow bool
}

func (e *dockerEngine) Logs(ctx context.Context, id string, q LogQuery) (io.ReadCloser, error) {
	tail, follow := "all", "0"
	if q.Follow {
		ctx = following(ctx)
	}
	if q.Tail > 0 {
		tail = strconv.Itoa(q.Tail)
	}
	if q.Follow {
		follow = "1"
	}
	return e.stream(ctx, "/containers/"+url.PathEscape(id)+"/logs", url.Values{
		"stdout": {"1"}, "stderr": {"1"}, "timestamps": {"1"}, "follow": {follow}, "tail": {tail},
	})
}

func (e *dockerEngine) HasFile(ctx context.Context, id, path string) (bool, error) {
	resp, err := e.do(ctx, http.MethodHead, "/containers/"+url.PathEscape(id)+"/archive", url.Values{"path": {path}}, nil)
	if StatusCode(err) == http.StatusNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, resp.Close()
}

func (e *dockerEngine) ExecCreate(ctx context.Context, id string, command ExecCommand) (string, error) {
	raw, err := e.post(ctx, "/containers/"+url.PathEscape(id)+"/exec", command)
	if err != nil {
		return "", err
	}
	defer raw.Close()
	var created struct{ ID string }
	if err := json.NewDecoder(io.LimitReader(raw, errorBytes)).Decode(&created); err != nil {
		return "", fmt.Errorf("create exec: %w", err)
	}
	if created.ID == "" {
		return "", errors.New("create exec: the answer names none")
	}
	return created.ID, nil
}

// ExecStart gives the raw stream: without the Upgrade header the engine sends it as
// the answer's body, which ends with the process' output.
func (e *dockerEngine) ExecStart(ctx context.Context, exec string) (io.ReadCloser, error) {
	return e.post(ctx, "/exec/"+url.PathEscape(exec)+"/start", struct{ Detach, Tty bool }{})
}

func (e *dockerEngine) ExecInspect(ctx context.Context, exec string) ([]byte, error) {
	return e.object(ctx, "/exec/"+url.PathEscape(exec)+"/json", "Running", "ExitCode")
}

func (e *dockerEngine) Close() {
	e.http.CloseIdleConnections()
	e.sdk.Close()
	if e.ssh != nil {
		e.ssh.close()
	}
}

// ExecCommand is the body of POST /containers/ID/exec. What is left empty the
// engine takes from the container, as it does for its own health checks.
type ExecCommand struct {
	Cmd          []string
	User         string   `json:",omitempty"`
	WorkingDir   string   `json:",omitempty"`
	Env          []string `json:",omitempty"` // added to the container's own
	AttachStdout bool
	AttachStderr bool
}

// ExecEngine is what an engine offers for running a program in a container.
type ExecEngine interface {
	ExecCreate(ctx context.Context, id string, command ExecCommand) (string, error) // POST /containers/ID/exec
	// its output, framed; POST /exec/ID/start
	ExecStart(ctx context.Context, exec string) (io.ReadCloser, error)
	ExecInspect(ctx context.Context, exec string) ([]byte, error) // GET /exec/ID/json
}
