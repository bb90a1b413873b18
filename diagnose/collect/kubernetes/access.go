package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// ask is one question of a SelfSubjectAccessReview. Subresources are asked for as such: `kubectl auth can-i get
// pods/log` asks for a pod of the name log (docs/notes/KUBERNETES.md#7).
type ask struct {
	source                                  string
	group, resource, subresource, namespace string
	verb                                    string
	role                                    role
}

// asks lists what each source takes; %N stands for the namespace.
var asks = []ask{
	{fact.SourceInspect, "", "pods", "", "%N", "get", viewHere},
	{fact.SourceSiblings, "", "pods", "", "%N", "list", viewHere},
	{fact.SourceEvents, "", ofEvents, "", "%N", "list", viewHere},
	{fact.SourceLogs, "", "pods", "log", "%N", "get", viewHere},
	{fact.SourceServices, "", "services", "", "%N", "list", viewHere},
	{fact.SourceOwners, "apps", "replicasets", "", "%N", "get", viewHere},
	{fact.SourceNode, "", "nodes", "", "", "get", nodes},
	{fact.SourceNodeEvents, "", ofEvents, "", "default", "list", viewAll},
	{fact.SourcePodMetrics, "metrics.k8s.io", "pods", "", "%N", "get", podMetrics},
	{fact.SourceProbeCount, "", "nodes", "proxy", "", "get", nodesProxy},
	{fact.SourceCadvisor, "", "nodes", "proxy", "", "get", nodesProxy},
	{fact.SourceSummary, "", "nodes", "proxy", "", "get", nodesProxy},
	{fact.SourceKubeletLog, "", "nodes", "proxy", "", "get", nodesProxy},
	{fact.SourceKernelLog, "", "pods", "", "%N", "create", debugRole},
	{fact.SourceReplay, "", "pods", "proxy", "%N", "get", podsProxy},
}

// Access says what this role may see, and the smallest role that opens what it may not. It asks the server for its
// own rules and tries nothing.
func (s *Session) Access(ctx context.Context) ([]bundle.Source, error) {
	if _, err := s.fetch(ctx, "/version", nil); err != nil && code(err) == 0 {
		return nil, err
	}
	list := make([]bundle.Source, len(asks))
	var group sync.WaitGroup
	for i, a := range asks {
		group.Go(func() { list[i] = s.access(ctx, a) })
	}
	group.Wait()
	return list, ctx.Err()
}

func (s *Session) access(ctx context.Context, a ask) bundle.Source {
	space := strings.ReplaceAll(a.namespace, "%N", s.Namespace)
	what := strings.Trim(a.verb+" "+a.resource+"/"+a.subresource, "/")
	if a.group == "metrics.k8s.io" {
		what += "." + a.group
	}
	if space != "" {
		what += " in namespace " + space
	}
	source := bundle.Source{Name: a.source, Status: fact.StatusCollected, Detail: what}
	allowed, err := s.may(ctx, a, space)
	switch {
	case err != nil:
		source.Status, source.Detail = fact.StatusFailed, short(err.Error())
	case !allowed:
		source.Status, source.Detail = fact.StatusDenied, what+": it takes "+a.role.what
		source.Command = strings.ReplaceAll(a.role.command, "%N", s.Namespace)
	}
	return source
}

func (s *Session) may(ctx context.Context, a ask, namespace string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	attributes := map[string]string{"namespace": namespace, "verb": a.verb, "group": a.group, "resource": a.resource,
		"subresource": a.subresource}
	body, err := json.Marshal(map[string]any{"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
		"spec": map[string]any{"resourceAttributes": attributes}})
	if err != nil {
		return false, err
	}
	data, err := s.client.post(ctx, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
	if err != nil {
		return false, s.explained(err)
	}
	var answer struct{ Status struct{ Allowed bool } }
	if json.Unmarshal(data, &answer) != nil {
		return false, errors.New("the server's answer cannot be read")
	}
	return answer.Status.Allowed, nil
}

// Names lists the pods of the namespace, for completion.
func (s *Session) Names(ctx context.Context, kind string) []string {
	items, _, err := s.listed(ctx, path(kind, s.Namespace), nil)
	if err != nil {
		return nil
	}
	var names []string
	for _, raw := range items {
		var o struct{ Metadata struct{ Name string } }
		if json.Unmarshal(raw, &o) == nil && o.Metadata.Name != "" {
			names = append(names, o.Metadata.Name)
		}
	}
	return names
}

// KindOf is the API's word for the kind of "pod/" and the like; "" = it is none.
func KindOf(word string) string {
	r, _ := Parse(fmt.Sprintf("%s/x", strings.TrimSuffix(word, "/")))
	return r.Kind
}

// Runs lists the runs of containers of some pods, each under namespace/pod/container: those that the API server still
// knows of, and those that it does not, which the pod's uid names. pods are uids, with the ids of runs that are asked
// for.
func (s *Session) Runs(ctx context.Context, pods map[string][]string) ([]Run, error) {
	found, err := s.Select(ctx, "", "")
	if err != nil {
		return nil, err
	}
	var list []Run
	for _, f := range found {
		wanted, ok := pods[f.pod.Metadata.UID]
		if !ok {
			continue
		}
		known := map[string]bool{}
		for _, id := range f.pod.IDs() {
			known[id.ID] = true
			list = append(list, Run{ID: id.ID, Name: f.String() + "/" + id.Container, Start: id.Start, End: id.End,
				Code: id.Code, Alive: id.End == nil})
		}
		for _, id := range wanted {
			if id != "" && !known[id] {
				list = append(list, Run{ID: id, Name: f.String() + f.onlyContainer()})
			}
		}
	}
	return list, nil
}

// onlyContainer is the one that any run of the pod is of; "" = it has several.
func (f Found) onlyContainer() string {
	if len(f.pod.Spec.Containers) != 1 || len(f.pod.Spec.InitContainers) > 0 {
		return ""
	}
	return "/" + f.pod.Spec.Containers[0].Name
}

// Run is one run of one container, by its name in the cluster.
type Run struct {
	ID, Name   string
	Start, End *time.Time
	Code       *int
	Alive      bool
}
