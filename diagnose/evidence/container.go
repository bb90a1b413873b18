package evidence

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// Container is the engine's record of the container. Only what inspect said at
// the moment of capture: a restart overwrites most of it, and `docker update`
// changes limits after death (docs/notes/DOCKER.md#a1).
type Container struct {
	ID, Name, Image string
	Command         []string // entrypoint and arguments as run (Path + Args)
	State           State
	RestartCount    int // policy restarts only; docker start resets it to 0
	RestartPolicy   string
	Memory          int64 // limit in bytes; 0 = none
	MemorySwap      int64 // memory+swap limit; 0 = engine default, -1 = unlimited
	PidsLimit       *int64
	ShmSize         int64
	OomKillDisable  bool
	AutoRemove      bool
	ReadonlyRootfs  bool
	Init            bool // --init: docker-init is PID 1
	HostPID         bool // --pid=host: PID 1's signal protection does not apply
	LogDriver       string
	LogOptions      map[string]string
	CoreLimit       *int64 // ulimit core of the container's own settings; nil = inherits
	FileLimit       *int64 // ulimit fsize, bytes, likewise
	StopSignal      string
	StopTimeout     *int // seconds; nil = 10
	WorkingDir      string
	User            string // Config.User: "" = root
	Mounts          []Mount
	Tmpfs           []string // HostConfig.Tmpfs: gone with the container
	TTY             bool
	Labels          map[string]string
	Env             map[string]string // values may be masked
	Healthcheck     *Healthcheck
	Hostname        string
	Networks        []string // user-defined ones
	Published       []int    // ports of the host that lead into it
	Aliases         []string // what it is called on its networks, addresses too
}

// Mount is an entry of Mounts.
type Mount struct {
	Type, Destination string
	RW                bool
}

// State is the engine's State object.
type State struct {
	Status     string // created running paused restarting removing exited dead
	PID        int
	ExitCode   int // 0 while running, whatever the run before left
	OOMKilled  bool
	Error      string // the engine's own start or stop error
	StartedAt  time.Time
	FinishedAt time.Time // of the previous run while running
	Health     *Health
}

// Health is State.Health as recorded; artefacts are still in it.
type Health struct {
	Status        string
	FailingStreak int
	Log           []HealthEntry
}

// HealthEntry is one probe of the engine's log of five.
type HealthEntry struct {
	Start, End time.Time
	ExitCode   int
	Output     string
}

// Healthcheck is the configured probe; zero durations mean the engine's defaults.
type Healthcheck = check.Config

// Probed tells whether a health check is configured at all; ["NONE"] switches an
// image's off.
func (c *Container) Probed() bool { return c.Healthcheck != nil && c.Healthcheck.Enabled() }

