package coredump

import (
	"fmt"
	"path"
	"strings"
)

// State says what is known of a reason.
type State string

// The three states of a reason for there being no core.
const (
	Proven   State = "proven"    // it alone is enough: no core can be there
	RuledOut State = "ruled-out" // it cannot be the reason
	Unknown  State = "unknown"   // the facts do not decide
)

// Check is one reason why there may be no core.
type Check struct {
	Check  string `json:"check"` // stable ID
	State  State  `json:"state"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"` // the one that needs the least privilege; "" where there is nothing to do
	// Likely tells of an unknown one that it is the reason unless something unusual was done.
	Likely bool `json:"likely,omitempty"`
}

// Facts are what is known of a container and its machine. A nil pointer is not known.
type Facts struct {
	Pattern      *Pattern
	HelperExists *bool  // of a pipe: its program is on the host
	SuidDumpable *int   // fs.suid_dumpable
	Limit        *int64 // soft RLIMIT_CORE in bytes, -1 = unlimited
	EngineLimit  *int64 // the one that a container without its own inherits, as it is now
	Running      *bool
	PID          int    // of the running container on the host; 0 = not known
	Signal       string // that ended the main process; "" = none, or not known
	EndKnown     bool
	ReadOnlyRoot *bool
	User         *string // Config.User; "" = root
	Dir          string  // where a core would land; "" = not known
	DirExists    *bool
	DirUID       *int
	DirMode      *uint32
	DirFree      *int64 // bytes free where Dir lies, now
	DirMount     string // type of the mount that Dir lies in: bind, volume, tmpfs; "" = the root
	StopAsked    *bool  // the engine was asked to stop or kill it
	KernelLines  []string
	FileLimit    *int64 // soft RLIMIT_FSIZE in bytes, -1 = unlimited
	Cut, Whole   int    // cores of the container that were found cut off, and whole
}

// WhyNone holds the facts against the kernel's reasons for writing no core, in the
// kernel's own order (fs/coredump.c; docs/notes/CORES.md#a1).
func WhyNone(f Facts) []Check {
	checks := []Check{signalCheck(f), dumpableCheck(f), patternCheck(f.Pattern), kernelCheck(f)}
	if f.Pattern != nil && (f.Pattern.Handler == HandlerPipe || f.Pattern.Handler == HandlerSocket) {
		checks = append(checks, outsideCheck(*f.Pattern))
	}
	if f.Pattern == nil || f.Pattern.Handler == HandlerPipe {
		checks = append(checks, helperCheck(f), recursionCheck(f.Pattern, f.Limit))
	}
	checks = append(checks, limitCheck(f))
	if f.Pattern == nil || f.Pattern.Handler == HandlerFile {
		checks = append(checks, directoryCheck(f), readOnlyCheck(f), permissionCheck(f), tmpfsCheck(f), cutCheck(f))
	}
	return append(checks, stopCheck(f))
}

// dumping are the signals whose default action writes a core (signal(7)).
var dumping = map[string]bool{
	"SIGQUIT": true, "SIGILL": true, "SIGTRAP": true, "SIGABRT": true, "SIGBUS": true, "SIGFPE": true,
	"SIGSEGV": true, "SIGXCPU": true, "SIGXFSZ": true, "SIGSYS": true,
}

// signalCheck: most ends write no core by nature.
func signalCheck(f Facts) Check {
	c := Check{Check: "no-crash", State: Unknown}
	switch {
	case f.Running != nil && *f.Running:
		c.Detail = "the container runs: a core can only be a worker's, or an earlier run's"
	case !f.EndKnown:
		c.Detail = "how the main process ended is not known"
	case dumping[f.Signal]:
		c.State, c.Detail = RuledOut, f.Signal+" ended the main process, and its default action writes a core"
	case f.Signal != "":
		c.State, c.Detail = Proven, f.Signal+" ended the main process: that signal never writes a core; a child of it "+
			"may have left one"
		c.Fix = "nothing to fix: gwdoctor exit says what this end means"
	default:
		c.State, c.Detail = Proven, "the main process ended by itself and did not crash; a child of it may have"
		c.Fix = "nothing to fix: gwdoctor exit says what this end means"
	}
	return c
}

