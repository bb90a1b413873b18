package collect

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// relation is how another container has to do with the one that is looked at.
type relation int

// The relations, the closest first: of many, the first are described.
const (
	relationNone      relation = iota
	relationNamed              // a setting names it as a host, or a port that it publishes
	relationConnected          // there is a connection to it
	relationProject            // of the same compose project
	relationNetwork            // in a network that somebody made for them
)

// related are the other containers that have to do with this one, the closest first.
type related struct {
	own       docker.Row // the one that is looked at; empty = it was not listed
	rows      []docker.Row
	ofProject int
	remotes   []evidence.Remote // connections that it opened itself
	machine   []netip.Addr      // of this machine, where the container runs on it
	err       error
}

// ids are the ids of those that no project ties: their events are asked for by them.
func (r related) ids() map[string]bool {
	ids := map[string]bool{}
	for _, row := range r.rows {
		ids[row.ID] = true
	}
	return ids
}

// related works out, once, which containers these are. Compose is one way to start what belongs together; docker run
// with a network, an address or a published port is another.
func (s *session) related(ctx context.Context) related {
	return source.Await(ctx, s.relatedOnce, func(err error) related { return related{err: err} })
}

func (s *session) findRelated(ctx context.Context) related {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout/2)
	defer cancel()
	all, err := s.rows(ctx, "")
	if err != nil {
		return related{err: err}
	}
	own := slices.IndexFunc(all, func(r docker.Row) bool { return r.ID == s.container.ID })
	var networks []string
	found := related{remotes: s.remotes(ctx)}
	if own >= 0 {
		found.own, networks = all[own], all[own].OwnNetworks()
	}
	if len(found.remotes) > 0 {
		found.machine = ownAddresses()
	}
	relations := map[string]relation{}
	for _, r := range all {
		kind := s.relation(r, networks, found)
		if r.ID == s.container.ID || kind == relationNone {
			continue
		}
		if s.ofProject(r) {
			found.ofProject++
		}
		relations[r.ID] = kind
		found.rows = append(found.rows, r)
	}
	slices.SortStableFunc(found.rows, func(a, b docker.Row) int { return cmp.Compare(relations[a.ID], relations[b.ID]) })
	return found
}

func (s *session) ofProject(r docker.Row) bool {
	return s.container.Project != "" && r.Labels[docker.LabelProject] == s.container.Project
}

func (s *session) relation(r docker.Row, networks []string, found related) relation {
	shares := func(network string) bool { return slices.Contains(networks, network) }
	switch {
	case len(neighbourOf(r).NamedIn(s.container.Env)) > 0 && (s.ofProject(r) || slices.ContainsFunc(r.OwnNetworks(),
		shares)), len(publishedTo(s.container.Env, r)) > 0:
		return relationNamed
	case slices.ContainsFunc(found.remotes, func(p evidence.Remote) bool { return leadsTo(p, r, found.machine) }):
		return relationConnected
	case s.ofProject(r):
		return relationProject
	case slices.ContainsFunc(r.OwnNetworks(), shares):
		return relationNetwork
	}
	return relationNone
}

// remotes are the connections that the container opened itself; none where this is another machine.
func (s *session) remotes(ctx context.Context) []evidence.Remote {
	if !s.container.Running || s.container.PID <= 0 || !s.host(ctx).here || !s.processes().Alive() {
		return nil
	}
	return s.processes().Remotes()
}

// leadsTo tells whether a connection goes to a container: to its own address, or to a port of this machine that it
// publishes.
func leadsTo(p evidence.Remote, r docker.Row, machine []netip.Addr) bool {
	addr, err := netip.ParseAddr(p.Address)
	return err == nil && (slices.Contains(r.Addresses(), addr) || slices.Contains(machine, addr) && r.Publishes(p.Port))
}

// ownAddresses are this machine's; those of the bridges, which containers know it by, are among them.
func ownAddresses() []netip.Addr {
	list, _ := net.InterfaceAddrs()
	var own []netip.Addr
	for _, a := range list {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			own = append(own, prefix.Addr())
		}
	}
	return own
}

const (
	maxHosts     = 16 // of one setting, and of one container's connections
	maxVariables = 8  // that are told of one neighbour
)

// reachedAt lists the far ends of connections to this machine that lead into a container by a published port.
func (f related) reachedAt(r docker.Row) []string {
	var list []string
	for _, p := range f.remotes {
		addr, err := netip.ParseAddr(p.Address)
		if err == nil && slices.Contains(f.machine, addr) && r.Publishes(p.Port) && len(list) < maxHosts {
			list = append(list, netip.AddrPortFrom(addr, uint16(p.Port)).String())
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// onHost finds a port of the machine itself in a setting's value, by the usual names and addresses of it as containers
// see them: redis://host.docker.internal:6379/0, 172.17.0.1:6379.
var onHost = regexp.MustCompile(`(?:host\.docker\.internal|host\.containers\.internal|gateway\.docker\.internal|` +
	`172\.\d{1,3}\.0\.1):(\d{1,5})`)

// publishedTo lists the variables that name a port of the machine which leads into a container.
func publishedTo(env []string, r docker.Row) []string {
	var list []string
	for _, line := range env {
		name, value, _ := strings.Cut(line, "=")
		leads := func(m []string) bool {
			port, _ := strconv.Atoi(m[1])
			return r.Publishes(port)
		}
		if slices.ContainsFunc(onHost.FindAllStringSubmatch(value, maxHosts), leads) && len(list) < maxVariables {
			list = append(list, name)
		}
	}
	return list
}
