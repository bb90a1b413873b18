package genlog

import (
	"fmt"
	"strings"
)

// event is one time that memory ran out, as a kernel of one era tells it.
type event struct {
	era               string // 4.19, 5.15, 6.12
	global            bool
	task, limit, leaf string // cgroups: the victim's, that of the limit, the invoker's last segment
	pid               int
	comm, adj         string
	used              int // kB
}

// dump writes a dump of an OOM kill, with what may follow: the other members of a
// group kill, kills whose own dumps the kernel leaves out.
func (g *generator) dump() {
	g.truth.Dumps++
	e := event{era: g.pick("4.19", "5.15", "6.12", "6.12", "5.15"), global: g.Intn(5) == 0}
	e.task, e.limit, e.leaf = g.cgroup()
	e.pid, e.comm, e.adj = g.pid(), g.comm(), g.pick("0", "-998", "968", "1000", "-997")
	e.used = (g.Intn(64) + 1) * 65536
	g.us += 900000
	g.header(e)
	if e.global {
		g.machineMemory()
	} else {
		g.groupMemory(e)
	}
	g.tasks(e)
	g.killed(e)
	if e.era == "6.12" && !e.global && g.Intn(3) == 0 {
		g.groupKill(e)
	}
	if g.Intn(2) == 0 {
		g.emit(6, "oom_reaper: reaped process %d (%s), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB", e.pid, e.comm)
	}
	if g.Intn(40) == 0 {
		g.burst(e)
	}
}

// cgroup makes the paths of a container of Docker, Kubernetes or podman.
func (g *generator) cgroup() (task, limit, leaf string) {
	id, class := g.hex(64), g.pick("burstable", "besteffort", "guaranteed")
	one := func(task, leaf string) (string, string, string) { return task, task, leaf }
	switch g.Intn(6) {
	case 0:
		return one("/docker/"+id, id)
	case 1:
		return one("/system.slice/docker-"+id+".scope", "docker-"+id+".scope")
	case 2:
		pod := "/kubepods/" + class + "/pod" + g.uuid("-")
		if g.Intn(2) == 0 {
			return pod + "/" + id, pod, id
		}
		return one(pod+"/"+id, id)
	case 3:
		pod := "/kubepods.slice/kubepods-" + class + ".slice/kubepods-" + class + "-pod" + g.uuid("_") + ".slice"
		leaf := g.pick("cri-containerd-", "crio-") + id + ".scope"
		if g.Intn(3) == 0 {
			return pod + "/" + leaf, pod, leaf
		}
		return one(pod+"/"+leaf, leaf)
	case 4:
		scope := "/machine.slice/libpod-" + id + ".scope"
		return scope + "/container", scope, "container"
	default:
		scope := "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope"
		return scope + "/container", scope, "user.slice"
	}
}

var frames = []string{
	"dump_stack_lvl", "dump_header", "oom_kill_process.cold", "out_of_memory", "mem_cgroup_out_of_memory",
	"try_charge_memcg", "charge_memcg",
	"__mem_cgroup_charge", "do_anonymous_page", "__handle_mm_fault", "handle_mm_fault", "do_user_addr_fault",
	"exc_page_fault", "asm_exc_page_fault",
}

func (g *generator) header(e event) {
	flags, nodes, user := "0xcc0(GFP_KERNEL)", "", ""
	if e.global {
		flags = "0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)"
	}
	if e.era == "4.19" {
		nodes = "nodemask=(null), "
	}
	if e.era == "6.12" {
		user = "UID: 1000 "
	}
	g.tight(4, "%s invoked oom-killer: gfp_mask=%s, %sorder=0, oom_score_adj=%s", g.comm(), flags, nodes, e.adj)
	if e.era == "4.19" {
		g.tight(6, "%s cpuset=%s mems_allowed=0", e.comm, e.leaf)
	}
	g.tight(4, "CPU: %d %sPID: %d Comm: %s Not tainted %s.0-generic #1 SMP", g.Intn(16), user, e.pid, e.comm, e.era)
	g.tight(4, "Hardware name: Amazon EC2 m6i.2xlarge/, BIOS 1.0 10/16/2017")
	g.tight(4, "Call Trace:")
	for _, f := range frames {
		g.tight(4, " %s+0x%x/0x%x", f, g.Intn(4096), g.Intn(8192)+4096)
	}
	g.tight(4, "RIP: 0033:0x%s", g.hex(12))
	g.tight(4, "%s", code)
	for _, register := range []string{"RSP: 002b:", "RAX: ", "RDX: ", "RBP: ", "R10: ", "R13: "} {
		g.tight(4, "%s%s RBX: %s RCX: %s", register, g.hex(16), g.hex(16), g.hex(16))
	}
}

