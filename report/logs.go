package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// maxFound is how many findings a text report shows unless verbose.
const maxFound = 40

// Logs writes what a service's log shows: findings in order, then the life of each run.
func Logs(w io.Writer, l answer.Logs, s layout.Style) error {
	p := newPage(s)
	p.logSource(l.Source)
	p.logRuns(l)
	p.Heading("Findings")
	p.logFindings(l)
	return p.Print(w)
}

// LogsEnd writes what only the end of a followed log tells: everything but the findings, which were shown as they came.
func LogsEnd(w io.Writer, l answer.Logs, s layout.Style) error {
	p := newPage(s)
	p.Blank()
	p.logSource(l.Source)
	p.logRuns(l)
	return p.Print(w)
}

// LogFinding writes one finding of a log that is followed.
func LogFinding(w io.Writer, f answer.LogFinding, s layout.Style) error {
	p := newPage(s)
	p.logFinding(f)
	return p.Print(w)
}

func (p *page) logSource(s answer.LogSource) {
	name := map[string]string{"stdin": "standard input"}[s.Kind]
	if s.Name != "" {
		name = layout.Name(s.Name)
	}
	facts := words.Count(s.Lines, "line")
	if s.From != nil && s.To != nil {
		facts += fmt.Sprintf(", %s to %s", s.From.UTC().Format(layout.DateTime), layout.Stamp(*s.To))
	}
	p.Para(0, p.Text(""), layout.Hued(name+",", p.Title), p.Text(facts))
	if s.Detail != "" {
		p.Para(2, p.Text(""), p.Dimmed(s.Detail))
	}
	if s.TruncatedLines > 0 {
		p.Para(2, p.Text(""), p.Dimmed(words.Count(s.TruncatedLines, "line")+" longer than 64 KiB, cut there"))
	}
	if s.Truncated {
		p.Para(2, p.Text(""), layout.Hued("not everything was read: what is missing here may be in the rest", p.Unsure))
	}
	p.unread(s.Unread, "looks like a failure", "look like failures",
		"in a form that cannot be read, or quoted by somebody")
	p.unread(s.Kernel, "looks like the kernel's", "look like the kernel's", "which gwdoctor oom --file reads")
	for _, note := range s.Notes {
		p.Para(2, p.Text(""), p.Dimmed(note))
	}
}

// unread says that there are lines of which nothing is told, and quotes the first.
func (p *page) unread(u *answer.LogUnread, one, more, why string) {
	if u == nil {
		return
	}
	what := "1 line " + one
	if u.Count > 1 {
		what = words.Count(u.Count, "line") + " " + more
	}
	p.Para(2, p.Text(""), layout.Hued(fmt.Sprintf("%s, %s; the first, line %d:", what, why, u.Line), p.Unsure))
	p.Quote(4, u.Excerpt)
}

func (p *page) logFindings(l answer.Logs) {
	if len(l.Findings) == 0 && (l.Source.Unread != nil || l.Source.Kernel != nil) {
		p.Para(2, p.Text(""), layout.Hued("cannot tell: no line was understood to tell of a failure, but see above what "+
			"was not read.", p.Unsure))
		return
	}
	if len(l.Findings) == 0 {
		p.Para(2, p.Text(""), p.Text("none: no line that is known to tell of a failure. What was killed prints nothing, "+
			"so this clears nobody; gwdoctor diagnose looks elsewhere, too."))
		return
	}
	shown := l.Findings
	if !p.Verbose && len(shown) > maxFound {
		shown = shown[:maxFound]
	}
	run := 0
	for _, f := range shown {
		if len(l.Runs) > 1 && f.Run != run {
			run = f.Run
			p.Para(0, p.Text(""), p.Dimmed(runTitle(run, l.Runs[run-1])))
		}
		p.logFinding(f)
	}
	if left := len(l.Findings) - len(shown); left > 0 {
		p.Para(2, p.Text(""), p.Dimmed(words.Count(left, "finding")+" more (-v shows all)"))
	}
}

func runTitle(n int, r answer.LogRun) string {
	title := fmt.Sprintf("run %d", n)
	if r.Service != "" {
		title = layout.Name(r.Service)
	}
	if r.Start != nil {
		title += ", started " + layout.Stamp(*r.Start)
	} else if n == 1 && r.Service == "" {
		title += ", start not known"
	}
	return title
}

// logMargin is where a finding's text begins.
const logMargin = 10

func (p *page) logFinding(f answer.LogFinding) {
	head := []layout.Span{layout.Hued(f.ID, p.strengthHue(f)), p.Dimmed("(" + strings.Join(rating(f), ", ") + ")")}
	if f.Count > 1 {
		head = append(head, p.Text(fmt.Sprintf("%d times", f.Count)))
		if f.At != nil && f.LastAt != nil && f.LastAt.After(*f.At) {
			head = append(head, p.Text("until "+f.LastAt.UTC().Format(layout.ClockTime)))
		}
	}
	if f.At != nil {
		head = append([]layout.Span{p.Dimmed(f.At.UTC().Format(layout.ClockTime))}, head...)
	}
	p.Para(logMargin, p.Text(fmt.Sprintf("%7d", f.Line)), head...)
	p.Para(logMargin, p.Text(""), p.Text(f.Meaning))
	p.Quote(logMargin, f.Excerpt)
	p.logException(f)
	if p.Verbose && f.Trap != "" {
		p.Para(logMargin, p.Text(""), p.Dimmed("mind: "+f.Trap))
	}
}

