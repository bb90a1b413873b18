package chain

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
)

// podOf is the domino of a pod behind a Service of the same name.
func podOf(namespace, service, name string, seconds float64) answer.Diagnosis {
	d := ended(service, seconds, "oom-kill")
	t := &d.Target
	t.ID, t.Name, t.Project, t.Namespace, t.Owner = name, name, namespace, namespace, "deployment/"+service
	t.Aliases = []string{name, service, service + "." + namespace, service + "." + namespace + ".svc.cluster.local"}
	return d
}

// TestPods: a client names the Service. Replicas bear its name alike, so that the first to fall is meant; in another
// namespace only the whole name holds.
func TestPods(t *testing.T) {
	web := func(host string) answer.Diagnosis {
		d := podOf("web", "gateway", "gateway-1", 9)
		d.Verdict.Cause = "healthcheck-failure"
		return complaining(d, host, 2)
	}
	redis, replica := podOf("web", "redis", "redis-a", 0), podOf("web", "redis", "redis-b", 1)
	elsewhere, other := podOf("data", "redis", "redis-a", 0), podOf("web", "redis", "redis-c", 1)
	other.Target.Owner = "statefulset/redis"
	for name, tt := range map[string]struct {
		list []answer.Diagnosis
		tied bool
	}{
		"of its namespace":       {[]answer.Diagnosis{redis, web("redis")}, true},
		"two replicas":           {[]answer.Diagnosis{redis, replica, web("redis")}, true},
		"two workloads":          {[]answer.Diagnosis{redis, other, web("redis")}, false},
		"elsewhere, whole name":  {[]answer.Diagnosis{elsewhere, web("redis.data.svc.cluster.local")}, true},
		"elsewhere, short name":  {[]answer.Diagnosis{elsewhere, web("redis")}, false},
		"elsewhere, other space": {[]answer.Diagnosis{elsewhere, web("redis.db")}, false},
	} {
		to := ""
		for _, c := range Of(tt.list) {
			for _, l := range c.Links {
				if len(l.Because) > 0 {
					to += l.Container + " by " + l.Because[0].Container
				}
			}
		}
		want := ""
		if tt.tied {
			want = "gateway-1 by redis-a"
		}
		if diff := cmp.Diff(want, to); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
