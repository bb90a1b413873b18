package inquest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// ProbeSigns are the health checks of the life. What looks like a failure and is none is taken out here, so
// that no cause ever sees it: the habits of docs/notes/DOCKER.md#a1 to A3.
type ProbeSigns struct {
	Probes    []Probe    // oldest first; what the life's end did to them left out
	Streak    int        // failed ones in a row at the end of the life
	Complete  bool       // the engine's own counter of this life is known, so it is no longer
	Early     int        // of those, the ones in the start period, which count for nothing
	Unhealthy *time.Time // when it truly turned unhealthy, or Earlier; nil = it did not, or unknown
	Earlier   *Earlier   // it turned at an unknown time before Unhealthy; nil = Unhealthy is exact
	Recovered *Recovery  // what a life that goes on got over; nil = nothing
	Flapping  *Flapping  // it turns unhealthy again and again; nil = it does not
}

// Probe is one health check with its reading.
type Probe struct {
	check.Probe
	check.Result
	FromEvents bool // rebuilt from events: no output is known
}

// Failed tells whether the probe counts as a failure.
func (p Probe) Failed() bool { return p.Outcome != check.Pass && p.Outcome != check.Teardown }

// FailedProbes are those that failed.
func (s ProbeSigns) FailedProbes() []Probe {
	var list []Probe
	for _, p := range s.Probes {
		if p.Failed() {
			list = append(list, p)
		}
	}
	return list
}

func probeSignsOf(e *evidence.Evidence, x Examined, oom []time.Time) ProbeSigns {
	s := ProbeSigns{Probes: probesOf(e, x, oom)}
	s.Streak = streakOf(e, x, s.Probes)
	s.Complete = x.LaterLives == 0 && e.Status != nil && e.Status.Health != nil && e.Status.Health.FailingStreak > 0
	s.Early = earlyOf(e, x, s)
	s.Unhealthy, s.Earlier = unhealthyOf(e, x, s)
	s.Flapping = flappingOf(e, x, s)
	s.Recovered = recoveryOf(e, x, s)
	return s
}

// probesOf returns the examined life's probes, oldest first: the runtime's record (Docker's log of
// five), and before it what its events still tell. The probe that the end
// of the container killed is left out.
func probesOf(e *evidence.Evidence, x Examined, oom []time.Time) []Probe {
	if e.Spec == nil || !e.Spec.Probed() {
		return nil
	}
	config := e.Spec.Healthcheck.WithDefaults()
	var probes []Probe
	if h := e.Status.Health; h != nil {
		for _, entry := range h.Log {
			p := check.Probe{Start: entry.Start, End: entry.End, ExitCode: entry.ExitCode,
				Output: entry.Output, TimedOut: entry.TimedOut}
			if !belongs(e.Lives, x.Life, p) || teardown(x.Life, p) {
				continue
			}
			if entry.Result != nil {
				probes = append(probes, Probe{Probe: p, Result: *entry.Result})
				continue
			}
			result := check.Classify(config.Test, p, config.Timeout).WithOOM(p, oom).WithoutProgram(p, e.Process.LackedByCheck())
			probes = append(probes, Probe{Probe: p, Result: result})
		}
	}
	for _, p := range probesFromEvents(x.Life, config, oom) {
		if !recordedIn(probes, p) {
			probes = append(probes, p)
		}
	}
	slices.SortStableFunc(probes, func(a, b Probe) int { return a.Start.Compare(b.Start) })
	return onSchedule(probes, config)
}

// onSchedule leaves out what somebody else ran with the check's command (a person,
// `gwdoctor health`): the engine begins a probe one interval after the end of the
// last. It goes backwards, because the newest probes stand in the engine's own log.
func onSchedule(probes []Probe, config check.Config) []Probe {
	pause := config.Interval
	if config.StartInterval > 0 {
		pause = min(pause, config.StartInterval)
	}
	var kept []Probe
	for _, p := range slices.Backward(probes) {
		if n := len(kept); p.FromEvents && n > 0 && kept[n-1].Start.Sub(p.End) < pause*9/10 {
			continue
		}
		kept = append(kept, p)
	}
	slices.Reverse(kept)
	return kept
}

// belongs tells whether a probe ran in the given life. The record survives
// restarts (docs/notes/DOCKER.md#a3), so entries of several lives may stand side by side.
func belongs(lives []evidence.Life, life *evidence.Life, p check.Probe) bool {
	for i := len(lives) - 1; i >= 0; i-- {
		if start := lives[i].Start; !start.IsZero() && !p.Start.Before(start) {
			return &lives[i] == life
		}
	}
	return life == &lives[0]
}

// teardown tells whether a probe failed, if it did, because the life was ending: the end itself killed it, or it began
// after a client had asked for the end, when a server stops listening and takes its time to go (5 s on a busy machine).
func teardown(life *evidence.Life, p check.Probe) bool {
	if life.End == nil {
		return false
	}
	return afterRequest(life, p) || check.TeardownArtefact(p, *life.End) || p.End.After(life.End.Add(100*time.Millisecond))
}

