package host

import (
	"bufio"
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// tcpStates are the kernel's (include/net/tcp_states.h), as netstat names them.
var tcpStates = map[uint64]string{
	1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RECV", 4: "FIN_WAIT1", 5: "FIN_WAIT2", 6: "TIME_WAIT",
	7: "CLOSE", 8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING", 12: "NEW_SYN_RECV",
}

const (
	stateSynSent = 2
	StateListen  = 10
	maxSockets   = 200_000 // rows read of each table
)

// TCPRow is one row of /proc/PID/net/tcp, tcp6, udp or udp6, which are alike.
type TCPRow struct {
	Protocol      string // tcp, udp
	Local, Remote netip.AddrPort
	queue         int // rx_queue: came and was not read; of a listener: not accepted
	Unacked       int // tx_queue
	State         uint64
	resent        uint64 // how often what is not acknowledged was sent again
	Inode         uint64 // 0 = no program has it: never accepted, or closed
}

// Unread is how many bytes came that the program has not read.
func (r TCPRow) Unread() int { return r.queue }

// StateName names a row's state as netstat does.
func (r TCPRow) StateName() string { return tcpStates[r.State] }

// Unanswered is for how many seconds at least an attempt to connect has had no answer; 0 = it is none. Its packet is
// sent again after 1 s, five times (net.ipv4.tcp_syn_linear_timeouts, kernel 6.5), then after 2, 4, 8 …; older kernels
// double the time from the first.
func (r TCPRow) Unanswered() float64 {
	const linear = 5
	if r.State != stateSynSent {
		return 0
	}
	doubled := min(max(r.resent, linear)-linear, 16)
	return float64(min(r.resent, linear) + 2<<doubled - 2)
}

// ReadSockets reads the tables of protocols ("tcp", "udp") in the network namespace of a process, of IPv4 and of IPv6.
// process is its folder in /proc.
func ReadSockets(process string, protocols ...string) []TCPRow {
	var rows []TCPRow
	for _, protocol := range protocols {
		for _, table := range []string{protocol, protocol + "6"} {
			for _, row := range readTable(filepath.Join(process, "net", table)) {
				row.Protocol = protocol
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// SocketInode tells which socket a link in /proc/PID/fd leads to; the same number stands in its table:
//
//	socket:[729081]
func SocketInode(link string) (uint64, bool) {
	digits, ok := strings.CutPrefix(link, "socket:[")
	inode, err := strconv.ParseUint(strings.TrimSuffix(digits, "]"), 10, 64)
	return inode, ok && err == nil
}

// Ends says both addresses, those of IPv4 in a table of IPv6 as such.
func (r TCPRow) Ends() (local, remote string) { return plain(r.Local), plain(r.Remote) }

func plain(a netip.AddrPort) string { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String() }

// UnreadByEnds tells by local and remote address what the owner of a connection has not read.
func UnreadByEnds(rows []TCPRow) map[[2]string]int {
	unread := map[[2]string]int{}
	for _, row := range rows {
		if row.State != StateListen {
			local, remote := row.Ends()
			unread[[2]string{local, remote}] = row.Unread()
		}
	}
	return unread
}

// readTable reads one line by line; procfs's own reader is deprecated, keeps
// every row whole and fails on the first odd one.
func readTable(path string) []TCPRow {
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
	resent, _ := strconv.ParseUint(fields[6], 16, 31)
	inode, errInode := strconv.ParseUint(fields[9], 10, 64)
	if !okLocal || !okRemote || !okQueue || err != nil || errQueue != nil || errInode != nil {
		return TCPRow{}, false
	}
	return TCPRow{Local: local, Remote: remote, State: state, queue: int(queue), Unacked: int(unacked), resent: resent,
		Inode: inode}, true
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
