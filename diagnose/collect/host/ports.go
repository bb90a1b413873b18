package host

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

const (
	stateUnconnected = 7 // of a UDP socket that waits for whoever sends
	maxPortUses      = 100
	maxDescriptors   = 20_000 // of one process
)

// PortUses lists who listens in the network namespace of a process ("self" = ours), on the ports that wanted accepts.
// shut tells that sockets have an owner whose descriptors may not be read.
func (m Machine) PortUses(ctx context.Context, of string, wanted func(int) bool) (uses []evidence.PortUse, shut bool) {
	sockets := map[uint64]evidence.PortUse{}
	for _, row := range ReadSockets(filepath.Join(m.ProcRoot, of), "tcp", "udp") {
		waits := row.State == StateListen || row.Protocol == "udp" && row.State == stateUnconnected
		if port := int(row.Local.Port()); waits && wanted(port) && len(sockets) < maxPortUses {
			sockets[row.Inode] = evidence.PortUse{Port: port, Protocol: row.Protocol,
				Address: row.Local.Addr().Unmap().String()}
		}
	}
	if len(sockets) == 0 {
		return nil, false
	}
	owners, shut := m.socketOwners(ctx, sockets)
	for inode, use := range sockets {
		use.PID = owners[inode]
		if use.PID > 0 {
			use.Comm = m.Comm(use.PID)
		}
		uses = append(uses, use)
	}
	return uses, shut && len(owners) < len(sockets)
}

// socketOwners finds the processes with the lowest number that have the sockets open: a server's parent rather than its
// workers.
func (m Machine) socketOwners(ctx context.Context, sockets map[uint64]evidence.PortUse) (map[uint64]int, bool) {
	owners, shut := map[uint64]int{}, false
	for _, pid := range m.pids() {
		if ctx.Err() != nil || len(owners) == len(sockets) {
			break
		}
		inodes, err := m.socketsOf(pid)
		shut = shut || os.IsPermission(err)
		for _, inode := range inodes {
			if _, wanted := sockets[inode]; wanted && owners[inode] == 0 {
				owners[inode] = pid
			}
		}
	}
	return owners, shut
}

// pids lists the processes of this machine, the lowest number first.
func (m Machine) pids() []int {
	entries, _ := os.ReadDir(m.ProcRoot)
	var list []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && len(list) < maxHostProcesses {
			list = append(list, pid)
		}
	}
	slices.Sort(list)
	return list
}

// socketsOf lists the inodes of the sockets that a process has open.
func (m Machine) socketsOf(pid int) ([]uint64, error) {
	folder := filepath.Join(m.ProcRoot, strconv.Itoa(pid), "fd")
	dir, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(maxDescriptors)
	var list []uint64
	for _, name := range names {
		link, _ := os.Readlink(filepath.Join(folder, name))
		if inode, ok := SocketInode(link); ok {
			list = append(list, inode)
		}
	}
	return list, nil
}

// ProxyTarget is where a docker-proxy takes the connections of its port; "" = the process is none:
//
//	docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80
func (m Machine) ProxyTarget(pid int) string {
	args := strings.Split(m.ProcText(strconv.Itoa(pid)+"/cmdline"), "\x00")
	after := func(flag string) string {
		if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
			return args[i+1]
		}
		return ""
	}
	ip, port := after("-container-ip"), after("-container-port")
	if filepath.Base(args[0]) != "docker-proxy" || ip == "" || port == "" {
		return ""
	}
	return ip + ":" + port
}
