package health

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Subject is everything that an examination looks at. Nil and zero are "not known".
type Subject struct {
	ID, Name, URL string
	Image         string
	Command       []string // of the container's main process
	GunicornArgs  string   // GUNICORN_CMD_ARGS
	Published     []int    // ports of the host that lead into the container
	Config        *Config  // nil = none configured, or no container
	EngineMajor   int
	State         string    // running, exited ...; "" = no container
	Started       time.Time // of the current run
	Replay        *Replay   // nil = nothing was replayed
	Recorded      *Recorded
	Listeners     []Listener // of the container's network namespace; nil = not readable
}

// Listener is a listening TCP socket.
type Listener struct {
	Address string
	Port    int
}

// Examination is what `gwdoctor health` finds, in the form of the JSON contract.
type Examination struct {
	SchemaVersion int              `json:"schemaVersion"`
	Target        ExaminedTarget   `json:"target"`
	Check         *ExaminedCheck   `json:"check"`   // null: no check is configured
	Vantage       *ExaminedVantage `json:"vantage"` // null: nothing was replayed
	Probes        []ExaminedProbe  `json:"probes"`
	Stats         Stats            `json:"stats"`
	Phases        []PhaseStats     `json:"phases"`
	Predictions   []Prediction     `json:"predictions"`
	Recorded      *Recorded        `json:"recorded"` // null: the engine recorded nothing
	Lint          []Lint           `json:"lint"`
	Corrected     *Corrected       `json:"corrected"`
	Verdict       Verdict          `json:"verdict"`
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
	Source        string   `json:"source"` // docker, url
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
	Note   string          `json:"note,omitempty"` // why the status is not to be believed
	Log    []RecordedProbe `json:"log"`            // oldest first
}

// RecordedProbe is one probe of the engine.
type RecordedProbe struct {
	At         time.Time `json:"at"`
	DurationMs float64   `json:"durationMs"`
	Outcome    Outcome   `json:"outcome"`
	ExitCode   int       `json:"exitCode"`
	Summary    string    `json:"summary"`
	Output     string    `json:"output,omitempty"`
	From       string    `json:"from"` // log, events
}

// Verdict is the whole in one sentence.
type Verdict struct {
	Kind    string `json:"kind"`
	Picture string `json:"picture,omitempty"`
	Phase   string `json:"phase,omitempty"` // in which most failed probes ended
	Summary string `json:"summary"`
}

// The kinds of a verdict. Unknown is where nothing was probed or recorded.
const (
	KindHealthy       = "healthy"
	KindSlow          = "slow"
	KindHanging       = "hanging"
	KindFailing       = "failing"
	KindMisconfigured = "misconfigured"
	KindUnknown       = "unknown"
)

// SchemaVersion is the version of an Examination's JSON.
const SchemaVersion = 1

// Examine works out everything from what was collected.
func Examine(s Subject) Examination {
	e := Examination{
		SchemaVersion: SchemaVersion,
		Target:        ExaminedTarget{ID: s.ID, Name: s.Name, State: s.State, URL: s.URL},
		Check:         s.check(),
		Vantage:       s.vantage(),
		Probes:        []ExaminedProbe{},
		Recorded:      s.Recorded,
		Phases:        []PhaseStats{},
	}
	readings := s.readings()
	for _, r := range readings {
		e.Probes = append(e.Probes, r.view())
	}
	e.Stats, e.Phases = statsOf(readings), phaseStats(readings)
	e.Predictions = s.predictions(readings)
	e.Lint = s.lint(readings)
	if len(e.Lint) > 0 {
		e.Corrected = s.corrected()
	}
	e.Verdict = s.verdict(readings)
	return e
}

func (s Subject) check() *ExaminedCheck {
	if s.Config == nil || len(s.Config.Test) == 0 {
		return nil
	}
	c := s.Config.WithDefaults()
	check := &ExaminedCheck{
		Source: "docker", Test: c.Test, Interval: c.Interval.Seconds(), Timeout: c.Timeout.Seconds(), Retries: c.Retries,
		StartPeriod: c.StartPeriod.Seconds(),
	}
	if s.EngineMajor >= 25 {
		start := Docker{Config: c, Major: s.EngineMajor}.pause(c, Starting, -1).Seconds()
		check.StartInterval = &start
	}
	return check
}

