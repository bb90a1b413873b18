package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

const coreMargin = 12

// How much of a core a text report shows unless verbose.
const (
	maxPythonLines  = 24
	maxNativeLines  = 16
	maxOtherThreads = 16
)

// Cores writes what was read of core files, and why there is none.
func Cores(w io.Writer, c answer.Cores, s layout.Style) error {
	p := newPage(s)
	if c.Target != nil {
		p.coreTarget(c)
	}
	for i, d := range c.Cores {
		if i > 0 {
			p.Blank()
		}
		p.core(d)
	}
	if len(c.Cores) == 0 {
		p.Para(0, p.Text(""), layout.Hued("No core dump was found.", p.Title))
	}
	if len(c.Cores) == 0 || p.Verbose {
		p.whyNone(c.WhyNone)
		p.searched(c.Searched)
	}
	return p.Print(w)
}

func (p *page) coreTarget(c answer.Cores) {
	p.Para(0, p.Text(""), layout.Hued(layout.Name(c.Target.Name), p.Title),
		p.Text(c.Target.ID[:min(len(c.Target.ID), 12)]),
		p.Text(words.Count(len(c.Cores), "core dump")))
	if s := c.Setup; s != nil {
		p.Para(coreMargin, p.Text("  pattern"), p.Text(s.Pattern), p.Dimmed("("+s.Handler+")"))
	}
	p.Blank()
}

// core writes one core: the verdict first, then the facts, then the stacks.
func (p *page) core(d coredump.Dump) {
	p.Para(0, p.Text(""), layout.Hued(sanitize.Clean(d.Path, layout.MaxLiteral), p.Title), p.Dimmed(coreFacts(d)))
	p.Rule("-")
	if d.Error != "" {
		p.Para(coreMargin, layout.Hued("UNREAD", p.Unsure), p.Text(d.Error))
		return
	}
	hue := p.Bad
	if d.Kind == coredump.KindSnapshot {
		hue = p.Good
	}
	p.Para(coreMargin, layout.Hued("CRASH", hue), layout.Hued(d.Summary, p.Title))
	p.coreDetails(d)
	if len(d.Threads) > 0 {
		p.crashedThread(d)
		p.otherThreads(d)
	}
	if d.Python != nil && len(d.Python.Tasks) > 0 {
		p.Heading("Tasks of asyncio")
		p.tasks(d.Python.Tasks)
	}
	for _, note := range d.Notes {
		p.Para(coreMargin, layout.Hued("note", p.Unsure), p.Text(note))
	}
}

func coreFacts(d coredump.Dump) string {
	var facts []string
	if d.SizeBytes != nil {
		facts = append(facts, words.Size(*d.SizeBytes))
	}
	if d.Form != "" {
		facts = append(facts, d.Form)
	}
	if d.At != nil {
		facts = append(facts, layout.Stamp(*d.At))
	}
	if d.Truncated {
		facts = append(facts, "TRUNCATED")
	}
	if d.Growing {
		facts = append(facts, "perhaps STILL BEING WRITTEN: look again")
	}
	return strings.Join(facts, ", ")
}

func (p *page) coreDetails(d coredump.Dump) {
	line := func(label, text string) {
		if text != "" {
			p.Para(coreMargin, p.Dimmed(label), p.Text(text))
		}
	}
	line("kind", string(d.Kind))
	line("signal", coreSignal(d))
	line("process", coreProcess(d))
	line("command", d.Args)
	if o := d.Object; o != nil {
		line("at", o.Name+"+"+o.Offset+buildID(o.BuildID))
	}
	if c := d.Container; c != nil {
		line("container", fmt.Sprintf("%s (%s: %s)", strings.TrimSpace(c.Name+" "+c.ID[:min(len(c.ID), 12)]), c.Grade, c.By))
	} else if d.Hostname != "" {
		line("host name", d.Hostname+" (Docker names a container's host by the start of its id)")
	}
}

func buildID(id string) string {
	if id == "" {
		return ""
	}
	return " of build " + id
}

func coreSignal(d coredump.Dump) string {
	text := strings.TrimSpace(d.Signal + " " + d.Code)
	if d.Address != "" {
		text += " at " + d.Address
	}
	if d.Sender != nil {
		text += fmt.Sprintf(" from process %d, user %d", d.Sender.PID, d.Sender.UID)
	}
	return text
}

func coreProcess(d coredump.Dump) string {
	if d.PID == nil {
		return ""
	}
	text := fmt.Sprintf("%s, pid %d", d.Comm, *d.PID)
	if d.UID != nil {
		text += fmt.Sprintf(", user %d", *d.UID)
	}
	return text + ", " + words.Count(d.ThreadCount, "thread") + ", " + string(d.Architecture)
}

func (p *page) crashedThread(d coredump.Dump) {
	t := d.Threads[0]
	title := fmt.Sprintf("Thread %d, which crashed", t.TID)
	if !t.Crashed {
		title = fmt.Sprintf("Thread %d", t.TID)
	}
	p.Heading(title)
	p.pythonFrames(d, t)
	p.nativeFrames(t)
}

