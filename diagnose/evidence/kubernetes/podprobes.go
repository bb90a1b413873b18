package kubernetes

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// ProbesOf are the probes of a container, in the order in which they act: startup, liveness, readiness.
func (c *Container) ProbesOf() []check.PodProbe {
	var list []check.PodProbe
	if c == nil {
		return nil
	}
	for _, kind := range []string{check.Startup, check.Liveness, check.Readiness} {
		if p := c.probe(kind); p != nil {
			list = append(list, p.Of(kind, c))
		}
	}
	return list
}

// probe is a probe of the container by its kind; nil = it has none.
func (c *Container) probe(kind string) *Probe {
	switch kind {
	case check.Liveness:
		return c.LivenessProbe
	case check.Readiness:
		return c.ReadinessProbe
	case check.Startup:
		return c.StartupProbe
	}
	return nil
}

// Of is the probe in our own form, the API's defaults filled in. c tells the numbers of named ports; nil = it is not
// known.
func (p *Probe) Of(kind string, c *Container) check.PodProbe {
	q := check.PodProbe{Kind: kind, InitialDelay: seconds(positive(p.InitialDelaySeconds, 0)), Period: seconds(p.period()),
		Timeout: seconds(p.timeout()), Successes: positive(p.SuccessThreshold, 1), Failures: p.threshold()}
	if g := p.TerminationGracePeriodSeconds; g != nil && kind != check.Readiness {
		grace := seconds(int(min(max(*g, 0), math.MaxInt32)))
		q.Grace = &grace
	}
	var port any
	switch {
	case p.Exec != nil && len(p.Exec.Command) > 0:
		q.Action, q.Command = check.ActionExec, p.Exec.Command
	case p.HTTPGet != nil:
		q.Action, q.Host, q.Path, port = check.ActionHTTP, p.HTTPGet.Host, cmp.Or(p.HTTPGet.Path, "/"), p.HTTPGet.Port
		q.Scheme = strings.ToLower(cmp.Or(p.HTTPGet.Scheme, "http"))
		for _, h := range p.HTTPGet.HTTPHeaders {
			q.Headers = append(q.Headers, check.Header{Name: h.Name, Value: h.Value})
		}
	case p.TCPSocket != nil:
		q.Action, q.Host, port = check.ActionTCP, p.TCPSocket.Host, p.TCPSocket.Port
	case p.GRPC != nil:
		q.Action, q.Service, port = check.ActionGRPC, p.GRPC.Service, p.GRPC.Port
	}
	q.Port, q.PortName = c.port(port)
	return q
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// port reads a number, or the name of one of the container's ports; 0 = none has that name.
func (c *Container) port(v any) (number int, name string) {
	switch v := v.(type) {
	case float64:
		if v >= 1 && v <= math.MaxUint16 {
			return int(v), ""
		}
	case string:
		if c != nil {
			for _, p := range c.Ports {
				if p.Name == v {
					return p.ContainerPort, v
				}
			}
		}
		if n, err := strconv.ParseUint(v, 10, 16); err == nil { // as the kubelet takes it, too
			return int(n), ""
		}
		return 0, v
	}
	return 0, ""
}

// probes are those of the container with what is known of who asks them.
func (d *decoder) probes(lives []evidence.Life) *evidence.Probes {
	list := d.spec.ProbesOf()
	if len(list) == 0 {
		return nil
	}
	kind, _ := d.deciding(lives)
	p := &evidence.Probes{List: list, Deciding: kind, Runtime: d.runtime(), Held: d.held(list)}
	for _, port := range d.spec.Ports {
		p.Ports = append(p.Ports, port.ContainerPort)
	}
	return p
}

// runtime is what runs the container: the word before its id.
//
//	containerd://7185bf82264b…
func (d *decoder) runtime() string {
	if d.status == nil {
		return ""
	}
	for _, id := range []string{d.status.ContainerID, idOf(d.status.State.Terminated),
		idOf(d.status.LastState.Terminated)} {
		if name, _, ok := strings.Cut(id, "://"); ok {
			return short(name, 40)
		}
	}
	return ""
}

func idOf(t *Terminated) string {
	if t == nil {
		return ""
	}
	return t.ContainerID
}

// held is how far apart the timeouts of an exec probe were told, where that is more than period and timeout account
// for: the runtime waited for a child that held its output (docs/notes/KUBERNETES.md#2, liveness-exec-timeout).
func (d *decoder) held(list []check.PodProbe) time.Duration {
	longest := time.Duration(0)
	for _, q := range list {
		for _, f := range d.failures() {
			if q.Action != check.ActionExec || f.probe != q.Kind || f.result.Outcome != check.Timeout || f.times < 2 {
				continue
			}
			apart := f.last.Sub(f.first) / time.Duration(f.times-1)
			if apart > max(q.Period, q.Timeout)+q.Period+q.Timeout && apart <= q.Timeout+heldMost {
				longest = max(longest, apart.Round(time.Second))
			}
		}
	}
	return longest
}

// heldMost is how long the kubelet waits for the runtime beyond a probe's own time.
const heldMost = 2*time.Minute + slack
