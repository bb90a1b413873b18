//go:build unix

package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

const stdioSocket = "GWDOCTOR_TEST_STDIO"

// TestDialStdio is no test: it is what `docker system dial-stdio` does, as the other side's program.
func TestDialStdio(_ *testing.T) {
	path := os.Getenv(stdioSocket)
	if path == "" {
		return
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		os.Exit(1)
	}
	go func() {
		_, _ = io.Copy(conn, os.Stdin)
		os.Exit(0)
	}()
	_, _ = io.Copy(os.Stdout, conn)
	os.Exit(0)
}

// fakeSSH puts a shell script in ssh's place, and returns the file into which it notes its arguments and its pid.
func fakeSSH(t *testing.T, script string) string {
	t.Helper()
	folder := t.TempDir()
	notes := filepath.Join(folder, "notes")
	text := fmt.Sprintf("#!/bin/sh\necho \"$@\" >> %[1]s\necho $$ >> %[1]s.pids\n%s\n", source.ShellWord(notes), script)
	if err := os.WriteFile(filepath.Join(folder, "ssh"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	return notes
}

// stdio is a script that leads to the engine on a socket.
func stdio(t *testing.T, socket string) string {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s=%s exec %s -test.run '^TestDialStdio$'", stdioSocket, source.ShellWord(socket),
		source.ShellWord(binary))
}

func engineBehind(t *testing.T, host string) *dockerEngine {
	t.Helper()
	where, err := Resolve(Where{Host: host, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(where, "", 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// gone tells whether every program that the fake ssh became has ended and was waited for.
func gone(t *testing.T, notes string) bool {
	t.Helper()
	data, err := os.ReadFile(notes + ".pids")
	if err != nil && !errors.Is(err, os.ErrNotExist) { // ended before it came so far
		t.Fatal(err)
	}
	for word := range strings.FieldsSeq(string(data)) {
		var pid int
		if _, err := fmt.Sscan(word, &pid); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return false
		}
	}
	return true
}

func TestEngineBehindSSH(t *testing.T) {
	engine := enginetest.NewRunning(t)
	notes := fakeSSH(t, stdio(t, engine.Socket))
	e := engineBehind(t, "ssh://ops@staging:2222")
	if err := e.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if raw, err := e.Version(t.Context()); err != nil || len(raw) == 0 {
		t.Errorf("version: %q, %v", raw, err)
	}
	data, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}
	want := "-o BatchMode=yes -o LogLevel=ERROR -o ClearAllForwardings=yes -T -l ops -p 2222 -- staging " +
		"docker system dial-stdio\n"
	if string(data) != want { // once: the second call takes the first one's connection
		t.Errorf("ssh was called with %q, want %q", data, want)
	}
	e.Close()
	if !gone(t, notes) {
		t.Error("a program outlived the engine's close")
	}
}

// TestSilentSSH: one that never gets through ends with the caller's patience, however deaf it is.
func TestSilentSSH(t *testing.T) {
	notes := fakeSSH(t, "trap '' TERM HUP INT; exec sleep 1000")
	e := engineBehind(t, "ssh://staging")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := e.Ping(ctx); !TimedOut(err) {
		t.Errorf("ping: %v, want a time-out", err)
	}
	e.Close()
	if !gone(t, notes) {
		t.Error("ssh outlived the engine's close")
	}
}

// TestSSHFails: each text was printed by OpenSSH 9.2, bash, dash, docker's CLI 20.10 or 28, or Podman.
func TestSSHFails(t *testing.T) {
	for name, test := range map[string]struct {
		host, says string
		code       int
		want, do   string
	}{
		"unknown key": {"ssh://root@h:2222", "Host key verification failed.", 255, "host key is not known",
			"ssh -l root -p 2222 h true"},
		"another key": {"ssh://h:2222", "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
			255, "another than the one known", "ssh-keygen -R '[h]:2222'"},
		"no key": {"ssh://root@h", "root@h: Permission denied (publickey,password).", 255, "without a password",
			"ssh -l root h -o BatchMode=yes true"},
		"no host": {"ssh://h.invalid", "ssh: Could not resolve hostname h.invalid: Name or service not known", 255,
			"no such host", "ssh h.invalid true"},
		"no sshd": {"ssh://h", "ssh: connect to host h port 22: Connection refused", 255, "no ssh server answers",
			"ssh h true"},
		"no docker": {"ssh://h", "bash: line 1: docker: command not found", 127, "docker is not installed",
			"Podman's socket is named with its path"},
		"no podman": {"ssh://h/run/podman/podman.sock", "sh: 1: podman: not found", 127, "podman is not installed",
			"ssh h command -v podman"},
		"no engine": {"ssh://h", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon " +
			"running?", 1, "no engine runs on the other side", "ssh h docker info"},
		"no socket": {"ssh://h/x.sock", "failed to open the raw stream connection: dial unix /x.sock: connect: no such " +
			"file or directory", 1, "no engine runs on the other side", "ssh h docker info"},
		"not in the group": {"ssh://ops@h", "failed to open the raw stream connection: dial unix /var/run/docker.sock: " +
			"connect: permission denied", 1, "may not use docker's socket", "usermod -aG docker"},
		"an old docker": {"ssh://h", "docker: 'dial-stdio' is not a docker command.", 1, "too old", "-nNT"},
		"anything else": {"ssh://h", "first\nhostname contains invalid characters\n", 255,
			"ssh ended: hostname contains invalid characters", "ssh h true"},
		"nothing": {"ssh://h", "", 3, "ssh ended (exit status 3)", "ssh h true"},
	} {
		t.Run(name, func(t *testing.T) {
			notes := fakeSSH(t, fmt.Sprintf("printf '%%s' %s >&2; exit %d", source.ShellWord(test.says), test.code))
			err := engineBehind(t, test.host).Ping(t.Context())
			var access *AccessError
			if !errors.As(err, &access) {
				t.Fatalf("%v (%T)", err, err)
			}
			if !strings.Contains(access.What, test.want) || !strings.Contains(access.Do, test.do) {
				t.Errorf("%q, %q; want %q, %q", access.What, access.Do, test.want, test.do)
			}
			text := (&UnreachableError{Endpoint: Endpoint{Host: test.host, How: "--host"}, Err: err}).Error()
			if strings.Contains(text, "start it") || !strings.Contains(text, access.Do) {
				t.Errorf("the error %q does not help", text)
			}
			if !gone(t, notes) {
				t.Error("ssh was not waited for")
			}
		})
	}
}

func TestNoSSH(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := engineBehind(t, "ssh://h").Ping(t.Context())
	if err == nil || !strings.Contains(err.Error(), "not installed here") {
		t.Error(err)
	}
}

func TestSSHCommand(t *testing.T) {
	podman := `{"Connection":{"Default":"vm","Connections":{"vm":{"URI":"ssh://core@vm:5/run/user/501/podman/podman.sock",` +
		`"Identity":"/k"}}}}`
	home := enginetest.WriteTree(t, map[string]string{
		meta("staging"): `{"Name":"staging","Endpoints":{"docker":{"Host":"ssh://ops@staging"}}}`,
		".config/containers/podman-connections.json": podman,
	})
	for name, test := range map[string]struct {
		where Where
		env   map[string]string
		want  string // the end of the command line, or of the refusal
	}{
		"a context": {where: Where{Context: "staging"}, want: "-T -l ops -- staging docker system dial-stdio"},
		"DOCKER_HOST with a socket": {env: map[string]string{"DOCKER_HOST": "ssh://h/var/run/docker.sock"},
			want: "-- h docker --host unix:///var/run/docker.sock system dial-stdio"},
		"an address of IPv6": {where: Where{Host: "ssh://[fe80::1]:22"}, want: "-p 22 -- fe80::1 docker system dial-stdio"},
		"CONTAINER_HOST": {env: map[string]string{"CONTAINER_HOST": "ssh://h", "CONTAINER_SSHKEY": "/k"},
			want: "-i /k -- h podman system dial-stdio"},
		"Podman's connection": {where: Where{Socket: "/nonexistent/docker.sock"},
			want: "-i /k -l core -p 5 -- vm podman --url unix:///run/user/501/podman/podman.sock system dial-stdio"},
		"words of the other side's shell": {where: Where{Host: "ssh://h/a';touch x;'b"},
			want: `-- h docker --host 'unix:///a'\'';touch x;'\''b' system dial-stdio`},
		"an option for a host": {where: Where{Host: "ssh://-oProxyCommand=x"}, want: "no host begins with a dash"},
		"no host":              {where: Where{Host: "ssh:///x"}, want: "it names no host"},
		"a password":           {where: Where{Host: "ssh://ops:secret@h"}, want: "is not used; let a key in: ssh-copy-id"},
		"a query":              {where: Where{Host: "ssh://h?x=y"}, want: "nothing else"},
	} {
		test.where.Getenv = func(key string) string {
			if key == "HOME" {
				return home
			}
			return test.env[key]
		}
		got, err := Resolve(test.where)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text := ""
		if h, err := parseSSH(got); err != nil {
			text = err.Error()
		} else {
			text = strings.Join(h.command().Args, " ")
		}
		if !strings.HasSuffix(text, test.want) || strings.Contains(text, "secret") {
			t.Errorf("%s: %q, want the end %q", name, text, test.want)
		}
	}
}
