package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// step is one thing to do, and of which containers: one that several ask for stands once.
type step struct {
	answer.Advice
	For []string // names, as the rows have them
}

// Bounds of what the head of a report on several containers says to do.
const (
	maxNow  = 3
	maxThen = 3
)

// stepsOf gathers what to do about containers, the gravest first, with what is for now before what is for then; left
// counts the steps for which there is no room. Of each container the first change alone stands here.
func stepsOf(list []answer.Diagnosis) (steps []step, left int) {
	names := rowNames(list)
	var now, then []step
	for i, d := range list {
		changed := false
		for _, a := range doList(d) {
			switch {
			case a.When == answer.AdviceNow:
				now = withStep(now, a, names[i])
			case !changed:
				then, changed = withStep(then, a, names[i]), true
			}
		}
	}
	left = max(len(now)-maxNow, 0) + max(len(then)-maxThen, 0)
	return append(now[:min(len(now), maxNow):min(len(now), maxNow)], then[:min(len(then), maxThen)]...), left
}

// withStep adds a step, or a name to the one that says the same. Of commands that are joined, what an earlier step does
// already is left out.
func withStep(list []step, a answer.Advice, name string) []step {
	for i, s := range list {
		if s.Command == a.Command && s.Title == a.Title && samePlace(s.Place, a.Place) {
			list[i].For = append(list[i].For, name)
			return list
		}
	}
	if a.Command == "" {
		return append(list, step{a, []string{name}})
	}
	const and = " && "
	rest := slices.DeleteFunc(strings.Split(a.Command, and), func(part string) bool {
		return slices.ContainsFunc(list, func(s step) bool { return slices.Contains(strings.Split(s.Command, and), part) })
	})
	switch trimmed := strings.Join(rest, and); {
	case trimmed == "":
		return list
	case trimmed != a.Command:
		a.Command, a.Title = trimmed, "Once the step above is done"
	}
	return append(list, step{a, []string{name}})
}

func samePlace(a, b *answer.Place) bool { return a == b || a != nil && b != nil && *a == *b }

// Whom names the containers that a step is for, the first few of many.
func (s step) Whom() string {
	const most = 3
	if len(s.For) > most {
		return strings.Join(s.For[:most], ", ") + fmt.Sprintf(" and %d more", len(s.For)-most)
	}
	return strings.Join(s.For, ", ")
}

// steps writes what to do about several containers: commands as they stand, changes with their containers. Where one
// container alone asks for something, its snippet stands here, too.
func (p *page) steps(list []answer.Diagnosis) {
	steps, left := stepsOf(list)
	last := ""
	for _, s := range steps {
		label := ""
		if s.When != last {
			p.Blank()
			label = strings.ToUpper(s.When)
		}
		last = s.When
		if s.Command != "" {
			p.Shell(gutter, label, s.Command)
			continue
		}
		p.Para(gutter, layout.Hued(label, p.Title), layout.Hued(s.Whom()+":", p.Title), p.Text(adviceTitle(s.Advice)))
	}
	if left > 0 {
		p.Para(gutter, p.Text(""), p.Dimmed("and "+words.Count(left, "more step")+": see below, or -v"))
	}
}

// explained tells whether the chain on top says all that matters of a container: it suffered from another one.
func explained(r answer.Report, d answer.Diagnosis) bool {
	return sufferedFrom(r.Chains, d.Target.ID) != "" && d.Verdict.Kind != fact.VerdictUndetermined
}
