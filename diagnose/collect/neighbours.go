package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const (
	maxNeighbours   = 20
	inspectsAtOnce  = 8
	noProjectDetail = "not started by docker compose (no label " + docker.LabelProject + ")"
)

// collectNeighbours describes the other containers of the same compose project:
// a gateway often goes silent because its database died first.
func collectNeighbours(ctx context.Context, s *session) source.Outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	if s.container.Project == "" {
		return source.Absent(noProjectDetail, "")
	}
	rows, err := s.rows(ctx, docker.LabelProject+"="+s.container.Project)
	if err != nil {
		return s.engineFailure(err)
	}
	var others []docker.Row
	for _, r := range rows {
		// The label filter is the engine's; hold it to its word.
		if r.ID != s.container.ID && r.Labels[docker.LabelProject] == s.container.Project {
			others = append(others, r)
		}
	}
	o := source.Collected(fmt.Sprintf("%d other containers of project %q", len(others), s.container.Project))
	if len(others) > maxNeighbours {
		o = source.Truncated(fmt.Sprintf("%d of %d other containers of project %q", maxNeighbours, len(others),
			s.container.Project))
		others = others[:maxNeighbours]
	}
	list, unanswered := s.neighbours(ctx, others)
	if unanswered > 0 {
		o.Source.Status = fact.StatusTruncated
		o.Source.Detail += fmt.Sprintf("; inspect of %d gave no answer", unanswered)
	}
	data, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return source.Failed(err)
	}
	o = o.With(bundle.FileNeighbours, append(data, '\n'))
	logs, unread := s.neighbourLogs(ctx, list)
	o.Source.Detail += logsDetail(len(logs), unread)
	o.Files = append(o.Files, logs...)
	return o
}

// neighbours inspects the rows side by side. One that cannot be inspected keeps
// what the list said of it.
func (s *session) neighbours(ctx context.Context, rows []docker.Row) (list []evidence.Neighbour, unanswered int) {
	list = make([]evidence.Neighbour, len(rows))
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

func (s *session) neighbour(ctx context.Context, r docker.Row) (evidence.Neighbour, error) {
	n := neighbourOf(r)
	raw, err := s.engine.Inspect(ctx, r.ID)
	if err != nil {
		return n, err
	}
	body, err := decode.ParseBody(raw)
	var odd *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &odd) {
		return n, err
	}
	if body.State.Status != "" {
		n.State = strings.ToLower(body.State.Status)
	}
	if body.State.Health != nil {
		n.Health = body.State.Health.Status
	}
	n.StartedAt, n.FinishedAt = known(body.State.StartedAt), known(body.State.FinishedAt)
	if odd != nil { // zero would be a claim
		return n, nil
	}
	n.OOMKilled = body.State.OOMKilled
	n.Addresses = body.NetworkSettings.Addresses()
	n.Published = body.NetworkSettings.PublishedPorts()
	n.NamedBy = namedBy(s.container.Env, n)
	s.lookInto(ctx, &n, body.State.Pid)
	// A running container shows 0 although an earlier run may have died of 137.
	if n.State == fact.StateExited || n.State == "dead" {
		n.ExitCode = body.State.ExitCode
	}
	return n, nil
}

// lookInto adds what only this machine's /proc tells of a neighbour that runs here: a program that hangs looks well to
// the engine.
func (s *session) lookInto(ctx context.Context, n *evidence.Neighbour, pid int) {
	if n.State != fact.StateRunning && n.State != fact.StatePaused || pid <= 0 || !s.container.Known ||
		!s.host(ctx).here {
		return
	}
	its := host.Processes{Machine: s.Machine, ID: n.ID, PID: pid}
	if !its.Alive() {
		return
	}
	n.Halted = its.Halted()
	if len(s.container.Addresses) > 0 {
		n.Unread = its.Unread(s.container.Addresses)
	}
}

// known reads a time of the engine; nil = never.
func known(stamp string) *time.Time {
	at := decode.Time(stamp)
	if at.IsZero() {
		return nil
	}
	return &at
}
