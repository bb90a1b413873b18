package collect

import (
	"context"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
)

// How long to wait for an engine that still calls a container running whose first process
// is gone: it hears of an end from its shim, after the kernel has reaped the process.
const (
	endedTries = 20
	endedPause = 100 * time.Millisecond
)

// ended tells whether the container, alive when it was inspected, has ended or was
// started anew since.
func (s *session) ended(ctx context.Context) bool {
	if s.mute || !s.container.Known || !s.container.Running || s.container.InspectErr != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	for range endedTries {
		raw, err := s.inspectAnew(ctx)
		if err != nil {
			return false // removed, or silent: what was read stands
		}
		now, err := docker.ParseInspect(raw)
		switch {
		case err != nil:
			return false
		case !now.Running, !now.StartedAt.Equal(s.container.StartedAt):
			return true
		case s.container.PID == 0, !s.host(ctx).here, s.processes().Alive():
			return false
		}
		select {
		case <-time.After(endedPause):
		case <-ctx.Done():
			return false
		}
	}
	return false
}

// inspectAnew asks the engine itself, whatever a round remembers.
func (s *session) inspectAnew(ctx context.Context) ([]byte, error) {
	shared, ok := s.engine.(*sharedEngine)
	if !ok {
		return s.engine.Inspect(ctx, s.container.ID)
	}
	return shared.ask(ctx, func() ([]byte, error) { return shared.Engine.Inspect(ctx, s.container.ID) })
}
