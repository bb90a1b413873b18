package collect

import (
	"os"
	"path/filepath"
	"testing"
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
