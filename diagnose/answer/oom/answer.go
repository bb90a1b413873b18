package oom

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// Answer is what `gwdoctor oom` prints. Its lists are never nil.
type Answer struct {
	SchemaVersion int                 `json:"schemaVersion"`
	Source        Source              `json:"source"`
	Kills         []Kill              `json:"kills"`
	Crashes       []Crash             `json:"crashes"`
	Trouble       []kernellog.Trouble `json:"trouble"`
	Containers    []Summary           `json:"containers"`
	Notes         []kernellog.Note    `json:"notes"`
}

// Source says which log was read, and what time it covers.
type Source struct {
	Kind     string     `json:"kind"` // file, kmsg or journal
	Detail   string     `json:"detail,omitempty"`
	Files    []string   `json:"files,omitempty"` // in the order in which they were read
	From     *time.Time `json:"from,omitempty"`
	To       *time.Time `json:"to,omitempty"`
	FromBoot *float64   `json:"fromBootSeconds,omitempty"` // the kernel's clock, of the last boot in the log
	ToBoot   *float64   `json:"toBootSeconds,omitempty"`
	Lines    int        `json:"lines"`
	Bytes    int64      `json:"bytes"`
}

// The kinds of source.
const (
	SourceFile    = "file"
	SourceKmsg    = "kmsg"
	SourceJournal = "journal"
)

// Whether the container's main process, its PID 1, was the victim. With it the
// container ends; without it the container lives on, less a worker.
const (
	MainVictim   = "victim"
	MainSurvived = "survived"
	MainUnknown  = "unknown"
)

// Kill is a kill with what the engine and the dump's table add.
type Kill struct {
	kernellog.Kill
	MainProcess string `json:"mainProcess"` // victim, survived or unknown
	MainReason  string `json:"mainProcessReason,omitempty"`
}

// Crash is a crash with the container that it was in, or may have been in. The kernel names none; the reason says who
// does. What systemd-coredump noted of the same process is exact, what else is near it a guess.
type Crash struct {
	kernellog.Crash
	Container   *kernellog.Container  `json:"container"`
	Attribution kernellog.Attribution `json:"attribution"`
	Reason      string                `json:"reason,omitempty"`
}

// Notes beside those of package kernellog.
const (
	NoteSinceNotCovered kernellog.NoteKind = "since-not-covered" // the log begins after the time asked for
	// records without a wall time could not be held against --since
	NoteNoWallTime     kernellog.NoteKind = "no-wall-time"
	NoteNotOfContainer kernellog.NoteKind = "not-attributed" // records that may be the container's, or not
	NoteNotALog        kernellog.NoteKind = "no-kernel-log"  // nothing in it looks like a kernel log
	NoteInputBroken    kernellog.NoteKind = "input-broken"   // the log, or a file of it, could not be read to its end
	NoteNamesUnknown   kernellog.NoteKind = "names-unknown"  // the engine could not be asked
)

// Question is what was asked, and what is known to answer it.
type Question struct {
	Since     *time.Time           // nil = from the log's beginning
	Container string               // id, id prefix or name; "" = all
	Known     []evidence.Neighbour // what the engine knows of its containers
	Asked     time.Time            // when it was asked
	Cores     []Core               // what systemd-coredump noted beside the log
	Unasked   error                // why the engine could not be asked; nil = it was, or need not be
	Redactor  *redact.Redactor     // nil masks nothing
}

// Finds tells whether the container that is asked for is known, by the engine or
// by the log.
func (q Question) Finds(log *kernellog.Log) bool {
	n := newNamer(q)
	s := newSelection(q, n)
	if s.wanted != "" {
		return true
	}
	for _, k := range log.Kills {
		if s.isWanted(k.Container) {
			return true
		}
	}
	for _, t := range log.Trouble {
		if s.isWanted(t.Container) {
			return true
		}
	}
	return isID(q.Container) // a container that was removed, and of which the log says nothing
}

