package collect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectInside looks into the processes of a running container. It reads only.
func collectInside(ctx context.Context, s *session) source.Outcome {
	if s.NoInside {
		return source.Outcome{Source: bundle.Source{Status: fact.StatusNotAsked, Detail: "--no-inside"}}
	}
	if o, ok := s.notLive(ctx); ok {
		return o
	}
	look, cancel := context.WithTimeout(ctx, s.Timeout*3/4) // what was seen until then is better than nothing
	defer cancel()
	n := &neighbourhood{session: s, ctx: look, rows: map[string]map[[2]string]int{}}
	found, err := source.Await2(ctx, func() (*evidence.Inside, error) {
		return inside.Look(look, inside.Target{ProcRoot: s.ProcRoot, PIDs: s.processes().PIDs(look), Resolve: n.resolve,
			Now: s.Now, Census: s.Census, CgroupRoot: s.CgroupRoot})
	})
	if !s.processes().Alive() {
		return source.Absent("the container ended while it was looked into", "")
	}
	return insideOutcome(found, err, s.sudo())
}

// insideOutcome says what became of a look, and keeps it.
func insideOutcome(found *evidence.Inside, err error, sudo string) source.Outcome {
	var shut *inside.ShutError
	var o source.Outcome
	switch {
	case errors.As(err, &shut) && shut.Command == "sudo":
		o = source.Denied(shut.Reason, sudo)
	case errors.As(err, &shut):
		o = source.Denied(shut.Reason, shut.Command)
	case err != nil || found == nil:
		return source.Failed(cmp.Or(err, errors.New("nothing was seen")))
	case found.Cut:
		o = source.Truncated(insideDetail(found) + "; not all of it")
	default:
		o = source.Collected(insideDetail(found))
	}
	if found == nil {
		return o
	}
	data, err := json.Marshal(found)
	if err != nil {
		return source.Failed(err)
	}
	o.Source.From, o.Source.To = &found.At, &found.At
	return o.With(bundle.FileInside, append(data, '\n'))
}

func insideDetail(found *evidence.Inside) string {
	threads, tasks, pythons := 0, 0, 0
	for _, p := range found.Processes {
		threads += len(p.Threads)
		for _, t := range p.Tasks {
			tasks += t.Count
		}
		if p.Version != "" {
			pythons++
		}
	}
	return fmt.Sprintf("threads: %d, tasks: %d, processes: %d, of these Python: %d", threads, tasks,
		len(found.Processes), pythons)
}

// maxPeers bounds how many other containers are inspected for one look.
const maxPeers = 8

// neighbourhood finds out who is at the other end of a socket, among the engine's
// containers. The list is asked once; a container only if somebody waits for it.
type neighbourhood struct {
	*session
	ctx    context.Context
	listed bool
	byAddr map[netip.Addr]docker.Row
	rows   map[string]map[[2]string]int // of each container that was inspected, what it has not read
}

func (n *neighbourhood) resolve(p *evidence.Peering) {
	remote, err := netip.ParseAddrPort(p.Remote)
	if err != nil || remote.Addr().IsLoopback() || n.mute {
		return
	}
	if !n.listed { // a slow engine must not cost what was seen: without it an address stays one
		var cancel context.CancelFunc
		n.ctx, cancel = context.WithTimeout(n.ctx, n.Timeout/4)
		context.AfterFunc(n.ctx, cancel)
		n.list()
	}
	row, ok := n.byAddr[remote.Addr()]
	if !ok {
		return
	}
	p.Name, p.Condition = row.Name(), row.State
	unread, ok := n.rows[row.ID]
	if !ok && len(n.rows) < maxPeers {
		unread = n.unread(row.ID)
		n.rows[row.ID] = unread
	}
	if count, ok := unread[[2]string{p.Remote, p.Local}]; ok {
		p.PeerUnread = &count
	}
}

func (n *neighbourhood) list() {
	n.listed, n.byAddr = true, map[netip.Addr]docker.Row{}
	all, err := n.session.rows(n.ctx, "")
	if err != nil {
		return
	}
	for _, row := range all {
		for _, a := range row.Addresses() {
			n.byAddr[a] = row
		}
	}
}

// unread reads the sockets of another container's network.
func (n *neighbourhood) unread(id string) map[[2]string]int {
	raw, err := n.engine.Inspect(n.ctx, id)
	if err != nil {
		return nil
	}
	body, err := decode.ParseBody(raw)
	if err != nil || body.State.Pid <= 0 || !n.CgroupHolds(body.State.Pid, id) {
		return nil
	}
	return host.UnreadByEnds(host.ReadSockets(filepath.Join(n.ProcRoot, strconv.Itoa(body.State.Pid)), "tcp"))
}

// machineInside tells what it needs to look into a container's processes.
func machineInside(ctx context.Context, s *session) source.Outcome {
	return machineProcess(ctx, s)
}

// noProcess says that a process is not there, or that /proc hides those of others (mounted with hidepid).
func noProcess(opts Options, pid int) source.Outcome {
	if hides := opts.HidesProcesses(); hides != "" {
		return source.Denied(fmt.Sprintf("there is no process %d that may be seen: /proc is mounted with %s, which hides "+
			"those of other users", pid, hides), fmt.Sprintf("sudo gwdoctor inside --pid %d", pid))
	}
	return source.Failed(fmt.Errorf("there is no process %d on this machine, or in this pid namespace", pid))
}

// InsidePID looks into one process of this machine, without an engine.
func InsidePID(ctx context.Context, opts Options, pid int) *bundle.Bundle {
	opts = opts.withDefaults()
	b := bundle.New(opts.ToolVersion, bundle.Target{}, opts.Now())
	ctx, cancel := context.WithTimeout(ctx, opts.Timeout)
	defer cancel()
	if _, err := os.Stat(filepath.Join(opts.ProcRoot, strconv.Itoa(pid))); errors.Is(err, fs.ErrNotExist) {
		o := noProcess(opts, pid)
		o.Source.Name = fact.SourceInside
		o.Store(b)
		return b
	}
	look, stop := context.WithTimeout(ctx, opts.Timeout*3/4) // what was seen until then is better than nothing
	defer stop()
	found, err := source.Await2(ctx, func() (*evidence.Inside, error) {
		return inside.Look(look, inside.Target{ProcRoot: opts.ProcRoot, PIDs: []int{pid}, Now: opts.Now,
			Census: opts.Census, CgroupRoot: opts.CgroupRoot})
	})
	o := insideOutcome(found, err, fmt.Sprintf("sudo gwdoctor inside --pid %d", pid))
	o.Source.Name = fact.SourceInside
	o.Store(b)
	opts.redact(b)
	return b
}
