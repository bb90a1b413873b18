package collect

import (
	"context"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// collectImage keeps GET /images/ID/json of the very image that the container was
// made from: its tag may point to another one by now.
func collectImage(ctx context.Context, s *session) outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	if s.subject.ImageID == "" {
		return absent("inspect names no image", "")
	}
	raw, err := s.engine.Image(ctx, s.subject.ImageID)
	if statusCode(err) == 404 {
		return absent("the image was deleted: "+s.subject.ImageID, "")
	}
	if err != nil {
		return s.engineFailure(err)
	}
	return collected(s.subject.ImageID).with(bundle.FileImage, raw)
}
