package kernellog

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/envelopetest"
)

// pastedLines are single lines of kernels, and what each says by itself, in the words of fieldWants.
var pastedLines = []struct{ want, line string }{
	{"kill group-limit unknown 143 node -", "Memory cgroup out of memory: Killed process 143 (node) total-vm:21564kB, " +
		"anon-rss:20352kB, file-rss:0kB, shmem-rss:584kB, UID:0 pgtables:76kB oom_score_adj:0"},
	{"kill host unknown 267303 python3 -", "Out of memory: Killed process 267303 (python3) total-vm:8217604kB, " +
		"anon-rss:7340032kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:14680kB oom_score_adj:0"},
	{"kill own-limit exact 100 java a6f3", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a6f3," +
		"mems_allowed=0,oom_memcg=/docker/" + idA + ",task_memcg=/docker/" + idA + ",task=java,pid=100,uid=0"},
	{"kill host exact 85 java a6f3", "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0," +
		"global_oom,task_memcg=/system.slice/docker-" + idA + ".scope,task=java,pid=85,uid=0"},
	{"trouble oom-victim-untold a6f3 -", "Task in /docker/" + idA + " killed as a result of limit of /docker/" + idA},
	{"crash segfault python3 12314", "python3[12314]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd28297cc8 error 4 in " +
		"libc.so.6[7ff1c7a95000+156000]"},
	{"crash segfault bug 1", "bug[1]: segfault at 0 ip 0000000000000000 sp 00007ffd28297cc8 error 14 likely on CPU 0 " +
		"(core 0, socket 0)"},
	{"crash general-protection node 83", "traps: node[83] general protection fault ip:7fa90 sp:7ffd1 error:0 in " +
		"libc.so.6[2650f,7fa9000+156000]"},
	{"crash trap node 85", "traps: node[85] trap invalid opcode ip:55e8 sp:7ffe error:0 in node[401000+8e000]"},
	{"trouble page-allocation a6f3 java", "java: page allocation failure: order:5, mode:0xcc0(GFP_KERNEL), " +
		"nodemask=(null),cpuset=docker-" + idA + ".scope,mems_allowed=0"},
	{"trouble fork-rejected a6f3 -", "cgroup: fork rejected by pids controller in /docker/" + idA},
	{"trouble hung-task - postgres", "INFO: task postgres:4711 blocked for more than 120 seconds."},
	{"trouble oops - -", "BUG: kernel NULL pointer dereference, address: 0000000000000008"},
	{"trouble panic - -", "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled"},
}

var pastedStamps = map[string]string{"bare": "", "dmesg": "[  123.456789] ", "dmesg -T": "[Fri Nov 20 09:23:11 2026] ",
	"syslog": "Nov 20 09:23:11 node-17 kernel: ", "journal": "2026-11-20T09:23:11+0000 node-17 kernel: ",
	"raw": "<4>[  123.456789] "}

// TestPastes: a single line of a kernel is read in whatever a person put around it.
func TestPastes(t *testing.T) {
	right, all := 0, 0
	for _, f := range envelopetest.Pastes() {
		for stamp, head := range pastedStamps {
			for _, p := range pastedLines {
				all++
				text := f.Frame([]envelopetest.Entry{{At: formBoot, Text: head + p.line}})
				log := read(t, string(text), Options{Zone: time.UTC, Near: formBoot.Add(48 * time.Hour)})
				if said, _, _ := saidBy(log); fmt.Sprint(said) != "["+p.want+"]" {
					t.Logf("%s in %q: %v, want %s of\n%s", stamp, f.Name, said, p.want, text)
					continue
				}
				right++
			}
		}
	}
	t.Logf("%d of %d", right, all)
	if 100*right < 97*all {
		t.Errorf("only %d of %d pasted lines were read right", right, all)
	}
}

// TestPastedDump: a whole dump is read in them, too.
func TestPastedDump(t *testing.T) {
	var dump []envelopetest.Entry
	for _, record := range dumpOf() {
		for line := range strings.SplitSeq(record, "\n") {
			dump = append(dump, envelopetest.Entry{At: formBoot, Text: "[  123.456789] " + line})
		}
	}
	for _, f := range envelopetest.Pastes() {
		switch f.Name {
		case "JSON string of a member", "HTML line break", "table, time": // one line is pasted so, not many
			continue
		}
		log := read(t, string(f.Frame(dump)), Options{Zone: time.UTC})
		if len(log.Kills) != 1 || log.Kills[0].PID != 12 || log.Kills[0].Container == nil || log.Kills[0].Memory == nil ||
			len(log.Kills[0].Tasks) != 1 || log.Kills[0].BootSeconds == nil {
			t.Errorf("in %q: %+v", f.Name, log.Kills)
		}
	}
}

// Prose that mentions a line is no kill and no crash, and it is said that there is such a line.
func TestPastedProse(t *testing.T) {
	for _, prose := range []string{
		"We get " + killed(12, "java") + " every night.",
		"Does `" + killed(12, "java") + "` mean that the limit is too low?",
		"the kernel says \"python3[12314]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd28297cc8 error 4\"",
		"look for ` invoked oom-killer: gfp_mask=` in dmesg",
	} {
		for _, f := range envelopetest.Pastes() {
			log := read(t, string(f.Frame([]envelopetest.Entry{{At: formBoot, Text: prose}})), Options{})
			if said, _, _ := saidBy(log); len(said) > 0 {
				t.Errorf("%q in %q: %v", prose, f.Name, said)
			}
			if !hasNote(log, NoteNotUnderstood) && !bytes.Contains([]byte(prose), []byte("look for")) {
				t.Errorf("%q in %q: nothing is said of it", prose, f.Name)
			}
		}
	}
}
