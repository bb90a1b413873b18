package coredump

import (
	"fmt"
	"path"
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
	Fix    string `json:"fix,omitempty"` // "" where there is nothing to do
}

// minCore is the smallest limit with which the kernel writes a core file: one
// page (ELF min_coredump; CORES.md A1, row 4f). Below it nothing is logged.
const minCore = 4096

const fixLimit = "docker run --ulimit core=-1, compose: ulimits: {core: -1}; for a running container: prlimit --pid PID --core=unlimited"

const fixPattern = "on the host: sysctl -w kernel.core_pattern=/var/cores/core.%e.%p, with that directory in the container as a volume"

// WhyNone holds the three facts against the kernel's reasons for writing no core
// (CORES.md A1), in the kernel's order. It says nothing of the others: a process
// that is not dumpable, a full disk, a helper that failed. nil means not known.
//
// coreLimit is the soft RLIMIT_CORE in bytes, -1 for unlimited; readOnlyRoot is
// HostConfig.ReadonlyRootfs.
func WhyNone(pattern *Pattern, coreLimit *int64, readOnlyRoot *bool) []Check {
	checks := []Check{patternCheck(pattern)}
	if pattern != nil && (pattern.Handler == HandlerPipe || pattern.Handler == HandlerSocket) {
		checks = append(checks, outsideCheck(*pattern))
	}
	checks = append(checks, limitCheck(pattern, coreLimit))
	if pattern == nil || pattern.Handler == HandlerPipe {
		checks = append(checks, recursionCheck(pattern, coreLimit))
	}
	return append(checks, readOnlyCheck(pattern, readOnlyRoot))
}

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

// discarders take the core from the pipe and keep nothing; shells still print
// "(core dumped)" (CORES.md A1, measured; systemd's boot default, RHEL STIG).
var discarders = map[string]bool{"false": true, "true": true, "null": true}

// stores are where known helpers keep cores (CORES.md A2).
var stores = map[string]string{
	"systemd-coredump": "coredumpctl list",
	"apport":           "ls /var/crash /var/lib/apport/coredump; tail /var/log/apport.log",
	"abrt-hook-ccpp":   "abrt list",
}

// outsideCheck: a pipe or a socket ends on the host, so the container has no core.
func outsideCheck(p Pattern) Check {
	if p.Handler == HandlerSocket {
		return Check{"core-outside-container", Proven, "the kernel sends cores to a socket on the host; none is written in the container", "look in the store of the program that listens there"}
	}
	name := path.Base(p.Program)
	if discarders[name] {
		return Check{"core-discarded", Proven, "the kernel pipes cores into a program that throws them away, even where a shell prints \"(core dumped)\"", fixPattern}
	}
	if where, ok := stores[name]; ok {
		return Check{"core-outside-container", Proven, "the kernel pipes cores to " + name + " on the host; none is written in the container", where}
	}
	return Check{"core-outside-container", Proven, "the kernel pipes cores to a program on the host; none is written in the container by the kernel", "see kernel.core_pattern for the program, and look in its store"}
}

// limitCheck: a file needs one page. A pipe and a socket ignore the limit, but
// some helpers heed it themselves (%c).
func limitCheck(p *Pattern, limit *int64) Check {
	c := Check{Check: "rlimit-core-zero", State: Unknown}
	switch {
	case limit == nil:
		c.Detail = "the container sets no core limit of its own, so it inherits the engine's, which is not known"
		c.Fix = "grep core /proc/PID/limits while it runs; " + fixLimit
	case *limit < 0 || *limit >= minCore:
		c.State, c.Detail = RuledOut, "the core limit is "+amount(*limit)
		if *limit >= 0 {
			c.Detail += "; a larger core is cut there"
		}
	case p == nil:
		c.Detail = "the core limit is " + amount(*limit) + ", too small for a file; a pipe or a socket would ignore it"
		c.Fix = fixLimit
	case p.Handler == HandlerFile:
		c.State, c.Detail = Proven, "the core limit is "+amount(*limit)+": the kernel writes no file below 4096 bytes, and logs nothing"
		c.Fix = fixLimit
	case path.Base(p.Program) == "systemd-coredump":
		c.State, c.Detail = Proven, "the core limit is "+amount(*limit)+": systemd-coredump stores no file below 4096 bytes, only a journal record"
		c.Fix = fixLimit
	case p.Handler == HandlerPipe:
		c.Detail = "the core limit is " + amount(*limit) + ": the kernel ignores it for a pipe, the helper may heed it"
		c.Fix = fixLimit
	default:
		c.State, c.Detail = RuledOut, "the core limit does not apply: no file is written"
	}
	return c
}

// recursionCheck: exactly 1 is the kernel's guard against a helper that crashes
// (CORES.md A1, row 4p); it is logged.
func recursionCheck(p *Pattern, limit *int64) Check {
	c := Check{Check: "rlimit-core-one", State: RuledOut, Detail: "the core limit is not 1"}
	switch {
	case limit == nil:
		c.State, c.Detail = Unknown, "the core limit is not known"
	case *limit == 1 && p == nil:
		c.State, c.Detail, c.Fix = Unknown, "the core limit is 1: with a pipe the kernel would write no core", fixLimit
	case *limit == 1:
		c.State, c.Detail, c.Fix = Proven, "the core limit is exactly 1: with a pipe the kernel takes the process for a crashed helper and writes no core", fixLimit
	}
	return c
}

// readOnlyCheck: on a read-only root a file can only land on a mount. Which
// directories are mounts is not among the facts, but the root itself is none.
func readOnlyCheck(p *Pattern, readOnly *bool) Check {
	c := Check{Check: "read-only-root", State: RuledOut}
	switch {
	case p != nil && p.Handler != HandlerFile:
		c.Detail = "no file is written in the container"
	case readOnly == nil:
		c.State, c.Detail = Unknown, "whether the root is read-only is not known"
	case !*readOnly:
		c.Detail = "the container's root is writable"
	case p != nil && p.Dir("") == "/":
		c.State, c.Detail = Proven, "the core would land in /, which is read-only; the kernel logs nothing"
		c.Fix = "mount a volume and let kernel.core_pattern point into it"
	default:
		c.State, c.Detail = Unknown, "the root is read-only: a core is written only where its directory is a volume or tmpfs"
		c.Fix = "mount a volume at the working directory, or at the directory of kernel.core_pattern"
	}
	return c
}

func amount(limit int64) string {
	if limit < 0 {
		return "unlimited"
	}
	return fmt.Sprintf("%d bytes", limit)
}
