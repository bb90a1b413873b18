package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
)

// Options say what is collected. The zero value of every field is usable.
type Options struct {
	Where
	Timeout     time.Duration // one deadline a source; 0 = 5 s
	PluginTime  time.Duration // of the plugin that gives the credentials; 0 = Timeout, and 10 s at least
	LogBytes    int64         // newest bytes of log kept of each run; 0 = 16 MiB
	Container   string        // only this one; "" = those that tell something
	Previous    bool          // the run before
	OnlyItsLog  bool          // with Previous: not the log of the newest run beside it
	ToolVersion string
	NoRedact    bool
	// NodeDebug lets a privileged pod be made on the node, which reads the kernel's log and the control groups, and is
	// removed again. NodeDebugImage is its image; "" = that of the container, which the node has.
	NodeDebug      bool
	NodeDebugImage string
	Tell           func(string) // hears of what is made and removed; nil = nobody
	Now            func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.PluginTime <= 0 {
		o.PluginTime = max(o.Timeout, pluginTime)
	}
	if o.LogBytes <= 0 {
		o.LogBytes = 16 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Tell == nil {
		o.Tell = func(string) {}
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	return o
}

// Session is one look at one cluster. What several pods share (nodes, owners, their events) is asked for once.
type Session struct {
	Options
	Server    string // its address
	Namespace string
	client    *client
	memo      sync.Map // path and query: *answer
	lastLogs  logsOf
	noMetrics atomic.Bool                  // it has no metrics-server
	eventsOf  map[string][]json.RawMessage // by namespace and pod, where all were listed at once
	podsOfAll map[string][]json.RawMessage // by namespace, where all of the cluster were listed
}

// answer is one that is shared.
type answer struct {
	once sync.Once
	data []byte
	cut  bool
	err  error
}

// Open finds the cluster. It asks it nothing.
func Open(ctx context.Context, o Options) (*Session, error) {
	o = o.withDefaults()
	limited, cancel := context.WithTimeout(ctx, o.Timeout+o.PluginTime)
	defer cancel()
	reading, read := context.WithTimeout(limited, o.Timeout)
	defer read()
	c, err := o.choose(reading)
	if err != nil {
		return nil, err
	}
	cl, err := newClient(limited, c, os.Environ(), o)
	if err != nil {
		return nil, err
	}
	return &Session{Options: o, Server: c.Server, Namespace: c.namespace, client: cl}, nil
}

// NotFoundError: there is no object of that name.
type NotFoundError struct {
	Ref       Ref
	Namespace string
	Near      []string
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("find %s: namespace %q has none of that name, and no events tell of one", e.Ref.Short(),
		e.Namespace)
}

// Found is one pod that is to be looked at.
type Found struct {
	Namespace, Name string
	raw             []byte            // as it was listed; nil = it is to be asked for
	pod             *kubernetes.Pod   // nil = it is gone
	makers          []json.RawMessage // of what has no pods since the API server refuses them: who would make them
}

// Name of a target, for messages.
func (f Found) String() string { return f.Namespace + "/" + f.Name }

// fetch reads an object under the deadline of a source.
func (s *Session) fetch(ctx context.Context, path string, query url.Values) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	data, err := s.client.get(ctx, path, query)
	return data, s.explained(err)
}

// shared is fetch for what several pods have in common; the answer is kept.
func (s *Session) shared(ctx context.Context, path string, query url.Values) ([]byte, error) {
	v, _ := s.memo.LoadOrStore(path+"?"+query.Encode(), &answer{})
	a := v.(*answer)
	a.once.Do(func() { a.data, a.err = s.fetch(ctx, path, query) })
	return a.data, a.err
}

// listed reads a list under a deadline, and keeps what came of it.
func (s *Session) listed(ctx context.Context, path string, query url.Values) (items []json.RawMessage, whole bool,
	err error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	whole, err = s.client.list(ctx, path, query, func(one json.RawMessage) { items = append(items, one) })
	return items, whole, s.explained(err)
}

// UnreachableError: the server cannot be spoken to at all.
type UnreachableError struct {
	Server string
	Err    error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("reach Kubernetes at %s: %v", e.Server, e.Err)
}
func (e *UnreachableError) Unwrap() error { return e.Err }

// explained says of an error what it is: an answer, or no answer at all.
func (s *Session) explained(err error) error {
	var silent *source.SilentError
	switch {
	case errors.As(err, &silent):
		return err
	case err == nil || errors.Is(err, context.Canceled):
		return err
	case code(err) == http.StatusUnauthorized:
		return &ConfigError{fmt.Sprintf("log in to Kubernetes at %s: the server does not accept the credentials",
			s.Server), []string{"they may have expired: run kubectl get pods, and log in again where it fails, too"}}
	case code(err) != 0 || errors.Is(err, errTooLarge):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return &UnreachableError{s.Server, fmt.Errorf("no answer within %s", s.Timeout)}
	}
	return &UnreachableError{s.Server, err}
}

// Find resolves what the user named into pods.
func (s *Session) Find(ctx context.Context, r Ref) ([]Found, error) {
	if r.Kind == "pods" {
		f, err := s.findPod(ctx, r)
		if err != nil {
			return nil, err
		}
		return []Found{f}, nil
	}
	if r.Kind == "cronjobs" {
		return s.findCronJob(ctx, r)
	}
	data, err := s.shared(ctx, path(r.Kind, s.Namespace, r.Name), nil)
	if code(err) == http.StatusNotFound {
		return nil, s.notFound(ctx, r)
	} else if err != nil {
		return nil, err
	}
	return s.podsOf(ctx, data, r)
}

func (s *Session) findPod(ctx context.Context, r Ref) (Found, error) {
	f := Found{Namespace: s.Namespace, Name: r.Name}
	data, err := s.fetch(ctx, path("pods", s.Namespace, r.Name), nil)
	switch {
	case err == nil:
		f.raw = data
		if f.pod, _ = kubernetes.Parse[kubernetes.Pod](data); f.pod == nil {
			return f, fmt.Errorf("read pod %s: the server's answer cannot be read", f)
		}
		return f, nil
	case code(err) != http.StatusNotFound:
		return f, err
	}
	events, _, err := s.listed(ctx, path(ofEvents, s.Namespace), byName(r.Name))
	if err == nil && len(events) > 0 {
		return f, nil // gone, and its events tell of it
	}
	return f, s.notFound(ctx, r)
}

func byName(name string) url.Values {
	return url.Values{"fieldSelector": {"involvedObject.name=" + name}}
}

// podsOf lists the pods that an owner's selector chooses. One that has none left is looked at by its events.
func (s *Session) podsOf(ctx context.Context, data []byte, r Ref) ([]Found, error) {
	owner, ok := kubernetes.Parse[kubernetes.Owner](data)
	if !ok {
		return nil, fmt.Errorf("read %s: the server's answer cannot be read", r.Short())
	}
	selector := selectorOf(owner)
	if selector == "" {
		return nil, fmt.Errorf("find pods of %s: it has no selector by labels", r.Short())
	}
	found, err := s.Select(ctx, s.Namespace, selector)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return found, nil
	}
	return s.podless(ctx, owner, data, r)
}

