package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Words of a waiting state that name nothing yet.
const (
	waitCreating = "ContainerCreating"
	waitInit     = "PodInitializing"
)

// waiting are the words of a waiting state that name why a container never ran.
var waiting = map[string]string{
	"ErrImagePull": fact.ImageNotPulled, "ImagePullBackOff": fact.ImageNotPulled,
	"InvalidImageName": fact.ImageNotPulled, "ErrImageNeverPull": fact.ImageNotPulled,
	"ImageInspectError": fact.ImageNotPulled, "RegistryUnavailable": fact.ImageNotPulled,
	"SignatureValidationFailed":  fact.ImageNotPulled,
	"CreateContainerConfigError": fact.PodRefused, "CreateContainerError": fact.PodRefused,
	"PostStartHookError": fact.HookFailed,
}

// told gathers what the API server and the kubelet give as the reason themselves.
func (d *decoder) told() []evidence.Told {
	var list []evidence.Told
	if d.pod != nil {
		list = append(list, d.toldWaiting()...)
		list = append(list, d.toldScheduling()...)
		list = append(list, d.toldRefusals()...)
		list = append(list, d.toldStatus()...)
		list = append(list, d.toldNode()...)
		list = append(list, d.toldGates()...)
		list = append(list, d.toldSchedule()...)
	}
	if d.pod == nil && len(d.events) == 0 {
		list = append(list, d.toldUnmade()...)
	}
	list = append(list, d.toldEvents()...)
	list = append(list, d.toldJob()...)
	return once(list)
}

// once keeps one telling of each reason, the first.
func once(list []evidence.Told) []evidence.Told {
	seen := map[string]bool{}
	var kept []evidence.Told
	for _, t := range list {
		if !seen[t.ID] {
			kept = append(kept, t)
		}
		seen[t.ID] = true
	}
	return kept
}

func (d *decoder) toldWaiting() []evidence.Told {
	if d.status == nil || d.status.State.Waiting == nil {
		return nil
	}
	w := d.status.State.Waiting
	id := waiting[w.Reason]
	if id == fact.PodRefused && missingObject(w.Message) {
		id = fact.ObjectMissing
	}
	if id == "" {
		return nil
	}
	at := d.started()
	return []evidence.Told{d.tell(id, at, w.Reason+": "+short(w.Message, 300), w.Message)}
}

// missingObject tells whether a message is of a ConfigMap or Secret that is not there:
//
//	configmap "nothere" not found
//	couldn't find key password in Secret default/gateway
func missingObject(message string) bool {
	low := strings.ToLower(message)
	if !strings.Contains(low, "configmap") && !strings.Contains(low, "secret") {
		return false
	}
	return strings.Contains(low, "not found") || strings.Contains(low, "couldn't find key")
}

func (d *decoder) toldScheduling() []evidence.Told {
	c := d.pod.Condition("PodScheduled")
	if c == nil || c.Status != "False" || c.Message == "" {
		return nil
	}
	return []evidence.Told{d.tell(fact.Unschedulable, Time(c.LastTransitionTime), c.Reason+": "+short(c.Message, 400),
		c.Message)}
}

// toldRefusals reads the events of a container that is still being created.
func (d *decoder) toldRefusals() []evidence.Told {
	if d.status != nil && (d.status.State.Waiting == nil || d.status.State.Waiting.Reason != waitCreating) {
		return nil
	}
	ev := d.newestRefusal()
	if ev == nil {
		return nil
	}
	id := ""
	switch {
	case strings.Contains(ev.Message, "OOM-killed (memory limit too low?)"):
		id = fact.OOMKill
	case strings.HasPrefix(ev.Reason, "FailedMount"), ev.Reason == "FailedAttachVolume",
		ev.Reason == "FailedMapVolume":
		id = fact.VolumeNotMounted
	case ev.Reason == reasonSandbox && strings.Contains(ev.Message, "no runtime for"),
		ev.Reason == reasonSandbox && strings.Contains(ev.Message, "RuntimeHandler"): // containerd, CRI-O
		id = fact.PodRefused // its RuntimeClass is not what the node has
	case ev.Reason == reasonSandbox:
		id = fact.NodeTrouble
	default:
		return nil
	}
	summary := ev.Reason + ": " + short(ev.Message, 300)
	if id == fact.OOMKill {
		summary = fmt.Sprintf("the limit is too low for the container's first process to start: %s",
			short(ev.Message, 200))
	}
	return []evidence.Told{d.tell(id, ev.Last(), summary, ev.Message)}
}

func (d *decoder) toldStatus() []evidence.Told {
	s := d.pod.Status
	text := s.Reason + ": " + short(s.Message, 400)
	at := d.ended()
	switch s.Reason {
	case reasonEvicted:
		return []evidence.Told{d.tell(fact.Evicted, at, text, s.Message)}
	case reasonDeadline:
		return []evidence.Told{d.tell(fact.DeadlineExceeded, at, text, s.Message)}
	case "Terminated", "NodeShutdown", "NodeLost", "Shutdown":
		return []evidence.Told{d.tell(fact.NodeTrouble, at, text, s.Message)}
	}
	if s.Reason != "" && s.Phase == "Failed" && !d.pod.ran() {
		return []evidence.Told{d.tell(fact.PodRefused, at, text, s.Message)}
	}
	return nil
}

// ran tells whether any container of the pod was ever made. A kubelet that does not admit a pod says why in a word of
// its own (OutOfcpu, NodeAffinity, SysctlForbidden, TopologyAffinityError …, more of them in each release).
func (p *Pod) ran() bool {
	return slices.ContainsFunc(p.statuses(), func(s ContainerStatus) bool {
		return s.ContainerID != "" || s.State.Running != nil || len(s.ends()) > 0
	})
}

