package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func collectChanges(ctx context.Context, s *session) source.Outcome {
	return source.Await(ctx, s.changesOnce, func(err error) source.Outcome { return s.engineFailure(err) })
}

// readChanges keeps the paths of the container's writable layer, as
// GET /containers/ID/changes gives them: [{"Path":"/core","Kind":1}].
//
// The engine holds the container's lock while it compares the layers, and logs
// and inspect of the same container wait for that lock: on 20.10 with
// fuse-overlayfs a diff of 2.7 s kept `docker logs` waiting for 1.6 s, and a
// client that gives up does not end it. So the layer's own folder is read where
// it is at hand, and else the engine is asked only after the log has been read.
func readChanges(ctx context.Context, s *session) source.Outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	if s.container.Removed { // Podman answers 500 then
		return source.Absent("the container was removed, and its layer with it", "")
	}
	if s.container.UpperDir != "" && s.host(ctx).here {
		if o, ok := s.layerChanges(ctx); ok {
			return o
		}
	}
	select {
	case <-s.logsRead:
	case <-ctx.Done():
		return source.Failed(errors.New("not asked: the log was still being read, and the engine would have made it wait"))
	}
	raw, err := s.engine.Changes(ctx, s.container.ID)
	if err != nil {
		o := s.engineFailure(err)
		if o.Source.Status != fact.StatusAbsent { // what was removed has none
			o.Source.Command = s.runtime() + " diff " + source.ShellWord(s.container.ID[:min(12, len(s.container.ID))])
		}
		return o
	}
	return source.Collected("").With(bundle.FileChanges, raw)
}

// layerChanges lists the files of the layer's folder; ok is false where it may
// not be read.
func (s *session) layerChanges(ctx context.Context) (o source.Outcome, ok bool) {
	list, err := source.Await2(ctx, func() ([]host.Change, error) { return host.WalkLayer(ctx, s.container.UpperDir) })
	if err != nil && !errors.Is(err, host.ErrEnough) {
		return source.Outcome{}, false
	}
	raw, encodeErr := json.Marshal(list)
	if encodeErr != nil {
		return source.Outcome{}, false
	}
	detail := fmt.Sprintf("%d files in %s", len(list), s.container.UpperDir)
	o = source.Collected(detail)
	if errors.Is(err, host.ErrEnough) {
		o = source.Truncated(detail + "; the rest was left out")
	}
	return o.With(bundle.FileChanges, raw), true
}
