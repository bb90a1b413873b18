package oomreport

import (
	"fmt"
	"io"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// The most that is shown of a path, and of a sentence about the log.
const (
	maxPath = 512
	maxNote = 1000
)

// Text writes what a kernel log says of OOM kills and crashes: what was read, a
// block a kill, and what it comes to per container.
func Text(w io.Writer, a oom.Answer, s layout.Style) error {
	p := newPage(s)
	doubts, rest := doubtsFirst(a.Notes)
	p.source(a)
	for _, n := range doubts {
		p.note(n)
	}
	p.records(a)
	if len(a.Containers) != 1 || a.Containers[0].Kills > 1 { // of one kill the block says it all
		p.summary(a)
	}
	p.notes(rest)
	return p.Print(w)
}

// doubting are the notes that take weight from the answer: they stand before it.
var doubting = []kernellog.NoteKind{
	kernellog.NoteNotUnderstood, kernellog.NotePrefix, oom.NoteNotALog, oom.NoteInputBroken, kernellog.NoteBlobData,
	kernellog.NoteLevelFiltered, kernellog.NoteTimeNotRead, kernellog.NoteTurned, kernellog.NoteForeignFacility,
}

// doubtsFirst parts notes into those and the others.
func doubtsFirst(notes []kernellog.Note) (doubts, rest []kernellog.Note) {
	for _, n := range notes {
		if slices.Contains(doubting, n.Kind) {
			doubts = append(doubts, n)
		} else {
			rest = append(rest, n)
		}
	}
	return doubts, rest
}

// Records writes the blocks alone: what a follower has just seen.
func Records(w io.Writer, a oom.Answer, s layout.Style) error {
	p := newPage(s)
	p.records(a)
	for _, n := range a.Notes {
		p.note(n)
	}
	return p.Print(w)
}

// Summary writes the end of a follower's report.
func Summary(w io.Writer, a oom.Answer, s layout.Style) error {
	p := newPage(s)
	p.summary(a)
	return p.Print(w)
}

// source says what was read, and the answer in one line.
func (p *page) source(a oom.Answer) {
	names := map[string]string{oom.SourceKmsg: "/dev/kmsg", oom.SourceJournal: "the journal"}
	name := names[a.Source.Kind]
	if a.Source.Kind == oom.SourceFile {
		name = words.Count(len(a.Source.Files), "file")
		if len(a.Source.Files) == 1 {
			name = a.Source.Files[0]
		}
	}
	p.Para(12, p.Text("read"), p.Text(name+", "+words.Count(a.Source.Lines, "line")+", "+words.Size(a.Source.Bytes)))
	if a.Source.Detail != "" {
		p.Para(12, p.Text(""), p.Dimmed(a.Source.Detail))
	}
	p.Para(12, p.Text("covers"), p.Text(coverage(a.Source, a.Notes)))
	p.Para(12, p.Text("found"), layout.Hued(verdictOf(a), p.verdictHue(a)))
}

// maxBlocks is how many events, crashes and troubles of one kind each are shown unless verbose.
const maxBlocks = 25

func (p *page) records(a oom.Answer) {
	events := gather(eventsOf(a.Kills), func(event []oom.Kill) string {
		if p.Verbose {
			return fmt.Sprint(event[0].Event)
		}
		return alikeEvent(event)
	})
	shown := p.shown(len(events))
	for _, e := range events[:shown] {
		p.event(e)
	}
	p.more(len(events)-shown, "OOM kill", "they are counted below")
	crashes := alike(a.Crashes)
	shown = p.shown(len(crashes))
	for _, group := range crashes[:shown] {
		p.crash(group)
	}
	p.more(len(crashes)-shown, "kind", "of crashes")
	if len(a.Trouble) > 0 {
		p.Heading("Other trouble in this log")
	}
	troubles := alikeTrouble(a.Trouble)
	shown = p.shown(len(troubles))
	for _, group := range troubles[:shown] {
		p.trouble(group)
	}
	p.more(len(troubles)-shown, "kind", "of trouble")
}

// shown is how many of n are printed.
func (p *page) shown(n int) int {
	if p.Verbose || n <= maxBlocks {
		return n
	}
	return maxBlocks
}

// more says what was left out.
func (p *page) more(n int, what, of string) {
	if n > 0 {
		p.Blank()
		p.Para(margin, p.Text(""), p.Dimmed(words.Count(n, what)+" more, "+of+" (-v shows all)"))
	}
}

// summary tells per container how often, since when and how regularly.
func (p *page) summary(a oom.Answer) {
	if len(a.Containers) == 0 {
		return
	}
	const nameWidth, gaps = 22, len("kills") + 4*2
	p.Heading("By container")
	names, lasts, used := []string{}, []string{}, 0
	for _, s := range a.Containers {
		names, lasts = append(names, layout.Cell(summaryName(s), nameWidth)), append(lasts, lastMoment(s))
	}
	for i, s := range a.Containers {
		used = max(used, layout.Cells(names[i])+layout.Cells(lasts[i])+layout.Cells(shortMoment(s.First, s.FirstBoot)))
	}
	var rows [][]string
	for i, s := range a.Containers {
		rows = append(rows, []string{
			names[i], fmt.Sprint(s.Kills), shortMoment(s.First, s.FirstBoot), lasts[i],
			layout.Cell(rhythm(s), max(p.Columns-used-gaps, 10)),
		})
	}
	p.Table([]string{"container", "kills", "first", "last", "rhythm"}, rows)
}

// notes says loudly what the log cannot tell.
func (p *page) notes(notes []kernellog.Note) {
	if len(notes) > 0 {
		p.Heading("What this log cannot tell")
	}
	for _, n := range notes {
		p.note(n)
	}
}

func (p *page) note(n kernellog.Note) {
	head := string(n.Kind)
	if n.Count > 0 {
		head += fmt.Sprintf(" (%d)", n.Count)
	}
	p.Para(4, layout.Hued("  !", p.Unsure), layout.Hued(head+":", p.Unsure), p.Text(n.Detail))
}
