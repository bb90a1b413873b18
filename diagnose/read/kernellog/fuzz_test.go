package kernellog

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzScanner holds any input to what the package promises: no panic, bounded
// results, sound records, and the same result however the bytes arrive, and
// whether or not lines are skipped.
func FuzzScanner(f *testing.F) {
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
		f.Add([]byte(w.head + invoked + "\n" + w.head + constraintOf(dockerA, dockerA, "x", 12) + "\n" + w.head +
			killed(12, "x") + "\n"))
	}
	f.Add([]byte(`{"_TRANSPORT":"kernel","_BOOT_ID":"a","MESSAGE":[75,105,108,108,101,100]}` + "\n"))
	f.Add([]byte("6,1,1,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)\n4,2,2,c;,cpuset=\n4,3,3,c;x\n4," +
		"4,4,c;,mems_allowed=0,oom_memcg=\n"))
	f.Add([]byte("[    1.000000] x[1]: segfault at 0 ip 0 sp 0 error 4\n[    1.000001]  in x[0+1000]\n[    " +
		"1.000002] audit: type=1701 audit(1.000:1): pid=1 comm=00 sig=11\n"))
	f.Add([]byte(strings.Repeat(journalLine(8162070, "cni0: port 35(vethda7b7ee) entered forwarding state"), 3) +
		journalLine(8162071, "Killed process 12 (x) total-vm:4kB")))
	f.Fuzz(func(t *testing.T, text []byte) {
		opts := Options{MaxRecords: 50}
		log, err := Read(bytes.NewReader(text), opts)
		if err != nil {
			t.Fatalf("a reader without errors gave %v", err)
		}
		if log.Bytes > int64(len(text))*2 || len(log.Kills)+len(log.Crashes)+len(log.Trouble) > opts.MaxRecords {
			t.Fatalf("%d bytes of %d, %d records", log.Bytes, len(text), len(log.Kills)+len(log.Crashes)+
				len(log.Trouble))
		}
		for _, k := range log.Kills {
			checkKill(t, k, log)
		}
		for _, c := range log.Crashes {
			if c.Kind == "" || c.Line < 1 || c.Line > log.Lines || len(c.Excerpt) > 3*maxExcerpt {
				t.Fatalf("crash %+v", c)
			}
		}
		want := readEveryLine(t, text, opts)
		skipping := readFrom(t, bytes.NewReader(text), opts, false)
		inPieces := readFrom(t, &pieces{text, rand.New(rand.NewPCG(uint64(len(text)), 1))}, opts, false)
		if d := cmp.Diff(want, skipping) + cmp.Diff(want, inPieces); d != "" {
			t.Fatalf("(-every line +skipping):\n%s", d)
		}
	})
}

// FuzzCgroupPath: a path is a stranger's text of up to 4096 bytes.
func FuzzCgroupPath(f *testing.F) {
	for _, path := range []string{
		"/docker/" + idA, "/system.slice/docker-" + idA + ".scope", "/kubepods/burstable/pod" + podU + "/" + idB,
		"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod62015ce8_a46f_4b0e_a5a1_3082235c62dd.slice" +
			"/cri-containerd-" + idB + ".scope",
		"/machine.slice/libpod-" + idA + ".scope/container", "/machine.slice/machine-libpod_pod_" + idA +
			".slice/libpod-" + idB + ".scope",
		"/docker/" + idA + "/kubelet/kubepods/pod" + podU + "/" + idB, "/ecs/0123456789abcdef0123456789abcdef/" + idA,
		"/lxc/107/ns/system.slice/x.service",
		"/system.slice/system.slice:docker:z5o1dk3kl4l0cyw4xq0ti2zpu",
		"/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.kde.konsole-10418.scope/tab(2336326).scope",
		"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator", "/nomad.slice/share.slice/0f6b.web.scope",
		"", "/", "//", "/\xff/\x00",
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		c := ContainerFromCgroup(path)
		if c == nil {
			return
		}
		if c.ID == "" && c.Name == "" && c.PodUID == "" {
			t.Fatalf("a container without a name: %+v", c)
		}
		if len(c.OuterIDs) > maxSegments || c.ID != "" && !isContainerID(c.ID) && !isBuildKitID(c.ID) {
			t.Fatalf("id %q, %d outer ids", c.ID, len(c.OuterIDs))
		}
		for _, part := range append(c.OuterIDs, c.ID) {
			if !strings.Contains(path, part) {
				t.Fatalf("%q is not in the path", part)
			}
		}
	})
}

func checkKill(t *testing.T, k Kill, log *Log) {
	t.Helper()
	if k.PID <= 0 || k.Line < 1 || k.Line > log.Lines || k.Scope == "" || k.Attribution == "" ||
		len(k.Tasks) > maxTasks || len(k.Comm) > 4*commLen || len(k.Excerpt) > 3*maxExcerpt {
		t.Fatalf("kill %+v", k)
	}
	if known := k.Attribution != AttributionUnknown &&
		k.Attribution != AttributionGuess; known != (k.TaskCgroup != "") {
		t.Fatalf("attribution %s with cgroup %q", k.Attribution, k.TaskCgroup)
	}
	if k.Attribution == AttributionUnknown && k.Container != nil {
		t.Fatalf("a container without attribution: %+v", k)
	}
}