func (s Subject) vantage() *ExaminedVantage {
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
		overhead := median(r.OverheadMs)
		v.OverheadMs = &overhead
	}
	return v
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// probeReading is one replayed probe with what it means.
type probeReading struct {
	Record
	own     time.Duration // overhead taken off
	failed  bool
	picture Picture // of a failed probe
	outcome string
	note    string
	against string // what the body of a passed probe says against the service's health
}

// readings reads every probe of the replay.
func (s Subject) readings() []probeReading {
	if s.Replay == nil {
		return nil
	}
	overhead := millis(median(s.Replay.OverheadMs))
	list := make([]probeReading, 0, len(s.Replay.Probes))
	for _, record := range s.Replay.Probes {
		r := probeReading{Record: record, own: max(record.took()-overhead, 0), failed: record.Failed(), note: record.Note}
		if record.Fault == FaultTimeout { // the limit holds for the whole
			r.own = record.took()
		}
		r.outcome = outcomeWord(record)
		if r.failed {
			r.picture = s.picture(record)
		} else if r.against = UnhealthyBody(record.Output); r.against != "" {
			r.note = joinNotes(r.note, "the check passes, but the body says "+r.against)
		}
		list = append(list, r)
	}
	return list
}

func joinNotes(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

func outcomeWord(r Record) string {
	switch r.Fault {
	case "":
		return "pass"
	case FaultTimeout:
		return "timeout"
	case FaultStatus:
		return "fail"
	case FaultEngine:
		return "error"
	}
	return "fail"
}

// picture reads an exec's record through its exit code and words, a network
// probe's through its phase.
func (s Subject) picture(r Record) Picture {
	timeout := millis(s.Replay.TimeoutMs)
	switch {
	case s.Replay.Kind != "exec":
		return pictureOf(r, timeout)
	case r.Fault == FaultTimeout:
		return execTimedOut(r, timeout)
	}
	code := -1
	if r.ExitCode != nil {
		code = *r.ExitCode
	}
	var test []string
	if s.Config != nil {
		test = s.Config.Test
	}
	output := r.Output
	if output == "" {
		output = r.Detail
	}
	result := Classify(test, Probe{Start: r.At, End: r.At.Add(r.took()), ExitCode: code, Output: output}, timeout)
	return execPicture(result)
}

// execTimedOut reads a check that did not end. Its own program may hang as well as
// the service that it asks, so only the sockets can tell.
func execTimedOut(r Record, timeout time.Duration) Picture {
	phase := "the check did not end within " + span(timeout)
	if p := waitPicture(r, phase); p.ID != PictureNoAnswer {
		return p
	}
	return Picture{PictureNoAnswer, KindHanging, phase + ": it hangs itself, or the service that it asks gives no answer"}
}

func execPicture(result Result) Picture {
	p := Picture{PictureStatus, KindFailing, result.Summary}
	switch result.Outcome {
	case ToolMissing, NotExecutable, ForkFailed:
		p.ID, p.Kind = PictureProbeBroken, KindMisconfigured
	case EngineError:
		p.ID = PictureEngine
	case Refused:
		p.ID = PictureNothing
	case DNS:
		p.ID, p.Kind = PictureUnreachable, KindMisconfigured
	case Timeout:
		p.ID, p.Kind = PictureNoAnswer, KindHanging
	case Reset, EmptyReply:
		p.ID = PictureBrokenOff
	case TLS:
		p.ID, p.Kind = PictureWrongProtocol, KindMisconfigured
	}
	return p
}

func (r probeReading) view() ExaminedProbe {
	p := ExaminedProbe{
		At: r.At.UTC(), DurationMs: rounded(r.own), Outcome: r.outcome, ExitCode: r.ExitCode, HTTPStatus: r.HTTPStatus,
		Phase: r.Reached, Picture: r.picture.ID, Note: r.note, Output: r.Output,
	}
	if r.failed {
		p.Note = joinNotes(p.Note, r.picture.Summary)
	}
	if r.Reached != PhaseExec && r.ExitCode == nil {
		p.PhasesMs = &PhasesMs{r.DNSMs, r.ConnectMs, r.TLSMs, r.WaitMs, r.BodyMs}
	}
	if r.Queue != nil || r.NeverAccepted != nil || r.Own != "" {
		p.Sockets = &Sockets{r.Queue, r.NeverAccepted, r.Unread, r.Waiting, r.Own, r.Threads}
	}
	return p
}

// rounded is milliseconds with three decimals.
func rounded(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }

// verdict puts it into one sentence, from what was replayed or, without a replay,
// from the engine's record.
func (s Subject) verdict(list []probeReading) Verdict {
	if len(list) == 0 {
		return s.recordedVerdict()
	}
	var failed []probeReading
	for _, r := range list {
		if r.failed {
			failed = append(failed, r)
		}
	}
	switch {
	case len(failed) == 0:
		return s.passing(list)
	case s.slowStart(list):
		first := list[len(failed)].At.Sub(s.Started)
		return Verdict{KindSlow, PictureSlowStart, failed[0].Reached, fmt.Sprintf(
			"it starts slowly: the first good answer came %s after the start; before, %s", span(first), failed[len(failed)-1].picture.Summary)}
	}
	top := mostFrequent(failed)
	summary := top.picture.Summary
	if len(failed) < len(list) {
		summary = fmt.Sprintf("%d of %s failed: %s", len(failed), counted(len(list), "probe"), summary)
	}
	if top.picture.ID == PictureNothing {
		summary += s.listensElsewhere()
	}
	return Verdict{top.picture.Kind, top.picture.ID, top.Reached, summary}
}

// startWindow is how old a run may be for its failures to count as its start.
const startWindow = 10 * time.Minute

// slowStart: failures at the beginning of a young run, then successes only.
func (s Subject) slowStart(list []probeReading) bool {
	if s.Started.IsZero() || list[0].At.Sub(s.Started) > startWindow {
		return false
	}
	passed := 0
	for _, r := range list {
		switch {
		case !r.failed:
			passed++
		case passed > 0:
			return false
		case r.picture.ID == PictureProbeBroken:
			return false
		}
	}
	return passed >= 2
}

// mostFrequent returns the newest failure of the most frequent picture.
func mostFrequent(failed []probeReading) probeReading {
	counts := map[string]int{}
	top := failed[0]
	for _, r := range failed {
		counts[r.picture.ID]++
	}
	for _, r := range failed {
		if counts[r.picture.ID] >= counts[top.picture.ID] {
			top = r
		}
	}
	return top
}

// passing is the verdict where every probe passed.
func (s Subject) passing(list []probeReading) Verdict {
	slowest, against := time.Duration(0), ""
	for _, r := range list {
		slowest = max(slowest, r.own)
		if r.against != "" {
			against = r.against
		}
	}
	if against != "" {
		return Verdict{KindMisconfigured, PictureUnhealthyBody, PhaseDone, "the check passes although the body says " + against +
			": Docker, Kubernetes and curl -f look at the status alone and take it for healthy"}
	}
	n := counted(len(list), "probe")
	if timeout := millis(s.Replay.TimeoutMs); timeout > 0 && slowest > timeout/2 {
		return Verdict{KindSlow, "", PhaseDone, fmt.Sprintf("%s passed, but the slowest took %s of the %s that it may take", n, span(slowest), span(timeout))}
	}
	return Verdict{KindHealthy, "", PhaseDone, fmt.Sprintf("%s passed, the slowest in %s", n, span(slowest))}
}

func (s Subject) recordedVerdict() Verdict {
	if s.Recorded == nil || len(s.Recorded.Log) == 0 {
		return Verdict{Kind: KindUnknown, Summary: "nothing was probed, and the engine has recorded nothing"}
	}
	last := s.Recorded.Log[len(s.Recorded.Log)-1]
	v := Verdict{Summary: "as recorded by the engine, nothing was replayed: " + last.Summary}
	switch last.Outcome {
	case Pass, Teardown:
		v.Kind = KindHealthy
	case Timeout:
		v.Kind, v.Picture = KindHanging, PictureNoAnswer
	case ToolMissing, NotExecutable, ForkFailed:
		v.Kind, v.Picture = KindMisconfigured, PictureProbeBroken
	case Refused:
		v.Kind, v.Picture = KindFailing, PictureNothing
	default:
		v.Kind, v.Picture = KindFailing, PictureStatus
	}
	return v
}

// listensElsewhere names the ports that are open instead; "" where none is, or the
// host does not tell.
func (s Subject) listensElsewhere() string {
	var open []string
	for _, l := range s.Listeners {
		// Docker's own resolver listens on 127.0.0.11 in every user network.
		if word := fmt.Sprintf("%s port %d", l.Address, l.Port); l.Address != "127.0.0.11" && !slices.Contains(open, word) {
			open = append(open, word)
		}
	}
	if len(open) == 0 {
		return ""
	}
	return "; it listens on " + strings.Join(open[:min(len(open), 4)], ", ")
}
