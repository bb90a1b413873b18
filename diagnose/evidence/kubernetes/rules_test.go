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

var now = time.Date(2026, 11, 26, 12, 10, 0, 0, time.UTC)

// decoded reads one pod with one container, its status and its events.
func decoded(status string, restarts int, events ...string) evidence.Runtime {
	pod := fmt.Sprintf(`{"metadata":{"name":"p","namespace":"n","uid":"u"},
"spec":{"restartPolicy":"Always","terminationGracePeriodSeconds":5,"containers":[{"name":"app",
"resources":{"limits":{"memory":"40Mi"}},"livenessProbe":{"httpGet":{"path":"/","port":8000},"periodSeconds":2}}]},
"status":{"phase":"Running","containerStatuses":[{"name":"app","restartCount":%d,
"resources":{"limits":{"memory":"256Mi"}},%s}]}}`, restarts, status)
	b := bundle.New("test", bundle.Target{ID: "c2", Name: "p", Runtime: bundle.RuntimeKubernetes,
		InPod: bundle.InPod{Namespace: "n", Pod: "p", Container: "app"}}, now)
	b.Put(bundle.FilePod, []byte(pod))
	b.Put(bundle.FilePodEvents, []byte(strings.Join(events, "\n")))
	return Decode(b)
}

func ended(code int, reason string) string {
	return fmt.Sprintf(`"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":%d,
"reason":%q,"containerID":"containerd://c1","startedAt":"2026-11-26T12:05:00Z","finishedAt":"2026-11-26T12:06:00Z"}}`,
		code, reason)
}

func event(reason, message string, count int, first, last string) string {
	return fmt.Sprintf(`{"involvedObject":{"kind":"Pod","name":"p","uid":"u","fieldPath":"spec.containers{app}"},`+
		`"reason":%q,"message":%q,"count":%d,"firstTimestamp":"2026-11-26T%sZ","lastTimestamp":"2026-11-26T%sZ"}`,
		reason, message, count, first, last)
}

var started = event(reasonStarted, "Started container app", 2, "12:05:00", "12:06:20")

const failedLiveness = "Container app failed liveness probe, will be restarted"

func TestRunHasItsOwnIdAndMark(t *testing.T) {
	life := decoded(ended(137, reasonOOMKilled), 1, started).Lives[0]
	if life.ID != "c1" || life.OOM == nil || !*life.OOM || life.Request != nil {
		t.Errorf("life %+v", life)
	}
}

func TestBothStatesAreTwoRuns(t *testing.T) {
	status := ended(1, "Error")
	status = strings.Replace(status, `"state":{"waiting":{"reason":"CrashLoopBackOff"}}`,
		`"state":{"terminated":{
"exitCode":2,"containerID":"containerd://c2","startedAt":"2026-11-26T12:07:00Z","finishedAt":"2026-11-26T12:08:00Z"}}`, 1)
	lives := decoded(status, 1, started).Lives
	if len(lives) != 2 || lives[0].ID != "c1" || lives[1].ID != "c2" || *lives[1].ExitCode != 2 {
		t.Errorf("lives %+v", lives)
	}
}

func TestKillingBeforeTheEndIsTheKubelets(t *testing.T) {
	for name, tt := range map[string]struct {
		at     string
		killed bool
	}{"within grace": {"12:05:55", true}, "long before": {"12:05:10", false}, "after the end": {"12:06:30", false}} {
		k := event(reasonKilling, failedLiveness, 1, tt.at, tt.at)
		life := decoded(ended(137, reasonOOMKilled), 1, started, k).Lives[0]
		if killed := life.Request != nil && life.Request.Kind == fact.RequestProbe; killed != tt.killed {
			t.Errorf("%s: request %+v", name, life.Request)
		}
	}
}

func TestKillingAfterTheGraceIsEscalated(t *testing.T) {
	k := event(reasonKilling, "Stopping container app", 1, "12:05:55", "12:05:55")
	r := decoded(ended(137, "Error"), 1, started, k).Lives[0].Request
	if r == nil || !r.Escalated || r.Kind != fact.RequestStop {
		t.Errorf("request %+v", r)
	}
	if r := decoded(ended(0, "Completed"), 1, started, k).Lives[0].Request; r == nil || r.Escalated {
		t.Errorf("request of one that obeyed %+v", r)
	}
}

