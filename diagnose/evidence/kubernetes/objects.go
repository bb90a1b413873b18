package kubernetes

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// The types below mirror objects of the API in the parts that any room reads: this one, and the collector. They are our
// own and tolerant: clusters from 1.24 to 1.36 lack some fields and have others.

// Meta is the metadata of any object.
type Meta struct {
	Name, Namespace, UID       string
	CreationTimestamp          string
	DeletionTimestamp          string
	DeletionGracePeriodSeconds *int64
	Labels, Annotations        map[string]string
	OwnerReferences            []OwnerReference
}

// OwnerReference names what an object belongs to.
type OwnerReference struct {
	Kind, Name, UID string
	Controller      *bool
}

// Pod is a pod.
type Pod struct {
	Metadata Meta
	Spec     PodSpec
	Status   PodStatus
}

// PodSpec is what was wanted of it.
type PodSpec struct {
	NodeName                      string
	RestartPolicy                 string
	TerminationGracePeriodSeconds *int64
	ActiveDeadlineSeconds         *int64
	HostPID                       bool
	InitContainers, Containers    []Container
	Resources                     *Resources // of the pod as a whole, 1.34
}

// Container is what was wanted of one container.
type Container struct {
	Name, Image, WorkingDir string
	Command, Args           []string
	TTY                     bool
	Env                     []struct{ Name, Value string }
	Ports                   []struct {
		Name          string
		ContainerPort int
	}
	Resources       Resources
	RestartPolicy   string // Always makes a sidecar of an init container
	LivenessProbe   *Probe
	ReadinessProbe  *Probe
	StartupProbe    *Probe
	SecurityContext struct{ ReadOnlyRootFilesystem *bool }
	VolumeMounts    []struct {
		MountPath string
		ReadOnly  bool
	}
}

// Resources are what it may use.
type Resources struct{ Limits, Requests map[string]string }

// Probe is one of the three probes.
type Probe struct {
	HTTPGet *struct {
		Path, Host, Scheme string
		Port               any
		HTTPHeaders        []struct{ Name, Value string }
	}
	TCPSocket *struct {
		Host string
		Port any
	}
	GRPC *struct {
		Port    any
		Service string
	}
	Exec                                               *struct{ Command []string }
	InitialDelaySeconds, TimeoutSeconds, PeriodSeconds int
	SuccessThreshold, FailureThreshold                 int
	TerminationGracePeriodSeconds                      *int64
}

// PodStatus is what was seen of it.
type PodStatus struct {
	Phase, Reason, Message, PodIP, HostIP, QOSClass string
	StartTime                                       string
	Conditions                                      []Condition
	InitContainerStatuses, ContainerStatuses        []ContainerStatus
}

// Condition is one condition of a pod, a node or an owner.
type Condition struct{ Type, Status, Reason, Message, LastTransitionTime string }

// ContainerStatus is what was seen of one container.
type ContainerStatus struct {
	Name, ContainerID, Image string
	Ready                    bool
	Started                  *bool
	RestartCount             int
	State, LastState         State
	Resources                *Resources
}

// State is one of three.
type State struct {
	Waiting    *struct{ Reason, Message string }
	Running    *struct{ StartedAt string }
	Terminated *Terminated
}

// Terminated is the end of one run.
type Terminated struct {
	ExitCode              int
	Signal                int
	Reason, Message       string
	StartedAt, FinishedAt string
	ContainerID           string
}

// Node is a node.
type Node struct {
	Metadata Meta
	Spec     struct{ Unschedulable bool }
	Status   struct {
		Conditions []Condition
		NodeInfo   struct{ BootID, KernelVersion, ContainerRuntimeVersion, KubeletVersion, OperatingSystem string }
	}
}

// Owner is a ReplicaSet, Deployment, StatefulSet, DaemonSet, Job or CronJob.
type Owner struct {
	Kind     string
	Metadata Meta
	Spec     struct {
		Selector *struct{ MatchLabels map[string]string }
		Template struct{ Metadata Meta }
		Replicas *int
		Suspend  bool // of a CronJob
	}
	Status struct {
		Conditions []Condition
		Active     any // a number of a Job, a list of a CronJob
		Failed     int
	}
}

// Kinds of object, as the API names them.
const (
	kindPod        = "Pod"
	kindJob        = "Job"
	kindReplicaSet = "ReplicaSet"
)

// Container returns what was wanted of a container by its name; nil = it has none of that name.
func (p *Pod) Container(name string) *Container {
	for _, list := range [][]Container{p.Spec.InitContainers, p.Spec.Containers} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// ContainerStatus returns what was seen of a container; nil = nothing yet.
func (p *Pod) ContainerStatus(name string) *ContainerStatus {
	for _, list := range [][]ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// Condition returns a condition of a pod; nil = it has none of that type.
func (p *Pod) Condition(kind string) *Condition { return condition(p.Status.Conditions, kind) }

func condition(list []Condition, kind string) *Condition {
	for i := range list {
		if list[i].Type == kind {
			return &list[i]
		}
	}
	return nil
}

// ID is a container's id without the runtime before it: "containerd://7185…" is "7185…".
func ID(s string) string {
	if i := strings.Index(s, "://"); i >= 0 {
		return s[i+len("://"):]
	}
	return s
}

// Time reads the API's stamps; the zero time and 1970 mean "never" (a StartError has both).
func Time(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if t = t.UTC(); err != nil || t.Year() <= 1970 || t.Year() > lastYear {
		return time.Time{}
	}
	return t
}

// lastYear is the last whole one that int64 nanoseconds since 1970 hold.
const lastYear = 2261

// What a hostile bundle can make us keep.
const (
	maxValues = 250_000
	maxLines  = 20_000
	maxLine   = 1 << 20
)

// Parse decodes one object; what is of another type than expected is left out, the rest stays.
func Parse[T any](data []byte) (*T, bool) {
	if bundle.Values(data) > maxValues {
		return nil, false
	}
	var v T
	var mismatch *json.UnmarshalTypeError
	if err := json.Unmarshal(data, &v); err != nil && !errors.As(err, &mismatch) {
		return nil, false
	}
	return &v, true
}

func one[T any](b *bundle.Bundle, name string) *T {
	data, ok := b.File(name)
	if !ok {
		return nil
	}
	v, _ := Parse[T](data)
	return v
}

// lines reads a file with one object a line.
func lines[T any](b *bundle.Bundle, name string) []T {
	data, _ := b.File(name)
	var list []T
	for line := range bytes.Lines(data) {
		if len(list) == maxLines {
			break
		}
		if len(line) > maxLine || len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if v, ok := Parse[T](line); ok {
			list = append(list, *v)
		}
	}
	return list
}
