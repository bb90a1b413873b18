package collect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
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
	schedule := plan.schedule(networkParallel)
	run, err := probe.New(probe.Target{URL: u, Timeout: plan.Timeout})
	if err != nil {
		return nil, err
	}
	b := bundle.New(opts.ToolVersion, bundle.Target{Name: u.Redacted()}, opts.Now())
	r := replay.Replay{
		At: opts.Now().UTC(), Kind: kindOf(u.Scheme), URL: u.Redacted(), Vantage: "network", OverheadMs: []float64{},
		Proves: "how the service answers on the way from this machine to " + u.Host + ", whatever lies between",
	}
	r.Probes, r.Skipped = probe.Run(ctx, schedule, run)
	if ctx.Err() != nil {
		r.Ended = "interrupted"
	}
	schedule.Describe(&r, plan.Timeout)
	probe.Outcome(r).Store(b)
	redact.Bundle(b)
	return b, nil
}

func kindOf(scheme string) string {
	if scheme == "https" {
		return "http"
	}
	return scheme
}

// configured is the container's inspect body as a replay needs it, before anything in it is masked.
type configured struct{ decode.Body }

// replay runs the plan against the container.
func (s *session) replay(ctx context.Context, inspect []byte) source.Outcome {
	body, err := decode.ParseBody(inspect)
	p := configured{body}
	var odd *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &odd) {
		return source.Failed(fmt.Errorf("nothing was replayed: %w", orNoInspect(s.container.InspectErr, err)))
	}
	switch {
	case s.mute:
		return source.Failed(docker.ErrMute)
	case !s.container.Running:
		return source.Absent("the container is not running: nothing was replayed", "")
	case s.Replay.Path != "":
		return s.replayHTTP(ctx, p)
	case p.test() == nil:
		return source.Absent("no health check is configured", s.askOverHTTP(ctx, p))
	}
	return s.replayExec(ctx, p)
}

// askOverHTTP is the command that asks a service without a check: at the port that is open or exposed, the first of
// several.
func (s *session) askOverHTTP(ctx context.Context, p configured) string {
	ask := "gwdoctor health " + source.ShellWord(cmp.Or(s.container.Name, s.Ref)) + " --http /health"
	port, err := s.portOf(ctx, p)
	var several *PortError
	if errors.As(err, &several) && len(several.Open) > 0 {
		port = several.Open[0]
	}
	if port > 0 {
		ask += " --port " + strconv.Itoa(port)
	}
	return ask
}

func orNoInspect(inspectErr, err error) error {
	if inspectErr != nil {
		return inspectErr
	}
	return err
}

// run probes on schedule while the container lives, and writes what it saw before
// and after.
func (s *session) run(ctx context.Context, plan ReplayPlan, parallel int, f probe.Func, r *replay.Replay,
	cleanUp func(context.Context)) {
	here := s.host(ctx).here
	if here {
		r.ProcessesBefore, r.OverflowsBefore = s.processes().ProcessCount(), s.processes().ListenOverflows()
	}
	living, stop := s.whileAlive(ctx)
	defer stop()
	schedule := plan.schedule(parallel)
	r.Probes, r.Skipped = probe.Run(living, schedule, f)
	schedule.Describe(r, plan.Timeout)
	switch {
	case ctx.Err() != nil:
		r.Ended = "interrupted"
	case living.Err() != nil:
		r.Ended = context.Cause(living).Error()
	}
	after, cancel := source.Tidy(ctx, s.Timeout)
	defer cancel()
	cleanUp(after)
	if here && living.Err() == nil || here && ctx.Err() != nil {
		r.ProcessesAfter = s.settledCount(after, r.ProcessesBefore)
		if now := s.processes().ListenOverflows(); now != nil && r.OverflowsBefore != nil {
			grown := *now - min(*now, *r.OverflowsBefore)
			r.Overflows = &grown
		}
	}
}
