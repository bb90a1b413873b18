package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// percent never says 0 % or 100 %: nothing is certain here.
func percent(p float64) string {
	switch {
	case p > 0.99:
		return ">99 %"
	case p < 0.01:
		return "<1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*p)
}

// likelihood puts a probability into words.
func likelihood(p float64) string {
	switch {
	case p >= 0.95:
		return "almost certain"
	case p >= 0.8:
		return "very likely"
	case p >= 0.5:
		return "likely"
	case p >= 0.2:
		return "possible"
	case p >= 0.05:
		return "unlikely"
	}
	return "very unlikely"
}

// bar draws a probability in width cells; more than nothing is never empty.
func bar(p float64, width int) string {
	n := int(math.Round(p * float64(width)))
	if p >= 0.01 {
		n = max(n, 1)
	}
	line := make([]byte, width)
	for i := range line {
		line[i] = '.'
		if i < n {
			line[i] = '#'
		}
	}
	return string(line)
}

// decibans is a weight with its sign.
func decibans(f answer.Finding) string {
	sign := "+"
	if f.Says == fact.SaysAgainst {
		sign = "-"
	}
	return fmt.Sprintf("%s%.0f", sign, f.Weight)
}

// relative tells a distance in time from the end, with its sign. Below a minute it
// has tenths always, so that a column of them can be read down.
func relative(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	switch {
	case d < 50*time.Millisecond:
		return "0 s"
	case d < time.Minute:
		return fmt.Sprintf("%s%.1f s", sign, d.Seconds())
	}
	return sign + words.Duration(d)
}

// oneSentence is a diagnosis's one sentence in a list: where the chain shows that the
// container only suffered, that comes first.
func oneSentence(r answer.Report, d answer.Diagnosis) string {
	if from := sufferedFrom(r.Chains, d.Target.ID); from != "" {
		return "suffered from " + from + ": " + d.Verdict.Summary
	}
	return d.Verdict.Summary
}

// sufferedFrom names the containers whose fall a container suffered from; "" =
// nothing shows that.
func sufferedFrom(chains []answer.Chain, id string) string {
	var names []string
	for _, c := range chains {
		for _, l := range c.Links {
			if l.ID != id || l.Role != answer.RoleSuffered {
				continue
			}
			for _, b := range l.Because {
				names = append(names, nameIn(c, b))
			}
		}
	}
	return strings.Join(names, ", ")
}

// nameIn is what a chain calls the container of a tie.
func nameIn(c answer.Chain, b answer.Because) string {
	for _, l := range c.Links {
		if l.ID == b.ID {
			return l.Name()
		}
	}
	return b.Container
}
