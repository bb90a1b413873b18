package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
)

// ReplayPlan says how a health check is to be replayed. It is the only thing in
// this package that pokes a container instead of reading. Zero values are the
// defaults.
type ReplayPlan struct {
	Path string // ask this HTTP path instead of running the configured check; "" = the check
	Port int    // with Path: the container's port; 0 = the check's own, or the only one that is open
	TLS  bool   // with Path: https
	From string // with Path: namespace, address or published; "" = the first of these that works

	Count              int
	Interval, Duration time.Duration
	Timeout            time.Duration // of one probe; 0 = the check's own, 5 s for a URL
	Progress           func(done, failed int)

	// ReadCheck tells the program that a check runs and the port that it asks, as far
	// as its words tell: what they mean is not for this package to say.
	ReadCheck func(test []string) (tool string, port int)
}

// Defaults and limits of a replay.
const (
	execCount       = 5
	execInterval    = time.Second
	execParallel    = 4
	networkCount    = 30
	networkInterval = 200 * time.Millisecond
	networkParallel = 64
	networkTimeout  = 5 * time.Second
	engineTimeout   = 30 * time.Second // of a check that sets none: moby daemon/health.go
	watchInterval   = 500 * time.Millisecond
)

// URL probes a URL from this machine. No container is involved; the bundle holds
// the replay alone.
func URL(ctx context.Context, opts Options, address string) (*bundle.Bundle, error) {
	opts = opts.withDefaults()
	u, err := probe.ParseURL(address)
	if err != nil {
		return nil, &URLError{Err: err}
	}
	plan := opts.Replay.withDefaults(networkCount, networkInterval, networkTimeout)
	run, err := probe.New(probe.Target{URL: u, Timeout: plan.Timeout})
	if err != nil {
		return nil, err
	}
	b := bundle.New(opts.ToolVersion, bundle.Target{Name: u.Redacted()}, opts.Now())
	r := bundle.Replay{
		At: opts.Now().UTC(), Kind: kindOf(u.Scheme), URL: u.Redacted(), Vantage: "network", OverheadMs: []float64{},
		Proves: "how the service answers on the way from this machine to " + u.Host + ", whatever lies between",
	}
	r.Probes, r.Skipped = probe.Run(ctx, plan.schedule(networkParallel), run)
	if ctx.Err() != nil {
		r.Ended = "interrupted"
	}
	plan.describe(&r)
	keepReplay(r).store(b)
	b.Redact()
	return b, nil
}

// keepReplay is the outcome of a replay that ran.
func keepReplay(r bundle.Replay) outcome {
	if r.Probes == nil {
		r.Probes = []bundle.ProbeRecord{}
	}
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return failed(err)
	}
	o := collected(fmt.Sprintf("%d probes", len(r.Probes)))
	if r.Ended != "" {
		o = truncated(fmt.Sprintf("%d probes; %s", len(r.Probes), r.Ended))
	}
	o.source.Name = bundle.SourceReplay
	return o.with(bundle.FileReplay, append(data, '\n'))
}

func kindOf(scheme string) string {
	if scheme == "https" {
		return "http"
	}
	return scheme
}

func (p *ReplayPlan) withDefaults(count int, interval, timeout time.Duration) ReplayPlan {
	plan := ReplayPlan{}
	if p != nil {
		plan = *p
	}
	if plan.Interval <= 0 {
		plan.Interval = interval
	}
	if plan.Count <= 0 && plan.Duration <= 0 {
		plan.Count = count
	}
	if plan.Timeout <= 0 {
		plan.Timeout = timeout
	}
	return plan
}

// Execs is how often the plan runs a container's own check.
func (p ReplayPlan) Execs() int {
	p = p.withDefaults(execCount, execInterval, engineTimeout)
	if fits := int(p.Duration / p.Interval); p.Duration > 0 && (p.Count == 0 || fits < p.Count) {
		return fits
	}
	return p.Count
}

func (p ReplayPlan) schedule(parallel int) probe.Plan {
	return probe.Plan{Count: p.Count, Interval: p.Interval, Duration: p.Duration, Parallel: parallel, Progress: p.Progress}
}

func (p ReplayPlan) describe(r *bundle.Replay) {
	r.Planned, r.IntervalMs, r.TimeoutMs = p.Count, probe.Millis(p.Interval), probe.Millis(p.Timeout)
	if p.Count == 0 {
		r.Planned = int(p.Duration / p.Interval)
	}
}

