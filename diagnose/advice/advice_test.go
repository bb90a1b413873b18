package advice

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// TestEveryCauseHasAdvice: for the container's own values and without any; the alternatives have none.
func TestEveryCauseHasAdvice(t *testing.T) {
	named := inquest.Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{Spec: &evidence.Spec{Service: "web"}, Status: &evidence.Status{}}}}
	for _, c := range cause.All() {
		if len(For(c.ID, inquest.Case{})) == 0 || len(For(c.ID, named)) == 0 {
			t.Errorf("cause %q has no advice", c.ID)
		}
	}
	for _, c := range cause.Alternatives() {
		if list := For(c.ID, named); len(list) > 0 {
			t.Errorf("%q has advice: %+v", c.ID, list)
		}
	}
}

// TestAdviceHasOwnValues: a snippet names the service and its limit; a name that is no plain word does not get there.
func TestAdviceHasOwnValues(t *testing.T) {
	snippet := func(service string) string {
		spec := &evidence.Spec{Service: service, Memory: 64 << 20}
		return For(fact.OOMKill, inquest.Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{Spec: spec}}})[0].Snippet
	}
	if got := snippet("web"); !strings.Contains(got, "  web:\n") || !strings.Contains(got, "128m") {
		t.Errorf("snippet %s", got)
	}
	if got := snippet("a: b\n"); strings.Contains(got, "a: b") {
		t.Errorf("a stranger's name is in the snippet: %s", got)
	}
}

// TestDetect: every cause has something to look at by hand.
func TestDetect(t *testing.T) {
	for _, c := range cause.All() {
		if len(Detect(c.ID)) == 0 {
			t.Errorf("nothing to look at for %s", c.ID)
		}
	}
}
