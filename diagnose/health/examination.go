package health

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/health/simulate"
)

// Target is everything that an examination looks at. Nil and zero are "not known".
type Target struct {
	ID, Name, URL string
	Image         string
	Command       []string      // of the container's main process
	GunicornArgs  string        // GUNICORN_CMD_ARGS
	Published     []int         // ports of the host that lead into the container
	Config        *check.Config // nil = none configured, or no container
	EngineMajor   int
	State         string         // running, exited ...; "" = no container
	Started       time.Time      // of the current run
	Replay        *replay.Replay // nil = nothing was replayed
	Recorded      *Recorded
	Listeners     []lint.Listener // of the container's network namespace; nil = not readable
	Pod           *lint.Pod       // of a container of Kubernetes: its probes; nil = it is none
}

// Examination is what `gwdoctor health` finds, in the form of the JSON contract.
type Examination struct {
	SchemaVersion int                 `json:"schemaVersion"`
	Target        ExaminedTarget      `json:"target"`
	Check         *ExaminedCheck      `json:"check"`               // null: no check is configured
	Vantage       *ExaminedVantage    `json:"vantage"`             // null: nothing was replayed
	PodProbes     []ExaminedPodProbe  `json:"podProbes,omitempty"` // of a container of Kubernetes
	Probes        []ExaminedProbe     `json:"probes"`
	Stats         replay.Stats        `json:"stats"`
	Phases        []replay.PhaseStats `json:"phases"`
	Predictions   []Prediction        `json:"predictions"`
	Recorded      *Recorded           `json:"recorded"` // null: the engine recorded nothing
	Lint          []lint.Finding      `json:"lint"`
	Corrected     *lint.Corrected     `json:"corrected"`
	Verdict       Verdict             `json:"verdict"`
}

// ExaminedTarget names what was examined.
type ExaminedTarget struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	State string `json:"state,omitempty"`
	URL   string `json:"url,omitempty"`
}

// ExaminedCheck is the check with its settings in force, in seconds.
type ExaminedCheck struct {
	Source        string   `json:"source"` // docker, kubernetes
	Test          []string `json:"test"`
	Interval      float64  `json:"interval"`
	Timeout       float64  `json:"timeout"`
	Retries       int      `json:"retries"`
	StartPeriod   float64  `json:"startPeriod"`
	StartInterval *float64 `json:"startInterval"` // null: the engine has none
}

// ExaminedVantage says from where the probes went, and what that proves.
type ExaminedVantage struct {
	Kind            string   `json:"kind"` // a Record's Kind
	From            string   `json:"from"`
	Proves          string   `json:"proves"`
	OverheadMs      *float64 `json:"overheadMs"` // median cost of an exec of nothing, taken off each probe's time
	Planned         int      `json:"planned"`
	Skipped         int      `json:"skipped"`
	Ended           string   `json:"ended,omitempty"`
	ProcessesBefore *int     `json:"processesBefore"`
	ProcessesAfter  *int     `json:"processesAfter"`
	LeftKilled      int      `json:"leftKilled"`
	Overflows       *uint64  `json:"listenOverflows"`
	OverflowsBefore *uint64  `json:"listenOverflowsBefore"`
}

// ExaminedProbe is one probe with its reading.
type ExaminedProbe struct {
	At         time.Time `json:"at"`
	DurationMs float64   `json:"durationMs"` // its own, the exec's overhead taken off
	Outcome    string    `json:"outcome"`    // pass, fail, timeout, error
	ExitCode   *int      `json:"exitCode,omitempty"`
	HTTPStatus *int      `json:"httpStatus,omitempty"`
	Phase      string    `json:"phase"`
	PhasesMs   *PhasesMs `json:"phasesMs,omitempty"`
	Picture    string    `json:"picture,omitempty"`
	Note       string    `json:"note,omitempty"`
	Output     string    `json:"output,omitempty"`
	Sockets    *Sockets  `json:"sockets,omitempty"`
}

// PhasesMs are the phases of a network probe, in milliseconds.
type PhasesMs struct {
	DNS     *float64 `json:"dns"`
	Connect *float64 `json:"connect"`
	TLS     *float64 `json:"tls"`
	Wait    *float64 `json:"wait"`
	Body    *float64 `json:"body"`
}

// Sockets is the server's side of a probe that timed out.
type Sockets struct {
	Queue         *int   `json:"queue"`
	NeverAccepted *int   `json:"neverAccepted"`
	Unread        *int   `json:"unread"`
	Waiting       *int   `json:"waiting"`
	Own           string `json:"own,omitempty"`
	Threads       *int   `json:"threads,omitempty"`
}

// Recorded is the engine's own record of its probes, artefacts taken out.
type Recorded struct {
	Status string          `json:"status"`
	Streak int             `json:"streak"`
	Turned *time.Time      `json:"turnedUnhealthyAt"`
	Before bool            `json:"turnedBefore,omitempty"` // it turned before that, nobody recorded when
	Note   string          `json:"note,omitempty"`         // why the status is not to be believed
	Log    []RecordedProbe `json:"log"`                    // oldest first
}

// RecordedProbe is one probe of the engine.
type RecordedProbe struct {
	At         time.Time     `json:"at"`
	DurationMs float64       `json:"durationMs"`
	Outcome    check.Outcome `json:"outcome"`
	ExitCode   int           `json:"exitCode"`
	Summary    string        `json:"summary"`
	Output     string        `json:"output,omitempty"`
	From       string        `json:"from"` // log, events
}