// Bad tells whether the log has a kill or a crash, or lines that may be of one.
func (a Answer) Bad() bool {
	untold := func(t kernellog.Trouble) bool { return t.Kind == kernellog.TroubleVictimUntold }
	notRead := func(n kernellog.Note) bool { return n.Kind == kernellog.NoteNotUnderstood }
	return len(a.Kills)+len(a.Crashes) > 0 || slices.ContainsFunc(a.Trouble, untold) ||
		slices.ContainsFunc(a.Notes, notRead)
}

// Make answers a question from a whole log.
func Make(source Source, log *kernellog.Log, q Question) Answer {
	a, sel := answer(source, log, q)
	a.Notes = append(a.Notes, sel.notes(log)...)
	if n := notALog(source, log); n != nil {
		a.Notes = append(a.Notes, *n)
	}
	if q.Unasked != nil {
		a.Notes = append(a.Notes, kernellog.Note{Kind: NoteNamesUnknown, Detail: "containers go by their ids, and " +
			"crashes by nobody's name, for the engine could not be asked: " + q.Unasked.Error()})
	}
	return a
}

// Part answers a question from a part of a log: it says nothing of what only the
// whole can tell.
func Part(source Source, log *kernellog.Log, q Question) Answer {
	a, _ := answer(source, log, q)
	return a
}

func answer(source Source, log *kernellog.Log, q Question) (Answer, *selection) {
	a := Answer{SchemaVersion: 1, Source: source}
	a.Source.From, a.Source.To, a.Source.FromBoot, a.Source.ToBoot = log.From, log.To, log.FromBoot, log.ToBoot
	a.Source.Lines, a.Source.Bytes = log.Lines, log.Bytes
	n := newNamer(q)
	n.crashes, n.cores = log.Crashes, slices.Concat(coresOf(log), q.Cores)
	sel := newSelection(q, n)
	a.Kills = make([]Kill, 0, len(log.Kills))
	for _, k := range log.Kills {
		if sel.takes(k.At, k.Container, k.Attribution) {
			a.Kills = append(a.Kills, n.kill(k))
		}
	}
	for _, c := range log.Crashes {
		crash := n.crash(c)
		if sel.takes(c.At, crash.Container, crash.Attribution) {
			a.Crashes = append(a.Crashes, crash)
		}
	}
	for _, t := range log.Trouble {
		if sel.takesTrouble(t) {
			t.Container = n.named(t.Container)
			a.Trouble = append(a.Trouble, t)
		}
	}
	a.inOrder(log.Notes)
	a.Containers = summarise(a.Kills)
	a.Notes = append(a.Notes, log.Notes...)
	a.redact(q.Redactor)
	return a.filled(), sel
}

// inOrder puts the kills of a log whose newest line came first into the order of time.
func (a *Answer) inOrder(notes []kernellog.Note) {
	turned := func(n kernellog.Note) bool { return n.Kind == kernellog.NoteTurned }
	undated := func(k Kill) bool { return k.At == nil }
	if slices.ContainsFunc(notes, turned) && !slices.ContainsFunc(a.Kills, undated) {
		slices.SortStableFunc(a.Kills, func(x, y Kill) int { return x.At.Compare(*y.At) })
	}
}

// notALog tells of an input that proves nothing: an empty one, or one without a
// single stamp or record of a kernel.
func notALog(source Source, log *kernellog.Log) *kernellog.Note {
	switch {
	case source.Kind != SourceFile: // it is one; that nothing new is in it says nothing
		return nil
	case log.Lines == 0:
		return &kernellog.Note{Kind: NoteNotALog, Detail: "there is nothing in it: not a single line"}
	case log.From != nil || log.FromBoot != nil || len(log.Kills)+len(log.Crashes)+len(log.Trouble) > 0:
		return nil
	}
	return &kernellog.Note{Kind: NoteNotALog, Detail: "no line has the stamp of a kernel log: it may be something " +
		"else, or be printed without times"}
}

// filled makes every list a list: the contract has no null ones.
func (a Answer) filled() Answer {
	a.Kills, a.Crashes, a.Trouble = list(a.Kills), list(a.Crashes), list(a.Trouble)
	a.Containers, a.Notes = list(a.Containers), list(a.Notes)
	return a
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
