package host

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/coretest"
)

// The recorded core "segv" holds this host name in its environment block; the
// container of that id is whose it is.
const segvID = "258b24e743e1" + "0000000000000000000000000000000000000000000000000000"

// segvCore is a core that package coredump keeps for its tests.
const segvCore = "../../read/coredump/testdata/cores/segv.core.zst"

// storesOf is a search on a machine whose stores hold files, for the container of id.
func storesOf(t *testing.T, id string, files map[string]string) *CoreSearch {
	t.Helper()
	m := Machine{HostRoot: enginetest.WriteTree(t, files), Journalctl: "/nonexistent"}.WithUsual()
	return &CoreSearch{Machine: m, Owner: Owner{ID: id, Name: "web", Hostname: id[:12]}, Binaries: NewBinaries(),
		Records: func(ctx context.Context) ([]coredump.JournalRecord, error) { return m.CoreRecords(ctx, time.Time{}) }}
}

// TestApportStore reads a report and a raw core of apport's; another container's are
// left, and a report without a core does no harm.
func TestApportStore(t *testing.T) {
	core := coretest.Recorded(t, segvCore)
	files := map[string]string{
		"var/crash/_usr_bin_python3.11.0.crash":                        string(coretest.Apport(t, core)),
		"var/crash/_usr_bin_other.0.crash":                             "ProblemType: Crash\nSignal: 6\n",
		"var/crash/README":                                             string(core),
		"var/lib/apport/coredump/core._usr_bin_python3_11.0.b00t.7.12": string(core),
		"var/log/apport.log": "ERROR: apport: host pid 4711 crashed in a " +
			"container without apport support\n",
	}
	found, place := LookInApport(t.Context(), storesOf(t, segvID, files))
	if len(found) != 2 || place.Status != string(fact.StatusCollected) ||
		!strings.Contains(place.Detail, "host pid 4711 crashed in a container") {
		t.Fatalf("%d cores, %+v", len(found), place)
	}
	for i, form := range []string{coredump.WhereApport, ""} {
		d := found[i]
		if d.Form != form || d.Kind != coredump.KindNullPointer || len(d.Threads[0].Python) != 4 ||
			d.Container.Grade != coredump.GradeProven || d.Where != coredump.WhereApport {
			t.Errorf("%q: %s, %+v", d.Form, d.Summary, d.Container)
		}
	}
	if found, _ := LookInApport(t.Context(), storesOf(t, enginetest.WebID, files)); len(found) != 0 {
		t.Errorf("another container got %d of them", len(found))
	}
}

// TestAbrtStore: container_id decides, by its twelve digits; less than those name
// nobody.
func TestAbrtStore(t *testing.T) {
	core := string(coretest.Recorded(t, segvCore))
	files := map[string]string{
		"var/spool/abrt/ccpp-2026-11-23-10:00:00-1/container_id": segvID[:12] + "\n",
		"var/spool/abrt/ccpp-2026-11-23-10:00:00-1/coredump":     core,
		"var/spool/abrt/ccpp-2026-11-23-10:00:00-2/container_id": enginetest.WebID[:12],
		"var/spool/abrt/ccpp-2026-11-23-10:00:00-2/coredump":     core,
		"var/spool/abrt/ccpp-2026-11-23-10:00:00-3/container_id": "2",
		"var/spool/abrt/ccpp-2026-11-23-10:00:00-3/coredump":     core,
		"var/spool/abrt/ccpp-2026-11-23-10:00:00-4/coredump":     core,
		"var/spool/abrt/oops-2026-11-23-10:00:00-5/container_id": segvID[:12],
		"var/spool/abrt/ccpp-2026-11-23-10:00:00-6/container_id": segvID[:12],
	}
	found, place := LookInAbrt(t.Context(), storesOf(t, segvID, files))
	if place.Status != string(fact.StatusCollected) || len(found) != 2 {
		t.Fatalf("%d cores, %+v", len(found), place)
	}
	if d := found[0]; d.Kind != coredump.KindNullPointer || d.Container.ID != segvID || d.Where != coredump.WhereAbrt ||
		!strings.Contains(d.Path, "10:00:00-1/") {
		t.Errorf("%s: %s, %+v", d.Path, d.Summary, d.Container)
	}
	if found[1].Error == "" {
		t.Errorf("a folder whose core is gone: %+v", found[1])
	}
	if _, place := LookInAbrt(t.Context(), storesOf(t, segvID, nil)); place.Status != string(fact.StatusAbsent) {
		t.Errorf("no store: %+v", place)
	}
}

// TestSystemdStore: without a journal the files are tied by what is in them.
func TestSystemdStore(t *testing.T) {
	raw, err := os.ReadFile(segvCore)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"var/lib/systemd/coredump/core.python3.0.8d1f0bd4e4a94b6c9a2b7d6f1f1a2b3c.4711.1795428000000000.zst": string(raw),
		"var/lib/systemd/coredump/core.gw\\x2eworker.1000.8d1f0bd4.4712.1795428001000000.zst":                "broken",
		"var/lib/systemd/coredump/.#core.python3.tmp":                                                        string(raw),
	}
	found, place := LookInSystemd(t.Context(), storesOf(t, segvID, files))
	if len(found) != 1 || found[0].Form != "zstd" || found[0].Kind != coredump.KindNullPointer ||
		found[0].Container.Grade != coredump.GradeProven {
		t.Fatalf("%d cores: %+v", len(found), found)
	}
	if !strings.Contains(place.Detail, "journalctl is not installed") {
		t.Errorf("place %+v: the journal is not said to be missing", place)
	}
}

// TestGrowingFile: a core that is written while it is read is said to grow; one that
// was cut long ago is not.
func TestGrowingFile(t *testing.T) {
	whole := coretest.Recorded(t, segvCore)
	path := filepath.Join(t.TempDir(), "core")
	grow := func(string, string) (io.ReaderAt, error) {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		_, err = f.Write(make([]byte, 4096))
		return nil, err
	}
	long := func() time.Time { return time.Now().Add(time.Hour) }
	nothing := NewBinaries().Open
	for _, tt := range []struct {
		name   string
		size   int
		now    func() time.Time
		binary coredump.Binary
		want   bool
	}{
		{"cut long ago", len(whole) / 2, long, nothing, false},
		{"written just now", len(whole) / 2, time.Now, nothing, true},
		{"whole", len(whole), time.Now, nothing, false},
		{"grows while it is read", len(whole), long, grow, true},
	} {
		if err := os.WriteFile(path, whole[:tt.size], 0o600); err != nil {
			t.Fatal(err)
		}
		d := ReadCoreFile(t.Context(), path, tt.now, tt.binary)
		if d.Error != "" || d.Truncated != (tt.size < len(whole)) || d.Growing != tt.want || d.Signal != "SIGSEGV" {
			t.Errorf("%s: growing %v, truncated %v, %s, %q", tt.name, d.Growing, d.Truncated, d.Signal, d.Error)
		}
	}
}
