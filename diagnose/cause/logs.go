package cause

import (
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Weights of the service log's findings. A root line names the failure itself; a
// mechanism line says how the failure ended the process; a symptom is printed by
// others who suffered. Conclusive lines are printed by one emitter for one reason
// (docs/notes/PYTHON.md's C rows: a thousand to one); strong ones have a known second
// reading (S rows: about twenty to one); weak ones are only support.
var logWeights = map[fact.Role]map[fact.Strength]float64{
	fact.RoleRoot:      {fact.Conclusive: 30, fact.Strong: 14, fact.Weak: 4},
	fact.RoleMechanism: {fact.Conclusive: 18, fact.Strong: 9, fact.Weak: 3},
	fact.RoleSymptom:   {fact.Conclusive: 10, fact.Strong: 6, fact.Weak: 2},
}

// logEpisode is the most that an episode weighs which the service got over.
const logEpisode = 5.0

// logRule sees what the service itself printed about a cause. Findings of one
// role are one fact: a flood of the same line, or three libraries complaining of
// one empty pool, is not three proofs.
func logRule(cause string) Rule {
	return Rule{
		ID: "log-" + cause, Weight: logWeights[fact.RoleRoot][fact.Conclusive], Source: fact.SourceLogs,
		Why: "what the service printed itself; root, mechanism and symptom lines weigh 30, 18 and 10 when conclusive, less when strong or weak (docs/notes/PYTHON.md)",
		See: func(c inquest.Case) []Sight {
			var sights []Sight
			for _, f := range c.LogFindings(cause) {
				weight := logWeights[f.Role][f.Strength]
				over := c.Over(f)
				switch {
				case over:
					weight = min(weight, logEpisode)
				case survived(c) && c.WentOn(f):
					weight = min(weight, logWeights[fact.RoleRoot][fact.Strong])
				}
				in, of, loop := c.Recurs(f.ID)
				if loop && in == 1 && c.LoopReason() {
					weight = min(weight, logEpisode)
				}
				s := Sight{ID: f.ID, Fact: "log-" + string(f.Role), Weight: &weight, Excerpt: f.Excerpt, Line: f.Line}
				if !f.At.IsZero() {
					at := f.At
					s.At = &at
				}
				s.Summary = logSummary(f)
				if loop {
					s.Summary += fmt.Sprintf(", in %d of %d starts", in, of)
				}
				if e := f.Exception; e != nil && e.Type != "" {
					s.Summary += "; " + exceptionSummary(e.Type, e.Message)
					if e.Direct && len(e.Chain) > 1 {
						s.Summary += "; it began with " + clip(e.Chain[0], longestMessage)
					}
				}
				if over {
					s.Summary += "; the service went on for " + words.Span(c.Log.LastAt.Sub(f.LastAt)) + " without it"
				}
				sights = append(sights, s)
			}
			return sights
		},
	}
}

// silentRule speaks against a cause that shows itself in the service's log, when
// the whole log of the run was read and holds no line of it.
func silentRule(cause string, weight float64) Rule {
	return Rule{
		ID: "log-silent-" + cause, Weight: weight, Source: fact.SourceLogs,
		Why: "the run's whole log was read and has no line of this cause; logs do lose last words (buffering, SIGKILL), so this is mild",
		See: func(c inquest.Case) []Sight {
			if c.Log == nil || c.Log.Lines == 0 || len(c.LogFindings(cause)) > 0 || c.Source(fact.SourceLogs).Status != fact.StatusCollected {
				return nil
			}
			return saw(nil, fmt.Sprintf("the service's log (%s) has no line of it", words.Count(c.Log.Lines, "line")), "")
		},
	}
}

// survived tells whether the run was stopped on request, ended with success and was
// never unhealthy: then a failure in its log that it outlived may be anything from
// the reason to a side show, and weighs no more than a strong hint.
func survived(c inquest.Case) bool {
	code, known := c.Exit()
	return c.Death.Request != nil && known && code == 0 && c.Unhealthy == nil
}

// logSummary says what a signature's line means, where it stands and how often.
func logSummary(f servicelog.Finding) string {
	summary := fmt.Sprintf("the service's log says so (line %d)", f.Line)
	if meaning := f.Meaning(); meaning != "" {
		summary = fmt.Sprintf("%s (log line %d)", meaning, f.Line)
	}
	if f.Count > 1 {
		summary += fmt.Sprintf(", %d times", f.Count)
	}
	return summary
}

// longestMessage bounds an exception's text in a summary; the excerpt has more.
const longestMessage = 160

// exceptionSummary names an exception. The root of its chain is told only where
// the program chained it on purpose ("direct cause"): what merely happened during
// the handling is often plumbing, as redis' IndexError from an empty pool.
func exceptionSummary(kind, message string) string {
	if message == "" {
		return kind
	}
	return kind + ": " + clip(message, longestMessage)
}

func clip(s string, most int) string {
	for i, r := range s {
		if i >= most || r == '\n' {
			return s[:i] + "…"
		}
	}
	return s
}
