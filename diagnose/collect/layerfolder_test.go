package collect

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
)

// TestLayerFolderLeavesToTheEngine what the layers do not tell.
func TestLayerFolderLeavesToTheEngine(t *testing.T) {
	upper, base := enginetest.NewLayer(t), enginetest.NewLayer(t, "srv/app/", "data/")
	for _, tt := range []struct {
		name   string
		change func(s *session)
		dir    string
		want   bool
	}{
		{"a stopped container", func(*session) {}, "/srv/app", true},
		{"a running one, which may mount what it likes", func(s *session) { s.container.Running = true }, "/srv/app", false},
		{"a driver without folders", func(s *session) { s.container.UpperDir = "" }, "/srv/app", false},
		{"a layer that is gone", func(s *session) { s.container.LowerDirs[0] += "-gone" }, "/srv/app", false},
		{"another machine's engine", func(s *session) {
			s.hostOnce = func() hostProof {
				return hostProof{}
			}
		}, "/srv/app", false},
		{"owners that the engine maps", func(s *session) {
			s.infoOnce = func() infoResult {
				return infoResult{infoFacts: infoFacts{SecurityOptions: []string{"name=seccomp,profile=default", "name=userns"}}}
			}
		}, "/srv/app", false},
		{"below a volume", func(s *session) { s.container.Mounts = []host.Mount{{Destination: "/srv/"}} }, "/srv/app", false},
		{"a volume beside it", func(s *session) { s.container.Mounts = []host.Mount{{Destination: "/srv/ap"}} },
			"/srv/app", true},
		{"what every container has mounted", func(*session) {}, "/dev/shm", false},
	} {
		s := &session{container: docker.Container{UpperDir: upper.Name(), LowerDirs: []string{base.Name()}}}
		s.hostOnce = func() hostProof { return hostProof{here: true} }
		s.infoOnce = func() infoResult { return infoResult{} }
		tt.change(s)
		if d, ok := s.layerFolder(t.Context(), tt.dir); ok != tt.want {
			t.Errorf("%s: %+v, %t", tt.name, d, ok)
		}
	}
}
