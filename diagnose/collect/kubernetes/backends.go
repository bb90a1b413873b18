package kubernetes

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
)

const (
	maxElsewhere = 2         // other namespaces whose Services are looked at
	maxBackends  = 20        // Services that are kept
	maxMention   = 256 << 10 // newest bytes of the log in which names are looked for
)

// backends are the Services that the container names, and the pods behind them: what it waits for, or complains of, is
// mostly one of those. They are looked for in its settings, its command and its log, so that where it names none no
// more is asked for.
func (l *look) backends(ctx context.Context) source.Outcome {
	if l.pod == nil {
		return source.Absent("the pod is gone", "")
	}
	settings, command := l.settings()
	words := kubernetes.Hosts([]byte(strings.Join(append(settings, command...), "\n")))
	spaces := append([]string{l.Found.Namespace}, otherSpaces(words, l.Found.Namespace)...)
	newest, before, _ := l.bothLogs(ctx, l.pod.Logged(l.Run.Container))
	for _, log := range [][]byte{before, newest} {
		for word := range kubernetes.Hosts(log[max(0, len(log)-maxMention):]) {
			words[word] = true
		}
	}
	var out bytes.Buffer
	var refused error
	kept := 0
	for _, space := range spaces {
		services, err := l.servicesOf(ctx, space)
		for i := 0; i < len(services) && err == nil && kept < maxBackends; i++ {
			s := services[i]
			if space == l.Found.Namespace && s.Chooses(l.pod) || len(s.Spec.Selector) == 0 ||
				!s.Called(words, l.Found.Namespace) {
				continue
			}
			var line []byte
			if line, err = l.backend(ctx, s, settings); err == nil {
				out.Write(line)
				kept++
			}
		}
		if err != nil && code(err) != http.StatusNotFound && refused == nil {
			refused = err
		}
	}
	switch {
	case kept == 0 && refused != nil:
		return l.refused(refused, viewHere)
	case kept == 0:
		return source.Absent("it names no Service but its own, as far as its settings and its log tell", "")
	case refused != nil:
		return source.Truncated("not of all namespaces that it names: "+short(refused.Error())).With(bundle.FileBackends,
			out.Bytes())
	}
	return source.Collected("").With(bundle.FileBackends, out.Bytes())
}

// settings are the container's environment, NAME=VALUE, and the words of its command.
func (l *look) settings() (environment, command []string) {
	c := l.pod.Container(l.Run.Container)
	if c == nil {
		return nil, nil
	}
	for _, e := range c.Env {
		environment = append(environment, e.Name+"="+e.Value)
	}
	return environment, slices.Concat(c.Command, c.Args)
}

// otherSpaces are the namespaces in names of hosts: redis.data, redis.data.svc.cluster.local.
func otherSpaces(words map[string]bool, own string) []string {
	var list []string
	for w := range words {
		parts := strings.Split(w, ".")
		named := len(parts) == 2 || len(parts) > 2 && parts[2] == "svc"
		if _, err := strconv.Atoi(parts[len(parts)-1]); !named || err == nil || parts[1] == own ||
			slices.Contains(list, parts[1]) {
			continue
		}
		list = append(list, parts[1])
	}
	slices.Sort(list)
	return list[:min(len(list), maxElsewhere)]
}

// named is a Service as it was sent, and as it is read.
type named struct {
	raw json.RawMessage
	*kubernetes.Service
}

// servicesOf are the Services of a namespace.
func (s *Session) servicesOf(ctx context.Context, space string) ([]named, error) {
	items, err := s.sharedItems(ctx, path("services", space), nil)
	var list []named
	for _, raw := range items {
		if one, ok := kubernetes.Parse[kubernetes.Service](raw); ok {
			list = append(list, named{raw, one})
		}
	}
	return list, err
}

// sharedItems are the first objects of a list that several pods have in common.
func (s *Session) sharedItems(ctx context.Context, path string, query url.Values) ([]json.RawMessage, error) {
	data, err := s.shared(ctx, path, query)
	if err != nil {
		return nil, err
	}
	var list struct{ Items []json.RawMessage }
	err = json.Unmarshal(data, &list)
	return list.Items, err
}

// backend is one Service with the pods behind it.
func (l *look) backend(ctx context.Context, s named, settings []string) ([]byte, error) {
	pods, err := l.podsIn(ctx, s.Metadata.Namespace)
	if err != nil {
		return nil, err
	}
	behind := []json.RawMessage{}
	for _, raw := range pods {
		p, ok := kubernetes.Parse[kubernetes.Pod](raw)
		if ok && s.Chooses(p) && len(behind) < maxSiblings {
			behind = append(behind, statusOnly(raw))
		}
	}
	line, err := json.Marshal(map[string]any{"service": json.RawMessage(slim(s.raw, l.NoRedact)),
		"namedBy": s.NamedIn(settings, l.Found.Namespace), "pods": behind})
	return append(line, '\n'), err
}

// podsIn are the pods of a namespace, as they were listed at the beginning where all were.
func (s *Session) podsIn(ctx context.Context, space string) ([]json.RawMessage, error) {
	if s.podsOfAll != nil {
		return s.podsOfAll[space], nil
	}
	return s.sharedItems(ctx, path("pods", space), url.Values{"limit": {strconv.Itoa(pageSize)}})
}