func (p *page) pythonFrames(d coredump.Dump, t coredump.ThreadDump) {
	if d.Python == nil {
		return
	}
	label := strings.TrimSpace("Python " + d.Python.Version)
	if d.Python.Note != "" {
		p.Para(2, p.Text(""), p.Dimmed(label+": no frames: "+d.Python.Note))
		return
	}
	p.Para(2, p.Text(""), p.Dimmed(label+", newest call first"))
	limit := maxPythonLines
	if p.Verbose {
		limit = len(t.Python)
	}
	for i, f := range t.Python {
		if left := len(t.Python) - limit; left > 0 && i >= limit-4 && i < limit-4+left {
			if i == limit-4 {
				p.Para(4, p.Text(""), p.Dimmed(fmt.Sprintf("... %d of %d calls left out ...", t.PythonDepth-limit, t.PythonDepth)))
			}
			continue
		}
		p.Para(6, p.Text("    "), p.Text(pythonFrame(f)))
	}
	if len(t.Python) == 0 && t.PythonNote == "" {
		p.Para(4, p.Text(""), p.Text("no Python code ran in this thread"))
	}
	if t.PythonNote != "" {
		p.Para(4, p.Text(""), layout.Hued(t.PythonNote, p.Unsure))
	}
}

func pythonFrame(f python.Frame) string {
	if f.Line == 0 {
		return f.File + " in " + f.Function
	}
	return fmt.Sprintf("%s:%d in %s", f.File, f.Line, f.Function)
}

func (p *page) nativeFrames(t coredump.ThreadDump) {
	p.Para(2, p.Text(""), p.Dimmed("native code, newest call first"))
	for i, f := range t.Native {
		if i == maxNativeLines && !p.Verbose {
			p.Para(4, p.Text(""), p.Dimmed(fmt.Sprintf("... %d more (-v shows all)", len(t.Native)-i)))
			break
		}
		p.Para(6, p.Text("    "), p.Text(nativeFrame(f)))
	}
	switch {
	case t.NativeNote != "":
		p.Para(4, p.Text(""), layout.Hued("ends here: "+t.NativeNote, p.Unsure))
	case len(t.Native) == 1:
		p.Para(4, p.Text(""), p.Dimmed("its callers need the container's binaries"))
	}
}

func nativeFrame(f coredump.NativeFrame) string {
	if f.Function == "" {
		return f.Object + "+" + f.Offset
	}
	return f.Object + "+" + f.Offset + " " + f.Function
}

// otherThreads writes a line for each: where it stands.
func (p *page) otherThreads(d coredump.Dump) {
	others := d.Threads[1:]
	if len(others) == 0 {
		return
	}
	p.Heading(words.Count(d.ThreadCount-1, "other thread"))
	for i, t := range others {
		if i == maxOtherThreads && !p.Verbose {
			p.Para(2, p.Text(""), p.Dimmed(fmt.Sprintf("... %d more (-v shows all)", len(others)-i)))
			return
		}
		where := ""
		if len(t.Native) > 0 {
			where = nativeFrame(t.Native[0])
		}
		if len(t.Python) > 0 {
			where = pythonFrame(t.Python[0]) + "; " + where
		}
		p.Para(coreMargin, p.Text(fmt.Sprintf("  %d", t.TID)), p.Text(where))
		if p.Verbose {
			for _, f := range t.Python {
				p.Para(coreMargin+2, p.Text(""), p.Dimmed(pythonFrame(f)))
			}
		}
	}
}

func (p *page) whyNone(checks []coredump.Check) {
	if len(checks) == 0 {
		return
	}
	p.Heading("Why there is none")
	for _, state := range []string{string(coredump.Proven), likelyReason, string(coredump.Unknown),
		string(coredump.RuledOut)} {
		for _, c := range checks {
			if standing(c) == state {
				p.check(c)
			}
		}
	}
}

const likelyReason = "likely"

// standing is the word for what is known of a reason.
func standing(c coredump.Check) string {
	if c.Likely {
		return likelyReason
	}
	return string(c.State)
}

func (p *page) check(c coredump.Check) {
	hue := map[coredump.State]*color.Color{coredump.Proven: p.Bad, coredump.Unknown: p.Unsure,
		coredump.RuledOut: p.Dim}[c.State]
	p.Para(coreMargin, layout.Hued("  "+standing(c), hue), p.Text(c.Detail))
	if c.Fix != "" && c.State != coredump.RuledOut {
		p.Para(coreMargin, p.Text(""), p.Dimmed("fix: "+c.Fix))
	}
}

func (p *page) searched(places []coredump.Place) {
	if len(places) == 0 {
		return
	}
	p.Heading("Where it was looked")
	for _, place := range places {
		p.Para(sourceMargin+4, p.Text("  "+place.Name), p.Text(place.Status), p.Dimmed(place.Detail))
		if place.Command != "" {
			p.Command(sourceMargin+4, "$ ", place.Command)
		}
	}
}