// patient is what a replay needs of the container's inspect body, before anything
// in it is masked.
type patient struct {
	State struct {
		StartedAt string
	}
	Config struct {
		User, WorkingDir string
		Env              []string
		Shell            []string
		ExposedPorts     map[string]struct{}
		Healthcheck      *struct {
			Test    []string
			Timeout time.Duration
		}
	}
	NetworkSettings struct {
		Networks map[string]struct{ IPAddress string }
		Ports    map[string][]struct{ HostIP, HostPort string }
	}
}

// replay runs the plan against the container.
func (s *session) replay(ctx context.Context, inspect []byte) outcome {
	var p patient
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(inspect, &p); err != nil && !errors.As(err, &odd) {
		return failed(fmt.Errorf("nothing was replayed: %w", orNoInspect(s.subject.inspectErr, err)))
	}
	switch {
	case s.mute:
		return failed(errMute)
	case !s.subject.Running:
		return absent("the container is not running: nothing was replayed", "")
	case s.Replay.Path != "":
		return s.replayHTTP(ctx, p)
	case p.test() == nil:
		return absent("no health check is configured", "gwdoctor health "+shellWord(orDefault(s.subject.Name, s.Ref))+" --http /health --port 8000")
	}
	return s.replayExec(ctx, p)
}

func orNoInspect(inspectErr, err error) error {
	if inspectErr != nil {
		return inspectErr
	}
	return err
}

// test returns the configured check; nil = none, or switched off.
func (p patient) test() []string {
	h := p.Config.Healthcheck
	if h == nil || len(h.Test) < 2 || h.Test[0] != "CMD" && h.Test[0] != "CMD-SHELL" {
		return nil
	}
	return h.Test
}

// command is what the engine executes for the check: the words of the CMD form, or
// the image's shell with the string of the CMD-SHELL form.
func (p patient) command() execCommand {
	test := p.test()
	cmd := test[1:]
	if test[0] == "CMD-SHELL" {
		shell := p.Config.Shell
		if len(shell) == 0 {
			shell = []string{"/bin/sh", "-c"}
		}
		// $0 is ours: the engine's events must tell a replayed probe from its own.
		cmd = append(append([]string{}, shell...), test[1], bundle.ReplayName)
	}
	return execCommand{Cmd: cmd, User: p.Config.User, WorkingDir: p.Config.WorkingDir}
}

// readCheck asks the plan what the check's words mean.
func (s *session) readCheck(p patient) (tool string, port int) {
	if s.Replay.ReadCheck == nil || p.test() == nil {
		return "", 0
	}
	return s.Replay.ReadCheck(p.test())
}

// replayExec runs the configured check as the engine would.
func (s *session) replayExec(ctx context.Context, p patient) outcome {
	timeout := p.Config.Healthcheck.Timeout
	if timeout <= 0 {
		timeout = engineTimeout
	}
	plan := s.Replay.withDefaults(execCount, execInterval, timeout)
	x := newExecProber(s, p.command(), plan.Timeout)
	r := bundle.Replay{
		At: s.Now().UTC(), Kind: "exec", Vantage: "exec",
		Proves: "what the engine itself does: the same command, user, folder and environment, inside the container's own limits",
	}
	tool, port := s.readCheck(p)
	r.Tool, r.ToolFound = tool, s.findTool(ctx, p, tool)
	if r.ToolFound != nil && !*r.ToolFound {
		r.Clients = s.findClients(ctx, p)
	}
	if s.host(ctx).here && port > 0 {
		watch := &socketWatch{session: s, port: port}
		x.watch = func(r *bundle.ProbeRecord) { watch.look(netip.AddrPort{}, r) }
	}
	r.OverheadMs = x.overhead(ctx)
	s.run(ctx, plan, execParallel, x.probe, &r, func(ctx context.Context) {
		x.sweepAll(ctx)
		r.LeftKilled = int(x.killed.Load())
	})
	return keepReplay(r)
}

