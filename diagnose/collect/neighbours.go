package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const (
	maxNeighbours   = 20
	inspectsAtOnce  = 8
	noProjectDetail = "not started by docker compose (no label " + labelProject + ")"
)

// collectNeighbours describes the other containers of the same compose project:
// a gateway often goes silent because its database died first.
func collectNeighbours(ctx context.Context, s *session) outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	if s.subject.Project == "" {
		return absent(noProjectDetail, "")
	}
	rows, err := s.rows(ctx, labelProject+"="+s.subject.Project)
	if err != nil {
		return s.engineFailure(err)
	}
	var others []row
	for _, r := range rows {
		// The label filter is the engine's; hold it to its word.
		if r.ID != s.subject.ID && r.Labels[labelProject] == s.subject.Project {
			others = append(others, r)
		}
	}
	o := collected(fmt.Sprintf("%d other containers of project %q", len(others), s.subject.Project))
	if len(others) > maxNeighbours {
		o = truncated(fmt.Sprintf("%d of %d other containers of project %q", maxNeighbours, len(others), s.subject.Project))
		others = others[:maxNeighbours]
	}
	list, unanswered := s.neighbours(ctx, others)
	if unanswered > 0 {
		o.source.Status = fact.StatusTruncated
		o.source.Detail += fmt.Sprintf("; inspect of %d gave no answer", unanswered)
	}
	data, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return failed(err)
	}
	o = o.with(bundle.FileNeighbours, append(data, '\n'))
	logs, unread := s.neighbourLogs(ctx, list)
	o.source.Detail += logsDetail(len(logs), unread)
	o.files = append(o.files, logs...)
	return o
}

// neighbours inspects the rows side by side. One that cannot be inspected keeps
// what the list said of it.
func (s *session) neighbours(ctx context.Context, rows []row) (list []bundle.Neighbour, unanswered int) {
	list = make([]bundle.Neighbour, len(rows))
	errs := make([]error, len(rows))
	slots := make(chan struct{}, inspectsAtOnce)
	var wait sync.WaitGroup
	for i, r := range rows {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic: %v", p)
				}
				<-slots
			}()
			list[i], errs[i] = s.neighbour(ctx, r)
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			unanswered++
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list, unanswered
}

func (s *session) neighbour(ctx context.Context, r row) (bundle.Neighbour, error) {
	n := neighbourOf(r)
	raw, err := s.engine.Inspect(ctx, r.ID)
	if err != nil {
		return n, err
	}
	var body struct {
		State struct {
			Status                string
			ExitCode              lenient[int]
			OOMKilled             lenient[bool]
			StartedAt, FinishedAt string
			Health                struct{ Status string }
		}
	}
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &body); err != nil && !errors.As(err, &odd) {
		return n, err
	}
	if body.State.Status != "" {
		n.State = strings.ToLower(body.State.Status)
	}
	n.OOMKilled, n.Health = body.State.OOMKilled.value, body.State.Health.Status
	n.StartedAt, n.FinishedAt = engineTime(body.State.StartedAt), engineTime(body.State.FinishedAt)
	// A running container shows 0 although an earlier run may have died of 137.
	if n.State == fact.StateExited || n.State == "dead" {
		n.ExitCode = body.State.ExitCode.value
	}
	return n, nil
}
