package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// How much of what runs inside is shown unless verbose.
const (
	maxInsideFrames = 8
	maxInsideTasks  = 40
	maxInsideIdle   = 12 // groups of threads
)

const insideMargin = 4

// Inside writes what the processes were doing: threads, then tasks, those that stand
// alike together.
func Inside(w io.Writer, doc answer.Inside, s layout.Style) error {
	p := newPage(s)
	p.insideHead(doc)
	for _, process := range doc.Processes {
		p.insideProcess(process)
	}
	return p.Print(w)
}

func (p *page) insideHead(doc answer.Inside) {
	if doc.Target != nil {
		p.Para(0, p.Text(""), layout.Hued(layout.Name(doc.Target.Name), p.Title),
			p.Text(doc.Target.ID[:min(len(doc.Target.ID), 12)]), p.Dimmed(doc.Source.Detail))
	}
	denied := doc.Source.Status == string(fact.StatusDenied)
	if doc.At == nil || denied {
		p.Para(0, p.Text(""), layout.Hued("NOT SEEN", p.Unsure), p.Text(doc.Source.Status+": "+doc.Source.Detail))
		if doc.Source.Command != "" {
			p.Command(insideMargin, "$ ", doc.Source.Command)
		}
	}
	if doc.At == nil {
		return
	}
	text := "read from memory at " + layout.Stamp(*doc.At) + ", nothing was stopped"
	if denied { // of the memory nothing, of the threads what the kernel shows everybody
		text = "at " + layout.Stamp(*doc.At) + ", as far as the kernel shows it to everybody"
	}
	if doc.Looks > 1 {
		text += fmt.Sprintf("; twice, %s apart", words.Seconds(doc.Apart))
	}
	if doc.Cut {
		text += "; NOT ALL of it"
	}
	p.Para(0, p.Text(""), p.Dimmed(text))
}

func (p *page) insideProcess(process answer.InsideProcess) {
	tasks := 0
	for _, t := range process.Tasks {
		tasks += t.Count
	}
	facts := words.Count(len(process.Threads), "thread")
	if process.Version != "" {
		facts = "Python " + process.Version + ", " + facts
	}
	if process.Asyncio {
		facts += ", " + words.Count(tasks, "task")
	}
	p.Heading(fmt.Sprintf("%s, pid %d: %s", process.Comm, process.PID, facts))
	p.insideThreads(process)
	p.tasks(process.Tasks, process.Connections...)
	p.insidePools(process)
	for _, note := range process.Notes {
		p.Para(insideMargin, p.Text("  "), layout.Hued(note, p.Unsure))
	}
	if process.Moved > 0 {
		p.Para(insideMargin, p.Text("  "), p.Dimmed(words.Count(process.Moved, "more task")+" moved while they were read"))
	}
}

// insideThreads writes threads that stand alike once.
func (p *page) insideThreads(process answer.InsideProcess) {
	var order []string
	groups := map[string][]answer.InsideThread{}
	for _, t := range process.Threads {
		key := fmt.Sprint(t.Frames, answer.WaitText(t), t.Moves, len(t.Frames) == 0 && t.Wait == nil)
		if len(groups[key]) == 0 {
			order = append(order, key)
		}
		groups[key] = append(groups[key], t)
	}
	for i, key := range order {
		if i == maxInsideIdle && !p.Verbose {
			p.Para(insideMargin, p.Text("  "), p.Dimmed(fmt.Sprintf("%d more, which stand elsewhere (-v shows all)",
				len(order)-i)))
			return
		}
		p.insideThread(groups[key])
	}
}

func (p *page) insideThread(group []answer.InsideThread) {
	t := group[0]
	name := t.Name
	if len(group) > 1 {
		name = fmt.Sprintf("%d threads (%s, %s …)", len(group), t.Name, group[1].Name)
	}
	var facts []string
	switch {
	case t.Moves:
		facts = append(facts, "it moves: no two readings of its stack agree")
	case t.LastRan != nil && *t.LastRan >= 1:
		facts = append(facts, "last ran "+words.Seconds(*t.LastRan)+" ago")
	}
	if wait := answer.WaitText(t); wait != "" {
		facts = append(facts, "waits in "+wait)
	} else if t.State == "R" {
		facts = append(facts, "runs")
	}
	p.Para(insideMargin, p.Text("  "), layout.Hued(name, p.Title), p.Text(strings.Join(facts, "; ")))
	p.insideFrames(t.Frames)
}

