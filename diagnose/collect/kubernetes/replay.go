package kubernetes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// Replay says how a probe of a pod is to be run by ourselves. It is the only thing here that pokes a pod instead of
// reading. Zero values are the defaults.
type Replay struct {
	Probe    string // liveness, readiness, startup; "" = the one that decides
	Path     string // ask this HTTP path instead; "" = the probe
	Port     int    // with Path; 0 = the probe's own, or the only one that the manifest names
	TLS      bool   // with Path: https
	Count    int
	Interval time.Duration
	Duration time.Duration
	Timeout  time.Duration // of one probe; 0 = its own
	Progress func(done, failed int)
}

// Defaults of a replay. Each probe goes through the API server, which is everybody's.
const (
	replayCount    = 10
	replayInterval = 200 * time.Millisecond
	execCount      = 5
	execParallel   = 4
	execInterval   = time.Second
	replayParallel = 8
)

// The smallest roles that let a probe be replayed.
var (
	podsProxy = role{"get of pods/proxy", "kubectl create role gwdoctor-probe -n %N --verb=get --resource=pods/proxy && " +
		"kubectl create rolebinding gwdoctor-probe -n %N --role=gwdoctor-probe --user=USER"}
	podsForward = role{"get and create of pods/portforward", "kubectl create role gwdoctor-forward -n %N --verb=get," +
		"create --resource=pods/portforward && kubectl create rolebinding gwdoctor-forward -n %N " +
		"--role=gwdoctor-forward --user=USER"}
	podsExec = role{"get and create of pods/exec, which lets its holder run commands in pods: weigh it",
		"kubectl create " +
			"role gwdoctor-exec -n %N --verb=get,create --resource=pods/exec && kubectl create rolebinding gwdoctor-exec " +
			"-n %N --role=gwdoctor-exec --user=USER"}
)

// Examine is Collect, and then runs a probe of the container. One that cannot be run, or may not, is a source of its
// own status; who interrupts it gets what was seen until then.
func (s *Session) Examine(ctx context.Context, t Target, r Replay) (*bundle.Bundle, error) {
	l := &look{Session: s, Target: t}
	b, err := l.collected(ctx)
	if err != nil {
		return nil, err
	}
	o := l.replay(ctx, r)
	o.Source.Name = fact.SourceReplay
	o.Store(b)
	return l.sealed(b), nil
}

// replaying is one replay under way.
type replaying struct {
	*look
	Replay
	asks   check.PodProbe
	record replay.Replay
}

func (l *look) replay(ctx context.Context, r Replay) source.Outcome {
	if l.pod == nil {
		return source.Absent("the pod is gone: nothing was replayed", "")
	}
	if l.pod.State(l.Run.Container) != fact.StateRunning {
		return source.Absent("the container is not running: nothing was replayed", "")
	}
	asks, err := l.asked(r)
	if err != nil {
		return source.Absent(err.Error(), "")
	}
	p := &replaying{look: l, Replay: r, asks: asks}
	p.Timeout = cmp.Or(r.Timeout, asks.Timeout, 5*time.Second)
	p.record = replay.Replay{At: l.Now().UTC(), Probe: asks.Kind, OverheadMs: []float64{}}
	switch asks.Action {
	case check.ActionHTTP:
		return p.http(ctx)
	case check.ActionTCP, check.ActionGRPC:
		return p.forwarded(ctx)
	case check.ActionExec:
		return p.exec(ctx)
	}
	return source.Absent("the "+asks.Kind+" probe is of a kind that gwdoctor does not know", "")
}

// asked is the probe to run: the one that was named, one for the path that was named, or the one that decides.
func (l *look) asked(r Replay) (check.PodProbe, error) {
	c := l.pod.Container(l.Run.Container)
	list := c.ProbesOf()
	if r.Path != "" {
		return l.path(c, list, r)
	}
	order := []string{check.Liveness, check.Readiness, check.Startup}
	if s := l.pod.ContainerStatus(l.Run.Container); s != nil && !s.Ready {
		order[0], order[1] = order[1], order[0]
	}
	if r.Probe != "" {
		order = []string{r.Probe}
	}
	for _, kind := range order {
		if i := slices.IndexFunc(list, func(q check.PodProbe) bool { return q.Kind == kind }); i >= 0 {
			return list[i], reachable(list[i])
		}
	}
	if r.Probe != "" {
		return check.PodProbe{}, fmt.Errorf("the container %s has no %s probe", l.Run.Container, r.Probe)
	}
	return check.PodProbe{}, fmt.Errorf("the container %s has no probe", l.Run.Container)
}

// reachable refuses what only the node can ask.
func reachable(q check.PodProbe) error {
	if q.Host != "" {
		return fmt.Errorf("the %s probe asks %q instead of the pod, as the node sees that: from elsewhere it cannot be asked",
			q.Kind, q.Host)
	}
	if q.Port == 0 && q.Action != check.ActionExec && q.Action != "" {
		return fmt.Errorf("the %s probe asks the port %q, and no port of the container has that name", q.Kind, q.PortName)
	}
	return nil
}

