package host

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"golang.org/x/sys/unix"
)

// TestMergedFolder: what overlayfs would show of a folder, without mounting it.
func TestMergedFolder(t *testing.T) {
	base := enginetest.NewLayer(t, "srv/app/", "srv/file", "var/cores/", "link")
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
		// no layer has both: the mark counts
		{"deleted and made again", []string{"srv/.wh.app", "srv/app/"}, "/srv/app", true, false},
		{"hidden by an opaque parent", []string{"srv/.wh..wh..opq"}, "/srv/app", true, false},
		{"made again in an opaque parent", []string{"srv/.wh..wh..opq", "srv/app/"}, "/srv/app", true, true},
		{"over a link", nil, "/link/app", false, false},
		{"a link", nil, "/link", false, false},
		{"a file", nil, "/srv/file", false, false},
	} {
		d, ok := mergedFolder([]*os.Root{enginetest.NewLayer(t, tt.upper...), base}, tt.dir)
		if ok != tt.ok || ok && (*d.Exists != tt.exists || tt.exists &&
			(d.UID == nil || *d.UID != os.Getuid() || d.Mode == nil || *d.Mode&0o700 != 0o700)) {
			t.Errorf("%s: %+v, %t", tt.name, d, ok)
		}
	}
}

// TestMergedFolderTakesTheTopmostEntry: owner and mode are those of the upper layer.
func TestMergedFolderTakesTheTopmostEntry(t *testing.T) {
	base, upper := enginetest.NewLayer(t, "srv/"), enginetest.NewLayer(t, "srv/")
	if err := os.Chmod(filepath.Join(upper.Name(), "srv"), 0o711); err != nil {
		t.Fatal(err)
	}
	if d, ok := mergedFolder([]*os.Root{upper, base}, "/srv"); !ok || *d.Mode != 0o711 {
		t.Errorf("%+v, %t", d, ok)
	}
	if err := unix.Setxattr(filepath.Join(upper.Name(), "srv"), "user.containers.override_stat", []byte("0:0:0755"),
		0); err != nil {
		t.Skipf("no extended attributes here: %v", err)
	}
	if d, ok := mergedFolder([]*os.Root{upper, base}, "/srv"); ok {
		t.Errorf("told from a folder whose owner is kept apart: %+v", d)
	}
}

// TestWhiteoutDevices are how overlayfs itself marks what was deleted.
func TestWhiteoutDevices(t *testing.T) {
	base, upper := enginetest.NewLayer(t, "srv/app/"), enginetest.NewLayer(t, "srv/")
	if err := unix.Mknod(filepath.Join(upper.Name(), "srv/app"), unix.S_IFCHR, 0); err != nil {
		t.Skipf("devices cannot be made here: %v", err)
	}
	if d, ok := mergedFolder([]*os.Root{upper, base}, "/srv/app"); !ok || *d.Exists {
		t.Errorf("%+v, %t", d, ok)
	}
}
