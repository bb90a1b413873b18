// Package chain tells which of several containers fell first, and who suffered from it. It blames only on evidence: a
// container suffered from another where it named that one itself, after it had fallen.
//
//	redis OOM-killed 11:48:36, gateway's log 11:48:37 "connecting to redis:6379" ─► first redis, suffered gateway
//
// Contract: pure; the order in which the containers come changes nothing.
package chain

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const (
	// beforeFall is how much earlier than a fall the first word of it may be stamped:
	// clients notice while the other's end is still being recorded.
	beforeFall = time.Second
	// afterReturn is for how long after a service came back an error may still be
	// of its absence: clients cache names and back off.
	afterReturn = time.Minute
	// together is the time within which falls of one project belong to one story.
	together = 10 * time.Minute
)

// Of ties the falls of several containers together. It blames only on
// evidence: B suffered from A where B itself named A after A had fallen, and B's own
// cause does not come from inside B. Projects without a tie have no chain.
func Of(list []answer.Diagnosis) []answer.Chain {
	var fallen []*domino
	for i := range list {
		if d := fallOf(&list[i]); d != nil {
			fallen = append(fallen, d)
		}
	}
	inOrder(fallen)
	for i, b := range fallen {
		b.because = ties(b, fallen[:i])
	}
	for i, b := range fallen {
		if len(b.because) == 0 {
			b.because = lateTies(b, fallen[i+1:])
		}
	}
	inOrder(fallen)
	chains := []answer.Chain{}
	for _, group := range grouped(fallen) {
		if slices.ContainsFunc(group, func(d *domino) bool { return len(d.because) > 0 }) &&
			slices.ContainsFunc(group, func(d *domino) bool { return d.d.Failed() }) {
			chains = append(chains, chainOf(group))
		}
	}
	return chains
}

// inOrder sorts by when the trouble began, and the same way whatever came first.
func inOrder(list []*domino) {
	slices.SortStableFunc(list, func(a, b *domino) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.d.Target.Name, b.d.Target.Name),
			strings.Compare(a.d.Target.ID, b.d.Target.ID))
	})
}

// domino is a container in trouble.
type domino struct {
	d       *answer.Diagnosis
	at      time.Time // when its trouble began
	back    *time.Time
	steps   []answer.Moment
	because []tie
	group   int
}

type tie struct {
	to   *domino
	says *answer.PeerError
}

// fallOf works out a container's own fall from its diagnosis; nil where it had no
// trouble.
func fallOf(d *answer.Diagnosis) *domino {
	var steps []answer.Moment
	if p := firstOfStreak(d.Lanes.Probes); p != nil && (d.Lanes.Unhealthy != nil || d.Death.EndedBy != fact.EndedByNone) {
		steps = append(steps, answer.Moment{At: p.At, Source: fact.SourceHealth, What: probeWords(d, p.At)})
	}
	if at := d.Lanes.Unhealthy; at != nil {
		what := "turned unhealthy"
		if d.Lanes.UnhealthyEarlier {
			what = "was unhealthy already"
		}
		steps = append(steps, answer.Moment{At: *at, Source: fact.SourceEvents, What: what})
	}
	for _, m := range d.Timeline {
		if m.Kind == fact.EventPaused && d.Death.State == fact.StatePaused {
			steps = append(steps, answer.Moment{At: m.At, Source: m.Source, What: "was paused"})
		}
	}
	if d.Death.At != nil && len(d.Death.Chain) > 0 {
		steps = append(steps, answer.Moment{At: *d.Death.At, Source: fact.SourceInspect, What: d.Death.Chain[0]})
	}
	if c := unanswered(d); c != nil {
		steps = append(steps, answer.Moment{At: c.At, Source: c.Source, What: "complained of " + c.Peer()})
	}
	if len(steps) == 0 {
		return nil
	}
	slices.SortStableFunc(steps, func(a, b answer.Moment) int { return a.At.Compare(b.At) })
	return &domino{d: d, at: steps[0].At, back: comeback(d), steps: steps}
}

