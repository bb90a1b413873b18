package answer

import "github.com/gwdoctor/gwdoctor/diagnose/read/coredump"

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
