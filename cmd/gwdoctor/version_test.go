package main

import "testing"

func TestVersionLine(t *testing.T) {
	released := build{Name: "gwdoctor", Version: "1.2.3", Commit: "0123456789abcdef0123456789abcdef01234567", Date: "2026-11-25T15:04:05Z", Go: "go1.26.8", Platform: "linux/arm64"}
	modified := released
	modified.Modified = true
	for _, test := range []struct {
		build build
		want  string
	}{
		{released, "gwdoctor 1.2.3 (commit 0123456789ab of 2026-11-25T15:04:05Z, go1.26.8, linux/arm64)"},
		{modified, "gwdoctor 1.2.3 (commit 0123456789ab of 2026-11-25T15:04:05Z, modified, go1.26.8, linux/arm64)"},
		{build{Name: "gwdoctor", Version: "dev", Go: "go1.26.8", Platform: "linux/arm64"}, "gwdoctor dev (go1.26.8, linux/arm64)"},
		{build{Name: "gwdoctor", Version: "dev", Commit: "abc", Go: "go1.26.8", Platform: "linux/arm64"}, "gwdoctor dev (commit abc, go1.26.8, linux/arm64)"},
	} {
		if got := test.build.String(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
