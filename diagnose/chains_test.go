package diagnose

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// TestRecordedChain holds two real containers, recorded on a loaded machine: redis
// filled its 32 MiB and was OOM-killed; the gateway logged 40 refusals, was unhealthy
// and gave up. Its checks had begun to time out nine seconds before redis fell, which
// redis' fall does not explain.
func TestRecordedChain(t *testing.T) {
	var list []answer.Diagnosis
	for _, name := range []string{"gateway", "redis"} {
		b, err := bundle.Open("testdata/chain/" + name + ".tar.gz")
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Diagnose(b))
	}
	chains := Chains(list)
	if len(chains) != 1 || len(chains[0].Links) != 2 || chains[0].Summary != "redis fell first; gateway suffered from it" {
		t.Fatalf("chains %+v", chains)
	}
	redis, gateway := chains[0].Links[0], chains[0].Links[1]
	if gateway.AfterSeconds < 0.5 || gateway.AfterSeconds > 1.5 || !redis.At.Before(gateway.At) {
		t.Errorf("%.3f s lie between the falls", gateway.AfterSeconds)
	}
	if c := gateway.Because[0].PeerError; c == nil || c.Host != "redis" || c.Port != 6379 || c.Source != "logs" {
		t.Errorf("tied by %+v", c)
	}
}
