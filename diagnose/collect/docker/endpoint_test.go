package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

func meta(name string) string {
	sum := sha256.Sum256([]byte(name))
	return ".docker/contexts/meta/" + hex.EncodeToString(sum[:]) + "/meta.json"
}

func TestEndpointOrder(t *testing.T) {
	home := enginetest.WriteTree(t, map[string]string{
		".docker/config.json": `{"currentContext":"staging"}`,
		meta("staging"):       `{"Name":"staging","Endpoints":{"docker":{"Host":"tcp://10.0.0.5:2375"}}}`,
		meta("lab"):           `{"Name":"lab","Endpoints":{"docker":{"Host":"unix:///lab.sock"}}}`,
		meta("lax"):           `{"Name":"lax","Endpoints":{"docker":{"Host":"tcp://10.0.0.6:2376","SkipTLSVerify":true}}}`,
		meta("broken"):        `{"Name":`,
		meta("kube"):          `{"Name":"kube","Endpoints":{"kubernetes":{}}}`,
	})
	for _, test := range []struct {
		name          string
		context, host string
		env           map[string]string
		want          string // the endpoint's text, or part of the error's
		local         bool
	}{
		{"--context first", "lab", "unix:///h.sock", map[string]string{"DOCKER_HOST": "tcp://e:1"},
			`unix:///lab.sock (context "lab" (--context))`, true},
		{"then --host", "", "unix:///h.sock", map[string]string{"DOCKER_HOST": "tcp://e:1"}, "unix:///h.sock (--host)", true},
		{"a bare path", "", "/h.sock", nil, "unix:///h.sock (--host)", true},
		{"then DOCKER_HOST", "", "", map[string]string{"DOCKER_HOST": "tcp://e:1", "DOCKER_CONTEXT": "lab"},
			"tcp://e:1 (DOCKER_HOST)", false},
		{"then DOCKER_CONTEXT", "", "", map[string]string{"DOCKER_CONTEXT": "lab"},
			`unix:///lab.sock (context "lab" (DOCKER_CONTEXT))`, true},
		{"then currentContext", "", "", nil, `tcp://10.0.0.5:2375 (context "staging" (currentContext in `, false},
		{"the built-in context", "default", "", map[string]string{"DOCKER_HOST": "tcp://e:1"},
			`tcp://e:1 (context "default" (--context), DOCKER_HOST)`, false},
		{"then the socket", "", "", map[string]string{"DOCKER_CONFIG": "/nonexistent"}, "/d.sock (default socket)", true},
		{"unknown context", "prod", "", nil, `no such context; known are "default", "kube", "lab", "lax", "staging"`, false},
		{"unchecked certificate", "lax", "", nil, "skip-tls-verify", false},
		{"broken context", "broken", "", nil, "decode", false},
		{"context without docker", "kube", "", nil, "names no docker host", false},
		{"hostile context name", "../../etc/passwd", "", nil, "no such context", false},
	} {
		env := map[string]string{"HOME": home}
		for key, value := range test.env {
			env[key] = value
		}
		socket := filepath.Join(t.TempDir(), "d.sock")
		l, err := net.Listen("unix", socket)
		if err != nil {
			t.Skip(err)
		}
		o := Where{Context: test.context, Host: test.host, Socket: socket, Getenv: func(key string) string {
			return env[key]
		}}
		got, err := Resolve(o)
		l.Close()
		text := got.String()
		if err != nil {
			var refused *UnreachableError
			if text = err.Error(); !errors.As(err, &refused) {
				t.Errorf("%s: %T", test.name, err)
			}
		}
		if !strings.Contains(text, test.want) || got.Local != test.local {
			t.Errorf("%s: %q (local %v), want %q", test.name, text, got.Local, test.want)
		}
	}
}

func TestOtherUsualSocket(t *testing.T) {
	run := filepath.Dir(enginetest.SocketPath(t))
	l, err := net.Listen("unix", filepath.Join(run, "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := Where{Socket: filepath.Join(run, "none"), Getenv: func(key string) string {
		return map[string]string{"XDG_RUNTIME_DIR": run, "HOME": "/nonexistent"}[key]
	}}
	got, err := Resolve(o)
	if err != nil || got.Host != "unix://"+run+"/docker.sock" || !strings.Contains(got.How, "does not exist") {
		t.Errorf("%v, %v", got, err)
	}
}
