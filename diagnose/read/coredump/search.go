package coredump

// Search is what was found, and where it was looked for: cores/cores.json of a
// bundle.
type Search struct {
	Cores  []Dump  `json:"cores"`
	Places []Place `json:"places"`
}

// Place is where cores were looked for.
type Place struct {
	Name    string `json:"name"`             // writable-layer, mounts, systemd-coredump, apport, abrt
	Status  string `json:"status"`           // as of bundle.Source
	Detail  string `json:"detail,omitempty"` // what was looked at, or why it could not be
	Command string `json:"command,omitempty"`
}

// Where a core lay.
const (
	WhereContainer = "container"
	WhereHost      = "host"
	WhereSystemd   = "systemd-coredump"
	WhereApport    = "apport"
	WhereAbrt      = "abrt"
)
