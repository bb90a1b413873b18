package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// kernelLogs are logs that real kernels printed.
var kernelLogs = filepath.Join("..", "..", "diagnose", "read", "kernellog", "testdata")

// kernelSample is a ring with a kill in the container testID, 5 minutes before now
// (the boot was an hour before), and a crash.
const kernelSample = "6,900,3299000000,-;memory: usage 65536kB, limit 65536kB, failcnt 21\n" +
	"6,901,3299000001,-;Tasks state (memory values in pages):\n" +
	"6,902,3299000002,-;[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n" +
	"6,903,3299000003,-;[    158]     0   158   323422    16245   225280        0             0 python3\n" +
	"6,904,3299000004,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=" + testID +
	",mems_allowed=0,oom_memcg=/docker/" + testID + ",task_memcg=/docker/" + testID + ",task=python3,pid=158,uid=0\n" +
	"3,905,3299000005,-;Memory cgroup out of memory: Killed process 158 (python3) total-vm:1293688kB, " +
	"anon-rss:64896kB, file-rss:84kB, shmem-rss:0kB, UID:0 pgtables:220kB oom_score_adj:0\n" +
	"6,906,3300000000,-;python3[12314]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd28297cc8 error 4 in " +
	"libc.so.6[167ad8,7ff1c7a95000+156000]\n"

const killLine = "Killed process 158 (python3) total-vm:1293688kB, anon-rss:64896kB, file-rss:84kB, shmem-rss:0kB"

// oomWorld is a shop with a ring, and an engine that knows the container.
func oomWorld(t *testing.T) *world {
	w := shop(t)
	w.engine.kernel = kernelSample
	started, ended := now.Add(-10*time.Minute), now.Add(-5*time.Minute)
	code := 139
	w.engine.neighbours = []evidence.Neighbour{
		{ID: testID, Name: "gateway", State: "exited", StartedAt: &started, FinishedAt: &ended},
		{ID: strings.Repeat("b", 64), Name: "batch", State: "exited", ExitCode: &code, StartedAt: &started,
			FinishedAt: &ended},
	}
	return w
}

func (w *world) answer(t *testing.T, args ...string) oom.Answer {
	t.Helper()
	if code := w.gwdoctor(append(args, "--format", "json")...); code != exitOK {
		t.Fatalf("gwdoctor %q: exit code %d: %s", args, code, w.err.String())
	}
	var a oom.Answer
	must(t, json.Unmarshal(w.out.Bytes(), &a))
	return a
}

func kinds(a oom.Answer) []string {
	var list []string
	for _, n := range a.Notes {
		list = append(list, string(n.Kind))
	}
	return list
}

func TestOOMNamesTheContainer(t *testing.T) {
	w := oomWorld(t)
	a := w.answer(t, "oom")
	if len(a.Kills) != 1 || a.Kills[0].Container.Name != "gateway" || a.Kills[0].MainProcess != oom.MainVictim {
		t.Fatalf("kills: %+v", a.Kills)
	}
	if got, want := *a.Kills[0].At, now.Add(-time.Hour+3299000005*time.Microsecond); !got.Equal(want) {
		t.Errorf("at %s, want %s", got, want)
	}
	if c := a.Crashes[0]; c.Container == nil || c.Container.Name != "batch" || c.Attribution != "guess" || c.Reason == "" {
		t.Errorf("the crash of the second in which batch ended with 139: %+v", c)
	}
	if w.gwdoctor("oom") != exitOK {
		t.Fatal(w.err.String())
	}
	contains(t, "oom", w.out.String(), `gateway, docker 5fe1a0c0ffee`, `"python3", pid 158`, "main process (PID 1)",
		"64 MiB used of 64 MiB", "a guess")

	w.engine.listErr = errors.New("engine is down")
	w.engine.neighbours = nil
	a = w.answer(t, "oom")
	if a.Kills[0].Container.ID != testID || a.Kills[0].Container.Name != "" ||
		!slices.Contains(kinds(a), "names-unknown") || a.Crashes[0].Container != nil {
		t.Errorf("without an engine: %+v, notes %v", a.Kills[0].Container, kinds(a))
	}
}

