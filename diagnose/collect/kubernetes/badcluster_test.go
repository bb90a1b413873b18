package kubernetes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectedFrom looks at the first run of the recorded OOM, on a server that answers some requests in its own way.
func collectedFrom(t *testing.T, answer func(http.ResponseWriter, *http.Request) bool) (*bundle.Bundle,
	*kubetest.Server) {
	t.Helper()
	server := kubetest.New(t, records+"oom-main/1-after-first")
	server.Answer = answer
	s := open(t, server, func(o *kubernetes.Options) { o.Timeout = 3 * time.Second })
	found, err := s.Find(context.Background(), kubernetes.Ref{Kind: "deployments", Name: "gateway"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Collect(context.Background(), s.Targets(found)[0])
	if err != nil {
		t.Fatal(err)
	}
	return b, server
}

// TestEachSourceForbidden: one source that the role does not open is denied with the smallest role that does, and the
// others are read all the same.
func TestEachSourceForbidden(t *testing.T) {
	for name, has := range map[string]string{fact.SourceEvents: "involvedObject.name%3Dgateway", fact.SourceLogs: "/log?",
		fact.SourceOwners: "/replicasets/", fact.SourceSiblings: "labelSelector=app%3Dgateway%2Cpod-template-hash",
		fact.SourceNode: "/nodes/node1?", fact.SourceNodeEvents: "involvedObject.kind%3DNode",
		fact.SourcePodMetrics: "/metrics.k8s.io/", fact.SourceProbeCount: "/proxy/metrics/probes",
		fact.SourceSummary: "/proxy/stats/summary", fact.SourceCadvisor: "/proxy/metrics/cadvisor"} {
		t.Run(name, func(t *testing.T) {
			b, _ := collectedFrom(t, func(w http.ResponseWriter, r *http.Request) bool {
				ofKubelet := strings.Contains(r.RequestURI, "/proxy/")
				if !strings.Contains(r.RequestURI+"?", has) && !(name == fact.SourcePodMetrics && ofKubelet) {
					return false
				}
				kubetest.Status(w, http.StatusForbidden, "Forbidden", `User "u" cannot do that`)
				return true
			})
			s := b.Source(name)
			if s.Status != fact.StatusDenied || !strings.Contains(s.Command, "kubectl create") {
				t.Errorf("source %+v", s)
			}
			if d := diagnose.Diagnose(b); d.Verdict.Reason() != fact.OOMKill {
				t.Errorf("verdict %+v", d.Verdict)
			}
		})
	}
}

// TestBusyServer: one that asks for a pause is obeyed, one that forgets a list between two pages has told the truth so
// far, and a pod that is deleted meanwhile gives what was read of it.
func TestBusyServer(t *testing.T) {
	var busy atomic.Int32
	b, _ := collectedFrom(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/replicasets/gateway-674b5f98f6") || busy.Add(1) > 1 {
			return false
		}
		w.Header().Set("Retry-After", "1")
		kubetest.Status(w, http.StatusTooManyRequests, "TooManyRequests", "wait")
		return true
	})
	if s := b.Source(fact.SourceOwners); s.Status != fact.StatusCollected || busy.Load() < 2 {
		t.Errorf("too many requests: %+v after %d", s, busy.Load())
	}
	server := kubetest.New(t, records+"oom-main/1-after-first")
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path != "/api/v1/pods":
			return false
		case r.URL.Query().Get("continue") != "":
			kubetest.Status(w, http.StatusGone, "Expired", "the list's version is too old")
		default:
			json.NewEncoder(w).Encode(map[string]any{"metadata": map[string]any{"continue": "x"}, "items": server.Pods()})
		}
		return true
	}
	found, err := open(t, server, nil).Select(context.Background(), "", "")
	if err != nil || len(found) == 0 {
		t.Errorf("410 between two pages: %d pods, %v", len(found), err)
	}
	gone, _ := collectedFrom(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/log") {
			return false
		}
		kubetest.Status(w, http.StatusNotFound, "NotFound", `pods "gateway" not found`)
		return true
	})
	if d := diagnose.Diagnose(gone); d.Verdict.Reason() != fact.OOMKill {
		t.Errorf("a pod that is deleted meanwhile: %+v", d.Verdict)
	}
}

// TestReleases: from 1.24 to 1.36 fields come and go, and one may change its type.
func TestReleases(t *testing.T) {
	for minor := 24; minor <= 36; minor++ {
		b, _ := collectedFrom(t, func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case r.URL.Path == "/version":
				fmt.Fprintf(w, `{"major":"1","minor":"%d+","gitVersion":"v1.%d.1-eks-1"}`, minor, minor)
				return true
			case strings.HasSuffix(r.URL.Path, "/pods"):
				var items []any
				for _, raw := range kubetestPods(t) {
					items = append(items, ofRelease(raw, minor))
				}
				json.NewEncoder(w).Encode(map[string]any{"metadata": map[string]any{}, "items": items})
				return true
			}
			return false
		})
		if d := diagnose.Diagnose(b); d.Verdict.Reason() != fact.OOMKill {
			t.Errorf("1.%d: %+v", minor, d.Verdict)
		}
	}
}

