package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// TestEveryAnswerFromABundle: exit, cores, health, logs and oom answer about a recorded incident as about a container.
func TestEveryAnswerFromABundle(t *testing.T) {
	incident := func(name string) string { return filepath.Join("..", "..", "fixtures", "incidents", name) }
	for _, tt := range []struct {
		command, incident, says string
	}{
		{"exit", "oom-gateway-leak", "137"},
		{"cores", "crash-core", "SIGSEGV"},
		{"health", "health-503", "503"},
		{"logs", "pool-redis", "max_connections"},
		{"oom", "oom-gateway-leak", "uvicorn"},
	} {
		w := shop(t)
		code := w.gwdoctor(tt.command, "--bundle", incident(tt.incident))
		if code != 0 || !strings.Contains(w.out.String(), tt.says) {
			t.Errorf("%s: exit code %d, no %q in:\n%s%s", tt.command, code, tt.says, w.out.String(), w.err.String())
		}
		w = shop(t)
		if code := w.gwdoctor(tt.command, "gateway", "--bundle", incident(tt.incident)); code != exitUsage {
			t.Errorf("%s of a container and of a bundle: exit code %d", tt.command, code)
		}
		w = shop(t)
		if code := w.gwdoctor(tt.command, "--bundle", filepath.Join(t.TempDir(), "none.tar.gz")); code != exitFailed {
			t.Errorf("%s of a bundle that is not there: exit code %d", tt.command, code)
		}
	}
}

// TestBundleAsArgument: where a container may be named, a recorded incident may be too: a folder, or an archive
// whatever it is called. A container goes before a folder that is called like it, and an archive of something else is
// none.
func TestBundleAsArgument(t *testing.T) {
	incident, err := filepath.Abs(filepath.Join("..", "..", "fixtures", "incidents", "oom-gateway-leak"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(incident)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	t.Chdir(folder)
	write := func(name string, fill func(io.Writer) error) {
		var content bytes.Buffer
		if err := errors.Join(fill(&content), os.WriteFile(name, content.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("incident.tgz", b.WriteTarGz)
	write("sent-by-mail", b.WriteTarGz)
	write("logs.tar.gz", func(w io.Writer) error {
		packed := gzip.NewWriter(w)
		_, err := packed.Write([]byte("a log, and no archive at all"))
		return errors.Join(err, packed.Close())
	})
	if err := os.CopyFS("gateway", os.DirFS(incident)); err != nil {
		t.Fatal(err)
	}
	for command, says := range map[string]string{"exit": "137", "cores": "core", "logs": "gwlab-oom-gateway-leak-gateway",
		"oom": "uvicorn", "diagnose": "oom-gateway-leak", "health": "", "inside": ""} {
		for _, path := range []string{"incident.tgz", "./sent-by-mail", "./gateway"} {
			w, flagged := shop(t), shop(t)
			code, want := w.gwdoctor(command, path), flagged.gwdoctor(command, "--bundle", path)
			if code != want || w.out.String() != flagged.out.String() || w.err.String() != flagged.err.String() {
				t.Errorf("%s %s: exit code %d, with --bundle %d, or other words:\n%s%s", command, path, code, want,
					w.out.String(), w.err.String())
			}
			contains(t, command+" "+path, w.out.String(), says)
		}
	}
	for _, command := range []string{"exit", "logs", "inside", "diagnose"} {
		w := shop(t)
		w.gwdoctor(command, "gateway")
		if strings.Contains(w.out.String(), "gwlab-oom") {
			t.Errorf("%s gateway reads the folder of that name, not the container", command)
		}
		w = shop(t)
		if code := w.gwdoctor(command, "logs.tar.gz"); code == 0 || !strings.Contains(w.err.String(), "no such container") {
			t.Errorf("%s of an archive of something else: exit code %d, %s", command, code, w.err.String())
		}
	}
}

// TestOneOfAProject: a recorded project is asked of one of its containers by name or service; one that is mistyped or
// left out is answered with those that it holds.
func TestOneOfAProject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.tar.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var set []*bundle.Bundle
	for _, name := range []string{"pool-redis", "oom-gateway-leak"} {
		b, err := bundle.Open(filepath.Join("..", "..", "fixtures", "incidents", name))
		if err != nil {
			t.Fatal(err)
		}
		set = append(set, b)
	}
	if err := bundle.WriteSet(f, set); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"exit", "gwlab-oom-gateway-leak-gateway"}, 0, "137"},
		{[]string{"logs", "gwlab-pool-redis-gateway"}, 0, "max_connections"},
		{[]string{"logs", "gateway"}, 0, "max_connections"}, // the service; the first that has it
		{[]string{"oom"}, 0, "the kernel log of a recorded incident"},
		{[]string{"exit", "gwlab-oom-gatway-leak-gateway"}, exitFailed,
			"did you mean gwlab-oom-gateway-leak-gateway?"},
		{[]string{"health"}, exitFailed, "it holds gwlab-oom-gateway-leak-gateway, gwlab-pool-redis-gateway"},
		{[]string{"cores", "kafka"}, exitFailed, "it holds gwlab-oom"},
	} {
		w := shop(t)
		code := w.gwdoctor(append(tt.args, "--bundle", path)...)
		if all := w.out.String() + w.err.String(); code != tt.code || !strings.Contains(all, tt.says) {
			t.Errorf("%q: exit code %d, no %q in:\n%s", tt.args, code, tt.says, all)
		}
	}
}
