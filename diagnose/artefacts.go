package diagnose

import (
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// This file takes out of the evidence what looks like a failure and is none, so
// that no cause ever sees it: the engine's habits of docs/notes/DOCKER.md#a1 to A3.

// probesOf returns the examined run's probes, oldest first: the engine's log of
// five, and before it what the exec events still tell. The probe that the end
// of the container killed is left out.
func probesOf(c *evidence.Case) []evidence.Probe {
	if c.Container == nil || !c.Container.Probed() || c.Run == nil {
		return nil
	}
	config := c.Container.Healthcheck.WithDefaults()
	var probes []evidence.Probe
	if h := c.Container.State.Health; h != nil {
		for _, entry := range h.Log {
			p := check.Probe{Start: entry.Start, End: entry.End, ExitCode: entry.ExitCode, Output: entry.Output}
			if !belongs(c, p) || teardown(c, p) {
				continue
			}
			result := check.Classify(config.Test, p, config.Timeout).WithOOM(p, c.OOMEvents)
			probes = append(probes, evidence.Probe{Probe: p, Result: result})
		}
	}
	for _, p := range probesFromEvents(c, config) {
		if !recordedIn(probes, p) {
			probes = append(probes, p)
		}
	}
	slices.SortStableFunc(probes, func(a, b evidence.Probe) int { return a.Start.Compare(b.Start) })
	return onSchedule(probes, config)
}

// onSchedule leaves out what somebody else ran with the check's command (a person,
// `gwdoctor health`): the engine begins a probe one interval after the end of the
// last. It goes backwards, because the newest probes stand in the engine's own log.
func onSchedule(probes []evidence.Probe, config evidence.Healthcheck) []evidence.Probe {
	pause := config.Interval
	if config.StartInterval > 0 {
		pause = min(pause, config.StartInterval)
	}
	var kept []evidence.Probe
	for _, p := range slices.Backward(probes) {
		if n := len(kept); p.FromEvents && n > 0 && kept[n-1].Start.Sub(p.End) < pause*9/10 {
			continue
		}
		kept = append(kept, p)
	}
	slices.Reverse(kept)
	return kept
}

// belongs tells whether a probe ran in the examined run. The log survives
// restarts (docs/notes/DOCKER.md#a3), so entries of several runs may stand side by side.
func belongs(c *evidence.Case, p check.Probe) bool {
	for i := range c.Runs {
		run := &c.Runs[len(c.Runs)-1-i]
		if !run.Start.IsZero() && !p.Start.Before(run.Start) {
			return run == c.Run
		}
	}
	return c.Run == &c.Runs[0]
}

func teardown(c *evidence.Case, p check.Probe) bool {
	if c.Run.End == nil {
		return false
	}
	return check.TeardownArtefact(p, *c.Run.End) || p.End.After(c.Run.End.Add(100*time.Millisecond))
}

func recordedIn(probes []evidence.Probe, p evidence.Probe) bool {
	for _, q := range probes {
		if q.Start.Sub(p.Start).Abs() < 500*time.Millisecond {
			return true
		}
	}
	return false
}

// probesFromEvents pairs exec_create and exec_die of the probe's command. A
// probe that was killed at its timeout reads 127 or 137 there (docs/notes/DOCKER.md#a2), so
// its length decides, not its code.
func probesFromEvents(c *evidence.Case, config evidence.Healthcheck) []evidence.Probe {
	begun := map[string]time.Time{}
	var probes []evidence.Probe
	for _, ev := range c.Run.Events {
		switch {
		case ev.ExecID == "":
		case ev.Action == "exec_create" && probeCommand(config.Test, ev.Detail):
			begun[ev.ExecID] = ev.At
		case ev.Action == "exec_die" && ev.ExitCode != nil:
			start, ok := begun[ev.ExecID]
			if !ok {
				continue
			}
			p := check.Probe{Start: start, End: ev.At, ExitCode: *ev.ExitCode}
			if p.ExitCode == 137 && teardown(c, p) {
				continue
			}
			probes = append(probes, evidence.Probe{Probe: p, Result: fromEvent(config, p, c.OOMEvents), FromEvents: true})
		}
	}
	return probes
}

// fromEvent reads a probe of which only times and code are known.
func fromEvent(config evidence.Healthcheck, p check.Probe, oom []time.Time) check.Result {
	took := p.End.Sub(p.Start)
	if took >= config.Timeout {
		p.ExitCode, p.Output = -1, "Health check exceeded timeout"
	}
	return check.Classify(config.Test, p, config.Timeout).WithOOM(p, oom)
}

// probeCommand tells whether an exec event's text is the health check's command
// and not a person's docker exec.
func probeCommand(test []string, detail string) bool {
	if len(test) < 2 || strings.HasSuffix(detail, " "+bundle.ReplayName) {
		return false
	}
	want := strings.Join(strings.Fields(strings.Join(test[1:], " ")), " ")
	return strings.Contains(strings.Join(strings.Fields(detail), " "), want)
}

// streakOf counts the failed probes in a row at the end of the run. The
// engine's own counter goes further back than its log of five, but speaks of the
// newest run only.
func streakOf(c *evidence.Case) int {
	streak := 0
	for i := len(c.Probes) - 1; i >= 0 && c.Probes[i].Failed(); i-- {
		streak++
	}
	if streak == 0 || c.LaterRuns > 0 || c.Container == nil || c.Container.State.Health == nil {
		return streak
	}
	return max(streak, c.Container.State.Health.FailingStreak)
}

// unhealthyOf returns when the run truly turned unhealthy and stayed so. The
// status itself is worthless for a container that is not running: the engine sets
// it whenever it stops probing (moby container/health.go CloseMonitorChannel).
func unhealthyOf(c *evidence.Case) *time.Time {
	if c.Run == nil {
		return nil
	}
	if at := unhealthyEvent(c); at != nil {
		return at
	}
	if c.Container == nil || c.Container.Healthcheck == nil || len(c.Probes) == 0 {
		return nil
	}
	config := c.Container.Healthcheck.WithDefaults()
	if c.Streak < config.Retries || recovered(c) {
		return nil
	}
	if c.Alive() && c.Container.State.Health != nil && c.Container.State.Health.Status == fact.HealthStarting {
		return nil // still in its start period: the failures do not count
	}
	// The oldest failure that we know of plus the retries that were still needed.
	failed := c.FailedProbes()
	at := failed[min(len(failed), config.Retries)-1].End
	return &at
}

// recovered tells whether a healthy event came after every unhealthy one.
func recovered(c *evidence.Case) bool {
	word := ""
	for _, ev := range c.Run.Events {
		if ev.Action == "health_status" {
			word = ev.Detail
		}
	}
	return word == fact.HealthHealthy
}

func unhealthyEvent(c *evidence.Case) *time.Time {
	var at *time.Time
	for _, ev := range c.Run.Events {
		if ev.Action != "health_status" {
			continue
		}
		switch ev.Detail {
		case fact.HealthUnhealthy:
			if at == nil && !unhealthyByTeardown(c.Run, ev.At) {
				t := ev.At
				at = &t
			}
		case fact.HealthHealthy:
			at = nil
		}
	}
	return at
}

// unhealthyByTeardown recognises the event that the end itself caused: the dying
// container killed a running probe (exec_die 137), and with a streak one short of
// the limit the engine reports unhealthy before die (docs/notes/DOCKER.md#a2, last row).
func unhealthyByTeardown(r *evidence.Run, at time.Time) bool {
	if r.Alive {
		return false
	}
	killed, ended := false, false
	for _, ev := range r.Events {
		gap := at.Sub(ev.At)
		switch ev.Action {
		case "exec_die":
			killed = killed || gap >= 0 && gap < 200*time.Millisecond && ev.ExitCode != nil && *ev.ExitCode == 137
		case "die", "died":
			ended = ended || gap <= 0 && gap > -200*time.Millisecond
		}
	}
	return killed && ended
}

// oomEventsOf returns the run's oom events. On cgroup v1 the kernel tells every
// group below the one that hit its limit, so an innocent sibling gets the event
// too; where the kernel log proves that, there is none.
func oomEventsOf(c *evidence.Case) (own []time.Time, sibling bool) {
	if c.Run == nil {
		return nil, false
	}
	for _, ev := range c.Run.Events {
		if ev.Action != "oom" {
			continue
		}
		if siblingsKill(c, ev.At) {
			sibling = true
			continue
		}
		own = append(own, ev.At)
	}
	return own, sibling
}

// siblingsKill tells whether the kernel log holds a kill at that moment whose
// victim was another container's, under an outer limit, and none of ours.
func siblingsKill(c *evidence.Case, at time.Time) bool {
	if !c.Kernel.Covers(at) {
		return false
	}
	sibling := false
	for _, kill := range c.Kernel.Log.Kills {
		if kill.At == nil || kill.At.Sub(at).Abs() > kernelSlack || kill.Container == nil {
			continue
		}
		if kill.Container.ID == c.Target.ID {
			return false
		}
		sibling = sibling || kill.Scope == "outer-limit"
	}
	return sibling
}

// stickyOOM tells whether the OOMKilled flag, though set, does not explain the
// end of the examined run: any process of the container may have set it, and up to
// Engine 23 it even outlives the next start (docs/notes/DOCKER.md#a1).
func stickyOOM(c *evidence.Case) bool {
	if c.Container == nil || !c.Container.State.OOMKilled || c.Run == nil {
		return false
	}
	if c.Run.Alive {
		return c.Engine.Major < 24
	}
	if c.Run.ExitCode == nil || *c.Run.ExitCode != 137 {
		return true
	}
	return oomBefore(c) && c.KillAtEnd == nil && c.OOMAtEnd == nil
}