func afterRequest(life *evidence.Life, p check.Probe) bool {
	return life.End != nil && life.Request != nil && p.Start.After(life.Request.At)
}

func recordedIn(probes []Probe, p Probe) bool {
	for _, q := range probes {
		if q.Start.Sub(p.Start).Abs() < 500*time.Millisecond {
			return true
		}
	}
	return false
}

// probesFromEvents picks the probe's command from what ran beside the main process. A
// probe that was killed at its timeout reads 127 or 137 there (docs/notes/DOCKER.md#a2), so
// its length decides, not its code.
func probesFromEvents(life *evidence.Life, config check.Config, oom []time.Time) []Probe {
	var probes []Probe
	for _, exec := range life.Execs {
		p := check.Probe{Start: exec.Start, End: exec.End, ExitCode: exec.ExitCode}
		if !probeCommand(config.Test, exec.Command) || afterRequest(life, p) || p.ExitCode == 137 && teardown(life, p) {
			continue
		}
		probes = append(probes, Probe{Probe: p, Result: fromEvent(config, p, oom), FromEvents: true})
	}
	return probes
}

// fromEvent reads a probe of which only times and code are known.
func fromEvent(config check.Config, p check.Probe, oom []time.Time) check.Result {
	took := p.End.Sub(p.Start)
	if took >= config.Timeout {
		p.ExitCode, p.Output = -1, "Health check exceeded timeout"
	}
	return check.Classify(config.Test, p, config.Timeout).WithOOM(p, oom)
}

// probeCommand tells whether a command is the health check's and not a person's.
func probeCommand(test []string, command string) bool {
	if len(test) < 2 || strings.HasSuffix(command, " "+replay.ShellName) {
		return false
	}
	want := strings.Join(strings.Fields(strings.Join(test[1:], " ")), " ")
	return strings.Contains(strings.Join(strings.Fields(command), " "), want)
}

// streakOf counts the failed probes in a row at the end of the life. Where none of the recorded ones passed, the
// runtime's own counter goes further back; it speaks of the newest life only, and counts the probe that the end killed.
func streakOf(e *evidence.Evidence, x Examined, probes []Probe) int {
	streak := 0
	for i := len(probes) - 1; i >= 0 && probes[i].Failed(); i-- {
		streak++
	}
	if streak < len(probes) || streak == 0 || x.LaterLives > 0 || e.Status == nil || e.Status.Health == nil {
		return streak
	}
	return max(streak, e.Status.Health.FailingStreak-killedByEnd(e, x))
}

// killedByEnd counts the recorded probes that the end of the life made fail.
func killedByEnd(e *evidence.Evidence, x Examined) (n int) {
	for _, entry := range e.Status.Health.Log {
		p := check.Probe{Start: entry.Start, End: entry.End, ExitCode: entry.ExitCode}
		if entry.ExitCode != 0 && belongs(e.Lives, x.Life, p) && teardown(x.Life, p) {
			n++
		}
	}
	return n
}

// earlyOf counts the failures of the streak that lie in the start period. Where a probe had passed before, or the
// runtime counts more failures than are on record, the period was over.
func earlyOf(e *evidence.Evidence, x Examined, s ProbeSigns) (n int) {
	if s.Streak == 0 || s.Streak != len(s.Probes) || everHealthy(x.Life) {
		return 0
	}
	counts := x.Life.Start.Add(e.Spec.Healthcheck.WithDefaults().StartPeriod)
	for _, p := range s.Probes {
		if p.Start.Before(counts) {
			n++
		}
	}
	return n
}

// InARow says how many health checks failed in a row at the end of the life: the one count that every text tells.
func (s ProbeSigns) InARow() string {
	text := words.Count(s.Streak, "failure") + " in a row"
	if s.Early > 0 {
		text += fmt.Sprintf(", %d of them in the start period, where none counts", s.Early)
	}
	return text
}

// unhealthyOf returns when the life truly turned unhealthy and stayed so. The
// status itself is worthless for a container that is not running: the engine sets
// it whenever it stops probing (moby container/health.go CloseMonitorChannel).
func unhealthyOf(e *evidence.Evidence, x Examined, s ProbeSigns) (*time.Time, *Earlier) {
	if at := unhealthyEvent(x.Life); at != nil {
		return at, nil
	}
	if e.Spec == nil || e.Spec.Healthcheck == nil || len(s.Probes) == 0 {
		return nil, nil
	}
	config := e.Spec.Healthcheck.WithDefaults()
	if counted(e, x, s, config) < config.Retries || recovered(x.Life) {
		return nil, nil
	}
	if x.Alive() && e.Status.Health != nil && e.Status.Health.Status == fact.HealthStarting {
		return nil, nil // still in its start period: the failures do not count
	}
	return s.turn(x.Life, config)
}

