package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// Bounds of a report on several containers, unless it is to be verbose.
const (
	maxFine  = 15 // rows of those in which nothing failed, where all are well
	fewFine  = 4  // the same, beside some that are not
	maxPages = 5  // details of those that failed
	manyTall = 58 // lines of the whole with one that failed, where fewer details make that possible
	moreTall = 22 // and for each further one
)

// unwrapped is the width of a table for other programs: a line is a container.
const unwrapped = 1 << 16

// many writes several containers: how many failed, who fell first and what to do, a line for each, and the details of
// what failed by itself.
func (p *page) many(r answer.Report, s layout.Style) {
	list := r.ByGravity()
	if s.Quiet {
		p.Columns = unwrapped
		p.rows(r, list, s)
		return
	}
	p.across(r)
	p.chains(r.Chains)
	p.steps(list)
	p.Blank()
	p.rows(r, list, s)
	if !s.Brief {
		p.details(r, list)
	}
}

// across is the first line: what all are of, how they stand, and when.
func (p *page) across(r answer.Report) {
	of, unit := projectOf(r.Diagnoses), "service"
	if of == "" {
		unit = "container"
	}
	if runsOfOne(r.Diagnoses) {
		unit = "run"
	}
	head := words.Count(len(r.Diagnoses), unit) + headcounts(r.Diagnoses)
	if of != "" {
		head = layout.Name(of) + "  " + head
	}
	when := ""
	if !r.GeneratedAt.IsZero() {
		when = r.GeneratedAt.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	p.Put(p.Title, head)
	if room := p.Columns - layout.Cells(head) - layout.Cells(when); room >= 2 {
		p.Indent(room)
	} else {
		p.Blank()
	}
	p.Put(p.Dim, when)
	p.Blank()
}

// runsOfOne tells whether all are of one container of a pod, each of another run.
func runsOfOne(list []answer.Diagnosis) bool {
	first := list[0].Target
	return first.Pod != "" && !slices.ContainsFunc(list, func(d answer.Diagnosis) bool {
		return d.Target.Pod != first.Pod || d.Target.Namespace != first.Namespace || d.Target.Container != first.Container
	})
}

// projectOf is the compose project that all are of; "" = there is no such one.
func projectOf(list []answer.Diagnosis) string {
	for _, d := range list {
		if d.Target.Project != list[0].Target.Project {
			return ""
		}
	}
	return list[0].Target.Project
}

// headcounts counts those that failed, those in trouble, those that nobody can tell of, and those that were stopped.
func headcounts(list []answer.Diagnosis) string {
	var failed, troubled, unknown, stopped int
	for _, d := range list {
		switch {
		case d.Failed():
			failed++
		case d.Verdict.Kind == fact.VerdictTrouble:
			troubled++
		case d.Verdict.Kind == fact.VerdictUndetermined:
			unknown++
		case d.Verdict.State == fact.FineStopped:
			stopped++
		}
	}
	text := fmt.Sprintf(", %d failed", failed)
	if failed == 0 {
		text = ", none failed"
	}
	if troubled > 0 {
		text += fmt.Sprintf(", %d in trouble", troubled)
	}
	if unknown > 0 {
		text += fmt.Sprintf(", %d undecided", unknown)
	}
	if stopped > 0 {
		text += fmt.Sprintf(", %d stopped on request", stopped)
	}
	return text
}

// rows writes a line for each container, the gravest first. A sentence goes on in the
// next line and is never cut: where it ends, the reason stands.
func (p *page) rows(r answer.Report, list []answer.Diagnosis, s layout.Style) {
	names, nameWidth, stateWidth := rowNames(list), 0, len("state")
	for i, d := range list {
		nameWidth, stateWidth = max(nameWidth, layout.Cells(names[i])), max(stateWidth, layout.Cells(stateWord(d)))
	}
	nameWidth = min(nameWidth, p.Columns/4)
	stateAt := nameWidth + 2
	whatAt := stateAt + stateWidth + 2
	p.Put(p.Dim, fmt.Sprintf("%-*s%-*s%s", stateAt, "name", stateWidth+2, "state", "what"))
	p.Blank()
	fine, most := 0, maxFine
	for i, d := range list {
		if d.Verdict.Kind == fact.NotAFailure {
			fine++
		} else {
			most = fewFine
		}
		if fine > most && len(list)-i > 1 && !s.Quiet && !p.Verbose {
			left := len(list) - i
			p.Para(0, p.Text(""), p.Dimmed(fmt.Sprintf("and %s with which nothing is wrong (-q and -v list them)",
				words.Count(left, "more container"))))
			return
		}
		p.row(names[i], stateAt, whatAt, d, rowText(r, d, s.Quiet))
	}
}

func (p *page) row(name string, stateAt, whatAt int, d answer.Diagnosis, what string) {
	_, hue := p.kind(d.Verdict)
	p.Put(p.Title, name)
	used := layout.Cells(name)
	if used > stateAt-2 { // the name stays whole, and the rest begins below it
		p.Blank()
		used = 0
	}
	p.Indent(stateAt - used)
	word := stateWord(d)
	p.Put(hue, word)
	if p.Columns-whatAt < p.Columns/3 {
		p.Blank()
		whatAt, word, stateAt = stateAt, "", 0
	}
	p.lines(whatAt, stateAt+layout.Cells(word), what)
}

// rowNames are what the rows are called: the compose service where that tells all apart.
func rowNames(list []answer.Diagnosis) (names []string) {
	seen := map[string]bool{}
	for _, d := range list {
		name := d.Target.Service
		if name == "" || seen[name] || d.Target.Project != list[0].Target.Project {
			names = nil
			break
		}
		seen[name] = true
		names = append(names, layout.Name(name))
	}
	if len(names) == len(list) {
		return names
	}
	names = nil
	for _, d := range list {
		if d.Target.Namespace != list[0].Target.Namespace { // pods of one name are in many namespaces
			return inNamespaces(list)
		}
		names = append(names, layout.Name(d.Target.Name))
	}
	return names
}

// inNamespaces are the names of pods of several namespaces.
func inNamespaces(list []answer.Diagnosis) (names []string) {
	for _, d := range list {
		name := layout.Name(d.Target.Name)
		if d.Target.Namespace != "" {
			name = layout.Name(d.Target.Namespace) + "/" + name
		}
		names = append(names, name)
	}
	return names
}

// stateWord says in one or two words how a container stands; in capitals, what is not well.
func stateWord(d answer.Diagnosis) string {
	unhealthy := d.Death.At == nil && d.Lanes.Unhealthy != nil
	switch {
	case d.Death.State == fact.StateNeverStarted:
		return "NOT STARTED"
	case d.Death.State == fact.StatePaused:
		return "PAUSED"
	case d.Death.Restarted:
		return "RESTARTED"
	case d.Death.State == fact.StateRestarting:
		return "RESTARTING"
	case d.Death.EndedBy == fact.EndedByKernelOOM:
		return "OOM-KILLED"
	case unhealthy && d.CapturedAt.After(*d.Lanes.Unhealthy):
		span := words.Duration(d.CapturedAt.Sub(*d.Lanes.Unhealthy))
		if d.Lanes.UnhealthyEarlier {
			return "UNHEALTHY >" + span
		}
		return "UNHEALTHY " + span
	case d.Verdict.Kind == fact.NotAFailure:
		return strings.ToLower(fineWord(d.Verdict.State))
	case d.Death.ExitCode != nil:
		return fmt.Sprintf("EXITED %d", *d.Death.ExitCode)
	}
	return strings.ToUpper(strings.ReplaceAll(d.Death.State, "-", " "))
}

// rowText is what a line says of a container: its place in the chain, and the verdict, which a chain that stands above
// has said.
func rowText(r answer.Report, d answer.Diagnosis, alone bool) string {
	from := sufferedFrom(r.Chains, d.Target.ID)
	if !alone && explained(r, d) {
		return "suffered from " + from
	}
	title, lead := headline(d)
	text := strings.Replace(title, cause.Unasked, ", no health check", 1)
	if lead != "" {
		text += ": " + lead
	}
	if d.Verdict.Kind != fact.NotAFailure {
		text = verdictWord(d.Verdict) + " " + text
		if odds := sureness(d); odds != "" {
			text += " (" + odds + ")"
		}
	}
	if r.FellFirst(d) {
		return "fell first: " + text
	}
	if from != "" {
		return "suffered from " + from + ": " + text
	}
	return text
}

// details writes what is known of each container that failed by itself, in as many words as leave the whole short;
// verbose, of all.
func (p *page) details(r answer.Report, list []answer.Diagnosis) {
	var shown []answer.Diagnosis
	left := 0
	for _, d := range list {
		switch {
		case !p.Verbose && (!d.Failed() || explained(r, d)):
		case !p.Verbose && len(shown) == maxPages:
			left++
		default:
			shown = append(shown, d)
		}
	}
	for i, b := range budgets {
		trial := p.empty()
		for _, d := range shown {
			trial.Blank()
			trial.Rule("=")
			trial.detail(d, sufferedFrom(r.Chains, d.Target.ID), b)
		}
		lines := p.Height() + trial.Height()
		if p.Verbose || lines <= manyTall+moreTall*(len(shown)-1) || i == len(budgets)-1 {
			p.Add(trial.Page)
			break
		}
	}
	if left > 0 {
		p.Blank()
		p.Para(0, p.Text(""), p.Dimmed(fmt.Sprintf("The details of %d more that failed are left out: "+
			"gwdoctor diagnose NAME, or -v", left)))
	}
}

// detail writes one container among others: what the table and the steps on top have not said.
func (p *page) detail(d answer.Diagnosis, suffered string, b budget) {
	if p.Verbose {
		p.screen(d, suffered)
		return
	}
	p.upToWhy(d, suffered, b)
	p.unseen(d)
	if d.Verdict.Kind == fact.VerdictUndetermined {
		p.lastWords(d, b)
	}
}
