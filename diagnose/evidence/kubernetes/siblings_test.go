package kubernetes

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// ofReplicaSet decodes one of two pods of a ReplicaSet with some annotations, both killed alike, and a Service.
func ofReplicaSet(annotations, service string) evidence.Runtime {
	pod := func(name string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q,"namespace":"n","uid":%q,"labels":{"app":"web"},"ownerReferences":[
{"kind":"ReplicaSet","name":"web-1","controller":true}]},"spec":{"restartPolicy":"Always","containers":[{"name":"app"}]},
"status":{"phase":"Running","containerStatuses":[{"name":"app","restartCount":1,%s}]}}`, name, name, ended(137, "OOMKilled"))
	}
	oneLine := func(s string) []byte { return slices.DeleteFunc([]byte(s), func(b byte) bool { return b == '\n' }) }
	b := bundle.New("test", bundle.Target{ID: "c", Name: "p", Runtime: bundle.RuntimeKubernetes,
		InPod: bundle.InPod{Namespace: "n", Pod: "p", Container: "app"}}, now)
	b.Put(bundle.FilePod, []byte(pod("p")))
	b.Put(bundle.FileSiblings, append(append(oneLine(pod("p")), '\n'), oneLine(pod("q"))...))
	b.Put(bundle.FileOwners, fmt.Appendf(nil, `{"kind":"ReplicaSet","metadata":{"name":"web-1","creationTimestamp":`+
		`"2026-11-26T12:01:00Z","annotations":{%s}}}`, annotations))
	b.Put(bundle.FileServices, []byte(service))
	return Decode(b)
}

// TestSiblingsSinceTheRollout: the newest revision has an age, one that was taken up again has another, and the first
// has nothing before it.
func TestSiblingsSinceTheRollout(t *testing.T) {
	for name, tt := range map[string]struct{ annotations, revision string }{
		"third":          {`"deployment.kubernetes.io/revision":"3"`, "3"},
		"first":          {`"deployment.kubernetes.io/revision":"1"`, ""},
		"taken up again": {`"deployment.kubernetes.io/revision":"4","deployment.kubernetes.io/revision-history":"2"`, ""},
		"no Deployment":  {"", ""},
	} {
		s := ofReplicaSet(tt.annotations, "").Siblings
		if s == nil || s.Of != 1 || s.Same != 1 || s.Rollout != tt.revision || s.Rolled.IsZero() != (tt.revision == "") {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestServiceNames: others complain of the Service by one of its names, never of the pod.
func TestServiceNames(t *testing.T) {
	r := ofReplicaSet("", `{"metadata":{"name":"shop","namespace":"n"},"spec":{"selector":{"app":"web"},"clusterIP":"10.96.0.7"}}`)
	for _, want := range []string{"shop", "shop.n", "shop.n.svc.cluster.local", "10.96.0.7", "p"} {
		if !slices.Contains(r.Status.KnownAs, want) {
			t.Errorf("not known as %q: %q", want, r.Status.KnownAs)
		}
	}
	p := &Pod{Metadata: Meta{Labels: map[string]string{"app": "web"}}}
	for selector, want := range map[string]bool{`{"app":"web"}`: true, `{"app":"web","tier":"x"}`: false, `{}`: false} {
		s, _ := Parse[Service]([]byte(`{"spec":{"selector":` + selector + `}}`))
		if s.Chooses(p) != want {
			t.Errorf("%s chooses: %v", selector, !want)
		}
	}
}
