package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
)

// podless finds what stands for an owner that has no pod: by the events of what makes its pods, the one that it had
// last, or the owner itself where none can be made.
//
//	Created pod: slow-6thn8      Deleted pod: slow-6thn8
//	Error creating: pods "app-6c9f7f8d5c-" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, …
func (s *Session) podless(ctx context.Context, o *kubernetes.Owner, data []byte, r Ref) ([]Found, error) {
	makers := s.makersOf(ctx, o, data, r)
	pod, refused := "", false
	var newest time.Time
	for _, m := range makers {
		maker, ok := kubernetes.Parse[kubernetes.Owner](m)
		if !ok {
			continue
		}
		events, _, err := s.listed(ctx, path(ofEvents, s.Namespace), byName(maker.Metadata.Name))
		if err != nil {
			return nil, err
		}
		for _, raw := range events {
			ev, ok := kubernetes.Parse[kubernetes.Event](raw)
			if !ok || ev.Last().Before(newest) {
				continue
			}
			if ev.Reason == kubernetes.FailedCreate {
				refused, newest = true, ev.Last()
			} else if _, name, ok := strings.Cut(ev.Message, " pod: "); ok && !strings.ContainsAny(name, " /") {
				pod, refused, newest = name, false, ev.Last()
			}
		}
	}
	switch none := o.Spec.Replicas != nil && *o.Spec.Replicas == 0; {
	case refused && !none:
		return []Found{{Namespace: s.Namespace, Name: r.Short(), makers: makers}}, nil
	case pod != "":
		return []Found{{Namespace: s.Namespace, Name: pod}}, nil
	case none:
		return nil, fmt.Errorf("find pods of %s: it is to have none (replicas: 0)", r.Short())
	}
	return nil, fmt.Errorf("find pods of %s: it has none, and its events tell of none", r.Short())
}

// makersOf is what makes the pods of an owner, nearest first: a Deployment has its ReplicaSets do that.
func (s *Session) makersOf(ctx context.Context, o *kubernetes.Owner, data []byte, r Ref) []json.RawMessage {
	if r.Kind != "deployments" {
		return []json.RawMessage{data}
	}
	items, _, err := s.listed(ctx, path("replicasets", s.Namespace), url.Values{"labelSelector": {selectorOf(o)}})
	if err != nil {
		return []json.RawMessage{data}
	}
	created := func(raw json.RawMessage) time.Time {
		if set, ok := kubernetes.Parse[kubernetes.Owner](raw); ok {
			return kubernetes.Time(set.Metadata.CreationTimestamp)
		}
		return time.Time{}
	}
	slices.SortStableFunc(items, func(a, b json.RawMessage) int { return created(b).Compare(created(a)) })
	return append(items[:min(len(items), maxOwners)], data)
}

// noJob says why a CronJob has no Job to look at.
func (s *Session) noJob(ctx context.Context, r Ref) error {
	data, err := s.fetch(ctx, path(r.Kind, s.Namespace, r.Name), nil)
	if code(err) == http.StatusNotFound {
		return s.notFound(ctx, r)
	} else if err != nil {
		return err
	}
	if o, ok := kubernetes.Parse[kubernetes.Owner](data); ok && o.Spec.Suspend {
		return fmt.Errorf("find jobs of %s: it has none, and it is suspended (spec.suspend)", r.Short())
	}
	return fmt.Errorf("find jobs of %s: it has none yet, or none of them is kept", r.Short())
}
