package answer

import (
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Capture is what `gwdoctor capture` prints: what was recorded, and what was not.
type Capture struct {
	SchemaVersion int             `json:"schemaVersion"`
	Path          string          `json:"path"`
	Bytes         int             `json:"bytes"`
	Target        bundle.Target   `json:"target"`
	Redacted      bool            `json:"redacted"`
	Sources       []bundle.Source `json:"sources"`
	Masked        []bundle.Mask   `json:"masked"`
	Containers    []bundle.Target `json:"containers"` // whose bundles the file holds
}

// CaptureOf tells of a bundle of so many bytes that was written to a path.
func CaptureOf(m bundle.Manifest, path string, bytes int) Capture {
	return Capture{
		SchemaVersion: SchemaVersion, Path: path, Bytes: bytes, Target: m.Target,
		Redacted: m.Redacted, Sources: m.Sources, Masked: m.Masked, Containers: []bundle.Target{m.Target},
	}
}

// KindProject is the kind of a target that is a compose project.
const KindProject = "project"

// CaptureOfSet tells of the bundles of a project's containers in one file: what was recorded of any of them, and what
// could not be read of any, once.
func CaptureOfSet(project string, list []bundle.Manifest, path string, bytes int) Capture {
	c := Capture{
		SchemaVersion: SchemaVersion, Path: path, Bytes: bytes, Redacted: true, Sources: []bundle.Source{},
		Masked: []bundle.Mask{}, Containers: []bundle.Target{}, Target: bundle.Target{ID: project, Name: project,
			Runtime: list[0].Target.Runtime, Kind: KindProject},
	}
	type shortfall struct {
		name, detail string
		status       fact.Status
	}
	told := map[shortfall]bool{}
	for _, m := range list {
		c.Containers = append(c.Containers, m.Target)
		c.Masked = append(c.Masked, m.Masked...)
		c.Redacted = c.Redacted && m.Redacted
		for _, s := range m.Sources {
			key := shortfall{name: s.Name, status: s.Status}
			if s.Status != fact.StatusCollected {
				key.detail = s.Detail
			}
			if !told[key] {
				c.Sources, told[key] = append(c.Sources, s), true
			}
		}
	}
	return c
}
