package evidence

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// TestKillsOfChosenIDs: a container of ctr is known by its group's path, and no group of the same name elsewhere.
func TestKillsOfChosenIDs(t *testing.T) {
	for group, want := range map[string]int{"/default/web-1": 1, "/web-1": 0, "/default/web-10": 0,
		"/system.slice/x/web-1": 0, "": 0} {
		k := Kernel{Log: &kernellog.Log{Kills: []kernellog.Kill{{TaskCgroup: group}}}}
		if got := len(k.KillsOf("web-1")); got != want {
			t.Errorf("%q: %d kills, want %d", group, got, want)
		}
	}
}