// insideFrames writes the newest calls, and the program's own newest one in any case.
func (p *page) insideFrames(frames []answer.Frame) {
	most := len(frames)
	if !p.Verbose {
		most = min(most, maxInsideFrames)
	}
	own := answer.OwnFrame(frames)
	for i := range frames[:most] {
		hue := p.Dim
		if own == &frames[i] {
			hue = nil
		}
		p.Para(2*insideMargin, p.Text("      "), layout.Hued(answer.PlaceText(frames[i]), hue))
	}
	if most == len(frames) {
		return
	}
	left := fmt.Sprintf("%d more calls", len(frames)-most)
	if own != nil && !slices.Contains(frames[:most], *own) {
		left = answer.PlaceText(*own) + ", above it " + left
	}
	p.Para(2*insideMargin, p.Text("      "), p.Dimmed("... "+left+" (-v shows all)"))
}

// tasks writes those of an event loop: the name, and where it stands or how it ended.
func (p *page) tasks(list []answer.InsideTask, connections ...answer.InsideConnection) {
	for i, t := range list {
		if i == maxInsideTasks && !p.Verbose {
			p.Para(insideMargin, p.Text("  "), p.Dimmed(fmt.Sprintf("tasks in %d more places (-v shows all)",
				len(list)-i)))
			return
		}
		name := "task " + strings.Join(t.Names[:min(len(t.Names), 1)], "")
		if t.Count > 1 {
			name = fmt.Sprintf("%d tasks (%s …)", t.Count, strings.Join(t.Names[:min(len(t.Names), 2)], ", "))
		}
		p.Para(insideMargin, p.Text("  "), layout.Hued(name, p.Title), p.Text(t.Coroutine), p.Text("["+t.State+"]"))
		if where := taskWhere(t); where != "" {
			p.Para(2*insideMargin, p.Text(""), p.Text(where))
		}
		for _, c := range connections {
			if slices.ContainsFunc(c.Tasks, func(name string) bool { return slices.Contains(t.Names, name) }) {
				p.Para(2*insideMargin, p.Text(""), p.Text("on a connection to "+answer.PeerText(c)))
			}
		}
		if p.Verbose {
			p.insideFrames(t.Frames)
		}
	}
}

// taskWhere says in one line where a task stands, or how it ended.
func taskWhere(t answer.InsideTask) string {
	switch {
	case t.Exception != "":
		text := t.Exception
		if t.Raised != nil {
			text += " at " + answer.PlaceText(*t.Raised)
		}
		if t.Retrieved != nil && !*t.Retrieved {
			text += ", which nobody asked for"
		}
		return text
	case len(t.Frames) == 0:
		return ""
	}
	text := answer.PlaceText(t.Frames[0])
	if own := answer.OwnFrame(t.Frames); own != nil && *own != t.Frames[0] {
		text += " <- " + answer.PlaceText(*own)
	}
	if len(t.Tasks) > 0 {
		text += "; waits for " + strings.Join(t.Tasks[:min(len(t.Tasks), 5)], ", ")
	}
	return text
}

func (p *page) insidePools(process answer.InsideProcess) {
	for _, pool := range process.Pools {
		text := poolText(pool)
		switch {
		case len(pool.Holders) > 0:
			text += "; held by " + firstOf(pool.Holders, 8)
		case pool.Sought:
			text += "; nobody is seen in a with of it"
		}
		p.Para(insideMargin, p.Text("  "), layout.Hued(pool.Class, p.Title), p.Text(text))
	}
	for _, h := range process.Handlers {
		if h.Owner != "" {
			p.Para(insideMargin, p.Text("  "), layout.Hued("log "+h.Class, p.Title), p.Text("its lock is held by "+h.Owner))
		}
	}
}

// poolText says how much of a pool is used, and who waits.
func poolText(pool answer.InsidePool) string {
	waiting := words.Count(len(pool.Waiting), "waiter") + " (" + firstOf(pool.Waiting, 3) + ")"
	if pool.Queued != nil {
		waiting = words.Count(*pool.Queued, "piece") + " of work waiting"
	}
	switch {
	case pool.Used == nil:
		return waiting
	case pool.Size == nil:
		return fmt.Sprintf("%d in it, no bound, %s", *pool.Used, waiting)
	}
	return fmt.Sprintf("%d of %d used, %s", *pool.Used, *pool.Size, waiting)
}

// firstOf names the first of a list.
func firstOf(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " …"
	}
	return strings.Join(names, ", ")
}

// InsideFolded writes counts of stacks, one a line.
func InsideFolded(w io.Writer, f answer.Folded) error {
	var b strings.Builder
	for _, line := range f.Lines() {
		fmt.Fprintln(&b, sanitize.Clean(line, 1<<16))
	}
	return sanitize.Prose.Write(w, []byte(b.String()))
}
