package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

func collectChanges(ctx context.Context, s *session) outcome {
	return await(ctx, s.changesOnce, func(err error) outcome { return s.engineFailure(err) })
}

// readChanges keeps the paths of the container's writable layer, as
// GET /containers/ID/changes gives them: [{"Path":"/core","Kind":1}].
//
// The engine holds the container's lock while it compares the layers, and logs
// and inspect of the same container wait for that lock: on 20.10 with
// fuse-overlayfs a diff of 2.7 s kept `docker logs` waiting for 1.6 s, and a
// client that gives up does not end it. So the layer's own folder is read where
// it is at hand, and else the engine is asked only after the log has been read.
func readChanges(ctx context.Context, s *session) outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	if s.subject.UpperDir != "" && s.host(ctx).here {
		if o, ok := s.layerChanges(ctx); ok {
			return o
		}
	}
	select {
	case <-s.logsRead:
	case <-ctx.Done():
		return failed(errors.New("not asked: the log was still being read, and the engine would have made it wait"))
	}
	raw, err := s.engine.Changes(ctx, s.subject.ID)
	if err != nil {
		o := s.engineFailure(err)
		o.source.Command = "docker diff " + shellWord(s.subject.ID[:min(12, len(s.subject.ID))])
		return o
	}
	return collected("").with(bundle.FileChanges, raw)
}

// layerChanges lists the files of the layer's folder; ok is false where it may
// not be read.
func (s *session) layerChanges(ctx context.Context) (o outcome, ok bool) {
	list, err := await2(ctx, func() ([]change, error) { return walkLayer(ctx, s.subject.UpperDir) })
	if err != nil && !errors.Is(err, errEnough) {
		return outcome{}, false
	}
	raw, encodeErr := json.Marshal(list)
	if encodeErr != nil {
		return outcome{}, false
	}
	detail := fmt.Sprintf("%d files in %s", len(list), s.subject.UpperDir)
	o = collected(detail)
	if errors.Is(err, errEnough) {
		o = truncated(detail + "; the rest was left out")
	}
	return o.with(bundle.FileChanges, raw), true
}
