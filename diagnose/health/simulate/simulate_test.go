package simulate_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/simulate"
)

const sec = time.Second

// TestDockerMeasured holds the simulator against what the engine itself did
// (docs/notes/HEALTH.md#b1, measured on 20.10).
func TestDockerMeasured(t *testing.T) {
	first := true
	once := func(time.Duration) (time.Duration, simulate.Answer) {
		if first {
			first = false
			return 10 * time.Millisecond, simulate.Passes
		}
		return 10 * time.Millisecond, simulate.Fails
	}
	fails := simulate.Always(10*time.Millisecond, simulate.Fails)
	for _, tt := range []struct {
		name     string
		config   check.Config
		service  simulate.Service
		measured time.Duration
	}{
		{"hangs", check.Config{Interval: 2 * sec, Timeout: sec, Retries: 3}, simulate.Hangs(), 9020 * time.Millisecond},
		{"fails", check.Config{Interval: 2 * sec, Timeout: sec, Retries: 3}, fails, 6190 * time.Millisecond},
		{"a success ends the start period", check.Config{Interval: sec, Timeout: sec,
			Retries: 3, StartPeriod: 60 * sec},
			once, 4230 * time.Millisecond},
		{"start period", check.Config{Interval: 2 * sec, Retries: 3, StartPeriod: 6 * sec}, fails,
			10310 * time.Millisecond},
	} {
		turns := simulate.Docker{Config: tt.config, Major: 20, Overhead: 50 * time.Millisecond}.Run(tt.service, 30*sec)
		got, ok := simulate.First(turns, simulate.Unhealthy)
		if !ok || (got-tt.measured).Abs() > 300*time.Millisecond {
			t.Errorf("%s: unhealthy at %v (%v), measured %v", tt.name, got, ok, tt.measured)
		}
	}
}

// TestDockerVersions: what changed between engines.
func TestDockerVersions(t *testing.T) {
	slow := simulate.Always(950*time.Millisecond, simulate.Passes)
	config := check.Config{Interval: 10 * sec, Timeout: sec, Retries: 3}
	at := func(major int, c check.Config, s simulate.Service, to simulate.State) time.Duration {
		got, _ := simulate.First(simulate.Docker{Config: c, Major: major,
			Overhead: 100 * time.Millisecond}.Run(s, 300*sec), to)
		return got
	}
	if at(22, config, slow, simulate.Unhealthy) == 0 || at(23, config, slow, simulate.Unhealthy) != 0 {
		t.Error("up to 22 the exec's start counts against the timeout, from 23 on it does not")
	}
	config.StartPeriod = 60 * sec
	quick := simulate.Always(0, simulate.Passes)
	for major, want := range map[int]time.Duration{20: 10 * sec, 25: 10 * sec, 26: 10 * sec, 27: 5 * sec, 0: 5 * sec} {
		if got := at(major, config, quick, simulate.Healthy); got != want+100*time.Millisecond {
			t.Errorf("engine %d: first probe ends at %v, want %v", major, got, want)
		}
	}
	config.StartInterval = 2 * sec
	for major, want := range map[int]time.Duration{20: 10 * sec, 24: 10 * sec, 25: 2 * sec, 28: 2 * sec} {
		if got := at(major, config, quick, simulate.Healthy); got != want+100*time.Millisecond {
			t.Errorf("engine %d with start_interval: first probe ends at %v, want %v", major, got, want)
		}
	}
	config.StartPeriod = 0
	if got := at(28, config, quick, simulate.Healthy); got != 10*sec+100*time.Millisecond {
		t.Errorf("start_interval without a start_period: first probe ends at %v", got)
	}
}

func TestSwarmStopsAfterItsPause(t *testing.T) {
	s := simulate.Swarm{Docker: simulate.Docker{Config: check.Config{Interval: 2 * sec, Timeout: sec, Retries: 3}}}
	turns := s.Run(simulate.Hangs(), 60*sec)
	unhealthy, _ := simulate.First(turns, simulate.Unhealthy)
	doomed, ok := simulate.First(turns, simulate.Doomed)
	if !ok || doomed-unhealthy != 2*sec || turns[len(turns)-1].To != simulate.Doomed {
		t.Errorf("turns %v", turns)
	}
}

