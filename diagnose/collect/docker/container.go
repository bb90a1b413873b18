package docker

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
)

// Container is what the collectors must know of the container. It comes from
// inspect or, when that hangs, from the list or the engine's own file.
type Container struct {
	ID, Name   string // ID is what the user typed, and Known false, when nobody could resolve it
	Known      bool
	Removed    bool // it is gone: what is known of it is what events tell
	Running    bool
	PID        int // init, in the engine's pid namespace; 0 = not running or not known
	ImageID    string
	LogDriver  string
	LogMode    string // "non-blocking" or ""
	LogOpts    map[string]string
	Network    string   // HostConfig.NetworkMode
	Ports      []int    // of the host that it wants, whether it got them or not
	Refused    bool     // the engine could not start it
	Failed     bool     // it ended, and not with success
	ExitCode   int      // of what does not run; -1 = it runs, or not told
	Addresses  []string // on its networks, while it runs
	Env        []string // NAME=value
	Checker    string   // the program of a health check in exec form; "" = there is none, or a shell runs it
	Project    string   // com.docker.compose.project
	UpperDir   string   // the writable layer's folder on the engine's machine; "" = not told
	LowerDirs  []string // and those of its image, the topmost first
	Mounts     []host.Mount
	Hostname   string // Config.Hostname: the id's first 12 digits unless set
	WorkingDir string
	Created    time.Time // zero = not told
	StartedAt  time.Time // of the newest run; zero = not known
	FinishedAt time.Time // of the newest run that ended; zero = none has, or not told
	Changed    time.Time // its last start or end, or its creation; zero = not told
	InspectErr error     // why inspect did not answer; nil = it did
}

// Layers are the folders of the container's root, the topmost first; none where they
// are not told.
func (s *Container) Layers() []string {
	if s.UpperDir == "" {
		return nil
	}
	return append([]string{s.UpperDir}, s.LowerDirs...)
}

// ParseInspect takes what the collectors need out of GET /containers/ID/json. A
// field of an unexpected type is left out and harms no other.
func ParseInspect(raw []byte) (Container, error) {
	body, err := decode.ParseBody(raw)
	var odd *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &odd) {
		return Container{}, fmt.Errorf("decode inspect: %w", err)
	}
	if !ValidID(body.ID) && !chosenID(body.ID) {
		return Container{}, fmt.Errorf("decode inspect: %.70q is no container id", body.ID)
	}
	sub := Container{
		ID: body.ID, Name: strings.TrimPrefix(body.Name, "/"), Known: true,
		Running: body.State.Running, ImageID: body.Image,
		LogDriver: body.HostConfig.LogConfig.Type, LogOpts: body.HostConfig.LogConfig.Config,
		LogMode: body.HostConfig.LogConfig.Config["mode"], Network: body.HostConfig.NetworkMode,
		Project: body.Config.Labels[LabelProject], UpperDir: body.GraphDriver.Data.UpperDir,
		LowerDirs: lowerDirs(body.GraphDriver.Data.LowerDir),
		Hostname:  body.Config.Hostname, WorkingDir: body.Config.WorkingDir,
		Addresses: body.NetworkSettings.Addresses(), Env: body.Config.Env,
	}
	if h := body.Config.Healthcheck; h != nil && len(h.Test) > 1 && h.Test[0] == "CMD" {
		sub.Checker = h.Test[1]
	}
	sub.Ports = body.WantedPorts()
	sub.Refused = body.State.Error != ""
	sub.Failed = body.State.ExitCode != nil && *body.State.ExitCode != 0
	if sub.ExitCode = -1; body.State.ExitCode != nil && !sub.Running {
		sub.ExitCode = *body.State.ExitCode
	}
	for _, m := range body.Mounts {
		sub.Mounts = append(sub.Mounts, host.Mount{Type: m.Type, Source: m.Source, Destination: m.Destination})
	}
	sub.FinishedAt = decode.Time(body.State.FinishedAt)
	sub.Created = decode.Time(body.Created)
	sub.StartedAt = decode.Time(body.State.StartedAt)
	for _, stamp := range []string{body.Created, body.State.StartedAt, body.State.FinishedAt} {
		if at := decode.Time(stamp); at.After(sub.Changed) {
			sub.Changed = at
		}
	}
	if sub.Running {
		sub.PID = body.State.Pid
	}
	return sub, nil
}

// lowerDirs splits overlayfs's list of the image's layers, the topmost first.
func lowerDirs(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ":")
}

// ValidID tells whether s is a whole container id: 64 lower-case hex digits. Only
// such an id may become part of a path.
func ValidID(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// chosenID tells whether s may be an id that a person chose, as `ctr run IMAGE ID` wants one: containerd's own rule
// (identifiers.Validate), by which no id can lead out of a folder.
func chosenID(s string) bool {
	last := ' ' // of a separator stands a letter or digit on either side
	for _, r := range s {
		if !isWord(r) && (!strings.ContainsRune("._-", r) || !isWord(last)) {
			return false
		}
		last = r
	}
	return len(s) <= maxChosenID && isWord(last)
}

const maxChosenID = 76

func isWord(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// ValidRef holds a reference against Docker's rule for names and ids, so that
// none can become another path of the API.
func ValidRef(ref string) bool {
	for i, r := range ref {
		word := r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !word && (i == 0 || !strings.ContainsRune("_.-", r)) {
			return false
		}
	}
	return ref != "" && len(ref) <= 512
}
