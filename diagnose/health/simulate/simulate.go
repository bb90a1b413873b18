package simulate

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// The orchestrators' state machines as simulators: given how a service answers,
// when does each of them turn a container unhealthy, and what does it do then.
// Rules and figures are those of docs/notes/HEALTH.md#b1, read in moby daemon/health.go,
// Podman's libpod/healthcheck.go and the kubelet's prober package; a live test
// holds Docker's against the engine of the machine.

// Service tells how a probe that starts at a moment of the container's life would
// go if nobody cut it off: how long its own work takes, and how it ends.
type Service func(start time.Duration) (took time.Duration, end Answer)

// Answer is how a probe ends by itself.
type Answer int

// The answers. A probe that hangs is one that passes after a very long time. Stalls
// is Kubernetes' third kind: the headers of an HTTP answer came, its body did not.
// The kubelet calls that an error and throws it away (kubernetes #122591); every
// other orchestrator waits into its timeout.
const (
	Passes Answer = iota
	Fails
	Stalls
)

// never is how long a probe takes that gets no answer.
const Never = 24 * time.Hour

// Always is a service whose every probe goes alike.
func Always(took time.Duration, end Answer) Service {
	return func(time.Duration) (time.Duration, Answer) { return took, end }
}

// Hangs is a service that answers no probe at all.
func Hangs() Service { return Always(Never, Passes) }

// State is what an orchestrator thinks of a container.
type State string

// The states. Doomed is the decision: SIGTERM goes out, SIGKILL after the grace.
const (
	Starting  State = fact.HealthStarting
	Healthy   State = fact.HealthHealthy
	Unhealthy State = fact.HealthUnhealthy
	Doomed    State = "killed"
)

// Turn is a change of state, counted from the container's start.
type Turn struct {
	At time.Duration
	To State
}

// First returns the moment of the first turn to a state.
func First(turns []Turn, to State) (time.Duration, bool) {
	for _, t := range turns {
		if t.To == to {
			return t.At, true
		}
	}
	return 0, false
}

// maxSimulated bounds the probes of one simulation; settings come from strangers.
const MaxSimulated = 200_000

// machine runs one orchestrator's rules. Each step is one probe.
type machine struct {
	turns  []Turn
	state  State
	streak int
}

func (m *machine) turn(at time.Duration, to State) {
	if m.state != to {
		m.state = to
		m.turns = append(m.turns, Turn{at, to})
	}
}

// fail counts a failure that counts.
func (m *machine) fail(at time.Duration, retries int) {
	if m.streak++; m.streak >= retries {
		m.turn(at, Unhealthy)
	}
}

func (m *machine) pass(at time.Duration) {
	m.streak = 0
	m.turn(at, Healthy)
}
