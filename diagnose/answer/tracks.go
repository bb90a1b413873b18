package answer

import "time"

// Tracks are what a picture of the examined run is drawn from: only what the
// bundle holds, on one span of time. A track that nobody recorded is empty.
type Tracks struct {
	From        *time.Time    `json:"from,omitempty"` // absent: no time is known, nothing can be drawn
	To          *time.Time    `json:"to,omitempty"`
	Runs        []TrackRun    `json:"runs"`
	Probes      []TrackProbe  `json:"probes"`
	Memory      []TrackMemory `json:"memory"`
	MemoryLimit *int64        `json:"memoryLimitBytes,omitempty"`
	Log         *TrackLog     `json:"log,omitempty"` // absent: the log was not read, or carries no times
	Unhealthy   *time.Time    `json:"unhealthyAt,omitempty"`
}

// TrackRun is one life of the container.
type TrackRun struct {
	Start    *time.Time `json:"start,omitempty"`
	End      *time.Time `json:"end,omitempty"`
	Alive    bool       `json:"alive"`
	ExitCode *int       `json:"exitCode,omitempty"`
	Examined bool       `json:"examined"` // the run that the diagnosis is about
}

// TrackProbe is one health check.
type TrackProbe struct {
	At         time.Time `json:"at"`
	DurationMs float64   `json:"durationMs"`
	Outcome    string    `json:"outcome"`
	Failed     bool      `json:"failed"`
}

// TrackMemory is one moment at which the memory in use is known.
type TrackMemory struct {
	At     time.Time `json:"at"`
	Bytes  int64     `json:"bytes"`
	Source string    `json:"source"`
}

// TrackLog counts the service's log lines in equal steps from Tracks.From on.
type TrackLog struct {
	StepSeconds float64 `json:"stepSeconds"`
	Lines       []int   `json:"lines"`
}
