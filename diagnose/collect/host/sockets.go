package host

import (
	"cmp"
	"slices"

	"github.com/prometheus/procfs"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

const (
	maxListeners = 200
	maxPeers     = 500
)

// sockets reads the container's network namespace through its first process. For a
// listening socket rx_queue is the accept queue. Connections to one of the
// listeners' own ports are counted under remote port 0: their remote ports are the
// clients' and mean nothing.
func (v *procView) sockets(init procfs.Proc, p *evidence.Process) {
	rows := ReadSockets(v.ProcPath(""), "tcp")
	listening := map[uint16]bool{}
	for _, row := range rows {
		if row.State == StateListen {
			listening[row.Local.Port()] = true
			p.Listeners = append(p.Listeners, evidence.Listener{Address: row.Local.Addr().String(),
				Port: int(row.Local.Port()), Queue: row.queue})
		}
	}
	counts := map[evidence.Peer]int{}
	for _, row := range rows {
		if row.State == StateListen {
			continue
		}
		peer := evidence.Peer{Port: int(row.Remote.Port()), State: tcpStates[row.State]}
		if listening[row.Local.Port()] {
			peer.Port = 0
		}
		counts[peer]++
	}
	p.Listeners = topListeners(p.Listeners)
	p.Peers = topPeers(counts)
	p.Remotes = remotes(rows, listening)
	if stat, err := init.Netstat(); err == nil {
		p.Overflows, p.Drops = count(stat.ListenOverflows), count(stat.ListenDrops)
	}
}

func count(n *float64) *uint64 {
	if n == nil || *n < 0 {
		return nil
	}
	whole := uint64(*n)
	return &whole
}

// topListeners sorts by queue, longest first, and caps.
func topListeners(list []evidence.Listener) []evidence.Listener {
	slices.SortFunc(list, func(a, b evidence.Listener) int {
		return cmp.Or(cmp.Compare(b.Queue, a.Queue), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Address, b.Address))
	})
	return list[:min(len(list), maxListeners)]
}

// topPeers sorts by count, most first, and caps.
func topPeers(counts map[evidence.Peer]int) []evidence.Peer {
	list := make([]evidence.Peer, 0, len(counts))
	for peer, n := range counts {
		peer.Count = n
		list = append(list, peer)
	}
	slices.SortFunc(list, func(a, b evidence.Peer) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Port, b.Port), cmp.Compare(a.State, b.State))
	})
	return list[:min(len(list), maxPeers)]
}
