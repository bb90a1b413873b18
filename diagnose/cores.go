package diagnose

import (
	"encoding/json"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/coredump"
)

// Cores is what `gwdoctor cores` prints: docs/schema/cores.schema.json.
type Cores struct {
	SchemaVersion int              `json:"schemaVersion"`
	Target        *CoreTarget      `json:"target"` // null where files were named, or the host was asked
	Cores         []coredump.Dump  `json:"cores"`
	Setup         *CoreSetup       `json:"setup"` // null where it is not known
	WhyNone       []coredump.Check `json:"whyNone"`
	Searched      []coredump.Place `json:"searched"` // where it was looked for cores
}

// CoreTarget is the container that was asked about.
type CoreTarget struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// CoreSetup is where this kernel sends cores, and the container's limit.
type CoreSetup struct {
	Pattern string `json:"pattern"`
	Handler string `json:"handler"` // file, systemd-coredump, apport, abrt, pipe, socket, none
	UsesPID bool   `json:"usesPid"`
	Limit   *int64 `json:"limit"` // bytes, -1 = unlimited, null = not known
}

// CoresOf reads what a bundle of core files holds.
func CoresOf(b *bundle.Bundle) Cores {
	c := Cores{SchemaVersion: SchemaVersion, Cores: []coredump.Dump{}, WhyNone: []coredump.Check{}, Searched: []coredump.Place{}}
	var found coredump.Search
	if data, ok := b.File(bundle.FileCores); ok && json.Unmarshal(data, &found) == nil {
		c.Cores = append(c.Cores, found.Cores...)
		c.Searched = append(c.Searched, found.Places...)
	}
	return c
}
