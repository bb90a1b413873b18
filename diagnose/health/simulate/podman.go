package simulate

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// Podman is Podman's check: a systemd timer that runs `podman healthcheck run`
// (libpod/healthcheck.go). Without systemd there is no timer and no check ever runs.
type Podman struct {
	check.Config
	Overhead time.Duration // of one `podman healthcheck run`, 0.1 to 0.3 s
}

// Run plays the container's first moments up to until. systemd adds up to one
// second to each pause (AccuracySec), which is left out.
func (p Podman) Run(service Service, until time.Duration) []Turn {
	c := p.WithDefaults()
	m := machine{state: Starting}
	at := time.Duration(0) // unlike Docker's, the first run comes at the start
	for n := 0; at < until && n < MaxSimulated; n++ {
		took, answer := service(at + p.Overhead)
		if took >= c.Timeout || answer == Stalls {
			took, answer = c.Timeout, Fails
		}
		end := at + p.Overhead + took
		switch {
		case answer == Passes:
			m.pass(end)
		case at < c.StartPeriod: // protects to its end, also after a success
		default:
			m.fail(end, c.Retries)
		}
		at = end + c.Interval
	}
	return m.turns
}
