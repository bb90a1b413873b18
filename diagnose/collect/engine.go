package collect

import (
	"context"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectEngine keeps GET /version and GET /info.
func collectEngine(ctx context.Context, s *session) outcome {
	detail := "at " + s.endpoint.String()
	if s.mute {
		return failed(fmt.Errorf("%s: %w", detail, errMute))
	}
	version, versionErr := s.engine.Version(ctx)
	info := s.info(ctx)
	if versionErr != nil && info.err != nil {
		return s.engineFailure(versionErr)
	}
	o := collected(detail)
	if versionErr == nil {
		o = o.with(bundle.FileVersion, version)
	}
	if info.err == nil {
		o = o.with(bundle.FileInfo, info.raw)
	}
	for _, err := range []error{versionErr, info.err} {
		if err != nil {
			o.source.Status, o.source.Detail = fact.StatusTruncated, detail+"; "+err.Error()
		}
	}
	return o
}
