package kubernetes

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
)

// role is the smallest one that opens a source.
type role struct {
	what    string
	command string // %N stands for the namespace
}

// The roles, as kubectl makes them. USER is whom they are for: a person, or a service account.
var (
	viewHere = role{"the role view in this namespace", "kubectl create rolebinding gwdoctor-view -n %N " +
		"--clusterrole=view --user=USER"}
	viewAll = role{"the role view in the whole cluster", "kubectl create clusterrolebinding gwdoctor-view " +
		"--clusterrole=view --user=USER"}
	podMetrics = role{"get of pods.metrics.k8s.io, which the role view has where metrics-server is installed",
		"kubectl create role gwdoctor-metrics -n %N --verb=get --resource=pods.metrics.k8s.io && kubectl create " +
			"rolebinding gwdoctor-metrics -n %N --role=gwdoctor-metrics --user=USER"}
	nodes = role{"get of nodes", "kubectl create clusterrole gwdoctor-nodes --verb=get --resource=nodes && " +
		"kubectl create clusterrolebinding gwdoctor-nodes --clusterrole=gwdoctor-nodes --user=USER"}
	nodesProxy = role{"get of nodes/proxy, which in older releases also lets its holder run commands in pods: " +
		"weigh it", "kubectl create clusterrole gwdoctor-kubelet --verb=get --resource=nodes/proxy && " +
		"kubectl create clusterrolebinding gwdoctor-kubelet --clusterrole=gwdoctor-kubelet --user=USER"}
)

// refused says what became of a source that gave nothing.
func (l *look) refused(err error, r role) source.Outcome {
	switch code(err) {
	case http.StatusForbidden:
		return source.Denied("the API server: forbidden; it takes "+r.what,
			strings.ReplaceAll(r.command, "%N", l.Found.Namespace))
	case http.StatusNotFound:
		return source.Absent("the API server has none", "")
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return source.Absent("the API server could not reach what answers for it: "+short(err.Error()), "")
	}
	return source.Failed(errors.New(short(err.Error())))
}

func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 300)], "") }

func (l *look) version(ctx context.Context) source.Outcome {
	data, err := l.shared(ctx, "/version", nil)
	if err != nil {
		return l.refused(err, viewHere)
	}
	return source.Collected("").With(bundle.FileVersion, data)
}

