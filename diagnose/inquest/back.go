package inquest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// WentOn tells whether the service showed life after a finding.
func (c Case) WentOn(f servicelog.Finding) bool { return c.Back(f) != "" }

// Back says by what a service shows that it got over a finding, the most telling first; "" = nothing shows it.
func (c Case) Back(f servicelog.Finding) string {
	if c.Log == nil || c.failedNewest(f) {
		return ""
	}
	for _, sign := range []func(servicelog.Finding) string{c.cameUpLater, c.passesAgain, c.answersAgain, c.worksAgain,
		c.connectedAgain, c.endedWell, c.printedOn, c.workedOn, c.complainsNoMore, c.handled} {
		if text := sign(f); text != "" {
			return text
		}
	}
	return ""
}

// failedNewest tells whether a pool ran dry, or a handler threw, until the newest requests, which were answered with
// errors. A health check that asks for something else passes all the while, and takes nothing of it back.
func (c Case) failedNewest(f servicelog.Finding) bool {
	if f.Cause != fact.PoolExhaustion && f.Cause != fact.ExceptionHandlerFailure {
		return false
	}
	return slices.ContainsFunc(c.Log.Findings, func(r servicelog.Finding) bool {
		return r.Other == fact.RequestsFail && !f.LastAt.Before(r.LastAt.Add(-clockSlack))
	})
}

// ofDependency tells whether a finding is of something that the service needs and could not use.
func ofDependency(f servicelog.Finding) bool {
	return f.Other == fact.DependencyDown || f.Other == fact.DependencyLost
}

// cameUpLater: workers were killed before they had come up, and others came up since.
func (c Case) cameUpLater(f servicelog.Finding) string {
	if ready := c.Log.Lifecycle.Ready; slowBoot(f) && ready != nil && ready.After(f.LastAt) {
		return "a worker came up since"
	}
	return ""
}

// passesAgain: the health check failed while a dependency was complained of, or while something blocked the service,
// and has passed since the last complaint, or it has passed again and again. Such a check asks for the dependency, and
// what is blocked passes none. What was complained of in a rhythm must have missed its turn.
func (c Case) passesAgain(f servicelog.Finding) string {
	r := c.Recovered
	missed := f.Count < rhythmic || c.Now.Sub(f.LastAt) >= f.Gap()
	measured := ofDependency(f) || f.Cause == fact.HealthcheckTimeout
	failedThen := r != nil && measured && missed && !f.LastAt.Before(r.From) && f.LastAt.Before(r.To)
	if failedThen || c.passedSince(f.LastAt.Add(overAfter(f))) >= minPassed {
		return "its health check passes again"
	}
	return ""
}

// answersAgain: requests were answered with errors while it lasted, and are answered well since.
func (c Case) answersAgain(f servicelog.Finding) string {
	a := c.Log.Answers
	if a.WellSince.IsZero() || a.Well < minAnswers || a.FailedAt.Before(Began(f).Add(-clockSlack)) ||
		f.LastAt.After(a.WellSince.Add(clockSlack)) {
		return ""
	}
	return "its requests are answered again"
}

// minAnswers is how many answers in a row are more than luck.
const minAnswers = 3

// worksAgain: a line that came before, and not while it lasted, comes again.
func (c Case) worksAgain(f servicelog.Finding) string {
	if f.Resumed == "" || !ofDependency(f) && f.Cause != fact.PoolExhaustion {
		return ""
	}
	return fmt.Sprintf("it prints %q again", f.Resumed)
}

// connectedAgain: a connection stands to the neighbour that was complained of, which runs again. While it was away,
// there could be none.
func (c Case) connectedAgain(f servicelog.Finding) string {
	n := c.complainedOf(f)
	if n == nil || c.Process == nil || c.Process.At.Sub(f.LastAt) < max(clockSlack, f.Gap()) {
		return ""
	}
	for _, r := range c.Process.Remotes {
		if r.State == "ESTABLISHED" && slices.Contains(n.Addresses, r.Address) {
			return "it is connected to " + Dependency{Neighbour: *n}.Called() + " again"
		}
	}
	return ""
}

// complainsNoMore: what complained in a rhythm has missed several turns, and what it complained of runs again.
func (c Case) complainsNoMore(f servicelog.Finding) string {
	n, silent := c.complainedOf(f), c.Now.Sub(f.LastAt)
	if n == nil || f.Spell.Count < rhythmic || silent < recoveryTime || silent < 2*recoveryGaps*f.Gap() || c.Blocked() {
		return ""
	}
	return fmt.Sprintf("%s runs again, and it has not complained for %s", Dependency{Neighbour: *n}.Called(),
		words.Duration(silent))
}

