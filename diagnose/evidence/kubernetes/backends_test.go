package kubernetes

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// behind decodes a pod that names a Service redis with some pods behind it, each given by its status.
func behind(statuses ...string) evidence.Neighbour {
	b := bundle.New("test", bundle.Target{ID: "c", Name: "p", Runtime: bundle.RuntimeKubernetes,
		InPod: bundle.InPod{Namespace: "n", Pod: "p", Container: "app"}}, now)
	b.Put(bundle.FilePod, []byte(`{"metadata":{"name":"p","namespace":"n"},"spec":{"containers":[{"name":"app"}]},`+
		`"status":{"phase":"Running"}}`))
	var pods []string
	for i, s := range statuses {
		pods = append(pods, fmt.Sprintf(`{"metadata":{"name":"redis-%d","creationTimestamp":%q},"status":%s}`, i,
			now.Add(-time.Hour).Format(time.RFC3339), s))
	}
	b.Put(bundle.FileBackends, []byte(`{"service":{"metadata":{"name":"redis","namespace":"n"},"spec":{"selector":`+
		`{"app":"redis"},"clusterIP":"10.0.0.7"}},"namedBy":["REDIS_URL"],"pods":[`+strings.Join(pods, ",")+`]}`))
	list := Decode(b).Backends
	if len(list) != 1 {
		return evidence.Neighbour{}
	}
	return list[0]
}

func ready(status, since string) string {
	return fmt.Sprintf(`"conditions":[{"type":"Ready","status":%q,"lastTransitionTime":%q}]`, status, since)
}

// TestBackends: a Service serves as long as one pod behind it is ready; of what does not serve it is told why, and
// since when nobody can have relied on it.
func TestBackends(t *testing.T) {
	const early, late = "2026-11-26T12:00:00Z", "2026-11-26T12:04:00Z"
	end := `{"terminated":{"exitCode":137,"reason":"OOMKilled","startedAt":"2026-11-26T11:59:00Z","finishedAt":"` + early +
		`"}}`
	loop := `{"phase":"Running",` + ready("False", late) + `,"containerStatuses":[{"name":"redis","restartCount":2,` +
		`"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":` + end + `}]}`
	for name, tt := range map[string]struct {
		pods              []string
		state, down, from string
	}{
		"none":       {nil, fact.StateExited, "has no pod: none bears the labels app=redis", ""},
		"ready":      {[]string{`{` + ready("True", early) + `}`}, fact.StateRunning, "", ""},
		"one of two": {[]string{loop, `{` + ready("True", early) + `}`}, fact.StateRunning, "", ""},
		"crash loop": {[]string{loop}, fact.StateExited,
			"redis-0 waits in CrashLoopBackOff (exit code 137, OOMKilled)", early},
		"not ready": {[]string{`{` + ready("False", late) + `}`}, fact.StateExited, "redis-0 is not ready", late},
		"the last":  {[]string{loop, `{` + ready("False", late) + `}`}, fact.StateExited, "redis-1 is not ready", late},
		"unscheduled": {[]string{`{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"}]}`},
			fact.StateExited, "redis-0 is on no node (Unschedulable)", ""},
		"finished": {[]string{`{"phase":"Succeeded"}`}, fact.StateExited, "has no pod: none", ""},
	} {
		n := behind(tt.pods...)
		from := ""
		if n.FinishedAt != nil {
			from = n.FinishedAt.Format(time.RFC3339)
		}
		if n.State != tt.state || !strings.Contains(n.Down, tt.down) || from != tt.from || tt.down == "" && n.Down != "" {
			t.Errorf("%s: %s %q since %q", name, n.State, n.Down, from)
		}
	}
	for host, want := range map[string]bool{"redis": true, "redis.n": true, "redis.n.svc.cluster.local": true,
		"10.0.0.7": true, "redis-0": false, "redis.m": false} {
		if n := behind(); n.Is(host) != want {
			t.Errorf("%s is the Service: %v", host, !want)
		}
	}
}

// TestBackendStarts: a pod that is new is no failure yet, unless something keeps it from coming up.
func TestBackendStarts(t *testing.T) {
	for status, want := range map[string]bool{
		`{"state":{"waiting":{"reason":"ContainerCreating"}}}`:                            true,
		`{"state":{"running":{}}}`:                                                        true,
		`{"state":{"waiting":{"reason":"ErrImagePull"}}}`:                                 false,
		`{"lastState":{"terminated":{"exitCode":1,"finishedAt":"2026-11-26T12:00:00Z"}}}`: false,
	} {
		p, _ := Parse[Pod]([]byte(`{"metadata":{"creationTimestamp":"2026-11-26T12:00:00Z"},"status":{"containerStatuses":[` +
			status + `]}}`))
		if got := p.comingUp(Time("2026-11-26T12:00:30Z")); got != want {
			t.Errorf("%s: coming up %v", status, got)
		}
		if p.comingUp(Time("2026-11-26T12:02:00Z")) {
			t.Errorf("%s: coming up for two minutes", status)
		}
	}
}

// TestNamesFromElsewhere: the short name of a Service holds in its own namespace only.
func TestNamesFromElsewhere(t *testing.T) {
	s, _ := Parse[Service]([]byte(`{"metadata":{"name":"redis","namespace":"data"}}`))
	words := Hosts([]byte("REDIS_URL=redis://redis:6379/0"))
	if !s.Called(words, "data") || s.Called(words, "web") {
		t.Errorf("%v", words)
	}
	if words = Hosts([]byte("connect to redis.data:6379: refused")); !s.Called(words, "web") {
		t.Errorf("%v", words)
	}
	if got := s.NamedIn([]string{"A=redis://redis:6379", "B=redis://redis.data.svc:6379"}, "web"); len(got) != 1 {
		t.Errorf("named by %q", got)
	}
}
