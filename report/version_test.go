package report

import (
	"bytes"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

func TestVersionLine(t *testing.T) {
	released := answer.Version{Name: "gwdoctor", Version: "1.2.3", Commit: "0123456789abcdef0123456789abcdef01234567",
		Date: "2026-11-25T15:04:05Z", Go: "go1.26.8", Platform: "linux/arm64"}
	modified := released
	modified.Modified = true
	for _, test := range []struct {
		version answer.Version
		want    string
	}{
		{released, "gwdoctor 1.2.3 (commit 0123456789ab of 2026-11-25T15:04:05Z, go1.26.8, linux/arm64)"},
		{modified, "gwdoctor 1.2.3 (commit 0123456789ab of 2026-11-25T15:04:05Z, modified, go1.26.8, linux/arm64)"},
		{answer.Version{Name: "gwdoctor", Version: "dev", Go: "go1.26.8", Platform: "linux/arm64"},
			"gwdoctor dev (go1.26.8, linux/arm64)"},
		{answer.Version{Name: "gwdoctor", Version: "dev", Commit: "abc", Go: "go1.26.8", Platform: "linux/arm64"},
			"gwdoctor dev (commit abc, go1.26.8, linux/arm64)"},
	} {
		var got bytes.Buffer
		if err := Version(&got, test.version, layout.Style{}); err != nil || got.String() != test.want+"\n" {
			t.Errorf("got  %s (%v)\nwant %s", &got, err, test.want)
		}
	}
}
