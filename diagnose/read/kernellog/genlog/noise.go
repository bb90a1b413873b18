package genlog

import (
	"fmt"
	"strings"
)

// noise writes a line that means nothing, and now and then one of a crash.
func (g *generator) noise() {
	switch kind := g.Intn(100); {
	case kind < 30:
		g.audit()
	case kind < 55:
		g.bridge()
	case kind < 80:
		g.firewall()
	case kind < 92:
		g.systemd()
	default:
		g.driver()
	}
	g.crash()
}

func (g *generator) audit() {
	kind := g.pick("1400", "1130", "1131", "1101", "1103", "1006", "1325", "1334")
	head := fmt.Sprintf("audit: type=%s audit(%d.%03d:%d): ", kind, boot.Unix()+g.us/1e6, g.Intn(1000), 1000+
		g.truth.Records)
	switch kind {
	case "1400":
		g.emit(5, `%sapparmor="STATUS" operation="profile_replace" info="same as current profile, skipping" `+
			`profile="unconfined" name="docker-default" pid=%d comm="apparmor_parser"`, head, g.Intn(90000)+300)
	case "1325":
		g.emit(5, `%stable=nat:%d family=2 entries=%d op=nft_register_rule pid=%d subj=unconfined comm="iptables"`,
			head, g.Intn(900), g.Intn(40), g.Intn(90000)+300)
	default:
		unit := g.pick(`run-docker-runtime\x2drunc-moby-`+g.hex(16)+"-runc.mount", "systemd-tmpfiles-clean",
			"logrotate", "docker")
		g.emit(5, `%spid=1 uid=0 auid=4294967295 ses=4294967295 subj=unconfined msg='unit=%s comm="systemd" `+
			`exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success'`, head, unit)
	}
}

func (g *generator) bridge() {
	veth, bridge := "veth"+g.hex(7), g.pick("docker0", "br-"+g.hex(12), "cni0")
	switch g.Intn(5) {
	case 0:
		g.emit(6, "%s: port %d(%s) entered %s state", bridge, g.Intn(40)+1, veth,
			g.pick("blocking", "disabled", "forwarding"))
	case 1:
		g.emit(6, "%s: entered promiscuous mode", veth)
	case 2:
		g.emit(6, "eth0: renamed from %s", veth)
	case 3:
		g.emit(6, "IPv6: ADDRCONF(NETDEV_CHANGE): %s: link becomes ready", veth)
	case 4:
		g.emit(6, "%s (unregistering): left allmulticast mode", veth)
	}
}

func (g *generator) firewall() {
	mac := func() string {
		return strings.Join([]string{g.hex(2), g.hex(2), g.hex(2), g.hex(2), g.hex(2), g.hex(2)}, ":")
	}
	ip := func() string { return fmt.Sprintf("10.%d.%d.%d", g.Intn(256), g.Intn(256), g.Intn(256)) }
	g.emit(4, "[UFW BLOCK] IN=eth0 OUT= MAC=%s:%s:08:00 SRC=%s DST=%s LEN=%d TOS=0x00 PREC=0x00 TTL=%d ID=%d "+
		"%sPROTO=TCP "+
		"SPT=%d DPT=%d WINDOW=%d RES=0x00 SYN URGP=0 ", mac(), mac(), ip(), ip(), g.Intn(1400)+40, g.Intn(200)+20,
		g.Intn(65000),
		g.pick("", "DF "), g.Intn(65000), g.Intn(65000), g.Intn(65000))
}

// systemd writes to /dev/kmsg itself, facility daemon.
func (g *generator) systemd() {
	switch g.Intn(3) {
	case 0:
		g.emit(30, "systemd[1]: Started %s.", g.pick("Daily apt download activities",
			fmt.Sprintf("Session %d of User root", g.Intn(9000)),
			"libcontainer container "+g.hex(64), "Docker Application Container Engine"))
	case 1:
		g.emit(30, "systemd[1]: docker-%s.scope: Deactivated successfully.", g.hex(64))
	default:
		g.emit(30, "systemd[1]: docker-%s.scope: Consumed %d.%03ds CPU time.", g.hex(64), g.Intn(900), g.Intn(1000))
	}
}

func (g *generator) driver() {
	g.emit(6, "%s", g.pick("overlayfs: idmapped layers are currently not supported",
		"TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:8080. Sending cookies.",
		"nf_conntrack: nf_conntrack: table full, dropping packet",
		"perf: interrupt took too long (3171 > 3128), lowering kernel.perf_event_max_sample_rate to 63000",
		"EXT4-fs (nvme1n1): mounted filesystem "+g.uuid("-")+" r/w with ordered data mode. Quota mode: none.",
		"device-mapper: uevent: version 1.0.3", "nvme nvme0: I/O 123 QID 4 timeout, completion polled",
		"cgroup: cgroup: disabling cgroup2 socket matching due to net_prio or net_cls activation"))
}

// crash now and then writes a fatal signal, or a refused fork.
func (g *generator) crash() {
	if g.Intn(9000) == 0 {
		g.truth.Segv++
		g.emit(6, "%s[%d]: segfault at %x ip 00007f%s sp 00007ff%s error %d in libc.so.6[%s,7f%s+156000] likely on "+
			"CPU %d (core %d, socket 0)",
			g.comm(), g.pid(), g.Intn(1<<20), g.hex(10), g.hex(9), 4+2*g.Intn(2), g.hex(6), g.hex(10), g.Intn(16),
			g.Intn(8))
		g.tight(6, "%s", code)
	}
	if g.Intn(20000) == 0 {
		g.truth.Traps++
		g.emit(6, "traps: %s[%d] %s ip:%s sp:7ff%s error:0 in app[%s,401000+8e000]", g.comm(), g.pid(),
			g.pick("general protection fault", "trap divide error", "trap invalid opcode", "trap int3"), g.hex(12),
			g.hex(9), g.hex(5))
	}
	if g.Intn(30000) == 0 {
		g.truth.Rejected++
		g.emit(6, "cgroup: fork rejected by pids controller in /docker/%s", g.hex(64))
	}
}

// code are the bytes around the instruction, which dumps of OOM kills print, too.
var code = "Code: " + strings.Repeat("48 8b ", 21) + "<0f> " + strings.TrimSpace(strings.Repeat("1f 44 ", 10))
