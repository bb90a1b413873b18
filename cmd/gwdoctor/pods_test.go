package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const podRecords = "../../fixtures/k8s/"

// onCluster is a world whose kubeconfig names a fake API server.
func onCluster(t testing.TB, record string) (*world, *kubetest.Server) {
	t.Helper()
	server := kubetest.New(t, podRecords+record)
	return &world{vars: map[string]string{"KUBECONFIG": server.Kubeconfig(t, "token: cnry-token")}}, server
}

// diagnosed runs a command that prints a report as JSON.
func (w *world) diagnosed(t testing.TB, args ...string) answer.Report {
	t.Helper()
	w.out.Reset()
	if code := w.gwdoctor(append([]string{"diagnose", "--format", "json"}, args...)...); code != 0 {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	var r answer.Report
	if err := json.Unmarshal(w.out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPodBundleSaysTheSame: what was captured is diagnosed as what is live, byte for byte.
func TestPodBundleSaysTheSame(t *testing.T) {
	for record, target := range map[string]string{"oom-main/1-after-first": "deploy/gateway",
		"liveness-timeout-blocked-loop/1-restarted": "deploy/gateway", "job-deadline/2-after": "job/slow",
		"config-missing/1": "pod/cm", "delete-graceful/2-gone": "pod/d0"} {
		w, _ := onCluster(t, record)
		live := w.diagnosed(t, target)
		file := filepath.Join(t.TempDir(), "pod.tar.gz")
		if code := w.gwdoctor("capture", target, "-o", file); code != 0 {
			t.Fatalf("%s: capture: exit code %d: %s", record, code, w.err.String())
		}
		recorded := w.diagnosed(t, "--bundle", file)
		a, _ := json.Marshal(live.Diagnoses[:1])
		b, _ := json.Marshal(recorded.Diagnoses)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: live and recorded differ:\n%s\n%s", record, a, b)
		}
	}
}

// TestPodCommands: every command that takes a container takes a pod.
func TestPodCommands(t *testing.T) {
	w, _ := onCluster(t, "crash-importerror/1-crashloop")
	for _, args := range [][]string{{"exit", "deploy/gateway"}, {"logs", "deploy/gateway"},
		{"diagnose", "-l", "app=gateway"}, {"diagnose", "-A"}, {"diagnose", "deploy/gateway", "--previous"},
		{"diagnose", "deploy/gateway", "--container", "app", "--format", "html"}} {
		w.out.Reset()
		if code := w.gwdoctor(args...); code != 0 || w.out.Len() == 0 {
			t.Errorf("%q: exit code %d: %s", args, code, w.err.String())
		}
	}
	if !strings.Contains(w.out.String(), "ModuleNotFoundError") {
		t.Errorf("the report does not name the error")
	}
}

// TestPodsInTrouble: each way in which a cluster can refuse gives clear words and no leak.
func TestPodsInTrouble(t *testing.T) {
	hang := func(http.ResponseWriter, *http.Request) bool { time.Sleep(time.Second); return false }
	refuse := func(code int, reason string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			kubetest.Status(w, code, reason, "made up for the test")
			return true
		}
	}
	tests := map[string]struct {
		user   string
		answer func(http.ResponseWriter, *http.Request) bool
		args   []string
		want   string
	}{
		"no such pod":         {args: []string{"pod/gatewy"}, want: "has none of that name"},
		"no such container":   {args: []string{"deploy/gateway", "--container", "ap"}, want: "there are none"},
		"no such context":     {args: []string{"pod/x", "--context", "nowhere"}, want: `find context "nowhere"`},
		"no such kubeconfig":  {args: []string{"pod/x", "--kubeconfig", "/nowhere/config"}, want: "read kubeconfig"},
		"expired credentials": {answer: refuse(401, "Unauthorized"), want: "does not accept the credentials"},
		"forbidden":           {answer: refuse(403, "Forbidden"), want: "it takes the role view"},
		"too many requests":   {answer: refuse(429, "TooManyRequests"), want: "made up for the test"},
		"hanging server": {answer: hang, args: []string{"deploy/gateway", "--timeout", "100ms"},
			want: "no answer within"},
		"hangs in an answer": {answer: inTheMiddle, args: []string{"deploy/gateway", "--timeout", "100ms"},
			want: "no answer within"},
		"asks for an hour's pause": {answer: wantsAnHour, want: "made up for the test"},
		"a page to log in": {answer: func(w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprint(w, "<html>log in</html>")
			return true
		}, want: "cannot be read"},
		"sent elsewhere": {answer: func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "https://elsewhere.invalid/", http.StatusFound)
			return true
		}, want: "302"},
		"plugin is missing":   {user: "exec: {command: gwdoctor-no-such-plugin}", want: "is not installed"},
		"plugin fails":        {user: "exec: {command: \"false\"}", want: "failed"},
		"plugin says nothing": {user: "exec: {command: \"true\"}", want: "printed no credentials"},
		"old auth-provider":   {user: "auth-provider: {name: gcp}", want: "removed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, server := onCluster(t, "crash-importerror/1-crashloop")
			server.Answer = tt.answer
			if tt.user != "" {
				w.vars["KUBECONFIG"] = server.Kubeconfig(t, tt.user)
			}
			args := tt.args
			if args == nil {
				args = []string{"deploy/gateway"}
			}
			code := w.gwdoctor(append([]string{"diagnose", "--timeout", "2s"}, args...)...)
			if code != 3 || !strings.Contains(w.err.String(), tt.want) {
				t.Errorf("exit code %d, want 3 and %q: %s", code, tt.want, w.err.String())
			}
			if strings.Contains(w.err.String()+w.out.String(), "cnry-token") {
				t.Error("the token leaks")
			}
		})
	}
}