// probeWords is what the timeline says of the probe at a moment.
func probeWords(d *answer.Diagnosis, at time.Time) string {
	for _, m := range d.Timeline {
		if m.Source == fact.SourceHealth && m.At.Equal(at) {
			return m.What
		}
	}
	return "its health check began to fail"
}

// unanswered is what a container first said of another; nil = it had none, or its
// cause comes from inside it.
func unanswered(d *answer.Diagnosis) *answer.PeerError {
	if fromInside[d.Verdict.Cause] || len(d.PeerErrors) == 0 {
		return nil
	}
	return &d.PeerErrors[0]
}

// fromInside are the causes that no other service can bring about.
var fromInside = map[string]bool{fact.OOMKill: true, fact.InterpreterCrash: true, fact.LoggingFailure: true}

// firstOfStreak returns the first probe of the failures that last until the end.
func firstOfStreak(list []answer.LaneProbe) *answer.LaneProbe {
	var first *answer.LaneProbe
	for i := len(list) - 1; i >= 0 && list[i].Failed; i-- {
		first = &list[i]
	}
	return first
}

// comeback returns when a later run began; nil = it is still down.
func comeback(d *answer.Diagnosis) *time.Time {
	for _, r := range d.Lanes.Runs {
		if r.Start != nil && d.Death.At != nil && r.Start.After(*d.Death.At) {
			return r.Start
		}
	}
	return nil
}

// ties finds on which of the earlier dominoes b depended when it fell.
func ties(b *domino, earlier []*domino) []tie {
	if fromInside[b.d.Verdict.Cause] {
		return nil
	}
	var list []tie
	for i := range b.d.PeerErrors {
		c := &b.d.PeerErrors[i]
		if a := named(b, c, earlier); a != nil && a.explains(c) && !tied(list, a) {
			list = append(list, tie{a, c})
		}
	}
	if len(list) > 0 || !b.d.Failed() {
		return list
	}
	for _, a := range earlier {
		if a.d.Target.Project != "" && a.d.Target.Project == b.d.Target.Project && b.at.Sub(a.at) <= together &&
			slices.Contains(b.d.Target.DependsOn, a.d.Target.Service) && !tied(list, a) {
			list = append(list, tie{to: a})
		}
	}
	return list
}

// lateTies is for a container whose own trouble had begun before, of which nothing
// is explained: a slow check, an odd line. Where one that fell by itself then ended,
// and it named that, it suffered from then on.
func lateTies(b *domino, later []*domino) []tie {
	if fromInside[b.d.Verdict.Cause] {
		return nil
	}
	for i := range b.d.PeerErrors {
		c := &b.d.PeerErrors[i]
		a := named(b, c, later)
		if a != nil && len(a.because) == 0 && a.d.Death.At != nil && a.explains(c) &&
			!c.At.Before(a.d.Death.At.Add(-beforeFall)) {
			b.at = c.At
			return []tie{{a, c}}
		}
	}
	return nil
}

func tied(list []tie, a *domino) bool {
	return slices.ContainsFunc(list, func(t tie) bool { return t.to == a })
}

// explains tells whether a's absence covers the time at which it was missed.
func (a *domino) explains(c *answer.PeerError) bool {
	return !c.At.Before(a.at.Add(-beforeFall)) && (a.back == nil || !c.At.After(a.back.Add(afterReturn)))
}

// named finds the one container that is named: in its own project first,
// then on a network that both are on, then by a name that a whole cluster knows. nil where none is, or several are that
// do not serve in one another's place.
func named(b *domino, c *answer.PeerError, list []*domino) *domino {
	mine, theirs := b.d.Target, func(a *domino) answer.Target { return a.d.Target }
	for _, near := range []func(*domino) bool{
		func(a *domino) bool { return mine.Project != "" && theirs(a).Project == mine.Project },
		func(a *domino) bool {
			return slices.ContainsFunc(theirs(a).Networks, func(n string) bool { return slices.Contains(mine.Networks, n) })
		},
		func(a *domino) bool {
			return mine.Namespace != "" && theirs(a).Namespace != "" && strings.Contains(c.Host, ".")
		},
	} {
		var found []*domino
		for _, a := range list {
			if near(a) && slices.ContainsFunc(theirs(a).Aliases, func(s string) bool { return strings.EqualFold(s, c.Host) }) {
				found = append(found, a)
			}
		}
		if len(found) > 0 {
			return oneOf(found, c)
		}
	}
	return nil
}

