package answer

import (
	"fmt"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// Logs is what `gwdoctor logs` prints: what a service's own log shows, and nothing beyond it.
type Logs struct {
	SchemaVersion int          `json:"schemaVersion"`
	Source        LogSource    `json:"source"`
	Findings      []LogFinding `json:"findings"` // in the order of the log
	Runs          []LogRun     `json:"runs"`     // lives of the container, oldest first; one where no start is known
}

// LogSource is where the log came from and how much of it was read.
type LogSource struct {
	Kind           string     `json:"kind"`           // docker, file, stdin, bundle
	Name           string     `json:"name,omitempty"` // of the container or file
	Lines          int        `json:"lines"`
	Bytes          int64      `json:"bytes"` // of the plain content, as read
	From           *time.Time `json:"from,omitempty"`
	To             *time.Time `json:"to,omitempty"`
	Truncated      bool       `json:"truncated"` // reading ended early, or the log begins in the middle
	TruncatedLines int        `json:"truncatedLines,omitempty"`
	Detail         string     `json:"detail,omitempty"`
	// Services are whose lines are in it, as the log itself names them, in the order of their first lines.
	Services []string `json:"services,omitempty"`
	// Notes are what was guessed or done to read it, and what it holds that was not read, the gravest first.
	Notes  []string   `json:"notes,omitempty"`
	Unread *LogUnread `json:"unread,omitempty"` // lines that look like a failure, in a form that was not understood
	Kernel *LogUnread `json:"kernel,omitempty"` // lines of the kernel's, which `gwdoctor oom` reads
}

// LogUnread counts lines that were not understood.
type LogUnread struct {
	Count   int    `json:"count"`
	Line    int    `json:"line"` // of the first
	Excerpt string `json:"excerpt"`
}

// LogFinding is one signature in one run.
type LogFinding struct {
	ID      string `json:"id"`
	Service string `json:"service,omitempty"` // as the log itself names it
	// one of the ten, or null: it supports, or lies outside this container
	Cause         *string       `json:"cause"`
	Other         string        `json:"other,omitempty"`  // a named other (fact.NamedOthers), beside a cause or alone
	Object        string        `json:"object,omitempty"` // what it is about: a command, port, path, host or setting
	Role          fact.Role     `json:"role"`
	Strength      fact.Strength `json:"strength"`
	At            *time.Time    `json:"at,omitempty"`
	Line          int           `json:"line"`
	Count         int           `json:"count"`
	LastAt        *time.Time    `json:"lastAt,omitempty"`
	Excerpt       string        `json:"excerpt"`
	Exception     *LogException `json:"exception,omitempty"`
	Run           int           `json:"run"`              // from 1: its place in runs
	InRuns        int           `json:"inRuns,omitempty"` // of several runs, how many show it
	AfterShutdown bool          `json:"afterShutdown,omitempty"`
	PID           int           `json:"pid,omitempty"`
	Meaning       string        `json:"meaning"`
	Trap          string        `json:"trap,omitempty"`
}

// LogException is the effective exception of a traceback.
type LogException struct {
	Type    string     `json:"type"`
	Message string     `json:"message"`
	Chain   []string   `json:"chain"` // innermost first
	Frames  []LogFrame `json:"frames"`
}

// LogFrame is one call, outermost first.
type LogFrame struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function"`
}

// LogRun is one life of the container as its log tells it.
type LogRun struct {
	Service  string      `json:"service,omitempty"` // whose lines these are, as the log itself names it
	Start    *time.Time  `json:"start,omitempty"`
	End      *time.Time  `json:"end,omitempty"`
	Lines    int         `json:"lines"`
	From     *time.Time  `json:"from,omitempty"`
	To       *time.Time  `json:"to,omitempty"`
	Server   string      `json:"server,omitempty"`
	State    string      `json:"state"`
	Ready    *time.Time  `json:"ready,omitempty"`
	Draining *time.Time  `json:"draining,omitempty"`
	Finished *time.Time  `json:"finished,omitempty"`
	Unsaid   []string    `json:"unsaid"` // what the lifecycle should have printed and did not
	Workers  []LogWorker `json:"workers"`
	Dropped  int         `json:"droppedFindings,omitempty"`
	Silence  *LogSilence `json:"silence,omitempty"` // where the run's end and the lines' times are known
	Stop     bool        `json:"stopRequested"`
}

