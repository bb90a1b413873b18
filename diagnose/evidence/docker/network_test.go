package docker

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// TestForwards: TCP ports that the host has lead in; EXPOSE alone and UDP do not, and forwarders without root come from
// within.
func TestForwards(t *testing.T) {
	const both = `{"8080/tcp":[{"HostIp":"0.0.0.0","HostPort":"80"},{"HostIp":"::","HostPort":"80"}],
		"53/udp":[{"HostIp":"","HostPort":"53"}],"9000/tcp":null,"9001/tcp":[],"x/tcp":[{"HostPort":"1"}]}`
	for _, tt := range []struct {
		mode, ports string
		want        []evidence.Forward
	}{
		{"shop_default", both, []evidence.Forward{{HostPort: 80, Port: 8080}}},
		{"host", `{}`, nil},
		{"pasta", both, nil},
		{"slirp4netns:port_handler=rootlesskit", both, nil},
	} {
		raw := &Body{}
		raw.HostConfig.NetworkMode = tt.mode
		if err := json.Unmarshal([]byte(tt.ports), &raw.NetworkSettings.Ports); err != nil {
			t.Fatal(err)
		}
		if got := raw.forwards(); !slices.Equal(got, tt.want) {
			t.Errorf("mode %q: %v, want %v", tt.mode, got, tt.want)
		}
	}
}

// TestNoNetwork: only who was made for a network, and stands in none, was taken out of it. The modes are those that
// engines answer with.
func TestNoNetwork(t *testing.T) {
	for mode, tests := range map[string][]struct{ networks, want string }{
		"shop_default":                     {{`{}`, "shop_default"}, {`{"shop_default":{}}`, ""}, {`{"other":{}}`, ""}, {`null`, ""}},
		"default":                          {{`{}`, "bridge"}, {`{"bridge":{}}`, ""}},
		"bridge":                           {{`{}`, "bridge"}, {`{"podman":{}}`, ""}},
		"none":                             {{`{"none":{}}`, ""}, {`{}`, ""}},
		"host":                             {{`{"host":{}}`, ""}, {`{}`, ""}},
		"":                                 {{`{}`, ""}},
		"slirp4netns":                      {{`{}`, ""}},
		"pasta":                            {{`{}`, ""}},
		"container:5fe1a0c0ffee0123456789": {{`{}`, ""}},
	} {
		for _, tt := range tests {
			raw := &Body{}
			raw.HostConfig.NetworkMode = mode
			if err := json.Unmarshal([]byte(tt.networks), &raw.NetworkSettings.Networks); err != nil {
				t.Fatal(err)
			}
			if got := raw.noNetwork(); got != tt.want {
				t.Errorf("mode %q with %s: %q, want %q", mode, tt.networks, got, tt.want)
			}
		}
	}
}

// TestOwnNetwork: what everybody is in by default, or each for himself, ties nobody together.
func TestOwnNetwork(t *testing.T) {
	for name, want := range map[string]bool{"shop_default": true, "bridge": false, "host": false, "none": false,
		"podman": false, "slirp4netns": false, "pasta": false} {
		if got := OwnNetwork(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