// rating is a finding's place and worth in words.
func rating(f answer.LogFinding) []string {
	words := []string{string(f.Strength), string(f.Role)}
	if f.Service != "" {
		words = append([]string{layout.Name(f.Service)}, words...)
	}
	if f.Cause != nil {
		words = append(words, *f.Cause)
	}
	if f.AfterShutdown {
		words = append(words, "after the stop")
	}
	if f.InRuns > 1 {
		words = append(words, fmt.Sprintf("in %d runs", f.InRuns))
	}
	return words
}

func (p *page) strengthHue(f answer.LogFinding) *color.Color {
	switch {
	case f.Strength == fact.Weak:
		return nil
	case f.Role == fact.RoleRoot:
		return p.Bad
	}
	return p.Unsure
}

// logException adds what the excerpt does not have: the exception of an announcement, how it came about, and where.
func (p *page) logException(f answer.LogFinding) {
	e := f.Exception
	if e == nil || f.Role == fact.RoleMechanism && !p.Verbose { // the root's entry has it
		return
	}
	text := e.Type
	if e.Message != "" {
		text += ": " + e.Message
	}
	if !strings.Contains(f.Excerpt, e.Type) {
		p.Quote(logMargin, text)
	}
	if len(e.Chain) > 1 && e.Chain[0] != text {
		p.Para(logMargin, p.Text(""), p.Dimmed("it began with "+e.Chain[0]))
	}
	if n := len(e.Frames); n > 0 {
		at := e.Frames[n-1]
		p.Para(logMargin, p.Text(""), p.Dimmed(fmt.Sprintf("at %s:%d in %s", at.File, at.Line, at.Function)))
	}
}

// logRuns writes what the server said about its own life, run by run.
func (p *page) logRuns(l answer.Logs) {
	const newest, services = 3, 8
	shown := 0
	for i, r := range l.Runs {
		if !p.Verbose && i < len(l.Runs)-newest && r.Service == "" || r.Service != "" && silentRun(r) {
			continue
		}
		if shown++; r.Service != "" && shown > services && !p.Verbose {
			p.Para(2, p.Text(""), p.Dimmed("further services are left out (-v shows all)"))
			break
		}
		if len(l.Runs) > 1 {
			p.Para(0, p.Text(""), p.Dimmed(runTitle(i+1, r)))
		}
		p.logRun(r)
	}
}

// silentRun tells whether nothing is known of a service's life.
func silentRun(r answer.LogRun) bool {
	return r.Server == "" && r.State == "unknown" && len(r.Workers) == 0 && r.Silence == nil && r.Dropped == 0
}

func (p *page) logRun(r answer.LogRun) {
	const margin = 12
	if r.Server != "" || r.State != "unknown" {
		p.Para(margin, p.Text("  server"), p.Text(strings.TrimPrefix(r.Server+", "+r.State, ", ")), p.Dimmed(milestones(r)))
	}
	if len(r.Unsaid) > 0 {
		p.Para(margin, p.Text("  unsaid"), p.Text(`never printed: "`+strings.Join(r.Unsaid, `", "`)+`"`))
	}
	if s := r.Silence; s != nil {
		text := fmt.Sprintf("%s before the end", period(s.Seconds))
		if s.Unusual {
			text += fmt.Sprintf(", and 99 in 100 of its gaps were under %s: it had stopped printing", period(s.UsualGap))
		}
		p.Para(margin, p.Text("  silent"), p.Text(text))
	}
	p.logWorkers(r.Workers)
	if r.Dropped > 0 {
		p.Para(margin, p.Text("  more"), p.Text(words.Count(r.Dropped, "further finding")+" beyond what is kept of one run"))
	}
}

func milestones(r answer.LogRun) string {
	var parts []string
	for _, m := range []struct {
		what string
		at   *time.Time
	}{{"ready", r.Ready}, {"stopping", r.Draining}, {"finished", r.Finished}} {
		if m.at != nil {
			parts = append(parts, m.what+" "+m.at.UTC().Format(layout.ClockTime))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func period(seconds float64) string {
	return strings.TrimPrefix(relative(time.Duration(seconds*float64(time.Second))), "+")
}

// logWorkers writes the processes where there are several, or one ended badly.
func (p *page) logWorkers(list []answer.LogWorker) {
	const most = 10
	odd := 0
	for _, w := range list {
		if w.End != "" && w.End != "finished" {
			odd++
		}
	}
	if odd == 0 && (len(list) < 2 || !p.Verbose) {
		return
	}
	if !p.Verbose && len(list) > most {
		p.Para(2, p.Text(""), p.Dimmed(words.Count(len(list)-most, "older worker")+" left out (-v shows all)"))
		list = list[len(list)-most:]
	}
	var rows [][]string
	for _, w := range list {
		noticed := ""
		if w.Noticed {
			noticed = "yes"
		}
		rows = append(rows, []string{"  " + fmt.Sprint(w.PID), moment(w.Started), moment(w.Ended),
			layout.Cell(ending(w), 40), noticed})
	}
	p.Table([]string{"  pid", "started", "ended", "how", "parent said so"}, rows)
}

func ending(w answer.LogWorker) string {
	if w.Detail == "" {
		return w.End
	}
	return w.End + " " + w.Detail
}

func moment(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(layout.ClockTime)
}
