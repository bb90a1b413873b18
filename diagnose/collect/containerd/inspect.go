package containerd

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// body is GET /containers/ID/json in the parts that containerd's records have.
type body struct {
	ID           string `json:"Id"`
	Name         string
	Created      string
	Path         string
	Args         []string
	RestartCount int
	State        state
	HostConfig   hostConfig
	Config       config
	Mounts       []mount
	GraphDriver  graphDriver
}

type state struct {
	Status                string
	Running, Paused       bool
	Pid                   int
	ExitCode              *int   `json:",omitempty"`
	OOMKilled             *bool  `json:",omitempty"` // nil = its control group was not read
	Error                 string `json:",omitempty"`
	StartedAt, FinishedAt string
}

type hostConfig struct {
	Memory, MemorySwap, ShmSize int64
	PidsLimit                   *int64 `json:",omitempty"`
	PidMode, NetworkMode        string
	RestartPolicy               struct{ Name string }
	LogConfig                   struct{ Type string }
	Ulimits                     []ulimit
}

type ulimit struct {
	Name string
	Soft int64
}

type config struct {
	Image, WorkingDir, User, Hostname, StopSignal string
	Env                                           []string
	Tty                                           bool
	Labels                                        map[string]string
}

type mount struct {
	Type, Source, Destination string
	RW                        bool
}

type graphDriver struct {
	Name string
	Data struct{ UpperDir, LowerDir string }
}

// inspect puts a container's records into Docker's form.
func (e *Engine) inspect(ctx context.Context, c container, t task) body {
	b := body{ID: c.id, Name: "/" + c.name(), Created: stamp(c.created), State: e.state(c, t), HostConfig: c.host(),
		Config: c.config(), GraphDriver: graphDriver{Name: c.snapshotter}}
	if args := c.spec.Process.Args; len(args) > 0 {
		b.Path, b.Args = args[0], args[1:]
	}
	b.RestartCount, _ = strconv.Atoi(c.labels[labelRestart])
	if c.logPath() != "" {
		b.HostConfig.LogConfig.Type = "json-file"
	}
	for _, m := range c.spec.Mounts {
		if m.Type == "bind" {
			b.Mounts = append(b.Mounts, mount{Type: m.Type, Source: m.Source, Destination: m.Destination, RW: true})
		}
	}
	b.GraphDriver.Data.UpperDir, b.GraphDriver.Data.LowerDir = e.layers(ctx, c)
	return b
}

func (e *Engine) state(c container, t task) state {
	s := state{Status: t.state, Pid: t.pid, FinishedAt: stamp(t.exited),
		Running: t.state == fact.StateRunning || t.state == fact.StatePaused, Paused: t.state == fact.StatePaused}
	if s.Error = c.labels[labelError]; s.Error != "" && t.state == "" {
		s.Status = created
	}
	if t.state == "" || t.state == created {
		return s
	}
	began := e.started(c)
	if began.IsZero() && c.labels[labelRestart] == "" { // nerdctl run starts what it has created
		began = c.created
	}
	s.StartedAt = stamp(began)
	if t.state == fact.StateExited {
		s.Pid, s.ExitCode = 0, &t.exitStatus
		s.OOMKilled = e.killedForMemory(c)
	}
	return s
}

// stamp is a time as Docker writes it; "" = not known.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// started is when the task began: the shim writes init.pid when runc has made the process. Zero where the folder
// cannot be seen.
func (e *Engine) started(c container) time.Time {
	for _, root := range []string{"", "daemon"} { // "daemon" of the containerd that dockerd runs itself
		info, err := os.Stat(filepath.Join(filepath.Dir(e.socket), root, "io.containerd.runtime.v2.task",
			filepath.Base(c.namespace), filepath.Base(c.id), "init.pid"))
		if err == nil {
			return info.ModTime()
		}
	}
	return time.Time{}
}

// killedForMemory tells whether the control group, which stays until the task is deleted, counted a kill for lack of
// memory; nil where its files cannot be read. With the systemd driver the group is gone with its last process.
func (e *Engine) killedForMemory(c container) *bool {
	root := cmp.Or(e.cgroups, "/sys/fs/cgroup")
	group := filepath.Clean("/" + c.spec.Linux.CgroupsPath)
	if group == "/" {
		return nil
	}
	for _, path := range []string{filepath.Join(root, "memory", group, "memory.oom_control"),
		filepath.Join(root, group, "memory.events")} {
		data, err := host.ReadCapped(path, 4096)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if name, count, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name == "oom_kill" {
				killed := count != "0"
				return &killed
			}
		}
	}
	return nil
}

func (c container) host() hostConfig {
	l := c.spec.Linux
	h := hostConfig{Memory: l.Resources.Memory.Limit, MemorySwap: l.Resources.Memory.Swap}
	if l.Resources.Pids.Limit > 0 {
		h.PidsLimit = &l.Resources.Pids.Limit
	}
	h.RestartPolicy.Name, _, _ = strings.Cut(c.labels[labelPolicy], ":")
	h.PidMode, h.NetworkMode = "host", "host"
	for _, n := range l.Namespaces { // what is not listed is the host's
		switch n.Type {
		case "pid":
			h.PidMode = ""
		case "network":
			h.NetworkMode = "default"
		}
	}
	for _, r := range c.spec.Process.Rlimits {
		soft := int64(-1) // unlimited is more than an int64 holds
		if r.Soft <= 1<<62 {
			soft = int64(r.Soft)
		}
		h.Ulimits = append(h.Ulimits, ulimit{strings.ToLower(strings.TrimPrefix(r.Type, "RLIMIT_")), soft})
	}
	return h
}

func (c container) config() config {
	p := c.spec.Process
	user := ""
	if p.User.UID != 0 {
		user = strconv.FormatUint(uint64(p.User.UID), 10)
	}
	return config{Image: c.image, WorkingDir: p.Cwd, User: user, Hostname: c.spec.Hostname, Env: p.Env, Tty: p.Terminal,
		StopSignal: c.labels["io.containerd.image.config.stop-signal"], Labels: c.labels}
}
