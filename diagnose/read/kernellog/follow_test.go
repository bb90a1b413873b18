package kernellog

import (
	"io"
	"os"
	"strings"
	"testing"
)

// pausing gives its texts one after the other, with a pause (a read that timed out)
// after each.
type pausing struct {
	texts  []string
	paused bool
}

func (p *pausing) Read(b []byte) (int, error) {
	switch {
	case p.paused:
		p.paused = false
		return 0, os.ErrDeadlineExceeded
	case len(p.texts) == 0:
		return 0, io.EOF
	}
	n := copy(b, p.texts[0])
	if p.texts[0] = p.texts[0][n:]; p.texts[0] == "" {
		p.texts, p.paused = p.texts[1:], true
	}
	return n, nil
}

// TestPauseGivesOutTheKill: a follower must not hold a kill back until something
// else is logged; and a pause in the middle of a line or a dump breaks nothing.
func TestPauseGivesOutTheKill(t *testing.T) {
	constraint := "6,1,1000000,-;" + constraintOf(dockerA, dockerA, "x", 12) + "\n"
	kill := "3,2,1000001,-;" + killed(12, "x") + "\n"
	in := &pausing{texts: []string{constraint[:40], constraint[40:], kill, "6,9,99000000,-;later\n"}}
	s := NewScanner(in, Options{})
	var kills, lost int
	for s.Scan() {
		switch rec := s.Record(); {
		case rec.Kill != nil:
			kills++
			if rec.Kill.TaskCgroup != dockerA || len(in.texts) != 1 {
				t.Errorf("cgroup %q, with %d texts to come", rec.Kill.TaskCgroup, len(in.texts))
			}
			if got := s.Settled(); got != 2 {
				t.Errorf("settled at %d, want the kill's line", got)
			}
		case rec.Note != nil && rec.Note.Kind == NoteRecordsLost:
			lost += rec.Note.Count
		}
	}
	if kills != 1 || lost != 6 || s.Err() != nil || s.Settled() != 9 {
		t.Errorf("%d kills, %d records lost, settled at %d, %v", kills, lost, s.Settled(), s.Err())
	}
}

// TestGapSinceThePositionBefore: what was overwritten between two runs is lost.
func TestGapSinceThePositionBefore(t *testing.T) {
	after := int64(5)
	log, err := Read(strings.NewReader("6,9,99000000,-;later\n"), Options{After: &after})
	if err != nil || len(log.Notes) != 2 || log.Notes[1].Kind != NoteRecordsLost || log.Notes[1].Count != 3 {
		t.Errorf("%v, notes %+v", err, log.Notes)
	}
}

// TestCountersOfVersionOne: a 6.18 kernel's dump of a version 1 group, as it was
// printed here, with a child group's memory in the totals.
func TestCountersOfVersionOne(t *testing.T) {
	lines := []string{
		"memory: usage 65536kB, limit 65536kB, failcnt 0", "memory+swap: usage 65536kB, limit 65536kB, failcnt 0",
		"kmem: usage 548kB, limit 9007199254740988kB, failcnt 0",
		"Memory cgroup stats for " + dockerA + ":", "cache 24576", "rss 66547712", "rss_huge 0", "shmem 0",
		"pgpgin 17561", "hierarchical_memory_limit 67108864",
		"total_cache 28672", "total_rss 66551808", "total_shmem 4096", "Tasks state (memory values in pages):",
		constraintOf(dockerA, dockerA, "x", 12), killed(12, "x"),
	}
	log, err := Read(strings.NewReader("[  306.001018] "+strings.Join(lines, "\n[  306.001018] ")+"\n"), Options{})
	if err != nil || len(log.Kills) != 1 {
		t.Fatalf("%v, %d kills", err, len(log.Kills))
	}
	m := log.Kills[0].Memory
	if *m.Anon != 66551808 || *m.File != 28672 || *m.Shmem != 4096 || *m.Kernel != 548<<10 || *m.Usage != 64<<20 {
		t.Errorf("anon %d, file %d, shmem %d, kernel %d", *m.Anon, *m.File, *m.Shmem, *m.Kernel)
	}
}

