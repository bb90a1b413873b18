package answer

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// ByGravity lists the diagnoses as somebody reads them who has little time: what fell
// first and drew others with it, then what failed, then trouble, then the rest; those
// alike in the order of the report.
func (r Report) ByGravity() []Diagnosis {
	list := slices.Clone(r.Diagnoses)
	slices.SortStableFunc(list, func(a, b Diagnosis) int { return r.gravity(a) - r.gravity(b) })
	return list
}

// gravity is lowest for the gravest.
func (r Report) gravity(d Diagnosis) int {
	if r.role(d.Target.ID) == RoleFirst {
		return 0
	}
	switch d.Verdict.Kind {
	case fact.VerdictCause:
		return 1
	case fact.VerdictOther:
		return 2
	case fact.VerdictTrouble:
		return 3
	case fact.VerdictUndetermined:
		return 4
	}
	if d.Verdict.State == fact.StatePaused || d.Verdict.State == fact.FineRecovered {
		return 5
	}
	return 6
}

// role is the place that a container has in one of the chains; "" = it is in none.
func (r Report) role(id string) string {
	for _, c := range r.Chains {
		for _, l := range c.Links {
			if l.ID == id {
				return l.Role
			}
		}
	}
	return ""
}

// FellFirst tells whether others fell after a container and because of it.
func (r Report) FellFirst(d Diagnosis) bool { return r.role(d.Target.ID) == RoleFirst }
