package docker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const podmanVersion = `{"Version":"5.4.2","Components":[{"Name":"Podman Engine","Version":"5.4.2"},{"Name":"Conmon"}]}`

// ofPodman is a dead container of Podman's, with the record that libpod itself keeps where there is one.
func ofPodman(code int, events, state string) *bundle.Bundle {
	b := bundleWith(map[string]string{bundle.FileVersion: podmanVersion, bundle.FileEvents: events,
		bundle.FileInspect: fmt.Sprintf(`{"Id":"a6f3","State":{"Status":"exited","ExitCode":%d,`+
			`"StartedAt":"2026-11-23T10:00:00Z","FinishedAt":"2026-11-23T10:00:05Z"}}`, code)})
	if state != "" {
		b.Put(bundle.FileStateFile, []byte(state))
	}
	return b
}

// TestPodmanRequests: Podman 5.4 writes no event for a stop, 5.8 one when it is done; its record tells of either.
func TestPodmanRequests(t *testing.T) {
	begin := eventAt(-100, "create", "") + eventAt(0, "start", "")
	died := func(code int) string {
		return eventAt(5100, "die", fmt.Sprintf(`"exitCode":"%d"`, code)) + eventAt(5600, "cleanup", "")
	}
	const byUser, byNobody = `{"hasBeenManuallyStopped":true}`, `{"hasBeenManuallyStopped":false}`
	for name, test := range map[string]struct {
		code          int
		events, state string
		want          string // "" = none
		escalated     bool
	}{
		"5.8 stop":           {0, begin + eventAt(5050, "stop", "") + died(0), "", "podman stop", false},
		"5.8 stop escalated": {137, begin + eventAt(5050, "stop", "") + died(137), byUser, "podman stop", true},
		"5.4 stop":           {137, begin + died(137), byUser, "podman stop or podman kill", false},
		"5.4 stop, no note":  {137, begin + died(137), "", "", false},
		"nobody":             {137, begin + died(137), byNobody, "", false},
		"kill":               {137, begin + eventAt(5050, "kill", "") + died(137), byUser, "podman kill", false},
		"its own end":        {1, begin + died(1), byNobody, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := Decode(ofPodman(test.code, test.events, test.state))
			got := r.Lives[0].Request
			if got == nil && test.want == "" {
				return
			}
			if got == nil || got.Words != test.want || got.Escalated != test.escalated {
				t.Errorf("request %+v, want %q", got, test.want)
			}
			if r.Lives[0].End != nil && got != nil && got.At.After(*r.Lives[0].End) && test.want != "podman kill" {
				t.Errorf("asked at %v, after the end", got.At)
			}
		})
	}
}