// TestReportsInTheJournal: journald's own word tells who wrote a line, and nothing
// else does.
func TestReportsInTheJournal(t *testing.T) {
	const line = `{"MESSAGE":"Killed /docker/x due to memory pressure for /docker being 62.34% > 50.00% for > 20s with reclaim activity","_TRANSPORT":"journal",FIELDS}` + "\n"
	for fields, want := range map[string]int{
		`"_SYSTEMD_UNIT":"systemd-oomd.service"`:                            1,
		`"SYSLOG_IDENTIFIER":"systemd-oomd"`:                                0,
		`"_SYSTEMD_UNIT":"evil.service","SYSLOG_IDENTIFIER":"systemd-oomd"`: 0,
		// of PID 1 it is no known report
		`"_SYSTEMD_UNIT":"evil.service","_PID":"1"`:                                 0,
		`"nested":{"_SYSTEMD_UNIT":"systemd-oomd.service","}":"{"},"_PID":"4"`:      0,
		`"nested":{"a":{"b":"}"}},"_SYSTEMD_UNIT":"systemd-oomd.service"`:           1,
		`"_SYSTEMD_UNIT" : "systemd-oomd.service" , "list":["a]",1,"\"","]"]`:       1,
		`"quote":"\\\\\"_SYSTEMD_UNIT\":\"systemd-oomd.service\"","_PID":"systemd"`: 0,
	} {
		log, err := Read(strings.NewReader(strings.Replace(line, "FIELDS", fields, 1)), Options{})
		if err != nil || len(log.Trouble) != want {
			t.Errorf("%s: %d reports, want %d (%v)", fields, len(log.Trouble), want, err)
		}
	}
}

// TestMonitorsInTheJournal: a monitor is known by the name of its process, which
// journald asks the kernel for, not by the name it writes under.
func TestMonitorsInTheJournal(t *testing.T) {
	for field, want := range map[string]int{`"_COMM":"conmon"`: 1, `"SYSLOG_IDENTIFIER":"conmon"`: 0} {
		log := read(t, `{"MESSAGE":"conmon a6f31c0e9d4b87256e0f <ninfo>: OOM received","_TRANSPORT":"syslog",`+field+
			"}\n", Options{})
		if len(log.Trouble) != want {
			t.Errorf("%s: %d reports, want %d", field, len(log.Trouble), want)
		}
	}
}

// TestControlProtection: the line of a shadow stack's fault has no "traps: ".
func TestControlProtection(t *testing.T) {
	log, err := Read(strings.NewReader("[    5.000000] x[12] control protection ip:401a21 sp:7fff19eaf910 "+
		"ssp:7f0000000000 error:1(near ret) in x[401000+8e000]\n"), Options{})
	if err != nil || len(log.Crashes) != 1 || log.Crashes[0].Signal != "SIGSEGV" || log.Crashes[0].Object != "x" {
		t.Errorf("%v, %+v", err, log.Crashes)
	}
}

// TestReportsOfRuntimes: the forms of docs/notes/KERNEL-LOG.md#1.6, as syslog keeps them.
func TestReportsOfRuntimes(t *testing.T) {
	for line, want := range map[string]string{
		"conmon[77]: conmon a6f31c0e9d4b87256e0f <ninfo>: OOM event received":                                    "-",
		"conmon[77]: conmon a6f31c0e9d4b87256e0f <ninfo>: OOM received":                                          "-",
		"conmon[77]: conmon a6f31c0e9d4b87256e0f <ninfo>: container 12 exited with status 137":                   "",
		`containerd[5]: time="2026-11-20T09:23:11Z" level=info msg="TaskOOM event container_id:\"` + idA + `\""`: idA,
		`containerd[5]: level=info msg="TaskOOM event &TaskOOM{ContainerID:` + idA + `,XXX_unrecognized:[],}"`:   idA,
		`containerd[5]: level=info msg="TaskExit event container_id:\"` + idA + `\""`:                            "",
		"kubelet[9]: System OOM encountered, victim process: java, pid: 1":                                       "-",
		"evil[9]: System OOM encountered, victim process: java, pid: 1":                                          "",
	} {
		log, err := Read(strings.NewReader("Nov 20 09:23:11 host "+line+"\n"), Options{})
		got := ""
		if len(log.Trouble) == 1 {
			if got = "-"; log.Trouble[0].Container != nil {
				got = log.Trouble[0].Container.ID
			}
		}
		if err != nil || got != want {
			t.Errorf("%s: container %q, want %q", line, got, want)
		}
	}
}
