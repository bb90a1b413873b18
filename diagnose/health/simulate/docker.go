package simulate

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// Docker is Docker's health monitor (moby daemon/health.go), also Compose's.
type Docker struct {
	check.Config
	// Major is the engine's version: up to 22 the timeout counts the start of the
	// exec as well, start_interval exists from 25 and is 5 s by default from 27.
	// 0 = not known, taken as the newest.
	Major int
	// Overhead is what the exec costs before the probe's own work begins; measured
	// 40 to 60 ms with runc on an idle machine.
	Overhead time.Duration
}

// newestDocker stands in where the version is not known.
const newestDocker = 29

// Run plays the container's first moments up to until.
func (d Docker) Run(service Service, until time.Duration) []Turn {
	c := d.WithDefaults()
	m := machine{state: Starting}
	// The first probe comes one interval after the start, never at 0; the next one
	// counts from the end of the last.
	at := d.Pause(c, m.state, 0)
	for n := 0; at < until && n < MaxSimulated; n++ {
		took, passed := d.probe(c, service, at)
		end := at + took
		switch {
		case passed:
			m.pass(end)
		case m.state == Starting && at < c.StartPeriod:
			// In grace. The first success ends the grace for good.
		default:
			m.fail(end, c.Retries)
		}
		at = end + d.Pause(c, m.state, end)
	}
	return m.turns
}

// probe returns how long one probe takes, exec included, and its result.
func (d Docker) probe(c check.Config, service Service, at time.Duration) (time.Duration, bool) {
	took, answer := service(at + d.Overhead)
	limit := c.Timeout
	if d.major() < 23 { // the clock starts before the exec is made
		limit = max(limit-d.Overhead, 0)
	}
	if took >= limit || answer == Stalls {
		return d.Overhead + limit, false
	}
	return d.Overhead + took, answer == Passes
}

// pause is the time to the next probe.
func (d Docker) Pause(c check.Config, state State, now time.Duration) time.Duration {
	if d.major() < 25 || state != Starting || now >= c.StartPeriod {
		return c.Interval
	}
	switch {
	case c.StartInterval > 0:
		return c.StartInterval
	case d.major() < 27:
		return c.Interval
	}
	return defaultStartInterval
}

// defaultStartInterval is Docker's from 27.0 on.
const defaultStartInterval = 5 * time.Second

func (d Docker) major() int {
	if d.Major <= 0 {
		return newestDocker
	}
	return d.Major
}

// Swarm is Docker's monitor with the agent that acts on it.
type Swarm struct {
	Docker
	// Grace is the service's stop_grace_period, 10 s by default: SIGKILL follows so
	// long after SIGTERM.
	Grace time.Duration
}

// gossipPause is how long the agent waits between taking a task's address out of
// the load balancer and stopping it.
const gossipPause = 2 * time.Second

// Run plays the task up to until. It ends with Doomed: SIGTERM goes out.
func (s Swarm) Run(service Service, until time.Duration) []Turn {
	turns := s.Docker.Run(service, until)
	for i, t := range turns {
		if t.To == Unhealthy {
			return append(turns[:i+1:i+1], Turn{t.At + gossipPause, Doomed})
		}
	}
	return turns
}
