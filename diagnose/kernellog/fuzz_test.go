package kernellog

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// FuzzRead holds any input to what the package promises: no panic, bounded
// results, sound records, and the same result however the bytes arrive.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*v2.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		if text, err := os.ReadFile(path); err == nil && len(text) < 8000 {
			f.Add(text)
		}
	}
	for _, w := range wrappings {
		f.Add([]byte(w.head + invoked + "\n" + w.head + constraintOf(dockerA, dockerA, "x", 12) + "\n" + w.head + killed(12, "x") + "\n"))
	}
	f.Add([]byte(`{"_TRANSPORT":"kernel","_BOOT_ID":"a","MESSAGE":[75,105,108,108,101,100]}` + "\n"))
	f.Add([]byte("6,1,1,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)\n4,2,2,c;,cpuset=\n4,3,3,c;x\n4,4,4,c;,mems_allowed=0,oom_memcg=\n"))
	f.Add([]byte("[    1.000000] x[1]: segfault at 0 ip 0 sp 0 error 4\n[    1.000001]  in x[0+1000]\n[    1.000002] audit: type=1701 audit(1.000:1): pid=1 comm=00 sig=11\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		opts := Options{MaxRecords: 50}
		log, err := Read(bytes.NewReader(text), opts)
		if err != nil {
			t.Fatalf("a reader without errors gave %v", err)
		}
		if log.Bytes > int64(len(text))*2 || len(log.Kills)+len(log.Crashes)+len(log.Trouble) > opts.MaxRecords {
			t.Fatalf("%d bytes of %d, %d records", log.Bytes, len(text), len(log.Kills)+len(log.Crashes)+len(log.Trouble))
		}
		for _, k := range log.Kills {
			checkKill(t, k, log)
		}
		for _, c := range log.Crashes {
			if c.Kind == "" || c.Line < 1 || c.Line > log.Lines || len(c.Excerpt) > 3*maxExcerpt {
				t.Fatalf("crash %+v", c)
			}
		}
		again, err := Read(iotest.HalfReader(bytes.NewReader(text)), opts)
		if d := cmp.Diff(log, again); err != nil || d != "" {
			t.Fatalf("%v (-at once +by halves):\n%s", err, d)
		}
	})
}

func checkKill(t *testing.T, k Kill, log *Log) {
	t.Helper()
	if k.PID <= 0 || k.Line < 1 || k.Line > log.Lines || k.Scope == "" || k.Attribution == "" || len(k.Tasks) > maxTasks || len(k.Comm) > 4*commLen || len(k.Excerpt) > 3*maxExcerpt {
		t.Fatalf("kill %+v", k)
	}
	if known := k.Attribution != AttributionUnknown && k.Attribution != AttributionGuess; known != (k.TaskCgroup != "") {
		t.Fatalf("attribution %s with cgroup %q", k.Attribution, k.TaskCgroup)
	}
	if k.Attribution == AttributionUnknown && k.Container != nil {
		t.Fatalf("a container without attribution: %+v", k)
	}
}