// machineMemory is the block of a global dump.
func (g *generator) machineMemory() {
	g.tight(4, "Mem-Info:")
	g.tight(4, "active_anon:%d inactive_anon:%d isolated_anon:0\n active_file:%d inactive_file:%d isolated_file:0\n"+
		" unevictable:0 dirty:0 writeback:0\n slab_reclaimable:%d slab_unreclaimable:%d\n mapped:%d shmem:%d "+
		"pagetables:%d\n free:%d free_pcp:0 free_cma:0",
		g.Intn(9e6), g.Intn(9e6), g.Intn(900), g.Intn(900), g.Intn(9e5), g.Intn(9e5), g.Intn(9e4), g.Intn(9e4),
		g.Intn(9e4), g.Intn(9e4))
	g.tight(4, "Node 0 active_anon:%dkB inactive_anon:%dkB active_file:96kB inactive_file:0kB unevictable:0kB "+
		"mapped:%dkB dirty:0kB "+
		"writeback:0kB shmem:%dkB kernel_stack:%dkB pagetables:%dkB all_unreclaimable? yes",
		g.Intn(3e7), g.Intn(3e7), g.Intn(9e4), g.Intn(9e4), g.Intn(9e4), g.Intn(9e5))
	for _, zone := range []string{"DMA", "DMA32", "Normal"} {
		g.tight(4, "Node 0 %s free:%dkB boost:0kB min:%dkB low:%dkB high:%dkB reserved_highatomic:0KB "+
			"active_anon:%dkB inactive_anon:%dkB "+
			"active_file:0kB inactive_file:0kB unevictable:0kB present:%dkB managed:%dkB mlocked:0kB bounce:0kB "+
			"free_pcp:0kB free_cma:0kB",
			zone, g.Intn(9e4), g.Intn(9e4), g.Intn(9e4), g.Intn(9e4), g.Intn(3e7), g.Intn(3e7), g.Intn(3e7),
			g.Intn(3e7))
		g.tight(4, "lowmem_reserve[]: 0 2934 31611 31611 31611")
	}
	for _, text := range []string{
		"Node 0 DMA: 0*4kB 0*8kB 1*16kB (U) 1*32kB (U) 1*64kB (U) 1*128kB (U) 1*256kB (U) 1*512kB (U) 1*1024kB (U) " +
			"1*2048kB (M) 3*4096kB (M) = 15872kB",
		"Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB",
		"12345 total pagecache pages", "0 pages in swap cache",
		"Free swap  = 0kB", "Total swap = 0kB", "8290000 pages RAM", "0 pages HighMem/MovableOnly",
		"165000 pages reserved", "0 pages hwpoisoned",
	} {
		g.tight(4, "%s", text)
	}
}

var counters = strings.Fields("anon file kernel kernel_stack pagetables sec_pagetables percpu sock vmalloc shmem " +
	"zswap zswapped file_mapped " +
	"file_dirty file_writeback swapcached anon_thp file_thp shmem_thp inactive_anon active_anon inactive_file " +
	"active_file unevictable " +
	"slab_reclaimable slab_unreclaimable slab workingset_refault_anon workingset_refault_file " +
	"workingset_activate_anon " +
	"workingset_activate_file workingset_restore_anon workingset_restore_file workingset_nodereclaim pgscan pgsteal " +
	"pgscan_kswapd " +
	"pgscan_direct pgsteal_kswapd pgsteal_direct pgfault pgmajfault pgrefill pgactivate pgdeactivate pglazyfree " +
	"pglazyfreed thp_fault_alloc")

// groupMemory is the block of a control group: one record for all counters until
// 6.1, cut at the limit of printk, one for each from 6.8.
func (g *generator) groupMemory(e event) {
	if e.era == "4.19" {
		g.tight(6, "Task in %s killed as a result of limit of %s", e.task, e.limit)
	}
	g.tight(6, "memory: usage %dkB, limit %dkB, failcnt %d", e.used, e.used, g.Intn(99999))
	if e.era == "4.19" {
		g.tight(6, "memory+swap: usage %dkB, limit %dkB, failcnt 0", e.used, e.used)
		g.tight(6, "kmem: usage 8412kB, limit 9007199254740988kB, failcnt 0")
		g.tight(6, "Memory cgroup stats for %s: cache:0KB rss:%dKB rss_huge:0KB shmem:0KB mapped_file:0KB dirty:0KB "+
			"writeback:0KB swap:0KB "+
			"inactive_anon:0KB active_anon:%dKB inactive_file:0KB active_file:0KB unevictable:0KB", e.limit, e.used,
			e.used)
		return
	}
	g.tight(6, "swap: usage 0kB, limit 0kB, failcnt 0")
	g.tight(6, "Memory cgroup stats for %s:", e.limit)
	var all []string
	for _, name := range counters {
		all = append(all, fmt.Sprintf("%s %d", name, g.Int63n(1<<33)))
	}
	if e.era == "5.15" {
		text := strings.Join(all, "\n")
		g.tight(6, "%s", text[:min(len(text), 992)])
		return
	}
	for _, text := range all {
		g.tight(6, "%s", text)
	}
}

