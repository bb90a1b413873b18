package diagnose

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestUnwitnessedKill: on cgroup v2 the engine may miss the kernel's kill, so that its silence proves no kill from
// outside where no kernel log of that moment was read; on version 1, and where the log is whole, it does.
func TestUnwitnessedKill(t *testing.T) {
	for _, tt := range []struct {
		cgroup  string
		log     bool
		endedBy fact.EndedBy
	}{
		{"1", false, fact.EndedByOutsideSignal},
		{"2", false, fact.EndedByUnknown},
		{"2", true, fact.EndedByOutsideSignal},
		{"", false, fact.EndedByOutsideSignal},
	} {
		b := bundleOf(t, readRecord(t, "host-kill9"), "final")
		if tt.cgroup != "" {
			b.Put(bundle.FileInfo, []byte(`{"CgroupVersion":"`+tt.cgroup+`"}`))
		}
		if tt.log {
			withKernelLog(t, b, caseOf(b).Life.End.Add(-time.Hour), "6,1,0,-;Linux version 6.18.0\n")
		}
		if d := caseOf(b).Death; d.EndedBy != tt.endedBy {
			t.Errorf("cgroup %q, log %v: ended by %s (%s), want %s", tt.cgroup, tt.log, d.EndedBy, d.Reason, tt.endedBy)
		}
	}
}

// TestKilledByADaemon: what systemd-oomd, earlyoom and their like wrote at the moment of the end is why it died; of
// another container, another command or another time it is not, and nobody is blamed.
func TestKilledByADaemon(t *testing.T) {
	id := caseOf(bundleOf(t, readRecord(t, "host-kill9"), "final")).Target.ID
	oomd := func(id string) string {
		return "systemd-oomd|Killed /system.slice/docker-" + id + ".scope due to memory pressure for /system.slice being " +
			"62.34% > 50.00% for > 20s with reclaim activity"
	}
	early := func(comm string) string {
		return `earlyoom|sending SIGKILL to process 7378 uid 1000 \"` + comm + `\": oom_score 156, VmRSS 4962 MiB`
	}
	comm := caseOf(bundleOf(t, readRecord(t, "host-kill9"), "final")).Spec.Command[0]
	for name, tt := range map[string]struct {
		line string
		late time.Duration // behind the end
		rule string        // "" = it stays a kill from outside
	}{
		"its group": {oomd(id), time.Second, "memory-daemon-kill"},
		"PID 1's word": {"systemd|docker-" + id + ".scope: systemd-oomd killed 4 process(es) in this unit.", 0,
			"memory-daemon-kill"},
		"its command":     {early(comm), -time.Second, "memory-daemon-kill"},
		"another's group": {oomd(strings.Repeat("ab", 32)), time.Second, ""},
		"another command": {early("java"), -time.Second, ""},
		"long before":     {oomd(id), -time.Minute, ""},
		"long after":      {oomd(id), time.Minute, ""},
	} {
		b := bundleOf(t, readRecord(t, "host-kill9"), "final")
		end := *caseOf(b).Life.End
		withKernelLog(t, b, end.Add(-time.Hour), "6,0,0,-;Linux version 6.18.0\n")
		program, message, _ := strings.Cut(tt.line, "|")
		unit := map[bool]string{true: "init.scope", false: program + ".service"}[program == "systemd"]
		b.Put(bundle.FileAround, fmt.Appendf(nil, `{"__REALTIME_TIMESTAMP":"%d","_TRANSPORT":"journal","_SYSTEMD_UNIT":"%s",`+
			`"_PID":"%d","SYSLOG_IDENTIFIER":"%s","_COMM":"%[4]s","MESSAGE":"%[5]s"}`+"\n", end.Add(tt.late).UnixMicro(), unit,
			map[bool]int{true: 1, false: 612}[program == "systemd"], program, message))
		d := Diagnose(b)
		if found := strings.Contains(marshal(t, d), `"memory-daemon-kill"`); found != (tt.rule != "") {
			t.Errorf("%s: found %v, verdict %s: %s", name, found, d.Verdict.Kind, d.Verdict.Summary)
		}
		want := fact.OOMKill
		if tt.rule == "" {
			want = ""
		}
		if d.Verdict.Cause != want || d.Death.EndedBy != fact.EndedByOutsideSignal {
			t.Errorf("%s: verdict %s %s, ended by %s", name, d.Verdict.Kind, d.Verdict.Summary, d.Death.EndedBy)
		}
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestMisdatedKill: a kernel log that names this very container at a time when nothing of it was left has a clock that
// is off. That is no proof of what ended it, and none against the OOM killer.
func TestMisdatedKill(t *testing.T) {
	for late, endedBy := range map[time.Duration]fact.EndedBy{
		time.Second:      fact.EndedByKernelOOM,
		time.Minute:      fact.EndedByUnknown,
		40 * time.Minute: fact.EndedByUnknown,
	} {
		b := bundleOf(t, readRecord(t, "host-kill9"), "final")
		c := caseOf(b)
		boot := c.Life.End.Add(-time.Hour)
		kill := fmt.Sprintf("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,"+
			"oom_memcg=/docker/%[1]s,task_memcg=/docker/%[1]s,task=python3,pid=77,uid=0", c.Target.ID)
		at := (time.Hour + late).Microseconds()
		withKernelLog(t, b, boot, fmt.Sprintf("6,1,0,-;Linux version 6.18.0\n6,2,%d,-;%s\n3,3,%d,-;Memory cgroup out of "+
			"memory: Killed process 77 (python3) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB "+
			"oom_score_adj:0\n", at, kill, at))
		d := caseOf(b).Death
		if d.EndedBy != endedBy {
			t.Errorf("%s late: ended by %s (%s), want %s", late, d.EndedBy, d.Reason, endedBy)
		}
		if endedBy == fact.EndedByUnknown && !strings.Contains(d.Reason, "clock is off") {
			t.Errorf("%s late: %s", late, d.Reason)
		}
	}
}

// withKernelLog puts a whole kernel log, of a machine booted at a time, into a bundle.
func withKernelLog(t *testing.T, b *bundle.Bundle, boot time.Time, text string) {
	t.Helper()
	to := boot.Add(3 * time.Hour)
	clock, err := json.Marshal(evidence.Clock{Boot: boot})
	if err != nil {
		t.Fatal(err)
	}
	b.Put(bundle.FileKmsg, []byte(text))
	b.Put(bundle.FileClock, clock)
	b.SetSource(bundle.Source{Name: fact.SourceKernelLog, Status: fact.StatusCollected, From: &boot, To: &to})
}
