package answer

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/rank"
)

// TestUndeterminedNamesNoUnlikelyCause: a cause is named as the most likely one only where it is that, and may be it.
func TestUndeterminedNamesNoUnlikelyCause(t *testing.T) {
	worker, _ := cause.ByID(fact.WorkerCrash)
	hung, _ := cause.ByID(fact.HealthcheckTimeout)
	other, _ := cause.ByID(fact.SomethingElse)
	fine, _ := cause.ByID(fact.NotAFailure)
	for name, tt := range map[string]struct {
		list []rank.Hypothesis
		says string
	}{
		"it may be it": {[]rank.Hypothesis{{Cause: other, Probability: .5}, {Cause: hung, Own: 6, Probability: .4}},
			"(40 %)"},
		"it is hardly it": {[]rank.Hypothesis{{Cause: other, Probability: .9}, {Cause: hung, Own: 6, Probability: .004}},
			"outweighed"},
		"another is likelier, for which nothing speaks": {[]rank.Hypothesis{{Cause: other, Probability: .6},
			{Cause: worker, Probability: .2}, {Cause: hung, Own: 6, Probability: .1}}, "outweighed"},
		"nothing speaks for any": {[]rank.Hypothesis{{Cause: other, Probability: .9}, {Cause: hung, Probability: .1}},
			"nothing that was seen speaks"},
		"it may be well": {[]rank.Hypothesis{{Cause: other, Probability: .4}, {Cause: fine, Own: 7, Probability: .4,
			Findings: []cause.Finding{{Weight: 7, Summary: "it is running, for 2 s"}}}, {Cause: hung, Probability: .1}},
			"perhaps nothing failed: it is running, for 2 s"},
	} {
		if got := undetermined(tt.list); !strings.Contains(got, tt.says) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestEndAgreesWithVerdict: an end is not called the kernel's where the verdict cannot tell.
func TestEndAgreesWithVerdict(t *testing.T) {
	other, _ := cause.ByID(fact.SomethingElse)
	oom, _ := cause.ByID(fact.OOMKill)
	var c inquest.Case
	c.Death = inquest.Death{EndedBy: fact.EndedByKernelOOM, ExitCode: new(int)}
	for name, tt := range map[string]struct {
		list []rank.Hypothesis
		says string
	}{
		"it is the cause": {[]rank.Hypothesis{{Cause: oom, Own: 18, Probability: .9}}, killedByKernel + " ("},
		"nobody can tell": {[]rank.Hypothesis{{Cause: other, Own: 9, Probability: .6}}, "killed by SIGKILL (exit code 0)"},
	} {
		if got := deathView(c, tt.list).Chain[0]; !strings.HasPrefix(got, tt.says) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
