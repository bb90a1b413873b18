package kubernetes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
)

// aPod is a running pod whose container has one liveness probe.
func aPod(probe string) string {
	return fmt.Sprintf(`{"kind":"Pod","metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"nodeName":"node1",
"restartPolicy":"Always","containers":[{"name":"app","ports":[{"name":"web","containerPort":8000}],"livenessProbe":{%s,
"timeoutSeconds":1,"periodSeconds":2}}]},"status":{"phase":"Running","podIP":"10.0.0.9","containerStatuses":[
{"name":"app","ready":true,"containerID":"containerd://c1","state":{"running":{"startedAt":"2026-11-26T12:00:00Z"}}}]}}`, probe)
}

const httpProbe = `"httpGet":{"path":"/health?deep=1","port":"web"}`

// examined replays a probe of a pod on a server that answers as the test says.
func examined(t *testing.T, probe string, r kubernetes.Replay,
	answer func(http.ResponseWriter, *http.Request) bool) (health.Examination, bundle.Source) {
	t.Helper()
	server := kubetest.New(t, t.TempDir())
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/pods/p") {
			fmt.Fprint(w, aPod(probe))
			return true
		}
		return answer(w, r)
	}
	s := open(t, server, func(o *kubernetes.Options) { o.Namespace, o.Now = "n", time.Now })
	found, err := s.Find(context.Background(), kubernetes.Ref{Kind: "pods", Name: "p"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Count == 0 {
		r.Count, r.Interval = 2, 300*time.Millisecond
	}
	b, err := s.Examine(context.Background(), s.Targets(found)[0], r)
	if err != nil {
		t.Fatal(err)
	}
	return diagnose.ExamineHealth(b), b.Source(fact.SourceReplay)
}

// TestHTTPProbeThroughTheAPIServer: what the pod says, and what the API server says instead of it.
func TestHTTPProbeThroughTheAPIServer(t *testing.T) {
	reach := func(text string) string {
		data, _ := json.Marshal(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure",
			"message": "error trying to reach service: " + text, "code": 503})
		return string(data)
	}
	for name, tt := range map[string]struct {
		code          int
		body          string
		wait          time.Duration
		kind, picture string
	}{
		"passes":            {200, "ok", 0, "healthy", ""},
		"redirects":         {302, "", 0, "healthy", ""},
		"the pod's own 503": {503, "busy", 0, "failing", "error-status"},
		"nothing listens": {503, reach("dial tcp 10.0.0.9:8000: connect: connection refused"), 0, "failing",
			"nothing-listens"},
		"closed":   {502, reach("EOF"), 0, "failing", "broken-off"},
		"no route": {503, reach("dial tcp 10.0.0.9:8000: connect: no route to host"), 0, "failing", "unreachable"},
		"plain port": {503, reach("tls: first record does not look like a TLS handshake"), 0, "misconfigured",
			"wrong-protocol"},
		"hangs":               {200, "late", 3 * time.Second, "hanging", "no-answer"},
		"a Status of its own": {500, `{"kind":"Status","message":"x"}`, 0, "failing", "error-status"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, source := examined(t, httpProbe, kubernetes.Replay{}, func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.RequestURI, "/pods/p:8000/proxy/health?deep=1") {
					return false
				}
				select {
				case <-time.After(tt.wait):
				case <-r.Context().Done():
				}
				w.WriteHeader(tt.code)
				fmt.Fprint(w, tt.body)
				return true
			})
			if source.Status != fact.StatusCollected || len(e.Probes) != 2 {
				t.Fatalf("source %+v, probes %+v", source, e.Probes)
			}
			if e.Verdict.Kind != tt.kind || e.Verdict.Picture != tt.picture || e.Vantage.From != "api-proxy" {
				t.Errorf("verdict %+v from %s, want %s %s", e.Verdict, e.Vantage.From, tt.kind, tt.picture)
			}
		})
	}
}

// forbids answers the question whether something is allowed, and refuses it.
func forbids(what ...string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		for _, one := range what {
			if strings.Contains(r.URL.Path, "selfsubjectaccessreviews") {
				fmt.Fprint(w, `{"status":{"allowed":false}}`)
				return true
			}
			if strings.HasSuffix(r.URL.Path, "/"+one) {
				kubetest.Status(w, http.StatusForbidden, "Forbidden", "cannot "+one)
				return true
			}
		}
		return false
	}
}

// TestProbeThatMayNotBeAsked names the smallest role that lets it be asked, or the command of a person.
func TestProbeThatMayNotBeAsked(t *testing.T) {
	for name, tt := range map[string]struct{ probe, refused, wantCommand, wantDetail string }{
		"http": {httpProbe, "portforward", "--resource=pods/proxy", "forbidden"},
		"tcp":  {`"tcpSocket":{"port":8000}`, "portforward", "--resource=pods/portforward", "forbidden"},
		"exec": {`"exec":{"command":["sh","-c","exit 1"]}`, "exec", "--resource=pods/exec",
			"kubectl -n n exec p -c app -- sh -c 'exit 1'"},
	} {
		e, source := examined(t, tt.probe, kubernetes.Replay{}, forbids(tt.refused))
		if source.Status != fact.StatusDenied || !strings.Contains(source.Command, tt.wantCommand) ||
			!strings.Contains(source.Detail, tt.wantDetail) || e.Vantage != nil || len(e.PodProbes) != 1 {
			t.Errorf("%s: source %+v", name, source)
		}
	}
}