// run probes on schedule while the container lives, and writes what it saw before
// and after.
func (s *session) run(ctx context.Context, plan ReplayPlan, parallel int, f probe.Func, r *bundle.Replay, cleanUp func(context.Context)) {
	here := s.host(ctx).here
	if here {
		r.ProcessesBefore, r.OverflowsBefore = s.processCount(), s.listenOverflows()
	}
	living, stop := s.whileAlive(ctx)
	defer stop()
	r.Probes, r.Skipped = probe.Run(living, plan.schedule(parallel), f)
	plan.describe(r)
	switch {
	case ctx.Err() != nil:
		r.Ended = "interrupted"
	case living.Err() != nil:
		r.Ended = context.Cause(living).Error()
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Timeout)
	defer cancel()
	cleanUp(after)
	if here && living.Err() == nil || here && ctx.Err() != nil {
		r.ProcessesAfter = s.settledCount(after, r.ProcessesBefore)
		if now := s.listenOverflows(); now != nil && r.OverflowsBefore != nil {
			grown := *now - min(*now, *r.OverflowsBefore)
			r.Overflows = &grown
		}
	}
}

// settledCount counts the processes once the engine has reaped the probes' own,
// which takes a moment on a busy machine; what is still there then was left behind.
func (s *session) settledCount(ctx context.Context, before *int) *int {
	const patience = 2 * time.Second
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		n := s.processCount()
		if n == nil || before == nil || *n <= *before || ctx.Err() != nil || time.Now().After(deadline) {
			return n
		}
	}
}

// whileAlive returns a context that ends with the container's run. Its cause says
// what happened.
func (s *session) whileAlive(ctx context.Context) (context.Context, func()) {
	living, cancel := context.WithCancelCause(ctx)
	go func() {
		started, silent := "", 0
		for {
			select {
			case <-time.After(watchInterval):
			case <-living.Done():
				return
			}
			switch now, why, err := s.alive(living); {
			case err != nil:
				if silent++; silent == 3 {
					cancel(errors.New("the engine gives no answer any more"))
				}
			case why != "":
				cancel(errors.New(why))
			case started != "" && now != started:
				cancel(errors.New("the container was restarted during the replay"))
			default:
				started, silent = now, 0
			}
		}
	}()
	return living, func() { cancel(nil) }
}

// alive returns when the present run began, or why there is none.
func (s *session) alive(ctx context.Context) (started, why string, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	raw, err := s.engine.inspect(ctx, s.subject.ID)
	if statusCode(err) == 404 {
		return "", "the container was removed during the replay", nil
	}
	var body struct {
		State struct {
			Running, Paused bool
			ExitCode        int
			StartedAt       string
		}
	}
	if err == nil {
		err = json.Unmarshal(raw, &body)
	}
	switch {
	case err != nil:
		return "", "", err
	case !body.State.Running:
		return "", fmt.Sprintf("the container ended during the replay, with exit code %d", body.State.ExitCode), nil
	}
	return body.State.StartedAt, "", nil
}

// defaultPath is what runc searches where the container sets no PATH.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// findTool looks for a program along the container's PATH without running it; nil =
// the engine did not tell.
func (s *session) findTool(ctx context.Context, p patient, tool string) *bool {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	if tool == "" {
		return nil
	}
	folders := defaultPath
	for _, v := range p.Config.Env {
		if value, ok := strings.CutPrefix(v, "PATH="); ok {
			folders = value
		}
	}
	candidates := []string{tool}
	if !strings.Contains(tool, "/") {
		candidates = nil
		for _, folder := range strings.Split(folders, ":") {
			candidates = append(candidates, path.Join("/", folder, tool))
		}
	}
	found := false
	for _, c := range candidates {
		has, err := s.engine.hasFile(ctx, s.subject.ID, c)
		if err != nil {
			return nil
		}
		if has {
			found = true
			break
		}
	}
	return &found
}

// findClients looks for programs by which a check can be written instead of one
// whose own is missing.
func (s *session) findClients(ctx context.Context, p patient) []string {
	var list []string
	for _, name := range []string{"python3", "curl", "wget"} {
		if found := s.findTool(ctx, p, name); found != nil && *found {
			list = append(list, name)
		}
	}
	return list
}

// address is the URL of a container's port as it is asked there.
func (p ReplayPlan) address(host string, port int) *url.URL {
	scheme := "http"
	if p.TLS {
		scheme = "https"
	}
	u := &url.URL{Scheme: scheme, Host: netip.AddrPortFrom(netip.MustParseAddr(host), uint16(port)).String()}
	u.Path, u.RawQuery, _ = strings.Cut(p.Path, "?")
	return u
}