// TestPodmanAsked: a call of a client that the access log tells of ended the life that ended while it lasted.
func TestPodmanAsked(t *testing.T) {
	events := eventAt(0, "start", "") + eventAt(5100, "die", `"exitCode":"137"`)
	const call = `{"verb":%q,"begun":"2026-11-23T10:00:%s","done":"2026-11-23T10:00:%s","by":"curl/8"}` + "\n"
	for code, want := range map[int]bool{1: false, 137: true} { // begun in the very second of the end
		b := ofPodman(code, eventAt(0, "start", "")+eventAt(5100, "die", fmt.Sprintf(`"exitCode":"%d"`, code)), "")
		b.Put(bundle.FileAsked, []byte(fmt.Sprintf(call, "restart", "05Z", "07Z")))
		if got := Decode(b).Lives[0].Request; (got != nil) != want {
			t.Errorf("exit code %d: %+v", code, got)
		}
	}
	for name, test := range map[string]struct{ asked, want string }{
		"stop":        {fmt.Sprintf(call, "stop", "03Z", "05.4Z"), "podman stop through its API, by curl/8"},
		"restart":     {fmt.Sprintf(call, "restart", "03Z", "06Z"), "podman restart through its API, by curl/8"},
		"an earlier":  {fmt.Sprintf(call, "stop", "01Z", "03Z"), ""},
		"a later":     {fmt.Sprintf(call, "stop", "06Z", "07Z"), ""},
		"not decoded": {`{"verb":7}` + "\n", ""},
	} {
		b := ofPodman(137, events, "")
		b.Put(bundle.FileAsked, []byte(test.asked))
		got := Decode(b).Lives[0].Request
		if (got == nil) != (test.want == "") || got != nil && (got.Words != test.want || !got.Escalated) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestPodmanRestarts: a restart event before the end is a client's, one after it the policy's.
func TestPodmanRestarts(t *testing.T) {
	begin := eventAt(-100, "create", "") + eventAt(0, "start", "")
	died, restart := eventAt(5100, "die", `"exitCode":"0"`), func(ms int) string { return eventAt(ms, "restart", "") }
	for name, test := range map[string]struct{ events, want string }{
		"by a client": {begin + restart(5000) + died + eventAt(6000, "start", ""), "podman restart"},
		"by policy":   {begin + died + restart(5150) + eventAt(6000, "start", ""), ""},
	} {
		got := Decode(ofPodman(0, test.events, "")).Lives[0].Request
		if (got == nil) != (test.want == "") || got != nil && (got.Words != test.want || got.Kind != fact.RequestRestart) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestPodmanTellsNotEverySignal: an event that is missing proves nothing.
func TestPodmanTellsNotEverySignal(t *testing.T) {
	events := eventAt(0, "start", "") + eventAt(5100, "die", `"exitCode":"137"`)
	r := Decode(ofPodman(137, events, ""))
	if r.Events.Witnessed(&r.Lives[0]) {
		t.Error("as if Podman wrote every kill")
	}
	docker := Decode(bundleWith(map[string]string{bundle.FileEvents: events}))
	if !docker.Events.Witnessed(&docker.Lives[0]) {
		t.Error("Docker writes every kill")
	}
}

// TestPodmanHealthEvents: one for each probe; it turns when the word changes, and anew with each start.
func TestPodmanHealthEvents(t *testing.T) {
	probe := func(ms int, word string) string {
		return fmt.Sprintf(`{"Type":"container","Action":"health_status","HealthStatus":%q,"Actor":{"Attributes":`+
			`{"name":"web"}},"timeNano":%d}`+"\n", word, 1795423706000000000+int64(ms)*1e6)
	}
	began := `{"Type":"container","Action":"start","Actor":{"Attributes":{"name":"web"}},"timeNano":1795423708000000000}` +
		"\n"
	b := ofPodman(0, probe(0, "starting")+probe(100, "unhealthy")+probe(200, "unhealthy")+probe(300, "healthy")+
		probe(400, "healthy")+began+probe(2100, "healthy"), "")
	var turns []string
	for _, ev := range Decode(b).Events.List {
		if ev.Kind == fact.EventHealthTurned {
			turns = append(turns, ev.Health)
		}
	}
	if got := fmt.Sprint(turns); got != "[unhealthy healthy healthy]" {
		t.Errorf("turns %s", got)
	}
}

// TestWhosBundle: the ways in which a bundle says that it is of Podman.
func TestWhosBundle(t *testing.T) {
	const layer = `{"Id":"a6f3","GraphDriver":{"Data":{"UpperDir":"/home/u/.local/share/containers/storage/overlay/1/diff"}}}`
	for name, test := range map[string]struct {
		b    *bundle.Bundle
		want bool
	}{
		"its runtime": {bundle.New("test", bundle.Target{ID: "a6f3", Runtime: bundle.RuntimePodman}, captured), true},
		"its version": {bundleWith(map[string]string{bundle.FileVersion: podmanVersion}), true},
		"its layer":   {bundleWith(map[string]string{bundle.FileInspect: layer}), true},
		"Docker": {bundleWith(map[string]string{bundle.FileVersion: `{"Version":"28.5.2","Components":[{"Name":"Engine"}]}`}),
			false},
		"not known": {bundleWith(nil), false},
	} {
		body, _ := test.b.File(bundle.FileInspect)
		if got := dialectOf(test.b, Inspect(body)).podman; got != test.want {
			t.Errorf("%s: Podman's %v", name, got)
		}
	}
}

// TestFlagOfPodman: it clears OOMKilled at a start, whatever its version's number.
func TestFlagOfPodman(t *testing.T) {
	if Decode(bundleWith(map[string]string{bundle.FileVersion: podmanVersion})).Engine.OOMFlagStays {
		t.Error("5.4.2 is no Docker before 24")
	}
}

// TestPodmanStart: a start that 4.3.1 refused leaves its cleanup among the events or, where it failed at the network,
// nothing at all. From 5 on State.Error holds why.
func TestPodmanStart(t *testing.T) {
	const podman4 = `{"Version":"4.3.1","Components":[{"Name":"Podman Engine","Version":"4.3.1"}]}`
	created := eventAt(0, "create", "")
	for name, test := range map[string]struct {
		version, state, events string
		tried, untold          bool
	}{
		"4: refused":               {podman4, "", created + eventAt(900, "cleanup", ""), true, false},
		"4: refused, creation old": {podman4, "", eventAt(900, "cleanup", ""), true, false},
		"4: created":               {podman4, "", created, false, true},
		"4: no events":             {podman4, "", "", false, true},
		"4: it says why":           {podman4, `,"Error":"exec: no such file"`, created, false, false},
		"5: created":               {podmanVersion, "", created, false, false},
		"5: it says why":           {podmanVersion, `,"Error":"exec: no such file"`, "", false, false},
		"Docker: created":          {`{"Version":"20.10.24"}`, "", "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := Decode(bundleWith(map[string]string{bundle.FileVersion: test.version, bundle.FileEvents: test.events,
				bundle.FileInspect: `{"Id":"a6f3","State":{"Status":"created"` + test.state + `}}`})).Status
			if got := s.StartTried != nil; got != test.tried || s.StartUntold != test.untold {
				t.Errorf("tried %v, untold %v; want %v, %v", got, s.StartUntold, test.tried, test.untold)
			}
		})
	}
}

