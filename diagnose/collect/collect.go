package collect

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Options say what to collect and from where. The zero value of every field but
// Ref is usable.
type Options struct {
	Ref           string        // name, id or id prefix of the container
	Host, Context string        // -H and --context; "" = as the docker CLI would choose
	Timeout       time.Duration // one deadline a source; 0 = 5 s
	LogBytes      int64         // newest bytes of log kept; 0 = 16 MiB
	// folder that stands for the container's root when binaries are looked for; "" = the usual ones
	Sysroot     string
	ToolVersion string              // goes into the manifest
	NoRedact    bool                // keep secrets, for the person at the machine
	Round       *Round              // shared with other containers; nil = alone
	Getenv      func(string) string // nil = os.Getenv
	Tell        func(text string)   // what a person must know beside the bundle; nil = nobody asks

	Replay     *ReplayPlan // nil = read only, poke nothing
	InsideOnly bool        // of the sources, ask only what its processes are doing
	NoInside   bool        // do not look into the memory of its processes
	Census     bool        // look at all objects of a Python's heap there
	HealthOnly bool        // leave out the sources that say nothing of a health check

	// Archives is how many files may be taken out of the container by the engine's
	// archive call: it mounts the root, which touches the container's /etc/hosts and
	// its like, and writes an event into the ring of 256. 0 = none. What this machine's
	// disk or /proc shows is read there and needs no call.
	Archives int

	host.Machine // where this machine's own facts are; the zero value = the usual places

	// The tests' own doors; "" = the usual place.
	defaultSocket string // /var/run/docker.sock
	userSockets   string // /run/user
	dockerRoot    string // /var/lib/docker, where the engine does not say
}

// Limits of what is kept. A JSON body above its cap cannot be parsed when cut, so
// the source fails; line-wise sources keep what fits and are marked truncated.
const (
	defaultTimeout  = 5 * time.Second
	defaultLogBytes = 16 << 20
	pingTimeout     = 2 * time.Second
)

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.LogBytes <= 0 {
		o.LogBytes = defaultLogBytes
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	o.Machine = o.Machine.WithUsual()
	o.dockerRoot = cmp.Or(o.dockerRoot, "/var/lib/docker")
	return o
}

// redact masks the bundle's secrets, unless the user asked for them.
func (o Options) redact(b *bundle.Bundle) {
	if !o.NoRedact {
		redact.Bundle(b)
	}
}

// Container collects everything about one container and returns a bundle, redacted
// unless NoRedact asks otherwise. It fails only when there is nothing to diagnose: *NotFoundError,
// *UnreachableError, *DeniedError, *SkippedError, or ctx's error when it was cancelled
// before the container was known. A mute engine, a container removed half-way or a
// cancellation later on gives a partial bundle that says what is missing.
func Container(ctx context.Context, opts Options) (*bundle.Bundle, error) {
	ctx, cancel, err := opts.Round.within(ctx, opts.Ref)
	if err != nil {
		return nil, err
	}
	defer cancel()
	b, err := container(ctx, opts.withDefaults())
	if err != nil && errors.Is(context.Cause(ctx), errBudget) {
		return nil, &SkippedError{Ref: opts.Ref, Budget: opts.Round.budget}
	}
	return b, err
}

// container collects once and, where the container ended meanwhile, once more: half of
// the sources would tell of a life, half of a death.
func container(ctx context.Context, opts Options) (*bundle.Bundle, error) {
	s, b, err := collectOnce(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer s.engine.Close()
	s.tellNamesakes(ctx)
	b = s.settledBundle(ctx, b)
	if opts.Replay != nil {
		inspect, _ := b.File(bundle.FileInspect) // not yet masked: the check may hold a password
		o := s.replay(ctx, inspect)
		o.Source.Name = fact.SourceReplay
		b = s.settledBundle(ctx, b)
		o.Store(b)
	}
	s.redact(b)
	return b, nil
}

// settledBundle returns b or, where the container has ended since, what a second look
// gives; one that fails (the container was removed) leaves the first.
func (s *session) settledBundle(ctx context.Context, b *bundle.Bundle) *bundle.Bundle {
	if !s.ended(ctx) {
		return b
	}
	s.Round.forget()
	second, again, err := collectOnce(ctx, s.Options)
	if err != nil {
		return b
	}
	second.engine.Close()
	s.container = second.container
	return again
}

// collectOnce asks every source once. The bundle is not redacted.
func collectOnce(ctx context.Context, opts Options) (*session, *bundle.Bundle, error) {
	s, err := connect(ctx, opts)
	if err != nil {
		return nil, nil, err
	}
	s.startInfo(ctx)
	found, err := s.identify(ctx)
	if err != nil {
		s.engine.Close()
		return nil, nil, err
	}
	s.container = found.container
	// An engine that systemd starts for the first call (Podman's socket) may be too late for the ping.
	s.mute = s.mute && (!found.container.Known || found.container.InspectErr != nil)
	b := bundle.New(s.ToolVersion, bundle.Target{ID: s.container.ID, Runtime: s.runtime(),
		Name: cmp.Or(s.container.Name, strings.TrimPrefix(s.Ref, "/"))}, s.Now())
	found.outcome.Store(b)
	runAll(ctx, s, b, s.collectors())
	return s, b, nil
}

func (s *session) collectors() []collector {
	switch {
	case s.HealthOnly:
		return healthCollectors
	case s.InsideOnly:
		return []collector{{fact.SourceInside, collectInside}}
	}
	return collectors
}

// healthCollectors lists the sources that tell of a health check.
var healthCollectors = []collector{
	{fact.SourceEngine, collectEngine},
	{fact.SourceImage, collectImage},
	{fact.SourceEvents, collectEvents},
	{fact.SourceProcess, collectProcess},
	{fact.SourceCgroup, collectCgroup},
}

// collectors lists every source but inspect, which names the configured first.
var collectors = []collector{
	{fact.SourceEngine, collectEngine},
	{fact.SourceImage, collectImage},
	{fact.SourceEvents, collectEvents},
	{fact.SourceLogs, collectLogs},
	{fact.SourceChanges, collectChanges},
	{fact.SourceNeighbours, collectNeighbours},
	{fact.SourcePorts, collectPorts},
	{fact.SourceStateFile, collectStateFile},
	{fact.SourceKernelLog, collectKernelLog},
	{fact.SourceProcess, collectProcess},
	{fact.SourceInside, collectInside},
	{fact.SourceCgroup, collectCgroup},
	{fact.SourceCorePolicy, collectCorePolicy},
	{fact.SourceCores, collectCores},
}
