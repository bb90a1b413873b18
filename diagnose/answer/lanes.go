package answer

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Lanes are what a picture of the examined run is drawn from: only what the
// bundle holds, on one span of time. A track that nobody recorded is empty.
type Lanes struct {
	From        *time.Time   `json:"from,omitempty"` // absent: no time is known, nothing can be drawn
	To          *time.Time   `json:"to,omitempty"`
	Runs        []LaneRun    `json:"runs"`
	Probes      []LaneProbe  `json:"probes"`
	Memory      []LaneMemory `json:"memory"`
	MemoryLimit *int64       `json:"memoryLimitBytes,omitempty"`
	Log         *LaneLog     `json:"log,omitempty"` // absent: the log was not read, or carries no times
	// When it turned unhealthy. UnhealthyEarlier: it turned before that, at a time that nobody recorded;
	// UnhealthyAbout estimates it by the number of failures.
	Unhealthy        *time.Time `json:"unhealthyAt,omitempty"`
	UnhealthyEarlier bool       `json:"unhealthyEarlier,omitempty"`
	UnhealthyAbout   *time.Time `json:"unhealthyAbout,omitempty"`
}

// LaneRun is one life of the container.
type LaneRun struct {
	Start    *time.Time `json:"start,omitempty"`
	End      *time.Time `json:"end,omitempty"`
	Alive    bool       `json:"alive"`
	ExitCode *int       `json:"exitCode,omitempty"`
	Examined bool       `json:"examined"` // the run that the diagnosis is about
}

// LaneProbe is one health check.
type LaneProbe struct {
	At         time.Time `json:"at"`
	DurationMs float64   `json:"durationMs"`
	Outcome    string    `json:"outcome"`
	Failed     bool      `json:"failed"`
	Starting   bool      `json:"starting,omitempty"` // within the start period, before the first success: it counts for nothing
}

// LaneMemory is one moment at which the memory in use is known.
type LaneMemory struct {
	At     time.Time `json:"at"`
	Bytes  int64     `json:"bytes"`
	Source string    `json:"source"`
}

// LaneLog counts the service's log lines in equal steps from Lanes.From on.
type LaneLog struct {
	StepSeconds float64 `json:"stepSeconds"`
	Lines       []int   `json:"lines"`
}

// UnhealthyFor says at a moment for how long the check has been unhealthy, as well as that is known; "" = it is not.
func (l Lanes) UnhealthyFor(now time.Time) string {
	if l.Unhealthy == nil || !now.After(*l.Unhealthy) {
		return ""
	}
	text := words.Duration(now.Sub(*l.Unhealthy))
	if !l.UnhealthyEarlier {
		return text
	}
	text = "at least " + text
	if l.UnhealthyAbout != nil && now.After(*l.UnhealthyAbout) {
		text += ", by its failures in a row about " + words.Duration(now.Sub(*l.UnhealthyAbout))
	}
	return text
}
