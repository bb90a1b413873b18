package advice

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gwdoctor/gwdoctor/diagnose/advice/guard"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// TestEveryCauseHasAdvice: for the container's own values and without any; the alternatives have none.
func TestEveryCauseHasAdvice(t *testing.T) {
	named := inquest.Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{Spec: &evidence.Spec{Service: "web",
		Healthcheck: &check.Config{Test: []string{"CMD", "true"}}}, Status: &evidence.Status{}}}}
	for _, c := range cause.All() {
		if len(For(c.ID, inquest.Case{})) == 0 || len(For(c.ID, named)) == 0 {
			t.Errorf("cause %q has no advice", c.ID)
		}
	}
	for _, c := range cause.Alternatives() {
		if list := For(c.ID, named); len(list) > 0 {
			t.Errorf("%q has advice: %+v", c.ID, list)
		}
	}
}

// TestAdviceHasOwnValues: a snippet names the service and its limit; a name that is no plain word does not get there.
func TestAdviceHasOwnValues(t *testing.T) {
	snippet := func(service string) string {
		spec := &evidence.Spec{Service: service, Memory: 64 << 20}
		return For(fact.OOMKill, inquest.Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{Spec: spec}}})[0].Snippet
	}
	if got := snippet("web"); !strings.Contains(got, "  web:\n") || !strings.Contains(got, "128m") {
		t.Errorf("snippet %s", got)
	}
	if got := snippet("a: b\n"); strings.Contains(got, "a: b") {
		t.Errorf("a stranger's name is in the snippet: %s", got)
	}
}

// TestDetect: every cause has something to look at by hand.
func TestDetect(t *testing.T) {
	for _, c := range cause.All() {
		if len(Detect(c.ID)) == 0 {
			t.Errorf("nothing to look at for %s", c.ID)
		}
	}
}

// TestEveryPythonSnippetIsARunExample: what a user is told to write is an example of the guard, or the lines of one
// that matter, and those are run (guard's TestExamples, the lab's TestLiveGuardExamples). Only the limits may be the
// container's own.
func TestEveryPythonSnippetIsARunExample(t *testing.T) {
	run := map[string]bool{}
	for _, name := range guard.Examples() {
		run[limits.ReplaceAllString(guard.Example(name), "limit=N")] = true
		run[limits.ReplaceAllString(guard.Excerpt(name), "limit=N")] = true
	}
	quoted := 0
	for _, f := range everyFix() {
		if f.Language != "python" {
			continue
		}
		quoted++
		if !run[limits.ReplaceAllString(f.Snippet, "limit=N")] {
			t.Errorf("%q quotes what nobody runs:\n%s", f.Title, f.Snippet)
		}
	}
	if quoted < 20 {
		t.Errorf("only %d snippets of Python", quoted)
	}
}

var limits = regexp.MustCompile(`limit=[0-9.]+`)

// TestEveryYAMLSnippetIsYAML: each parses, and is a mapping that compose can merge.
func TestEveryYAMLSnippetIsYAML(t *testing.T) {
	seen := 0
	for _, f := range everyFix() {
		if f.Language != "yaml" {
			continue
		}
		seen++
		var parsed map[string]any
		if err := yaml.Unmarshal([]byte(f.Snippet), &parsed); err != nil || len(parsed) == 0 {
			t.Errorf("%q: %v\n%s", f.Title, err, f.Snippet)
		}
	}
	if seen < 5 {
		t.Errorf("only %d snippets of YAML", seen)
	}
}

