package evidence

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// Spec is what was wanted of a container: what a compose file, a manifest or the runtime's record of its settings says,
// whatever came of it. The runtime's record is of the moment of capture: limits may have been changed since the start,
// and even after the end.
type Spec struct {
	Image           string
	Command         []string // entrypoint and arguments as run
	Project         string   // what groups it with others: the compose project; "" = nothing
	Service         string   // what it is called in that group
	DependsOn       []string // services of the group that it is said to need, sorted
	DefinedIn       string   // the compose file, relative to the project's folder where it lies in it; "" = not known
	Unit            string   // the systemd unit that makes the container anew at each start (Quadlet); "" = none
	UserUnit        bool     // it is one of a user's own systemd
	Owner           string   // of a pod, as kubectl takes it: deployment/gateway; "" = none
	Rolled          bool     // its owner keeps earlier versions that a rollout can go back to
	RestartPolicy   string
	Memory          int64 // limit in bytes; 0 = none
	MemorySwap      int64 // memory+swap limit; 0 = the runtime's default, -1 = unlimited
	PidsLimit       *int64
	ShmSize         int64
	OOMKillDisabled bool
	AutoRemove      bool
	ReadonlyRoot    bool
	Init            bool // an init is PID 1 and starts the command
	HostPID         bool // the host's PID namespace, or another container's: PID 1's protection does not apply
	TTY             bool
	Stdin           *bool // whether its input is held open; nil = not known
	LogDriver       string
	LogOptions      map[string]string
	CoreLimit       *int64 // ulimit core of the container's own settings, bytes; nil = inherits
	FileLimit       *int64 // ulimit fsize, bytes, likewise
	StopSignal      string // "" = SIGTERM
	StopTimeout     *int   // seconds; nil = the runtime's default
	WorkingDir      string
	User            string // "" = root
	Hostname        string
	Mounts          []Mount
	Tmpfs           []string          // mount points; gone with the container
	Env             map[string]string // values may be masked
	Healthcheck     *check.Config
	Networks        []string // user-defined ones, sorted
	Resolvers       []string // name servers that it was given (--dns)
	DefaultBridge   bool     // the runtime's own first network alone, where no container's name resolves
	Published       []int    // ports of the host that lead into it, sorted
	Forwards        []Forward
}

// Forward is a TCP port of the host that leads to one of the container's, from outside of its network namespace.
type Forward struct{ HostPort, Port int }

// Mount is one mount of a container.
type Mount struct {
	Type, Destination string
	Writable          bool
}

// Group is the control group of a pod.
type Group struct {
	UID        string
	Containers int
	Memory     int64 // its limit: its own, else the sum of theirs, where each has one; 0 = none
	OfPod      bool  // the limit is the pod's own, for all its containers together
}

// Probed tells whether a health check is configured at all; ["NONE"] switches an
// image's off.
func (s *Spec) Probed() bool { return s.Healthcheck != nil && s.Healthcheck.Enabled() }

// Shells that stay PID 1 and relay their child's death as 128+n. dash does not
// exec even a single command; bash does for a simple last one (docs/notes/PYTHON.md#2.5).
var shells = map[string]bool{"sh": true, "dash": true, "ash": true, "bash": true, "busybox": true}

// relays are programs that run the service as their child and end with its code.
var relays = map[string]bool{"tini": true, "dumb-init": true, "docker-init": true, "catatonit": true, "timeout": true,
	"s6-svscan": true, "supervisord": true, "runsvdir": true}

// RelayPID1 tells whether PID 1 is an init or a wrapper, whose exit of 128+n may be
// its child's death.
func (s *Spec) RelayPID1() bool { return s.Init || len(s.Command) > 0 && relays[base(s.Command[0])] }

// readers are the shells and interpreters that read what to do from their input, where their command line says nothing.
var readers = map[string]bool{"sh": true, "dash": true, "ash": true, "bash": true, "zsh": true, "fish": true,
	"ksh": true, "python": true, "python2": true, "python3": true, "ipython": true, "node": true, "irb": true,
	"ruby": true, "perl": true, "lua": true, "ghci": true, "R": true, "julia": true, "psql": true,
	"sqlite3": true, "jshell": true}

// NoInput is the shell or interpreter that was started without a command, a script or an input to read any from;
// "" = it is none, or that is not known.
func (s *Spec) NoInput() string {
	if s.Stdin == nil || *s.Stdin {
		return ""
	}
	words := s.Command
	for len(words) > 1 && (relays[base(words[0])] || strings.HasSuffix(words[0], "entrypoint.sh") || words[0] == "--") {
		words = words[1:]
	}
	if len(words) == 0 || !readers[strings.TrimRight(base(words[0]), ".0123456789")] && !readers[base(words[0])] {
		return ""
	}
	for _, flag := range words[1:] {
		if !strings.HasPrefix(flag, "-") || strings.ContainsAny(flag, "cemfV") {
			return ""
		}
	}
	return base(words[0])
}

// ShellPID1 tells whether PID 1 is a shell that runs the service as its child,
// so that an exit of 128+n may be the child's death, relayed.
func (s *Spec) ShellPID1() bool {
	if len(s.Command) == 0 || !shells[base(s.Command[0])] {
		return false
	}
	for _, arg := range s.Command[1:] {
		if strings.HasPrefix(strings.TrimSpace(arg), "exec ") {
			return false
		}
	}
	return true
}

// TimeLimited tells whether timeout(1) runs the service, for as long as its command line says.
func (s *Spec) TimeLimited() bool {
	for _, arg := range s.Command {
		for _, word := range strings.Fields(arg) {
			if base(word) == "timeout" {
				return true
			}
		}
	}
	return false
}

func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
