package report

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/oomreport"
)

// readAt is when the logs of the pages below are read, for years that they do not name.
var readAt = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// oomPage is what `gwdoctor oom --file` prints of a log.
func oomPage(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := kernellog.Read(f, kernellog.Options{Zone: time.UTC, Near: readAt})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	a := oom.Make(oom.Source{Kind: oom.SourceFile, Files: []string{filepath.Base(path)}}, log, oom.Question{})
	if err := oomreport.Text(&out, a, layout.Style{Width: 80}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestOOMPages prints what people brought, and recorded logs of each kind, as they are read at three in the morning.
func TestOOMPages(t *testing.T) {
	const logs = "../diagnose/read/kernellog/testdata/"
	paths, err := filepath.Glob(logs + "field/kernel/*")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d logs: %v", len(paths), err)
	}
	for _, name := range []string{"5.10-v1/basic-v1", "5.10-v2/podlimit-v2", "5.10-v2/sig-default", "5.10-v2/ratelimit-v2",
		"6.12-v2/core-ratelimit", "6.12-v2/cont-v2", "6.12-v2/global-v2", "6.12-v2/oomgroup-or-forks-v2",
		"6.12-v2/pids-v2", "6.12-v2/shm-nofree-v2", "6.12-v2/threadinvoker-v2", "6.12-v2/weirdname-v2"} {
		paths = append(paths, logs+name+".dmesg")
	}
	var pages strings.Builder
	for _, path := range paths {
		page := oomPage(t, path)
		checkPage(t, path, page)
		fmt.Fprintf(&pages, "=== %s\n%s\n", strings.TrimPrefix(path, logs), page)
	}
	golden(t, "oom-pages.txt", []byte(pages.String()))
}

// checkPage holds what is true of every page: no id and no path is broken, no number parted from its unit, and what
// casts doubt on the answer stands before it.
func checkPage(t *testing.T, name, page string) {
	t.Helper()
	for line := range strings.Lines(page) {
		word := strings.TrimSpace(line)
		switch word {
		case "B", "KiB", "MiB", "GiB", "s", "min":
			t.Errorf("%s: a unit stands alone on a line:\n%s", name, page)
		}
	}
	verdict := strings.Index(page, "\n\n")
	for _, doubt := range []string{"turned-round", "not-understood", "blob-data", "unknown-prefix"} {
		if at := strings.Index(page, "! "+doubt); at > verdict {
			t.Errorf("%s: %s stands behind the answer:\n%s", name, doubt, page)
		}
	}
}

// TestLogsPages prints what recorded services said before they died.
func TestLogsPages(t *testing.T) {
	paths, err := filepath.Glob("testdata/services/*.log")
	if err != nil || len(paths) < 8 {
		t.Fatalf("%d logs: %v", len(paths), err)
	}
	var pages strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found, err := servicelog.Scan(bytes.NewReader(text), servicelog.Options{Near: readAt})
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		view := answer.LogView{Source: answer.LogSource{Kind: "file", Name: filepath.Base(path)},
			Mask: func(text string) string { return text }}
		l := answer.LogsOf(found, view)
		if err := Logs(&page, l, layout.Style{Width: 80}); err != nil {
			t.Fatal(err)
		}
		checkPage(t, path, page.String())
		fmt.Fprintf(&pages, "=== %s\n%s\n", filepath.Base(path), page.String())
	}
	golden(t, "logs-pages.txt", []byte(pages.String()))
}
