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
