package docker

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

var captured = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// bundleWith holds the given files; the events count as collected.
func bundleWith(files map[string]string) *bundle.Bundle {
	b := bundle.New("test", bundle.Target{ID: "a6f3", Name: "web"}, captured)
	from := captured.Add(-time.Hour)
	b.SetSource(bundle.Source{Name: fact.SourceEvents, Status: fact.StatusCollected, From: &from, To: &captured})
	for name, text := range files {
		b.Put(name, []byte(text))
	}
	return b
}

func TestLabelShadowsAttribute(t *testing.T) {
	r := Decode(bundleWith(map[string]string{
		bundle.FileInspect: `{"Id":"a6f3","Config":{"Labels":{"exitCode":"0"}}}`,
		bundle.FileEvents: `{"Type":"container","Action":"die","Actor":{"Attributes":{"exitCode":"0"}},"timeNano":2000000000}
{"Type":"container","Action":"kill","Actor":{"Attributes":{"signal":"9"}},"time":1}
not json
`,
	}))
	if len(r.Events.List) != 2 {
		t.Fatalf("%d events, want 2: a broken line is left out, the others stay", len(r.Events.List))
	}
	kill, die := r.Events.List[0], r.Events.List[1]
	if kill.Signal == nil || *kill.Signal != 9 || !kill.At.Equal(time.Unix(1, 0)) {
		t.Errorf("kill %+v: an engine without timeNano has whole seconds", kill)
	}
	if die.ExitCode != nil {
		t.Errorf("exit code %d is a label's, not the event's", *die.ExitCode)
	}
}

func TestInspect(t *testing.T) {
	in := Inspect([]byte(`{"Id":"a6f3","Name":"/web","Path":"sh","Args":["-c","python app.py"],
	  "State":{"Status":"exited","ExitCode":137,"StartedAt":"2026-11-23T13:00:00+01:00","FinishedAt":"0001-01-01T00:00:00Z",
	    "Health":{"Status":"unhealthy","FailingStreak":2,"Log":[{"Start":"2026-11-23T13:00:01+01:00","End":"2026-11-23T13:00:02+01:00","ExitCode":-1,"Output":"x"}]}},
	  "HostConfig":{"Memory":67108864,"Ulimits":[{"Name":"core","Soft":0}],"LogConfig":{"Type":"none"}},
	  "Config":{"Healthcheck":{"Test":["CMD","true"],"Interval":2000000000}}}`))
	if in == nil || in.Name != "web" || in.Spec.Memory != 64<<20 || in.Spec.CoreLimit == nil ||
		*in.Spec.CoreLimit != 0 || !in.Spec.Probed() || !in.Spec.ShellPID1() {
		t.Fatalf("container %+v", in)
	}
	if !in.Status.StartedAt.Equal(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)) || !in.finishedAt.IsZero() {
		t.Errorf("times %v, %v: offsets differ by field, year 1 is never", in.Status.StartedAt, in.finishedAt)
	}
	if got := in.Status.Health.Log[0].Start; got.Location() != time.UTC {
		t.Errorf("probe time in %v, want UTC", got.Location())
	}
}

// TestProvedAfter: Docker's restart manager takes a run of ten seconds for well.
func TestProvedAfter(t *testing.T) {
	in := Inspect([]byte(`{"Id":"a6f3","RestartCount":3,"State":{"Status":"running"}}`))
	if in.Status.Restarts != 3 || in.Status.ProvedAfter != 10*time.Second {
		t.Errorf("%d restarts, proved after %v", in.Status.Restarts, in.Status.ProvedAfter)
	}
}

// TestLifeAfterInspect: a restart loop went on between inspect and events.
func TestLifeAfterInspect(t *testing.T) {
	events := ""
	for i := range 3 {
		events += eventAt(i*10_000, "start", "") + eventAt(i*10_000+1000, "die", `"exitCode":"1"`)
	}
	got := Decode(bundleWith(map[string]string{bundle.FileEvents: events,
		bundle.FileInspect: `{"Id":"a6f3","RestartCount":1,"State":{"Status":"exited","ExitCode":7,` +
			`"StartedAt":"2026-11-23T10:00:10.001Z","FinishedAt":"2026-11-23T10:00:11Z"}}`})).Lives
	if len(got) != 3 || *got[1].ExitCode != 7 || *got[2].ExitCode != 1 {
		t.Errorf("lives %+v: inspect speaks of the middle one", got)
	}
}