// Earlier says that the check had turned unhealthy before the oldest moment on record.
type Earlier struct {
	About *time.Time // when, by the number of failures and their usual distance: an estimate; nil = no number is known
}

// turn finds the failure that was one too many among the recorded ones. The engine keeps five results; its counter
// tells how many are gone, and where more are than the turn took, it lies before the record.
func (s ProbeSigns) turn(life *evidence.Life, config check.Config) (*time.Time, *Earlier) {
	failed := s.lastFailed(life.Start.Add(config.StartPeriod))
	if len(failed) == 0 {
		return nil, nil
	}
	gone := max(s.Streak-s.Early-len(failed), 0)
	if n := config.Retries - gone; n > 0 {
		at := failed[min(n, len(failed))-1].End
		if gone > 0 || s.fromItsStart(life, config) {
			return &at, nil
		}
		return &at, &Earlier{}
	}
	at := failed[0].Start
	about := at.Add(-time.Duration(gone-config.Retries) * distance(failed, config))
	if about.Before(life.Start) {
		about = life.Start
	}
	return &at, &Earlier{About: &about}
}

// lastFailed are the failures since the last probe that passed, without those of a start period that nothing ended.
func (s ProbeSigns) lastFailed(counts time.Time) []Probe {
	from := len(s.Probes)
	for from > 0 && s.Probes[from-1].Failed() {
		from--
	}
	list := s.Probes[from:]
	if from > 0 || s.Early == 0 {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(p Probe) bool { return p.Start.Before(counts) })
}

// fromItsStart tells whether the record holds the whole row of failures: one passed before it, the engine's counter
// counts no more, or the first is the first of the life.
func (s ProbeSigns) fromItsStart(life *evidence.Life, config check.Config) bool {
	return s.Complete || len(s.Probes) > s.Streak || s.Probes[0].Start.Before(life.Start.Add(2*config.Interval))
}

// distance is how far the recorded failures lie apart, from start to start.
func distance(failed []Probe, config check.Config) time.Duration {
	last := len(failed) - 1
	if last == 0 {
		return config.Interval + failed[0].End.Sub(failed[0].Start)
	}
	return failed[last].Start.Sub(failed[0].Start) / time.Duration(last)
}

// counted is how many failures at the end of the life count. In the start period none does until one has passed; the
// runtime's own counter of the newest life knows that.
func counted(e *evidence.Evidence, x Examined, s ProbeSigns, config check.Config) int {
	n := 0
	counts := x.Life.Start.Add(config.StartPeriod)
	passed := len(s.Probes) > s.Streak
	for _, p := range s.Probes[max(len(s.Probes)-s.Streak, 0):] {
		if passed || !p.Start.Before(counts) {
			n++
		}
	}
	if x.LaterLives == 0 && e.Status.Health != nil {
		n = max(n, e.Status.Health.FailingStreak)
	}
	return n
}

// recovered tells whether a healthy event came after every unhealthy one.
func recovered(life *evidence.Life) bool {
	last := ""
	for _, ev := range life.Events {
		if ev.Kind == fact.EventHealthTurned && !UnhealthyByTeardown(life, ev.At) {
			last = ev.Health
		}
	}
	return last == fact.HealthHealthy
}

// everHealthy tells whether the runtime called the life healthy once.
func everHealthy(life *evidence.Life) bool {
	return slices.ContainsFunc(life.Events, func(e evidence.Event) bool {
		return e.Kind == fact.EventHealthTurned && e.Health == fact.HealthHealthy
	})
}

func unhealthyEvent(life *evidence.Life) *time.Time {
	var at *time.Time
	for _, ev := range life.Events {
		if ev.Kind != fact.EventHealthTurned {
			continue
		}
		switch ev.Health {
		case fact.HealthUnhealthy:
			if at == nil && !UnhealthyByTeardown(life, ev.At) {
				t := ev.At
				at = &t
			}
		case fact.HealthHealthy:
			at = nil
		}
	}
	return at
}

// UnhealthyByTeardown recognises the event that the end itself caused: the dying
// container killed a running probe (exec_die 137), and with a streak one short of
// the limit the engine reports unhealthy before die (docs/notes/DOCKER.md#a2, last row). What comes after the end was
// asked for is its consequence, too.
func UnhealthyByTeardown(life *evidence.Life, at time.Time) bool {
	if life.Alive {
		return false
	}
	if life.Request != nil && at.After(life.Request.At) {
		return true
	}
	killed, ended := false, false
	for _, ev := range life.Events {
		gap := at.Sub(ev.At)
		switch ev.Kind {
		case fact.EventExecEnded:
			killed = killed || gap >= 0 && gap < 200*time.Millisecond && ev.ExitCode != nil && *ev.ExitCode == 137
		case fact.EventEnded:
			ended = ended || gap <= 0 && gap > -200*time.Millisecond
		}
	}
	return killed && ended
}
