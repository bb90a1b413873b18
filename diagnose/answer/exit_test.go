package answer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

func TestExitCommandsAreOfTheContainer(t *testing.T) {
	code, at := 137, time.Date(2026, 11, 26, 21, 42, 49, 0, time.UTC)
	for name, want := range map[string]string{
		"shop-1":    "container=shop-1 --since 2026-11-26T21:41:49Z --until 2026-11-26T21:43:49Z",
		"$(reboot)": "container=NAME ",
	} {
		var c inquest.Case
		c.Target.Name, c.Death.ExitCode, c.Death.At = name, &code, &at
		all := ""
		for _, m := range answer.ExitOfCase(c).Meanings {
			all += m.Check + "\n"
		}
		if !strings.Contains(all, want) || strings.Contains(all, "reboot") || strings.Contains(all, "--until 0s") {
			t.Errorf("%s: lacks %q:\n%s", name, want, all)
		}
	}
}

// TestExitIsInTheRuntimesWords: whoever runs Podman, containerd or a pod has no docker to ask, and none of its records.
func TestExitIsInTheRuntimesWords(t *testing.T) {
	for runtime, want := range map[string]string{
		"docker": "docker events", "podman": "podman inspect -f '{{.State.StoppedByUser}}'",
		"containerd": "nerdctl inspect", "kubernetes": "kubectl",
	} {
		all := ""
		for code := range 256 {
			c := inquest.Case{}
			c.Target.Name, c.Target.Runtime, c.Death.ExitCode = "shop-1", runtime, &code
			for _, m := range answer.ExitOfCase(c).Meanings {
				all += m.Check + "\n"
			}
		}
		if !strings.Contains(all, want) {
			t.Errorf("%s: no %q", runtime, want)
		}
		if runtime != "docker" && (strings.Contains(all, "docker") || strings.Contains(all, "HasBeenManually")) {
			for _, line := range strings.Split(all, "\n") {
				if strings.Contains(line, "docker") || strings.Contains(line, "HasBeenManually") {
					t.Errorf("%s is told of docker: %s", runtime, line)
				}
			}
		}
	}
}
