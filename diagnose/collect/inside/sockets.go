package inside

import (
	"net/netip"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
)

// Unread tells by local and remote address what the owner of a socket has not read.
func Unread(rows []host.TCPRow) map[[2]string]int {
	unread := map[[2]string]int{}
	for _, row := range rows {
		if row.State != host.StateListen {
			unread[[2]string{plain(row.Local), plain(row.Remote)}] = row.Unread()
		}
	}
	return unread
}

// plain says an address of IPv4 in tcp6's table as such.
func plain(a netip.AddrPort) string { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String() }