// TestOOMCrashIsTheCoresContainers: what systemd-coredump noted of a process names its container, whichever others
// ended at that moment; the ring, which has the crash alone, is not all that is asked.
func TestOOMCrashIsTheCoresContainers(t *testing.T) {
	w := oomWorld(t)
	crash := w.answer(t, "oom").Crashes[0]
	w.engine.cores = []coredump.JournalRecord{{PID: crash.TID, At: *crash.At,
		Cgroup: "0::/system.slice/docker-" + testID + ".scope\n"}}
	c := w.answer(t, "oom").Crashes[0]
	if c.Container == nil || c.Container.Name != "gateway" || c.Attribution != "exact" {
		t.Errorf("noted by systemd-coredump: %+v", c)
	}
	if w.gwdoctor("oom") != exitOK {
		t.Fatal(w.err.String())
	}
	contains(t, "oom", w.out.String(), "systemd-coredump noted the control")
}

func TestOOMOfOneContainer(t *testing.T) {
	w := oomWorld(t)
	for _, name := range []string{"gateway", "/gateway", testID, testID[:12], "batch"} {
		a := w.answer(t, "oom", "--container", name)
		if want := name != "batch"; (len(a.Kills) == 1) != want || (len(a.Crashes) == 1) == want {
			t.Errorf("%s: %d kills, %d crashes", name, len(a.Kills), len(a.Crashes))
		}
	}
	if code := w.gwdoctor("oom", "--container", "gatewya"); code != exitFailed ||
		!strings.Contains(w.err.String(), "did you mean gateway?") {
		t.Errorf("a mistyped name: exit code %d: %s", code, w.err.String())
	}
	w.engine.kernel = "3,1,3299000005,-;Memory cgroup out of memory: " + killLine +
		", UID:0 pgtables:220kB oom_score_adj:0\n"
	a := w.answer(t, "oom", "--container", "gateway")
	if len(a.Kills) != 0 || !slices.Contains(kinds(a), "not-attributed") {
		t.Errorf("a kill of nobody is left out and counted: %d kills, notes %v", len(a.Kills), kinds(a))
	}
}

