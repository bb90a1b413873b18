package collect

import (
	"context"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectEngine keeps GET /version and GET /info.
func collectEngine(ctx context.Context, s *session) source.Outcome {
	detail := "at " + s.endpoint.String()
	if s.mute {
		return source.Failed(fmt.Errorf("%s: %w", detail, docker.ErrMute))
	}
	version, versionErr := s.engine.Version(ctx)
	info := s.info(ctx)
	if versionErr != nil && info.err != nil {
		return s.engineFailure(versionErr)
	}
	o := source.Collected(detail)
	if versionErr == nil {
		o = o.With(bundle.FileVersion, version)
	}
	if info.err == nil {
		o = o.With(bundle.FileInfo, info.raw)
	}
	for _, err := range []error{versionErr, info.err} {
		if err != nil {
			o.Source.Status, o.Source.Detail = fact.StatusTruncated, detail+"; "+err.Error()
		}
	}
	return o
}
