package kubernetes

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Words of a terminated state.
const (
	reasonOOMKilled     = "OOMKilled"
	reasonStatusUnknown = "ContainerStatusUnknown" // made up by the kubelet: 137, no times
	reasonStartError    = "StartError"             // it never ran: 128, started in 1970
	reasonLost          = "Unknown"                // the runtime has no task any more: 255
)

const (
	exitKilled  = 137 // by SIGKILL
	exitUnknown = 255 // what containerd says where it does not know the code
)

// ends returns what is told of ended runs, oldest first. While a container waits in back-off its state is terminated
// for up to 15 s and then waiting, so both fields may hold a run, or the same one.
func (s *ContainerStatus) ends() []*Terminated {
	var list []*Terminated
	for _, t := range []*Terminated{s.LastState.Terminated, s.State.Terminated} {
		if t == nil || t.Reason == reasonStartError {
			continue
		}
		if len(list) > 0 && list[0].ContainerID == t.ContainerID && list[0].FinishedAt == t.FinishedAt {
			continue
		}
		list = append(list, t)
	}
	return list
}

// lives are the runs that the status still knows: at most the one before and the newest.
func (d *decoder) lives() []evidence.Life {
	if d.status == nil {
		return nil
	}
	var lives []evidence.Life
	for _, t := range d.status.ends() {
		lives = append(lives, lifeOf(t))
	}
	if life := d.forgotten(lives); life != nil {
		lives = append(lives, *life)
	}
	if r := d.status.State.Running; r != nil {
		lives = append(lives, evidence.Life{ID: ID(d.status.ContainerID), Start: Time(r.StartedAt), Alive: true})
	}
	for i := range lives {
		d.complement(lives, i)
	}
	return lives
}

// longestBackOff is how long the kubelet waits at most before it starts a container again.
const longestBackOff = 5 * time.Minute

// forgotten is the run before the present one where the status holds nothing of it any more: its container was removed
// already, and only the kubelet's word that it would kill it is left. nil = there was none, or nothing tells of it.
func (d *decoder) forgotten(known []evidence.Life) *evidence.Life {
	r := d.status.State.Running
	if r == nil || len(known) > 0 || d.status.RestartCount == 0 {
		return nil
	}
	start := Time(r.StartedAt)
	for _, ev := range slices.Backward(d.reason(reasonKilling)) {
		at := ev.Last()
		if at.After(start) || start.Sub(at) > longestBackOff+d.graceOf(nil) {
			continue
		}
		return &evidence.Life{End: &at}
	}
	return nil
}

func lifeOf(t *Terminated) evidence.Life {
	life := evidence.Life{ID: ID(t.ContainerID), Start: Time(t.StartedAt)}
	if end := Time(t.FinishedAt); !end.IsZero() {
		life.End = &end
	}
	if t.Reason != reasonStatusUnknown {
		code, oom := t.ExitCode, t.Reason == reasonOOMKilled
		life.ExitCode, life.OOM = &code, &oom
	}
	return life
}

// complement adds to a run what the events tell of it: who ended it, how its probes were, and whether they are all
// there.
func (d *decoder) complement(lives []evidence.Life, i int) {
	life := &lives[i]
	if !life.Alive {
		life.Request = d.requestOf(life)
	}
	if r := life.Request; r != nil && r.Kind == fact.RequestProbe {
		life.Events = append(life.Events, evidence.Event{At: r.At, Kind: fact.EventHealthTurned,
			Health: fact.HealthUnhealthy})
	} else if at := d.unready(life); at != nil {
		life.Events = append(life.Events, evidence.Event{At: *at, Kind: fact.EventHealthTurned,
			Health: fact.HealthUnhealthy})
	}
	if life.End == nil {
		return
	}
	if d.complete(life) {
		life.Events = append(life.Events, evidence.Event{At: life.Start, Kind: fact.EventStarted})
	}
	life.Events = append(life.Events, evidence.Event{At: *life.End, Kind: fact.EventEnded, ExitCode: life.ExitCode})
	slices.SortStableFunc(life.Events, func(a, b evidence.Event) int { return a.At.Compare(b.At) })
}