func TestOOMSince(t *testing.T) {
	w := oomWorld(t)
	if a := w.answer(t, "oom", "--since", "4m"); len(a.Kills)+len(a.Crashes) != 0 || len(kinds(a)) != 1 {
		t.Errorf("since 4 minutes: %d kills, %d crashes, notes %v", len(a.Kills), len(a.Crashes), kinds(a))
	}
	if a := w.answer(t, "oom", "--since", "2h"); len(a.Kills) != 1 || !slices.Contains(kinds(a), "since-not-covered") {
		t.Errorf("since 2 hours, which the log does not cover: %d kills, notes %v", len(a.Kills), kinds(a))
	}
	path := filepath.Join(t.TempDir(), "dmesg.txt")
	must(t, os.WriteFile(path, []byte("[ 3299.000005] "+killLine+"\n"), 0o600))
	if a := w.answer(t, "oom", "--file", path, "--since", "4m"); len(a.Kills) != 1 ||
		!slices.Contains(kinds(a), "no-wall-time") || !slices.Contains(kinds(a), "since-not-covered") {
		t.Errorf("a log without wall times is not cut, and says so: %d kills, notes %v", len(a.Kills), kinds(a))
	}
	for text, want := range map[string]time.Time{
		"90m": now.Add(-90 * time.Minute), "-2h": now.Add(-2 * time.Hour), "3d ago": now.Add(-72 * time.Hour),
		"18:30":                     now.Add(-90 * time.Minute),
		"2026-11-20":                time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
		"2026-11-20 09:23":          time.Date(2026, 11, 20, 9, 23, 0, 0, time.UTC),
		"2026-11-20T09:23:11+01:00": time.Date(2026, 11, 20, 8, 23, 11, 0, time.UTC),
		"@1795425292":               time.Unix(1795425292, 0), "yesterday": time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := parseSince(text, now); err != nil || !got.Equal(want) {
			t.Errorf("since %q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"25:99", "soon", "-", "", "@x", "9999999d"} {
		if got, err := parseSince(text, now); err == nil {
			t.Errorf("since %q is taken for %s", text, got)
		}
	}
}

// TestOOMRotatedSet gives a log in pieces, as a shell expands kern.log*: one dump
// spans two of them, one is compressed, one has no newline at its end.
func TestOOMRotatedSet(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		data := []byte(text)
		if strings.HasSuffix(name, ".gz") {
			data = zipped(t, text)
		}
		must(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	const stamp = "Nov 23 10:00:0"
	put("kern.log.10.gz", stamp+"0 host kernel: [    1.000000] Linux version 6.12\n")
	put("kern.log.2.gz", stamp+"1 host kernel: [  100.000001] memory: usage 65536kB, limit 65536kB, failcnt 21\n"+
		stamp+"1 host kernel: [  100.000002] "+
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/docker/"+testID+
		",task_memcg=/docker/"+testID+",task=python3,pid=158,uid=0")
	put("kern.log.1", stamp+"1 host kernel: [  100.000003] Memory cgroup out of memory: "+killLine+"\r\n")
	put("kern.log", stamp+"2 host kernel: [  200.000000] python3[12314]: segfault at 18 ip 00007ff1c7bd6ad8 sp "+
		"00007ffd28297cc8 error 4\n")
	w := oomWorld(t)
	var paths []string
	for _, name := range []string{"kern.log", "kern.log.1", "kern.log.10.gz", "kern.log.2.gz"} { // as a shell sorts
		paths = append(paths, filepath.Join(dir, name))
	}
	a := w.answer(t, append([]string{"oom", "--file"}, paths...)...)
	want := []string{"kern.log.10.gz", "kern.log.2.gz", "kern.log.1", "kern.log"}
	var got []string
	for _, path := range a.Source.Files {
		got = append(got, filepath.Base(path))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("oldest first (-want +got):\n%s", d)
	}
	if len(a.Kills) != 1 || a.Kills[0].TaskCgroup != "/docker/"+testID || a.Kills[0].Memory == nil ||
		len(a.Crashes) != 1 || *a.Source.FromBoot != 1 {
		t.Errorf("a dump over two files: %+v, %d crashes, notes %v", a.Kills, len(a.Crashes), a.Notes)
	}
	if a := w.answer(t, "oom", "--file", paths[1], "--file", paths[1]); len(a.Source.Files) != 1 {
		t.Errorf("the same file twice is read twice: %v", a.Source.Files)
	}
	dated := []string{"messages", "messages-20261101", "messages-20261115.xz", "messages-20261108.gz"}
	if d := cmp.Diff([]string{"messages-20261101", "messages-20261108.gz", "messages-20261115.xz", "messages"},
		oldestFirst(dated)); d != "" {
		t.Errorf("dated names (-want +got):\n%s", d)
	}
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, err := z.Write([]byte(text))
	must(t, err)
	must(t, z.Close())
	return buf.Bytes()
}

func TestOOMStandardInput(t *testing.T) {
	w := oomWorld(t)
	w.stdin = zipped(t, kernelSample)
	if a := w.answer(t, "oom", "--file", "-"); len(a.Kills) != 1 || a.Source.Kind != oom.SourceFile {
		t.Errorf("%+v", a)
	}
}

// TestOOMBrokenInput: what can be read is reported, what cannot is told, and the
// exit code is that of a failure.
func TestOOMBrokenInput(t *testing.T) {
	w := oomWorld(t)
	whole := zipped(t, kernelSample+strings.Repeat("6,907,3300000001,-;noise\n", 20000))
	cut := filepath.Join(t.TempDir(), "kern.log.1.gz")
	must(t, os.WriteFile(cut, whole[:len(whole)-20], 0o600))
	if code := w.gwdoctor("oom", "--file", cut); code != exitFailed {
		t.Errorf("a truncated gzip: exit code %d", code)
	}
	contains(t, "oom", w.out.String(), `"python3", pid 158`, "input-broken")
	contains(t, "error", w.err.String(), "in the middle of its compressed data", "hint:")

	empty := filepath.Join(t.TempDir(), "empty")
	must(t, os.WriteFile(empty, nil, 0o600))
	junk := filepath.Join(t.TempDir(), "junk")
	must(t, os.WriteFile(junk, bytes.Repeat([]byte{0, 0xff, 0x1b, '[', '\n', 0x80}, 5000), 0o600))
	for _, path := range []string{empty, junk} {
		if a := w.answer(t, "oom", "--file", path); len(a.Kills) != 0 || !slices.Contains(kinds(a), "no-kernel-log") {
			t.Errorf("%s: %d kills, notes %v", path, len(a.Kills), kinds(a))
		}
	}
	for _, test := range []struct {
		code int
		want string
		args []string
	}{
		{exitFailed, "no such file", []string{"--file", filepath.Join(t.TempDir(), "none")}},
		{exitFailed, "it is a folder", []string{"--file", t.TempDir()}},
		{exitUsage, "--container gateway", []string{"gateway"}},
		{exitUsage, "the live one", []string{"--file", junk, "--follow"}},
		{exitUsage, "no such time", []string{"--since", "soon"}},
		{exitUsage, "only this boot", []string{"--source", "kmsg", "--boot", "-1"}},
	} {
		if code := w.gwdoctor(append([]string{"oom"}, test.args...)...); code != test.code ||
			!strings.Contains(w.err.String(), test.want) {
			t.Errorf("oom %q: exit code %d, want %d: %s", test.args, code, test.code, w.err.String())
		}
	}
}

func TestOOMDenied(t *testing.T) {
	w := oomWorld(t)
	w.engine.kernelErr = &host.KernelLogError{Err: errors.New("open /dev/kmsg: operation not permitted"),
		Hints: []string{"sudo gwdoctor oom"}}
	if code := w.gwdoctor("oom"); code != exitFailed || w.out.Len() != 0 {
		t.Errorf("exit code %d, output %q", code, w.out.String())
	}
	contains(t, "error", w.err.String(), "error: open /dev/kmsg: operation not permitted", "hint: sudo gwdoctor oom")
}

// TestOOMHostileNames: a process may be called anything; no byte of it reaches a
// terminal raw, and a secret in it is masked.
func TestOOMHostileNames(t *testing.T) {
	w := oomWorld(t)
	w.engine.kernel = strings.ReplaceAll(kernelSample, "(python3)", `(\x1b]0;pwned\x07\x0a)`) +
		"3,990,3301000000,-;Out of memory: Killed process 7 (password=hunt3) total-vm:4kB, anon-rss:4kB, file-rss:0kB, " +
		"shmem-rss:0kB\n" +
		"14,991,3301000001,-;Memory cgroup out of memory: Killed process 8 (forged) total-vm:4kB, anon-rss:4kB, " +
		"file-rss:0kB, shmem-rss:0kB\n"
	for _, format := range []string{"text", "json"} {
		if code := w.gwdoctor("oom", "--format", format); code != exitOK {
			t.Fatal(w.err.String())
		}
		out := w.out.String()
		if strings.ContainsAny(out, "\x1b\x07\r") || strings.Contains(out, "hunt3") || strings.Contains(out, "forged") {
			t.Errorf("%s: raw bytes, a secret or a forged record:\n%q", format, out)
		}
		contains(t, format, out, "pwned", "foreign-facility", "<masked>")
	}
}

func TestOOMFollow(t *testing.T) {
	w := oomWorld(t)
	if code := w.gwdoctor("oom", "--follow"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "follow", w.out.String(), "OOM KILL", "gateway", "CRASH", "By container")
	if !w.engine.kernelAsked[0].Follow {
		t.Error("the log was not asked to follow")
	}
	if code := w.gwdoctor("oom", "--follow", "--format", "json"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	s := schemaAt(t, "oom", "#/$defs/line")
	lines := strings.Split(strings.TrimSpace(w.out.String()), "\n")
	if len(lines) != 3 {
		t.Errorf("%d lines, want the ring's start, a kill and a crash:\n%s", len(lines), w.out.String())
	}
	for _, line := range lines {
		if err := validate(t, s, line); err != nil {
			t.Errorf("%v\n%s", err, line)
		}
	}
	if code := w.gwdoctor("oom", "--follow", "-o", filepath.Join(t.TempDir(), "f")); code != exitUsage {
		t.Errorf("--follow into a file: exit code %d", code)
	}
}

// TestOOMInterrupted: an input that keeps silent does not hold the program up.
func TestOOMInterrupted(t *testing.T) {
	w := oomWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if code := w.gwdoctorIn(ctx, "oom", "--file", "-"); code != exitInterrupted {
		t.Errorf("exit code %d: %s", code, w.err.String())
	}
}