// TestPodmanDiffers: a run at the start, and a start period that a success does not end.
func TestPodmanDiffers(t *testing.T) {
	c := check.Config{Interval: 5 * sec, Timeout: sec, Retries: 3, StartPeriod: 30 * sec}
	service := changing(sec, simulate.Always(0, simulate.Passes), simulate.Always(0, simulate.Fails))
	podman := simulate.Podman{Config: c}.Run(service, 120*sec)
	if at, _ := simulate.First(podman, simulate.Healthy); at != 0 || len(podman) == 0 {
		t.Errorf("podman: first run not at the start: %v", podman)
	}
	if at, _ := simulate.First(podman, simulate.Unhealthy); at != 40*sec {
		t.Errorf("podman: unhealthy at %v, want 40s: failures at 30, 35, 40", at)
	}
	service = changing(6*sec, simulate.Always(0, simulate.Passes), simulate.Always(0, simulate.Fails))
	if at, _ := simulate.First(simulate.Docker{Config: c, Major: 24}.Run(service, 120*sec),
		simulate.Unhealthy); at != 20*sec {
		t.Errorf("docker: unhealthy at %v, want 20s: the success at 5 ended the grace", at)
	}
}

// TestKubernetes: figures that the real kubelet packages gave (docs/notes/HEALTH.md#b1).
func TestKubernetes(t *testing.T) {
	hang := changing(100*sec, simulate.Always(10*time.Millisecond, simulate.Passes), simulate.Hangs())
	for _, phase := range []time.Duration{0, 5 * sec, 9900 * time.Millisecond} {
		at, ok := simulate.First(simulate.Kubernetes{Phase: phase}.Run(hang, 300*sec), simulate.Doomed)
		if !ok || at-100*sec < 21*sec || at-100*sec > 31*sec {
			t.Errorf("phase %v: killed %v after the hang, want 21 to 31 s", phase, at-100*sec)
		}
	}
	stall := simulate.Always(time.Hour, simulate.Stalls)
	if turns := (simulate.Kubernetes{}).Run(stall, 3600*sec); len(turns) != 0 {
		t.Errorf("a stalled body is an error and never counts: %v", turns)
	}
	fails := simulate.Always(0, simulate.Fails)
	if at, _ := simulate.First(simulate.Kubernetes{InitialDelay: 60 * sec}.Run(fails, 300*sec),
		simulate.Doomed); at != 80*sec {
		t.Errorf("initialDelaySeconds 60: killed at %v, want 80s", at)
	}
	// A timeout above the period: the next probe begins at once, start to start is the timeout.
	if at, _ := simulate.First(simulate.Kubernetes{Period: 5 * sec, Timeout: 30 * sec}.Run(simulate.Hangs(), 300*sec),
		simulate.Doomed); at != 90*sec {
		t.Errorf("timeout above period: killed at %v, want 90s", at)
	}
}

type simulator interface {
	Run(simulate.Service, time.Duration) []simulate.Turn
	Tolerance() simulate.Tolerance
}