// inTheMiddle begins an answer and does not end it.
func inTheMiddle(w http.ResponseWriter, r *http.Request) bool {
	fmt.Fprint(w, `{"kind":"Deployment","metadata":`)
	w.(http.Flusher).Flush()
	<-r.Context().Done()
	return true
}

// wantsAnHour is busy for longer than anybody waits.
func wantsAnHour(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Retry-After", "3600")
	kubetest.Status(w, http.StatusTooManyRequests, "TooManyRequests", "made up for the test")
	return true
}

// TestNoCluster: without a kubeconfig and outside of a pod there is nothing to ask.
func TestNoCluster(t *testing.T) {
	w := &world{vars: map[string]string{"HOME": t.TempDir()}}
	if code := w.gwdoctor("diagnose", "pod/x"); code != 3 || !strings.Contains(w.err.String(), "no kubeconfig") {
		t.Errorf("exit code %d: %s", code, w.err.String())
	}
}

// TestDeniedSources: a role that may see nothing but the pod gives a report that names what opens the rest.
func TestDeniedSources(t *testing.T) {
	w, server := onCluster(t, "oom-main/1-after-first")
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/pods/") && !strings.HasSuffix(r.URL.Path, "/log") {
			return false
		}
		kubetest.Status(w, http.StatusForbidden, "Forbidden", `User "u" cannot do that`)
		return true
	}
	name := ""
	for raw := range strings.SplitSeq(read(t, podRecords+"oom-main/1-after-first/pods.json"), `"name":"gateway-`) {
		if rest, _, ok := strings.Cut(raw, `"`); ok && name == "" && strings.Count(rest, "-") == 1 {
			name = "gateway-" + rest
		}
	}
	d := w.diagnosed(t, "pod/"+name).Diagnoses[0]
	if d.Verdict.Reason() != fact.OOMKill {
		t.Errorf("verdict %+v", d.Verdict)
	}
	for _, s := range d.Sources {
		if s.Name == fact.SourceNode && (s.Status != fact.StatusDenied ||
			!strings.Contains(s.Command, "--resource=nodes")) {
			t.Errorf("source %+v", s)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestManyPods: of hundreds of pods the unwell ones are looked at, page by page, with the events of all in one list.
func TestManyPods(t *testing.T) {
	const pages = 5
	w, server := onCluster(t, "oom-main/2-crashloop")
	server.Answer = manyPods(server.Pods()[0], pages, 1)
	if r := w.diagnosed(t, "-A"); len(r.Diagnoses) != pages {
		t.Errorf("%d diagnoses of %d unwell pods", len(r.Diagnoses), pages)
	}
}

// manyPods answers with pages of a hundred pods, of each of which the first few are unwell.
func manyPods(template []byte, pages, unwell int) func(http.ResponseWriter, *http.Request) bool {
	const each = 100
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/v1/pods" {
			return false
		}
		page := 0
		fmt.Sscan(r.URL.Query().Get("continue"), &page)
		var items []json.RawMessage
		for i := range each {
			pod := bytes.ReplaceAll(template, []byte("gateway-674b5f98f6-kfbzb"), fmt.Appendf(nil, "gateway-%d-%d", page, i))
			if i >= unwell {
				pod = []byte(`{"metadata":{"name":"well","namespace":"n"},"status":{"phase":"Running"}}`)
			}
			items = append(items, pod)
		}
		next := ""
		if page+1 < pages {
			next = fmt.Sprint(page + 1)
		}
		json.NewEncoder(w).Encode(map[string]any{"metadata": map[string]any{"continue": next}, "items": items})
		return true
	}
}

