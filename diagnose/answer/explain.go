package answer

import (
	"github.com/gwdoctor/gwdoctor/diagnose/advice"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
)

// Explanation is what `gwdoctor explain` prints.
type Explanation struct {
	SchemaVersion int              `json:"schemaVersion"`
	Causes        []ExplainedCause `json:"causes"`
}

// ExplainedCause is what is known about one cause, apart from any container.
type ExplainedCause struct {
	Number   int             `json:"number"`
	ID       string          `json:"id"`
	Title    string          `json:"title"`
	Prior    float64         `json:"prior"` // decibans
	Symptom  string          `json:"symptom"`
	Reason   string          `json:"reason"`
	Detect   []string        `json:"detect"`   // how to see it by hand
	Rules    []ExplainedRule `json:"rules"`    // what speaks for and against it
	Explains []string        `json:"explains"` // causes that it can bring about
	Needs    []string        `json:"needs"`    // sources without which it cannot be told
	Fixes    []Fix           `json:"fixes"`
}

// ExplainedRule is one rule of a cause.
type ExplainedRule struct {
	ID     string  `json:"id"`
	Weight float64 `json:"weight"` // decibans; negative speaks against
	Source string  `json:"source"`
	Why    string  `json:"why"`

	Levels []ExplainedLevel `json:"levels"` // what it weighs in other circumstances
}

// ExplainedLevel is what a rule weighs in circumstances that are not its usual ones.
type ExplainedLevel struct {
	When   string  `json:"when"`
	Weight float64 `json:"weight"`
	Why    string  `json:"why"`
}

// Explain tells what is known about causes, apart from any container.
func Explain(causes []cause.Cause) Explanation {
	e := Explanation{SchemaVersion: SchemaVersion, Causes: []ExplainedCause{}}
	for _, c := range causes {
		e.Causes = append(e.Causes, explained(c))
	}
	return e
}

func explained(c cause.Cause) ExplainedCause {
	e := ExplainedCause{
		Number: c.Number, ID: c.ID, Title: c.Title, Prior: c.Prior, Symptom: c.Symptom, Reason: c.Reason,
		Detect: append([]string{}, advice.Detect(c.ID)...), Rules: []ExplainedRule{},
		Explains: causesOf(c.Explains), Needs: append([]string{}, c.Needs...), Fixes: []Fix{},
	}
	for _, r := range c.Rules {
		e.Rules = append(e.Rules, explainedRule(r))
	}
	for _, f := range advice.All(c.ID) {
		e.Fixes = append(e.Fixes, Fix(f))
	}
	return e
}

func explainedRule(r cause.Rule) ExplainedRule {
	e := ExplainedRule{ID: r.ID, Weight: r.Weight, Source: r.Source, Why: r.Why, Levels: []ExplainedLevel{}}
	for _, l := range r.Levels {
		e.Levels = append(e.Levels, ExplainedLevel{When: l.Name, Weight: l.Weight, Why: l.Why})
	}
	return e
}

// causesOf keeps the causes among what a cause explains; the named others are what it failed on.
func causesOf(ids []string) []string {
	list := []string{}
	for _, id := range ids {
		if _, ok := cause.ByID(id); ok {
			list = append(list, id)
		}
	}
	return list
}
