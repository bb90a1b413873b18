package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectEngine keeps GET /version and GET /info, and says which other engines have a container of the same name.
func collectEngine(ctx context.Context, s *session) source.Outcome {
	o := askEngine(ctx, s)
	if hosts := s.namesakes(ctx); len(hosts) > 0 {
		o.Source.Detail += "; a container of this name is at " + strings.Join(hosts, " and ") + ", too"
	}
	return o
}

func askEngine(ctx context.Context, s *session) source.Outcome {
	detail := "at " + s.endpoint.String()
	if s.mute {
		return source.Failed(fmt.Errorf("%s: %w", detail, docker.ErrMute))
	}
	if podman := s.engine.Podman(); podman != "" {
		return podmanOutcome(detail, podman)
	}
	if s.containerd() {
		return containerdOutcome(ctx, s, detail)
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

// podmanOutcome keeps what the ping has told of Podman. Its /version and /info run other programs, which takes 2 to 5 s
// on a busy machine, and tell nothing more that is used.
func podmanOutcome(detail, version string) source.Outcome {
	type component struct{ Name, Version string }
	text, err := json.MarshalIndent(struct {
		Version    string
		Components []component
	}{version, []component{{"Podman Engine", version}}}, "", "  ")
	if err != nil {
		return source.Failed(err)
	}
	o := source.Collected(detail + "; Podman, whose /version and /info are slow and were not asked")
	return o.With(bundle.FileVersion, append(text, '\n'))
}
