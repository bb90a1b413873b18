package host

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// TestSpoolKeepsHoles: zeros take no room, and nothing grows without bound.
func TestSpoolKeepsHoles(t *testing.T) {
	ctx := t.Context()
	s, err := Fill(ctx, io.LimitReader(zeros{}, 64<<20))
	if err != nil || s.Size != 64<<20 || s.onDisk != 0 {
		t.Fatalf("%v, %+v", err, s)
	}
	s.Close()
	broken := io.MultiReader(strings.NewReader("abc"), failing{})
	s, err = Fill(ctx, broken)
	if !errors.Is(err, source.ErrTooLarge) || s.Size != 3 {
		t.Errorf("%v, %d bytes; want the stream's error and what came before it", err, s.Size)
	}
	s.Close()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, source.ErrTooLarge }

// TestSystemdRecords ties a journal record to its container by the control group, and
// never takes another's.
func TestSystemdRecords(t *testing.T) {
	line := `{"COREDUMP_SIGNAL":"11","COREDUMP_COMM":"python3","COREDUMP_CMDLINE":"python3 app.py","COREDUMP_RLIMIT":"0","COREDUMP_TIMESTAMP":"1763888000000000","COREDUMP_ENVIRON":"SECRET=hunter2","COREDUMP_PROC_CGROUP":`
	records := coredump.ReadJournal(strings.NewReader(line + `"0::/system.slice/docker-` + enginetest.WebID +
		".scope\"}\nnot json\n" +
		line + `[47,120]}` + "\n"))
	if len(records) != 2 || records[1].Cgroup != "/x" {
		t.Fatalf("%+v", records)
	}
	if c := records[0].ContainerOf(enginetest.WebID); c == nil || c.Grade != coredump.GradeProven {
		t.Errorf("its own: %+v", c)
	}
	if c := records[0].ContainerOf(enginetest.DBID); c != nil {
		t.Errorf("another's: %+v", c)
	}
	d := records[0].Dump()
	if raw, _ := json.Marshal(d); strings.Contains(string(raw), "hunter2") ||
		!strings.Contains(d.Summary, "kept no file") {
		t.Errorf("%s", raw)
	}
}
