package kernellog

import (
	"bytes"
	"testing"
)

// FuzzJournal reads journald's JSON, one record a line: no panic, bounded records, and
// what a program can forge says nothing of the kernel.
func FuzzJournal(f *testing.F) {
	f.Add([]byte(journalLine(8162070, "Killed process 12 (x) total-vm:4kB, anon-rss:1kB, file-rss:0kB")))
	f.Add([]byte(journalLine(1,
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),task_memcg=/docker/a,task=x,pid=1,uid=0") +
		journalLine(2, "x[1]: segfault at 18 ip 0 sp 0 error 6 in x[0+1]")))
	f.Add([]byte(`{"_TRANSPORT":"kernel","_BOOT_ID":"a","MESSAGE":[75,105,108,108,101,100,32,112]}` + "\n"))
	f.Add([]byte(`{"_TRANSPORT":"stdout","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"Killed process 12 (x) total-vm:4kB"}` +
		"\n" + `{"MESSAGE":["a","b"],"PRIORITY":3}` + "\n"))
	f.Add([]byte(`{"__REALTIME_TIMESTAMP":"99999999999999999999","_SOURCE_MONOTONIC_TIMESTAMP":"-1","_TRANSPORT":"kernel","MESSAGE":null}` + "\n{\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		opts := Options{MaxRecords: 50}
		log, err := Read(bytes.NewReader(text), opts)
		if err != nil {
			t.Fatalf("a reader without errors gave %v", err)
		}
		if n := len(log.Kills) + len(log.Crashes) + len(log.Trouble); n > opts.MaxRecords {
			t.Fatalf("%d records", n)
		}
		for _, k := range log.Kills {
			checkKill(t, k, log)
		}
	})
}