// TestEventsAreComplete: fewer Started than starts, or an end more than an hour ago, prove nothing by what is missing.
func TestEventsAreComplete(t *testing.T) {
	one := event(reasonStarted, "Started container app", 1, "12:05:00", "12:05:00")
	for name, tt := range map[string]struct {
		events []string
		want   bool
	}{"all there": {[]string{started}, true}, "one dropped": {[]string{one}, false}, "none": {nil, false}} {
		r := decoded(ended(137, "Error"), 1, tt.events...)
		if got := r.Events.From != nil && r.Events.Witnessed(&r.Lives[0]); got != tt.want {
			t.Errorf("%s: witnessed %v", name, got)
		}
	}
}

func TestLimitIsTheAppliedOne(t *testing.T) {
	if m := decoded(ended(1, "Error"), 1).Spec.Memory; m != 256<<20 {
		t.Errorf("limit %d, the status says 256 MiB", m)
	}
}

// TestProvedAfter: the kubelet forgets its back-off after ten minutes; without a status nothing is known.
func TestProvedAfter(t *testing.T) {
	if after := decoded(ended(1, "Error"), 3).Status.ProvedAfter; after != 10*time.Minute {
		t.Errorf("proved after %v", after)
	}
	d := decoder{pod: &Pod{}}
	if after := d.statusOf(nil).ProvedAfter; after != 0 {
		t.Errorf("proved after %v, and nobody knows of a restart", after)
	}
}

func TestMadeUpEndTellsNoCode(t *testing.T) {
	life := decoded(strings.NewReplacer(`"2026-11-26T12:05:00Z"`, "null", `"2026-11-26T12:06:00Z"`, "null").Replace(
		ended(137, reasonStatusUnknown)), 1).Lives[0]
	if life.ExitCode != nil || life.OOM != nil {
		t.Errorf("life %+v", life)
	}
	status := `"state":{"terminated":{"exitCode":137,"reason":"ContainerStatusUnknown"}}`
	if n := decoded(status, 1).Status.Restarts; n != 0 {
		t.Errorf("%d restarts of what was never started again", n)
	}
}

func TestStartErrorNeverRan(t *testing.T) {
	r := decoded(strings.Replace(ended(128, reasonStartError), `"reason":"StartError"`, `"reason":"StartError",
"message":"exec: \"nothere\": executable file not found in $PATH"`, 1), 1)
	if len(r.Lives) != 0 || r.Status.State != fact.StateNeverStarted && r.Status.State != fact.StateRestarting ||
		!strings.Contains(r.Status.Error, "not found") {
		t.Errorf("lives %v, status %+v", r.Lives, r.Status)
	}
}

