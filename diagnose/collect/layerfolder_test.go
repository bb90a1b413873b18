package collect

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// newLayer makes a layer's folder of the paths given: "dir/" with mode 0755, "link>target", or a file.
func newLayer(t *testing.T, paths ...string) *os.Root {
	t.Helper()
	folder := t.TempDir()
	for _, p := range paths {
		at := filepath.Join(folder, p)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case p[len(p)-1] == '/':
			err = os.MkdirAll(at, 0o755)
		case filepath.Base(p) == "link":
			err = os.Symlink("srv", at)
		default:
			err = os.WriteFile(at, nil, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

// TestMergedFolder: what overlayfs would show of a folder, without mounting it.
func TestMergedFolder(t *testing.T) {
	base := newLayer(t, "srv/app/", "srv/file", "var/cores/", "link")
	for _, tt := range []struct {
		name   string
		upper  []string
		dir    string
		ok     bool
		exists bool
	}{
		{"the root", nil, "/", true, true},
		{"in the image", nil, "/srv/app", true, true},
		{"in both", []string{"srv/app/"}, "/srv/app", true, true},
		{"in the upper layer alone", []string{"tmp/cores/"}, "/tmp/cores", true, true},
		{"nowhere", nil, "/srv/none", true, false},
		{"below nothing", nil, "/none/none", true, false},
		{"deleted", []string{"srv/.wh.app"}, "/srv/app", true, false},
		{"its parent deleted", []string{".wh.srv"}, "/srv/app", true, false},
		{"deleted and made again", []string{"srv/.wh.app", "srv/app/"}, "/srv/app", true, false}, // no layer has both: the mark counts
		{"hidden by an opaque parent", []string{"srv/.wh..wh..opq"}, "/srv/app", true, false},
		{"made again in an opaque parent", []string{"srv/.wh..wh..opq", "srv/app/"}, "/srv/app", true, true},
		{"over a link", nil, "/link/app", false, false},
		{"a link", nil, "/link", false, false},
		{"a file", nil, "/srv/file", false, false},
	} {
		d, ok := mergedFolder([]*os.Root{newLayer(t, tt.upper...), base}, tt.dir)
		if ok != tt.ok || ok && (*d.Exists != tt.exists || tt.exists && (d.UID == nil || *d.UID != os.Getuid() || d.Mode == nil || *d.Mode&0o700 != 0o700)) {
			t.Errorf("%s: %+v, %t", tt.name, d, ok)
		}
	}
}

// TestMergedFolderTakesTheTopmostEntry: owner and mode are those of the upper layer.
func TestMergedFolderTakesTheTopmostEntry(t *testing.T) {
	base, upper := newLayer(t, "srv/"), newLayer(t, "srv/")
	if err := os.Chmod(filepath.Join(upper.Name(), "srv"), 0o711); err != nil {
		t.Fatal(err)
	}
	if d, ok := mergedFolder([]*os.Root{upper, base}, "/srv"); !ok || *d.Mode != 0o711 {
		t.Errorf("%+v, %t", d, ok)
	}
	if err := unix.Setxattr(filepath.Join(upper.Name(), "srv"), "user.containers.override_stat", []byte("0:0:0755"), 0); err != nil {
		t.Skipf("no extended attributes here: %v", err)
	}
	if d, ok := mergedFolder([]*os.Root{upper, base}, "/srv"); ok {
		t.Errorf("told from a folder whose owner is kept apart: %+v", d)
	}
}

// TestWhiteoutDevices are how overlayfs itself marks what was deleted.
func TestWhiteoutDevices(t *testing.T) {
	base, upper := newLayer(t, "srv/app/"), newLayer(t, "srv/")
	if err := unix.Mknod(filepath.Join(upper.Name(), "srv/app"), unix.S_IFCHR, 0); err != nil {
		t.Skipf("devices cannot be made here: %v", err)
	}
	if d, ok := mergedFolder([]*os.Root{upper, base}, "/srv/app"); !ok || *d.Exists {
		t.Errorf("%+v, %t", d, ok)
	}
}

// TestLayerFolderLeavesToTheEngine what the layers do not tell.
func TestLayerFolderLeavesToTheEngine(t *testing.T) {
	upper, base := newLayer(t), newLayer(t, "srv/app/", "data/")
	for _, tt := range []struct {
		name   string
		change func(s *session)
		dir    string
		want   bool
	}{
		{"a stopped container", func(*session) {}, "/srv/app", true},
		{"a running one, which may mount what it likes", func(s *session) { s.subject.Running = true }, "/srv/app", false},
		{"a driver without folders", func(s *session) { s.subject.UpperDir = "" }, "/srv/app", false},
		{"a layer that is gone", func(s *session) { s.subject.LowerDirs[0] += "-gone" }, "/srv/app", false},
		{"another machine's engine", func(s *session) { s.hostOnce = func() hostProof { return hostProof{} } }, "/srv/app", false},
		{"owners that the engine maps", func(s *session) {
			s.infoOnce = func() infoResult {
				return infoResult{infoFacts: infoFacts{SecurityOptions: []string{"name=seccomp,profile=default", "name=userns"}}}
			}
		}, "/srv/app", false},
		{"below a volume", func(s *session) { s.subject.Mounts = []Mount{{Destination: "/srv/"}} }, "/srv/app", false},
		{"a volume beside it", func(s *session) { s.subject.Mounts = []Mount{{Destination: "/srv/ap"}} }, "/srv/app", true},
		{"what every container has mounted", func(*session) {}, "/dev/shm", false},
	} {
		s := &session{subject: subject{UpperDir: upper.Name(), LowerDirs: []string{base.Name()}}}
		s.hostOnce = func() hostProof { return hostProof{here: true} }
		s.infoOnce = func() infoResult { return infoResult{} }
		tt.change(s)
		if d, ok := s.layerFolder(t.Context(), tt.dir); ok != tt.want {
			t.Errorf("%s: %+v, %t", tt.name, d, ok)
		}
	}
}