// complainedOf is the neighbour that a complaint names, where it runs and has been started again since the trouble
// began; nil = none of those that are known.
func (c Case) complainedOf(f servicelog.Finding) *evidence.Neighbour {
	if !c.Alive() || !ofDependency(f) || len(c.Stuck) > 0 {
		return nil
	}
	host, _, _ := strings.Cut(f.Object, ":")
	var found *evidence.Neighbour
	for i, n := range c.Neighbours {
		named := n.Is(host)
		if !named && (host != "" || !needs(c.Spec, n)) || n.State != fact.StateRunning || n.StartedAt == nil ||
			n.StartedAt.Before(Began(f).Add(-clockSlack)) {
			continue
		}
		if found != nil {
			return nil // a line without a name may be of either
		}
		found = &c.Neighbours[i]
	}
	return found
}

// endedWell: it ended by itself with success, and had done some work after what it could not reach for a while.
func (c Case) endedWell(f servicelog.Finding) string {
	code, known := c.Exit()
	succeeded := known && code == 0 && c.Death.EndedBy == fact.EndedByOwnExit
	if !ofDependency(f) && f.Cause != fact.StartupFailure || !succeeded || c.goodLinesSince(f.LastAt) == 0 {
		return ""
	}
	return "it did its work and ended with success"
}

// cameUp tells whether what looks like the end of a start was caught and tried again: the program did good work in the
// same life, and goes on with it, or ended by itself with success. A server says itself whether it came up, and a
// parent of workers prints on while none of them does.
func (c Case) cameUp(f servicelog.Finding) bool {
	code, known := c.Exit()
	good := c.goodLinesSince(f.LastAt)
	switch {
	case c.Log.Lifecycle.Server != "":
		return false
	case c.Alive():
		return good >= fewGoodLines && c.printedOn(f) != ""
	}
	return good > 0 && known && code == 0 && c.Death.EndedBy == fact.EndedByOwnExit
}

// printedOn: it has printed other things for a while.
func (c Case) printedOn(f servicelog.Finding) string {
	went := c.Log.LastAt.Sub(f.LastAt)
	if went < overAfter(f) {
		return ""
	}
	return "the service went on for " + words.Duration(went) + " without it"
}

// workedOn: it lives, and did much good work after a finding that is not of this moment; silence since then takes
// nothing of it back.
func (c Case) workedOn(f servicelog.Finding) string {
	went := c.Log.LastAt.Sub(f.LastAt)
	if !c.Alive() || c.Now.Sub(f.LastAt) < overAfter(f) || went < goodMoment ||
		c.goodLinesSince(f.LastAt) < manyGoodLines {
		return ""
	}
	return "it has worked on for " + words.Duration(went)
}

// goodLinesSince counts the lines of good work among the log's last ones. Silence, and lines of waiting and trying
// again, are no work.
func (c Case) goodLinesSince(at time.Time) int {
	good := 0
	for _, l := range c.Log.Tail {
		if l.At.After(at) && !servicelog.Struggles(l.Text) {
			good++
		}
	}
	return good
}

// Episode is a trouble that the log told of, and that is over.
type Episode struct {
	servicelog.Finding
	From, To time.Time
	Back     string // what shows that it is over
}

// GotOver returns the newest episode that the service got over, and that was more than a weak hint; nil = there was
// none. What was told of at the same time belongs to it.
func (c Case) GotOver() *Episode {
	if c.Log == nil {
		return nil
	}
	var over []servicelog.Finding
	for _, f := range c.Log.Findings {
		if (f.Cause != "" || f.Other != "") && f.Strength != fact.Weak && c.Over(f) {
			over = append(over, f)
		}
	}
	if len(over) == 0 {
		return nil
	}
	slices.SortStableFunc(over, func(a, b servicelog.Finding) int { return b.LastAt.Compare(a.LastAt) })
	e := &Episode{Finding: over[0], From: Began(over[0]), To: over[0].LastAt, Back: c.Back(over[0])}
	for _, f := range over[1:] {
		if f.LastAt.Before(e.From.Add(-recoveryTime)) {
			break
		}
		if began := Began(f); began.Before(e.From) {
			e.From = began
		}
	}
	return e
}
