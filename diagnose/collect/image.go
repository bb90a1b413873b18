package collect

import (
	"context"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// collectImage keeps GET /images/ID/json of the very image that the container was
// made from: its tag may point to another one by now.
func collectImage(ctx context.Context, s *session) source.Outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	if s.container.ImageID == "" {
		return source.Absent("inspect names no image", "")
	}
	raw, err := s.engine.Image(ctx, s.container.ImageID)
	if docker.StatusCode(err) == 404 {
		return source.Absent("the image was deleted: "+s.container.ImageID, "")
	}
	if err != nil {
		return s.engineFailure(err)
	}
	return source.Collected(s.container.ImageID).With(bundle.FileImage, raw)
}
