package kubernetes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const debugged = "907ebec8e70d20c4f196a2c2b57b16475789ba52537fc2f8106e1c60303542b6"

// whatItPrints is the log of a debug pod, as the kubelet shows it.
const whatItPrints = `2026-11-26T12:00:10.5Z @@ uptime 1000.50 99
2026-11-26T12:00:10.6Z @@ boot 1d2b
2026-11-26T12:00:10.6Z @@ pattern 1 |/usr/lib/systemd/systemd-coredump %P
2026-11-26T12:00:10.6Z @@ file /host/cgroup/memory/kubepods/podu/` + debugged + `/memory.oom_control
2026-11-26T12:00:10.6Z under_oom 0
2026-11-26T12:00:10.6Z oom_kill 3
2026-11-26T12:00:10.6Z @@ file /host/cgroup/memory/kubepods/podx/0` + debugged + `/memory.oom_control
2026-11-26T12:00:10.6Z oom_kill 9
2026-11-26T12:00:10.6Z @@ kmsg
2026-11-26T12:00:10.7Z 6,1,2000000,-;a line of the kernel
2026-11-26T12:00:12.7Z @@ end
`

// aNode is a fake cluster with a running pod, in which pods can be made.
type aNode struct {
	mu            sync.Mutex
	made, removed []string
	refuse        int    // the code with which making is refused
	phase         string // of the pod that was made
	waiting       string // why it does not start
	log           string
}

func (n *aNode) answer(w http.ResponseWriter, r *http.Request) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/pods"):
		if n.refuse > 0 {
			kubetest.Status(w, n.refuse, "Forbidden", "violates PodSecurity \"restricted:latest\": privileged")
			return true
		}
		var pod struct {
			Metadata struct{ Name string }
			Spec     struct {
				ActiveDeadlineSeconds int
				Containers            []struct{ Image string }
			}
		}
		body, _ := io.ReadAll(r.Body)
		if json.Unmarshal(body, &pod) == nil && pod.Spec.ActiveDeadlineSeconds > 0 {
			n.made = append(n.made, pod.Metadata.Name+" "+pod.Spec.Containers[0].Image)
		}
		fmt.Fprint(w, "{}")
	case r.Method == http.MethodDelete:
		n.removed = append(n.removed, name)
		fmt.Fprint(w, "{}")
	case name == "p":
		fmt.Fprint(w, strings.ReplaceAll(strings.Replace(aPod(httpProbe), `"name":"app","ports"`,
			`"name":"app","image":"gateway:1","ports"`, 1), "containerd://c1", "containerd://"+debugged))
	case strings.HasPrefix(name, "gwdoctor-node-debug-"):
		state := ""
		if n.waiting != "" {
			state = `"waiting":{"reason":"` + n.waiting + `"}`
		}
		fmt.Fprintf(w, `{"metadata":{"name":%q},"status":{"phase":%q,"containerStatuses":[{"name":"debug","state":{%s}}]}}`,
			name, n.phase, state)
	case strings.HasSuffix(r.URL.Path, "/log") && strings.Contains(r.URL.Path, "gwdoctor-node-debug-"):
		fmt.Fprint(w, n.log)
	default:
		return false
	}
	return true
}

