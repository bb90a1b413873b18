package docker

import (
	"encoding/json"
	"testing"
)

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
