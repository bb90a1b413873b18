package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func TestLayerIsReadWithoutTheEngine(t *testing.T) {
	upper := enginetest.WriteTree(t, map[string]string{"srv/core": "\x7fELF"})
	if err := os.Symlink("/etc/shadow", filepath.Join(upper, "srv", "link")); err != nil {
		t.Fatal(err)
	}
	got, err := host.WalkLayer(context.Background(), upper)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]host.Change{{Path: "/srv/core", Kind: 1}, {Path: "/srv/link", Kind: 1}}, got); diff != "" {
		t.Error(diff)
	}
}

// TestDeletedFiles uses a file system in memory: some, fuse-overlayfs itself
// among them, refuse names that begin with .wh.
func TestDeletedFiles(t *testing.T) {
	layer := fstest.MapFS{
		"tmp/.wh.gone": {}, "tmp/whiteout": {Mode: fs.ModeDevice | fs.ModeCharDevice}, "tmp/disk": {Mode: fs.ModeDevice},
		".wh..wh..opq": {}, "tmp/.wh..wh.plnk": {},
	}
	var got []host.Change
	err := fs.WalkDir(layer, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if c, ok := host.LayerChange("/"+path, d); ok {
			got = append(got, c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]host.Change{{Path: "/tmp/gone", Kind: 2}, {Path: "/tmp/disk", Kind: 1},
		{Path: "/tmp/whiteout", Kind: 2}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLayerIsCapped(t *testing.T) {
	upper := t.TempDir()
	for i := range host.LayerEntries + 1 {
		if err := os.WriteFile(filepath.Join(upper, fmt.Sprint(i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := host.WalkLayer(context.Background(), upper)
	if !errors.Is(err, host.ErrEnough) || len(got) != host.LayerEntries {
		t.Errorf("%d entries, error %v", len(got), err)
	}
	if _, err := host.WalkLayer(context.Background(), filepath.Join(upper, "none")); err == nil {
		t.Error("a folder that is not there has no error")
	}
}

// TestChangesWaitForTheLog: the engine would hold the container's lock and make
// the log wait, so it is asked for changes only afterwards.
func TestChangesWaitForTheLog(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.WebID+"/logs", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(100 * time.Millisecond)
		fmt.Fprint(w, enginetest.Frame(1, "2026-11-23T20:05:38.665687543Z start\n"))
	})
	collectWeb(t, optionsOf(t, f))
	asked := f.Requests()
	index := func(part string) int {
		return slices.IndexFunc(asked, func(r string) bool { return strings.Contains(r, part) })
	}
	if logs, changes := index(enginetest.WebID+"/logs"), index(enginetest.WebID+"/changes"); logs < 0 || changes < logs {
		t.Errorf("asked in the order %q", asked)
	}
}

const removedEvents = `{"Type":"container","Action":"die","Actor":{"ID":"` + enginetest.TwinID + `","Attributes":{"name":"job","exitCode":"1"}},"timeNano":1795423705000000000}
{"Type":"container","Action":"die","Actor":{"ID":"` + enginetest.DBID + `","Attributes":{"name":"job","exitCode":"99"}},"timeNano":1795423706000000000}
{"Type":"container","Action":"destroy","Actor":{"ID":"` + enginetest.DBID + `","Attributes":{"name":"job"}},"timeNano":1795423706100000000}
`

// TestRemovedContainerIsFoundInTheEvents: --rm leaves nothing but events.
func TestRemovedContainerIsFoundInTheEvents(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/events", enginetest.Body(removedEvents))
	for _, ref := range []string{"job", enginetest.DBID, enginetest.DBID[:12]} {
		opts := optionsOf(t, f)
		opts.Ref = ref
		f.Route("/containers/"+ref+"/json", enginetest.Refuse(404, "No such container: "+ref))
		b := collectWeb(t, opts)
		if got, want := b.Manifest().Target, (bundle.Target{ID: enginetest.DBID, Name: "job", Runtime: bundle.RuntimeDocker,
			Kind: bundle.KindContainer}); got != want {
			t.Errorf("%s: target %v, want the newest of that name, %v", ref, got, want)
		}
		wantStatus(t, b, fact.SourceInspect, fact.StatusAbsent, "removed")
		wantStatus(t, b, fact.SourceLogs, fact.StatusAbsent, "removed")
		if got := strings.Count(text(t, b, bundle.FileEvents), "\n"); got != 2 {
			t.Errorf("%s: %d events, want the two of this id", ref, got)
		}
	}
}

// TestLogOfRemovedContainer: what the driver journald wrote outlives the container; bytes that are no UTF-8, pieces of
// a line and both streams are kept. Where the journal has nothing, its absence is no silence of the service.
func TestLogOfRemovedContainer(t *testing.T) {
	entry := func(us, priority, message, more string) string {
		return `{"__REALTIME_TIMESTAMP":"` + us + `","PRIORITY":"` + priority + `"` + more + `,"MESSAGE":` + message + `}`
	}
	lines := entry("1795464000000001", "6", `"ready"`, "") + "\n" +
		entry("1795464000000002", "3", `[111,255,104]`, "") + "\nno entry\n" +
		entry("1795464000000003", "3", `"cut"`, `,"CONTAINER_PARTIAL_MESSAGE":"true"`) + "\n"
	for name, test := range map[string]struct {
		script, want string
		status       fact.Status
	}{
		"kept": {"cat <<'END'\n" + lines + "END\n", "2026-11-23T20:00:00.000001Z stdout F ready\n" +
			"2026-11-23T20:00:00.000002Z stderr F o\xffh\n2026-11-23T20:00:00.000003Z stderr P cut\n", fact.StatusCollected},
		"cut short": {"cat <<'END'\n" + entry("1795464000000001", "6", `"ready"`, "") + "\nEND\nexit 1\n",
			"2026-11-23T20:00:00.000001Z stdout F ready\n", fact.StatusTruncated},
		"nothing": {"exit 0\n", "", fact.StatusAbsent},
	} {
		f := enginetest.New(t)
		f.Route("/events", enginetest.Body(removedEvents))
		f.Route("/containers/job/json", enginetest.Refuse(404, "No such container: job"))
		opts := optionsOf(t, f)
		opts.Ref = "job"
		opts.Journalctl = around(t, "case \"$*\" in *'CONTAINER_ID_FULL="+enginetest.DBID+
			" _COMM=conmon'*) ;; *) exit 0;; esac\n"+test.script)
		b := collectWeb(t, opts)
		wantStatus(t, b, fact.SourceLogs, test.status, "removed")
		if got, _ := b.File(bundle.FileLogs); string(got) != test.want {
			t.Errorf("%s: %q", name, got)
		}
		command := b.Source(fact.SourceLogs).Command
		if (command != "") != (test.want == "") || command != "" && !strings.HasSuffix(command, enginetest.DBID) {
			t.Errorf("%s: command %q", name, command)
		}
		wantStatus(t, b, fact.SourceChanges, fact.StatusAbsent, "its layer with it")
	}
}

func TestRemovedContainerNeedsAWholeName(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/events", enginetest.Body(removedEvents))
	for _, ref := range []string{"jo", "job2", enginetest.DBID[:6]} {
		opts := optionsOf(t, f)
		opts.Ref = ref
		_, err := Container(context.Background(), opts)
		var missing *docker.NotFoundError
		if !errors.As(err, &missing) {
			t.Errorf("%s: error %v, want not found", ref, err)
		}
	}
}
