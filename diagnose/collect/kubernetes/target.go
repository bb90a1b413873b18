package kubernetes

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Ref is what a user named: kind and name.
type Ref struct{ Kind, Name string }

// kindOf are the words for a kind, as kubectl takes them, and where its objects are.
var kinds = []struct {
	kind  string
	words []string
	group string // the API's path before the namespace
}{
	{"pods", []string{"pod", "pods", "po"}, "/api/v1"},
	{"deployments", []string{"deploy", "deployment", "deployments", "deployment.apps"}, "/apis/apps/v1"},
	{"statefulsets", []string{"sts", "statefulset", "statefulsets", "statefulset.apps"}, "/apis/apps/v1"},
	{"daemonsets", []string{"ds", "daemonset", "daemonsets", "daemonset.apps"}, "/apis/apps/v1"},
	{"replicasets", []string{"rs", "replicaset", "replicasets", "replicaset.apps"}, "/apis/apps/v1"},
	{"jobs", []string{"job", "jobs", "job.batch"}, "/apis/batch/v1"},
	{"cronjobs", []string{"cj", "cronjob", "cronjobs", "cronjob.batch"}, "/apis/batch/v1"},
}

// Parse reads "pod/NAME"; ok is false for what is no target of Kubernetes. Docker's names have no slash.
func Parse(s string) (r Ref, ok bool) {
	word, name, ok := strings.Cut(s, "/")
	if !ok || name == "" || strings.Contains(name, "/") {
		return Ref{}, false
	}
	for _, k := range kinds {
		if slices.Contains(k.words, strings.ToLower(word)) {
			return Ref{k.kind, name}, true
		}
	}
	return Ref{}, false
}

// ofEvents is the API's plural of events, which is our name of that source, too.
const ofEvents = fact.SourceEvents

// Short says a target as kubectl does: pod/gateway-7d8c5949ff-v9wfl.
func (r Ref) Short() string {
	for _, k := range kinds {
		if k.kind == r.Kind {
			return k.words[0] + "/" + r.Name
		}
	}
	return r.Name
}

// path is the address of the objects of a kind in a namespace; "" = in all.
func path(kind, namespace string, rest ...string) string {
	group := "/api/v1"
	for _, k := range kinds {
		if k.kind == kind {
			group = k.group
		}
	}
	parts := []string{group}
	if namespace != "" {
		parts = append(parts, "namespaces", escape(namespace))
	}
	parts = append(parts, kind)
	for _, r := range rest {
		parts = append(parts, escape(r))
	}
	return strings.Join(parts, "/")
}

// byOwner is the plural of an owner's kind; "" = one that is not read.
func byOwner(kind string) string {
	plural := strings.ToLower(kind) + "s"
	for _, k := range kinds {
		if k.kind == plural {
			return plural
		}
	}
	return ""
}

// escape makes one part of a path of what a stranger may have written.
func escape(s string) string {
	return strings.NewReplacer("%", "%25", "/", "%2F", "?", "%3F", "#", "%23", "..", "%2E%2E").Replace(s)
}