// TestSpec: what was wanted, compose's labels among it.
func TestSpec(t *testing.T) {
	in := Inspect([]byte(`{"Id":"a6f3","Name":"/shop-web-1","Path":"python","Args":["app.py"],"State":{"Status":"created"},
	  "HostConfig":{"RestartPolicy":{"Name":"always"},"Tmpfs":{"/tmp":""},"PidMode":"host","ReadonlyRootfs":true},
	  "Mounts":[{"Type":"volume","Destination":"/data","RW":true}],
	  "Config":{"Image":"shop:2","Hostname":"a6f3","Env":["A=1","broken"],"User":"1000","Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web",
	    "com.docker.compose.depends_on":"redis:service_healthy:false,db:service_started:true",
	    "com.docker.compose.project.working_dir":"/srv/shop","com.docker.compose.project.config_files":"/srv/shop/compose.yaml"}},
	  "NetworkSettings":{"Networks":{"bridge":{"IPAddress":"172.17.0.2"},"shop_default":{"Aliases":["web"]}},"Ports":{"80/tcp":[{"HostPort":"8080"}]}}}`))
	want := evidence.Spec{
		Image: "shop:2", Command: []string{"python", "app.py"}, Project: "shop", Service: "web",
		DependsOn: []string{"db", "redis"}, DefinedIn: "compose.yaml",
		RestartPolicy: "always", ReadonlyRoot: true, HostPID: true, User: "1000", Hostname: "a6f3",
		Mounts: []evidence.Mount{{Type: "volume", Destination: "/data", Writable: true}}, Tmpfs: []string{"/tmp"},
		Env: map[string]string{"A": "1"}, Networks: []string{"shop_default"}, Published: []int{8080},
		Forwards: []evidence.Forward{{HostPort: 8080, Port: 80}},
	}
	if diff := cmp.Diff(want, in.Spec); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
	if in.Status.State != fact.StateNeverStarted || in.Status.Word != "created" {
		t.Errorf("status %+v", in.Status)
	}
	if diff := cmp.Diff([]string{"172.17.0.2", "a6f3", "shop-web-1", "web"}, in.Status.KnownAs); diff != "" {
		t.Errorf("known as (-want +got):\n%s", diff)
	}
	for _, body := range []string{"", "null", "[]", "{}", `{"Id":7}`, `{"Id":"a","State":[]}`} {
		if in := Inspect([]byte(body)); in != nil {
			t.Errorf("%q: %+v, want none", body, in)
		}
	}
}

// eventAt is one raw event, some milliseconds after ten o'clock.
func eventAt(ms int, action, attributes string) string {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)
	return fmt.Sprintf(`{"Type":"container","Action":%q,"Actor":{"Attributes":{%s}},"timeNano":%d}`+"\n", action,
		attributes, at.UnixNano())
}

// TestRequests: which requests the engine's words amount to (docs/notes/DOCKER.md#a2), and what is none.
func TestRequests(t *testing.T) {
	term, killed := `"signal":"15"`, `"signal":"9"`
	begin := eventAt(0, "start", "")
	for name, test := range map[string]struct {
		events string
		want   string // words; "" = no request
		kind   fact.Request
		grace  time.Duration
	}{
		"docker stop": {begin + eventAt(5000, "kill", term) + eventAt(5100, "die", `"exitCode":"0"`) +
			eventAt(5110, "stop", ""), "docker stop", fact.RequestStop, 0},
		"escalated": {begin + eventAt(5000, "kill", term) + eventAt(15000, "kill", killed) +
			eventAt(15100, "die", `"exitCode":"137"`) + eventAt(15110, "stop", ""), "docker stop", fact.RequestStop,
			10 * time.Second},
		"docker kill": {begin + eventAt(5000, "kill", killed) + eventAt(5100, "die", `"exitCode":"137"`),
			"docker kill", fact.RequestSignal, 0},
		"docker restart": {begin + eventAt(5000, "kill", term) + eventAt(5100, "die", `"exitCode":"0"`) +
			eventAt(5110, "stop", "") + eventAt(5300, "start", "") + eventAt(5310, "restart", "") + eventAt(9000, "die", ""),
			"docker restart", fact.RequestRestart, 0},
		"docker rm -f": {begin + eventAt(5000, "kill", killed) + eventAt(5100, "die", `"exitCode":"137"`) +
			eventAt(5200, "destroy", ""), "docker rm -f", fact.RequestRemoval, 0},
		"a HUP": {begin + eventAt(5000, "kill", `"signal":"1"`) +
			eventAt(5100, "die", `"exitCode":"1"`), "", 0, 0},
		"a HUP that kills": {begin + eventAt(5000, "kill", `"signal":"1"`) + eventAt(5100, "die", `"exitCode":"129"`),
			"docker kill", fact.RequestSignal, 0},
		"an INT that is handled": {begin + eventAt(5000, "kill", `"signal":"2"`) + eventAt(6500, "die", `"exitCode":"0"`),
			"docker kill", fact.RequestSignal, 0},
		"a QUIT of a Go program": {begin + eventAt(5000, "kill", `"signal":"3"`) + eventAt(5100, "die", `"exitCode":"2"`),
			"docker kill", fact.RequestSignal, 0},
		"a QUIT that printed threads": {begin + eventAt(5000, "kill", `"signal":"3"`) +
			eventAt(15000, "die", `"exitCode":"1"`), "", 0, 0},
		"long before":  {begin + eventAt(5000, "kill", term) + eventAt(95000, "die", `"exitCode":"1"`), "", 0, 0},
		"nobody asked": {begin + eventAt(5100, "die", `"exitCode":"137"`), "", 0, 0},
		"it goes on":   {begin + eventAt(5000, "kill", `"signal":"1"`), "", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			life := Decode(bundleWith(map[string]string{bundle.FileEvents: test.events})).Lives[0]
			if test.want == "" {
				if life.Request != nil {
					t.Errorf("request %+v, want none", life.Request)
				}
				return
			}
			if r := life.Request; r == nil || r.Words != test.want || r.Kind != test.kind || r.Grace != test.grace ||
				r.Escalated != (test.grace > 0) {
				t.Errorf("request %+v, want %q after %v", r, test.want, test.grace)
			}
		})
	}
}

