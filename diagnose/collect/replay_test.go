package collect

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
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// runningBody is what the engine answers for a running container with a check.
const runningBody = `{"Id":"` + enginetest.WebID + `","Name":"/web","Image":"sha256:852c7ec4",
 "State":{"Status":"running","Running":true,"Pid":4711,"StartedAt":"2026-11-23T20:05:38.6Z"},
 "Config":{"User":"app:staff","WorkingDir":"/srv","Shell":["/bin/bash","-eo","pipefail","-c"],"Env":["PATH=/opt/bin:/bin","SECRET=hunter2"],
  "Healthcheck":{"Test":["CMD-SHELL","curl -u probe:hunter2 http://127.0.0.1:8000/"],"Timeout":300000000}},
 "HostConfig":{"NetworkMode":"default","LogConfig":{"Type":"json-file"}}}`

// fakeExecs is a fake engine with one running container whose execs end at once.
type fakeExecs struct {
	*enginetest.Engine
	mu      sync.Mutex
	created []docker.ExecCommand
}

func newExecEngine(t *testing.T, inspect string) *fakeExecs {
	t.Helper()
	e := &fakeExecs{Engine: enginetest.New(t)}
	e.Route("/containers/web/json", enginetest.Body(inspect))
	e.Route("/containers/"+enginetest.WebID+"/json", enginetest.Body(inspect))
	e.Route("/containers/"+enginetest.WebID+"/exec", func(w http.ResponseWriter, r *http.Request) {
		var command docker.ExecCommand
		data, _ := io.ReadAll(r.Body)
		if json.Unmarshal(data, &command) != nil {
			w.WriteHeader(400)
			return
		}
		e.mu.Lock()
		e.created = append(e.created, command)
		e.mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"Id":"e1"}`)
	})
	e.Route("/exec/e1/start", enginetest.Body(enginetest.Frame(1, "fine\n")))
	e.Route("/exec/e1/json", enginetest.Body(`{"Running":false,"ExitCode":0,"Pid":0}`))
	return e
}

// replay runs the plan and returns the record; nil where nothing was replayed.
func (e *fakeExecs) replay(t *testing.T, plan ReplayPlan) (*replay.Replay, bundle.Source) {
	t.Helper()
	o := optionsOf(t, e.Engine)
	o.Replay, o.HealthOnly, o.Timeout = &plan, true, time.Second
	start := time.Now()
	b, err := Container(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	for _, name := range b.Names() {
		if data, _ := b.File(name); strings.Contains(string(data), "hunter2") {
			t.Errorf("%s holds a secret: %s", name, data)
		}
	}
	data, ok := b.File(bundle.FileReplay)
	if !ok {
		return nil, b.Source(fact.SourceReplay)
	}
	var r replay.Replay
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return &r, b.Source(fact.SourceReplay)
}

// TestReplayAsTheEngine: the command is the engine's own, in the image's shell, and
// unmasked although the bundle hides its password.
func TestReplayAsTheEngine(t *testing.T) {
	e := newExecEngine(t, runningBody)
	e.Route("/containers/"+enginetest.WebID+"/archive", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead || r.URL.Query().Get("path") != "/bin/curl" {
			w.WriteHeader(404)
		}
	})
	r, source := e.replay(t, ReplayPlan{Count: 2, Interval: time.Millisecond, ReadCheck: func([]string) (string, int) {
		return "curl", 8000
	}})
	if r == nil || source.Status != fact.StatusCollected || len(r.Probes) != 2 ||
		len(r.OverheadMs) != probe.OverheadRuns || r.TimeoutMs != 300 {
		t.Fatalf("%+v %+v", r, source)
	}
	for _, p := range r.Probes {
		if p.Fault != "" || p.ExitCode == nil || *p.ExitCode != 0 || p.Output != "fine\n" || p.Reached != "done" {
			t.Errorf("%+v", p)
		}
	}
	if r.ToolFound == nil || !*r.ToolFound {
		t.Errorf("curl lies in /bin: %v", r.ToolFound)
	}
	last := e.created[len(e.created)-2] // behind it comes the sweep
	if got := strings.Join(last.Cmd, "|"); got != "/bin/bash|-eo|pipefail|-c|curl -u probe:hunter2 "+
		"http://127.0.0.1:8000/|gwdoctor-sh" {
		t.Errorf("command %s", got)
	}
	if last.User != "app:staff" || last.WorkingDir != "/srv" || len(last.Env) != 1 ||
		!strings.HasPrefix(last.Env[0], probe.MarkerName+"=") || !last.AttachStdout || !last.AttachStderr {
		t.Errorf("%+v", last)
	}
}

// TestReplayIsBoundInTheContainer: where the image has timeout(1), a check ends by it
// should nobody else end it; one whose arguments it does not know is left off.
func TestReplayIsBoundInTheContainer(t *testing.T) {
	for _, old := range []bool{false, true} {
		e := newExecEngine(t, runningBody)
		e.Route("/containers/"+enginetest.WebID+"/archive", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("path") != "/bin/timeout" {
				w.WriteHeader(404)
			}
		})
		e.Route("/exec/e1/json", func(w http.ResponseWriter, r *http.Request) {
			code := 0
			if e.mu.Lock(); old && e.created[len(e.created)-1].Cmd[0] == "timeout" {
				code = 1
			}
			e.mu.Unlock()
			fmt.Fprintf(w, `{"Running":false,"ExitCode":%d,"Pid":0}`, code)
		})
		r, _ := e.replay(t, ReplayPlan{Count: 1})
		probe := strings.Join(e.created[len(e.created)-2].Cmd, " ")
		if bound := strings.HasPrefix(probe, "timeout -s KILL 6 /bin/bash "); bound == old || r == nil ||
			len(r.Probes) != 1 || r.Probes[0].Fault != "" {
			t.Errorf("old %t: %s, %+v", old, probe, r)
		}
	}
}

// runsSilently is an exec that runs and prints nothing.
func runsSilently(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// TestReplayBadProbes: nothing that a probe or the engine does takes longer than
// the deadlines or fills the memory.
func TestReplayBadProbes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		route string
		h     http.HandlerFunc
		fault string
	}{
		{"hangs", "/exec/e1/start", runsSilently, "timeout"},
		{"prints without end", "/exec/e1/start", enginetest.Endless(enginetest.Frame(1, strings.Repeat("y", 1<<20))), ""},
		{"the engine takes the exec and says nothing", "/containers/" + enginetest.WebID + "/exec",
			enginetest.Silence, "engine"},
		{"the engine refuses", "/containers/" + enginetest.WebID + "/exec",
			enginetest.Refuse(409, "Container is not running"), "engine"},
		{"an exit code", "/exec/e1/json", enginetest.Body(`{"Running":false,"ExitCode":7}`), "status"},
		{"no exit code", "/exec/e1/json", enginetest.Body(`{"Running":false}`), "engine"},
		{"inspect of the exec hangs", "/exec/e1/json", enginetest.Silence, "engine"},
		{"nonsense", "/exec/e1/json", enginetest.Body(`[]`), "engine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newExecEngine(t, runningBody)
			e.Route(tt.route, tt.h)
			r, _ := e.replay(t, ReplayPlan{Count: 1})
			if r == nil || len(r.Probes) != 1 {
				t.Fatalf("%+v", r)
			}
			if p := r.Probes[0]; tt.fault != "" && p.Fault != tt.fault || len(p.Output) > probe.ExecOutput {
				t.Errorf("fault %q (%s), %d bytes", p.Fault, p.Detail, len(p.Output))
			}
		})
	}
}

// TestHungProbeIsEnded: on an engine elsewhere a second exec ends the first, by its mark.
func TestHungProbeIsEnded(t *testing.T) {
	e := newExecEngine(t, runningBody)
	e.Route("/exec/e1/start", runsSilently)
	if r, _ := e.replay(t, ReplayPlan{Count: 1}); r == nil || len(r.Probes) != 1 || r.Probes[0].Fault != "timeout" {
		t.Fatalf("%+v", r)
	}
	for _, c := range e.created {
		if len(c.Cmd) == 4 && c.Cmd[2] == probe.SweepScript && strings.HasPrefix(c.Cmd[3], probe.MarkerName+"=") {
			return
		}
	}
	t.Errorf("nobody ended the probe: %+v", e.created)
}

func TestNothingToReplay(t *testing.T) {
	for _, tt := range []struct{ name, inspect, want string }{
		{"no check", strings.Replace(runningBody, `"Healthcheck"`, `"Nothing"`, 1), "no health check is configured"},
		{"switched off", strings.Replace(runningBody, `"CMD-SHELL","curl -u probe:hunter2 http://127.0.0.1:8000/"`,
			`"NONE"`, 1), "no health check is configured"},
		{"not running", enginetest.InspectBody, "not running"},
	} {
		r, source := newExecEngine(t, tt.inspect).replay(t, ReplayPlan{})
		if r != nil || source.Status != fact.StatusAbsent || !strings.Contains(source.Detail, tt.want) {
			t.Errorf("%s: %+v", tt.name, source)
		}
	}
}

// TestExecForbidden: a proxy that lets only GET pass, or a plugin, keeps gwdoctor from running the check. That tells
// nothing of the check; another refusal of the engine does.
func TestExecForbidden(t *testing.T) {
	for code, status := range map[int]fact.Status{401: fact.StatusDenied, 403: fact.StatusDenied, 405: fact.StatusDenied,
		501: fact.StatusDenied, 409: fact.StatusCollected, 500: fact.StatusCollected} {
		e := newExecEngine(t, runningBody)
		e.Route("/containers/"+enginetest.WebID+"/exec", enginetest.Refuse(code, "not that"))
		r, source := e.replay(t, ReplayPlan{Count: 1})
		if source.Status != status || (r == nil) != (status == fact.StatusDenied) {
			t.Errorf("%d: %+v", code, source)
		}
		if status == fact.StatusDenied && (!strings.Contains(source.Detail, "not that") ||
			!strings.HasPrefix(source.Command, "gwdoctor health web --http /health")) {
			t.Errorf("%d: %+v", code, source)
		}
	}
}

// TestContainerEndsMeanwhile: the replay ends with it and says why.
func TestContainerEndsMeanwhile(t *testing.T) {
	for _, tt := range []struct{ name, later, want string }{
		{"ended", enginetest.InspectBody, "ended during the replay, with exit code 137"},
		{"restarted", strings.Replace(runningBody, "20:05:38.6Z", "20:09:00Z", 1), "restarted"},
	} {
		e := newExecEngine(t, runningBody)
		time.AfterFunc(900*time.Millisecond, func() {
			e.Route("/containers/"+enginetest.WebID+"/json",
				enginetest.Body(tt.later))
		})
		r, source := e.replay(t, ReplayPlan{Duration: 15 * time.Second, Interval: 100 * time.Millisecond})
		if r == nil || !strings.Contains(r.Ended, tt.want) || len(r.Probes) == 0 || source.Status != fact.StatusTruncated {
			t.Errorf("%s: %+v", tt.name, source)
		}
	}
}

// TestReplayInterrupted: what was probed so far is kept.
func TestReplayInterrupted(t *testing.T) {
	e := newExecEngine(t, runningBody)
	ctx, cancel := context.WithCancel(t.Context())
	o := optionsOf(t, e.Engine)
	o.HealthOnly = true
	o.Replay = &ReplayPlan{Duration: time.Minute, Interval: 20 * time.Millisecond, Progress: func(done, _ int) {
		if done == 5 {
			cancel()
		}
	}}
	b, err := Container(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := b.File(bundle.FileReplay)
	var r replay.Replay
	if err := json.Unmarshal(data, &r); err != nil || len(r.Probes) < 5 || r.Ended != "interrupted" {
		t.Errorf("%v, %d probes, %q", err, len(r.Probes), r.Ended)
	}
}

// TestHTTPWithoutAWay: a container that cannot be reached from here is said so.
func TestHTTPWithoutAWay(t *testing.T) {
	_, source := newExecEngine(t, runningBody).replay(t, ReplayPlan{Path: "/health", Port: 8000})
	if source.Status != fact.StatusFailed || !strings.Contains(source.Detail, "cannot be reached from here") {
		t.Errorf("%+v", source)
	}
}
