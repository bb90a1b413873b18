package answer

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Sources is what `gwdoctor sources` prints: what this machine lets be seen.
type Sources struct {
	SchemaVersion int      `json:"schemaVersion"`
	Sources       []Source `json:"sources"`
}

// Source says what became of one source.
type Source struct {
	Name    string      `json:"name"`
	Status  fact.Status `json:"status"`
	From    *time.Time  `json:"from,omitempty"`
	To      *time.Time  `json:"to,omitempty"`
	Detail  string      `json:"detail,omitempty"`
	Command string      `json:"command,omitempty"`
}

// SourcesOf lists sources as they are shown.
func SourcesOf(list []bundle.Source) Sources {
	s := Sources{SchemaVersion: SchemaVersion, Sources: []Source{}}
	for _, source := range list {
		s.Sources = append(s.Sources, sourceView(source))
	}
	return s
}

// sourceView is how a bundle's source is shown.
func sourceView(s bundle.Source) Source {
	return Source{Name: s.Name, Status: s.Status, From: s.From, To: s.To, Detail: s.Detail, Command: s.Command}
}
