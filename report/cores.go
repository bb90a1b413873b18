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
)

const coreMargin = 12

// How much of a core a text report shows unless verbose.
const (
	maxPythonLines  = 24
	maxNativeLines  = 16
	maxOtherThreads = 16
)

// Cores writes what was read of core files, and why there is none.
func Cores(w io.Writer, c answer.Cores, s Style) error {
	p := newPage(s)
	if c.Target != nil {
		p.coreTarget(c)
	}
	for i, d := range c.Cores {
		if i > 0 {
			p.blank()
		}
		p.core(d)
	}
	if len(c.Cores) == 0 {
		p.para(0, p.text(""), span{"No core dump was found.", p.title})
	}
	if len(c.Cores) == 0 || p.verbose {
		p.whyNone(c.WhyNone)
		p.searched(c.Searched)
	}
	return p.writeTo(w)
}

func (p *page) coreTarget(c answer.Cores) {
	p.para(0, p.text(""), span{clip(Clean(c.Target.Name, maxName), maxName), p.title},
		p.text(Clean(c.Target.ID[:min(len(c.Target.ID), 12)], maxName)),
		p.text(words.Count(len(c.Cores), "core dump")))
	if s := c.Setup; s != nil {
		p.para(coreMargin, p.text("  pattern"), p.text(s.Pattern), p.dimmed("("+s.Handler+")"))
	}
	p.blank()
}

// core writes one core: the verdict first, then the facts, then the stacks.
func (p *page) core(d coredump.Dump) {
	p.para(0, p.text(""), span{Clean(d.Path, maxLiteral), p.title}, p.dimmed(coreFacts(d)))
	p.rule("-")
	if d.Error != "" {
		p.para(coreMargin, span{"UNREAD", p.unsure}, p.text(d.Error))
		return
	}
	hue := p.bad
	if d.Kind == coredump.KindSnapshot {
		hue = p.good
	}
	p.para(coreMargin, span{"CRASH", hue}, span{d.Summary, p.title})
	p.coreDetails(d)
	if len(d.Threads) > 0 {
		p.crashedThread(d)
		p.otherThreads(d)
	}
	if d.Python != nil && len(d.Python.Tasks) > 0 {
		p.heading("Tasks of asyncio")
		p.tasks(d.Python.Tasks)
	}
	for _, note := range d.Notes {
		p.para(coreMargin, span{"note", p.unsure}, p.text(note))
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
		facts = append(facts, stamp(*d.At))
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
			p.para(coreMargin, p.dimmed(label), p.text(text))
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
	p.heading(title)
	p.pythonFrames(d, t)
	p.nativeFrames(t)
}

func (p *page) pythonFrames(d coredump.Dump, t coredump.ThreadDump) {
	if d.Python == nil {
		return
	}
	label := strings.TrimSpace("Python " + d.Python.Version)
	if d.Python.Note != "" {
		p.para(2, p.text(""), p.dimmed(label+": no frames: "+d.Python.Note))
		return
	}
	p.para(2, p.text(""), p.dimmed(label+", newest call first"))
	limit := maxPythonLines
	if p.verbose {
		limit = len(t.Python)
	}
	for i, f := range t.Python {
		if left := len(t.Python) - limit; left > 0 && i >= limit-4 && i < limit-4+left {
			if i == limit-4 {
				p.para(4, p.text(""), p.dimmed(fmt.Sprintf("... %d of %d calls left out ...", t.PythonDepth-limit, t.PythonDepth)))
			}
			continue
		}
		p.para(6, p.text("    "), p.text(pythonFrame(f)))
	}
	if len(t.Python) == 0 && t.PythonNote == "" {
		p.para(4, p.text(""), p.text("no Python code ran in this thread"))
	}
	if t.PythonNote != "" {
		p.para(4, p.text(""), span{t.PythonNote, p.unsure})
	}
}

func pythonFrame(f python.Frame) string {
	if f.Line == 0 {
		return f.File + " in " + f.Function
	}
	return fmt.Sprintf("%s:%d in %s", f.File, f.Line, f.Function)
}

func (p *page) nativeFrames(t coredump.ThreadDump) {
	p.para(2, p.text(""), p.dimmed("native code, newest call first"))
	for i, f := range t.Native {
		if i == maxNativeLines && !p.verbose {
			p.para(4, p.text(""), p.dimmed(fmt.Sprintf("... %d more (-v shows all)", len(t.Native)-i)))
			break
		}
		p.para(6, p.text("    "), p.text(nativeFrame(f)))
	}
	switch {
	case t.NativeNote != "":
		p.para(4, p.text(""), span{"ends here: " + t.NativeNote, p.unsure})
	case len(t.Native) == 1:
		p.para(4, p.text(""), p.dimmed("its callers need the container's binaries"))
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
	p.heading(words.Count(d.ThreadCount-1, "other thread"))
	for i, t := range others {
		if i == maxOtherThreads && !p.verbose {
			p.para(2, p.text(""), p.dimmed(fmt.Sprintf("... %d more (-v shows all)", len(others)-i)))
			return
		}
		where := ""
		if len(t.Native) > 0 {
			where = nativeFrame(t.Native[0])
		}
		if len(t.Python) > 0 {
			where = pythonFrame(t.Python[0]) + "; " + where
		}
		p.para(coreMargin, p.text(fmt.Sprintf("  %d", t.TID)), p.text(where))
		if p.verbose {
			for _, f := range t.Python {
				p.para(coreMargin+2, p.text(""), p.dimmed(pythonFrame(f)))
			}
		}
	}
}

func (p *page) whyNone(checks []coredump.Check) {
	if len(checks) == 0 {
		return
	}
	p.heading("Why there is none")
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
	hue := map[coredump.State]*color.Color{coredump.Proven: p.bad, coredump.Unknown: p.unsure,
		coredump.RuledOut: p.dim}[c.State]
	p.para(coreMargin, span{"  " + standing(c), hue}, p.text(c.Detail))
	if c.Fix != "" && c.State != coredump.RuledOut {
		p.para(coreMargin, p.text(""), p.dimmed("fix: "+c.Fix))
	}
}

func (p *page) searched(places []coredump.Place) {
	if len(places) == 0 {
		return
	}
	p.heading("Where it was looked")
	for _, place := range places {
		p.para(sourceMargin+4, p.text("  "+place.Name), p.text(place.Status), p.dimmed(place.Detail))
		if place.Command != "" {
			p.command(sourceMargin+4, "$ ", place.Command)
		}
	}
}
