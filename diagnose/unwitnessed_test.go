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
