package kernellog_test

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// The end of a dump of a 6.12 kernel: the pod's limit was hit, not the container's.
const sample = `[ 5312.313456] memory: usage 24576kB, limit 24576kB, failcnt 21
[ 5312.314038] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=0b1c2d3e4f5061728394a5b6c7d8e9f00112233445566778899aabbccddeeff0,mems_allowed=0,oom_memcg=/kubepods/burstable/pod62015ce8-a46f-4b0e-a5a1-3082235c62dd,task_memcg=/kubepods/burstable/pod62015ce8-a46f-4b0e-a5a1-3082235c62dd/0b1c2d3e4f5061728394a5b6c7d8e9f00112233445566778899aabbccddeeff0,task=manager,pid=158,uid=0
[ 5312.314262] Memory cgroup out of memory: Killed process 158 (manager) total-vm:25660kB, anon-rss:24448kB, file-rss:0kB, shmem-rss:584kB, UID:0 pgtables:84kB oom_score_adj:0
[ 5320.100000] python3[12314]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd28297cc8 error 4 in libc.so.6[167ad8,7ff1c7a95000+156000]
`

func ExampleRead() {
	log, err := kernellog.Read(strings.NewReader(sample), kernellog.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, k := range log.Kills {
		fmt.Printf("%q (pid %d) in pod %s, container %.12s\n", k.Comm, k.PID, k.Container.PodUID, k.Container.ID)
		fmt.Printf("%s, known: %s, %d of %d bytes used\n", k.Scope, k.Attribution, *k.Memory.Usage, *k.Memory.Limit)
	}
	for _, c := range log.Crashes {
		fmt.Printf("%q: %s at %s in %s+%s\n", c.Comm, c.Signal, c.Address, c.Object, c.ObjectOffset)
	}
	// Output:
	// "manager" (pid 158) in pod 62015ce8-a46f-4b0e-a5a1-3082235c62dd, container 0b1c2d3e4f50
	// outer-limit, known: exact, 25165824 of 25165824 bytes used
	// "python3": SIGSEGV at 0x18 in libc.so.6+0x167ad8
}
