package report

import (
	"bytes"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

func TestOtherGoldens(t *testing.T) {
	yes := true
	killed := answer.Exit{
		SchemaVersion: 1, Code: number(137), Signal: "SIGKILL", Title: "killed (SIGKILL)",
		Meanings: []exitcode.Meaning{
			{Summary: "the kernel's OOM killer: the container reached its own memory limit", Likelihood: exitcode.Usual,
				When: "an oom event within 0.1 s before die", Check: "docker inspect -f '{{.State.OOMKilled}}' NAME"},
			{Summary: "docker kill", Likelihood: exitcode.Rare},
		},
		DoesNotProve: "137 does not prove an OOM kill: a stop that was too slow, docker kill and kill -9 on the host " +
			"look the same",
		Container: &answer.ExitContainer{ID: "5fe1a0c0ffee5fe1", Name: "gateway", State: "exited", EndedBy: "kernel-oom",
			Reason: "a kernel line says so", At: &end, OOMKilled: &yes, EngineError: "none of it", Restarted: true},
	}
	cause := answer.ExplainedCause{
		Number: 1, ID: "oom-kill", Title: "Killed for lack of memory (OOM)", Symptom: "It dies at once.",
		Reason: "The kernel acts.",
		Detect: []string{"dmesg | grep oom"}, Rules: []answer.ExplainedRule{
			{ID: "kernel-oom-kill", Weight: 32, Source: "kernel-log", Why: "the kernel's own record"},
			{ID: "not-killed-by-signal", Weight: -22, Source: "inspect", Why: "an OOM kill leaves 137"},
		},
		Fixes: []answer.Fix{{Title: "Raise the limit", Detail: "It helps.", Snippet: "services:\n  gateway: {}\n",
			Language: "yaml"}},
	}
	renderings := map[string]func(*bytes.Buffer) error{
		"exit.txt": func(w *bytes.Buffer) error { return Exit(w, killed, layout.Style{}) },
		"exit-unknown.txt": func(w *bytes.Buffer) error {
			return Exit(w, answer.Exit{Container: &answer.ExitContainer{ID: "5fe1", Name: "web", State: "running",
				EndedBy: "none"}}, layout.Style{})
		},
		"explain.txt": func(w *bytes.Buffer) error {
			return Explain(w, answer.Explanation{SchemaVersion: 1, Causes: []answer.ExplainedCause{cause}}, layout.Style{})
		},
		"explain-all.txt": func(w *bytes.Buffer) error {
			causes := []answer.ExplainedCause{cause, cause}
			return Explain(w, answer.Explanation{SchemaVersion: 1, Causes: causes}, layout.Style{})
		},
		"sources.txt": func(w *bytes.Buffer) error {
			return Sources(w, answer.Sources{SchemaVersion: 1, Sources: oomDiagnosis().Sources}, layout.Style{})
		},
	}
	for name, render := range renderings {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := render(&out); err != nil {
				t.Fatal(err)
			}
			golden(t, name, out.Bytes())
		})
	}
}
