package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestLiveOnlyReads: of every command but `health` and --replay the engine writes no
// event, and no file of a container, running, paused, dead or never started, is touched. The engine's archive
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
	image := sleeperImage(t)
	dead, alive, paused := startDead(t), startAlive(t, image, "alive"), startAlive(t, image, "paused")
	created := create(t, image, "created")
	runDocker(t, nil, "pause", paused)
	all := []string{dead, alive, paused, created}
	var watched []string
	for _, name := range all {
		watched = append(watched, filesOf(t, name)...)
	}
	for _, args := range append(readingCommands(t.TempDir(), all), followingCommands(alive)...) {
		follows := slices.Contains(args, "--follow")
		patience := time.Minute
		if follows {
			patience = 2 * time.Second
		}
		before, since := changedAt(t, watched), engineClock(t)
		var out bytes.Buffer
		e := system()
		e.Stdout, e.Stderr = &out, &out
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		code := run(ctx, args, e)
		cancel()
		if code == exitUsage || code == exitInterrupted && !follows {
			t.Errorf("%q: exit code %d: %s", args, code, out.String())
		}
		if events := eventsOf(t, since, all...); events != "" {
			t.Errorf("%q left events: %s", args, events)
		}
		for path, at := range changedAt(t, watched) {
			if at != before[path] {
				t.Errorf("%q touched %s", args, path)
			}
		}
	}
}

// asksNoEngine are the commands that have nothing of an engine to read, and runsChecks the one that is asked to run
// what the container's own engine would.
var (
	asksNoEngine = []string{"completion", "demo", "docker-cli-plugin-metadata", "explain", "guard", "help", "report",
		"version"}
	runsChecks = []string{"health"}
)

// TestOnlyReadsIsOfEveryCommand: no command is left out of TestLiveOnlyReads but those that ask no engine, and health.
func TestOnlyReadsIsOfEveryCommand(t *testing.T) {
	tried := map[string]bool{}
	for _, args := range append(readingCommands("folder", []string{"web"}), followingCommands("web")...) {
		tried[args[0]] = true
	}
	root := newRoot(&app{env: env{Getenv: func(string) string { return "" }}})
	for _, c := range root.Commands() {
		if name := c.Name(); tried[name] == slices.Contains(append(runsChecks, asksNoEngine...), name) {
			t.Errorf("%s is tried: %v", name, tried[name])
		}
	}
	if len(tried) < 8 {
		t.Errorf("only %d commands are tried", len(tried))
	}
}

// followingCommands end only when they are interrupted.
func followingCommands(name string) [][]string {
	return [][]string{{"logs", name, "--follow"}, {"oom", "--follow", "--container", name}}
}

// readingCommands is each command that reads, of each container and of all.
func readingCommands(folder string, names []string) [][]string {
	list := [][]string{
		append([]string{"diagnose"}, names...), {"diagnose", "--all", "-v"},
		{"cores"},
		{"sources"}, {"oom"}, {"__complete", "diagnose", ""}, {"__complete", "diagnose", "--project", ""},
	}
	for _, name := range names {
		list = append(list, []string{"diagnose", name}, []string{"diagnose", name, "-v", "--no-inside"},
			[]string{"exit", name}, []string{"logs", name}, []string{"cores", name}, []string{"inside", name},
			[]string{"oom", "--container", name},
			[]string{"capture", name, "-o", filepath.Join(folder, name+".tar.gz")})
	}
	return list
}

// create makes a container that waits, and does not start it.
func create(t *testing.T, image, what string) string {
	t.Helper()
	name := fmt.Sprintf("gwdoctor-cmd-test-%d-%s", os.Getpid(), what)
	runDocker(t, nil, "create", "--name", name, "--network", "none", "--log-driver", "json-file", image, "/dies")
	t.Cleanup(func() { runDocker(t, nil, "rm", "-f", name) })
	return name
}

// sleeperImage has a program that does nothing.
func sleeperImage(t *testing.T) string {
	t.Helper()
	return scratchImage(t, fmt.Sprintf("gwdoctor-cmd-test-%d-sleeper", os.Getpid()),
		"package main\n\nimport \"time\"\n\nfunc main() { println(\"up\"); time.Sleep(time.Hour) }\n")
}

// startAlive runs that program, until the test ends.
func startAlive(t *testing.T, image, what string) string {
	t.Helper()
	name := create(t, image, what)
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
	return slices.DeleteFunc([]string{body[0].HostsPath, body[0].HostnamePath, body[0].ResolvConfPath},
		func(path string) bool { return path == "" }) // one that was never started has none
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