// provedAfter is how long a run must last for the kubelet to forget its back-off: twice the longest pause
// (pkg/kubelet, MaxContainerBackOff of five minutes; a node may be set to less).
const provedAfter = 10 * time.Minute

// statusOf says how the container is now.
func (d *decoder) statusOf(lives []evidence.Life) *evidence.Status {
	s := &evidence.Status{KnownAs: d.knownAs()}
	s.State, s.Word = d.state()
	s.Awaited = d.awaited()
	if d.status == nil {
		s.Error = d.kept()
		return s
	}
	s.Restarts, s.ProvedAfter = d.status.RestartCount, provedAfter
	if t := d.status.State.Terminated; t != nil && t.Reason == reasonStatusUnknown && s.Restarts > 0 {
		s.Restarts-- // the kubelet counts the end that it made up: nothing was started after it
	}
	if at := Time(d.pod.Metadata.DeletionTimestamp); !at.IsZero() && d.status.State.Running != nil {
		asked := at.Add(-d.graceOf(nil))
		s.Leaving = &evidence.Request{Kind: fact.RequestStop, At: asked, Words: d.stopper()}
	}
	if ends := d.status.ends(); len(ends) > 0 && d.status.State.Running == nil { // in back-off it is in lastState
		t := ends[len(ends)-1]
		s.ExitCode, s.OOMKilled = t.ExitCode, t.Reason == reasonOOMKilled
	}
	if r := d.status.State.Running; r != nil {
		s.StartedAt = Time(r.StartedAt)
	} else if len(lives) > 0 {
		s.StartedAt = lives[len(lives)-1].Start
	}
	if s.State == fact.StateNeverStarted {
		s.Error = d.kept()
		if t := d.startError(); t != nil {
			s.ExitCode = t.ExitCode
		}
	}
	s.Health = d.health(lives)
	return s
}

// awaited is since when a pod has waited for this container: for its start, or, of an init container, for its end.
func (d *decoder) awaited() *time.Time {
	if d.pod.Metadata.DeletionTimestamp != "" || d.pod.Status.Phase == "Failed" || d.pod.Status.Phase == "Succeeded" {
		return nil
	}
	since := Time(d.pod.Metadata.CreationTimestamp)
	switch {
	case d.status == nil, d.status.State.Waiting != nil && len(d.status.ends()) == 0:
	case d.status.State.Running != nil && d.isInit():
		since = Time(d.status.State.Running.StartedAt)
	default:
		return nil
	}
	if since.IsZero() {
		return nil
	}
	return &since
}

// isInit tells whether the container has to end before those of the pod are started.
func (d *decoder) isInit() bool {
	return slices.ContainsFunc(d.pod.Spec.InitContainers, func(c Container) bool {
		return c.Name == d.name && c.RestartPolicy != "Always"
	})
}

// state says in our words, and in the API's, what the container is doing.
func (d *decoder) state() (state, word string) {
	if d.status == nil {
		return fact.StateNeverStarted, d.pod.Status.Phase
	}
	s, ran := d.status.State, len(d.status.ends()) > 0
	switch {
	case s.Running != nil:
		return fact.StateRunning, fact.StateRunning
	case s.Terminated != nil && s.Terminated.Reason == reasonStartError:
		return fact.StateNeverStarted, reasonStartError
	case s.Terminated != nil && d.startsAgain(s.Terminated):
		return fact.StateRestarting, s.Terminated.Reason
	case s.Terminated != nil:
		return fact.StateExited, s.Terminated.Reason
	case ran && s.Waiting != nil:
		return fact.StateRestarting, s.Waiting.Reason
	case ran:
		return fact.StateExited, d.pod.Status.Phase
	case s.Waiting != nil:
		return fact.StateNeverStarted, s.Waiting.Reason
	}
	return fact.StateNeverStarted, d.pod.Status.Phase
}