// LogSilence is how long a log had been silent when its run ended, in seconds, beside its own rhythm.
type LogSilence struct {
	Seconds    float64 `json:"seconds"`
	Unusual    bool    `json:"unusual"`    // against the log's own rhythm
	MedianGap  float64 `json:"medianGap"`  // half of the gaps between lines were no longer
	UsualGap   float64 `json:"usualGap"`   // 99 in 100 were no longer
	LongestGap float64 `json:"longestGap"` // the longest before
}

// LogWorker is one process of the server.
type LogWorker struct {
	PID     int        `json:"pid"`
	Started *time.Time `json:"started,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
	End     string     `json:"end"` // "" = it lives, or nobody said
	Detail  string     `json:"detail,omitempty"`
	Noticed bool       `json:"noticed"` // the parent said that it ended
	Line    int        `json:"line"`
}

// LogView says what a log's report is made for: its source, when the newest run ended (nil: it lives, or nobody
// knows), and how text is masked on its way out.
type LogView struct {
	Source LogSource
	Ends   []*time.Time // of the runs, by place; shorter is fine
	Mask   func(string) string
}

// LogsOf makes the document of a whole log.
func LogsOf(r *servicelog.Report, v LogView) Logs {
	view := Logs{SchemaVersion: SchemaVersion, Source: v.Source, Findings: []LogFinding{}, Runs: []LogRun{}}
	view.Source.Lines, view.Source.Bytes = r.Lines, r.Bytes
	view.Source.TruncatedLines = r.TruncatedLines
	view.Source.From, view.Source.To = known(r.FirstAt), known(r.LastAt)
	view.Source.Unread, view.Source.Kernel = logUnread(r.Unread, v.Mask), logUnread(r.Kernel, v.Mask)
	view.Source.Services, view.Source.Notes = servicesOf(r, v.Mask), logNotes(r, v.Mask)
	seen := runsShowing(r)
	for i := range r.Runs {
		run := &r.Runs[i]
		var end *time.Time
		if n := len(r.Runs) - len(v.Ends); i >= n && i-n < len(v.Ends) {
			end = v.Ends[i-n]
		}
		view.Runs = append(view.Runs, viewRun(run, end, v.Mask))
		for _, f := range run.Findings {
			view.Findings = append(view.Findings, logFinding(f, i+1, v.Mask))
			if len(r.Runs) > 1 {
				view.Findings[len(view.Findings)-1].InRuns = seen[run.Service+" "+f.ID]
			}
		}
	}
	return view
}

func logUnread(u servicelog.Unread, mask func(string) string) *LogUnread {
	if u.Count == 0 {
		return nil
	}
	return &LogUnread{u.Count, u.Line, mask(u.Excerpt)}
}

// servicesOf lists the names in a log, each once.
func servicesOf(r *servicelog.Report, mask func(string) string) (names []string) {
	for i := range r.Runs {
		if name := mask(r.Runs[i].Service); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// logNotes says what was not understood, what was done to the log, and what was guessed.
func logNotes(r *servicelog.Report, mask func(string) string) (notes []string) {
	if r.Prefix != "" && r.Unread.Count > 0 {
		notes = append(notes, fmt.Sprintf("every line begins with %q, in a way that is not known", mask(r.Prefix)))
	}
	for _, n := range r.Notes {
		notes = append(notes, string(n))
	}
	if r.MoreServices {
		notes = append(notes, "there are lines of more than 64 services; those of the further ones were read as if they "+
			"were one's")
	}
	if r.UnclearZone != "" {
		notes = append(notes, "zone "+r.UnclearZone+" is not known to one place: taken for UTC")
	}
	switch {
	case r.GuessedYear && r.GuessedZone && r.UnclearZone == "":
		notes = append(notes, "times in it have no year and no zone: taken for the last such day, in UTC")
	case r.GuessedYear:
		notes = append(notes, "times in it have no year: taken for the last such day")
	case r.GuessedZone && r.UnclearZone == "":
		notes = append(notes, "times in it have no zone: taken for UTC")
	}
	return notes
}

// runsShowing counts, for each service and signature, the runs that show it: what every start of a restart loop has in
// common outranks what one of them printed (docs/notes/PYTHON.md#4.1).
func runsShowing(r *servicelog.Report) map[string]int {
	count := map[string]int{}
	for i := range r.Runs {
		once := map[string]bool{}
		for _, f := range r.Runs[i].Findings {
			if !once[f.ID] {
				once[f.ID] = true
				count[r.Runs[i].Service+" "+f.ID]++
			}
		}
	}
	return count
}

// LogsOfOne is the document of one finding in a log that is followed.
func LogsOfOne(f servicelog.Finding, v LogView) Logs {
	l := Logs{SchemaVersion: SchemaVersion, Source: v.Source, Findings: []LogFinding{logFinding(f, 1, v.Mask)},
		Runs: []LogRun{}}
	l.Source.Lines = f.Line
	return l
}

// logFinding makes the view of one finding of run n.
func logFinding(f servicelog.Finding, n int, mask func(string) string) LogFinding {
	sig := f.Signature()
	view := LogFinding{
		ID: f.ID, Service: mask(f.Service), Role: f.Role, Strength: f.Strength, At: known(f.At), Line: f.Line, Count: f.Count,
		LastAt: known(f.LastAt), Excerpt: mask(f.Excerpt), Run: n, AfterShutdown: f.AfterShutdown, PID: f.PID,
		Meaning: sig.Meaning, Trap: sig.Trap, Other: f.Other, Object: mask(f.Object),
	}
	if f.Cause != "" {
		view.Cause = &f.Cause
	}
	if e := f.Exception; e != nil && e.Type != "" {
		x := &LogException{Type: mask(e.Type), Message: mask(e.Message), Chain: []string{}, Frames: []LogFrame{}}
		for _, c := range e.Chain {
			x.Chain = append(x.Chain, mask(c))
		}
		for _, fr := range e.Frames {
			x.Frames = append(x.Frames, LogFrame{File: mask(fr.File), Line: fr.Line, Function: mask(fr.Function)})
		}
		view.Exception = x
	}
	return view
}

func viewRun(r *servicelog.Run, end *time.Time, mask func(string) string) LogRun {
	l := &r.Lifecycle
	view := LogRun{
		Service: mask(r.Service), Start: known(r.Start), End: end, Lines: r.Lines, From: known(r.FirstAt),
		To: known(r.LastAt), Server: l.Server, State: string(l.State),
		Ready: stamped(l.Ready), Draining: stamped(l.Draining), Finished: stamped(l.Finished), Stop: l.StopRequested,
		Unsaid: append([]string{}, l.Unsaid(end != nil)...), Workers: []LogWorker{}, Dropped: r.DroppedFindings,
	}
	if end != nil && r.Gaps > 0 {
		silence, unusual := r.SilenceBefore(*end)
		view.Silence = &LogSilence{silence.Seconds(), unusual, r.MedianGap.Seconds(), r.UsualGap.Seconds(),
			r.LongestGap.Seconds()}
	}
	for _, w := range r.Workers {
		line := w.StartedLine
		if line == 0 {
			line = w.EndedLine
		}
		view.Workers = append(view.Workers, LogWorker{PID: w.PID, Started: stamped(w.Started), Ended: stamped(w.Ended),
			End: string(w.End), Detail: w.Detail, Noticed: w.Noticed, Line: line})
	}
	return view
}

// known returns nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// stamped returns nil where a line was seen without a time, too.
func stamped(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return known(*t)
}
