package docker

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// Body mirrors GET /containers/ID/json in the parts that any room reads: this one, and the collectors on the engine's
// machine. It is our own and tolerant: the SDK's types refuse a whole body for one bad address.
type Body struct {
	ID           string `json:"Id"`
	Name         string
	Created      string
	Image        string // its ID
	Path         string
	Args         []string
	RestartCount int
	State        BodyState
	HostConfig   struct {
		Memory, MemorySwap, ShmSize int64
		PidsLimit                   *int64
		OomKillDisable              *bool
		AutoRemove, ReadonlyRootfs  bool
		Init                        *bool
		PidMode, NetworkMode        string
		PortBindings                map[string][]struct{ HostPort string }
		RestartPolicy               struct{ Name string }
		LogConfig                   struct {
			Type   string
			Config map[string]string
		}
		Tmpfs   map[string]string
		DNS     []string `json:"Dns"`
		Ulimits []struct {
			Name string
			Soft int64
		}
	}
	ResolvConfPath string
	Config         struct {
		Image        string
		Env          []string
		WorkingDir   string
		User         string
		Tty          bool
		OpenStdin    *bool // nil = not told
		StopSignal   string
		StopTimeout  *int
		Labels       map[string]string
		Healthcheck  *check.Config
		Hostname     string
		Shell        []string
		ExposedPorts map[string]struct{}
	}
	Mounts []struct {
		Type, Source, Destination string
		RW                        bool
	}
	GraphDriver struct {
		Data struct{ UpperDir, LowerDir string }
	}
	NetworkSettings NetworkSettings
}

// BodyState is Body's State.
type BodyState struct {
	Status                string
	Running, Paused       bool
	Pid                   int
	ExitCode              *int // nil = not told
	OOMKilled             *bool
	Error                 string
	StartedAt, FinishedAt string
	Health                *struct {
		Status        string
		FailingStreak int
		Log           []struct {
			Start, End string
			ExitCode   int
			Output     string
		}
	}
}

// ParseBody decodes an inspect body. Where a field is of an unexpected type the error is a *json.UnmarshalTypeError,
// that field is zero, and all others are there.
func ParseBody(data []byte) (Body, error) {
	var b Body
	err := json.Unmarshal(data, &b)
	return b, err
}

// Inspected is what an inspect body says: what was wanted of the container, what was seen of it, and what only
// this runtime's decoder needs.
type Inspected struct {
	ID, Name string
	Spec     evidence.Spec
	Status   evidence.Status

	finishedAt time.Time         // the newest end; of the life before while it runs
	upperDir   string            // of the writable layer on the engine's machine
	labels     map[string]string // they overwrite attributes of events
}

// maxValues bounds the values of one body: a container with a thousand labels has some
// three thousand, and a stranger's bundle can hold millions of empty ones.
const maxValues = 250_000

// Inspect decodes the body of GET /containers/ID/json; nil where it is none.
func Inspect(data []byte) *Inspected {
	if bundle.Values(data) > maxValues {
		return nil
	}
	raw, err := ParseBody(data)
	if err != nil || raw.ID == "" {
		return nil
	}
	in := &Inspected{
		ID: raw.ID, Name: strings.TrimPrefix(raw.Name, "/"), Spec: raw.spec(), Status: raw.status(),
		finishedAt: Time(raw.State.FinishedAt), labels: raw.Config.Labels, upperDir: raw.GraphDriver.Data.UpperDir,
	}
	in.Status.KnownAs = knownAs(raw.NetworkSettings.aliases(), in.Name, in.Spec.Service, in.Spec.Hostname)
	return in
}

func (raw *Body) spec() evidence.Spec {
	c := raw.Config
	s := evidence.Spec{
		Image:         c.Image,
		Command:       append([]string{raw.Path}, raw.Args...),
		RestartPolicy: raw.HostConfig.RestartPolicy.Name,
		WorkingDir:    c.WorkingDir, User: c.User, TTY: c.Tty, Stdin: c.OpenStdin, Hostname: c.Hostname,
		StopSignal: c.StopSignal, StopTimeout: c.StopTimeout,
		Healthcheck: c.Healthcheck, Env: environment(c.Env),
		Project: c.Labels[labelProject], Service: c.Labels[labelService],
		DependsOn: dependsOn(c.Labels), DefinedIn: composeFile(c.Labels),
		Unit: c.Labels[labelUnit], UserUnit: strings.HasPrefix(raw.ResolvConfPath, "/run/user/"),
		Networks: raw.NetworkSettings.Own(), Published: raw.NetworkSettings.PublishedPorts(),
		Forwards: raw.forwards(),
	}
	for _, m := range raw.Mounts {
		s.Mounts = append(s.Mounts, evidence.Mount{Type: m.Type, Destination: m.Destination, Writable: m.RW})
	}
	raw.hostConfig(&s)
	return s
}

