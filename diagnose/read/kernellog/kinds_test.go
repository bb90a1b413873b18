package kernellog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const nodeA = "a6f31c0e9d4b87256e0f1d3c5b7a998877665544332211ffeeddccbbaa001122"

// sizes are what follows the name on a kill line of 5.4 and later.
const sizes = " total-vm:36000kB, anon-rss:12000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:5kB oom_score_adj:0"

func killedIn(limit, task string) string {
	return "[  100.000001] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=" +
		limit + ",task_memcg=" + task +
		",task=java,pid=100,uid=0\n[  100.000101] Memory cgroup out of memory: Killed process 100 (java)" + sizes + "\n"
}

// TestKinds: what other words of kernels and of those who copy them say. A list that is
// nil means that nothing must be made of it.
func TestKinds(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		// whose limit
		"LXC 4": {killedIn("/lxc.payload.web1", "/lxc.payload.web1/system.slice/x.service"),
			[]string{"kill own-limit exact 100 java web1"}},
		"LXC with its namespace": {killedIn("/lxc/107", "/lxc/107/ns"),
			[]string{"kill own-limit exact 100 java 107"}},
		"nspawn": {killedIn("/machine.slice/systemd-nspawn@web.service",
			"/machine.slice/systemd-nspawn@web.service/payload/init.scope"),
			[]string{"kill own-limit exact 100 java web"}},
		"Nomad with a child": {killedIn("/nomad.slice/share.slice/1b2c.web.scope",
			"/nomad.slice/share.slice/1b2c.web.scope/workers"), []string{"kill own-limit exact 100 java 1b2c.web"}},
		"a unit with a child": {killedIn("/system.slice/postgresql.service",
			"/system.slice/postgresql.service/workers"), []string{"kill own-limit exact 100 java postgresql.service"}},
		"a slice around a unit": {killedIn("/system.slice", "/system.slice/postgresql.service"),
			[]string{"kill outer-limit exact 100 java postgresql.service"}},
		"another container of that host": {killedIn("/lxc/106", "/lxc/107/ns"),
			[]string{"kill outer-limit exact 100 java 107"}},
		// no kill
		"a program's words": {"Killed process 1234 (worker)\n", nil},
		"the same after a dump": {"[  100.000001] Out of memory: kill process 1234 (worker) score 9 or a " +
			"child\n[  100.000002] Killed process 1234 (worker)\n", []string{"kill host unknown 1234 worker -"}},
		"a name that is too long": {"Memory cgroup out of memory: Killed process 100 (a name of twenty by)" + sizes +
			"\n", []string{"note not-understood"}},
		"an unknown prefix": {"node-1;kern;Memory cgroup out of memory: Killed process 100 (java)" + sizes +
			"\n", []string{"note not-understood"}},
		"a kill 3 s after its dump": {"[  100.000001] Task in /docker/" + nodeA +
			" killed as a result of limit of /docker/" + nodeA + "\n[  103.100001] Killed process 100 (java)" + sizes +
			"\n", []string{"kill unknown unknown 100 java -", "trouble oom-victim-untold a6f3 -"}},
		"a kill of the machine": {"[  100.000001] Task in /docker/" + nodeA +
			" killed as a result of limit of /docker/" + nodeA +
			"\n[  100.000101] Out of memory: Killed process 100 (java)" + sizes + "\n",
			[]string{"kill host unknown 100 java -", "trouble oom-victim-untold a6f3 -"}},
		"nobody to kill": {"[  100.000001] java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, " +
			"oom_score_adj=0\n[  100.000101] Out of memory and no killable processes...\n",
			[]string{"trouble oom-no-victim - -"}},
		"a victim that was dying": {"[  100.000001] java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, " +
			"oom_score_adj=0\n[  100.000101] Memory cgroup out of memory: OOM victim 12 (x) is already exiting. " +
			"Skip killing the task\n", nil},
		// others that kill, and those who tell
		"Virtuozzo": {"[  100.000001] Out of memory in UB 107: OOM killed process 100 (java) score 0 " +
			"vm:36000kB, rss:12000kB, swap:0kB\n", []string{"kill own-limit exact 100 java 107"}},
		"systemd-oomd, kmsg": {"30,1,100000001,-;systemd-oomd[612]: Killed /system.slice/docker-" + nodeA +
			".scope due to memory pressure for /system.slice being 62.34% > 50.00% for > 20s with reclaim activity\n",
			[]string{"trouble oomd-kill a6f3 -"}},
		"systemd-oomd, dmesg": {"[  100.000001] systemd-oomd[612]: Killed /system.slice/docker-" + nodeA +
			".scope due to memory pressure for /system.slice being 62.34% > 50.00% for > 20s with reclaim activity\n",
			[]string{"trouble oomd-kill a6f3 -"}},
		"Talos with blanks": {"[  100.000001] [talos] Sending SIGKILL to cgroup {\"component\": " +
			"\"controller-runtime\", \"controller\": \"runtime.OOMController\", \"cgroup\": " +
			"\"/sys/fs/cgroup/kubepods/burstable/pod77f06c5c-4593-43e9-b970-987f6ecb825b\"}\n",
			[]string{"trouble oomd-kill pod77f0 -"}},
		"earlyoom 1.2": {"Nov 23 09:06:15 host earlyoom[612]: sending SIGTERM to process 7378 \"tail\": " +
			"badness 156, VmRSS 4962 MiB\n", []string{"trouble oomd-kill - tail"}},
		"earlyoom 0.12": {"Nov 23 09:06:15 host earlyoom[612]: Killing process 7378 tail\n",
			[]string{"trouble oomd-kill - tail"}},
		"Android's driver": {"[  100.000001] lowmemorykiller: Killing 'com.example.app' (1234) (tgid 1234), " +
			"adj 900,\n", []string{"trouble oomd-kill - com.example.app"}},
		"Android's lmkd": {"11-23 09:06:15.123   500   500 I lowmemorykiller: Kill 'com.example.app' " +
			"(1234), uid 10123, oom_score_adj 905 to free 12345kB rss\n",
			[]string{"trouble oomd-kill - com.example.app"}},
		"kubectl describe node": {"  Warning  OOMKilling  3m (x2 over 5m)  kernel-monitor  Memory cgroup out of " +
			"memory: Killed process 100 (java)" + sizes + "\n", []string{"kill group-limit unknown 100 java -"}},
		"kubectl get events": {"3m   Warning   SystemOOM   node/n1   System OOM encountered, victim process: " +
			"java, pid: 100\n", []string{"trouble unit-oom - java"}},
		"kubectl get pods": {"web-0   0/1   OOMKilled   3 (20s ago)   5m\n", []string{"trouble unit-oom - -"}},
		"an event's object": {"Event(v1.ObjectReference{Kind:\"Node\", Name:\"n1\"}): type: 'Warning' reason: " +
			"'SystemOOM' System OOM encountered, victim process: java, pid: 100\n", []string{"trouble unit-oom - java"}},
		"an event of node-problem-detector": {"{\"reason\":\"OOMKilling\",\"message\":\"Memory cgroup out of memory: " +
			"Killed process 100 (java)" + sizes + "\",\"type\":\"Warning\"}\n",
			[]string{"kill group-limit unknown 100 java -"}},
		"CgroupOOM": {"2m  Warning  CgroupOOM  node/n1  kernel-monitor  Memory cgroup out of memory: Killed process 100 " +
			"(java)" + sizes + "\n", []string{"kill group-limit unknown 100 java -"}},
		"kubectl describe pod": {"    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit " +
			"Code:    137\n", []string{"trouble unit-oom - -"}},
		"docker events": {"2026-11-23T09:06:15.100000000Z container oom " + nodeA + " (image=gw:1, name=gateway)\n" +
			"2026-11-23T09:06:15.300000000Z container die " + nodeA + " (exitCode=137, image=gw:1, name=gateway)\n",
			[]string{"trouble unit-oom a6f3 -"}},
		"docker events, of a stop": {"2026-11-23T09:06:15.300000000Z container die " + nodeA +
			" (exitCode=137, image=gw:1, name=gateway)\n", nil},
		"docker events, of a command": {"2026-11-23T09:06:15.300000000Z container exec_start: echo container oom " +
			nodeA + " (x) " + nodeA + " (image=gw:1, name=gateway)\n", nil},
		"words about a container": {"2026-11-23T09:06:15.300000000Z container oom killer off (again)\n", nil},
		"an inspect body":         {"            \"OOMKilled\": false,\n            \"Dead\": false,\n", nil},
		"the kubelet's log": {"E1123 09:06:15.123456     812 oom_watcher_linux.go:84] \"Got sys oom event\" " +
			"event=\"&{100 java 2026-11-23 09:06:15 +0000 UTC /kubepods/podx " +
			"/kubepods/burstable/pod77f06c5c-4593-43e9-b970-987f6ecb825b/" + nodeA + " CONSTRAINT_MEMCG}\"\n",
			[]string{"trouble unit-oom a6f3 java"}},
		"a core that was not kept": {"Nov 23 09:06:15 host systemd-coredump[9]: Process 12 (x) of user 0 terminated " +
			"abnormally without generating a coredump.\n", []string{"trouble coredump - x"}},
		"RLIMIT_CORE": {"Nov 23 09:06:15 host systemd-coredump[9]: Resource limits disable core " +
			"dumping for process 12 (x).\n", []string{"trouble coredump - x"}},
		// other trouble
		"vmalloc": {"[  100.000001] java: vmalloc error: size 4096, page order 0, failed to allocate pages, " +
			"mode:0xcc2(GFP_KERNEL|__GFP_HIGHMEM), nodemask=(null),cpuset=docker-" + nodeA + ".scope,mems_allowed=0\n",
			[]string{"trouble page-allocation a6f3 java"}},
		"SLUB": {"[  100.000001] java: page allocation failure: order:5, " +
			"mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null),cpuset=" + nodeA +
			",mems_allowed=0\n[  100.000021] SLUB: Unable to allocate memory on node -1, gfp=0xcc0(GFP_KERNEL)\n",
			[]string{"trouble page-allocation a6f3 java", "trouble page-allocation a6f3 java"}},
		"a BUG": {"[  100.000001] BUG: Bad page state in process java  pfn:1234\n", []string{"trouble oops - -"}},
		"an arm oops": {"[  100.000001] Unable to handle kernel NULL pointer dereference at virtual address " +
			"0000000000000008\n[  100.000011] Internal error: Oops: 96000004 [#1] SMP\n", []string{"trouble oops - -"}},
		"NFS": {"[  100.000001] nfs: server 10.0.0.9 not responding, still trying\n",
			[]string{"trouble network-filesystem - -"}},
		"CIFS": {"[  100.000001] CIFS: VFS: \\\\10.0.0.9 has not responded in 180 seconds. Reconnecting...\n",
			[]string{"trouble network-filesystem - -"}},
		// forged
		"a program that says kernel": {"Nov 23 09:06:15 host app[12]: kernel: Memory cgroup out of memory: Killed " +
			"process 100 (java)" + sizes + "\n", []string{"note foreign-facility"}},
	} {
		t.Run(name, func(t *testing.T) {
			log := read(t, test.text, Options{Zone: time.UTC, Near: formBoot})
			got, _, _ := saidBy(log)
			for _, n := range log.Notes {
				if n.Kind == NoteNotUnderstood || n.Kind == NoteForeignFacility {
					got = append(got, "note "+string(n.Kind))
				}
			}
			want := slices.Clone(test.want)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s(-want +got):\n%s", strings.TrimSpace(test.text), d)
			}
		})
	}
}
