package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// question asks the engine for the names of the containers that the log is about.
// No engine is no error: ids are an answer, too, and a saved log may be of another
// machine.
func (a *app) question(ctx context.Context, f oomFlags, in *kernelInput, log *kernellog.Log) oom.Question {
	q := oom.Question{Since: f.moment, Container: strings.TrimPrefix(f.container, "/"), Redactor: a.redactor()}
	if q.Container != "" && in.known == nil {
		if id, err := a.service(ctx, q.Container); err == nil && id != "" {
			q.Container = id
		}
	}
	q.Cores = a.coresBeside(ctx, in, log)
	concerned := oom.ConcernedBy(log, q.Cores)
	if q.Container == "" && concerned.Nobody() {
		return q // nothing to look up
	}
	if q.Asked = a.Now(); in.known != nil {
		q.Known = in.known
		return q
	}
	known, err := a.Engine.Containers(ctx, a.options(""), func(s collect.Summary) bool {
		return concerned.Has(s.ID, s.Status)
	})
	q.Known = append(known, a.podRuns(ctx, concerned.Pods())...)
	if err != nil && ctx.Err() == nil {
		q.Unasked = err
	}
	return q
}

// coresBeside are systemd-coredump's records of what the kernel's ring, which has them not, tells of as crashes. That
// they cannot be had is no error: the machine may have no systemd-coredump.
func (a *app) coresBeside(ctx context.Context, in *kernelInput, log *kernellog.Log) []oom.Core {
	if in.live == nil || in.live.Kind != host.KernelKmsg || len(log.Crashes) == 0 || log.From == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, a.options("").Timeout)
	defer cancel()
	records, err := a.Engine.CoreRecords(ctx, a.options(""), *log.From)
	if err != nil {
		return nil
	}
	var cores []oom.Core
	for _, r := range records {
		group := cmp.Or(kernellog.ContainersCgroup(r.Cgroup), r.Cgroup)
		if c := kernellog.ContainerFromCgroup(group); c != nil {
			cores = append(cores, oom.Core{PID: r.PID, At: r.At, Container: c})
		}
	}
	return cores
}

// podRuns names the containers of pods, where the log names any and a cluster is at hand. None is no error: the
// kernel's uid of the pod is an answer, too.
func (a *app) podRuns(ctx context.Context, uids map[string][]string) []evidence.Neighbour {
	if len(uids) == 0 || a.host != "" {
		return nil
	}
	s, err := a.cluster(ctx)
	if err != nil {
		return nil
	}
	runs, err := s.Runs(ctx, uids)
	if err != nil {
		return nil
	}
	var known []evidence.Neighbour
	for _, r := range runs {
		n := evidence.Neighbour{ID: r.ID, Name: r.Name, State: fact.StateExited, StartedAt: r.Start, FinishedAt: r.End,
			ExitCode: r.Code}
		if r.Alive {
			n.State = fact.StateRunning
		}
		known = append(known, n)
	}
	return known
}

// found fails for a container that neither engine nor log knows: no kills would be
// the wrong answer to a name that was mistyped.
func found(q oom.Question, log *kernellog.Log) error {
	switch {
	case q.Container == "" || q.Finds(log):
		return nil
	case q.Unasked != nil:
		return &hinted{fmt.Errorf("find container %q: it is not in the log by that name, and the engine could not be "+
			"asked: %w", q.Container, q.Unasked),
			[]string{"give its id instead: the kernel log knows no names"}}
	}
	hints := didYouMean(q.Container, names(q.Known))
	if len(hints) == 0 {
		hints = []string{"docker ps -a lists all containers; one that was removed is found by its id"}
	}
	return &hinted{fmt.Errorf("find container %q: neither the engine nor the log has it", q.Container), hints}
}

func names(known []evidence.Neighbour) []string {
	var list []string
	for _, c := range known {
		list = append(list, c.Name)
	}
	return list
}

// readPosition reads where the run before stopped; nil where there was none.
func readPosition(ctx context.Context, path string) (*host.Position, error) {
	if path == "" {
		return nil, nil
	}
	data, err := interruptible.ReadFile(ctx, path, 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var p host.Position
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		return nil, &hinted{fmt.Errorf("read position %q: %w", path, err),
			[]string{"remove the file to read from the log's beginning"}}
	}
	return &p, nil
}

// writePosition keeps how far a ring was read: to the record of that number.
func (a *app) writePosition(path string, live *host.KernelLog, seq int64) error {
	position := live.Position(seq)
	if path == "" || position == nil {
		return nil
	}
	data, err := json.Marshal(position)
	if err != nil {
		return fmt.Errorf("write position: %w", err)
	}
	return a.writeFile(path, append(data, '\n'))
}
