package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// plugin is the shop as the docker CLI's plugin sees it.
func plugin(t *testing.T) *world {
	t.Helper()
	w := shop(t)
	w.program = "/usr/libexec/docker/cli-plugins/docker-gwdoctor"
	w.vars = map[string]string{pluginCaller: "docker", "DOCKER_CONFIG": "/home/ann/.docker"}
	return w
}

func TestPluginMetadata(t *testing.T) {
	w := shop(t) // the CLI sets no variable when it asks this
	w.program = "docker-gwdoctor"
	if code := w.gwdoctor("docker-cli-plugin-metadata"); code != exitOK || w.err.Len() > 0 {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	var got struct{ SchemaVersion, Vendor, Version, ShortDescription string }
	must(t, json.Unmarshal(w.out.Bytes(), &got))
	if got.SchemaVersion != "0.1.0" || got.Vendor == "" || got.Version == "" || got.ShortDescription == "" {
		t.Errorf("metadata = %s", w.out.String())
	}
}

// TestPluginTakesDockersOptions: what stands before the name is docker's, and
// chooses the engine that we ask.
func TestPluginTakesDockersOptions(t *testing.T) {
	type asked struct{ host, context, config, certs, verify string }
	const config = "/home/ann/.docker"
	for _, test := range []struct {
		args string
		want asked
	}{
		{"gwdoctor diagnose --all", asked{config: config}},
		{"-H unix:///x.sock gwdoctor diagnose --all", asked{host: "unix:///x.sock", config: config}},
		{"--host=unix:///x.sock -D -l debug gwdoctor diagnose --all", asked{host: "unix:///x.sock", config: config}},
		{"-H unix:///x.sock gwdoctor diagnose --all -H unix:///y.sock", asked{host: "unix:///y.sock", config: config}},
		{"-c staging gwdoctor diagnose --all", asked{context: "staging", config: config}},
		{"--context staging gwdoctor -v diagnose --all", asked{context: "staging", config: config}},
		{"--config /etc/d gwdoctor diagnose --all", asked{config: "/etc/d"}},
		{"--tlsverify --tlscacert /c/ca.pem --tlskey /c/key.pem -H tcp://h:2376 gwdoctor diagnose --all",
			asked{host: "tcp://h:2376", config: config, certs: "/c", verify: "1"}},
	} {
		w := plugin(t)
		if code := w.gwdoctor(strings.Fields(test.args)...); code != exitOK || len(w.engine.asked) == 0 {
			t.Errorf("docker %s: exit code %d: %s", test.args, code, w.err.String())
			continue
		}
		o := w.engine.asked[0]
		got := asked{o.Host, o.Context, o.Getenv("DOCKER_CONFIG"), o.Getenv("DOCKER_CERT_PATH"),
			o.Getenv("DOCKER_TLS_VERIFY")}
		if got != test.want {
			t.Errorf("docker %s: asked %+v, want %+v", test.args, got, test.want)
		}
	}
}

func TestPluginRefusesAnotherConnection(t *testing.T) {
	for args, want := range map[string]string{
		"--tls -H tcp://h:2376 gwdoctor diagnose --all":                          "--tlsverify",
		"--tlsverify --tlscacert /c/mine.pem gwdoctor diagnose --all":            "DOCKER_CERT_PATH",
		"--tlsverify --tlscacert /c/ca.pem --tlskey /d/key.pem gwdoctor version": "DOCKER_CERT_PATH",
		"--from-the-future gwdoctor diagnose --all":                              "--from-the-future",
		"-H unix:///x.sock gwdoctor --context staging diagnose --all":            "give one of them",
		"gwdoctor nonsense": "unknown command",
	} {
		w := plugin(t)
		if code := w.gwdoctor(strings.Fields(args)...); code != exitUsage || len(w.engine.asked) > 0 {
			t.Errorf("docker %s: exit code %d, asked %d times", args, code, len(w.engine.asked))
		}
		contains(t, "docker "+args, w.err.String(), want)
	}
}

func TestPluginHelpAndCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"help gwdoctor":                    "docker gwdoctor [command]",
		"gwdoctor diagnose --help":         "docker gwdoctor diagnose CONTAINER",
		"gwdoctor":                         "docker gwdoctor [command]",
		"__complete gwdoctor dia":          "diagnose\tSay why",
		"__complete gwdoctor diagnose gat": "gateway\tExited (137)",
	} {
		w := plugin(t)
		if code := w.gwdoctor(strings.Fields(args)...); code != exitOK {
			t.Errorf("docker %s: exit code %d: %s", args, code, w.err.String())
		}
		contains(t, "docker "+args, w.out.String(), want)
	}
}

// TestPluginOnlyWhereDockerCalls: neither the name alone nor the variable alone,
// which another plugin hands down, makes a plugin of the program.
func TestPluginOnlyWhereDockerCalls(t *testing.T) {
	for _, change := range []func(*world){
		func(w *world) { w.vars = nil },
		func(w *world) { w.program = "/usr/bin/gwdoctor" },
	} {
		w := plugin(t)
		change(w)
		if code := w.gwdoctor("exit", "137"); code != exitOK {
			t.Errorf("exit code %d: %s", code, w.err.String())
		}
	}
}

func TestEndWithTheDockerCLI(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "cli.sock")
	listener, err := net.Listen("unix", socket)
	must(t, err)
	defer listener.Close()
	ctx := endWith(t.Context(), socket)
	conn, err := listener.Accept()
	must(t, err)
	if ctx.Err() != nil {
		t.Fatal("ended while the CLI lives")
	}
	must(t, conn.Close())
	select {
	case <-ctx.Done():
	case <-time.After(30 * time.Second):
		t.Error("goes on without the CLI")
	}
	for _, none := range []string{"", socket + ".gone"} {
		if ctx := endWith(t.Context(), none); ctx.Err() != nil {
			t.Errorf("socket %q: ended at once", none)
		}
	}
}

// TestPluginInDocker lets the real docker CLI find, describe and run the program.
// It needs no engine.
func TestPluginInDocker(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program; skipped with -short")
	}
	if _, err := exec.LookPath("docker"); err != nil {
		t.Skip("no docker CLI on this machine")
	}
	config := t.TempDir()
	path := filepath.Join(config, "cli-plugins", pluginProgram)
	must(t, os.Mkdir(filepath.Dir(path), 0o755))
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	docker := func(args ...string) (int, string) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "docker", append([]string{"--config", config}, args...)...)
		out, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(out)
	}
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"--help", 0, "Say why a container died or went silent"},
		{"gwdoctor version", 0, "go1."},
		{"gwdoctor demo --list", 0, "oom-gateway-leak"},
		{"gwdoctor diagnose", 2, "want either names of containers or pods"},
		{"-H unix:///no/such.sock gwdoctor diagnose gateway", 3, "unix:///no/such.sock (--host)"},
		{"--context nowhere gwdoctor diagnose gateway", -1, "nowhere"}, // the CLI may refuse it before us
	} {
		code, out := docker(strings.Fields(test.args)...)
		if test.code >= 0 && code != test.code {
			t.Errorf("docker %s: exit code %d, want %d:\n%.1000s", test.args, code, test.code, out)
		}
		contains(t, "docker "+test.args, out, test.want)
	}
}
