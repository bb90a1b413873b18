package main

import (
	"path/filepath"
)

// kernelLogs are logs that real kernels printed.
var kernelLogs = filepath.Join("..", "..", "diagnose", "kernellog", "testdata")

// kernelSample is a ring with a kill in the container testID, 5 minutes before now
// (the boot was an hour before), and a crash.
const kernelSample = "6,900,3299000000,-;memory: usage 65536kB, limit 65536kB, failcnt 21\n" +
	"6,901,3299000001,-;Tasks state (memory values in pages):\n" +
	"6,902,3299000002,-;[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n" +
	"6,903,3299000003,-;[    158]     0   158   323422    16245   225280        0             0 python3\n" +
	"6,904,3299000004,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=" + testID + ",mems_allowed=0,oom_memcg=/docker/" + testID + ",task_memcg=/docker/" + testID + ",task=python3,pid=158,uid=0\n" +
	"3,905,3299000005,-;Memory cgroup out of memory: Killed process 158 (python3) total-vm:1293688kB, anon-rss:64896kB, file-rss:84kB, shmem-rss:0kB, UID:0 pgtables:220kB oom_score_adj:0\n" +
	"6,906,3300000000,-;python3[12314]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd28297cc8 error 4 in libc.so.6[167ad8,7ff1c7a95000+156000]\n"
