package collect

import (
	"context"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/containerd"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// containerd is containerd at an endpoint, as the options want it asked.
func (o Options) containerd(e docker.Endpoint) *containerd.Engine {
	return containerd.New(e, o.Getenv("CONTAINERD_NAMESPACE"), o.CgroupRoot, o.Timeout)
}

// containerd tells whether the engine is containerd itself.
func (s *session) containerd() bool { return s.engine != nil && s.engine.Containerd() != "" }

// containerdOutcome keeps what the ping has told of containerd.
func containerdOutcome(ctx context.Context, s *session, detail string) source.Outcome {
	version, err := s.engine.Version(ctx)
	if err != nil {
		return source.Failed(err)
	}
	return source.Collected(detail+"; containerd "+s.engine.Containerd()).With(bundle.FileVersion, append(version, '\n'))
}

// noEvents says why there are none.
func noEvents() source.Outcome {
	return source.Absent("containerd keeps no events: it tells them to who listens at the time", "")
}

// noStateFile says what stands in for it.
func noStateFile() source.Outcome {
	return source.Absent("containerd notes nobody's requests; nerdctl's own label of them, where it has one, was read", "")
}

// withContainerd adds to an error of a container that Docker or Podman does not know containerd's socket, where
// containerd knows it.
func (s *session) withContainerd(ctx context.Context, e *docker.NotFoundError) {
	for _, host := range s.where().Containerds() {
		other := docker.Endpoint{Host: host, Local: true}
		if host == s.endpoint.Host {
			continue
		}
		engine := s.Options.containerd(other)
		_, err := engine.Inspect(ctx, s.Ref)
		engine.Close()
		if err == nil {
			e.Others = append(e.Others, host)
		}
	}
}
