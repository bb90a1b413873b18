package oom

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// selection cuts a log to the question and counts what it could not decide.
type selection struct {
	Question
	wanted  string // the container's id, where the engine knows it
	undated int    // records without a wall time, taken although a time was asked for
	unowned int    // records left out whose container the log does not tell
}

func newSelection(q Question, n namer) *selection {
	return &selection{Question: q, wanted: n.idOf(q.Container)}
}

// takes tells whether a record is asked for. What has no time is taken: it must
// not vanish because the log does not say when it was.
func (s *selection) takes(at *time.Time, c *kernellog.Container, grade kernellog.Attribution) bool {
	if !s.inTime(at) {
		return false
	}
	if s.Container == "" || s.isWanted(c) {
		s.undate(at)
		return true
	}
	if grade == kernellog.AttributionUnknown || c == nil {
		s.unowned++
	}
	return false
}

// takesTrouble keeps what hurts the whole machine whichever container is asked for.
func (s *selection) takesTrouble(t kernellog.Trouble) bool {
	return s.inTime(t.At) && (s.Container == "" || t.Container == nil || s.isWanted(t.Container))
}

func (s *selection) inTime(at *time.Time) bool {
	return s.Since == nil || at == nil || !at.Before(*s.Since)
}

func (s *selection) undate(at *time.Time) {
	if s.Since != nil && at == nil {
		s.undated++
	}
}

// isWanted compares a container with the one asked for. A container that runs
// inside of it counts: its memory is charged to the outer one, too.
func (s *selection) isWanted(c *kernellog.Container) bool {
	if c == nil {
		return false
	}
	for _, id := range append([]string{c.ID}, c.OuterIDs...) {
		if id != "" && (id == s.wanted || isPrefix(s.Container, id)) {
			return true
		}
	}
	return s.wanted == "" && (c.Name == s.Container || c.PodUID != "" && c.PodUID == s.Container)
}

// shortestID is what a person may give of an id: docker ps prints 12 digits.
const shortestID = 6

func isPrefix(prefix, id string) bool {
	return len(prefix) >= shortestID && strings.HasPrefix(id, prefix)
}

// isID tells whether a text can only be an id: of a container (docker ps prints 12
// digits of it, the kernel 64) or a pod.
func isID(text string) bool {
	return len(text) >= 12 && strings.Trim(text, "0123456789abcdef-") == ""
}

func (s *selection) notes(log *kernellog.Log) []kernellog.Note {
	var notes []kernellog.Note
	if s.Since != nil && log.From != nil && log.From.After(*s.Since) {
		notes = append(notes, kernellog.Note{Kind: NoteSinceNotCovered, Detail: fmt.Sprintf(
			"asked from %s, but the log begins at %s: what was between is not in it", clock(*s.Since), clock(*log.From))})
	}
	if s.Since != nil && log.From == nil && log.Lines > 0 {
		notes = append(notes, kernellog.Note{Kind: NoteSinceNotCovered,
			Detail: "the log has no wall times, so it could not be cut to the time asked for"})
	}
	if s.undated > 0 {
		notes = append(notes, kernellog.Note{Kind: NoteNoWallTime, Count: s.undated,
			Detail: "records without a wall time are shown whatever time was asked for"})
	}
	if s.unowned > 0 {
		notes = append(notes, kernellog.Note{Kind: NoteNotOfContainer, Count: s.unowned, Detail: "kills or crashes whose " +
			"container the log does not tell are not shown; some may be of this one: leave --container out to see them"})
	}
	return notes
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