// inspectBody mirrors GET /containers/ID/json in the parts we read. It is our
// own and tolerant: the SDK's types refuse a whole body for one bad address.
type inspectBody struct {
	ID           string `json:"Id"`
	Name         string
	Path         string
	Args         []string
	RestartCount int
	State        struct {
		Status                string
		Pid, ExitCode         int
		OOMKilled             bool
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
	HostConfig struct {
		Memory, MemorySwap, ShmSize int64
		PidsLimit                   *int64
		OomKillDisable              *bool
		AutoRemove, ReadonlyRootfs  bool
		Init                        *bool
		PidMode                     string
		RestartPolicy               struct{ Name string }
		LogConfig                   struct {
			Type   string
			Config map[string]string
		}
		Tmpfs   map[string]string
		Ulimits []struct {
			Name string
			Soft int64
		}
	}
	Config struct {
		Image       string
		Env         []string
		WorkingDir  string
		User        string
		Tty         bool
		StopSignal  string
		StopTimeout *int
		Labels      map[string]string
		Healthcheck *Healthcheck
		Hostname    string
	}
	NetworkSettings networkSettings
}

func readContainer(b *bundle.Bundle) *Container {
	raw := readJSON[inspectBody](b, bundle.FileInspect)
	if raw == nil || raw.ID == "" {
		return nil
	}
	c := &Container{
		ID: raw.ID, Name: strings.TrimPrefix(raw.Name, "/"), Image: raw.Config.Image,
		Command:       append([]string{raw.Path}, raw.Args...),
		RestartCount:  raw.RestartCount,
		RestartPolicy: raw.HostConfig.RestartPolicy.Name,
		WorkingDir:    raw.Config.WorkingDir, TTY: raw.Config.Tty,
		StopSignal: raw.Config.StopSignal, StopTimeout: raw.Config.StopTimeout,
		Labels: raw.Config.Labels, Healthcheck: raw.Config.Healthcheck,
		Env:      environment(raw.Config.Env),
		Hostname: raw.Config.Hostname,
		State:    raw.state(),
	}
	raw.hostConfig(c)
	c.Networks, c.Aliases = raw.NetworkSettings.names()
	c.Published = raw.NetworkSettings.published()
	return c
}

func (raw *inspectBody) hostConfig(c *Container) {
	h := raw.HostConfig
	c.Memory, c.MemorySwap, c.ShmSize, c.PidsLimit = h.Memory, h.MemorySwap, h.ShmSize, h.PidsLimit
	c.OomKillDisable = h.OomKillDisable != nil && *h.OomKillDisable
	c.Init = h.Init != nil && *h.Init
	c.AutoRemove, c.ReadonlyRootfs = h.AutoRemove, h.ReadonlyRootfs
	c.Tmpfs = slices.Sorted(maps.Keys(h.Tmpfs))
	c.HostPID = h.PidMode == "host"
	c.LogDriver, c.LogOptions = h.LogConfig.Type, h.LogConfig.Config
	for _, u := range h.Ulimits {
		soft := u.Soft
		switch u.Name {
		case "core":
			c.CoreLimit = &soft
		case "fsize":
			c.FileLimit = &soft
		}
	}
}

func (raw *inspectBody) state() State {
	s := raw.State
	state := State{
		Status: s.Status, PID: s.Pid, ExitCode: s.ExitCode, OOMKilled: s.OOMKilled, Error: s.Error,
		StartedAt: parseTime(s.StartedAt), FinishedAt: parseTime(s.FinishedAt),
	}
	if s.Health == nil {
		return state
	}
	state.Health = &Health{Status: s.Health.Status, FailingStreak: s.Health.FailingStreak}
	for _, l := range s.Health.Log {
		state.Health.Log = append(state.Health.Log, HealthEntry{
			Start: parseTime(l.Start), End: parseTime(l.End), ExitCode: l.ExitCode, Output: l.Output,
		})
	}
	return state
}

// parseTime reads the engine's RFC 3339 stamps. Health entries carry the daemon's
// local offset while StartedAt is UTC, so all become UTC. Year 1 means "never".
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() <= 1 {
		return time.Time{}
	}
	return t.UTC()
}

func environment(list []string) map[string]string {
	env := map[string]string{}
	for _, item := range list {
		if name, value, ok := strings.Cut(item, "="); ok {
			env[name] = value
		}
	}
	return env
}

// Project and Service are the compose labels; "" where the container has none.
func (c *Container) Project() string { return c.Labels["com.docker.compose.project"] }

// Service is the compose service's name.
func (c *Container) Service() string { return c.Labels["com.docker.compose.service"] }

// Shells that stay PID 1 and relay their child's death as 128+n. dash does not
// exec even a single command; bash does for a simple last one (docs/notes/PYTHON.md#2.5).
var shells = map[string]bool{"sh": true, "dash": true, "ash": true, "bash": true, "busybox": true}

// relays are programs that run the service as their child and end with its code.
var relays = map[string]bool{"tini": true, "dumb-init": true, "docker-init": true, "catatonit": true, "timeout": true,
	"s6-svscan": true, "supervisord": true, "runsvdir": true}

// RelayPID1 tells whether PID 1 is an init or a wrapper, whose exit of 128+n may be
// its child's death.
func (c *Container) RelayPID1() bool {
	if c.Init {
		return true
	}
	return len(c.Command) > 0 && relays[c.Command[0][strings.LastIndexByte(c.Command[0], '/')+1:]]
}

// ShellPID1 tells whether PID 1 is a shell that runs the service as its child,
// so that an exit of 128+n may be the child's death, relayed.
func (c *Container) ShellPID1() bool {
	if len(c.Command) == 0 {
		return false
	}
	base := c.Command[0][strings.LastIndexByte(c.Command[0], '/')+1:]
	if !shells[base] {
		return false
	}
	for _, arg := range c.Command[1:] {
		if strings.HasPrefix(strings.TrimSpace(arg), "exec ") {
			return false
		}
	}
	return true
}
