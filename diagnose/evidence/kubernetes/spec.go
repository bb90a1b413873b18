package kubernetes

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// policies are the restart policies in the words of the other runtimes.
var policies = map[string]string{"Always": "always", "OnFailure": "on-failure", "Never": "no"}

func (d *decoder) specOf() *evidence.Spec {
	s := &evidence.Spec{Project: d.pod.Metadata.Namespace, Service: d.workload(), Hostname: d.pod.Metadata.Name,
		RestartPolicy: policies[d.policy()], HostPID: d.pod.Spec.HostPID, Env: map[string]string{}}
	if grace := int(d.graceOf(nil) / time.Second); grace > 0 {
		s.StopTimeout = &grace
	}
	if kind := d.ownerKind(); kind != "" {
		s.Owner = kind + "/" + s.Service
		s.Rolled = kind == "deployment" || kind == "statefulset" || kind == "daemonset"
	}
	lives := d.lives()
	if kind, p := d.deciding(lives); p != nil {
		s.Healthcheck = p.Of(kind, d.spec).Config()
	}
	c := d.spec
	if c == nil {
		return s
	}
	s.Image, s.WorkingDir, s.TTY = c.Image, c.WorkingDir, c.TTY
	s.Command = slices.Concat(c.Command, c.Args)
	if s.Memory = memoryOf(c, d.status); s.Memory == 0 {
		s.Memory = d.pod.Spec.limit()
	}
	s.ReadonlyRoot = c.SecurityContext.ReadOnlyRootFilesystem != nil && *c.SecurityContext.ReadOnlyRootFilesystem
	for _, e := range c.Env {
		s.Env[e.Name] = e.Value
	}
	for _, m := range c.VolumeMounts {
		s.Mounts = append(s.Mounts, evidence.Mount{Destination: m.MountPath, Writable: !m.ReadOnly})
	}
	return s
}

// limit is how much memory all containers of the pod may have together, where the pod itself says so (1.34); 0 = it
// does not.
func (s *PodSpec) limit() int64 {
	if s.Resources == nil {
		return 0
	}
	return quantity(s.Resources.Limits["memory"])
}

// workload is the name of what the pod belongs to, without what the ReplicaSet's name adds to its Deployment's.
func (d *decoder) workload() string {
	name := ""
	for _, o := range d.pod.Metadata.OwnerReferences {
		if o.Controller == nil || *o.Controller {
			name = o.Name
			if hash := d.pod.Metadata.Labels["pod-template-hash"]; o.Kind == kindReplicaSet && hash != "" {
				name = strings.TrimSuffix(name, "-"+hash)
			}
		}
	}
	return name
}

// ownerKind is the kind of the workload, as kubectl takes it; "" = nothing owns the pod.
func (d *decoder) ownerKind() string {
	for _, o := range d.pod.Metadata.OwnerReferences {
		if o.Controller != nil && !*o.Controller {
			continue
		}
		if o.Kind == kindReplicaSet && d.pod.Metadata.Labels["pod-template-hash"] != "" {
			return "deployment"
		}
		return strings.ToLower(o.Kind)
	}
	return ""
}

// started is when the kubelet took the pod up; ended when it was last seen to change.
func (d *decoder) started() (at time.Time) { return Time(d.pod.Status.StartTime) }

func (d *decoder) ended() time.Time {
	for _, kind := range []string{"DisruptionTarget", "ContainersReady", "Ready"} {
		if c := d.pod.Condition(kind); c != nil {
			if at := Time(c.LastTransitionTime); !at.IsZero() {
				return at
			}
		}
	}
	return time.Time{}
}
