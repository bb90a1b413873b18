package report

import (
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

var end = time.Date(2026, 11, 23, 19, 14, 0, 123e6, time.UTC)

func at(seconds float64) *time.Time {
	t := end.Add(time.Duration(seconds * float64(time.Second)))
	return &t
}

func number(n int) *int { return &n }

// oomDiagnosis is a finished view with every part that a renderer knows, made up;
// goldens are made of recorded incidents.
func oomDiagnosis() answer.Diagnosis {
	return answer.Diagnosis{
		Target: answer.Target{
			ID: "5fe1a0c0ffee5fe1a0c0ffee5fe1a0c0ffee5fe1a0c0ffee5fe1a0c0ffee5fe1", Name: "gateway", Image: "shop/gateway:1.4",
			Runtime: "docker", Project: "shop", Service: "gateway",
		},
		Verdict: answer.Verdict{
			Kind: fact.VerdictCause, Cause: "oom-kill", Confidence: 0.981234,
			Summary: `Killed for lack of memory (OOM): the kernel killed "python3" for lack of memory: the container reached its own limit of 64 MiB`,
		},
		Death: answer.Death{
			State: "running", ExitCode: number(137), Signal: "SIGKILL", EndedBy: "kernel-oom", At: &end,
			Chain: []string{
				"killed by the kernel's OOM killer (exit code 137)",
				"the health check turned unhealthy, 3 failures in a row: no answer within 5 s",
				`the kernel killed "python3" for lack of memory: the container reached its own limit of 64 MiB`,
			},
			Reason: "a kernel line of this container within 2 s of the end", Restarted: true,
		},
		Causes: oomCauses(),
		Alternatives: []answer.Alternative{{ID: "something-else", Title: "Something else, or not enough was seen",
			Confidence: 0.005866}, {ID: "not-a-failure", Title: "Nothing failed, or it was stopped on request",
			Confidence: 0.0001}},
		Timeline: oomTimeline(),
		Sources: []answer.Source{
			{Name: "cgroup", Status: "absent", Detail: "the container is not running: its control group is gone with it"},
			{Name: "events", Status: "truncated", From: at(-61), To: at(30), Detail: "the engine's ring of 256 events is full"},
			{Name: "kernel-log", Status: "denied", Detail: "open /dev/kmsg: operation not permitted",
				Command: "sudo gwdoctor diagnose gateway"},
			{Name: "logs", Status: "collected", From: at(-3600), To: at(-0.2)},
		},
		Masked:     []answer.Masked{{Kind: "environment value", Count: 7}, {Kind: "password in URL", Count: 1}},
		CapturedAt: end.Add(2 * time.Minute),
		LogTail: []answer.LogLine{
			{At: at(-1), Stream: "stdout", Text: "INFO request 4711 done"},
			{Stream: "stderr", Text: "last words"},
		},
	}
}

func oomCauses() []answer.Cause {
	causes := []answer.Cause{{
		Number: 1, ID: "oom-kill", Title: "Killed for lack of memory (OOM)", Confidence: 0.981234,
		Findings: []answer.Finding{
			{
				ID: "kernel-oom-kill", Says: "for", Weight: 32, Counted: true, Source: "kernel-log", At: at(-0.1),
				Summary: `the kernel killed "python3" for lack of memory: the container reached its own limit of 64 MiB`,
				Excerpt: "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=5fe1," +
					"mems_allowed=0,oom_memcg=/docker/5fe1,task_memcg=/docker/5fe1,task=python3,pid=4711,uid=0",
			},
			{ID: "engine-oom-event", Says: "for", Weight: 24, Source: "events", At: at(-0.05),
				Summary: "the engine reported an out-of-memory kill right before the end"},
			{ID: "log-silent-oom-kill", Says: "against", Weight: 2, Counted: true, Source: "logs",
				Summary: "the service's log (41 lines) has no line of it"},
		},
		Missing: []answer.Missing{{Source: "cgroup", Why: "gone", Command: ""}},
		Fixes: []answer.Fix{{
			Title: "Raise the memory limit from 64 MiB, or find what grows", Detail: "Raising it helps only when the " +
				"service needs more than that by nature; a leak reaches every limit.",
			Snippet: "services:\n  gateway:\n    mem_limit: 128m       # was 64m\n", Language: "yaml",
		}},
	}, {
		Number: 2, ID: "healthcheck-timeout", Title: "Health check hung, and the orchestrator killed it", Confidence: 0.012,
		ExplainedBy: "oom-kill",
		Findings: []answer.Finding{{ID: "probe-hung", Says: "for", Weight: 22, Counted: true, Source: "inspect",
			At: at(-9), Summary: "3 probes ran into the timeout", Excerpt: "curl: (28)\nOperation timed out"}},
		Missing: []answer.Missing{{Source: "kernel-log", Why: "denied", Command: "sudo gwdoctor diagnose gateway"}},
	}}
	for i, id := range []string{
		"logging-failure", "worker-crash", "startup-failure", "background-task-failure", "exception-handler-failure",
		"pool-exhaustion", "healthcheck-failure", "interpreter-crash",
	} {
		causes = append(causes, answer.Cause{Number: i + 3, ID: id, Title: "Cause " + id, Confidence: 0.0001})
	}
	return causes
}

func oomTimeline() []answer.Moment {
	list := []answer.Moment{{At: *at(-90000), Source: "inspect", What: "started"}}
	for i := range 14 {
		list = append(list, answer.Moment{At: *at(float64(i) - 100), Source: "health",
			What: "health check failed: no answer within 5 s"})
	}
	return append(list,
		answer.Moment{At: *at(-0.1), Source: "kernel-log", What: `the kernel killed "python3" (pid 4711) for lack of memory`},
		answer.Moment{At: end, Source: "inspect", What: "ended with exit code 137"},
		answer.Moment{At: *at(0.4), Source: "inspect", What: "started"},
		answer.Moment{At: *at(75), Source: "events", What: "the health check turned healthy"},
	)
}

// undetermined is a view without a verdict.
func undetermined() answer.Diagnosis {
	d := oomDiagnosis()
	d.Target.Name, d.Target.Project, d.Target.Service = "worker", "", ""
	d.Verdict = answer.Verdict{Kind: fact.VerdictUndetermined, Confidence: 0.41,
		Summary: "cannot tell: nothing that was seen speaks for one of the ten causes"}
	d.Death = answer.Death{State: "running", EndedBy: "none", Chain: []string{"still running"}}
	d.Causes[0].Confidence, d.Causes[0].Findings = 0.3, nil
	d.Causes[1].Confidence, d.Causes[1].ExplainedBy = 0.2891, ""
	d.Alternatives[0].Confidence = 0.41
	d.Timeline, d.Masked = nil, nil
	return d
}

func reportOf(list ...answer.Diagnosis) answer.Report {
	return answer.Report{
		SchemaVersion: answer.SchemaVersion, Tool: answer.Tool{Name: "gwdoctor", Version: "test"},
		GeneratedAt: end.Add(2 * time.Minute), Diagnoses: list,
	}
}

// chained is a report of three containers of which one fell first.
func chained() answer.Report {
	redis, gateway, batch := oomDiagnosis(), oomDiagnosis(), undetermined()
	redis.Target.ID, redis.Target.Name, redis.Target.Service = strings.Repeat("ab", 32), "shop-redis-1", "redis"
	batch.Target.ID = strings.Repeat("cd", 32)
	gateway.Verdict = answer.Verdict{Kind: fact.VerdictCause, Cause: "healthcheck-failure", Confidence: 0.93,
		Summary: "The health check failed: the service answered with HTTP status 503"}
	r := reportOf(redis, gateway, batch)
	r.Chains = []answer.Chain{{
		Summary: "redis fell first; gateway suffered from it",
		Links: []answer.Link{
			{ID: redis.Target.ID, Container: "shop-redis-1", Service: "redis", Role: answer.RoleFirst, At: end, Failed: true,
				Steps:   []answer.Moment{{At: end, Source: "inspect", What: "killed by the kernel's OOM killer (exit code 137)"}},
				Because: []answer.Because{}},
			{ID: gateway.Target.ID, Container: "gateway", Service: "gateway", Role: answer.RoleSuffered, At: *at(2.4),
				AfterSeconds: 2.4, Failed: true,
				Steps: []answer.Moment{{At: *at(2.4), Source: "health", What: "its health check began to fail (http-status)"},
					{At: *at(9), Source: "events", What: "turned unhealthy"}},
				Because: []answer.Because{{ID: redis.Target.ID, Container: "shop-redis-1", PeerError: &answer.PeerError{
					Host: "redis", Port: 6379, At: *at(0.4), LastAt: *at(8), Count: 17, Source: "logs",
					Excerpt: "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused."}}}},
		},
	}}
	return r
}