func (raw *Body) hostConfig(s *evidence.Spec) {
	h := raw.HostConfig
	s.Memory, s.MemorySwap, s.ShmSize, s.PidsLimit = h.Memory, h.MemorySwap, h.ShmSize, h.PidsLimit
	s.OOMKillDisabled = h.OomKillDisable != nil && *h.OomKillDisable
	s.Init = h.Init != nil && *h.Init
	s.AutoRemove, s.ReadonlyRoot = h.AutoRemove, h.ReadonlyRootfs
	s.Tmpfs = slices.Sorted(maps.Keys(h.Tmpfs))
	s.HostPID = h.PidMode == "host" || strings.HasPrefix(h.PidMode, "container:")
	s.LogDriver, s.LogOptions = h.LogConfig.Type, h.LogConfig.Config
	s.Resolvers = h.DNS
	s.DefaultBridge = (h.NetworkMode == "default" || h.NetworkMode == "bridge") && len(s.Networks) == 0
	for _, u := range h.Ulimits {
		soft := u.Soft
		switch u.Name {
		case "core":
			s.CoreLimit = &soft
		case "fsize":
			s.FileLimit = &soft
		}
	}
}

// provedAfter is how long a run must last for Docker to begin again with its shortest pause (daemon/restartmanager,
// ShouldRestart: "if executionDuration.Seconds() >= 10"). Podman pauses never, and has nothing to forget: what ends
// again in its loop does so in less, too.
const provedAfter = 10 * time.Second

func (raw *Body) status() evidence.Status {
	s := raw.State
	status := evidence.Status{
		State: stateOf(s.Status), Word: s.Status, PID: s.Pid, Error: s.Error,
		StartedAt: Time(s.StartedAt), Restarts: raw.RestartCount, ProvedAfter: provedAfter,
		NoNetwork: raw.noNetwork(),
	}
	if s.ExitCode != nil {
		status.ExitCode = *s.ExitCode
	}
	status.OOMKilled = s.OOMKilled != nil && *s.OOMKilled
	if s.Health == nil {
		return status
	}
	status.Health = &evidence.Health{Status: s.Health.Status, FailingStreak: s.Health.FailingStreak}
	for _, l := range s.Health.Log {
		status.Health.Log = append(status.Health.Log, evidence.HealthEntry{
			Start: Time(l.Start), End: Time(l.End), ExitCode: l.ExitCode, Output: l.Output,
		})
	}
	return status
}

// stateOf says a state in our words. It goes by Status, never by the booleans: Running
// is true together with Restarting and with Paused (docs/notes/DOCKER.md#a1).
func stateOf(word string) string {
	switch word {
	case "created":
		return fact.StateNeverStarted
	case "":
		return fact.StateUnknown
	}
	return word
}

// Time reads the engine's RFC 3339 stamps. Health entries carry the daemon's
// local offset while StartedAt is UTC, so all become UTC. Year 1 means "never". One that
// 64 bits of nanoseconds do not hold is none: what is worked out with it would leave the
// years that RFC 3339 can write, and cost the report.
func Time(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if t = t.UTC(); err != nil || t.Year() <= 1 || t.Year() > lastYear {
		return time.Time{}
	}
	return t
}

// lastYear is the last whole one that int64 nanoseconds since 1970 hold.
const lastYear = 2261

func environment(list []string) map[string]string {
	env := map[string]string{}
	for _, item := range list {
		if name, value, ok := strings.Cut(item, "="); ok {
			env[name] = value
		}
	}
	return env
}

// labelUnit is the label that Podman's Quadlet and `podman generate systemd` give a container: "shop.service".
const labelUnit = "PODMAN_SYSTEMD_UNIT"

// Labels that compose writes.
const (
	labelProject = "com.docker.compose.project"
	labelService = "com.docker.compose.service"
)

// dependsOn lists the services that the compose file says this one needs. Compose
// writes them as "redis:service_healthy:false,db:service_started:true".
func dependsOn(labels map[string]string) []string {
	var list []string
	for item := range strings.SplitSeq(labels["com.docker.compose.depends_on"], ",") {
		if name, _, _ := strings.Cut(item, ":"); name != "" {
			list = append(list, name)
		}
	}
	return distinct(list, maxAliases)
}

// composeFile is the path of the compose file, relative to the project's folder
// where it lies in it; "" = not started by compose.
func composeFile(labels map[string]string) string {
	file, _, _ := strings.Cut(labels["com.docker.compose.project.config_files"], ",")
	folder := labels["com.docker.compose.project.working_dir"]
	if rest, ok := strings.CutPrefix(file, strings.TrimSuffix(folder, "/")+"/"); ok && folder != "" {
		return path.Clean(rest)
	}
	return file
}