// TestRequestByFlag: the state file speaks where the ring has lost the events, and only of an end that a stop leaves.
func TestRequestByFlag(t *testing.T) {
	const inspect = `{"Id":"a6f3","State":{"Status":"exited","ExitCode":%d,"StartedAt":"2026-11-23T10:00:00Z","FinishedAt":"2026-11-23T10:00:05Z"}}`
	for _, test := range []struct {
		code  int
		flag  string
		asked bool
	}{{137, "true", true}, {0, "true", true}, {1, "true", false}, {137, "false", false}, {137, "null", false}} {
		r := Decode(bundleWith(map[string]string{
			bundle.FileInspect:   fmt.Sprintf(inspect, test.code),
			bundle.FileStateFile: fmt.Sprintf(`{"hasBeenManuallyStopped":%s}`, test.flag),
		}))
		if got := r.Lives[0].Request != nil; got != test.asked {
			t.Errorf("code %d, flag %s: asked %v, want %v", test.code, test.flag, got, test.asked)
		}
	}
}

// TestExecs: a command counts once both its ends are told.
func TestExecs(t *testing.T) {
	events := eventAt(0, "start", "") + eventAt(100, "exec_create: curl -f localhost", `"execID":"1"`) +
		eventAt(110, "exec_start: curl -f localhost", `"execID":"1"`) +
		eventAt(150, "exec_create: sh", `"execID":"2"`) + eventAt(300, "exec_die", `"execID":"1","exitCode":"7"`) +
		eventAt(400, "exec_die", `"execID":"3","exitCode":"0"`)
	execs := Decode(bundleWith(map[string]string{bundle.FileEvents: events})).Lives[0].Execs
	if len(execs) != 1 || execs[0].Command != "curl -f localhost" || execs[0].ExitCode != 7 ||
		execs[0].End.Sub(execs[0].Start) != 200*time.Millisecond {
		t.Errorf("execs %+v", execs)
	}
}

// TestFlagStays: engines up to 23 show OOMKilled of an earlier life, and an engine that does not tell its version may.
func TestFlagStays(t *testing.T) {
	for version, stays := range map[string]bool{`{"Version":"20.10.24"}`: true, `{"Version":"23.0.6"}`: true,
		`{"Version":"24.0.0"}`: false, `{"Version":"29.1"}`: false, `{}`: true, "": true} {
		if e := Decode(bundleWith(map[string]string{bundle.FileVersion: version})).Engine; e.OOMFlagStays != stays {
			t.Errorf("%s: stays %v, want %v", version, e.OOMFlagStays, stays)
		}
	}
}

// TestTimesBeyondAnyReport: a stamp near year 9999 is none, or what is worked out with it
// could not be written.
func TestTimesBeyondAnyReport(t *testing.T) {
	for stamp, zero := range map[string]bool{
		"9999-12-31T23:59:59-23:59": true, "9999-12-31T23:59:59.999999999Z": true, "2262-01-01T00:00:00Z": true,
		"0001-01-01T00:00:00Z":        true,
		"2026-11-23T20:05:38.6+02:00": false, "2261-01-01T00:00:00Z": false,
	} {
		if got := Time(stamp); got.IsZero() != zero {
			t.Errorf("%s: %s", stamp, got)
		}
	}
}
