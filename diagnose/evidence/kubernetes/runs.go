package kubernetes

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Run is one run of one container that is worth a diagnosis of its own.
type Run struct {
	Container string
	ID        string // of the run, without the runtime before it; "" = it never ran
	Previous  bool   // it is not the newest
}

// Runs lists the runs to explain, the newest of each container first, init containers and sidecars before the others:
// while one of those fails, the rest waits for it. container names one ("" = those that tell something), previous
// wants the run before.
func (p *Pod) Runs(container string, previous bool) []Run {
	var list []Run
	for _, c := range p.telling(container) {
		list = append(list, p.runsOf(c, previous)...)
	}
	return list
}

// telling are the names of the containers that tell something: a failing init container alone, for nothing else has
// been started; else those that are unwell; else all that are no finished init containers.
func (p *Pod) telling(container string) []string {
	if container != "" {
		return []string{container}
	}
	var unwell, rest []string
	for _, c := range p.Spec.InitContainers {
		s := p.ContainerStatus(c.Name)
		if c.RestartPolicy != "Always" {
			if s.failing() {
				return []string{c.Name}
			}
			continue
		}
		rest = append(rest, c.Name)
		if s.failing() {
			unwell = append(unwell, c.Name)
		}
	}
	for _, c := range p.Spec.Containers {
		rest = append(rest, c.Name)
		if p.ContainerStatus(c.Name).failing() {
			unwell = append(unwell, c.Name)
		}
	}
	if len(unwell) > 0 {
		return unwell
	}
	return rest
}

// failing tells whether something is or was wrong with a container: it ended otherwise than with success, was
// restarted, waits for more than its creation, or is not ready.
func (s *ContainerStatus) failing() bool {
	if s == nil {
		return false
	}
	if w := s.State.Waiting; w != nil && w.Reason != waitCreating && w.Reason != waitInit {
		return true
	}
	for _, t := range []*Terminated{s.State.Terminated, s.LastState.Terminated} {
		if t != nil && (t.ExitCode != 0 || t.Reason == reasonOOMKilled) {
			return true
		}
	}
	return s.RestartCount > 0 || s.State.Running != nil && !s.Ready
}

// Unwell tells whether something is or was wrong with a pod.
func (p *Pod) Unwell() bool {
	if p.Status.Reason != "" || p.Status.Phase == "Failed" || p.Status.Phase == "Unknown" {
		return true
	}
	if c := p.Condition("PodScheduled"); c != nil && c.Status == "False" {
		return true
	}
	if p.Status.Phase == "Running" && p.unready() {
		return true
	}
	if p.Status.Phase == "Pending" && p.Metadata.DeletionTimestamp == "" {
		return true
	}
	for _, list := range [][]ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for i := range list {
			if list[i].failing() && p.Status.Phase != "Succeeded" || list[i].oomMarked() {
				return true
			}
		}
	}
	return false
}

// unready tells whether the pod gets no requests, whatever its containers say of themselves: a readiness gate is
// closed, or the node has not been heard of (its containers stay ready for as long as nobody sees them).
func (p *Pod) unready() bool {
	c := p.Condition("Ready")
	return c != nil && c.Status == "False"
}

// gates is the condition that says that only readiness gates keep the pod from being ready; nil = that is not so.
func (p *Pod) gates() *Condition {
	c := p.Condition("Ready")
	if c == nil || c.Status != "False" || c.Reason != "ReadinessGatesNotReady" || p.Status.Phase != "Running" {
		return nil
	}
	return c
}

// Killed tells whether a container ended by SIGKILL and not for lack of memory, or in a way that the runtime does not
// know.
func (p *Pod) Killed() bool {
	return slices.ContainsFunc(p.statuses(), func(s ContainerStatus) bool {
		return slices.ContainsFunc(s.ends(), func(t *Terminated) bool {
			return t.ExitCode == exitKilled && t.Reason != reasonOOMKilled || t.ExitCode == exitUnknown
		})
	})
}

func (s *ContainerStatus) oomMarked() bool {
	t := s.State.Terminated
	return t != nil && t.Reason == reasonOOMKilled
}

// runsOf lists the runs of one container, newest first. In back-off both states may hold an ended run.
func (p *Pod) runsOf(name string, previous bool) []Run {
	s := p.ContainerStatus(name)
	if s == nil {
		return []Run{{Container: name}}
	}
	ends := s.ends()
	if previous {
		if t := s.LastState.Terminated; t != nil && t.Reason != reasonStartError {
			return []Run{{name, ID(t.ContainerID), true}}
		}
		return nil
	}
	if s.State.Running != nil {
		return []Run{{name, ID(s.ContainerID), false}}
	}
	var runs []Run
	for i := len(ends) - 1; i >= 0; i-- {
		runs = append(runs, Run{name, ID(ends[i].ContainerID), len(runs) > 0})
	}
	if len(runs) == 0 {
		return []Run{{Container: name}}
	}
	return runs
}

// State says in our words what a container is doing.
func (p *Pod) State(name string) string {
	s := p.ContainerStatus(name)
	switch {
	case s == nil || s.State.Waiting != nil && len(s.ends()) == 0:
		return fact.StateNeverStarted
	case s.State.Running != nil:
		return fact.StateRunning
	case s.State.Waiting != nil:
		return fact.StateRestarting
	}
	return fact.StateExited
}

// RunID is one run of a container with the times that its status tells; nil = not told.
type RunID struct {
	Container, ID string
	Start, End    *time.Time
	Code          *int
}

// IDs lists the runs that the status still knows of.
func (p *Pod) IDs() []RunID {
	var list []RunID
	for _, all := range [][]ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for i := range all {
			s := &all[i]
			for _, t := range s.ends() {
				code := t.ExitCode
				list = append(list, RunID{s.Name, ID(t.ContainerID), known(t.StartedAt), known(t.FinishedAt), &code})
			}
			if r := s.State.Running; r != nil {
				list = append(list, RunID{s.Name, ID(s.ContainerID), known(r.StartedAt), nil, nil})
			}
		}
	}
	return list
}

func known(stamp string) *time.Time {
	if t := Time(stamp); !t.IsZero() {
		return &t
	}
	return nil
}

// Logged is of how many runs of a container there may be a log: none, the newest, or more.
func (p *Pod) Logged(name string) int {
	s := p.ContainerStatus(name)
	switch {
	case s == nil || s.ContainerID == "" && len(s.ends()) == 0 && s.RestartCount == 0:
		return 0
	case s.RestartCount > 0 || s.LastState.Terminated != nil:
		return 2
	}
	return 1
}
