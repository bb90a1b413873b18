package cause

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// tells is what a runtime itself gives as the reason.
func tells(id string) option {
	return func(c *inquest.Case) {
		at := end
		c.Told = append(c.Told, evidence.Told{ID: id, At: &at, Summary: "as the kubelet says"})
	}
}

// killedByProbe is an end by the kubelet.
func killedByProbe(name string) option {
	return func(c *inquest.Case) {
		request(true, false)(c)
		c.Death.Request.Kind, c.Death.Request.Probe = fact.RequestProbe, name
	}
}

// workersDie is what gunicorn says of workers that are killed, so many times.
func workersDie(times int) option {
	return func(c *inquest.Case) {
		c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: "gunicorn-worker-sigkill", Cause: fact.OOMKill,
			Role: fact.RoleSymptom, Strength: fact.Weak, At: end.Add(-time.Minute), LastAt: end, Count: times, Line: 3})
	}
}

func limited(c *inquest.Case) { c.Spec.Memory = 64 << 20 }

func counted(kills int64) option {
	return func(c *inquest.Case) { c.Cgroup = &evidence.Cgroup{OOMKills: &kills} }
}

// awaited is for how long a pod has waited for the container.
func awaited(d time.Duration) option {
	return func(c *inquest.Case) {
		since := c.Now.Add(-d)
		c.Status.Awaited = &since
	}
}

// aroundNode is how many other pods of the node ended in the same minutes, and of how many workloads.
func aroundNode(pods, owners int) option {
	return func(c *inquest.Case) { c.Siblings = &evidence.Siblings{OnNode: pods, Owners: owners} }
}

// TestNodeThatEndsMany: a kill for lack of memory, and a stop that somebody asked for, are no fault of the node.
func TestNodeThatEndsMany(t *testing.T) {
	many, yes := aroundNode(4, 3), true
	if c := dead(many); len(nodeEndedSeveral.See(c)) != 1 {
		t.Error("it does not speak")
	}
	for name, c := range map[string]inquest.Case{"asked for": dead(many, request(true, false)), "alive": alive(many),
		"memory": dead(many, func(c *inquest.Case) { c.Life.OOM = &yes }), "one": dead(aroundNode(1, 1))} {
		if len(nodeEndedSeveral.See(c)) != 0 {
			t.Errorf("%s: it speaks", name)
		}
	}
}

// podCases are the cases of the rules that only Kubernetes can make speak.
func podCases() map[string]triple {
	cases := map[string]triple{
		"startup-probe-failed": {dead(killedByProbe(evidence.ProbeStartup)), dead(killedByProbe(evidence.ProbeLiveness)),
			blind()},
		"workers-killed-under-limit": {alive(workersDie(3), limited), alive(workersDie(2), limited),
			alive(workersDie(3))},
		"not-started-yet":      {alive(awaited(3 * time.Minute)), alive(awaited(time.Minute)), blind()},
		"others-of-node-ended": {dead(aroundNode(4, 3)), dead(aroundNode(4, 1)), blind()},
		"group-counts-kills":   {alive(counted(2)), alive(counted(0)), alive()},
	}
	for id := range map[string]bool{fact.OOMKill: true, fact.ImageNotPulled: true, fact.ObjectMissing: true,
		fact.VolumeNotMounted: true, fact.Unschedulable: true, fact.PodRefused: true, fact.Evicted: true,
		fact.DeadlineExceeded: true, fact.NodeTrouble: true, fact.HookFailed: true,
		fact.GateClosed: true, fact.OutlastsSchedule: true} {
		cases["told-"+id] = triple{dead(tells(id)), dead(tells("another")), blind()}
	}
	return cases
}

// TestCountedKills: what only the group's counter tells of weighs as much as the kernel's line would, had it lasted.
func TestCountedKills(t *testing.T) {
	for _, tt := range []struct {
		name  string
		c     inquest.Case
		level string
	}{
		{"a command beside a service that goes on", alive(counted(1)), unmissed},
		{"again and again", alive(counted(3)), ""},
		{"the checks fail", alive(counted(1), probes(check.Timeout, check.Timeout, check.Timeout)), ""},
		{"one check failed", alive(counted(1), probes(check.Pass, check.Timeout, check.Pass)), ""},
	} {
		if seen := seeCountedKills(tt.c); len(seen) != 1 || seen[0].Level != tt.level {
			t.Errorf("%s: %+v, want level %q", tt.name, seen, tt.level)
		}
	}
	if seen := seeCountedKills(alive(counted(0))); seen != nil {
		t.Errorf("a count of none speaks: %+v", seen)
	}
}

// TestStopWithoutTheTurn: a stop of what was unhealthy for nobody knows how long is no watcher's for certain.
func TestStopWithoutTheTurn(t *testing.T) {
	failing := []option{request(false, false), probes(check.Failed, check.Failed, check.Failed)}
	c := dead(failing...)
	if seen := unhealthyThrough(c, false); len(seen) != 1 || seen[0].Level != "" || seen[0].At == nil {
		t.Errorf("the turn is known: %+v", seen)
	}
	c.Earlier = &inquest.Earlier{}
	if seen := unhealthyThrough(c, false); len(seen) != 1 || seen[0].Level != turnUnknown || seen[0].At != nil {
		t.Errorf("the turn is not known: %+v", seen)
	}
	c = alive(probes(check.Failed, check.Failed, check.Failed))
	c.Earlier = &inquest.Earlier{}
	if seen := unhealthyThrough(c, false); len(seen) != 1 || seen[0].Level != "" {
		t.Errorf("it runs on, unhealthy: %+v", seen)
	}
}
