package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
)

// podHealth examines the probes of a pod and reads the document.
func (w *world) podHealth(t *testing.T, args ...string) health.Examination {
	t.Helper()
	if code := w.gwdoctor(append([]string{"health", "--format", "json"}, args...)...); code != 0 {
		t.Fatalf("%q: exit code %d: %s", args, code, w.err.String())
	}
	var e health.Examination
	if err := json.Unmarshal(w.out.Bytes(), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestPodHealth: the deciding probe is asked, its document keeps to the schema, and one of the failures is predicted.
func TestPodHealth(t *testing.T) {
	w, server := onCluster(t, "liveness-fail-graceful/1-restarted")
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/proxy/health") {
			return false
		}
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return true
	}
	e := w.podHealth(t, "deploy/gateway", "--count", "2")
	if err := validate(t, schema(t, "health"), w.out.String()); err != nil {
		t.Error(err)
	}
	if e.Vantage == nil || len(e.Probes) != 2 || e.Verdict.Kind != "failing" ||
		e.Predictions[0].TurnsUnhealthyAfter == nil ||
		len(e.Predictions[0].Restarts) == 0 {
		t.Errorf("%+v", e)
	}
	if w.gwdoctor("health", "deploy/gateway", "--count", "2", "--http", "/health", "--port", "8000"); !strings.Contains(
		w.out.String(), "the API server, at the pod's address") {
		t.Errorf("a path of a pod:\n%s%s", w.out.String(), w.err.String())
	}
}

// TestPodHealthRecorded: a capture answers as the live pod does where nothing may be asked.
func TestPodHealthRecorded(t *testing.T) {
	w, server := onCluster(t, "liveness-exec-timeout/1-restarted")
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/exec") {
			return false
		}
		kubetest.Status(w, http.StatusForbidden, "Forbidden", "cannot create resource pods/exec")
		return true
	}
	live := w.podHealth(t, "pod/ex")
	if !strings.Contains(w.err.String(), "kubectl -n liveness-exec-timeout exec ex -c app -- sh -c") ||
		!strings.Contains(w.err.String(), "--resource=pods/exec") || live.Vantage != nil {
		t.Errorf("what may not be asked: %s", w.err.String())
	}
	if live.Predictions[0].FailsStallsAbove != 63 { // as it was measured: killed 63 s after its start
		t.Errorf("prediction %+v", live.Predictions[0])
	}
	file := filepath.Join(t.TempDir(), "pod.tar.gz")
	if code := w.gwdoctor("capture", "pod/ex", "-o", file); code != 0 {
		t.Fatalf("capture: %d: %s", code, w.err.String())
	}
	a, _ := json.Marshal(live)
	b, _ := json.Marshal(w.podHealth(t, "--bundle", file))
	if !bytes.Equal(a, b) {
		t.Errorf("live and recorded differ:\n%s\n%s", a, b)
	}
}

// TestPodHealthKeepsSecrets: the headers of a probe hold credentials.
func TestPodHealthKeepsSecrets(t *testing.T) {
	w, server := onCluster(t, "config-missing/1")
	asked := false
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "/pods/p"):
			fmt.Fprint(w, `{"kind":"Pod","metadata":{"name":"p","namespace":"n"},"spec":{"restartPolicy":"Always","containers":[
{"name":"app","livenessProbe":{"failureThreshold":1,"httpGet":{"path":"/h","port":80,"httpHeaders":[{"name":"X-Key",
"value":"cnry-header"},{"name":"Cookie","value":"a=cnry-cookie"}]}}}]},"status":{"phase":"Running","containerStatuses":[
{"name":"app","state":{"running":{"startedAt":"2026-11-26T12:00:00Z"}}}]}}`)
		case strings.Contains(r.URL.Path, "/proxy/h"):
			asked = asked || r.Header.Get("X-Key") == "cnry-header"
			fmt.Fprint(w, "token=cnry-token-in-the-answer")
		default:
			return false
		}
		return true
	}
	for _, format := range []string{"json", "text"} {
		if code := w.gwdoctor("health", "pod/p", "--count", "1", "--format", format); code != 0 {
			t.Fatalf("%d: %s", code, w.err.String())
		}
		if strings.Contains(w.out.String()+w.err.String(), "cnry-") {
			t.Errorf("a secret leaks:\n%s%s", w.out.String(), w.err.String())
		}
	}
	if !asked {
		t.Error("the probe was asked without its header")
	}
}

// TestHealthShort: -n is the namespace of a pod, as everywhere, and the number of probes of all else.
func TestHealthShort(t *testing.T) {
	w, server := onCluster(t, "liveness-fail-graceful/1-restarted")
	space := server.Namespace()
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		_, rest, named := strings.Cut(r.URL.Path, "/namespaces/")
		if !named || strings.HasPrefix(rest, space+"/") {
			return false
		}
		kubetest.Status(w, http.StatusNotFound, "NotFound", "not found")
		return true
	}
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"deploy/gateway", "-n", space, "--count", "1"}, 0, ""},
		{[]string{"deploy/gateway", "--namespace", space, "--count", "1"}, 0, ""},
		{[]string{"deploy/gateway", "-n", "elsewhere"}, exitFailed, `namespace "elsewhere"`},
		{[]string{"deploy/gateway", "-n", "30"}, exitFailed, "the number of probes is --count 30"},
		{[]string{"deploy/gateway", "-n", space, "--namespace", space}, exitUsage, "-n and --namespace say the same"},
		{[]string{"gateway", "-n", "5", "--count", "5"}, exitUsage, "-n and --count say the same"},
		{[]string{"gateway", "-n", "shop"}, exitUsage, "a namespace is a pod's"},
		{[]string{"gateway", "-n", ""}, exitUsage, "want 1 to 100000 probes"},
	} {
		code := w.gwdoctor(append([]string{"health"}, tt.args...)...)
		if code != tt.code || !strings.Contains(w.err.String(), tt.says) {
			t.Errorf("health %q: exit code %d: %s", tt.args, code, w.err.String())
		}
	}
}
