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

// aRun is the id of the container that the tests of this file look at.
const aRun = "26fcdb203824e5a100e9352e9524bf5b1232e55846ac894461fc5dd49b9c207b"

// kubeletWrote are lines as a kubelet of 1.34 wrote them (record liveness-timeout-blocked-loop).
func kubeletWrote(why, id string) string {
	text := ""
	if why != "" {
		text = `I1126 12:05:55.270333   26045 kuberuntime_manager.go:1182] "Message for Container of pod" ` +
			fmt.Sprintf(`containerName="app" containerStatusID={"Type":"containerd","ID":%q} pod="n/p" `, id) +
			fmt.Sprintf("containerMessage=%q\n", why)
	}
	return text + `I1126 12:05:55.270374   26045 kuberuntime_container.go:866] "Killing container with a grace period" ` +
		fmt.Sprintf("pod=\"n/p\" podUID=\"u\" containerName=\"app\" containerID=\"containerd://%s\" gracePeriod=5\n", id)
}

// withKubeletLog decodes a run that ended in 137 at 12:06, with nothing in its events but its start.
func withKubeletLog(text string, from time.Time) evidence.Runtime {
	status := strings.Replace(ended(137, "Error"), "c1", aRun, 1)
	pod := fmt.Sprintf(`{"metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"restartPolicy":"Always",
"terminationGracePeriodSeconds":5,"containers":[{"name":"app","livenessProbe":{"httpGet":{"port":8000}}}]},
"status":{"phase":"Running","containerStatuses":[{"name":"app","restartCount":9,%s}]}}`, status)
	b := bundle.New("test", bundle.Target{ID: "c", Name: "p", Runtime: bundle.RuntimeKubernetes,
		InPod: bundle.InPod{Namespace: "n", Pod: "p", Container: "app"}}, now)
	b.Put(bundle.FilePod, []byte(pod))
	b.Put(bundle.FilePodEvents, []byte(started))
	b.Put(bundle.FileKubeletLog, []byte(text))
	to := now
	b.SetSource(bundle.Source{Name: fact.SourceKubeletLog, Status: fact.StatusCollected, From: &from, To: &to})
	return Decode(b)
}

// TestKubeletLogNamesTheKill: by the id of the run, where the events were dropped.
func TestKubeletLogNamesTheKill(t *testing.T) {
	early := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		text  string
		probe string
		stop  bool
	}{
		"liveness":      {kubeletWrote(failedLiveness, aRun), evidence.ProbeLiveness, true},
		"a stop":        {kubeletWrote("", aRun), "", true},
		"another run's": {kubeletWrote(failedLiveness, strings.Replace(aRun, "26", "99", 1)), "", false},
		"nothing of it": {"", "", false},
		"journal's form": {strings.ReplaceAll(kubeletWrote(failedLiveness, aRun), "I1126",
			"Nov 26 12:05:55.270 node1 kubelet[26045]: I1126"), evidence.ProbeLiveness, true},
	} {
		r := withKubeletLog(tt.text, early).Lives[0].Request
		if (r != nil) != tt.stop || r != nil && r.Probe != tt.probe {
			t.Errorf("%s: request %+v", name, r)
		}
		if r != nil && !r.At.Equal(time.Date(2026, 11, 26, 12, 5, 55, 270333000, time.UTC).Truncate(time.Second)) &&
			r.At.Sub(early) < 5*time.Minute {
			t.Errorf("%s: at %v", name, r.At)
		}
	}
}

// TestKubeletLogProvesSilence: nine restarts with one Started prove nothing by what is missing, the kubelet's log does
// where it reaches over the run, and not where it begins within it.
func TestKubeletLogProvesSilence(t *testing.T) {
	for name, tt := range map[string]struct {
		from time.Time
		want bool
	}{"covers": {time.Date(2026, 11, 26, 12, 4, 0, 0, time.UTC), true},
		"begins too late": {time.Date(2026, 11, 26, 12, 5, 30, 0, time.UTC), false}} {
		r := withKubeletLog("", tt.from)
		if got := r.Events.From != nil && r.Events.Witnessed(&r.Lives[0]); got != tt.want {
			t.Errorf("%s: witnessed %v", name, got)
		}
	}
}

// TestKubeletStamp: the year is the newest that does not lie ahead.
func TestKubeletStamp(t *testing.T) {
	january := time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	line := []byte("I1231 23:59:58.000001   1 server.go:1] \"x\"\n")
	if at := KubeletStamp(line, january); at.Year() != 2026 {
		t.Errorf("at %v", at)
	}
	if !KubeletStamp([]byte("<pre>\n<a href=\"x\">"), january).IsZero() || IsKubeletLog([]byte("log not found")) {
		t.Error("a list of files is no log")
	}
}

// TestSummaryFillsGaps: what cAdvisor tells stays, what it does not is the kubelet's own.
func TestSummaryFillsGaps(t *testing.T) {
	s, _ := Parse[Summary]([]byte(`{"pods":[{"containers":[{"name":"app","memory":{"usageBytes":5,"rssBytes":4,
"psi":{"full":{"avg10":30.5}}}}]}]}`))
	seven := int64(7)
	c := withSummary(&evidence.Cgroup{MemoryUsage: &seven}, s, "app")
	if *c.MemoryUsage != 7 || *c.Anon != 4 || *c.MemoryStall != 30.5 {
		t.Errorf("%+v", c)
	}
	if withSummary(nil, s, "other") != nil || withSummary(nil, nil, "app") != nil {
		t.Error("of another container nothing is known")
	}
}

func FuzzKubeletLog(f *testing.F) {
	f.Add([]byte(kubeletWrote(failedLiveness, aRun)))
	f.Fuzz(func(_ *testing.T, data []byte) {
		withKubeletLog(string(data), now)
		KubeletStamp(data, now)
	})
}
