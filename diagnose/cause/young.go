package cause

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// young is the level of a run that is too short to show anything.
const young = "started a moment ago"

// justBegun is a time in which no program has shown yet that it stays: an interpreter still imports.
const justBegun = 3 * time.Second

// doubtOfYoung says why a run that goes on is no proof yet that all is well; "" = there is no such reason. What has
// said that it is ready, or has passed a probe, has come up.
func doubtOfYoung(c inquest.Case, age time.Duration) string {
	switch {
	case forgottenEnds(c) && age < c.Status.ProvedAfter:
		return "it was restarted " + words.Times(c.Status.Restarts) + ", and how the runs before ended is not kept " +
			"any more: whether this one stays is not known"
	case age < justBegun && !cameUp(c):
		return "that is too short to show whether it stays"
	}
	return ""
}

// forgottenEnds tells whether the container was restarted, and the end of no run before is known.
func forgottenEnds(c inquest.Case) bool {
	return c.Status.Restarts > 0 && len(c.EarlierEnds) == 0 && len(c.Lives) < 2
}

// cameUp tells whether anything shows that the examined run has come up.
func cameUp(c inquest.Case) bool {
	ready := c.Log != nil && c.Log.Lifecycle.Ready != nil
	passed := slices.ContainsFunc(c.Probes, func(p inquest.Probe) bool { return !p.Failed() })
	listening := c.Process != nil && len(c.Process.Listeners) > 0
	return ready || passed || listening
}
