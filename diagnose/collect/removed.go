package collect

import (
	"context"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// lookInEvents finds a container that is gone: --rm, docker rm, compose down. Its
// inspect, log and layer went with it, but the engine's ring may still hold its
// events, with the exit code, and the kernel log its kill (docs/notes/DOCKER.md#a5). Of
// several of one name the newest is meant.
func (s *session) lookInEvents(ctx context.Context, ref string) (identified, bool) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	r, _, err := s.ring(ctx)
	if err != nil {
		return identified{}, false
	}
	defer r.Close()
	removed, ok := docker.NewestNamed(r, ref)
	if !ok {
		return identified{}, false
	}
	o := source.Absent("the container was removed; only the engine's events are left of it", "")
	o.Source.Name = fact.SourceInspect
	return identified{removed, o}, true
}
