package answer

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
)

// Inside is what `gwdoctor inside` prints: docs/schema/inside.schema.json.
type Inside struct {
	SchemaVersion int             `json:"schemaVersion"`
	Target        *CoreTarget     `json:"target"` // null where a process was named
	Source        InsideSource    `json:"source"`
	At            *time.Time      `json:"at"` // null where nothing was seen
	Looks         int             `json:"looks"`
	Apart         float64         `json:"apart"` // seconds between two looks; 0 = there was one
	Cut           bool            `json:"cut"`   // not all was seen
	Processes     []InsideProcess `json:"processes"`
}

// InsideSource says what became of the look.
type InsideSource struct {
	Status  string `json:"status"`
	Detail  string `json:"detail"`
	Command string `json:"command,omitempty"` // that opens what is shut
}

// What the processes were doing, as the evidence has it.
type (
	InsideProcess = evidence.InsideProcess
	InsideThread  = evidence.InsideThread
	InsideTask    = evidence.InsideTask
	InsidePool    = evidence.InsidePool
	Frame         = evidence.Frame

	InsideConnection = evidence.InsideConnection
)

// InsideOf reads what a bundle tells of the running processes.
func InsideOf(c inquest.Case) Inside {
	s := c.Source(fact.SourceInside)
	doc := Inside{SchemaVersion: SchemaVersion, Processes: []InsideProcess{},
		Source: InsideSource{Status: string(s.Status), Detail: s.Detail, Command: s.Command}}
	if c.Target.ID != "" {
		doc.Target = &CoreTarget{ID: c.Target.ID, Name: c.Target.Name}
	}
	if in := c.Inside; in != nil {
		doc.At, doc.Looks, doc.Apart, doc.Cut = &in.At, in.Looks, in.Apart, in.Cut
		doc.Processes = append(doc.Processes, in.Processes...)
	}
	return doc
}

// WaitText says what a thread waits for; "" = that is not known.
func WaitText(t InsideThread) string {
	if t.Wait == nil {
		return ""
	}
	return t.Wait.Text()
}

// PeerText says for whom tasks wait.
func PeerText(c InsideConnection) string { return c.Socket.Text() }

// PlaceText says a call with its line.
func PlaceText(f Frame) string { return inside.PlaceText(f) }

// OwnFrame returns the program's own newest call; nil = there is none.
func OwnFrame(frames []Frame) *Frame {
	for i := range frames {
		if inside.Own(frames[i]) {
			return &frames[i]
		}
	}
	return nil
}

// Folded counts stacks over looks, one a line with its count, oldest call first, as
// tools for flame graphs take them:
//
//	uvicorn;MainThread;<module> (/app/app.py:9);run (/usr/lib/python3.11/asyncio/runners.py:190) 20
type Folded map[string]int

// Add counts the stacks of one look.
func (f Folded) Add(doc Inside) {
	for _, p := range doc.Processes {
		for _, t := range p.Threads {
			if len(t.Frames) > 0 {
				f[folded(p.Comm, t.Name, t.Frames)]++
			}
		}
		for _, t := range p.Tasks {
			if len(t.Frames) > 0 {
				f[folded(p.Comm, "task "+t.Coroutine, t.Frames)] += t.Count
			}
		}
	}
}

// Lines lists them, sorted.
func (f Folded) Lines() []string {
	lines := make([]string, 0, len(f))
	for stack, n := range f {
		lines = append(lines, fmt.Sprintf("%s %d", stack, n))
	}
	sort.Strings(lines)
	return lines
}

// unfolding are the characters that part a folded line.
var unfolding = strings.NewReplacer(";", ":", "\n", " ", "\r", " ")

func folded(comm, name string, frames []Frame) string {
	parts := []string{unfolding.Replace(comm), unfolding.Replace(name)}
	for i := len(frames) - 1; i >= 0; i-- {
		f := frames[i]
		parts = append(parts, unfolding.Replace(fmt.Sprintf("%s (%s:%d)", f.Function, f.File, f.Line)))
	}
	return strings.Join(parts, ";")
}
