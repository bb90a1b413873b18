package simulate

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// Tolerance is how long a stall of the whole service an orchestrator bears: one
// below Survives passes unnoticed whenever it begins, one above Dies is noticed
// whenever it begins. Between them the phase of the schedule decides.
type Tolerance struct{ Survives, Dies time.Duration }

// Tolerance in closed form (docs/notes/HEALTH.md#b1): with interval I, timeout T and k
// retries (k-1)(I+T)+T and k(I+T). 150 and 180 s with the defaults.
func (d Docker) Tolerance() Tolerance {
	c := d.WithDefaults()
	dies := d.DetectionTime()
	return Tolerance{Survives: max(dies-c.Interval, 0), Dies: dies}
}

// Tolerance of Podman is Docker's: it counts from the end of a probe as well.
func (p Podman) Tolerance() Tolerance { return Docker{Config: p.Config}.Tolerance() }

// Tolerance in closed form: with period P, timeout T and threshold k (k-1)P+T and
// kP+T, 21 and 31 s with the defaults. A timeout above the period becomes the
// period, and so does what a held exec probe may last.
func (k Kubernetes) Tolerance() Tolerance {
	k = k.WithDefaults()
	period := max(k.Period, k.Timeout)
	if period > check.MaxDuration/time.Duration(k.FailureThreshold+1) {
		return Tolerance{check.MaxDuration, check.MaxDuration}
	}
	survives := time.Duration(k.FailureThreshold-1)*period + k.Timeout
	dies := survives + period
	if longest := max(period, k.lasts()); k.Held > 0 && longest <= check.MaxDuration/time.Duration(k.FailureThreshold+1) {
		dies = period + time.Duration(k.FailureThreshold)*longest
	}
	return Tolerance{Survives: survives, Dies: dies}
}

// Outage is a span in which probes failed: got no answer, or a quick no.
type Outage struct {
	From, To time.Duration
	Answered bool // a quick no (refused, 503): the probe does not wait for the end
}

// OutageRisk slides the check's schedule over a measured stretch of time and
// returns the share of phases at which the container would have turned unhealthy
// within it. Unlike RunRisk it needs no independence of neighbouring probes.
func (d Docker) OutageRisk(outages []Outage, length time.Duration) float64 {
	const phases = 200
	if len(outages) == 0 || length <= 0 {
		return 0
	}
	c := d.WithDefaults()
	cycle := c.Interval + d.Overhead
	hits := 0
	for i := range phases {
		offset := c.Interval + cycle*time.Duration(i)/phases // the outages begin so long after the start
		turns := d.Run(during(outages, offset), offset+length+c.Timeout)
		if _, hit := First(turns, Unhealthy); hit {
			hits++
		}
	}
	return float64(hits) / phases
}

// during is a service that answers at once but in the outages, shifted by offset.
func during(outages []Outage, offset time.Duration) Service {
	return func(start time.Duration) (time.Duration, Answer) {
		for _, o := range outages {
			if start < o.From+offset || start >= o.To+offset {
				continue
			}
			if o.Answered {
				return 0, Fails
			}
			return o.To + offset - start, Passes
		}
		return 0, Passes
	}
}
