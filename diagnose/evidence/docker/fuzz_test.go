package docker

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/fixtures/record"
)

// recordedBodies are what an engine said in a few experiments: inspect bodies and
// events, each under 8 KB.
func recordedBodies(f *testing.F) (inspects, events [][]byte) {
	for _, name := range []string{"oom-exec", "health-timeout", "label-shadow", "restart-onfailure", "docker-kill"} {
		r, err := record.Read("../../../fixtures/records/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		inspects = append(inspects, r.Inspect[record.Final])
		var text []byte
		for _, line := range record.Lines(r.Events) {
			text = append(append(text, line...), '\n')
		}
		events = append(events, text)
	}
	return inspects, events
}

// FuzzInspect decodes a stranger's inspect body beside two events: no panic, the same
// facts every time, and no more lives than there are moments that could begin one.
func FuzzInspect(f *testing.F) {
	inspects, _ := recordedBodies(f)
	for _, body := range inspects {
		f.Add(body)
	}
	f.Add([]byte(`{"Id":"a","State":{"StartedAt":"9999-12-31T23:59:59Z","FinishedAt":"0001-01-01T00:00:00Z","Health":{"Log":[{}]}},"Mounts":[{}]}`))
	f.Add([]byte(`{"Id":"a","Config":{"Env":["","=","a="],"Labels":{"exitCode":"1"},"Healthcheck":{"Test":["CMD-SHELL","x"]}},"NetworkSettings":{"Ports":{"80/tcp":[{}]}}}`))
	const events = `{"Type":"container","Action":"start","timeNano":1795423700000000000}
{"Type":"container","Action":"die","Actor":{"Attributes":{"exitCode":"137"}},"timeNano":1795423706087050682}`
	f.Fuzz(func(t *testing.T, body []byte) {
		checkDecoded(t, bundleWith(map[string]string{bundle.FileInspect: string(body), bundle.FileEvents: events}))
	})
}

// FuzzEvents decodes a stranger's events beside an inspect body.
func FuzzEvents(f *testing.F) {
	_, events := recordedBodies(f)
	for _, text := range events {
		f.Add(text)
	}
	f.Add([]byte(`{"Action":"health_status: unhealthy","time":-9223372036854775808}` + "\n" + `{"Action":"exec_create: x","Actor":{"Attributes":{"execID":"1","signal":"SIGTERM"}},"timeNano":9223372036854775807}`))
	const inspect = `{"Id":"a","Name":"/web","State":{"Status":"exited","StartedAt":"2026-11-23T10:00:00Z","FinishedAt":"2026-11-23T11:00:00Z","ExitCode":137}}`
	f.Fuzz(func(t *testing.T, text []byte) {
		checkDecoded(t, bundleWith(map[string]string{bundle.FileInspect: inspect, bundle.FileEvents: string(text)}))
	})
}

func checkDecoded(t *testing.T, b *bundle.Bundle) {
	t.Helper()
	r := Decode(b)
	if n := len(r.Events.List); n > maxEvents || len(r.Lives) > n+2 {
		t.Fatalf("%d events, %d lives", n, len(r.Lives))
	}
	given := 0
	for _, l := range r.Lives {
		given += len(l.Events)
	}
	if given > len(r.Events.List) {
		t.Fatalf("%d events were given to lives, of %d", given, len(r.Events.List))
	}
	for i := 1; i < len(r.Events.List); i++ {
		if r.Events.List[i].At.Before(r.Events.List[i-1].At) {
			t.Fatal("the events are not in order")
		}
	}
	if diff := cmp.Diff(r, Decode(b), cmp.AllowUnexported(evidence.Runtime{})); diff != "" {
		t.Fatalf("decoded twice (-first +again):\n%s", diff)
	}
}
