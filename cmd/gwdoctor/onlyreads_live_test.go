package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLiveOnlyReads: of every command but `health` and --replay the engine writes no
// event, and no file of a container, running or dead, is touched. The engine's archive
// call did both: it sets up /etc/hosts and its like anew and writes `archive-path`
// (docs/notes/DOCKER.md#a2).
func TestLiveOnlyReads(t *testing.T) {
	if testing.Short() {
		t.Skip("starts containers; skipped with -short")
	}
	if os.Getuid() != 0 {
		t.Skip("the container's files are root's")
	}
	if out, err := exec.Command("docker", "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
		t.Skipf("no engine answers on this machine: %s", bytes.TrimSpace(out))
	}
	dead, alive := startDead(t), startAlive(t)
	watched := append(filesOf(t, dead), filesOf(t, alive)...)
	for _, args := range [][]string{
		{"diagnose", alive}, {"diagnose", dead}, {"diagnose", alive, dead}, {"logs", alive}, {"logs", dead},
		{"cores", alive}, {"cores", dead}, {"cores"},
		{"exit", dead}, {"capture", dead, "-o", filepath.Join(t.TempDir(), "dead.tar.gz")},
		{"capture", alive, "-o", filepath.Join(t.TempDir(), "alive.tar.gz")},
		{"sources"}, {"oom", "--container", dead}, {"__complete", "diagnose", ""},
	} {
		before, since := changedAt(t, watched), engineClock(t)
		var out bytes.Buffer
		e := system()
		e.Stdout, e.Stderr = &out, &out
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		code := run(ctx, args, e)
		cancel()
		if code != exitOK && args[0] != "oom" && args[0] != "sources" { // which the machine may shut
			t.Errorf("%q: exit code %d: %s", args, code, out.String())
		}
		if events := eventsOf(t, since, dead, alive); events != "" {
			t.Errorf("%q left events: %s", args, events)
		}
		for path, at := range changedAt(t, watched) {
			if at != before[path] {
				t.Errorf("%q touched %s", args, path)
			}
		}
	}
}

// startAlive runs a program that does nothing, until the test ends.
func startAlive(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("gwdoctor-cmd-test-%d-alive", os.Getpid())
	image := scratchImage(t, name,
		"package main\n\nimport \"time\"\n\nfunc main() { println(\"up\"); time.Sleep(time.Hour) }\n")
	runDocker(t, nil, "create", "--name", name, "--log-driver", "json-file", image, "/dies")
	t.Cleanup(func() { runDocker(t, nil, "rm", "-f", name) })
	runDocker(t, nil, "start", name)
	return name
}

// filesOf are the files of a container that the engine keeps outside of its layers.
func filesOf(t *testing.T, name string) []string {
	t.Helper()
	out, err := exec.Command("docker", "inspect", name).Output()
	must(t, err)
	var body []struct{ HostsPath, HostnamePath, ResolvConfPath string }
	must(t, json.Unmarshal(out, &body))
	return []string{body[0].HostsPath, body[0].HostnamePath, body[0].ResolvConfPath}
}

func changedAt(t *testing.T, paths []string) map[string]string {
	t.Helper()
	out, err := exec.Command("stat", append([]string{"-c", "%n %z"}, paths...)...).Output()
	must(t, err)
	at := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, when, _ := strings.Cut(strings.TrimSpace(line), " ")
		at[path] = when
	}
	return at
}

func engineClock(t *testing.T) string {
	t.Helper()
	now := time.Now()
	return fmt.Sprintf("%d.%09d", now.Unix(), now.Nanosecond())
}

// eventsOf lists the events of containers since a moment.
func eventsOf(t *testing.T, since string, names ...string) string {
	t.Helper()
	args := []string{"events", "--since", since, "--until", engineClock(t)}
	for _, name := range names {
		args = append(args, "--filter", "container="+name)
	}
	out, err := exec.Command("docker", args...).Output()
	must(t, err)
	return string(out)
}