// SchemaVersion is the version of an Examination's JSON.
const SchemaVersion = 1

// Examine works out everything from what was collected.
func Examine(s Target) Examination {
	e := Examination{
		SchemaVersion: SchemaVersion,
		Target:        ExaminedTarget{ID: s.ID, Name: s.Name, State: s.State, URL: s.URL},
		Check:         s.check(),
		Vantage:       s.vantage(),
		Probes:        []ExaminedProbe{},
		Recorded:      s.Recorded,
		Phases:        []replay.PhaseStats{},
	}
	readings := replay.ReadProbes(s.Replay, s.test())
	for _, r := range readings {
		e.Probes = append(e.Probes, viewOf(r))
	}
	e.Stats, e.Phases = replay.StatsOf(readings), replay.PhasesOf(readings)
	if s.Pod != nil {
		s.ofPod(&e, readings)
	} else {
		e.Predictions = s.predictions(readings)
	}
	e.Lint, e.Corrected = s.Lint()
	e.Verdict = s.verdict(readings)
	return e
}

// Lint returns the faults of the check as [Examine] does, and the check as it should be written, which is nil where it
// has none.
func (s Target) Lint() ([]lint.Finding, *lint.Corrected) {
	readings := replay.ReadProbes(s.Replay, s.test())
	if s.Pod != nil {
		p := s.pod(readings)
		return lint.Pods(p), lint.CorrectPods(p)
	}
	t := s.lintTarget(readings)
	faults := lint.Run(t)
	if len(faults) == 0 {
		return faults, nil
	}
	return faults, lint.Correct(t)
}

// WrongPort says in words which port the check asks where nothing listens, and on which others the program does; "" =
// that is not so, or not known.
func (s Target) WrongPort() string { return s.lintTarget(nil).WrongPort() }

// Ported is the check's own test with the port that the service listens on; nil = not known.
func (s Target) Ported() []string { return s.lintTarget(nil).Ported() }

// GunicornTimeout is after how long gunicorn ends a worker that hangs; false = its settings do not say.
func (s Target) GunicornTimeout() (time.Duration, bool) {
	return lint.GunicornTimeout(s.Command, s.GunicornArgs)
}

func (s Target) check() *ExaminedCheck {
	if s.Config == nil || len(s.Config.Test) == 0 {
		return nil
	}
	c := s.Config.WithDefaults()
	check := &ExaminedCheck{
		Source: "docker", Test: c.Test, Interval: c.Interval.Seconds(), Timeout: c.Timeout.Seconds(),
		Retries:     c.Retries,
		StartPeriod: c.StartPeriod.Seconds(),
	}
	if s.Pod != nil {
		check.Source = kubelet
	} else if s.EngineMajor >= 25 {
		start := simulate.Docker{Config: c, Major: s.EngineMajor}.Pause(c, simulate.Starting, -1).Seconds()
		check.StartInterval = &start
	}
	return check
}

func (s Target) vantage() *ExaminedVantage {
	r := s.Replay
	if r == nil {
		return nil
	}
	v := &ExaminedVantage{
		Kind: r.Kind, From: r.Vantage, Proves: r.Proves, Planned: r.Planned, Skipped: r.Skipped, Ended: r.Ended,
		ProcessesBefore: r.ProcessesBefore, ProcessesAfter: r.ProcessesAfter, LeftKilled: r.LeftKilled,
		Overflows: r.Overflows, OverflowsBefore: r.OverflowsBefore,
	}
	if len(r.OverheadMs) > 0 {
		overhead := replay.Median(r.OverheadMs)
		v.OverheadMs = &overhead
	}
	return v
}

// viewOf shows a probe in the form of the JSON contract.
func viewOf(r replay.Reading) ExaminedProbe {
	p := ExaminedProbe{
		At: r.At.UTC(), DurationMs: replay.Rounded(r.Latency), Outcome: r.Outcome, ExitCode: r.ExitCode,
		HTTPStatus: r.HTTPStatus,
		Phase:      r.Reached, Picture: r.Picture.ID, Note: r.Remark, Output: r.Output,
	}
	if r.Failed() {
		p.Note = replay.JoinNotes(p.Note, r.Picture.Summary)
	}
	if r.Reached != replay.PhaseExec && r.ExitCode == nil {
		p.PhasesMs = &PhasesMs{r.DNSMs, r.ConnectMs, r.TLSMs, r.WaitMs, r.BodyMs}
	}
	if r.Queue != nil || r.NeverAccepted != nil || r.Own != "" {
		p.Sockets = &Sockets{r.Queue, r.NeverAccepted, r.Unread, r.Waiting, r.Own, r.Threads}
	}
	return p
}

func (s Target) test() []string {
	if s.Config == nil {
		return nil
	}
	return s.Config.Test
}

func (s Target) lintTarget(readings []replay.Reading) lint.Target {
	return lint.Target{
		Config: s.Config, URL: s.URL, Command: s.Command, GunicornArgs: s.GunicornArgs, Published: s.Published,
		EngineMajor: s.EngineMajor, Started: s.Started, Replay: s.Replay, Readings: readings, Listeners: s.Listeners,
	}
}