// TestPodmanRefusal: what the OCI runtime wrote stands for State.Error of what has never run, and of nothing else.
func TestPodmanRefusal(t *testing.T) {
	for state, want := range map[string]string{`"Status":"created"`: "no such file",
		`"Status":"created","Error":"its own"`: "its own", `"Status":"exited","ExitCode":1`: ""} {
		s := Decode(bundleWith(map[string]string{bundle.FileVersion: strings.ReplaceAll(podmanVersion, "5.4.2", "4.3.1"),
			bundle.FileInspect: `{"Id":"a6f3","State":{` + state + `}}`, bundle.FileStateFile: `{"startError":"no such file"}`})).Status
		if s.Error != want || s.StartUntold {
			t.Errorf("%s: %+v", state, s)
		}
	}
}

// TestPodmanNote: the command that tells who stopped a container is named only where Podman has an answer to it.
func TestPodmanNote(t *testing.T) {
	for version, want := range map[string]bool{"5.4.2": true, "4.7.2": true, "4.6.2": false, "4.3.1": false, "": true} {
		text := strings.ReplaceAll(podmanVersion, "5.4.2", version)
		b := bundleWith(map[string]string{bundle.FileVersion: text, bundle.FileInspect: `{"Id":"a6f3"}`})
		if got := Decode(b).Note; (got.Command != "") != want {
			t.Errorf("Podman %q: note %+v", version, got)
		}
	}
}

// TestPodmanRestored: what ran when the machine went down is "created" for Podman afterwards.
func TestPodmanRestored(t *testing.T) {
	began := eventAt(0, "create", "") + eventAt(100, "start", "")
	for name, test := range map[string]struct{ version, events, want string }{
		"it ran":          {podmanVersion, began, fact.StateUnknown},
		"it was created":  {podmanVersion, eventAt(0, "create", ""), fact.StateNeverStarted},
		"nothing is told": {podmanVersion, "", fact.StateNeverStarted},
		"Docker's word":   {`{"Version":"20.10.24"}`, began, fact.StateNeverStarted},
	} {
		r := Decode(bundleWith(map[string]string{bundle.FileVersion: test.version, bundle.FileEvents: test.events,
			bundle.FileInspect: `{"Id":"a6f3","State":{"Status":"created"}}`}))
		if r.Status.State != test.want || test.want == fact.StateUnknown && r.Status.StartUntold {
			t.Errorf("%s: %+v", name, r.Status)
		}
	}
}