// TestSilentKubelet: where nobody gets a log, a few tries are enough; the reports of the others say that it was not
// asked for.
func TestSilentKubelet(t *testing.T) {
	const unwell = 20
	w, server := onCluster(t, "oom-main/2-crashloop")
	var asked atomic.Int32
	pods := manyPods(server.Pods()[0], 1, unwell)
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/log") {
			return pods(w, r)
		}
		asked.Add(1)
		<-r.Context().Done()
		return true
	}
	r := w.diagnosed(t, "-A", "--timeout", "2s") // all others must answer within it, on a busy machine too
	notAsked := 0
	for _, d := range r.Diagnoses {
		for _, s := range d.Sources {
			if s.Name == fact.SourceLogs && strings.Contains(s.Detail, "not asked: 3 times there was no answer") {
				notAsked++
			}
		}
	}
	if n := asked.Load(); n != 3 || notAsked < unwell-3 { // one that was asked may have a second log, which was not
		t.Errorf("%d logs were asked for, and of %d it is said that they were not", n, notAsked)
	}
}

// TestAccess: each source with the role that opens it.
func TestAccess(t *testing.T) {
	w, server := onCluster(t, "oom-main/1-after-first")
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "selfsubjectaccessreviews") {
			return false
		}
		var review struct {
			Spec struct {
				ResourceAttributes struct{ Resource, Subresource string }
			}
		}
		_ = json.NewDecoder(r.Body).Decode(&review)
		fmt.Fprintf(w, `{"status":{"allowed":%t}}`, review.Spec.ResourceAttributes.Subresource != "proxy")
		return true
	}
	if code := w.gwdoctor("sources", "--kubernetes", "--format", "json"); code != 0 {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	var l answer.Sources
	if err := json.Unmarshal(w.out.Bytes(), &l); err != nil {
		t.Fatal(err)
	}
	for _, s := range l.Sources {
		ofKubelet := slices.Contains([]string{fact.SourceProbeCount, fact.SourceCadvisor, fact.SourceSummary,
			fact.SourceKubeletLog, fact.SourceReplay}, s.Name)
		if ofKubelet != (s.Status == fact.StatusDenied) || ofKubelet != strings.Contains(s.Command, "/proxy") {
			t.Errorf("%+v", s)
		}
	}
}

// TestKubectlPlugin: under kubectl a bare name is a pod's, and names are completed.
func TestKubectlPlugin(t *testing.T) {
	w, _ := onCluster(t, "config-missing/1")
	w.program = "/usr/local/bin/" + kubectlProgram
	if code := w.gwdoctor("diagnose", "cm"); code != 0 || !strings.Contains(w.out.String(), "nothere") {
		t.Errorf("exit code %d: %s%s", code, w.out.String(), w.err.String())
	}
	w.gwdoctor("--help")
	if !strings.Contains(w.out.String(), "kubectl gwdoctor") {
		t.Errorf("the help names another program:\n%s", w.out.String())
	}
	w.program = kubectlComplete
	for _, typed := range []string{"", "pod/"} {
		if w.gwdoctor("diagnose", typed); !strings.Contains(w.out.String(), "pod/nonroot") {
			t.Errorf("completion of %q:\n%s", typed, w.out.String())
		}
	}
}

// TestOOMNamesPods: the kernel's line knows ids; the cluster knows whose they are.
func TestOOMNamesPods(t *testing.T) {
	w, server := onCluster(t, "oom-main/2-crashloop")
	var pod struct {
		Metadata struct{ UID string }
		Status   struct {
			ContainerStatuses []struct{ ContainerID string }
		}
	}
	if err := json.Unmarshal(server.Pods()[0], &pod); err != nil {
		t.Fatal(err)
	}
	id := strings.TrimPrefix(pod.Status.ContainerStatuses[0].ContainerID, "containerd://")
	group := "/kubepods/burstable/pod" + pod.Metadata.UID
	w.stdin = []byte("[    5.100000] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=" + id +
		",mems_allowed=0,oom_memcg=" +
		group + ",task_memcg=" + group + "/" + id + ",task=python3,pid=9,uid=0\n" +
		"[    5.100000] Memory cgroup out of memory: Killed process 9 (python3) total-vm:1kB, anon-rss:1kB, file-rss:0kB\n")
	want := "oom-main/gateway-674b5f98f6-kfbzb/app"
	if code := w.gwdoctor("oom", "--file", "-"); code != 0 || !strings.Contains(w.out.String(), want) {
		t.Errorf("exit code %d, no %q:\n%s%s", code, want, w.out.String(), w.err.String())
	}
	// a run that the status has forgotten is named by the uid of its pod
	w.stdin = bytes.ReplaceAll(w.stdin, []byte(id), []byte(strings.Repeat("ab", 32)))
	if code := w.gwdoctor("oom", "--file", "-"); code != 0 || !strings.Contains(w.out.String(), want) {
		t.Errorf("a forgotten run: exit code %d, no %q:\n%s%s", code, want, w.out.String(), w.err.String())
	}
}

