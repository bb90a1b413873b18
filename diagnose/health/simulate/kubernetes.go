package simulate

import "time"

// Kubernetes is one liveness or startup probe of the kubelet (pkg/kubelet/prober).
// 0 is the API's default: period 10 s, timeout 1 s, failureThreshold 3.
type Kubernetes struct {
	InitialDelay, Period, Timeout time.Duration
	FailureThreshold              int
	// Held is how long an exec probe goes on that is not answered and whose children keep its output open: containerd
	// waits for them when the probe's own time is over, and the kubelet for containerd, but see MaxHeld. 0 = it ends
	// with its timeout.
	Held time.Duration
	// Phase is the time between the container's start and the first tick of the
	// worker, anything below Period.
	Phase time.Duration
}

// Defaults of the Kubernetes API (core/v1 Probe).
const (
	kubePeriod    = 10 * time.Second
	KubeTimeout   = time.Second
	kubeThreshold = 3
	kubeTries     = 3 // a prober's error is tried again at once, then thrown away
)

// MaxHeld is how long beyond its timeout a held exec probe goes on at the most: then the kubelet gives up on the
// runtime (remote_runtime.go, runtimeRequestTimeout).
const MaxHeld = 2 * time.Minute

// WithDefaults returns the probe with the API's defaults filled in.
func (k Kubernetes) WithDefaults() Kubernetes {
	if k.Period <= 0 {
		k.Period = kubePeriod
	}
	if k.Timeout <= 0 {
		k.Timeout = KubeTimeout
	}
	if k.FailureThreshold <= 0 {
		k.FailureThreshold = kubeThreshold
	}
	return k
}

// Run plays the container up to until or to the decision to kill it (Doomed).
// Liveness counts as success until the first result, so there is no turn to
// Healthy.
func (k Kubernetes) Run(service Service, until time.Duration) []Turn {
	k = k.WithDefaults()
	m := machine{state: Healthy}
	at, tick := k.Phase, k.Phase
	for n := 0; at < until && n < MaxSimulated; n++ {
		if at.Truncate(time.Second) >= k.InitialDelay { // whole seconds are compared
			end := k.probe(&m, service, at)
			if m.streak >= k.FailureThreshold {
				m.turn(end, Doomed)
				return m.turns
			}
			at = end
		}
		at, tick = k.next(at, tick)
	}
	return m.turns
}

// probe runs one probe and returns its end.
func (k Kubernetes) probe(m *machine, service Service, at time.Duration) time.Duration {
	took, answer := service(at)
	switch {
	case answer == Stalls: // an error, no failure
		return at + kubeTries*min(took, k.Timeout)
	case took >= k.Timeout || answer == Fails:
		m.streak++
		return at + min(took, k.lasts())
	}
	m.streak = 0
	return at + took
}

// lasts is how long a probe that is not answered goes on.
func (k Kubernetes) lasts() time.Duration {
	return max(k.Timeout, min(k.Held, k.Timeout+MaxHeld))
}

// next returns when the worker runs again. It counts from start to start; the
// ticker's channel has one slot, so of the ticks that a long probe missed one fires
// at once and the others are lost.
func (k Kubernetes) next(at, tick time.Duration) (time.Duration, time.Duration) {
	tick += k.Period
	if tick > at {
		return tick, tick
	}
	return at, tick + (at-tick)/k.Period*k.Period
}