// TestPodmanOutrun: what inspect says is newer than the last health event.
func TestPodmanOutrun(t *testing.T) {
	event := `{"Type":"container","Action":"health_status","HealthStatus":%q,"timeNano":1795423706000000000}` + "\n"
	for name, test := range map[string]struct {
		version, event, status string
		want                   int
	}{
		"the turn is not told yet":    {podmanVersion, "healthy", "unhealthy", 0},
		"it is healthy":               {podmanVersion, "healthy", "healthy", 1},
		"the turn is told":            {podmanVersion, "unhealthy", "unhealthy", 1},
		"Docker tells it at the time": {`{"Version":"20.10.24"}`, "healthy", "unhealthy", 1},
	} {
		r := Decode(bundleWith(map[string]string{bundle.FileVersion: test.version,
			bundle.FileEvents: fmt.Sprintf(event, test.event), bundle.FileInspect: `{"Id":"a6f3","State":{"Status":"running",` +
				`"Health":{"Status":"` + test.status + `"}}}`}))
		turns := 0
		for _, ev := range r.Events.List {
			if ev.Kind == fact.EventHealthTurned {
				turns++
			}
		}
		if turns != test.want {
			t.Errorf("%s: %d turns", name, turns)
		}
	}
}

// TestPodmanNoHealth: an empty record is Podman's way to say that there is no health check.
func TestPodmanNoHealth(t *testing.T) {
	for health, want := range map[string]bool{`{"Status":"","FailingStreak":0,"Log":null}`: false,
		`{"Status":"starting","FailingStreak":0,"Log":null}`: true} {
		s := Decode(bundleWith(map[string]string{bundle.FileVersion: podmanVersion, bundle.FileInspect: `{"Id":"a6f3",` +
			`"State":{"Status":"running","Health":` + health + `}}`})).Status
		if got := s.Health != nil; got != want {
			t.Errorf("%s: %+v", health, s.Health)
		}
	}
}

// TestPodmanRetries: what an image leaves out is no retry for Podman, and three for Docker.
func TestPodmanRetries(t *testing.T) {
	for version, want := range map[string]int{podmanVersion: 1, `{"Version":"20.10.24"}`: 3} {
		s := Decode(bundleWith(map[string]string{bundle.FileVersion: version, bundle.FileInspect: `{"Id":"a6f3","Config":` +
			`{"Healthcheck":{"Test":["CMD","wget"]}},"State":{"Status":"running","Health":{"Status":"unhealthy"}}}`})).Spec
		if got := s.Healthcheck.WithDefaults().Retries; got != want {
			t.Errorf("%s: %d retries, want %d", version, got, want)
		}
	}
}

// TestPodmanProbes: what 5.8.6 says of a probe that ran out of time is what it says of one that it could not run.
func TestPodmanProbes(t *testing.T) {
	for name, test := range map[string]struct {
		code   int
		end    string
		output string
		want   bool
	}{
		"5.4: -1":                    {-1, "02.1", "waiting", true},
		"5.8: 125 after the timeout": {125, "02.4", "", true},
		"125 at once":                {125, "00.3", "", false},
		"125 with words":             {125, "02.4", "no such container", false},
		"the check's own code":       {1, "02.4", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := Decode(bundleWith(map[string]string{bundle.FileVersion: podmanVersion, bundle.FileInspect: fmt.Sprintf(
				`{"Id":"a6f3","Config":{"Healthcheck":{"Test":["CMD-SHELL","sleep 30"],"Timeout":2000000000}},`+
					`"State":{"Status":"running","Health":{"Status":"unhealthy","Log":[{"Start":"2026-11-23T10:00:00Z",`+
					`"End":"2026-11-23T10:00:%sZ","ExitCode":%d,"Output":%q}]}}}`, test.end, test.code, test.output)})).Status
			if got := s.Health.Log[0].TimedOut; got != test.want {
				t.Errorf("out of time: %v, want %v", got, test.want)
			}
		})
	}
}
