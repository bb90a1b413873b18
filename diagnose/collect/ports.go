package collect

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectPorts finds who has the ports of the host that the engine could not give to the container: whoever it is, a
// container of another project or of none, a program of the host, a docker-proxy that was left behind. A container that
// shares the host's network, or another container's, binds its ports itself; there every port is listed.
func collectPorts(ctx context.Context, s *session) source.Outcome {
	c := s.container
	shares := c.Network == "host" || strings.HasPrefix(c.Network, "container:")
	if c.Running || !(len(c.Ports) > 0 && c.Refused || shares && c.Failed) {
		return source.Outcome{Source: bundle.Source{Status: fact.StatusNotAsked}}
	}
	p := evidence.Ports{At: s.Now().UTC(), Uses: []evidence.PortUse{}}
	if !shares {
		p.Wanted = c.Ports
	}
	rows, err := s.rows(ctx, "")
	if err != nil {
		p.Unseen = "the engine's list of containers gave no answer"
	}
	if !shares {
		p.Uses = append(p.Uses, published(rows, p.Wanted)...)
	}
	p.Unseen = cmp.Or(s.portUses(ctx, &p, rows), p.Unseen)
	slices.SortFunc(p.Uses, func(a, b evidence.PortUse) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.PID, b.PID),
			cmp.Compare(a.Container, b.Container), cmp.Compare(a.Address, b.Address))
	})
	return portsOutcome(p, s.sudo())
}

func portsOutcome(p evidence.Ports, sudo string) source.Outcome {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return source.Failed(err)
	}
	o := source.Collected(fmt.Sprintf("users of these ports: %d", len(p.Uses)))
	if p.Unseen != "" {
		o = source.Truncated(o.Source.Detail + "; " + p.Unseen)
		o.Source.Command = sudo
	}
	o.Source.From, o.Source.To = &p.At, &p.At
	return o.With(bundle.FilePorts, append(data, '\n'))
}

// published lists the containers that the engine says have one of the ports.
func published(rows []docker.Row, wanted []int) []evidence.PortUse {
	var list []evidence.PortUse
	for _, r := range rows {
		for _, p := range r.Ports {
			use := evidence.PortUse{Port: p.PublicPort, Protocol: p.Type, Address: p.IP, Container: r.Name(),
				Project: r.Labels[docker.LabelProject]}
			if slices.Contains(wanted, p.PublicPort) && !slices.Contains(list, use) {
				list = append(list, use)
			}
		}
	}
	return list
}

// portUses adds what this machine's /proc shows, and says what it could not see.
func (s *session) portUses(ctx context.Context, p *evidence.Ports, rows []docker.Row) (unseen string) {
	proof := s.host(ctx)
	if !proof.here {
		return "programs of the engine's host cannot be seen from here: " + proof.reason
	}
	namespace, ok := s.networkOf(ctx, proof)
	if !ok {
		return "the container whose network it shares does not run"
	}
	wanted := func(port int) bool { return len(p.Wanted) == 0 || slices.Contains(p.Wanted, port) }
	uses, shut := s.PortUses(ctx, namespace, wanted)
	for _, use := range uses {
		s.attribute(&use, rows)
		if !hasUse(p.Uses, use) {
			p.Uses = append(p.Uses, use)
		}
	}
	if shut {
		return "which program has a socket of another user needs root"
	}
	return ""
}

// networkOf is a process in whose network namespace the ports are: the engine's, or that of the container which shares
// its network.
func (s *session) networkOf(ctx context.Context, proof hostProof) (pid string, ok bool) {
	if id, shared := strings.CutPrefix(s.container.Network, "container:"); shared && docker.ValidRef(id) {
		raw, err := s.engine.Inspect(ctx, id)
		if err != nil {
			return "", false
		}
		other, err := docker.ParseInspect(raw)
		return strconv.Itoa(other.PID), err == nil && s.CgroupHolds(other.PID, other.ID)
	}
	if proof.daemon > 0 {
		return strconv.Itoa(proof.daemon), true
	}
	return "self", true
}

// attribute finds the container that a process belongs to, or that docker-proxy works for.
func (s *session) attribute(use *evidence.PortUse, rows []docker.Row) {
	if use.PID == 0 {
		return
	}
	use.LeadsTo = s.ProxyTarget(use.PID)
	ip, _, _ := net.SplitHostPort(use.LeadsTo)
	cgroup := s.ProcText(strconv.Itoa(use.PID) + "/cgroup")
	for _, r := range rows {
		if strings.Contains(cgroup, r.ID) || ip != "" && slices.ContainsFunc(r.Addresses(),
			func(a netip.Addr) bool { return a.String() == ip }) {
			use.Container, use.Project = r.Name(), r.Labels[docker.LabelProject]
			return
		}
	}
}

// hasUse tells whether the engine named the container of a use already, or the use is on both address families.
func hasUse(list []evidence.PortUse, use evidence.PortUse) bool {
	return slices.ContainsFunc(list, func(u evidence.PortUse) bool {
		same := u.Port == use.Port && u.Protocol == use.Protocol
		return same && (use.Container != "" && u.Container == use.Container || use.PID > 0 && u.PID == use.PID)
	})
}