// joined writes objects one a line, without what no diagnosis needs.
func (l *look) joined(items []json.RawMessage) []byte {
	var out bytes.Buffer
	for _, raw := range items {
		out.Write(slim(raw, l.NoRedact))
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// events are those of the pod and of what owns it. Where all pods are looked at, they were listed at once.
func (l *look) events(ctx context.Context) source.Outcome {
	items, whole, err := l.eventsFor(ctx, l.Name)
	if err != nil && len(items) == 0 {
		return l.refused(err, viewHere)
	}
	if l.pod == nil && l.makers == nil {
		items = append(items, l.deletions(ctx)...)
	}
	for i, raw := range l.ownerChain(ctx) {
		// the nearest owner makes and deletes pods, and tells of it; a CronJob of the Jobs that it could not begin
		if o, ok := kubernetes.Parse[kubernetes.Owner](raw); ok && (i == 0 || o.Kind == "CronJob") {
			more, _, _ := l.eventsFor(ctx, o.Metadata.Name)
			items = append(items, more...)
		}
	}
	o := source.Collected(strconv.Itoa(len(items)) + " events of the pod and its owners; the server keeps them for an " +
		"hour, and the kubelet drops those of a pod that restarts often")
	if !whole {
		o = source.Truncated("a part of the events")
	}
	return o.With(bundle.FilePodEvents, l.joined(items))
}

func (l *look) eventsFor(ctx context.Context, name string) (items []json.RawMessage, whole bool, err error) {
	if l.Session.eventsOf != nil {
		return l.Session.eventsOf[l.Found.Namespace+"/"+name], true, nil
	}
	data, err := l.shared(ctx, path(ofEvents, l.Found.Namespace), byName(name))
	if err != nil {
		return nil, false, err
	}
	var list struct {
		Metadata struct{ Continue string }
		Items    []json.RawMessage
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, false, errors.New("the list of events cannot be read")
	}
	return list.Items, list.Metadata.Continue == "", nil
}

// deletions are the events that tell who deleted a pod that is gone: its owners cannot be asked for, only those whose
// words name it.
func (l *look) deletions(ctx context.Context) []json.RawMessage {
	all, _, _ := l.listed(ctx, path(ofEvents, l.Found.Namespace), url.Values{"fieldSelector": {"reason=SuccessfulDelete"}})
	var kept []json.RawMessage
	for _, raw := range all {
		if bytes.Contains(raw, []byte(" "+l.Name+`"`)) {
			kept = append(kept, raw)
		}
	}
	return kept
}

// maxOwners bounds the way up: pod, Job, CronJob, and what an operator may have put above.
const maxOwners = 4

// ownerChain reads what owns the pod, from the nearest up.
func (l *look) ownerChain(ctx context.Context) []json.RawMessage {
	if l.makers != nil {
		return l.makers
	}
	if l.pod == nil {
		return l.jobOfGone(ctx)
	}
	var chain []json.RawMessage
	refs := l.pod.Metadata.OwnerReferences
	for len(chain) < maxOwners {
		kind, name := controllerOf(refs)
		if kind == "" {
			break
		}
		data, err := l.shared(ctx, path(kind, l.Found.Namespace, name), nil)
		if err != nil {
			break
		}
		chain = append(chain, data)
		o, ok := kubernetes.Parse[kubernetes.Owner](data)
		if !ok {
			break
		}
		refs = o.Metadata.OwnerReferences
	}
	return chain
}

func controllerOf(refs []kubernetes.OwnerReference) (kind, name string) {
	for _, r := range refs {
		if r.Controller == nil || *r.Controller {
			return byOwner(r.Kind), r.Name
		}
	}
	return "", ""
}

// jobOfGone reads the Job of a pod that is gone: its name is the pod's without the last part.
func (l *look) jobOfGone(ctx context.Context) []json.RawMessage {
	i := strings.LastIndexByte(l.Name, '-')
	if i <= 0 {
		return nil
	}
	data, err := l.shared(ctx, path("jobs", l.Found.Namespace, l.Name[:i]), nil)
	if err != nil {
		return nil
	}
	return []json.RawMessage{data}
}

func (l *look) owners(ctx context.Context) source.Outcome {
	chain := l.ownerChain(ctx)
	if len(chain) == 0 && l.pod != nil {
		if kind, name := controllerOf(l.pod.Metadata.OwnerReferences); kind != "" {
			_, err := l.shared(ctx, path(kind, l.Found.Namespace, name), nil)
			if err != nil {
				return l.refused(err, viewHere)
			}
		}
		return source.Absent("nothing owns this pod", "")
	}
	return source.Collected("").With(bundle.FileOwners, l.joined(chain))
}

// maxSiblings bounds how many pods of the same owner are kept.
const maxSiblings = 100

// siblings are the other pods of the same owner, their status only.
func (l *look) siblings(ctx context.Context) source.Outcome {
	chain := l.ownerChain(ctx)
	if len(chain) == 0 {
		return source.Absent("nothing owns this pod", "")
	}
	o, ok := kubernetes.Parse[kubernetes.Owner](chain[0])
	if !ok || selectorOf(o) == "" {
		return source.Absent("its owner has no selector", "")
	}
	data, err := l.shared(ctx, path("pods", l.Found.Namespace), url.Values{"labelSelector": {selectorOf(o)},
		"limit": {strconv.Itoa(maxSiblings)}})
	if err != nil {
		return l.refused(err, viewHere)
	}
	var list struct{ Items []json.RawMessage }
	if json.Unmarshal(data, &list) != nil {
		return source.Failed(errors.New("the list of pods cannot be read"))
	}
	var out bytes.Buffer
	for _, raw := range list.Items {
		out.Write(statusOnly(raw))
	}
	return source.Collected("").With(bundle.FileSiblings, out.Bytes())
}

// statusOnly keeps of a pod what tells how it is, and where.
func statusOnly(raw []byte) []byte {
	p, ok := kubernetes.Parse[kubernetes.Pod](raw)
	if !ok {
		return nil
	}
	type meta struct {
		Name              string `json:"name"`
		UID               string `json:"uid"`
		CreationTimestamp string `json:"creationTimestamp"`
		DeletionTimestamp string `json:"deletionTimestamp,omitempty"`
		Owners            any    `json:"ownerReferences,omitempty"`
	}
	type spec struct {
		NodeName string `json:"nodeName"`
	}
	var object struct {
		Metadata struct{ OwnerReferences json.RawMessage }
		Status   json.RawMessage
	}
	_ = json.Unmarshal(raw, &object)
	line, err := json.Marshal(map[string]any{"metadata": meta{p.Metadata.Name, p.Metadata.UID,
		p.Metadata.CreationTimestamp, p.Metadata.DeletionTimestamp, object.Metadata.OwnerReferences},
		"spec": spec{p.Spec.NodeName}, "status": object.Status})
	if err != nil {
		return nil
	}
	return append(line, '\n')
}

// nodePods are the other pods of the node, where a container of this one was killed, or lost: what strikes
// several workloads of one node at once is the node's.
func (l *look) nodePods(ctx context.Context) source.Outcome {
	if l.node == "" || l.pod == nil || !l.pod.Killed() {
		return source.Outcome{}
	}
	var list []json.RawMessage
	if l.podsOfAll != nil {
		for _, pods := range l.podsOfAll {
			list = append(list, pods...)
		}
	} else {
		var err error
		list, err = l.sharedItems(ctx, path("pods", ""), url.Values{"fieldSelector": {"spec.nodeName=" + l.node},
			"limit": {strconv.Itoa(pageSize)}})
		if err != nil {
			return l.refused(err, viewAll)
		}
	}
	var lines []string
	for _, raw := range list {
		if p, ok := kubernetes.Parse[kubernetes.Pod](raw); ok && p.Spec.NodeName == l.node && p.Killed() {
			lines = append(lines, string(statusOnly(raw)))
		}
	}
	slices.Sort(lines) // of several namespaces, in no order
	return source.Collected("").With(bundle.FileNodePods, []byte(strings.Join(lines, "")))
}

// onNode is the outcome for a pod that no node has taken.
func (l *look) onNode() (source.Outcome, bool) {
	return source.Absent("no node has taken the pod, or it is not known which", ""), l.node != ""
}

func (l *look) nodeRecord(ctx context.Context) source.Outcome {
	if o, ok := l.onNode(); !ok {
		return o
	}
	data, err := l.shared(ctx, "/api/v1/nodes/"+escape(l.node), nil)
	if err != nil {
		return l.refused(err, nodes)
	}
	return source.Collected("").With(bundle.FileNode, slim(data, l.NoRedact))
}

// nodeEvents stand in the namespace default, and the kubelet's bear the node's name for its uid.
func (l *look) nodeEvents(ctx context.Context) source.Outcome {
	if o, ok := l.onNode(); !ok {
		return o
	}
	data, err := l.shared(ctx, path(ofEvents, "default"), url.Values{"fieldSelector": {
		"involvedObject.kind=Node,involvedObject.name=" + l.node}})
	if err != nil {
		return l.refused(err, viewAll)
	}
	var list struct{ Items []json.RawMessage }
	if json.Unmarshal(data, &list) != nil {
		return source.Failed(errors.New("the list of events cannot be read"))
	}
	return source.Collected("").With(bundle.FileNodeEvents, l.joined(list.Items))
}

func (l *look) metrics(ctx context.Context) source.Outcome {
	if l.pod == nil {
		return source.Absent("the pod is gone", "")
	}
	if _, ok := l.atKubelet(ctx); ok {
		return source.Outcome{} // the kubelet's own figures say more
	}
	if l.noMetrics.Load() {
		return source.Absent("no metrics-server", "")
	}
	data, err := l.fetch(ctx, "/apis/metrics.k8s.io/v1beta1/namespaces/"+escape(l.Found.Namespace)+"/pods/"+
		escape(l.Name), nil)
	if code(err) == http.StatusNotFound {
		// of a group that nobody serves; of a pod that it has not seen, metrics-server names the pod
		l.noMetrics.Store(!strings.Contains(err.Error(), l.Name))
		return source.Absent("no metrics-server, or it has not seen the pod", "")
	} else if err != nil {
		return l.refused(err, podMetrics)
	}
	return source.Collected("").With(bundle.FilePodMetrics, slim(data, l.NoRedact))
}

// maxMetrics bounds what is read of a kubelet's metrics: 25 KB for each pod.
const maxMetrics = 32 << 20

func (l *look) kubelet(ctx context.Context, of string) ([]byte, error) {
	v, _ := l.memo.LoadOrStore("kubelet "+l.node+" "+of, &answer{})
	a := v.(*answer)
	a.once.Do(func() {
		limited, cancel := context.WithTimeout(ctx, l.Timeout)
		defer cancel()
		a.data, a.cut, a.err = l.client.read(limited, "/api/v1/nodes/"+escape(l.node)+"/proxy/metrics/"+of, nil, maxMetrics)
	})
	return a.data, l.explained(a.err)
}

func (l *look) probeCounters(ctx context.Context) source.Outcome {
	return l.lines(ctx, "probes", bundle.FileProbes)
}

func (l *look) cadvisor(ctx context.Context) source.Outcome {
	return l.lines(ctx, "cadvisor", bundle.FileCadvisor)
}

// lines keeps of a kubelet's metrics those of this pod, and the node's own count of OOM kills.
func (l *look) lines(ctx context.Context, of, name string) source.Outcome {
	if o, ok := l.atKubelet(ctx); !ok {
		return o
	}
	data, err := l.kubelet(ctx, of)
	if err != nil {
		return l.refused(err, nodesProxy)
	}
	var out bytes.Buffer
	pod, root := `pod="`+l.Name+`"`, `container_oom_events_total{container="",id="/"`
	space := `namespace="` + l.Found.Namespace + `"`
	scanner := bufio.NewScanner(bytes.NewReader(data))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := scanner.Text()
		if strings.Contains(line, pod) && strings.Contains(line, space) || strings.HasPrefix(line, root) {
			out.WriteString(line)
			out.WriteByte('\n')
		}
	}
	return source.Collected("").With(name, out.Bytes())
}
