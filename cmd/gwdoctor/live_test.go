package main

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLive starts a container that says one line and exits with 3, and asks the
// real program about it, on the real engine of this machine.
func TestLive(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a container; skipped with -short")
	}
	if out, err := exec.Command("docker", "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
		t.Skipf("no engine answers on this machine: %s", bytes.TrimSpace(out))
	}
	name := startDead(t)
	live := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		e := system()
		e.Stdout, e.Stderr = &out, &errs
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		return run(ctx, args, e), out.String(), errs.String()
	}

	code, out, errs := live("diagnose", name, "--format", "json")
	if code != exitOK || !strings.Contains(out, `"exitCode": 3`) || !strings.Contains(out, `"endedBy": "own-exit"`) {
		t.Errorf("diagnose: exit code %d: %s\n%.3000s", code, errs, out)
	}
	if err := validate(t, schema(t, "diagnose"), out); err != nil {
		t.Errorf("diagnose: %v", err)
	}
	code, out, errs = live("exit", name)
	if code != exitOK || !strings.Contains(out, "Exit code 3") {
		t.Errorf("exit: exit code %d: %s\n%s", code, errs, out)
	}
	code, _, errs = live("diagnose", name+"x")
	if code != exitFailed || !strings.Contains(errs, name) {
		t.Errorf("a name that is near: exit code %d: %s", code, errs)
	}
	path := filepath.Join(t.TempDir(), "incident.tar.gz")
	if code, _, errs := live("capture", name, "-o", path); code != exitOK {
		t.Errorf("capture: exit code %d: %s", code, errs)
	}
	if code, out, errs := live("diagnose", "--bundle", path); code != exitOK || !strings.Contains(out, "exit code 3") {
		t.Errorf("diagnose the capture: exit code %d: %s\n%s", code, errs, out)
	}
	if code, out, errs := live("__complete", "diagnose", name); code != exitOK ||
		!strings.Contains(out, name+"\tExited (3)") {
		t.Errorf("completion of a dead container: exit code %d: %s\n%s", code, errs, out)
	}
}

// startDead runs a program of its own making in a container made from scratch,
// waits for its end and returns the container's name.
func startDead(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("gwdoctor-cmd-test-%d", os.Getpid())
	image := scratchImage(t, name,
		"package main\n\nimport \"os\"\n\nfunc main() { println(\"going down\"); os.Exit(3) }\n")
	runDocker(t, nil, "create", "--name", name, "--network", "none", "--log-driver", "json-file", image, "/dies")
	t.Cleanup(func() { runDocker(t, nil, "rm", "-f", name) })
	runDocker(t, nil, "start", name)
	runDocker(t, nil, "wait", name)
	return name
}

// scratchImage builds an image that holds one Go program, /dies.
func scratchImage(t *testing.T, name, program string) string {
	t.Helper()
	folder := t.TempDir()
	source := filepath.Join(folder, "main.go")
	must(t, os.WriteFile(source, []byte(program), 0o644))
	binary := filepath.Join(folder, "dies")
	build := exec.Command("go", "build", "-o", binary, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	image := name + ":1"
	runDocker(t, tarOf(t, binary), "import", "-", image)
	t.Cleanup(func() { runDocker(t, nil, "rmi", "-f", image) })
	return image
}

func tarOf(t *testing.T, binary string) []byte {
	t.Helper()
	data, err := os.ReadFile(binary)
	must(t, err)
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	must(t, w.WriteHeader(&tar.Header{Name: "dies", Mode: 0o755, Size: int64(len(data))}))
	_, err = w.Write(data)
	must(t, err)
	must(t, w.Close())
	return archive.Bytes()
}

func runDocker(t *testing.T, stdin []byte, args ...string) {
	t.Helper()
	cmd := exec.Command("docker", args...)
	cmd.Stdin = bytes.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("docker %v: %v\n%s", args, err, out)
	}
}