// TestExitPointsToTheRunBefore: between two restarts a container has no exit code, and the one before has one. Where
// the API server has forgotten that, it says so.
func TestExitPointsToTheRunBefore(t *testing.T) {
	const before = `{"terminated":{"exitCode":0,"reason":"Completed","containerID":"containerd://c1",` +
		`"startedAt":"2026-11-26T12:00:00Z","finishedAt":"2026-11-26T12:01:00Z"}}`
	for name, tt := range map[string]struct {
		last     string
		restarts int
		want     []string
	}{
		"known": {before, 2, []string{"It has no exit code: it has not ended.", "exit code 0 at 2026-11-26 12:01:00",
			"gwdoctor exit pod/p -n n --container app --previous"}},
		"forgotten": {"{}", 2, []string{"there was one (2 restarts), and how it ended is not kept any more"}},
		"first run": {"{}", 0, []string{"It has no exit code: it has not ended."}},
	} {
		w, server := onCluster(t, "oom-main/1-after-first")
		server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/pods/p") {
				return false
			}
			fmt.Fprintf(w, `{"kind":"Pod","metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"restartPolicy":"Always",
"containers":[{"name":"app","image":"x"}]},"status":{"phase":"Running","containerStatuses":[{"name":"app","ready":true,
"restartCount":%d,"containerID":"containerd://c2","state":{"running":{"startedAt":"2026-11-26T12:01:05Z"}},
"lastState":%s}]}}`, tt.restarts, tt.last)
			return true
		}
		if code := w.gwdoctor("exit", "pod/p", "-n", "n"); code != 0 {
			t.Fatalf("%s: exit code %d: %s", name, code, w.err.String())
		}
		for _, want := range tt.want {
			if !strings.Contains(w.out.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, w.out.String())
			}
		}
		if told := strings.Contains(w.out.String(), "run before"); told != (tt.restarts > 0) {
			t.Errorf("%s: the run before is told of: %v", name, told)
		}
	}
}

// TestPreviousLog: of a container that runs again, --previous shows what the run before printed, and no more.
func TestPreviousLog(t *testing.T) {
	w, server := onCluster(t, "oom-main/1-after-first")
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "/pods/p"):
			fmt.Fprint(w, `{"kind":"Pod","metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"restartPolicy":"Always",
"containers":[{"name":"app","image":"x"}]},"status":{"phase":"Running","containerStatuses":[{"name":"app","restartCount":1,
"containerID":"containerd://c2","state":{"running":{"startedAt":"2026-11-26T12:01:05Z"}},"lastState":{"terminated":
{"exitCode":1,"containerID":"containerd://c1","startedAt":"2026-11-26T12:00:00Z","finishedAt":"2026-11-26T12:01:00Z"}}}]}}`)
		case strings.HasSuffix(r.URL.Path, "/log") && r.URL.Query().Get("previous") != "":
			fmt.Fprint(w, "2026-11-26T12:00:59.1Z KeyError: 'before'\n")
		case strings.HasSuffix(r.URL.Path, "/log"):
			fmt.Fprint(w, "2026-11-26T12:01:06.1Z KeyError: 'now'\n")
		default:
			return false
		}
		return true
	}
	for args, want := range map[string]string{"": `"lines": 2`, "--previous": `"lines": 1`} {
		if w.gwdoctor(slices.DeleteFunc([]string{"logs", "pod/p", "-n", "n", "--format", "json", args}, func(s string) bool {
			return s == ""
		})...); !strings.Contains(w.out.String(), want) {
			t.Errorf("%q: want %s:\n%s%s", args, want, w.out.String(), w.err.String())
		}
	}
}