// TestTolerance holds the closed forms against the simulators, for settings and
// phases drawn at random: a stall below Survives is never noticed, one above Dies
// always is. The bounds are those of an exec that costs nothing.
func TestTolerance(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		c := check.Config{
			Interval: time.Duration(1+random.IntN(30)) * sec, Timeout: time.Duration(1+random.IntN(30)) * sec,
			Retries: 1 +
				random.IntN(5),
		}
		major := []int{20, 23, 25, 28}[random.IntN(4)]
		kube := simulate.Kubernetes{
			Period: c.Interval, Timeout: c.Timeout, FailureThreshold: c.Retries,
			Phase: time.Duration(random.Int64N(int64(c.Interval))),
		}
		for _, m := range []struct {
			simulator
			noticed simulate.State
		}{{simulate.Docker{Config: c, Major: major}, simulate.Unhealthy}, {simulate.Podman{Config: c},
			simulate.Unhealthy},
			{kube, simulate.Doomed}} {
			bears := m.Tolerance()
			from := 100*sec + time.Duration(random.Int64N(int64(100*sec)))
			run := func(stall time.Duration) bool {
				_, noticed := simulate.First(m.Run(stalled(0, from, from+stall), from+2*bears.Dies+200*sec), m.noticed)
				return noticed
			}
			if run(bears.Survives - time.Millisecond) {
				t.Fatalf("%T %+v notices a stall of %v from %v on, below %v", m.simulator, m.simulator,
					bears.Survives-time.Millisecond, from, bears.Survives)
			}
			if !run(bears.Dies + time.Millisecond) {
				t.Fatalf("%T %+v does not notice a stall of %v from %v on, above %v", m.simulator, m.simulator,
					bears.Dies+
						time.Millisecond, from, bears.Dies)
			}
		}
	}
}

// TestSimulatorProperties: whatever the settings and the service, turns come in
// order and alternate; more retries never make it sooner; a service that always
// passes never turns.
func TestSimulatorProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		c := check.Config{
			Interval:      time.Duration(random.Int64N(int64(40 * sec))),
			Timeout:       time.Duration(random.Int64N(int64(40 * sec))),
			Retries:       random.IntN(6),
			StartPeriod:   time.Duration(random.Int64N(int64(60 * sec))),
			StartInterval: time.Duration(random.Int64N(int64(10 * sec))),
		}
		d := simulate.Docker{Config: c, Major: 19 + random.IntN(12),
			Overhead: time.Duration(random.Int64N(int64(200 * time.Millisecond)))}
		seed := random.Uint64()
		flapping := func(start time.Duration) (time.Duration, simulate.Answer) {
			r := rand.New(rand.NewPCG(seed, uint64(start)))
			return time.Duration(r.Int64N(int64(3 * sec))), simulate.Answer(r.IntN(2))
		}
		turns := d.Run(flapping, 600*sec)
		for i, turn := range turns {
			if i > 0 && (turn.At <= turns[i-1].At || turn.To == turns[i-1].To) {
				t.Fatalf("%+v: turns %v", d, turns)
			}
		}
		later := d
		later.Retries = max(c.Retries, 3) + 1
		a, aOK := simulate.First(d.Run(simulate.Hangs(), 2000*sec), simulate.Unhealthy)
		b, bOK := simulate.First(later.Run(simulate.Hangs(), 2000*sec), simulate.Unhealthy)
		if aOK && bOK && b < a {
			t.Fatalf("%+v: unhealthy at %v with %d retries, at %v with %d", d, a, d.Retries, b, later.Retries)
		}
		if _, ok := simulate.First(d.Run(simulate.Always(0, simulate.Passes), 600*sec), simulate.Unhealthy); ok &&
			d.Overhead < c.Timeout {
			t.Fatalf("%+v turns unhealthy though every probe passes", d)
		}
	}
}

// TestHostileSettings: no settings make a simulator run for ever.
func TestHostileSettings(t *testing.T) {
	c := check.Config{Test: []string{"CMD", "x"}, Interval: 1, Timeout: 1, Retries: 1 << 40, StartPeriod: 1<<63 - 1,
		StartInterval: 1}
	start := time.Now()
	simulate.Docker{Config: c, Major: 28}.Run(simulate.Hangs(), 1<<62)
	simulate.Podman{Config: c}.Run(simulate.Hangs(), 1<<62)
	simulate.Kubernetes{Period: 1, Timeout: 1, FailureThreshold: 1 << 40}.Run(simulate.Hangs(), 1<<62)
	health.Examine(health.Target{Config: &c})
	if took := time.Since(start); took > 10*sec {
		t.Errorf("took %v", took)
	}
}

