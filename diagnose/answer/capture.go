package answer

import "github.com/gwdoctor/gwdoctor/diagnose/bundle"

// Capture is what `gwdoctor capture` prints: what was recorded, and what was not.
type Capture struct {
	SchemaVersion int             `json:"schemaVersion"`
	Path          string          `json:"path"`
	Bytes         int             `json:"bytes"`
	Target        bundle.Target   `json:"target"`
	Redacted      bool            `json:"redacted"`
	Sources       []bundle.Source `json:"sources"`
	Masked        []bundle.Mask   `json:"masked"`
}

// CaptureOf tells of a bundle of so many bytes that was written to a path.
func CaptureOf(m bundle.Manifest, path string, bytes int) Capture {
	return Capture{
		SchemaVersion: SchemaVersion, Path: path, Bytes: bytes, Target: m.Target,
		Redacted: m.Redacted, Sources: m.Sources, Masked: m.Masked,
	}
}