// startsAgain tells whether the kubelet will start it again.
func (d *decoder) startsAgain(t *Terminated) bool {
	if d.pod.Metadata.DeletionTimestamp != "" || d.pod.Status.Phase == "Failed" || d.pod.Status.Phase == "Succeeded" {
		return false
	}
	switch d.policy() {
	case "Always":
		return true
	case "OnFailure":
		return t.ExitCode != 0
	}
	return false
}

// policy is the restart policy that holds for this container: a sidecar has its own.
func (d *decoder) policy() string {
	if d.spec != nil && d.spec.RestartPolicy != "" {
		return d.spec.RestartPolicy
	}
	return d.pod.Spec.RestartPolicy
}

func (d *decoder) startError() *Terminated {
	for _, s := range []State{d.status.State, d.status.LastState} {
		if s.Terminated != nil && s.Terminated.Reason == reasonStartError {
			return s.Terminated
		}
	}
	return nil
}

// kept is what keeps a container from running, in the API's own words; "" = nothing does, as far as is told.
func (d *decoder) kept() string {
	if d.status != nil {
		if t := d.startError(); t != nil {
			return short(t.Message, maxWords)
		}
		if w := d.status.State.Waiting; w != nil && w.Reason != waitCreating && w.Reason != waitInit {
			return short(w.Reason+": "+w.Message, maxWords)
		}
	}
	if c := d.pod.Condition("PodScheduled"); c != nil && c.Status == "False" {
		return short(c.Reason+": "+c.Message, maxWords)
	}
	if ev := d.newestRefusal(); ev != nil {
		return short(ev.Reason+": "+ev.Message, maxWords)
	}
	if d.pod.Status.Phase == "Failed" {
		return short(d.pod.Status.Reason+": "+d.pod.Status.Message, maxWords)
	}
	return ""
}

// maxWords bounds what is kept of a message.
const maxWords = 2000

// newestRefusal is the newest event that says why a container cannot be made. What came after it may show that it is
// over: a node took the pod, or one of its containers was made, for which all its volumes had to be there.
func (d *decoder) newestRefusal() *Event {
	var newest *Event
	for i := range d.events {
		ev := &d.events[i]
		switch ev.Reason {
		case reasonSandbox, "FailedMount", "FailedAttachVolume", "FailedMapVolume", reasonScheduling:
			if d.ours(*ev) {
				newest = ev
			}
		case "Scheduled":
			if newest != nil && newest.Reason == reasonScheduling {
				newest = nil
			}
		case "Pulling", "Pulled", "Created", reasonStarted:
			newest = nil
		}
	}
	if newest != nil && newest.Reason == reasonScheduling && d.pod != nil {
		if c := d.pod.Condition("PodScheduled"); c != nil && c.Status == "True" {
			return nil
		}
	}
	return newest
}

func (d *decoder) knownAs() []string {
	names := []string{d.pod.Metadata.Name}
	for _, s := range []string{d.pod.Status.PodIP, d.pod.Metadata.Labels["app"],
		d.pod.Metadata.Labels["app.kubernetes.io/name"]} {
		if s != "" && !slices.Contains(names, s) {
			names = append(names, s)
		}
	}
	for i := range d.services {
		names = append(names, d.services[i].names()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// graceOf is how long the kubelet waits between TERM and KILL for this kind of end.
func (d *decoder) graceOf(p *Probe) time.Duration {
	grace := int64(30)
	if d.pod != nil {
		if s := d.pod.Spec.TerminationGracePeriodSeconds; s != nil {
			grace = *s
		}
		if s := d.pod.Metadata.DeletionGracePeriodSeconds; s != nil && p == nil {
			grace = *s
		}
	}
	if p != nil && p.TerminationGracePeriodSeconds != nil {
		grace = *p.TerminationGracePeriodSeconds
	}
	return time.Duration(min(max(grace, 0), 1<<31)) * time.Second
}