// TestExplainShowsAllOfTheDocument holds what explain shows against the document's own list of fixes, cause by cause.
func TestExplainShowsAllOfTheDocument(t *testing.T) {
	for cause, wanted := range map[string][]string{
		fact.OOMKill:            {"mem_limit", "gateway_guard.memory()", "/metrics/memory"},
		fact.HealthcheckTimeout: {"Health(limit=", "socket_timeout=2", "recovery=10", "503", "STALL", "8081"},
		fact.LoggingFailure:     {"does not fire on a full disk", "rescued", "/dev/full"},
		fact.WorkerCrash: {"stop_on_signal", "replaces the server's own", "workers = 2", "child_exit",
			"sys.exitcode does not exist"},
		fact.StartupFailure: {"basicConfig", "guarded_lifespan(app, limit=30)", "before 0.93",
			"condition: service_healthy"},
		fact.BackgroundTaskFailure:   {"supervise(", "restart=", "background()"},
		fact.ExceptionHandlerFailure: {"guarded_handlers", "add_exception_handler(Exception", "handlers_failed"},
		fact.PoolExhaustion:          {"max_connections=50", "watch_pool", "pool_pre_ping", "health.add"},
		fact.HealthcheckFailure:      {"start_period", "curl", "Health(limit=", "recovery=10", "answers 200"},
		fact.InterpreterCrash:        {"PYTHONFAULTHANDLER", "core: -1", "SIGUSR1", "sys.exitcode"},
	} {
		text := ""
		for _, f := range All(cause) {
			text += f.Title + "\n" + f.Detail + "\n" + f.Snippet + "\n"
		}
		for _, want := range wanted {
			if !strings.Contains(text, want) {
				t.Errorf("%s: nothing of %q", cause, want)
			}
		}
	}
	if All(fact.NotAFailure) != nil {
		t.Error("fixes for what is no failure")
	}
}

// TestNoDocument: who reads advice has not read the document that the fixes come from.
func TestNoDocument(t *testing.T) {
	for _, f := range everyFix() {
		if text := f.Title + f.Detail; strings.Contains(strings.ToLower(text), "the document") {
			t.Errorf("%q: %s", f.Title, f.Detail)
		}
	}
}

// TestWorkerFaultIsACrash: what a signal ended can log and supervise nothing.
func TestWorkerFaultIsACrash(t *testing.T) {
	fault := For(fact.WorkerCrash, printed(alive(), ofTen("gunicorn-worker-crash", fact.WorkerCrash, nil)))
	left := For(fact.WorkerCrash, printed(alive(), ofTen("gunicorn-worker-exited", fact.WorkerCrash, nil)))
	if fault[0].Title == left[0].Title || strings.Contains(fault[0].Title, "every way out") {
		t.Errorf("a fault: %q, an exit: %q", fault[0].Title, left[0].Title)
	}
}

// everyFix lists all fixes, of explanations and of a case with values of its own.
func everyFix() []Fix {
	spec := &evidence.Spec{Service: "web", Memory: 64 << 20, Healthcheck: &check.Config{Test: []string{"CMD", "true"},
		Timeout: 3 * time.Second}}
	own := inquest.Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{Spec: spec, Status: &evidence.Status{}}}}
	var list []Fix
	for _, c := range cause.All() {
		list = append(list, All(c.ID)...)
		list = append(list, For(c.ID, own)...)
	}
	return list
}

// TestNoFalseConstants: what stands in the JSON of a case is the case's own, or is not there; only what is explained
// without a case holds placeholders.
func TestNoFalseConstants(t *testing.T) {
	spec := &evidence.Spec{Service: "web", Published: []int{8000}, DependsOn: []string{"cache"},
		Healthcheck: &check.Config{Test: []string{"CMD-SHELL", "curl -fsS http://localhost:8000/healthz"},
			Interval: 7 * time.Second, Timeout: 3 * time.Second, Retries: 4}}
	own := inquest.Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{Spec: spec, Status: &evidence.Status{}}}}
	bare := inquest.Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{Spec: &evidence.Spec{Service: "web"},
		Status: &evidence.Status{}}}}
	for _, c := range cause.All() {
		for _, f := range append(For(c.ID, own), For(c.ID, bare)...) {
			text := f.Title + f.Detail + f.Snippet
			for _, never := range []string{"localhost:8080", `"--max-time", "4"`, "gateway:\n", "rabbitmq:", "PORT",
				"DEPENDENCY", placeholder, "limit=4.0"} {
				if strings.Contains(text, never) {
					t.Errorf("%s: %q in %q:\n%s", c.ID, never, f.Title, f.Snippet)
				}
			}
		}
	}
	startup := For(fact.StartupFailure, own)
	if last := startup[len(startup)-1].Snippet; !strings.Contains(last, "cache: {condition: service_healthy}") {
		t.Errorf("not the case's own dependency:\n%s", last)
	}
}
