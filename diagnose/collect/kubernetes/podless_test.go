package kubernetes_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
)

// TestPodless: what has no pods is told by what would make them, not called unknown.
func TestPodless(t *testing.T) {
	const set = `{"kind":"ReplicaSet","metadata":{"name":"app-6c9","namespace":"n","labels":{"app":"app"}}}`
	owner := func(kind, more string) string {
		return `{"kind":"` + kind + `","metadata":{"name":"app","namespace":"n"},"spec":{"selector":{"matchLabels":{"app":"app"}}` +
			more + `}}`
	}
	event := func(kind, name, reason, message string) string {
		return `{"kind":"Event","metadata":{"namespace":"n"},"involvedObject":{"kind":"` + kind + `","name":"` + name +
			`"},"reason":"` + reason + `","message":"` + message + `","lastTimestamp":"2026-11-27T02:00:00Z"}`
	}
	refusal := "Error creating: pods \\\"app-6c9-\\\" is forbidden: exceeded quota: none, requested: pods=1"
	for name, tt := range map[string]struct {
		target, owners, events string
		want                   string // of the verdict, or of the error
	}{
		"quota": {"deploy/app", owner("Deployment", "") + "," + set, event("ReplicaSet", "app-6c9", "FailedCreate", refusal),
			"other pod-refused"},
		"account": {"sts/app", owner("StatefulSet", ""), event("StatefulSet", "app", "FailedCreate",
			"create Pod app-0 in StatefulSet app failed error: serviceaccount x not found"), "other pod-refused"},
		"scaled down": {"deploy/app", owner("Deployment", `,"replicas":0`) + "," + set, event("ReplicaSet", "app-6c9",
			"SuccessfulDelete", "Deleted pod: app-6c9-x7k2p") + "," + event("Pod", "app-6c9-x7k2p", "Killing",
			"Stopping container app"), "not-a-failure"},
		"none wanted": {"deploy/app", owner("Deployment", `,"replicas":0`), "", "replicas: 0"},
		"silent":      {"ds/app", owner("DaemonSet", ""), "", "its events tell of none"},
		"no job yet":  {"cronjob/app", `{"kind":"CronJob","metadata":{"name":"app","namespace":"n"},"spec":{"suspend":true}}`, "", "suspended"},
		"no cronjob":  {"cronjob/other", owner("CronJob", ""), "", "has none of that name"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for file, items := range map[string]string{"owners.json": tt.owners, "events.json": tt.events} {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(`{"items":[`+items+`]}`), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(folder, "now.txt"), []byte("2026-11-27T02:01:00Z"), 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, kubetest.New(t, folder), func(o *kubernetes.Options) { o.Namespace = "n" })
			ref, _ := kubernetes.Parse(tt.target)
			if _, err := s.Find(context.Background(), ref); err != nil {
				if !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %q", err, tt.want)
				}
				return
			}
			list := diagnoses(t, s, tt.target)
			if got := say(list[0]); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want %q: %s", got, tt.want, list[0].Verdict.Summary)
			}
			if list[0].Verdict.Kind == "other" && !strings.Contains(list[0].Verdict.Summary, "refuses its pods") {
				t.Errorf("%s", list[0].Verdict.Summary)
			}
		})
	}
}