// dumpableCheck: a process that changed its user without executing a program is not
// dumpable (gunicorn --user, uwsgi uid=, celery --uid), and nothing is logged.
func dumpableCheck(f Facts) Check {
	c := Check{Check: "not-dumpable", State: Unknown}
	const workers = "a worker that gave up root without executing a program (gunicorn --user, uwsgi uid=, celery " +
		"--uid), or a process that forbade it (prctl)"
	const fix = "start the container as that user (docker run --user) instead of dropping root inside"
	switch {
	case f.SuidDumpable == nil:
		c.Detail, c.Fix = "fs.suid_dumpable was not read; where it is 0, no core is written of "+workers,
			"cat /proc/sys/fs/suid_dumpable"
	case *f.SuidDumpable == 0:
		c.Detail, c.Fix = "fs.suid_dumpable is 0: no core is written of "+workers, fix
	case *f.SuidDumpable == 2 && f.Pattern != nil && f.Pattern.Relative():
		c.Detail, c.Fix = "fs.suid_dumpable is 2 and the pattern is relative: no core is written of "+workers, fix
	case *f.SuidDumpable == 2:
		c.Detail = "fs.suid_dumpable is 2: the core of a worker that gave up root is written on the host's file system, " +
			"for root"
	default:
		c.State, c.Detail = RuledOut, "fs.suid_dumpable allows cores of processes that changed their user"
	}
	return c
}

const fixPattern = "on the host: sysctl -w kernel.core_pattern=/var/cores/core.%e.%p, with that directory in the " +
	"container as a volume"

func patternCheck(p *Pattern) Check {
	c := Check{Check: "core-pattern-empty", State: RuledOut}
	switch {
	case p == nil:
		c.State, c.Detail = Unknown, "kernel.core_pattern was not read"
		c.Fix = "cat /proc/sys/kernel/core_pattern"
	case p.Handler == HandlerNone:
		c.State, c.Detail = Proven, "kernel.core_pattern is empty or names no program: the kernel writes no core at all"
		c.Fix = fixPattern
	default:
		c.Detail = "kernel.core_pattern is set"
	}
	return c
}

// kernelCheck: some refusals are logged, and then there is no need to guess.
func kernelCheck(f Facts) Check {
	c := Check{Check: "kernel-refused", State: Unknown,
		Detail: "the kernel log holds no line about a core; most refusals are silent"}
	if len(f.KernelLines) > 0 {
		c.Detail = "the kernel log says: " + strings.Join(f.KernelLines[:min(len(f.KernelLines), 3)], "; ") +
			" (its process numbers are the container's)"
	}
	return c
}

// discarders take the core from the pipe and keep nothing; shells still print
// "(core dumped)" (docs/notes/CORES.md#a1, measured; systemd's boot default, RHEL STIG).
var discarders = map[string]bool{"false": true, "true": true, "null": true}

// stores are where known helpers keep cores (docs/notes/CORES.md#a2).
var stores = map[string]string{
	"systemd-coredump": "coredumpctl list",
	"apport":           "ls /var/crash /var/lib/apport/coredump; tail /var/log/apport.log",
	"abrt-hook-ccpp":   "abrt list",
}

// HandlerName classifies a pattern for the JSON contract: known helpers by name.
func (p Pattern) HandlerName() string {
	if p.Handler != HandlerPipe {
		return p.Handler
	}
	switch path.Base(p.Program) {
	case "systemd-coredump", "apport":
		return path.Base(p.Program)
	case "abrt-hook-ccpp":
		return "abrt"
	}
	return HandlerPipe
}

// outsideCheck: a pipe or a socket ends on the host, so the container has no core.
func outsideCheck(p Pattern) Check {
	if p.Handler == HandlerSocket {
		return Check{Check: "core-outside-container", State: Proven,
			Detail: "the kernel sends cores to a socket on the host; none is written in the container",
			Fix:    "look in the store of the program that listens there"}
	}
	name := path.Base(p.Program)
	if discarders[name] {
		return Check{Check: "core-discarded", State: Proven, Detail: "the kernel pipes cores into a program that throws " +
			"them away, even where a shell prints \"(core dumped)\"", Fix: fixPattern}
	}
	if where, ok := stores[name]; ok {
		return Check{Check: "core-outside-container", State: Proven, Detail: "the kernel pipes cores to " + name +
			" on the host; none is written in the container", Fix: where}
	}
	return Check{Check: "core-outside-container", State: Proven, Detail: "the kernel pipes cores to a program on the " +
		"host; none is written in the container by the kernel",
		Fix: "see kernel.core_pattern for the program, and look in its store"}
}

// helperCheck: the helper is looked up on the host, never in the container.
func helperCheck(f Facts) Check {
	c := Check{Check: "helper-missing", State: Unknown,
		Detail: "whether the pattern's program is on the host is not known"}
	switch {
	case f.Pattern == nil || f.HelperExists == nil:
	case *f.HelperExists:
		c.State, c.Detail = RuledOut, f.Pattern.Program+" is on the host"
	default:
		c.State, c.Detail, c.Fix = Proven, f.Pattern.Program+" is not on the host, where the kernel looks for it: the "+
			"core is lost, and the kernel logs it", fixPattern
	}
	return c
}

