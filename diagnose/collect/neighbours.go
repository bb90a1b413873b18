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
	maxNeighbours  = 20
	inspectsAtOnce = 8
	noneDetail     = "not started by docker compose (no label " + docker.LabelProject + "), and no other container " +
		"is in a network of its own, named by its settings or connected"
)

// collectNeighbours describes the other containers that this one has to do with: a gateway often goes silent because
// its database died first.
func collectNeighbours(ctx context.Context, s *session) source.Outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	found := s.related(ctx)
	if found.err != nil {
		return s.engineFailure(found.err)
	}
	others := found.rows
	if s.container.Project == "" && len(others) == 0 {
		return source.Absent(noneDetail, "")
	}
	o := source.Collected(s.neighboursDetail(found))
	if len(others) > maxNeighbours {
		o = source.Truncated(fmt.Sprintf("%d of %s", maxNeighbours, s.neighboursDetail(found)))
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
	logs, unread := s.neighbourLogs(ctx, telling(list, neighbourOf(found.own)))
	o.Source.Detail += logsDetail(len(logs), unread)
	o.Files = append(o.Files, logs...)
	return o
}

// neighboursDetail says how many there are, and what ties them.
func (s *session) neighboursDetail(found related) string {
	text, more := "", len(found.rows)-found.ofProject
	if s.container.Project != "" {
		text = fmt.Sprintf("%d other containers of project %q", found.ofProject, s.container.Project)
	}
	switch {
	case text == "":
		return fmt.Sprintf("%d other containers in its networks, named by its settings or connected", more)
	case more > 0:
		return text + fmt.Sprintf(", %d more in its networks, named by its settings or connected", more)
	}
	return text
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
	n.Addresses, n.Networks = body.NetworkSettings.Addresses(), body.NetworkSettings.Own()
	n.Published = body.NetworkSettings.PublishedPorts()
	s.called(&n, r, body)
	s.lookInto(ctx, &n, body.State.Pid)
	// A running container shows 0 although an earlier run may have died of 137.
	if n.State == fact.StateExited || n.State == "dead" {
		n.ExitCode = body.State.ExitCode
	}
	return n, nil
}

// called says by which names this container may know a neighbour. A compose service's name is one within its project
// only.
func (s *session) called(n *evidence.Neighbour, r docker.Row, body decode.Body) {
	if !s.container.Known {
		return // a list of all
	}
	if !s.ofProject(r) {
		n.Service, n.Aliases = "", body.NetworkSettings.Names(n.ID)
	}
	n.NamedBy = append(n.NamedIn(s.container.Env), publishedTo(s.container.Env, r)...)
	n.Reached = s.relatedOnce().reachedAt(r)
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