// toldGates reads why a pod is not ready whose containers are:
//
//	corresponding condition of pod readiness gate "example.com/lb-attached" does not exist.
func (d *decoder) toldGates() []evidence.Told {
	c := d.pod.gates()
	if c == nil || d.pod.Metadata.DeletionTimestamp != "" {
		return nil
	}
	since := Time(c.LastTransitionTime)
	if !since.IsZero() && d.now.Sub(since) < comingUp {
		return nil // whoever sets it waits for the pod first
	}
	return []evidence.Told{d.tell(fact.GateClosed, since, "its containers are ready, and it gets no requests: "+
		short(c.Message, 300), c.Message)}
}

// toldSchedule hears from a CronJob that a run is still there when the next one is due:
//
//	JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid
func (d *decoder) toldSchedule() []evidence.Told {
	if d.status == nil || d.status.State.Running == nil {
		return nil
	}
	began := Time(d.status.State.Running.StartedAt)
	for _, ev := range slices.Backward(d.others) {
		if ev.Reason == reasonStillActive && !began.IsZero() && ev.Last().After(began) {
			return []evidence.Told{d.tell(fact.OutlastsSchedule, ev.First(), "cronjob/"+short(ev.InvolvedObject.Name, 80)+
				": "+short(ev.Message, 200), ev.Message)}
		}
	}
	return nil
}

// toldNode sees a run that the node lost: 255 is what containerd says where it does not know.
func (d *decoder) toldNode() []evidence.Told {
	if d.node != nil && d.status != nil && d.status.State.Running != nil {
		if c := condition(d.node.Status.Conditions, "Ready"); c != nil && c.Status != "True" {
			return []evidence.Told{d.tell(fact.NodeTrouble, Time(c.LastTransitionTime),
				"its node is not ready: "+short(c.Reason+": "+c.Message, 200), c.Message)}
		}
	}
	if d.status == nil {
		return nil
	}
	changed := d.reason(reasonSandboxChanged)
	for _, t := range d.status.ends() {
		end := Time(t.FinishedAt)
		lost := t.Reason == reasonLost || t.ExitCode == exitUnknown && len(changed) > 0
		for _, ev := range changed {
			lost = lost || !end.IsZero() && ev.Last().Sub(end).Abs() <= 10*slack && d.pod.Metadata.DeletionTimestamp == ""
		}
		if lost {
			return []evidence.Told{d.tell(fact.NodeTrouble, end, "the node lost the pod's sandbox or its tasks (a reboot, "+
				"a restart of the runtime, or a killed shim or pause): the container did not end by itself",
				short(t.Reason+" "+t.Message, 200))}
		}
	}
	return nil
}

// toldEvents reads what only events tell: an eviction that raced with the pod's own end leaves Succeeded and exit 0.
func (d *decoder) toldEvents() []evidence.Told {
	var list []evidence.Told
	for _, ev := range d.events {
		switch ev.Reason {
		case reasonEvicted:
			list = append(list, d.tell(fact.Evicted, ev.Last(), short(ev.Message, 400), ev.Message))
		case reasonDeadline:
			list = append(list, d.tell(fact.DeadlineExceeded, ev.Last(), short(ev.Message, 300), ev.Message))
		case reasonPostStart:
			if d.ours(ev) && (d.status == nil || !d.status.Ready) {
				list = append(list, d.tell(fact.HookFailed, ev.Last(), "the postStart hook failed: "+short(ev.Message, 300),
					ev.Message))
			}
		}
	}
	return list
}

// toldUnmade reads why no pod could be made: a quota, a service account that is missing, an admission webhook.
//
//	Error creating: pods "app-6c9f7f8d5c-" is forbidden: error looking up service account shop/nothere: serviceaccount …
func (d *decoder) toldUnmade() []evidence.Told {
	var newest *Event
	for i, ev := range d.others {
		if ev.Reason == FailedCreate && (newest == nil || !ev.Last().Before(newest.Last())) {
			newest = &d.others[i]
		}
	}
	if newest == nil {
		return nil
	}
	return []evidence.Told{d.tell(fact.PodRefused, newest.Last(), "the API server refuses its pods: "+
		short(newest.Message, 400), newest.Message)}
}

// unmade is what is known of a workload without a pod: the last of its owners, which is what was asked about.
func (d *decoder) unmade(t evidence.Told) (*evidence.Spec, *evidence.Status) {
	s := &evidence.Spec{Env: map[string]string{}}
	if len(d.owners) > 0 {
		o := d.owners[len(d.owners)-1]
		s.Service, s.Project = o.Metadata.Name, o.Metadata.Namespace
		s.Owner = strings.ToLower(o.Kind) + "/" + o.Metadata.Name
	}
	return s, &evidence.Status{State: fact.StateNeverStarted, Error: short(t.Excerpt, maxWords)}
}

// toldJob reads the conditions of the pod's Job: at its deadline the pod is deleted, and only the Job tells why.
func (d *decoder) toldJob() []evidence.Told {
	var list []evidence.Told
	for _, o := range d.owners {
		if o.Kind != kindJob {
			continue
		}
		for _, c := range o.Status.Conditions { // FailureTarget comes first, Failed when its pods are gone
			if c.Status != "True" || c.Reason != reasonDeadline {
				continue
			}
			list = append(list, d.tell(fact.DeadlineExceeded, Time(c.LastTransitionTime), "Job "+
				short(o.Metadata.Name, 80)+": "+short(c.Message, 200), c.Message))
		}
	}
	return list
}