func TestFailureWords(t *testing.T) {
	for text, want := range map[string]string{
		"HTTP probe failed with statuscode: 503":                                  "http-status",
		`Get "http://10.0.0.1/": context deadline exceeded (Client.Timeout exce)`: "timeout",
		`command timed out: "sh -c x" timed out after 1s`:                         "timeout",
		"dial tcp 10.0.0.1:80: connect: connection refused":                       "refused",
		"cat: can't open '/x'":                                                    "failed",
	} {
		if got := readFailure(text).Outcome; string(got) != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"metadata":{"name":"p"},"status":{"containerStatuses":[{"name":"app"}]}}`), []byte(started))
	f.Fuzz(func(_ *testing.T, pod, events []byte) {
		b := bundle.New("test", bundle.Target{Runtime: bundle.RuntimeKubernetes, InPod: bundle.InPod{Container: "app"}}, now)
		b.Put(bundle.FilePod, pod)
		b.Put(bundle.FilePodEvents, events)
		Decode(b)
	})
}

// TestStopWithoutAWord: of a pod that is not started again the kubelet does not say that a probe had failed; where
// somebody deleted the pod, or the probe had not failed often enough, that is why.
func TestStopWithoutAWord(t *testing.T) {
	failed := func(times int) string {
		return event(reasonUnhealthy, "Liveness probe failed: no", times, "12:05:51", "12:05:55")
	}
	stop := event(reasonKilling, "Stopping container app", 1, "12:05:55", "12:05:55")
	for name, tt := range map[string]struct {
		events []string
		want   fact.Request
	}{
		"failed three times": {[]string{started, failed(3), stop}, fact.RequestProbe},
		"failed once":        {[]string{started, failed(1), stop}, fact.RequestStop},
		"not at all":         {[]string{started, stop}, fact.RequestStop},
	} {
		r := decoded(ended(137, "Error"), 1, tt.events...).Lives[0].Request
		if r == nil || r.Kind != tt.want {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestDeletionIsToldByThePod: its K may not be there yet, or was dropped.
func TestDeletionIsToldByThePod(t *testing.T) {
	for name, tt := range map[string]struct {
		meta string
		want bool
	}{
		"asked before the end": {`"deletionTimestamp":"2026-11-26T12:06:03Z","deletionGracePeriodSeconds":5,`, true},
		"asked after it":       {`"deletionTimestamp":"2026-11-26T12:06:09Z","deletionGracePeriodSeconds":5,`, false},
		"all is over":          {`"deletionTimestamp":"2026-11-26T12:06:03Z","deletionGracePeriodSeconds":0,`, false},
		"not deleted":          {"", false},
	} {
		d := decoder{name: "app", now: now}
		d.pod, _ = Parse[Pod]([]byte(`{"metadata":{` + tt.meta + `"name":"p"}}`))
		end := now.Add(-4 * time.Minute)
		r := d.requestOf(&evidence.Life{Start: end.Add(-time.Minute), End: &end})
		if (r != nil) != tt.want || r != nil && r.Kind != fact.RequestStop {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestRefusalThatIsOver: what kept a pod waiting before does not keep it now.
func TestRefusalThatIsOver(t *testing.T) {
	whole := func(reason, message, at string) string {
		return strings.Replace(event(reason, message, 1, at, at), `,"fieldPath":"spec.containers{app}"`, "", 1)
	}
	creating := `"state":{"waiting":{"reason":"ContainerCreating"}}`
	for name, tt := range map[string]struct {
		events []string
		kept   bool
	}{
		"no node": {[]string{whole("FailedScheduling", "0/1", "12:05:00")}, true},
		"a node now": {[]string{whole("FailedScheduling", "0/1", "12:05:00"), whole("Scheduled", "to n", "12:06:00")},
			false},
		"not mounted": {[]string{whole("Scheduled", "to n", "12:05:00"), whole("FailedMount", "no", "12:06:00")}, true},
		"mounted since": {[]string{whole("FailedMount", "no", "12:05:00"),
			event("Pulled", "image", 1, "12:06:00", "12:06:00")}, false},
	} {
		if r := decoded(creating, 0, tt.events...); (r.Status.Error != "") != tt.kept {
			t.Errorf("%s: kept by %q", name, r.Status.Error)
		}
	}
}

// TestForgottenRun: the status holds nothing of the run before, whose container is removed; its K is left.
func TestForgottenRun(t *testing.T) {
	running := `"state":{"running":{"startedAt":"2026-11-26T12:06:00Z"}},"lastState":{}`
	for at, want := range map[string]int{"12:05:54": 2, "11:05:54": 1, "12:06:30": 1} {
		lives := decoded(running, 3, event(reasonKilling, failedLiveness, 3, "11:00:00", at)).Lives
		if len(lives) != want {
			t.Errorf("K at %s: %d lives", at, len(lives))
		}
		if want == 2 && (lives[0].Request == nil || lives[0].Request.Probe != evidence.ProbeLiveness) {
			t.Errorf("lives %+v", lives)
		}
	}
}

// TestGonePodWasKilledByItsProbe: the end of what was removed later is no request of anybody's.
func TestGonePodWasKilledByItsProbe(t *testing.T) {
	b := bundle.New("test", bundle.Target{Name: "p", Runtime: bundle.RuntimeKubernetes,
		InPod: bundle.InPod{Namespace: "n", Pod: "p"}}, now)
	unhealthy := event(reasonUnhealthy, "Liveness probe failed: HTTP probe failed with statuscode: 503", 3, "12:05:40",
		"12:05:53")
	b.Put(bundle.FilePodEvents, []byte(event(reasonStarted, "Started container app", 1, "12:05:00", "12:05:00")+
		"\n"+unhealthy+"\n"+
		event(reasonKilling, failedLiveness, 1, "12:05:53", "12:05:53")))
	r := Decode(b)
	if len(r.Lives) != 1 || r.Lives[0].Request.Kind != fact.RequestProbe || r.Status == nil ||
		len(r.Status.Health.Log) == 0 {
		t.Errorf("%+v", r)
	}
}

// TestFailuresThatWereDropped: of a readiness probe that fails for long the recorder drops the later events; those that
// are left say by what it mostly fails.
func TestFailuresThatWereDropped(t *testing.T) {
	failed := func(words string, count int, first, last string) string {
		return event(reasonUnhealthy, "Readiness probe failed: "+words, count, first, last)
	}
	pod := `{"metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"containers":[{"name":"app","readinessProbe":{
"exec":{"command":["x"]},"periodSeconds":2,"failureThreshold":2}}]},"status":{"phase":"Running","conditions":[{"type":
"ContainersReady","status":"False","lastTransitionTime":"2026-11-26T12:00:00Z"}],"containerStatuses":[{"name":"app",
"state":{"running":{"startedAt":"2026-11-26T12:00:00Z"}}}]}}`
	for name, tt := range map[string]struct {
		events []string
		want   string
	}{
		"all of one kind": {[]string{failed("joining failed", 25, "12:00:02", "12:00:50")}, "failed"},
		"one was slow": {[]string{failed("joining failed", 25, "12:00:02", "12:00:50"),
			failed("command timed out: x timed out after 1s", 2, "12:00:52", "12:05:50")}, "failed"},
		"none is left": {nil, ""},
	} {
		b := bundle.New("test", bundle.Target{Name: "p", Runtime: bundle.RuntimeKubernetes,
			InPod: bundle.InPod{Namespace: "n", Pod: "p", Container: "app"}}, now)
		b.Put(bundle.FilePod, []byte(pod))
		b.Put(bundle.FilePodEvents, []byte(strings.Join(tt.events, "\n")))
		got := ""
		if log := Decode(b).Status.Health.Log; len(log) > 0 {
			got = string(log[len(log)-1].Result.Outcome)
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestBeingEnded: what has been asked to end is not well, and says who asked.
func TestBeingEnded(t *testing.T) {
	for meta, want := range map[string]string{"": "",
		`"deletionTimestamp":"2026-11-26T12:10:20Z","deletionGracePeriodSeconds":30,`: "the deletion of the pod"} {
		b := bundle.New("test", bundle.Target{Name: "p", Runtime: bundle.RuntimeKubernetes,
			InPod: bundle.InPod{Namespace: "n", Pod: "p", Container: "app"}}, now)
		b.Put(bundle.FilePod, []byte(`{"metadata":{`+meta+`"name":"p"},"spec":{"containers":[{"name":"app"}]},"status":{
"phase":"Running","containerStatuses":[{"name":"app","ready":true,"state":{"running":{"startedAt":"2026-11-26T12:00:00Z"}}}]}}`))
		got := ""
		if r := Decode(b).Status.Leaving; r != nil {
			got = r.Words
		}
		if got != want {
			t.Errorf("%q: %q, want %q", meta, got, want)
		}
	}
}

// TestLimitOfThePod: a limit of the pod itself is that of its containers which have none.
func TestLimitOfThePod(t *testing.T) {
	for resources, want := range map[string]int64{"": 0, `"resources":{"limits":{"memory":"64Mi"}},`: 64 << 20} {
		b := bundle.New("test", bundle.Target{Name: "p", Runtime: bundle.RuntimeKubernetes,
			InPod: bundle.InPod{Namespace: "n", Pod: "p", Container: "app"}}, now)
		b.Put(bundle.FilePod, []byte(`{"metadata":{"name":"p"},"spec":{`+resources+`"containers":[{"name":"app"},
{"name":"beside"}]},"status":{"containerStatuses":[{"name":"app"}]}}`))
		if r := Decode(b); r.Spec.Memory != want || r.Group.Memory != want || r.Group.OfPod != (want > 0) {
			t.Errorf("%q: %+v, %+v", resources, r.Spec.Memory, r.Group)
		}
	}
}