// look collects with a debug pod and tells what became of it.
func (n *aNode) look(t *testing.T, ctx context.Context) (*bundle.Bundle, []string, error) {
	t.Helper()
	server := kubetest.New(t, t.TempDir())
	server.Answer = n.answer
	var mu sync.Mutex
	var told []string
	s := open(t, server, func(o *kubernetes.Options) {
		o.Namespace, o.NodeDebug, o.Now = "n", true, time.Now
		o.Tell = func(text string) { mu.Lock(); defer mu.Unlock(); told = append(told, text) }
	})
	found, err := s.Find(context.Background(), kubernetes.Ref{Kind: "pods", Name: "p"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Collect(ctx, s.Targets(found)[0])
	return b, told, err
}

// TestNodeDebug: what the pod printed is in the bundle, and the pod is gone.
func TestNodeDebug(t *testing.T) {
	n := &aNode{phase: "Succeeded", log: whatItPrints}
	b, told, err := n.look(t, context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(n.made) != 1 || len(n.removed) != 1 || !strings.HasSuffix(n.made[0], " gateway:1") ||
		!strings.HasPrefix(n.made[0], n.removed[0]) || len(told) != 2 {
		t.Errorf("made %q, removed %q, told %q", n.made, n.removed, told)
	}
	for file, want := range map[string]string{bundle.FileKmsg: "6,1,2000000,-;a line of the kernel\n",
		bundle.FileClock:                        `"boot":"2026-11-26T11:43:30Z"`,
		bundle.DirCgroup + "memory.oom_control": "under_oom 0\noom_kill 3\n",
		bundle.FileCorePolicy:                   `"usesPid":true`} {
		if data, _ := b.File(file); !strings.Contains(string(data), want) {
			t.Errorf("%s: %q, want %q", file, data, want)
		}
	}
	if s := b.Source(fact.SourceKernelLog); s.From == nil || s.From.Format(time.TimeOnly) != "11:43:32" {
		t.Errorf("source %+v", s)
	}
}

// TestNodeDebugInTrouble: each way in which it can go wrong is said, and no pod stays.
func TestNodeDebugInTrouble(t *testing.T) {
	for name, tt := range map[string]struct {
		node    *aNode
		status  fact.Status
		want    string
		removed int
	}{
		"may not be made": {&aNode{refuse: 403}, fact.StatusDenied, "PodSecurity", 0},
		"never starts": {&aNode{phase: "Pending", waiting: "ErrImageNeverPull"}, fact.StatusFailed, "ErrImageNeverPull",
			1},
		"has no shell":   {&aNode{phase: "Failed"}, fact.StatusFailed, "the pod failed", 1},
		"prints nothing": {&aNode{phase: "Succeeded"}, fact.StatusFailed, "nothing that can be read", 1},
	} {
		t.Run(name, func(t *testing.T) {
			b, _, err := tt.node.look(t, context.Background())
			if err != nil {
				t.Fatal(err)
			}
			s := b.Source(fact.SourceKernelLog)
			if s.Status != tt.status || !strings.Contains(s.Detail, tt.want) || len(tt.node.removed) != tt.removed {
				t.Errorf("source %+v, removed %q", s, tt.node.removed)
			}
		})
	}
}

// TestNodeDebugInterrupted: who is told to stop still removes the pod.
func TestNodeDebugInterrupted(t *testing.T) {
	n := &aNode{phase: "Running"}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(700*time.Millisecond, cancel)
	if _, _, err := n.look(t, ctx); err == nil || len(n.made) != 1 || len(n.removed) != 1 {
		t.Errorf("error %v, made %q, removed %q", err, n.made, n.removed)
	}
}

// TestKubeletLogIsFiltered: only lines of this pod, by whichever way the kubelet shows it.
func TestKubeletLogIsFiltered(t *testing.T) {
	const log = "I1126 12:00:00.000001 1 kubelet.go:1] \"x\" pod=\"n/p\"\n" +
		"I1126 12:00:00.000002 1 kubelet.go:1] \"x\" pod=\"n/q\"\n"
	for name, tt := range map[string]struct {
		answers map[string]string // by what the request has
		status  fact.Status
	}{
		"by query":         {map[string]string{"sinceTime": log}, fact.StatusCollected},
		"as a file":        {map[string]string{"query": `<a href="kubelet.log">`, "kubelet.log": log}, fact.StatusCollected},
		"not shown at all": {map[string]string{"query": "<pre></pre>"}, fact.StatusAbsent},
	} {
		server := kubetest.New(t, t.TempDir())
		server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/pods/p") {
				fmt.Fprint(w, aPod(httpProbe))
				return true
			}
			if !strings.Contains(r.URL.Path, "/proxy/logs/") {
				return false
			}
			for has, text := range tt.answers {
				if strings.HasSuffix(r.URL.Path, has) || r.URL.Query().Get(has) != "" {
					fmt.Fprint(w, text)
					return true
				}
			}
			return false
		}
		b := collectedOf(t, server, kubernetes.Ref{Kind: "pods", Name: "p"}, "n")
		data, _ := b.File(bundle.FileKubeletLog)
		if got := b.Source(fact.SourceKubeletLog); got.Status != tt.status ||
			tt.status == fact.StatusCollected && strings.Count(string(data), "\n") != 1 {
			t.Errorf("%s: %+v %q", name, got, data)
		}
	}
}
