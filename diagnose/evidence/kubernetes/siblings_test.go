package kubernetes

import (
	"fmt"
	"slices"
	"strings"
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

// TestSiblingsOnTheNode: pods of other workloads that ended alike in the same minutes are counted; one's own replicas,
// other ends, other minutes and other nodes are not.
func TestSiblingsOnTheNode(t *testing.T) {
	pod := func(name, owner, node string, code int, at string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q,"uid":%q,"ownerReferences":[{"kind":"ReplicaSet","name":%q}]},"spec":{`+
			`"nodeName":%q},"status":{"containerStatuses":[{"name":"x","lastState":{"terminated":{"exitCode":%d,"reason":"Error",`+
			`"startedAt":"2026-11-26T11:00:00Z","finishedAt":%q}}}]}}`, name, name, owner, node, code, at)
	}
	const at, later = "2026-11-26T12:00:00Z", "2026-11-26T12:05:00Z"
	own := `{"metadata":{"name":"p","namespace":"n","uid":"p","ownerReferences":[{"kind":"ReplicaSet","name":"web"}]},"spec":{` +
		`"nodeName":"node1","containers":[{"name":"app"}]},"status":{"containerStatuses":[{"name":"app","lastState":{` +
		`"terminated":{"exitCode":255,"reason":"Error","startedAt":"2026-11-26T11:00:00Z","finishedAt":"` + at + `"}}}]}}`
	b := bundle.New("test", bundle.Target{ID: "c", Name: "p", Runtime: bundle.RuntimeKubernetes,
		InPod: bundle.InPod{Namespace: "n", Pod: "p", Container: "app"}}, now)
	b.Put(bundle.FilePod, []byte(own))
	b.Put(bundle.FileNodePods, []byte(strings.Join([]string{pod("a", "db", "node1", 255, at),
		pod("b", "db", "node1", 255, at), pod("c", "mq", "node1", 255, "2026-11-26T12:01:30Z"),
		pod("d", "web", "node1", 255, at),
		pod("e", "x", "node1", 1, at), pod("f", "y", "node1", 255, later), pod("g", "z", "node2", 255, at)}, "\n")))
	if s := Decode(b).Siblings; s == nil || s.OnNode != 3 || s.Owners != 2 || s.Of != 0 {
		t.Errorf("%+v", s)
	}
	b.Put(bundle.FileNodePods, nil)
	if s := Decode(b).Siblings; s != nil {
		t.Errorf("without others: %+v", s)
	}
}
