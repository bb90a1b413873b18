package chain

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// well is a service of project shop that runs and has no trouble of its own.
func well(service string) answer.Diagnosis {
	d := ended(service, 0, "")
	d.Verdict.State, d.Death = fact.FineOK, answer.Death{EndedBy: fact.EndedByNone}
	return d
}

// refused is a client whose verdict is that a service refuses it, as it said some seconds before it was captured.
func refused(service, by string, before time.Duration) answer.Diagnosis {
	d := ended(service, 0, "")
	d.Verdict = answer.Verdict{Kind: fact.VerdictOther, Other: &answer.Other{ID: fact.DependencyRefuses}, Confidence: 0.98}
	d.CapturedAt = noon.Add(time.Hour)
	d.PeerErrors = []answer.PeerError{{Host: by, LastAt: d.CapturedAt.Add(-before), Refused: true,
		Excerpt: "OOM command not allowed"}}
	return d
}

func TestRefusing(t *testing.T) {
	const refuses = "it runs, but refuses shop-batch-1, shop-gateway-1: OOM command not allowed"
	down := complaining(refused("gateway", "redis", 0), "redis", 3600)
	down.PeerErrors = down.PeerErrors[1:] // it could not be reached, which is another matter
	elsewhere := refused("gateway", "redis", 0)
	elsewhere.Target.Project = "other"
	fell := ended("redis", 0, fact.OOMKill)
	two := []answer.Diagnosis{well("redis"), refused("batch", "redis", 0), refused("gateway", "redis", 0)}
	for name, test := range map[string]struct {
		list []answer.Diagnosis // the first one is redis
		want string             // its summary; "" = as before
	}{
		"two clients":          {two, refuses},
		"long ago":             {[]answer.Diagnosis{well("redis"), refused("batch", "redis", time.Hour)}, ""},
		"not reached":          {[]answer.Diagnosis{well("redis"), down}, ""},
		"of another project":   {[]answer.Diagnosis{well("redis"), elsewhere}, ""},
		"another server":       {[]answer.Diagnosis{well("redis"), refused("batch", "db", 0)}, ""},
		"it has its own story": {[]answer.Diagnosis{fell, refused("batch", "redis", 0)}, ""},
	} {
		before := test.list[0].Verdict
		got := Refusing(test.list)[0].Verdict
		switch {
		case test.want == "" && got != before:
			t.Errorf("%s: %+v", name, got)
		case test.want != "" && (got.Kind != fact.VerdictTrouble || got.Summary != test.want || got.Confidence != 0.98):
			t.Errorf("%s: %+v", name, got)
		}
		if test.list[0].Verdict != before {
			t.Errorf("%s: the list that was given has changed", name)
		}
	}
}
