package check

import (
	"fmt"
	"time"
)

// Outcome is how a probe ended.
type Outcome string

// The outcomes. OOMKilled and Teardown cannot be read from a record alone; see
// [Result.WithOOM] and [TeardownArtefact].
const (
	Pass          Outcome = "pass"
	Timeout       Outcome = "timeout"        // no answer in time, by the engine's clock or the tool's own
	Refused       Outcome = "refused"        // nothing listens at that address
	HTTPStatus    Outcome = "http-status"    // an answer, with an error status
	ToolMissing   Outcome = "tool-missing"   // the probe's program or script is not in the image
	NotExecutable Outcome = "not-executable" // it is there and cannot be executed
	EngineError   Outcome = "engine-error"   // the engine could not run the probe for another reason
	OOMKilled     Outcome = "oom-killed"     // the probe itself was OOM-killed
	DNS           Outcome = "dns"            // the name was not resolved
	Reset         Outcome = "reset"          // the connection broke off, before or in the middle of the answer
	EmptyReply    Outcome = "empty-reply"    // accepted and closed without a byte
	TLS           Outcome = "tls"            // no TLS session: a plain port, or a certificate that is not trusted
	ForkFailed    Outcome = "fork-failed"    // no process or thread to be had: pids limit, zombies
	Killed        Outcome = "killed"         // SIGKILL, and the record does not say whose
	Failed        Outcome = "failed"         // it said no, and nothing tells more
	Teardown      Outcome = "teardown"       // killed by the container's own end: no failure
)

// Probe is one recorded run of the check.
type Probe struct {
	Start, End time.Time
	ExitCode   int    // -1 is the engine's: timeout, or the probe could not start
	Output     string // stdout and stderr mixed, the first 4096 bytes
	TimedOut   bool   // the runtime's own word, where neither says it: Podman's -1 with what the probe had printed
}

// Result is the reading of a probe.
type Result struct {
	Outcome    Outcome
	HTTPStatus int           // 100..599; 0 = no answer, or its status is not known
	Summary    string        // a clause in plain words, no full stop, nothing of the raw output
	Outlasts   bool          // of a timeout: the check itself takes longer, whatever the service does
	Duration   time.Duration // End-Start, never negative; 0 where a stamp is missing
}

// maxOutput bounds what is read of an output: the engine keeps 4096 bytes and
// three dots, Podman may be told to keep more.
const maxOutput = 16 << 10

// outputLimit is where Docker cuts (moby daemon/health.go maxOutputLen).
const outputLimit = 4096

// Classify reads one probe. test is the configured check (Healthcheck.Test:
// ["CMD", "curl", ...] or ["CMD-SHELL", "curl ... || exit 1"]), timeout its
// configured timeout; 0 is the engine's default of 30 s.
func Classify(test []string, p Probe, timeout time.Duration) Result {
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	if len(p.Output) > maxOutput {
		p.Output = p.Output[:maxOutput]
	}
	r := read(reading{check: Parse(test), p: p, took: took(p), timeout: timeout})
	r.Duration = took(p)
	return r
}

// WithOOM returns the result of a probe that was killed, as OOMKilled, where an
// oom event came while it ran: the probe lives in the container's cgroup and
// counts against its limit (health-oom-probe). Others are returned as they are.
func (r Result) WithOOM(p Probe, oom []time.Time) Result {
	if r.Outcome != Killed {
		return r
	}
	for _, at := range oom {
		if !at.Before(p.Start.Add(-oomSlack)) && !at.After(p.End.Add(oomSlack)) {
			r.Outcome, r.Summary = OOMKilled, "the probe itself was killed for lack of memory: it counts against the "+
				"container's limit"
			return r
		}
	}
	return r
}

// WithoutProgram returns the result of a probe that failed without a word as ToolMissing, where the container has no
// such program ("" = it has, or nobody knows): Podman keeps no more of an exec that could not begin than code 1
// (5.4.2), or 125 to 127, where Docker keeps the runtime's sentence.
func (r Result) WithoutProgram(p Probe, program string) Result {
	code := p.ExitCode == 1 || p.ExitCode >= 125 && p.ExitCode <= 127
	if program == "" || !code || p.Output != "" || r.Outcome == Timeout {
		return r
	}
	missing := toolMissing(program)
	missing.Duration = r.Duration
	return missing
}

// oomSlack: event and log stamps are taken by different parts of the engine.
const oomSlack = 200 * time.Millisecond

// How the end of a probe that the container's own end killed lies to FinishedAt.
// The kernel kills the namespace while init exits; measured +1.6 and +6.8 ms
// (health-frozen-by-pause, health-stop-during-probe). A probe that was OOM-killed
// shortly before a stop ended 0.6 s earlier (health-oom-probe), so the window
// opens late; behind FinishedAt nothing else can run, so it stays open for 1 s.
const (
	teardownBefore = 250 * time.Millisecond
	teardownAfter  = time.Second
)

// TeardownArtefact tells whether a probe, the last of a run, was killed by the end
// of its container: exit code 137, no output, End at FinishedAt. It is no failure,
// even where the engine counted it and reported unhealthy.
func TeardownArtefact(p Probe, finishedAt time.Time) bool {
	if p.ExitCode != 137 || p.Output != "" || p.End.IsZero() || finishedAt.IsZero() {
		return false
	}
	late := p.End.Sub(finishedAt)
	return late >= -teardownBefore && late <= teardownAfter
}

func took(p Probe) time.Duration {
	if p.Start.IsZero() || p.End.IsZero() {
		return 0
	}
	return max(p.End.Sub(p.Start), 0)
}

func failed(o Outcome, format string, args ...any) Result {
	return Result{Outcome: o, Summary: fmt.Sprintf(format, args...)}
}