// selectorOf writes a selector as the API takes it. A Job's controller-uid is told by all versions.
func selectorOf(o *kubernetes.Owner) string {
	if o.Spec.Selector == nil {
		return ""
	}
	var parts []string
	for k, v := range o.Spec.Selector.MatchLabels {
		parts = append(parts, k+"="+v)
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// maxJobs is how many runs of a CronJob are looked at, the newest.
const maxJobs = 3

func (s *Session) findCronJob(ctx context.Context, r Ref) ([]Found, error) {
	items, _, err := s.listed(ctx, path("jobs", s.Namespace), nil)
	if err != nil {
		return nil, err
	}
	var jobs []*kubernetes.Owner
	raws := map[*kubernetes.Owner][]byte{}
	for _, raw := range items {
		o, ok := kubernetes.Parse[kubernetes.Owner](raw)
		if ok && slices.ContainsFunc(o.Metadata.OwnerReferences, func(ref kubernetes.OwnerReference) bool {
			return ref.Kind == "CronJob" && ref.Name == r.Name
		}) {
			jobs, raws[o] = append(jobs, o), raw
		}
	}
	if len(jobs) == 0 {
		return nil, s.noJob(ctx, r)
	}
	slices.SortStableFunc(jobs, func(a, b *kubernetes.Owner) int {
		return kubernetes.Time(b.Metadata.CreationTimestamp).Compare(kubernetes.Time(a.Metadata.CreationTimestamp))
	})
	var found []Found
	for _, o := range jobs[:min(len(jobs), maxJobs)] {
		if list, err := s.podsOf(ctx, raws[o], Ref{"jobs", o.Metadata.Name}); err == nil {
			found = append(found, list...)
		}
	}
	return found, nil
}

// notFound names what there is of that kind.
func (s *Session) notFound(ctx context.Context, r Ref) error {
	e := &NotFoundError{Ref: r, Namespace: s.Namespace}
	items, _, _ := s.listed(ctx, path(r.Kind, s.Namespace), nil)
	for _, raw := range items {
		if o, ok := kubernetes.Parse[struct{ Metadata kubernetes.Meta }](raw); ok {
			e.Near = append(e.Near, o.Metadata.Name)
		}
	}
	return e
}

// maxKept is of how many pods the status is kept for those that depend on them: some 10 MB.
const maxKept = 2000

// Select lists the pods of a namespace ("" = all) that a selector chooses ("" = all).
func (s *Session) Select(ctx context.Context, namespace, selector string) ([]Found, error) {
	query := url.Values{}
	if selector != "" {
		query.Set("labelSelector", selector)
	}
	ctx, cancel := context.WithTimeout(ctx, 6*s.Timeout) // many pages
	defer cancel()
	var found []Found
	whole, err := s.client.list(ctx, path("pods", namespace), query, func(raw json.RawMessage) {
		if p, ok := kubernetes.Parse[kubernetes.Pod](raw); ok && p.Metadata.Name != "" {
			found = append(found, Found{Namespace: p.Metadata.Namespace, Name: p.Metadata.Name,
				raw: slim(raw, s.NoRedact), pod: p})
		}
	})
	if len(found) > 0 && code(err) == http.StatusGone {
		err = nil // the list's version was forgotten between two pages: what came is true
	}
	if whole && namespace == "" && selector == "" && len(found) <= maxKept {
		s.podsOfAll = map[string][]json.RawMessage{}
		for _, f := range found {
			s.podsOfAll[f.Namespace] = append(s.podsOfAll[f.Namespace], f.raw)
		}
	}
	return found, s.explained(err)
}

// Unwell keeps the pods with which something is or was wrong; all of them where nothing is.
func Unwell(list []Found) []Found {
	var kept []Found
	for _, f := range list {
		if f.pod == nil || f.pod.Unwell() {
			kept = append(kept, f)
		}
	}
	return kept
}

// ListEvents lists the events of a namespace ("" = all) at once, where many pods are looked at: one call for each would
// be many. What goes wrong is left to those calls.
func (s *Session) ListEvents(ctx context.Context, namespace string) {
	ctx, cancel := context.WithTimeout(ctx, 6*s.Timeout)
	defer cancel()
	index := map[string][]json.RawMessage{}
	whole, err := s.client.list(ctx, path(ofEvents, namespace), nil, func(raw json.RawMessage) {
		ev, ok := kubernetes.Parse[kubernetes.Event](raw)
		if !ok {
			return
		}
		key := ev.InvolvedObject.Namespace + "/" + ev.InvolvedObject.Name
		index[key] = append(index[key], slim(raw, s.NoRedact))
	})
	if err == nil && whole {
		s.eventsOf = index
	}
}
