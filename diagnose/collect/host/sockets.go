package host

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// tcpStates are the kernel's (include/net/tcp_states.h), as netstat names them.
var tcpStates = map[uint64]string{
	1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RECV", 4: "FIN_WAIT1", 5: "FIN_WAIT2", 6: "TIME_WAIT",
	7: "CLOSE", 8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING", 12: "NEW_SYN_RECV",
}

const (
	StateListen  = 10
	maxListeners = 200
	maxPeers     = 500
	maxSockets   = 200_000 // rows read of each table
)

// TCPRow is one row of /proc/PID/net/tcp or tcp6.
type TCPRow struct {
	Local, Remote netip.AddrPort
	queue         int // rx_queue: came and was not read; of a listener: not accepted
	Unacked       int // tx_queue
	State         uint64
	Inode         uint64 // 0 = no program has it: never accepted, or closed
}

// Unread is how many bytes came that the program has not read.
func (r TCPRow) Unread() int { return r.queue }

// StateName names a row's state as netstat does.
func (r TCPRow) StateName() string { return tcpStates[r.State] }

// sockets reads the container's network namespace through its first process. For a
// listening socket rx_queue is the accept queue. Connections to one of the
// listeners' own ports are counted under remote port 0: their remote ports are the
// clients' and mean nothing.
func (v *procView) sockets(init procfs.Proc, p *evidence.Process) {
	rows := append(ReadTCP(v.ProcPath("net/tcp")), ReadTCP(v.ProcPath("net/tcp6"))...)
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

// ReadTCP reads a table line by line; procfs's own reader is deprecated, keeps
// every row whole and fails on the first odd one.
func ReadTCP(path string) []TCPRow {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var rows []TCPRow
	scanner := bufio.NewScanner(f)
	for scanner.Scan() && len(rows) < maxSockets {
		if row, ok := parseTCP(scanner.Text()); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// parseTCP reads a row; the heading and odd rows are none:
//
//	sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//	 0: 00000000:1F90 00000000:0000 0A 00000000:00000011 00:00000000 00000000     0        0 5150 1 …
func parseTCP(line string) (TCPRow, bool) {
	fields := strings.Fields(line)
	if len(fields) < 10 {
		return TCPRow{}, false
	}
	local, okLocal := parseHexAddr(fields[1])
	remote, okRemote := parseHexAddr(fields[2])
	state, err := strconv.ParseUint(fields[3], 16, 8)
	tx, rx, okQueue := strings.Cut(fields[4], ":")
	queue, errQueue := strconv.ParseUint(rx, 16, 31)
	unacked, _ := strconv.ParseUint(tx, 16, 31)
	inode, errInode := strconv.ParseUint(fields[9], 10, 64)
	if !okLocal || !okRemote || !okQueue || err != nil || errQueue != nil || errInode != nil {
		return TCPRow{}, false
	}
	return TCPRow{Local: local, Remote: remote, State: state, queue: int(queue), Unacked: int(unacked), Inode: inode}, true
}

// parseHexAddr reads "0100007F:1F90", 127.0.0.1:8080 on a little-endian machine:
// the kernel prints each 32-bit word of the address as the CPU reads it.
func parseHexAddr(s string) (netip.AddrPort, bool) {
	words, portText, _ := strings.Cut(s, ":")
	port, err := strconv.ParseUint(portText, 16, 16)
	if err != nil || len(words)%8 != 0 {
		return netip.AddrPort{}, false
	}
	raw := make([]byte, 0, 16)
	for ; len(words) > 0; words = words[8:] {
		word, err := strconv.ParseUint(words[:8], 16, 32)
		if err != nil {
			return netip.AddrPort{}, false
		}
		raw = binary.NativeEndian.AppendUint32(raw, uint32(word))
	}
	addr, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr, uint16(port)), ok
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
