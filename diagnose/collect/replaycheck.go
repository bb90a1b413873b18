package collect

import (
	"context"
	"net/netip"
	"path"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// test returns the configured check; nil = none, or switched off.
func (p configured) test() []string {
	h := p.Config.Healthcheck
	if h == nil || len(h.Test) < 2 || h.Test[0] != "CMD" && h.Test[0] != "CMD-SHELL" {
		return nil
	}
	return h.Test
}

// command is what the engine executes for the check: the words of the CMD form, or
// the image's shell with the string of the CMD-SHELL form.
func (p configured) command() docker.ExecCommand {
	test := p.test()
	cmd := test[1:]
	if test[0] == "CMD-SHELL" {
		shell := p.Config.Shell
		if len(shell) == 0 {
			shell = []string{"/bin/sh", "-c"}
		}
		// $0 is ours: the engine's events must tell a replayed probe from its own.
		cmd = append(append([]string{}, shell...), test[1], replay.ShellName)
	}
	return docker.ExecCommand{Cmd: cmd, User: p.Config.User, WorkingDir: p.Config.WorkingDir}
}

// readCheck asks the plan what the check's words mean.
func (s *session) readCheck(p configured) (tool string, port int) {
	if s.Replay.ReadCheck == nil || p.test() == nil {
		return "", 0
	}
	return s.Replay.ReadCheck(p.test())
}

// replayExec runs the configured check as the engine would.
func (s *session) replayExec(ctx context.Context, p configured) source.Outcome {
	timeout := p.Config.Healthcheck.Timeout
	if timeout <= 0 {
		timeout = engineTimeout
	}
	plan := s.Replay.withDefaults(execCount, execInterval, timeout)
	var here *host.Processes
	if s.host(ctx).here {
		processes := s.processes()
		here = &processes
	}
	x := probe.NewExec(s.engine, s.container.ID, here, s.Timeout, p.command(), plan.Timeout)
	r := replay.Replay{
		At: s.Now().UTC(), Kind: "exec", Vantage: "exec",
		Proves: "what the engine itself does: the same command, user, folder and environment, inside the container's own " +
			"limits",
	}
	tool, port := s.readCheck(p)
	r.Tool, r.ToolFound = tool, s.findTool(ctx, p, tool)
	if r.ToolFound != nil && !*r.ToolFound {
		r.Clients = s.findClients(ctx, p)
	}
	if here != nil && port > 0 {
		watch := &host.SocketWatch{Processes: *here, Port: port}
		x.Watch = func(r *replay.Record) { watch.Look(netip.AddrPort{}, r) }
	}
	if s.canBound(ctx, p, r.ToolFound) {
		x.Bound()
	}
	var endless bool
	if r.OverheadMs, endless = x.Overhead(ctx); endless {
		plan.Count, plan.Duration = 1, 0
	}
	if len(r.OverheadMs) == 0 && !endless {
		if err := x.Refused(ctx); err != nil {
			return source.Denied("nothing was replayed: this way to the engine lets nobody run a program in the container: "+
				err.Error(), s.askOverHTTP(ctx, p))
		}
	}
	s.run(ctx, plan, execParallel, x.Probe, &r, func(ctx context.Context) {
		x.SweepAll(ctx)
		r.LeftKilled = int(x.Killed.Load())
	})
	return probe.Outcome(r)
}

// canBound tells whether the image has timeout(1), and a check that starts under it as it
// would alone: a program that is missing must be the engine's to name.
func (s *session) canBound(ctx context.Context, p configured, toolFound *bool) bool {
	if p.test()[0] == "CMD" && (toolFound == nil || !*toolFound) {
		return false
	}
	found := s.findTool(ctx, p, "timeout")
	return found != nil && *found
}

// defaultPath is what runc searches where the container sets no PATH.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// findTool looks for a program along the container's PATH without running it; nil =
// the engine did not tell.
func (s *session) findTool(ctx context.Context, p configured, tool string) *bool {
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
		has, err := s.hasFile(ctx, c)
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

// hasFile looks for a file where the container's live root shows it, else through the
// engine.
func (s *session) hasFile(ctx context.Context, path string) (bool, error) {
	if s.liveHere(ctx) {
		if has, err := s.processes().HasFile(path); err == nil {
			return has, nil
		}
	}
	return s.engine.HasFile(ctx, s.container.ID, path)
}

// findClients looks for programs by which a check can be written instead of one
// whose own is missing.
func (s *session) findClients(ctx context.Context, p configured) []string {
	var list []string
	for _, name := range []string{"python3", "curl", "wget"} {
		if found := s.findTool(ctx, p, name); found != nil && *found {
			list = append(list, name)
		}
	}
	return list
}
