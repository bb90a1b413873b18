package answer

import (
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/advice"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Report is what `gwdoctor diagnose --format json` prints.
type Report struct {
	SchemaVersion int         `json:"schemaVersion"`
	Tool          Tool        `json:"tool"`
	GeneratedAt   time.Time   `json:"generatedAt"`
	Diagnoses     []Diagnosis `json:"diagnoses"`
	Chains        []Chain     `json:"chains"` // across the containers of this report
}

// Tool names the program that made a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Diagnosis is the finished view of one container: every renderer takes it as it
// is, sorts nothing and decides nothing.
type Diagnosis struct {
	Target       Target        `json:"target"`
	Verdict      Verdict       `json:"verdict"`
	Death        Death         `json:"death"`
	Causes       []Cause       `json:"causes"`       // all ten, most likely first
	Advice       []Advice      `json:"advice"`       // what to do in this very case, what is for now first
	Alternatives []Alternative `json:"alternatives"` // something-else and not-a-failure, most likely first
	Timeline     []Moment      `json:"timeline"`     // oldest first
	Sources      []Source      `json:"sources"`
	Masked       []Masked      `json:"masked"` // what redaction hid
	CapturedAt   time.Time     `json:"capturedAt"`
	LogTail      []LogLine     `json:"logTail"` // the last lines of the examined run
	Redacted     bool          `json:"redacted"`
	PeerErrors   []PeerError   `json:"complaints"` // about other services, oldest first
	Lanes        Lanes         `json:"tracks"`
}

// Failed tells whether the container failed: a cause is named, or it ended badly
// and nobody can tell why. One that is alive and only hard to judge did not.
func (d Diagnosis) Failed() bool {
	switch d.Verdict.Kind {
	case fact.VerdictCause, fact.VerdictOther:
		return true
	case fact.VerdictUndetermined:
		return d.Death.EndedBy != fact.EndedByNone && (d.Death.ExitCode == nil || *d.Death.ExitCode != 0) ||
			d.Death.State == fact.StateNeverStarted
	}
	return false
}

// Target is the container.
type Target struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Image   string `json:"image,omitempty"`
	Runtime string `json:"runtime"`
	Project string `json:"project,omitempty"`
	Service string `json:"service,omitempty"`

	Namespace string `json:"namespace,omitempty"` // of Kubernetes, as the next ones
	Pod       string `json:"pod,omitempty"`
	Container string `json:"container,omitempty"` // its name in the pod
	Node      string `json:"node,omitempty"`
	Owner     string `json:"owner,omitempty"` // as kubectl takes it: deployment/gateway

	Aliases     []string `json:"aliases,omitempty"`     // what others may call it
	Networks    []string `json:"networks,omitempty"`    // user-defined ones
	DependsOn   []string `json:"dependsOn,omitempty"`   // services that its compose file says it needs
	ComposeFile string   `json:"composeFile,omitempty"` // as compose noted it
}

// Verdict is the answer.
type Verdict struct {
	Kind       string  `json:"kind"`
	Cause      string  `json:"cause,omitempty"`      // only where Kind is "cause"
	Other      *Other  `json:"other,omitempty"`      // where Kind is "other", and where "trouble" has a name
	State      string  `json:"state,omitempty"`      // only where Kind is "not-a-failure"
	Confidence float64 `json:"confidence,omitempty"` // probability of what the summary says; absent where that is nothing
	Summary    string  `json:"summary"`              // one sentence
}

// Reason is the ID of what the verdict names: a cause or a named other; "" = it names none.
func (v Verdict) Reason() string {
	if v.Other != nil {
		return v.Other.ID
	}
	return v.Cause
}

// Other is a reason that is known and none of the ten.
type Other struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Death is how the examined run ended, which is not yet why.
type Death struct {
	State     string       `json:"state"`
	ExitCode  *int         `json:"exitCode,omitempty"`
	Signal    string       `json:"signal,omitempty"`
	EndedBy   fact.EndedBy `json:"endedBy"`
	At        *time.Time   `json:"at,omitempty"`
	Chain     []string     `json:"chain"` // immediate first, underlying last
	Reason    string       `json:"reason"`
	Restarted bool         `json:"restarted"` // a later run is alive; this is about the one before
	Repeats   *Repeats     `json:"repeats,omitempty"`
}

// Cause is one of the ten with its evidence.
type Cause struct {
	Number      int       `json:"number"`
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Confidence  float64   `json:"confidence"`
	ExplainedBy string    `json:"explainedBy,omitempty"` // the cause of which this is only the mechanism
	Findings    []Finding `json:"findings"`
	Missing     []Missing `json:"missing"`
	Fixes       []Fix     `json:"fixes"`
}

// Alternative is a hypothesis beside the ten.
type Alternative struct {
	ID         string    `json:"id"`
	Title      string    `json:"title"`
	Confidence float64   `json:"confidence"`
	Findings   []Finding `json:"findings"`
}

// Finding is one fact for or against a cause.
type Finding struct {
	ID      string     `json:"id"`
	Says    string     `json:"says"`   // "for" or "against"
	Weight  float64    `json:"weight"` // decibans, always positive; Says has the sign
	Counted bool       `json:"counted"`
	Source  string     `json:"source"`
	At      *time.Time `json:"at,omitempty"`
	Summary string     `json:"summary"`
	Excerpt string     `json:"excerpt,omitempty"`
	Line    int        `json:"line,omitempty"` // of the source, from 1
}

// Missing is a source that could not be read and would have told something.
type Missing struct {
	Source  string `json:"source"`
	Why     string `json:"why"`
	Command string `json:"command,omitempty"`
}

// Fix is one thing to change.
type Fix struct {
	Title    string `json:"title"`
	Detail   string `json:"detail"`
	Snippet  string `json:"snippet,omitempty"`
	Language string `json:"language,omitempty"`
}

// Advice is one thing to do that fits the evidence.
type Advice struct {
	When     string `json:"when"` // AdviceNow or AdviceThen
	Title    string `json:"title"`
	Detail   string `json:"detail,omitempty"`
	Command  string `json:"command,omitempty"` // one line for a shell
	Snippet  string `json:"snippet,omitempty"`
	Language string `json:"language,omitempty"` // of the snippet
	Place    *Place `json:"place,omitempty"`    // in the service's own code
}

// When a piece of advice is for.
const (
	AdviceNow  = advice.Now
	AdviceThen = advice.Then
)

// Place is a line of the service's own code.
type Place struct {
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"` // from 1
	Function string `json:"function,omitempty"`
}

// String is the place as people write it: "app/main.py:33 in up".
func (p Place) String() string {
	text := strings.TrimPrefix(p.File, "./")
	if p.Line > 0 {
		text += ":" + strconv.Itoa(p.Line)
	}
	if p.Function != "" && p.Function != "<module>" {
		text += " in " + p.Function
	}
	return text
}

// Moment is an entry of the timeline.
type Moment struct {
	At     time.Time `json:"at"`
	Source string    `json:"source"`
	What   string    `json:"what"`

	Kind fact.Event `json:"-"` // of what the runtime told; 0 for what others did
}

// Masked counts what redaction hid of one kind.
type Masked struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// LogLine is a line of the service's own output.
type LogLine struct {
	At     *time.Time `json:"at,omitempty"`
	Stream string     `json:"stream,omitempty"`
	Text   string     `json:"text"`
}

// Alternative returns the probability of an alternative, 0 where there is none.
func (d Diagnosis) Alternative(id string) float64 {
	for _, a := range d.Alternatives {
		if a.ID == id {
			return a.Confidence
		}
	}
	return 0
}