// tasks is the table of the processes that could have been taken.
func (g *generator) tasks(e event) {
	others := g.Intn(6) + 1
	if e.global {
		others = g.Intn(90) + 40
	}
	g.tight(6, "Tasks state (memory values in pages):")
	more := ""
	if e.era == "6.12" {
		more = " rss_anon rss_file rss_shmem"
	}
	g.tight(6, "[  pid  ]   uid  tgid total_vm      rss%s pgtables_bytes swapents oom_score_adj name", more)
	row := func(pid int, comm string) {
		if e.era == "6.12" {
			more = fmt.Sprintf(" %8d %8d %9d", g.Intn(9e5), g.Intn(900), 0)
		}
		g.tight(6, "[%7d] %5d %5d %8d %8d%s %8d %8d         %5s %s", pid, 1000, pid, g.Intn(9e6), g.Intn(9e5), more,
			g.Intn(9e6), 0, e.adj, comm)
	}
	for range others {
		row(g.pid(), g.comm())
	}
	row(e.pid, e.comm)
}

// killed names the victim, and its cgroup where the era does.
func (g *generator) killed(e event) {
	kill := Kill{PID: e.pid, Comm: e.comm, Task: e.task, Limit: e.limit, Global: e.global}
	scope := "Memory cgroup out of memory"
	if e.global {
		scope, kill.Limit = "Out of memory", ""
	}
	if e.era == "4.19" {
		if e.global {
			kill.Task = "" // not printed by those kernels
		}
		g.tight(3, "%s: Kill process %d (%s) score %d or sacrifice child", scope, e.pid, e.comm, g.Intn(2000))
		g.tight(3, "Killed process %d (%s) total-vm:%dkB, anon-rss:%dkB, file-rss:%dkB, shmem-rss:0kB", e.pid, e.comm,
			g.Intn(3e7), e.used, g.Intn(9000))
	} else {
		constraint, limit := "CONSTRAINT_MEMCG", "oom_memcg="+e.limit
		if e.global {
			constraint, limit = "CONSTRAINT_NONE", "global_oom"
		}
		g.tight(6, "oom-kill:constraint=%s,nodemask=(null),cpuset=%s,mems_allowed=0,%s,task_memcg=%s,task=%s,"+
			"pid=%d,uid=1000", constraint, e.leaf, limit, e.task, e.comm, e.pid)
		g.tight(3, "%s", g.killLine(scope, e.pid, e.comm, e.used, e.adj))
	}
	g.truth.KillList = append(g.truth.KillList, kill)
}

// killLine is that of 5.4 and later.
func (g *generator) killLine(scope string, pid int, comm string, kilobytes int, adj string) string {
	return fmt.Sprintf("%s: Killed process %d (%s) total-vm:%dkB, anon-rss:%dkB, file-rss:%dkB, shmem-rss:%dkB, "+
		"UID:1000 pgtables:%dkB oom_score_adj:%s",
		scope, pid, comm, g.Intn(3e7), kilobytes, g.Intn(9000), 0, g.Intn(9000), adj)
}

// groupKill is what memory.oom.group adds: the first victim again, and the others.
func (g *generator) groupKill(e event) {
	const scope = "Memory cgroup out of memory"
	g.tight(6, "Tasks in %s are going to be killed due to memory.oom.group set", e.limit)
	g.tight(3, "%s", g.killLine(scope, e.pid, e.comm, e.used, e.adj))
	for range g.Intn(5) + 1 {
		kill := Kill{PID: g.pid(), Comm: g.comm(), Task: e.task}
		g.tight(3, "%s", g.killLine(scope, kill.PID, kill.Comm, g.Intn(90000), e.adj))
		g.truth.KillList = append(g.truth.KillList, kill)
	}
}

// burst is what comes after more than ten dumps in five seconds: kills alone.
func (g *generator) burst(e event) {
	for range g.Intn(6) + 1 {
		kill := Kill{PID: g.pid(), Comm: g.comm()}
		g.emit(3, "%s", g.killLine("Memory cgroup out of memory", kill.PID, kill.Comm, g.Intn(90000), e.adj))
		g.truth.KillList = append(g.truth.KillList, kill)
	}
	g.emit(4, "oom_kill_process: 4 callbacks suppressed")
}
