package host

import (
	"fmt"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

// TestCoreLimitOfContainerd: what a container without a limit of its own inherits.
func TestCoreLimitOfContainerd(t *testing.T) {
	limits := func(soft string) string {
		return "Limit                     Soft Limit           Hard Limit           Units     \n" +
			fmt.Sprintf("%-26s%-21s%-21s%s\n", "Max core file size", soft, "unlimited", "bytes")
	}
	none := int64(-2)
	for name, tt := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"0": {map[string]string{"7/comm": "containerd\n", "7/limits": limits("0"), "8/comm": "dockerd\n",
			"8/limits": limits("4096")}, 0},
		"unlimited": {map[string]string{"7/comm": "containerd\n", "7/limits": limits("unlimited")}, -1},
		"two that agree": {map[string]string{"7/comm": "containerd\n", "7/limits": limits("0"),
			"9/comm": "containerd\n", "9/limits": limits("0")}, 0},
		"two that do not": {map[string]string{"7/comm": "containerd\n", "7/limits": limits("0"),
			"9/comm": "containerd\n", "9/limits": limits("4096")}, none},
		"none":                {map[string]string{"8/comm": "dockerd\n", "8/limits": limits("0")}, none},
		"not to be read":      {map[string]string{"7/comm": "containerd\n"}, none},
		"a shim is not meant": {map[string]string{"7/comm": "containerd-shim\n", "7/limits": limits("0")}, none},
	} {
		got := CoreLimitOf(enginetest.WriteTree(t, tt.files), "containerd")
		if got == nil {
			got = &none
		}
		if *got != tt.want {
			t.Errorf("%s: %d, want %d", name, *got, tt.want)
		}
	}
}

// TestRoom: of the layer's disk, of a volume's, and of no tmpfs.
func TestRoom(t *testing.T) {
	layer := t.TempDir()
	mounts := []Mount{
		{Type: "volume", Source: t.TempDir(), Destination: "/data"}, {Type: "tmpfs", Destination: "/data/tmp"},
		{Type: "bind", Source: "/no/such", Destination: "/gone/"},
	}
	for dir, want := range map[string]bool{"/srv": true, "/": true, "/data": true, "/data/x": true, "/data/tmp": false,
		"/gone/x": false, "/database": true} {
		if got := (Machine{}).Room(dir, layer, mounts); (got != nil) != want || want && *got <= 0 {
			t.Errorf("%s: %v", dir, got)
		}
	}
	if got := (Machine{}).Room("/srv", "", mounts); got != nil {
		t.Errorf("without a layer: %d", *got)
	}
}
