// Package kernellog reads a Linux kernel log, in any form in which it is kept,
// and returns what it says about processes that died or stalled: OOM kills,
// fatal signals, and the trouble (pids limit, hung tasks, disk) around them.
//
// It reads, for example, the end of one out-of-memory dump of a 6.12 kernel as
// /dev/kmsg gives it:
//
//	4,372,3395628,-;node invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
//	6,401,3399384,-;memory: usage 20480kB, limit 20480kB, failcnt 23
//	6,467,3401301,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x1,mems_allowed=0,oom_memcg=/docker/x1,task_memcg=/docker/x1,task=node,pid=143,uid=0
//	3,468,3402253,-;Memory cgroup out of memory: Killed process 143 (node) total-vm:21564kB, anon-rss:20352kB, file-rss:0kB, shmem-rss:584kB, UID:0 pgtables:76kB oom_score_adj:0
//
// and the same lines behind dmesg's stamps, syslog's, RFC 5424's and journald's
// headers, in journald's JSON, in container log wrappers, coloured or bare.
// The lines are those of mm/oom_kill.c, mm/memcontrol.c, arch/*/mm/fault.c and
// kernel/auditsc.c; the form of a /dev/kmsg record is documented in the kernel's
// Documentation/ABI/testing/dev-kmsg, journald's fields in
// systemd.journal-fields(7). Vendor kernels backport, so a line is known by its
// shape and never by the version of the kernel.
//
// # What it promises
//
//   - A process that is killed is one kill, however often the log says so.
//   - Attribution is graded, and "unknown" is a grade. The kernel prints at most
//     ten dumps in five seconds but never limits the kill lines, so a kill without
//     a cgroup is normal; see [Attribution].
//   - What the log could not say is a [Note], never silence.
//   - Process names, cgroup names and file names are chosen by strangers. They
//     may hold any byte, are returned as they are and must be escaped at the sink.
//   - A line that a program wrote to the kernel log (any facility but kern) is
//     never evidence. Where the form shows no facility (plain dmesg) this cannot
//     be told.
//   - One pass, bounded memory, no error for odd lines: only the reader's own
//     error is returned. An error that says Timeout() is no end: it gives out what
//     was held back and reads on.
//
// Process ids and user ids are those of the host, not of the container.
package kernellog
