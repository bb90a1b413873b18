package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// vantage is a place from which a container's port can be asked, and what an
// answer there proves (docs/notes/HEALTH.md#http-from-where).
type vantage struct {
	name   string // namespace, address, published
	record string // the word of a replay.Replay
	proves string
	open   func(s *session, ctx context.Context, p configured, port int) (probe.Target, error)
}

var vantages = []vantage{
	{"namespace", "container-namespace", "how the service answers inside the container, without proxy or bridge; not " +
		"that it is reachable from outside", (*session).openNamespaceOf},
	{"address", "container-address", "how the service answers on the container's own address; one that listens on " +
		"127.0.0.1 only refuses here and works inside", (*session).openAddressOf},
	{"published", "published-port", "how the service answers through the published port; a connection alone proves " +
		"nothing there, because docker-proxy always accepts", (*session).openPublishedOf},
}

// replayHTTP asks one path of the container on a fixed schedule.
func (s *session) replayHTTP(ctx context.Context, p configured) source.Outcome {
	plan := s.Replay.withDefaults(networkCount, networkInterval, networkTimeout)
	port, err := s.portOf(ctx, p)
	if err != nil {
		return source.Failed(err)
	}
	target, v, err := s.vantageFor(ctx, p, port)
	if err != nil {
		return source.Failed(err)
	}
	target.Timeout = plan.Timeout
	if s.host(ctx).here {
		target.Watch = (&host.SocketWatch{Processes: s.processes(), Port: port}).Look
	}
	f, err := probe.New(target)
	if err != nil {
		return source.Failed(err)
	}
	r := replay.Replay{At: s.Now().UTC(), Kind: "http", URL: target.URL.String(), Vantage: v.record, Proves: v.proves,
		OverheadMs: []float64{}}
	s.run(ctx, plan, networkParallel, f, &r, func(context.Context) {})
	return probe.Outcome(r)
}

// vantageFor takes the first place that works, or the one that was asked for.
func (s *session) vantageFor(ctx context.Context, p configured, port int) (probe.Target, vantage, error) {
	var refused []error
	for _, v := range vantages {
		if s.Replay.From != "" && s.Replay.From != v.name {
			continue
		}
		t, err := v.open(s, ctx, p, port)
		if err == nil {
			return t, v, nil
		}
		refused = append(refused, fmt.Errorf("%s: %w", v.name, err))
	}
	return probe.Target{}, vantage{}, fmt.Errorf("port %d of the container cannot be reached from here: %w", port,
		joinedLine(refused))
}

func joinedLine(list []error) error {
	var words []string
	for _, err := range list {
		words = append(words, err.Error())
	}
	return errors.New(strings.Join(words, "; "))
}

// openNamespaceOf asks from within the container's network namespace.
func (s *session) openNamespaceOf(ctx context.Context, _ configured, port int) (probe.Target, error) {
	proof := s.host(ctx)
	if !proof.here || s.container.PID == 0 {
		return probe.Target{}, errors.New(proof.reason)
	}
	path := s.processes().ProcPath("ns/net")
	if err := probe.CanEnter(path); err != nil {
		if errors.Is(err, os.ErrPermission) {
			return probe.Target{}, errors.New("needs root (sudo)")
		}
		return probe.Target{}, err
	}
	return probe.Target{URL: s.Replay.address(s.boundTo(port), port), Dial: probe.InNamespace(path)}, nil
}

// boundTo is the address inside the container on which a port answers: loopback
// unless it listens elsewhere only.
func (s *session) boundTo(port int) string {
	address := ""
	for _, l := range s.listeners() {
		if int(l.Local.Port()) != port {
			continue
		}
		switch addr := l.Local.Addr().Unmap(); {
		case addr.Is4() && (addr.IsUnspecified() || addr.IsLoopback()), addr == netip.IPv6Unspecified():
			return "127.0.0.1"
		case addr.IsLoopback():
			address = "::1"
		default:
			address = addr.String()
		}
	}
	return cmp.Or(address, "127.0.0.1")
}

func (s *session) listeners() []host.TCPRow {
	rows := host.ReadSockets(s.processes().ProcPath(""), "tcp")
	return slices.DeleteFunc(rows, func(r host.TCPRow) bool { return r.State != host.StateListen })
}

// openAddressOf asks the container's address on a bridge of this machine.
func (s *session) openAddressOf(ctx context.Context, p configured, port int) (probe.Target, error) {
	if proof := s.host(ctx); !proof.here {
		return probe.Target{}, errors.New(proof.reason)
	}
	for _, name := range slices.Sorted(maps.Keys(p.NetworkSettings.Networks)) {
		network := p.NetworkSettings.Networks[name]
		if _, err := netip.ParseAddr(network.IPAddress); err == nil {
			return probe.Target{URL: s.Replay.address(network.IPAddress, port)}, nil
		}
	}
	return probe.Target{}, errors.New("the container has no address of its own")
}

// openPublishedOf asks the port that the engine publishes for it.
func (s *session) openPublishedOf(_ context.Context, p configured, port int) (probe.Target, error) {
	for _, binding := range p.NetworkSettings.Ports[strconv.Itoa(port)+"/tcp"] {
		outer, err := strconv.ParseUint(binding.HostPort, 10, 16)
		if err != nil || outer == 0 {
			continue
		}
		host := binding.HostIP
		if addr, err := netip.ParseAddr(host); err != nil || addr.IsUnspecified() {
			host = "127.0.0.1"
		}
		u := s.Replay.address(host, int(outer))
		if !s.endpoint.Local {
			engine, err := url.Parse(s.endpoint.Host)
			if err != nil || engine.Hostname() == "" {
				continue
			}
			u.Host = net.JoinHostPort(engine.Hostname(), binding.HostPort)
		}
		return probe.Target{URL: u}, nil
	}
	return probe.Target{}, errors.New("the port is not published")
}

// portOf is the port to ask: the one named, the check's own, or the only one that
// is open or exposed.
func (s *session) portOf(ctx context.Context, p configured) (int, error) {
	if s.Replay.Port > 0 {
		return s.Replay.Port, nil
	}
	if _, port := s.readCheck(p); port > 0 {
		return port, nil
	}
	var ports []int
	add := func(port int) {
		if !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	if s.host(ctx).here {
		for _, l := range s.listeners() {
			if l.Local.Addr() != dockerResolver {
				add(int(l.Local.Port()))
			}
		}
	}
	for name := range p.Config.ExposedPorts {
		number, protocol, _ := strings.Cut(name, "/")
		if port, err := strconv.ParseUint(number, 10, 16); err == nil && protocol != "udp" && len(ports) == 0 {
			add(int(port))
		}
	}
	slices.Sort(ports)
	if len(ports) == 1 {
		return ports[0], nil
	}
	return 0, &PortError{Open: ports}
}

// dockerResolver listens in every user-defined network.
var dockerResolver = netip.AddrFrom4([4]byte{127, 0, 0, 11})

// PortError says that the port to ask cannot be told.
type PortError struct{ Open []int }

func (e *PortError) Error() string {
	if len(e.Open) == 0 {
		return "which port to ask is not known: nothing listens in the container; name one with --port"
	}
	return fmt.Sprintf("which port to ask is not known: %v are open; name one with --port", e.Open)
}

// URLError says that a URL cannot be probed.
type URLError struct{ Err error }

func (e *URLError) Error() string { return e.Err.Error() }

func (e *URLError) Unwrap() error { return e.Err }