// minCore is the smallest limit with which the kernel writes a core file: one
// page (ELF min_coredump; docs/notes/CORES.md#a1, row 4f). Below it nothing is logged.
const minCore = 4096

// fixLimit raises the limit: of a running container without a restart.
func fixLimit(f Facts) string {
	const next = "docker run --ulimit core=-1, compose: ulimits: {core: -1}"
	if f.Running != nil && *f.Running {
		pid := "PID"
		if f.PID > 0 {
			pid = fmt.Sprint(f.PID)
		}
		return "now, without a restart: sudo prlimit --pid " + pid +
			" --core=unlimited (its workers each need it, too); for the next run: " + next
	}
	return next + "; without a new container: ulimit -c unlimited in the entrypoint, where the hard limit allows it"
}

// inheritedLimit: a container without a limit of its own has that of containerd,
// which starts it, unless the engine's default-ulimits (its configuration, which the
// API does not tell) or the entrypoint set another.
func inheritedLimit(c Check, f Facts) Check {
	const none = "the container sets no core limit of its own, so it inherits the engine's"
	switch {
	case f.EngineLimit == nil:
		c.Detail = none + ", which is not known"
		c.Fix = "grep core /proc/PID/limits while it runs; " + fixLimit(f)
	case *f.EngineLimit >= 0 && *f.EngineLimit < minCore && (f.Pattern == nil || f.Pattern.Handler == HandlerFile):
		c.Likely = true
		c.Detail = none + ", whose containerd has " + amount(*f.EngineLimit) + ": with that the kernel writes no file, " +
			"and logs nothing. Only default-ulimits of the engine, or ulimit -c in the entrypoint, would have raised it"
		c.Fix = fixLimit(f)
	default:
		c.Detail = none + ", whose containerd has " + amount(*f.EngineLimit) + "; only default-ulimits of the engine, or " +
			"ulimit -c in the entrypoint, would have lowered it"
	}
	return c
}

// limitCheck: a file needs one page. A pipe and a socket ignore the limit, but
// some helpers heed it themselves (%c).
func limitCheck(f Facts) Check {
	p, limit := f.Pattern, f.Limit
	c := Check{Check: "rlimit-core-zero", State: Unknown}
	switch {
	case limit == nil:
		return inheritedLimit(c, f)
	case *limit < 0 || *limit >= minCore:
		c.State, c.Detail = RuledOut, "the core limit is "+amount(*limit)
		if *limit >= 0 {
			c.Detail += "; a larger core is cut there"
		}
	case p == nil:
		c.Detail = "the core limit is " + amount(*limit) + ", too small for a file; a pipe or a socket would ignore it"
		c.Fix = fixLimit(f)
	case p.Handler == HandlerFile:
		c.State, c.Detail = Proven, "the core limit is "+amount(*limit)+
			": the kernel writes no file below 4096 bytes, and logs nothing"
		c.Fix = fixLimit(f)
	case path.Base(p.Program) == "systemd-coredump":
		c.State, c.Detail = Proven, "the core limit is "+amount(*limit)+
			": systemd-coredump stores no file below 4096 bytes, only a journal record"
		c.Fix = fixLimit(f)
	case p.Handler == HandlerPipe:
		c.Detail = "the core limit is " + amount(*limit) + ": the kernel ignores it for a pipe, the helper may heed it"
		c.Fix = fixLimit(f)
	default:
		c.State, c.Detail = RuledOut, "the core limit does not apply: no file is written"
	}
	return c
}

// recursionCheck: exactly 1 is the kernel's guard against a helper that crashes
// (docs/notes/CORES.md#a1, row 4p); it is logged.
func recursionCheck(p *Pattern, limit *int64) Check {
	const fix = "docker run --ulimit core=-1"
	c := Check{Check: "rlimit-core-one", State: RuledOut, Detail: "the core limit is not 1"}
	switch {
	case limit == nil:
		c.State, c.Detail = Unknown, "the core limit is not known"
	case *limit == 1 && p == nil:
		c.State, c.Detail, c.Fix = Unknown, "the core limit is 1: with a pipe the kernel would write no core", fix
	case *limit == 1:
		c.State, c.Detail, c.Fix = Proven, "the core limit is exactly 1: with a pipe the kernel takes the process for a "+
			"crashed helper and writes no core", fix
	}
	return c
}

func amount(limit int64) string {
	if limit < 0 {
		return "unlimited"
	}
	return fmt.Sprintf("%d bytes", limit)
}
