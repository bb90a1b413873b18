package kubernetes_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const records = "../../../fixtures/k8s/"

// open connects to the fake server of one recorded moment.
func open(t *testing.T, server *kubetest.Server, change func(*kubernetes.Options)) *kubernetes.Session {
	t.Helper()
	o := kubernetes.Options{Where: kubernetes.Where{Kubeconfig: server.Kubeconfig(t, "token: secret-token"),
		Getenv: func(string) string { return "" }}, Now: server.Now, ToolVersion: "test", Timeout: 5 * time.Second}
	if change != nil {
		change(&o)
	}
	s, err := kubernetes.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// collectedOf is the bundle of the first container of what is named in a namespace.
func collectedOf(t *testing.T, server *kubetest.Server, ref kubernetes.Ref, namespace string) *bundle.Bundle {
	t.Helper()
	s := open(t, server, func(o *kubernetes.Options) { o.Namespace = namespace })
	found, err := s.Find(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Collect(context.Background(), s.Targets(found)[0])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// diagnoses looks at what a user named, in one recorded moment.
func diagnoses(t *testing.T, s *kubernetes.Session, target string) []answer.Diagnosis {
	t.Helper()
	ref, ok := kubernetes.Parse(target)
	if !ok {
		t.Fatalf("%q is no target", target)
	}
	found, err := s.Find(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	var list []answer.Diagnosis
	for _, one := range s.Targets(found) {
		b, err := s.Collect(context.Background(), one)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, diagnose.Diagnose(b))
	}
	return list
}

func say(d answer.Diagnosis) string {
	parts := []string{d.Verdict.Kind, d.Verdict.Reason() + d.Verdict.State}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// expected is what was done, by the records' own notes (docs/notes/KUBERNETES.md#2), never what a diagnosis said: for
// each pod the kinds of verdict that are right, the first answer of each container counting. "" at the end of a word
// leaves the reason open.
var expected = []struct{ record, target, right string }{
	{"config-missing/1", "pod/cm", "other configmap-or-secret-missing"},
	{"config-missing/1", "pod/key", "other configmap-or-secret-missing"},
	{"config-missing/1", "pod/nonroot", "other pod-refused"},
	{"config-missing/1", "pod/vol", "other volume-not-mounted"},
	{"crash-importerror/1-crashloop", "deploy/gateway", "cause startup-failure"},
	{"delete-graceful/1-deleting", "pod/d137", "not-a-failure"},
	{"delete-graceful/2-gone", "pod/d0", "not-a-failure stopped-on-request"},
	{"delete-graceful/2-gone", "pod/d137", "not-a-failure stopped-on-request"},
	{"delete-graceful/2-gone", "pod/dforce", "not-a-failure stopped-on-request"},
	{"drain/1-draining", "deploy/drainme", "other unschedulable"},
	{"drain/1-draining", "pod/drainme-5c54c4bbf9-f2z6h", "not-a-failure stopped-on-request"},
	{"drain/3-uncordoned", "deploy/drainme", "not-a-failure ok"},
	{"event-spam/13min-end", "deploy/gateway", "cause healthcheck-failure"},
	{"evict-ephemeral-limit/1-evicted", "pod/gateway-58f8669dd6-hm8th", "other evicted"},
	{"evict-memory-pressure/1-evicted", "pod/hog-d89d97f5-2mxkd", "other evicted"},
	{"evict-memory-pressure/1-evicted", "pod/hog-d89d97f5-459sn", "other unschedulable"},
	{"evict-memory-pressure/1-evicted", "pod/bystander", "not-a-failure ok"},
	{"host-kill9/1", "deploy/gateway", "undetermined"},
	{"image-pull/1", "pod/badname", "other image-not-pulled"},
	{"image-pull/1", "pod/missing", "other image-not-pulled"},
	{"image-pull/1", "pod/never", "other image-not-pulled"},
	{"init-fail/1", "pod/i", "other dependency-refuses"},
	{"init-fail/1", "pod/inever", "undetermined"},
	{"init-fail/1", "pod/ioom", "cause oom-kill"},
	{"innocent-beside-pod-oom/1", "pod/podlim", "cause oom-kill"},
	{"job-backofflimit/1", "job/bad", "undetermined"},
	{"job-deadline/1-during", "job/slow", "other deadline-exceeded"},
	{"job-deadline/2-after", "job/slow", "other deadline-exceeded"},
	{"liveness-exec-timeout/1-restarted", "pod/ex", "cause healthcheck-timeout"},
	{"liveness-fail-graceful/1-restarted", "deploy/gateway", "cause healthcheck-failure"},
	{"liveness-fail-sigterm-ignored/1-restarted", "pod/py", "cause healthcheck-failure"},
	{"liveness-kills-slow-start/1-restarted", "deploy/gateway", "cause healthcheck-failure|cause startup-failure"},
	{"liveness-kills-slow-start/2-twice", "deploy/gateway", "cause healthcheck-failure|cause startup-failure"},
	{"liveness-timeout-blocked-loop/1-restarted", "deploy/gateway", "cause healthcheck-timeout"},
	{"log-rotation/1", "pod/lr", "undetermined"},
	{"node-reboot/1", "deploy/gateway", "other node-trouble"},
	{"oom-child/1-child-killed-parent-alive", "pod/sup", "not-a-failure ok|undetermined"}, // no trace in the API
	{"oom-child-exit0/1-exit0", "pod/sup", "not-a-failure finished"},
	{"oom-child-then-liveness/1-restarted", "pod/sup", "cause healthcheck-failure"},
	{"oom-main/1-after-first", "deploy/gateway", "cause oom-kill"},
	{"oom-main/2-crashloop", "deploy/gateway", "cause oom-kill"},
	{"oom-node-allocatable/2", "deploy/hog", "cause oom-kill"},
	{"oom-node-allocatable/3-bystander-deleted", "pod/bystander", "not-a-failure stopped-on-request"},
	{"oom-node-allocatable/3-bystander-deleted", "pod/burst", "not-a-failure ok"},
	{"oom-too-low/2", "pod/tiny", "cause oom-kill"},
	{"oom-too-low/2", "pod/small", "not-a-failure ok"},
	{"pod-deadline/1", "pod/slow", "other deadline-exceeded"},
	{"poststart-fail/1", "pod/ps", "other hook-failed"},
	{"readiness-only/1-unready", "deploy/gateway", "cause healthcheck-failure"},
	{"resize-in-place/2-below-usage", "pod/rz", "not-a-failure ok"},
	{"rollout-restart/1-rolling", "pod/gateway-57bff8c677-54c2v", "not-a-failure ok|undetermined"},
	{"rollout-restart/2-rolled", "deploy/gateway", "not-a-failure ok"},
	{"rollout-restart/2-rolled", "pod/gateway-76c5d965d7-gqnl5", "not-a-failure stopped-on-request"},
	{"run-error/1", "pod/cmd", "other command-not-found"},
	{"run-error/1", "pod/perm", "other command-not-executable"},
	{"run-error/1", "pod/shnotfound", "other command-not-found"},
	{"run-error/1", "pod/wd", "other engine-could-not-start"},
	{"segfault-139/1", "deploy/gateway", "cause interpreter-crash"},
	{"sidecar-crash/2", "pod/sc", "undetermined"},
	{"sidecar-crash/1", "pod/scjob-8pkph", "not-a-failure"},
	{"startup-fail/1-restarted", "deploy/gateway", "cause startup-failure"},
	{"worker-killed-master-lives/1", "deploy/shop", "cause oom-kill|cause worker-crash"},
	{"cgroup2/oom-child-group/2-deleting", "pod/sup", "undetermined|not-a-failure"},
	{"cgroup2/oom-child-single/1-child-killed-parent-alive", "pod/sup", "not-a-failure ok|undetermined"},
}

// TestRecords looks at real clusters as the API server told of them.
func TestRecords(t *testing.T) {
	seen := map[string]bool{}
	for _, tt := range expected {
		seen[strings.Split(strings.TrimPrefix(tt.record, "cgroup2/"), "/")[0]] = true
		t.Run(tt.record+" "+tt.target, func(t *testing.T) {
			list := diagnoses(t, open(t, kubetest.New(t, records+tt.record), nil), tt.target)
			if len(list) == 0 {
				t.Fatal("nothing was diagnosed")
			}
			got := say(list[0])
			for right := range strings.SplitSeq(tt.right, "|") {
				if strings.HasPrefix(got, right) {
					return
				}
			}
			t.Errorf("%q, want %q: %s", got, tt.right, list[0].Verdict.Summary)
		})
	}
	folders, err := filepath.Glob(records + "*")
	for _, folder := range folders {
		if name := filepath.Base(folder); name != "cgroup2" && !seen[name] {
			t.Errorf("record %s is looked at by no test", name)
		}
	}
	if err != nil || len(folders) < 30 {
		t.Errorf("%d records, %v", len(folders), err)
	}
}

// falseMarks are containers that the API calls OOMKilled though memory ended none of them.
var falseMarks = []struct{ record, target, name string }{
	{"innocent-beside-pod-oom/1", "pod/podlim", "podlim/clean0"},
	{"innocent-beside-pod-oom/1", "pod/podlim", "podlim/err3"},
	{"oom-child-exit0/1-exit0", "pod/sup", "sup"},
	{"oom-child-then-liveness/1-restarted", "pod/sup", "sup"},
	{"oom-node-allocatable/3-bystander-deleted", "pod/bystander", "bystander"},
}

// TestOOMKilledIsNoCause: the mark says that some process of the group, or of one around it, was killed in that run.
func TestOOMKilledIsNoCause(t *testing.T) {
	for _, tt := range falseMarks {
		looked := false
		for _, d := range diagnoses(t, open(t, kubetest.New(t, records+tt.record), nil), tt.target) {
			if d.Target.Name != tt.name {
				continue
			}
			looked = true
			if d.Verdict.Reason() == fact.OOMKill || d.Death.EndedBy == fact.EndedByKernelOOM {
				t.Errorf("%s: %s: %s", tt.record, tt.name, d.Verdict.Summary)
			}
		}
		if !looked {
			t.Errorf("%s: no diagnosis of %s", tt.record, tt.name)
		}
	}
}
