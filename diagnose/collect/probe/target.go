package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// Target is what is probed, and how it is reached.
type Target struct {
	URL     *url.URL
	Timeout time.Duration // hard end of one probe
	Header  http.Header   // of an HTTP request, beside or instead of our own; Host is the request's host
	// Dial opens connections; nil = from this machine's own network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Watch looks at the server's sockets shortly before a probe's deadline and
	// writes what it sees into the record; nil = they cannot be read from here. own
	// is the probe's end of its connection, not valid where there is none.
	Watch func(own netip.AddrPort, r *replay.Record)
}

// defaultPorts of the schemes that can be probed; 0 = must be given.
var defaultPorts = map[string]int{"http": 80, "https": 443, "tcp": 0, "grpc": 0, "redis": 6379, "amqp": 5672}

// maxURL bounds what is accepted as a URL.
const maxURL = 4096

// ParseURL reads a URL that can be probed and puts the default port in.
func ParseURL(text string) (*url.URL, error) {
	if len(text) > maxURL {
		return nil, errors.New("the URL is too long")
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("no URL: %w", errors.Unwrap(err))
	}
	u.Scheme = strings.ToLower(u.Scheme)
	port, known := defaultPorts[u.Scheme]
	switch {
	case !known:
		return nil, fmt.Errorf("cannot probe %q: want http, https, tcp, grpc, redis or amqp", u.Scheme+"://")
	case u.Hostname() == "":
		return nil, fmt.Errorf("the %s URL names no host", u.Scheme)
	case u.Port() == "" && port == 0:
		return nil, fmt.Errorf("%s:// needs a port: %s://%s:PORT", u.Scheme, u.Scheme, u.Host)
	case u.Port() == "":
		u.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(port))
	}
	if n, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || n == 0 {
		return nil, fmt.Errorf("no such port: %q", u.Port())
	}
	return u, nil
}

// New returns the probe for a target's scheme.
func New(t Target) (Func, error) {
	if t.Dial == nil {
		t.Dial = (&net.Dialer{}).DialContext
	}
	switch t.URL.Scheme {
	case "http", "https":
		return t.http, nil
	case "grpc":
		return t.grpc, nil
	case "tcp":
		return func(ctx context.Context) replay.Record { return t.talk(ctx, tcpOnly) }, nil
	case "redis":
		return func(ctx context.Context) replay.Record { return t.talk(ctx, redisPing) }, nil
	case "amqp":
		return func(ctx context.Context) replay.Record { return t.talk(ctx, amqpHello) }, nil
	}
	return nil, fmt.Errorf("cannot probe %q", t.URL.Scheme)
}