func kubetestPods(t *testing.T) []json.RawMessage {
	t.Helper()
	return (&kubetest.Server{Folder: records + "oom-main/1-after-first"}).Pods()
}

// ofRelease takes out what older releases do not have, and puts in what newer ones may.
func ofRelease(raw json.RawMessage, minor int) any {
	var pod map[string]any
	if json.Unmarshal(raw, &pod) != nil {
		return nil
	}
	status := pod["status"].(map[string]any)
	for _, one := range status["containerStatuses"].([]any) {
		s := one.(map[string]any)
		if minor < 33 {
			delete(s, "resources")
			delete(s, "allocatedResources")
		}
		if minor < 27 {
			delete(s, "started")
		}
		if minor > 35 {
			s["stopSignal"], s["user"], s["newField"] = "SIGTERM", map[string]any{"linux": 1}, []any{1, "x"}
		}
	}
	if minor > 35 {
		pod["spec"].(map[string]any)["hostPID"] = "of another type"
		status["observedGeneration"] = 3
	}
	return pod
}

// TestStrangeNodes: a Windows node has no OOM killer and codes of its own, a virtual one no container ids and no logs.
func TestStrangeNodes(t *testing.T) {
	pod := func(id string, code uint32, reason string) string {
		return fmt.Sprintf(`{"kind":"Pod","metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"nodeName":"strange",
"restartPolicy":"Always","containers":[{"name":"app","image":"x"}]},"status":{"phase":"Running","containerStatuses":[
{"name":"app","restartCount":1,"containerID":%q,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":
{"exitCode":%d,"reason":%q,"containerID":%q,"startedAt":"2026-11-26T12:00:00Z","finishedAt":"2026-11-26T12:01:00Z"}}}]}}`,
			id, code, reason, id)
	}
	for name, body := range map[string]string{"windows": pod("containerd://"+debugged, 3221225477, "Error"),
		"virtual": pod("", 1, "Error")} {
		server := kubetest.New(t, t.TempDir())
		server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case strings.HasSuffix(r.URL.Path, "/pods/p"):
				fmt.Fprint(w, body)
			case r.URL.Path == "/api/v1/nodes/strange":
				fmt.Fprint(w, `{"metadata":{"name":"strange","labels":{"type":"virtual-kubelet"}},"status":{"nodeInfo":{
"operatingSystem":"windows","kernelVersion":"10.0.20348"}}}`)
			case strings.HasSuffix(r.URL.Path, "/log"):
				kubetest.Status(w, http.StatusInternalServerError, "InternalError", "the provider does not support logs")
			case strings.Contains(r.URL.Path, "/proxy/"):
				kubetest.Status(w, http.StatusServiceUnavailable, "ServiceUnavailable", "dial tcp: connection refused")
			default:
				return false
			}
			return true
		}
		b := collectedOf(t, server, kubernetes.Ref{Kind: "pods", Name: "p"}, "n")
		d := diagnose.Diagnose(b)
		if d.Verdict.Reason() == fact.OOMKill || d.Verdict.Kind == fact.NotAFailure ||
			b.Source(fact.SourceSummary).Status != fact.StatusAbsent {
			t.Errorf("%s: %+v, %+v", name, d.Verdict, b.Source(fact.SourceSummary))
		}
	}
}

// TestHostileCluster: annotations of a megabyte are not kept, and a name cannot lead to another object.
func TestHostileCluster(t *testing.T) {
	b, _ := collectedFrom(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/pods") {
			return false
		}
		var items []any
		for _, raw := range kubetestPods(t) {
			var pod map[string]any
			if json.Unmarshal(raw, &pod) == nil {
				pod["metadata"].(map[string]any)["annotations"] = map[string]any{"big": strings.Repeat("x", 1<<20)}
				items = append(items, pod)
			}
		}
		json.NewEncoder(w).Encode(map[string]any{"metadata": map[string]any{}, "items": items})
		return true
	})
	if data, _ := b.File(bundle.FilePod); len(data) == 0 || len(data) > 64<<10 {
		t.Errorf("a pod of %d bytes is kept", len(data))
	}
	server := kubetest.New(t, t.TempDir())
	s := open(t, server, func(o *kubernetes.Options) { o.Namespace = "n" })
	for _, name := range []string{"../secrets/x", "x?watch=1", "x#y", "..", "%2e%2e%2fsecrets"} {
		_, _ = s.Find(context.Background(), kubernetes.Ref{Kind: "pods", Name: name})
	}
	close(server.Calls)
	for call := range server.Calls {
		at, err := url.Parse(call)
		if err != nil || strings.Contains(at.EscapedPath(), "/secrets") || at.Query().Has("watch") {
			t.Errorf("%q was asked for", call)
		}
	}
}
