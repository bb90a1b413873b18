package advice

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// TestRefusalsAreAnsweredByTheirWords: each keeps a pod from running in a way of its own, and nobody is told to add a
// node for a gate, or to look at a quota for a sysctl.
func TestRefusalsAreAnsweredByTheirWords(t *testing.T) {
	for _, tt := range []struct{ id, words, has, lacks string }{
		{fact.Unschedulable, "Scheduling is blocked due to non-empty scheduling gates", ".spec.schedulingGates",
			"add a node"},
		{fact.Unschedulable, "0/1 nodes are available: 1 node(s) were unschedulable.", "uncordon", "add a node"},
		{fact.Unschedulable, "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.", "add a node", "uncordon"},
		{fact.Unschedulable, "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", "--show-labels",
			"add a node"},
		{fact.PodRefused, `pods "a" is forbidden: exceeded quota: none, requested: pods=1`, "describe quota", "webhook"},
		{fact.PodRefused, "maximum memory usage per Container is 64Mi, but limit is 512Mi", "describe limitranges", "quota"},
		{fact.PodRefused, `failed to get sandbox runtime: no runtime for "x" is configured`, "get runtimeclasses",
			"quota"},
		{fact.PodRefused, `forbidden sysctl: "kernel.msgmax" not allowlisted`, "describe pod", "quota"},
	} {
		c := inquest.Case{Evidence: evidence.Evidence{}}
		c.Target.Namespace, c.Target.Pod, c.Target.Container = "shop", "app-1", "app"
		c.Spec, c.Status = &evidence.Spec{}, &evidence.Status{State: fact.StateNeverStarted}
		c.Told = []evidence.Told{{ID: tt.id, Summary: tt.words, Excerpt: tt.words}}
		var text strings.Builder
		for _, a := range Of(c, fact.VerdictOther, tt.id) {
			text.WriteString(a.Title + "\n" + a.Detail + "\n" + a.Command + "\n")
		}
		if !strings.Contains(text.String(), tt.has) || strings.Contains(text.String(), tt.lacks) {
			t.Errorf("%s: want %q and not %q:\n%s", tt.words, tt.has, tt.lacks, text.String())
		}
	}
}
