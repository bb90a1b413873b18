package kubernetes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
)

// maxKubeletLog bounds what is read of a kubelet's log; one that says little writes a megabyte in a day.
const maxKubeletLog = 32 << 20

// kubeletSince is how far back the kubelet's log is asked for: as far as its events go, and the runs before.
const kubeletSince = 6 * time.Hour

// kubeletLog keeps of the kubelet's log the lines that are of this pod. The API server shows it where the kubelet may
// be asked for logs (enableSystemLogHandler) and, by name, where it looks them up itself (enableSystemLogQuery,
// NodeLogQuery, off by default until 1.36).
func (l *look) kubeletLog(ctx context.Context) source.Outcome {
	if o, ok := l.atKubelet(ctx); !ok {
		return o
	}
	data, cut, err := l.nodeLog(ctx)
	if errors.Is(err, errNoNodeLog) {
		return source.Absent(err.Error(), "on the node: journalctl -u kubelet")
	}
	if err != nil {
		return l.refused(err, nodesProxy)
	}
	lines := l.ownLines(data)
	o := source.Collected(fmt.Sprintf("%d of its lines are of this pod", bytes.Count(lines, []byte("\n"))))
	if cut {
		o = source.Truncated(fmt.Sprintf("a part of %d bytes", maxKubeletLog))
	}
	if first := kubernetes.KubeletStamp(data, l.Now()); !first.IsZero() {
		o.Source.From = source.Wall(first)
	}
	o.Source.To = source.Wall(l.Now())
	return o.With(bundle.FileKubeletLog, lines)
}

// atKubelet is the outcome for a kubelet that may not be asked: one refusal is that of all its sources.
func (l *look) atKubelet(ctx context.Context) (source.Outcome, bool) {
	if o, ok := l.onNode(); !ok {
		return o, false
	}
	if _, err := l.kubelet(ctx, "probes"); code(err) == http.StatusForbidden {
		return l.refused(err, nodesProxy), false
	}
	return source.Outcome{}, true
}

// ownLines are those that name the pod, by its uid, its name or a container's id.
func (l *look) ownLines(data []byte) []byte {
	names := [][]byte{[]byte(`"` + l.Found.Namespace + "/" + l.Name + `"`)}
	if l.pod != nil {
		names = append(names, []byte(l.pod.Metadata.UID))
		for _, id := range l.pod.IDs() {
			names = append(names, []byte(id.ID))
		}
	}
	var out bytes.Buffer
	for line := range bytes.Lines(data) {
		for _, name := range names {
			if len(name) > 2 && bytes.Contains(line, name) {
				out.Write(line)
				break
			}
		}
	}
	return out.Bytes()
}

var errNoNodeLog = errors.New("the kubelet does not show its log: enableSystemLogQuery is off, and kubelet.log is " +
	"no file in /var/log of the node")

// nodeLog is the kubelet's log, shared by the pods of a node.
func (l *look) nodeLog(ctx context.Context) (data []byte, cut bool, err error) {
	v, _ := l.memo.LoadOrStore("kubelet log "+l.node, &answer{})
	a := v.(*answer)
	a.once.Do(func() {
		limited, cancel := context.WithTimeout(ctx, l.Timeout)
		defer cancel()
		a.data, a.cut, a.err = l.askNodeLog(limited)
	})
	if code(a.err) == 0 && a.err != nil && !errors.Is(a.err, errNoNodeLog) {
		return nil, false, l.explained(a.err)
	}
	return a.data, a.cut, a.err
}

// askNodeLog asks by name and time; a log that lies in a file takes no options. A kubelet that looks up nothing by name
// answers with what is in /var/log.
func (l *look) askNodeLog(ctx context.Context) ([]byte, bool, error) {
	base := "/api/v1/nodes/" + escape(l.node) + "/proxy/logs/"
	since := l.Now().Add(-kubeletSince).UTC().Format(time.RFC3339)
	data, cut, err := l.client.read(ctx, base, url.Values{"query": {"kubelet"}, "sinceTime": {since}}, maxKubeletLog)
	switch {
	case code(err) == http.StatusForbidden || code(err) == 0 && err != nil:
		return nil, false, err
	case strings.Contains(fmt.Sprint(err), "without options"):
		data, cut, err = l.client.read(ctx, base, url.Values{"query": {"kubelet"}}, maxKubeletLog)
	case bytes.Contains(data, []byte(`href="kubelet.log"`)):
		data, cut, err = l.client.read(ctx, base+"kubelet.log", nil, maxKubeletLog)
	}
	if err != nil || !kubernetes.IsKubeletLog(data) {
		return nil, false, errNoNodeLog
	}
	return data, cut, nil
}

// inMetrics tells whether a kubelet's metrics have the memory of this container.
func (l *look) inMetrics(data []byte) bool {
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(line, []byte("container_memory_usage_bytes{container=\""+l.Run.Container+"\"")) &&
			bytes.Contains(line, []byte(`pod="`+l.Name+`"`)) {
			return true
		}
	}
	return false
}

// summary keeps of the kubelet's figures those of this pod and of the node itself.
func (l *look) summary(ctx context.Context) source.Outcome {
	if o, ok := l.atKubelet(ctx); !ok {
		return o
	}
	if data, err := l.kubelet(ctx, "cadvisor"); err == nil && l.inMetrics(data) {
		return source.Outcome{} // cAdvisor's figures say more
	}
	data, err := l.shared(ctx, "/api/v1/nodes/"+escape(l.node)+"/proxy/stats/summary", nil)
	if err != nil {
		return l.refused(err, nodesProxy)
	}
	var all struct {
		Node json.RawMessage
		Pods []json.RawMessage
	}
	if json.Unmarshal(data, &all) != nil {
		return source.Failed(errors.New("the kubelet's summary cannot be read"))
	}
	kept := struct {
		Node json.RawMessage   `json:"node,omitempty"`
		Pods []json.RawMessage `json:"pods"`
	}{all.Node, []json.RawMessage{}}
	for _, raw := range all.Pods {
		var pod struct {
			PodRef struct{ Name, Namespace string }
		}
		if json.Unmarshal(raw, &pod) == nil && pod.PodRef.Name == l.Name && pod.PodRef.Namespace == l.Found.Namespace {
			kept.Pods = append(kept.Pods, raw)
		}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return source.Failed(err)
	}
	return source.Collected("").With(bundle.FileSummary, text)
}
