package docker

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

// fourth is containers.conf as Podman 4.3 writes it.
const fourth = `[containers]
  uri = "tcp://not:1"

[engine]
  active_service = "four"

  [engine.service_destinations]
    [engine.service_destinations.four]
      uri = "ssh://core@four/run/user/501/podman/podman.sock"
      identity = "/home/ops/.ssh/four"
    [engine.service_destinations."dev.vm"]
      uri = 'unix:///run/dev.sock' # quoted otherwise
`

// TestPodmanConnections: of both files and the variables that name them, the newer has the last word.
func TestPodmanConnections(t *testing.T) {
	const fifth = `{"Connection":{"Default":"five","Connections":{"five":{"URI":"ssh://five"},"four":{"URI":"ssh://new"}}}}`
	for name, test := range map[string]struct {
		files map[string]string
		env   map[string]string
		want  string // the endpoint, or a part of the refusal
	}{
		"Podman 4": {files: map[string]string{"containers.conf": fourth},
			want: `ssh://core@four/run/user/501/podman/podman.sock (podman system connection "four"; `},
		"both": {files: map[string]string{"containers.conf": fourth, "podman-connections.json": fifth},
			want: `ssh://five (podman system connection "five"; `},
		"named": {files: map[string]string{"containers.conf": fourth},
			env:  map[string]string{"CONTAINER_CONNECTION": "dev.vm"},
			want: `unix:///run/dev.sock (podman system connection "dev.vm" (CONTAINER_CONNECTION))`},
		"named in both": {files: map[string]string{"containers.conf": fourth, "podman-connections.json": fifth},
			env: map[string]string{"CONTAINER_CONNECTION": "four"}, want: "ssh://new"},
		"a host goes before": {files: map[string]string{"containers.conf": fourth},
			env:  map[string]string{"CONTAINER_CONNECTION": "four", "CONTAINER_HOST": "unix:///h"},
			want: "unix:///h (CONTAINER_HOST)"},
		"not known": {files: map[string]string{"containers.conf": fourth},
			env:  map[string]string{"CONTAINER_CONNECTION": "x"},
			want: `no such connection; known are "dev.vm", "four"`},
		"none": {env: map[string]string{"CONTAINER_CONNECTION": "x"}, want: "podman system connection add makes one"},
		"broken": {files: map[string]string{"podman-connections.json": "{",
			"containers.conf": "[engine\nactive_service = \"x\"\n[engine.service_destinations.x\nuri=\""},
			want: "unix:///nonexistent/docker.sock"},
	} {
		folder := enginetest.WriteTree(t, test.files)
		env := map[string]string{"HOME": "/nonexistent", "CONTAINERS_CONF": filepath.Join(folder, "containers.conf"),
			"PODMAN_CONNECTIONS_CONF": filepath.Join(folder, "podman-connections.json")}
		for key, value := range test.env {
			env[key] = value
		}
		got, err := Resolve(Where{Socket: "/nonexistent/docker.sock", Getenv: func(key string) string { return env[key] }})
		text := got.String()
		if err != nil {
			text = err.Error()
		}
		if name == "broken" && !got.Local { // another engine of this machine, if it has one
			t.Errorf("%s: %s", name, text)
		} else if name != "broken" && !strings.Contains(text, test.want) {
			t.Errorf("%s: %s, want %s", name, text, test.want)
		}
	}
}