// TestProbeThroughAForwardedPort speaks with a real server behind the kubelet's channels.
func TestProbeThroughAForwardedPort(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "shop.example" && r.Header.Get("X-Probe") == "1" {
			return
		}
		http.Error(w, "whose?", http.StatusBadRequest)
	}))
	defer backend.Close()
	there := backend.Listener.Addr().String()
	idle, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := idle.Addr().String()
	idle.Close()
	headers := `"httpGet":{"path":"/","port":8000,"httpHeaders":[{"name":"Host","value":"shop.example"},` +
		`{"name":"X-Probe","value":"1"}]}`
	for name, tt := range map[string]struct{ probe, address, kind, picture string }{
		"a host of its own":    {headers, there, "healthy", ""},
		"tcp":                  {`"tcpSocket":{"port":8000}`, there, "healthy", ""},
		"tcp, nothing listens": {`"tcpSocket":{"port":8000}`, closed, "failing", "nothing-listens"},
		"http, refused":        {headers, closed, "failing", "nothing-listens"},
		"grpc":                 {`"grpc":{"port":8000}`, there, "misconfigured", "wrong-protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			e, source := examined(t, tt.probe, kubernetes.Replay{}, func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/pods/p/portforward") {
					return false
				}
				kubetest.Upgrade(w, r).Forward(8000, tt.address)
				return true
			})
			if e.Vantage == nil || e.Vantage.From != "port-forward" {
				t.Fatalf("source %+v", source)
			}
			if e.Verdict.Kind != tt.kind || e.Verdict.Picture != tt.picture {
				t.Errorf("verdict %+v, want %s %s: %+v", e.Verdict, tt.kind, tt.picture, e.Probes)
			}
		})
	}
}

// TestExecProbe runs commands that pass, fail and hang, with and without timeout(1) in the image.
func TestExecProbe(t *testing.T) {
	const success, failure = `{"status":"Success"}`, `{"status":"Failure","details":{"causes":` +
		`[{"reason":"ExitCode","message":"%d"}]}}`
	for name, tt := range map[string]struct {
		bound  bool
		status string // "" = it does not end
		kind   string
		probes int
	}{
		"passes":                    {true, success, "healthy", 2},
		"fails":                     {true, fmt.Sprintf(failure, 1), "failing", 2},
		"killed by timeout(1)":      {true, fmt.Sprintf(failure, 137), "hanging", 2},
		"hangs, and nobody ends it": {false, "", "hanging", 1},
		"no timeout(1), and passes": {false, success, "healthy", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, source := examined(t, `"exec":{"command":["check"]}`, kubernetes.Replay{}, func(w http.ResponseWriter,
				r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/pods/p/exec") {
					return false
				}
				ch := kubetest.Upgrade(w, r)
				defer ch.Close()
				words := r.URL.Query()["command"]
				switch {
				case words[len(words)-1] == "true" && !tt.bound:
					ch.Send(3, []byte(`{"status":"Failure","message":"executable file not found in $PATH"}`))
				case words[len(words)-1] == "true":
					ch.Send(3, []byte(success))
				case tt.status == "":
					ch.Next() // until the other side goes
				default:
					if strings.Contains(tt.status, "137") {
						time.Sleep(1100 * time.Millisecond)
					}
					ch.Ping()
					ch.Send(1, []byte("some output"))
					ch.Send(3, []byte(tt.status))
				}
				return true
			})
			if e.Vantage == nil || e.Verdict.Kind != tt.kind || len(e.Probes) != tt.probes {
				t.Errorf("verdict %+v, probes %+v, source %+v", e.Verdict, e.Probes, source)
			}
			if left := strings.Contains(source.Detail, "left to itself"); left != (tt.probes == 1) {
				t.Errorf("source %+v", source)
			}
		})
	}
}

// TestReplayInTrouble: what is not there, or does not run, is said and nothing is asked.
func TestReplayInTrouble(t *testing.T) {
	for name, tt := range map[string]struct {
		probe  string
		replay kubernetes.Replay
		want   string
	}{
		"another host":    {`"httpGet":{"host":"127.0.0.1","port":8000}`, kubernetes.Replay{}, "as the node sees that"},
		"no such port":    {`"httpGet":{"port":"metrics"}`, kubernetes.Replay{}, `the port "metrics"`},
		"no such probe":   {httpProbe, kubernetes.Replay{Probe: "readiness"}, "has no readiness probe"},
		"an unknown kind": {`"teapot":{}`, kubernetes.Replay{}, "of a kind that gwdoctor does not know"},
	} {
		_, source := examined(t, tt.probe, tt.replay, func(http.ResponseWriter, *http.Request) bool { return false })
		if source.Status != fact.StatusAbsent || !strings.Contains(source.Detail, tt.want) {
			t.Errorf("%s: source %+v", name, source)
		}
	}
}