// oneOf is the one of several that bear a name. Replicas of one workload do: the first to fall of those whose absence
// covers the complaint is meant as much as any.
func oneOf(found []*domino, c *answer.PeerError) *domino {
	first := found[0].d.Target
	for _, a := range found[1:] {
		if t := a.d.Target; t.Namespace == "" || t.Owner == "" || t.Owner != first.Owner || t.Namespace != first.Namespace {
			return nil
		}
	}
	if i := slices.IndexFunc(found, func(a *domino) bool { return a.explains(c) }); i >= 0 {
		return found[i]
	}
	return found[0]
}

// grouped joins dominoes that are tied, and those that failed in the same minutes
// of the same project, oldest first.
func grouped(list []*domino) [][]*domino {
	for i, d := range list {
		d.group = i
	}
	join := func(a, b *domino) {
		from, to := max(a.group, b.group), min(a.group, b.group)
		for _, d := range list {
			if d.group == from {
				d.group = to
			}
		}
	}
	for i, b := range list {
		for _, t := range b.because {
			join(t.to, b)
		}
		for _, a := range list[:i] {
			if a.d.Failed() && b.d.Failed() && a.d.Target.Project != "" && a.d.Target.Project == b.d.Target.Project &&
				b.at.Sub(a.at) <= together {
				join(a, b)
			}
		}
	}
	var groups [][]*domino
	for i := range list {
		var group []*domino
		for _, d := range list {
			if d.group == i {
				group = append(group, d)
			}
		}
		if len(group) > 1 {
			groups = append(groups, group)
		}
	}
	return groups
}

func chainOf(group []*domino) answer.Chain {
	chain := answer.Chain{Links: []answer.Link{}}
	for i, d := range group {
		link := answer.Link{
			ID: d.d.Target.ID, Container: d.d.Target.Name, Service: d.d.Target.Service, Role: role(d, group),
			At: d.at, Failed: d.d.Failed(), Steps: d.steps, Because: []answer.Because{},
		}
		if i > 0 {
			link.AfterSeconds = d.at.Sub(group[i-1].at).Seconds()
		}
		for _, t := range d.because {
			link.Because = append(link.Because, answer.Because{ID: t.to.d.Target.ID, Container: t.to.d.Target.Name,
				PeerError: t.says})
		}
		chain.Links = append(chain.Links, link)
	}
	chain.Summary = chainSummary(chain.Links)
	return chain
}

func role(d *domino, group []*domino) string {
	for _, t := range d.because {
		if t.says != nil {
			return answer.RoleSuffered
		}
	}
	if len(d.because) > 0 {
		return answer.RolePossibly
	}
	for _, other := range group {
		if tied(other.because, d) {
			return answer.RoleFirst
		}
	}
	return answer.RoleUnlinked
}

// chainSummary tells the chain in one sentence.
func chainSummary(links []answer.Link) string {
	var parts []string
	for _, role := range []struct{ name, words string }{
		{answer.RoleFirst, "fell first"}, {answer.RoleSuffered, "suffered from it"},
		{answer.RolePossibly, "may have suffered from it"},
		{answer.RoleUnlinked, "also fell, and nothing ties it to the others"},
	} {
		var names []string
		for _, l := range links {
			if l.Role == role.name {
				names = append(names, l.Name())
			}
		}
		if len(names) > 0 {
			parts = append(parts, strings.Join(names, ", ")+" "+role.words)
		}
	}
	return strings.Join(parts, "; ")
}
