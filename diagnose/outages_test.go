package diagnose

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// wanted is a verdict as it is to be.
type wanted struct {
	kind string
	is   string // the cause, the other reason or the state
	says string
}

// of holds the verdict of a recording against it.
func (want wanted) of(t *testing.T, path string) {
	t.Helper()
	b, err := bundle.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	v := Diagnose(b).Verdict
	is := v.Cause + v.State
	if v.Other != nil {
		is = v.Other.ID
	}
	if v.Kind != want.kind || is != want.is || !strings.Contains(v.Summary, want.says) {
		t.Errorf("%s: %s %s %q, want %s %s %q", path, v.Kind, is, v.Summary, want.kind, want.is, want.says)
	}
}

// TestOutages diagnoses recordings of real containers on Engine 20.10.24: a service of FastAPI and redis-py, or of
// http.server, and redis, which was paused, stopped, halted, kept from answering or started again. The names say what
// was done; what is right was written from that.
func TestOutages(t *testing.T) {
	for name, want := range map[string]wanted{
		"pool-behind-paused":            {fact.VerdictCause, fact.HealthcheckTimeout, "waits for redis, which is paused"},
		"pool-behind-paused-unprobed":   {fact.VerdictTrouble, fact.DependencyDown, "waits for redis, which is paused"},
		"pool-behind-paused-no-project": {fact.VerdictTrouble, fact.DependencyDown, "deps-pn-redis, which is paused"},
		"pool-behind-halted":            {fact.VerdictCause, fact.HealthcheckTimeout, "redis, which is stopped by a signal"},
		"neighbour-answers-not": {fact.VerdictTrouble, fact.DependencyDown,
			"redis, which has not answered for 7.7 s"},
		"second-outage":           {fact.VerdictTrouble, fact.DependencyDown, "redis:6379), does not run"},
		"outage-after-crash":      {fact.VerdictTrouble, fact.DependencyDown, "redis:6379), does not run"},
		"silent-client-is-back":   {fact.NotAFailure, fact.FineRecovered, "from 20:10:22 to 20:10:47"},
		"requests-answered-again": {fact.NotAFailure, fact.FineRecovered, "its requests are answered again"},
		"job-tried-again":         {fact.NotAFailure, fact.FineFinished, "exit code 0"},
		"every-request-fails": {fact.VerdictTrouble, fact.RequestsFail,
			"14 of the last 14 requests: KeyError: 'price'"},
		"own-pool-ran-dry":     {fact.VerdictCause, fact.PoolExhaustion, "pool limit of size 5 reached"},
		"lost-paused":          {fact.VerdictOther, fact.DependencyDown, "redis, to which its log says that it was"},
		"deadlock":             {fact.VerdictTrouble, fact.Deadlock, "/srv/x/svc.py:60"},
		"nothing-moves":        {fact.VerdictUndetermined, "", "cannot tell whether it works"},
		"environment-python-c": {fact.VerdictCause, fact.StartupFailure, "DATABASE_URL"},
	} {
		want.of(t, "testdata/outages/"+name+".tar.gz")
	}
}