func TestOutageRisk(t *testing.T) {
	d := simulate.Docker{Config: check.Config{Interval: 10 * sec, Timeout: 2 * sec, Retries: 3}}
	for _, tt := range []struct {
		name      string
		outage    simulate.Outage
		low, high float64
	}{
		{"shorter than it survives", simulate.Outage{From: 5 * sec, To: 29 * sec}, 0, 0},
		{"longer than it bears", simulate.Outage{From: 5 * sec, To: 45 * sec}, 1, 1},
		{"between", simulate.Outage{From: 5 * sec, To: 36 * sec}, 0.1, 0.9},
		{"refused at once, shorter than two intervals", simulate.Outage{From: 5 * sec, To: 24 * sec, Answered: true},
			0, 0},
		{"refused at once, longer than three", simulate.Outage{From: 5 * sec, To: 36 * sec, Answered: true}, 1, 1},
	} {
		got := d.OutageRisk([]simulate.Outage{tt.outage}, 60*sec)
		if got < tt.low || got > tt.high {
			t.Errorf("%s: %v, want %v to %v", tt.name, got, tt.low, tt.high)
		}
	}
}

// changing is a service that is like before until a moment, and like after from it on.
func changing(moment time.Duration, before, after simulate.Service) simulate.Service {
	return func(start time.Duration) (time.Duration, simulate.Answer) {
		if start < moment {
			return before(start)
		}
		return after(start)
	}
}

// stalled is a service that passes, but for an outage: a probe that starts in it,
// or is not answered when it begins, gets its answer when the outage is over.
func stalled(took, from, to time.Duration) simulate.Service {
	return func(start time.Duration) (time.Duration, simulate.Answer) {
		if start+took > from && start < to {
			return to - start + took, simulate.Passes
		}
		return took, simulate.Passes
	}
}

// TestKubernetesHeldOutput: measured with containerd 1.6: a probe of 1 s every 3 s whose child slept for 30 s was
// killed 63 s after the start, not after 7 (docs/notes/KUBERNETES.md#2, liveness-exec-timeout).
func TestKubernetesHeldOutput(t *testing.T) {
	probe := simulate.Kubernetes{Period: 3 * sec, Timeout: sec, FailureThreshold: 2, Phase: 2 * sec}
	kill := func(k simulate.Kubernetes) time.Duration {
		at, _ := simulate.First(k.Run(simulate.Hangs(), 600*sec), simulate.Doomed)
		return at
	}
	if at := kill(probe); at != 6*sec {
		t.Errorf("killed after %v where nothing is held", at)
	}
	probe.Held = 30 * sec
	if at := kill(probe); at != 62*sec || probe.Tolerance().Dies != 63*sec {
		t.Errorf("killed after %v, %v at the latest, measured 63 s", at, probe.Tolerance().Dies)
	}
	probe.Held = simulate.Never
	if at := kill(probe); at != 2*sec+2*(sec+simulate.MaxHeld) {
		t.Errorf("killed after %v: the kubelet waits for two minutes", at)
	}
}

// TestRestarts: the first comes at once, each later one waits twice as long, and a run of ten minutes begins anew.
func TestRestarts(t *testing.T) {
	var waits []time.Duration
	for _, r := range simulate.Restarts(20*sec, 5*sec, time.Hour) {
		waits = append(waits, r.Again-r.Ended)
		if r.Ended != r.Killed+5*sec {
			t.Errorf("round %+v", r)
		}
	}
	want := []time.Duration{0, 10 * sec, 20 * sec, 40 * sec, 80 * sec, 160 * sec, 300 * sec, 300 * sec}
	if len(waits) < len(want) || !slices.Equal(waits[:len(want)], want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
	for _, r := range simulate.Restarts(11*time.Minute, 0, time.Hour) {
		if r.Again != r.Ended {
			t.Errorf("a long run waits: %+v", r)
		}
	}
	if n := len(simulate.Restarts(0, 0, time.Hour)); n > 20 {
		t.Errorf("%d rounds of no length", n)
	}
}
