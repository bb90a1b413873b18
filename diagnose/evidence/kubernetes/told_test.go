package kubernetes

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// toldBy is the first thing that Kubernetes itself tells of a pod with this status.
func toldBy(meta, status string) string {
	b := bundle.New("test", bundle.Target{Name: "p", Runtime: bundle.RuntimeKubernetes,
		InPod: bundle.InPod{Namespace: "n", Pod: "p", Container: "app"}}, now)
	b.Put(bundle.FilePod, fmt.Appendf(nil, `{"metadata":{"name":"p","namespace":"n"%s},"spec":{"containers":[{"name":"app"}]},
"status":{%s}}`, meta, status))
	list := Decode(b).Told
	if len(list) == 0 {
		return ""
	}
	return list[0].ID
}

// TestNotAdmitted: whatever word a kubelet has for it, a pod that failed with a reason and without a run was refused.
func TestNotAdmitted(t *testing.T) {
	const ran = `,"containerStatuses":[{"name":"app","containerID":"containerd://c1","state":{"terminated":{"exitCode":1,
"containerID":"containerd://c1","finishedAt":"2026-11-26T12:06:00Z"}}}]`
	for status, want := range map[string]string{
		`"phase":"Failed","reason":"SysctlForbidden","message":"forbidden sysctl: \"kernel.msgmax\" not allowlisted"`: fact.PodRefused,
		`"phase":"Failed","reason":"OutOfcpu","message":"Node didn't have enough resource: cpu"`:                      fact.PodRefused,
		`"phase":"Failed","reason":"AWordOf2031"`:                                                                     fact.PodRefused,
		`"phase":"Failed","reason":"AWordOf2031"` + ran:                                                               "",
		`"phase":"Failed"` + ran:                   "",
		`"phase":"Running","reason":"AWordOf2031"`: "",
		`"phase":"Failed","reason":"Evicted"`:      fact.Evicted,
	} {
		if got := toldBy("", status); got != want {
			t.Errorf("%s: %q, want %q", status, got, want)
		}
	}
}

// TestOutlastsSchedule: a CronJob whose run goes on does not begin the next one. What was so of an earlier run is over.
func TestOutlastsSchedule(t *testing.T) {
	for _, tt := range []struct {
		at, state string
		want      int
	}{
		{"12:08:00", `"running":{"startedAt":"2026-11-26T12:05:00Z"}`, 1},
		{"12:04:00", `"running":{"startedAt":"2026-11-26T12:05:00Z"}`, 0},
		{"12:08:00", `"terminated":{"exitCode":0,"finishedAt":"2026-11-26T12:09:00Z"}`, 0},
	} {
		d := decoder{name: "app", now: now, status: &ContainerStatus{Name: "app"}}
		_ = json.Unmarshal([]byte("{"+tt.state+"}"), &d.status.State)
		ev := Event{Reason: reasonStillActive, LastTimestamp: "2026-11-26T" + tt.at + "Z"}
		ev.InvolvedObject.Kind, ev.InvolvedObject.Name = "CronJob", "report"
		d.others = []Event{ev}
		if got := d.toldSchedule(); len(got) != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

// TestReadinessGate: containers that are ready get no requests while a gate is closed. In the first minute whoever
// opens it may not have seen the pod, and of a pod that is being deleted it is closed on purpose.
func TestReadinessGate(t *testing.T) {
	status := func(age time.Duration, reason string) string {
		return fmt.Sprintf(`"phase":"Running","conditions":[{"type":"Ready","status":"False","reason":%q,"message":"gate",
"lastTransitionTime":%q}],"containerStatuses":[{"name":"app","ready":true,"containerID":"containerd://c1","state":{"running":
{"startedAt":"2026-11-26T12:00:00Z"}}}]`, reason, now.Add(-age).Format(time.RFC3339))
	}
	const deleted = `,"deletionTimestamp":"2026-11-26T12:10:20Z"`
	for _, tt := range []struct{ meta, status, want string }{
		{"", status(2*time.Minute, "ReadinessGatesNotReady"), fact.GateClosed},
		{"", status(20*time.Second, "ReadinessGatesNotReady"), ""},
		{"", status(2*time.Minute, "ContainersNotReady"), ""},
		{deleted, status(2*time.Minute, "ReadinessGatesNotReady"), ""},
	} {
		if got := toldBy(tt.meta, tt.status); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.status, got, tt.want)
		}
	}
}

// TestUnreadyIsUnwell: a pod that gets no requests is unwell though its containers are ready, as on a node that is not
// heard of; one that has done its work is not.
func TestUnreadyIsUnwell(t *testing.T) {
	for status, want := range map[string]bool{
		`"phase":"Running","conditions":[{"type":"Ready","status":"False"}]`: true,
		`"phase":"Running","conditions":[{"type":"Ready","status":"True"}]`:  false,
		`"phase":"Running"`: false,
		`"phase":"Succeeded","conditions":[{"type":"Ready","status":"False","reason":"PodCompleted"}]`: false,
	} {
		p, _ := Parse[Pod]([]byte(`{"status":{` + status + `,"containerStatuses":[{"name":"app","ready":true}]}}`))
		if got := p.Unwell(); got != want {
			t.Errorf("%s: %v", status, got)
		}
	}
}