// path is a probe for a path that was named.
func (l *look) path(c *kubernetes.Container, list []check.PodProbe, r Replay) (check.PodProbe, error) {
	q := check.PodProbe{Action: check.ActionHTTP, Scheme: "http", Path: r.Path, Port: r.Port}
	if r.TLS {
		q.Scheme = "https"
	}
	for _, known := range list {
		if q.Port == 0 {
			q.Port = known.Port
		}
	}
	if c != nil && q.Port == 0 && len(c.Ports) == 1 {
		q.Port = c.Ports[0].ContainerPort
	}
	if q.Port == 0 {
		return q, errors.New("which port of the container is meant is not known: name it with --port")
	}
	return q, nil
}

// run makes the probes on schedule and keeps their records.
func (p *replaying) run(ctx context.Context, count, parallel int, interval time.Duration, f probe.Func) source.Outcome {
	plan := probe.Plan{Count: p.Count, Interval: cmp.Or(p.Interval, interval), Duration: p.Duration, Parallel: parallel,
		Progress: p.Progress}
	if plan.Count == 0 && plan.Duration == 0 {
		plan.Count = count
	}
	r := &p.record
	r.Probes, r.Skipped = probe.Run(ctx, plan, f)
	plan.Describe(r, p.Timeout)
	if ctx.Err() != nil && r.Ended == "" {
		r.Ended = "interrupted"
	}
	return probe.Outcome(*r)
}

// http asks through the API server, which asks the pod's address as the kubelet does. It keeps headers by which the
// request is meant for another host, or is allowed, to itself: those go through a forwarded port.
func (p *replaying) http(ctx context.Context) source.Outcome {
	special := slices.ContainsFunc(p.asks.Headers, func(h check.Header) bool {
		return strings.EqualFold(h.Name, "Host") || strings.EqualFold(h.Name, "Authorization")
	})
	allowed, err := p.may(ctx, ask{resource: "pods", subresource: "proxy", verb: "get"}, p.Found.Namespace)
	if special || err == nil && !allowed {
		o := p.forwarded(ctx)
		if o.Source.Status == fact.StatusDenied && !special {
			return p.refused(&StatusError{Code: http.StatusForbidden}, podsProxy)
		}
		return o
	}
	p.record.Kind, p.record.URL, p.record.Vantage = "http", p.url(), replay.VantageProxy
	p.record.Proves = "how the service answers at the pod's address, asked by the API server. The kubelet asks the same " +
		"from the pod's node: a NetworkPolicy, or the way between, may tell the two apart"
	return p.run(ctx, replayCount, replayParallel, replayInterval, p.proxied)
}

// url is what is asked, as a person writes it.
func (p *replaying) url() string {
	u := url.URL{Scheme: p.asks.Scheme, Host: net.JoinHostPort(p.host(), strconv.Itoa(p.asks.Port))}
	switch p.asks.Action {
	case check.ActionTCP:
		u.Scheme = "tcp"
	case check.ActionGRPC:
		u.Scheme, u.Path = "grpc", "/"+p.asks.Service
	case check.ActionHTTP:
		u.Path, u.RawQuery, _ = strings.Cut("/"+strings.TrimPrefix(p.asks.Path, "/"), "?")
	}
	return u.String()
}

func (p *replaying) host() string { return cmp.Or(p.pod.Status.PodIP, "localhost") }

// forwarded asks through a port that is forwarded into the pod's network.
func (p *replaying) forwarded(ctx context.Context) source.Outcome {
	conn, err := p.tried(ctx)
	if err != nil {
		return p.refused(err, podsForward)
	}
	conn.Close()
	address, err := probe.ParseURL(p.url())
	if err != nil {
		return source.Failed(err)
	}
	p.record.Kind, p.record.URL, p.record.Vantage = strings.TrimSuffix(address.Scheme, "s"), p.url(), replay.VantageForward
	p.record.Proves = "how the service answers at localhost, inside of the pod's network. The kubelet asks the pod's " +
		"address: a service that listens at 127.0.0.1 alone answers here and not there"
	target := probe.Target{URL: address, Timeout: p.Timeout, Header: http.Header{}, Dial: p.dial}
	for _, h := range p.asks.Headers {
		target.Header.Add(h.Name, h.Value)
	}
	f, err := probe.New(target)
	if err != nil {
		return source.Failed(err)
	}
	return p.run(ctx, replayCount, replayParallel, replayInterval, func(ctx context.Context) replay.Record {
		r := f(ctx)
		if p.asks.Action == check.ActionTCP && r.Fault == "" {
			r.TookMs = max(r.TookMs-probe.Millis(settled), 0)
		}
		return r
	})
}

// tried opens one forwarded port, to hear whether that is allowed.
func (p *replaying) tried(ctx context.Context) (*forwarded, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Session.Timeout)
	defer cancel()
	conn, err := p.forward(ctx, p.Found, p.asks.Port)
	return conn, p.explained(err)
}

// dial connects to the probe's port. Where a connection is all that is asked, it waits for a refusal.
func (p *replaying) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	conn, err := p.forward(ctx, p.Found, p.asks.Port)
	if err != nil {
		return nil, err
	}
	if p.asks.Action == check.ActionTCP {
		if err := conn.await(ctx); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}
