package check

import "time"

// Config is the configured check, as Config.Healthcheck holds it. 0 is the
// engine's default.
type Config struct {
	Test                                          []string
	Interval, Timeout, StartPeriod, StartInterval time.Duration
	Retries                                       int
}

// The engine's defaults: moby daemon/health.go. The start period's is 0.
const (
	defaultInterval = 30 * time.Second
	defaultTimeout  = 30 * time.Second
	DefaultRetries  = 3
)

// WithDefaults returns the configuration with the engine's defaults filled in.
// StartInterval stays as it is: its default depends on the engine's version
// (the interval in 25 and 26, 5 s from 27, ignored before; docs/notes/HEALTH.md#b1).
func (c Config) WithDefaults() Config {
	if c.Interval <= 0 {
		c.Interval = defaultInterval
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Retries <= 0 {
		c.Retries = DefaultRetries
	}
	return c
}

// DetectionTime is how long a hanging service stays "healthy" at the most: the
// interval counts from the end of one probe to the start of the next, so each
// retry costs interval and timeout (docs/notes/HEALTH.md#b1: measured 9.02 s where 3*(2+1)
// gives 9). The start period is not counted in.
func (c Config) DetectionTime() time.Duration {
	c = c.WithDefaults()
	each := c.Interval + c.Timeout
	if each <= 0 || each > MaxDuration/time.Duration(c.Retries) {
		return MaxDuration // hostile settings overflow
	}
	return time.Duration(c.Retries) * each
}

const MaxDuration = time.Duration(1<<63 - 1)

// Enabled tells whether a probe runs at all. ["NONE"] switches an image's off.
func (c Config) Enabled() bool {
	return len(c.Test) > 1 && (c.Test[0] == FormExec || c.Test[0] == FormShell)
}

// The forms of a test (moby daemon/health.go getProbe); any other word is logged
// by the engine and never probed.
const (
	FormExec  = "CMD"
	FormShell = "CMD-SHELL"
	FormNone  = "NONE"
)
