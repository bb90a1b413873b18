package collect

import (
	"archive/tar"
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/coretest"
)

// recordedCore is a core that package coredump keeps for its tests.
func recordedCore(t *testing.T, name string) []byte {
	t.Helper()
	return coretest.Recorded(t, filepath.Join("..", "read", "coredump", "testdata", "cores", name+".core.zst"))
}

// archive answers GET /containers/ID/archive with a tar of one entry.
func archive(header tar.Header, data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("path") != "/core" {
			enginetest.Refuse(404, "Could not find the file")(w, r)
			return
		}
		out := tar.NewWriter(w)
		header.Size = int64(len(data))
		if out.WriteHeader(&header) == nil {
			_, _ = out.Write(data)
			_ = out.Close()
		}
	}
}

func coresOf(t *testing.T, f *enginetest.Engine) (coredump.Search, bundle.Source) {
	t.Helper()
	opts := optionsOf(t, f)
	opts.Archives = 16
	b := collectWeb(t, opts)
	var found coredump.Search
	if err := json.Unmarshal([]byte(text(t, b, bundle.FileCores)), &found); err != nil {
		t.Fatal(err)
	}
	return found, b.Source(fact.SourceCores)
}

// TestCoreThroughTheEngine: the core of a dead container on another machine, whole.
func TestCoreThroughTheEngine(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.WebID+"/archive",
		archive(tar.Header{Name: "core", Typeflag: tar.TypeReg, Mode: 0o600}, recordedCore(t, "segv")))
	found, source := coresOf(t, f)
	if source.Status != fact.StatusCollected || len(found.Cores) != 1 {
		t.Fatalf("%+v: %+v", source, found.Places)
	}
	d := found.Cores[0]
	if d.Path != "/core" || d.Kind != coredump.KindNullPointer || d.Container.Grade != coredump.GradeProven ||
		len(d.Threads[0].Python) != 4 {
		t.Errorf("%s, %s, %+v, %+v", d.Path, d.Summary, d.Container, d.Threads[0].Python)
	}
}

// TestNoCoreIsFetchedUnasked: the engine's archive call touches the container, so it is
// made as often as it was allowed, and what is left out is said.
func TestNoCoreIsFetchedUnasked(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.WebID+"/archive",
		archive(tar.Header{Name: "core", Typeflag: tar.TypeReg, Mode: 0o600}, recordedCore(t, "segv")))
	b := collectWeb(t, optionsOf(t, f))
	wantStatus(t, b, "cores", fact.StatusTruncated, "could not be fetched without touching the container")
	if f.Asked("archive") {
		t.Error("the engine was asked for a file of the container")
	}
}

// TestWhatHasACoresNameOnly: a link, a log and a library named core are no cores; what
// the engine does not give is said.
func TestWhatHasACoresNameOnly(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		status fact.Status
	}{
		{"link", archive(tar.Header{Name: "core", Typeflag: tar.TypeSymlink, Linkname: "/etc/shadow"}, nil),
			fact.StatusTruncated},
		{"text", archive(tar.Header{Name: "core", Typeflag: tar.TypeReg}, []byte("the core of the matter")),
			fact.StatusCollected},
		{"empty", archive(tar.Header{Name: "core", Typeflag: tar.TypeReg}, nil), fact.StatusCollected},
		{"gone", enginetest.Refuse(404, "No such container"), fact.StatusTruncated},
		{"no tar", enginetest.Body("<html>"), fact.StatusTruncated},
	} {
		f := enginetest.New(t)
		f.Route("/containers/"+enginetest.WebID+"/archive", tt.answer)
		found, source := coresOf(t, f)
		if len(found.Cores) != 0 || source.Status != tt.status {
			t.Errorf("%s: %d cores, %s (%s), want none, %s", tt.name, len(found.Cores), source.Status, source.Detail, tt.status)
		}
	}
}

// TestPrefixTellsTheFacts: with the first megabyte alone the facts are there.
func TestPrefixTellsTheFacts(t *testing.T) {
	data := recordedCore(t, "segv")
	d := host.Describe(&prefixReader{data[:corePrefix]}, int64(len(data)), nil)
	if d.Signal != "SIGSEGV" || d.Kind != coredump.KindNullPointer || d.ThreadCount != 1 || d.Truncated ||
		d.Python == nil {
		t.Errorf("%+v", d)
	}
}
