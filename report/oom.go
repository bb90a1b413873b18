package report

import (
	"fmt"
	"io"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The most that is shown of a path, and of a sentence about the log.
const (
	maxPath = 512
	maxNote = 1000
)

// OOM writes what a kernel log says of OOM kills and crashes: what was read, a
// block a kill, and what it comes to per container.
func OOM(w io.Writer, a oom.Answer, s Style) error {
	p := newPage(s)
	doubts, rest := doubtsFirst(a.Notes)
	p.oomSource(a)
	for _, n := range doubts {
		p.oomNote(n)
	}
	p.oomRecords(a)
	if len(a.Containers) != 1 || a.Containers[0].Kills > 1 { // of one kill the block says it all
		p.oomSummary(a)
	}
	p.oomNotes(rest)
	return p.writeTo(w)
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

// OOMRecords writes the blocks alone: what a follower has just seen.
func OOMRecords(w io.Writer, a oom.Answer, s Style) error {
	p := newPage(s)
	p.oomRecords(a)
	for _, n := range a.Notes {
		p.oomNote(n)
	}
	return p.writeTo(w)
}

// OOMSummary writes the end of a follower's report.
func OOMSummary(w io.Writer, a oom.Answer, s Style) error {
	p := newPage(s)
	p.oomSummary(a)
	return p.writeTo(w)
}

// oomSource says what was read, and the answer in one line.
func (p *page) oomSource(a oom.Answer) {
	names := map[string]string{oom.SourceKmsg: "/dev/kmsg", oom.SourceJournal: "the journal"}
	name := names[a.Source.Kind]
	if a.Source.Kind == oom.SourceFile {
		name = words.Count(len(a.Source.Files), "file")
		if len(a.Source.Files) == 1 {
			name = a.Source.Files[0]
		}
	}
	p.para(12, p.text("read"), p.text(name+", "+words.Count(a.Source.Lines, "line")+", "+words.Size(a.Source.Bytes)))
	if a.Source.Detail != "" {
		p.para(12, p.text(""), p.dimmed(a.Source.Detail))
	}
	p.para(12, p.text("covers"), p.text(coverage(a.Source, a.Notes)))
	p.para(12, p.text("found"), span{verdictOf(a), p.verdictHue(a)})
}

// maxBlocks is how many events, crashes and troubles of one kind each are shown unless verbose.
const maxBlocks = 25

func (p *page) oomRecords(a oom.Answer) {
	events := gather(eventsOf(a.Kills), func(event []oom.Kill) string {
		if p.verbose {
			return fmt.Sprint(event[0].Event)
		}
		return alikeEvent(event)
	})
	shown := p.shown(len(events))
	for _, e := range events[:shown] {
		p.oomEvent(e)
	}
	p.more(len(events)-shown, "OOM kill", "they are counted below")
	crashes := alike(a.Crashes)
	shown = p.shown(len(crashes))
	for _, group := range crashes[:shown] {
		p.crash(group)
	}
	p.more(len(crashes)-shown, "kind", "of crashes")
	if len(a.Trouble) > 0 {
		p.heading("Other trouble in this log")
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
	if p.verbose || n <= maxBlocks {
		return n
	}
	return maxBlocks
}

// more says what was left out.
func (p *page) more(n int, what, of string) {
	if n > 0 {
		p.blank()
		p.para(oomMargin, p.text(""), p.dimmed(words.Count(n, what)+" more, "+of+" (-v shows all)"))
	}
}

// oomSummary tells per container how often, since when and how regularly.
func (p *page) oomSummary(a oom.Answer) {
	if len(a.Containers) == 0 {
		return
	}
	const nameWidth, gaps = 22, len("kills") + 4*2
	p.heading("By container")
	names, lasts, used := []string{}, []string{}, 0
	for _, s := range a.Containers {
		names, lasts = append(names, cell(summaryName(s), nameWidth)), append(lasts, lastMoment(s))
	}
	for i, s := range a.Containers {
		used = max(used, cells(names[i])+cells(lasts[i])+cells(shortMoment(s.First, s.FirstBoot)))
	}
	var rows [][]string
	for i, s := range a.Containers {
		rows = append(rows, []string{
			names[i], fmt.Sprint(s.Kills), shortMoment(s.First, s.FirstBoot), lasts[i],
			cell(rhythm(s), max(p.columns-used-gaps, 10)),
		})
	}
	p.table([]string{"container", "kills", "first", "last", "rhythm"}, rows)
}

// oomNotes says loudly what the log cannot tell.
func (p *page) oomNotes(notes []kernellog.Note) {
	if len(notes) > 0 {
		p.heading("What this log cannot tell")
	}
	for _, n := range notes {
		p.oomNote(n)
	}
}

func (p *page) oomNote(n kernellog.Note) {
	head := string(n.Kind)
	if n.Count > 0 {
		head += fmt.Sprintf(" (%d)", n.Count)
	}
	p.para(4, span{"  !", p.unsure}, span{head + ":", p.unsure}, p.text(n.Detail))
}
