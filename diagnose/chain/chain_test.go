package chain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func after(seconds float64) time.Time {
	return noon.Add(time.Duration(seconds * float64(time.Second)))
}

// ended is a container of project shop that ended some seconds after noon.
func ended(service string, seconds float64, cause string) answer.Diagnosis {
	at, code := after(seconds), 137
	d := answer.Diagnosis{
		Target: answer.Target{ID: "id-" + service, Name: "shop-" + service + "-1", Project: "shop", Service: service,
			Aliases: []string{service, "shop-" + service + "-1"}},
		Verdict: answer.Verdict{Kind: fact.VerdictCause, Cause: cause, Confidence: 0.97},
		Death:   answer.Death{State: "exited", EndedBy: "kernel-oom", ExitCode: &code, At: &at, Chain: []string{"ended"}},
	}
	if cause == "" {
		d.Verdict.Kind = fact.NotAFailure
	}
	return d
}

// complaining adds that it said something of a host, some seconds after noon.
func complaining(d answer.Diagnosis, host string, seconds float64) answer.Diagnosis {
	d.PeerErrors = append(d.PeerErrors, answer.PeerError{Host: host, Port: 6379, At: after(seconds),
		LastAt: after(seconds), Count: 1, Source: "logs", Excerpt: "connecting to " + host})
	return d
}

// story is a chain in short: role and service, the first on top.
func story(chains []answer.Chain) []string {
	var list []string
	for _, c := range chains {
		for _, l := range c.Links {
			list = append(list, l.Role+" "+l.Service)
		}
	}
	return list
}

func TestOf(t *testing.T) {
	redis := ended("redis", 0, "oom-kill")
	gateway := ended("gateway", 9, "healthcheck-failure")
	otherProject := complaining(gateway, "redis", 1)
	otherProject.Target.Project = "other"
	sameNetwork := otherProject
	sameNetwork.Target.Networks = []string{"backend"}
	redisOnNetwork := redis
	redisOnNetwork.Target.Networks = []string{"backend"}
	needs := gateway
	needs.Target.DependsOn = []string{"redis"}
	back, restarted := after(30), redis
	restarted.Lanes.Runs = []answer.LaneRun{{Start: &back, Alive: true}}
	byAddress := redis
	byAddress.Target.Aliases = append([]string{"172.18.0.3"}, redis.Target.Aliases...)
	slow := complaining(gateway, "redis", 1)
	slow.Lanes.Probes = []answer.LaneProbe{{At: after(-8), Outcome: "timeout", Failed: true}}
	for name, test := range map[string]struct {
		list []answer.Diagnosis
		want []string
	}{
		"named after it fell": {[]answer.Diagnosis{complaining(gateway, "redis", 1), redis},
			[]string{"first redis", "suffered gateway"}},
		"named in capitals": {[]answer.Diagnosis{redis, complaining(gateway, "REDIS", 1)},
			[]string{"first redis", "suffered gateway"}},
		"named by its address": {[]answer.Diagnosis{byAddress, complaining(gateway, "172.18.0.3", 1)},
			[]string{"first redis", "suffered gateway"}},
		"on a shared network": {[]answer.Diagnosis{redisOnNetwork, sameNetwork},
			[]string{"first redis", "suffered gateway"}},
		"asked to stop, and missed by others": {[]answer.Diagnosis{ended("redis", 0, ""),
			complaining(gateway, "redis", 1)}, []string{"first redis", "suffered gateway"}},
		"through three services": {[]answer.Diagnosis{complaining(ended("web", 20, "healthcheck-failure"),
			"gateway", 12), complaining(gateway, "redis", 1), redis},
			[]string{"first redis", "suffered gateway", "suffered web"}},
		"one alive only suffers": {[]answer.Diagnosis{redis, complaining(alive("gateway"), "redis", 2)},
			[]string{"first redis", "suffered gateway"}},
		"only declared": {[]answer.Diagnosis{redis, needs},
			[]string{"first redis", "possibly gateway"}},
		"a third falls, tied to nothing": {[]answer.Diagnosis{redis, complaining(gateway, "redis", 1),
			ended("batch", 60, "startup-failure")}, []string{"first redis", "suffered gateway", "unlinked batch"}},
		"its checks had failed before": {[]answer.Diagnosis{redis, slow},
			[]string{"first redis", "suffered gateway"}},
		"nothing ties them": {[]answer.Diagnosis{redis, gateway}, nil},
		"named before it fell": {[]answer.Diagnosis{ended("redis", 30, "oom-kill"),
			complaining(gateway, "redis", 1)}, nil},
		"named somebody else": {[]answer.Diagnosis{redis,
			complaining(gateway, "cache.example.com", 1)}, nil},
		"of another project": {[]answer.Diagnosis{redis, otherProject}, nil},
		"its own cause comes from inside": {[]answer.Diagnosis{redis,
			complaining(ended("gateway", 9, "oom-kill"), "redis", 1)}, nil},
		"long after it had come back": {[]answer.Diagnosis{restarted,
			complaining(ended("gateway", 400, "healthcheck-failure"), "redis", 300)}, nil},
		"all were stopped, one after the other": {[]answer.Diagnosis{ended("redis", 0, ""),
			complaining(ended("gateway", 2, ""), "redis", 1)}, nil},
		"nobody fell":                          {[]answer.Diagnosis{alive("redis"), alive("gateway")}, nil},
		"one complains of one that never fell": {[]answer.Diagnosis{alive("redis"), complaining(gateway, "redis", 1)}, nil},
		"two could be meant, so neither is": {[]answer.Diagnosis{redis, withID(redis, "id-redis-2"),
			complaining(gateway, "redis", 1)}, nil},
		"declared, but ten minutes lie between": {[]answer.Diagnosis{redis, func() answer.Diagnosis {
			d := ended("gateway", 900, "healthcheck-failure")
			d.Target.DependsOn = []string{"redis"}
			return d
		}()}, nil},
		"complaints to itself": {[]answer.Diagnosis{complaining(gateway, "gateway", 1)}, nil},
		"they complain of each other, in a ring": {[]answer.Diagnosis{complaining(redis, "gateway", -5),
			complaining(gateway, "redis", 1)}, []string{"first redis", "suffered gateway"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, story(Of(test.list))); diff != "" {
				t.Errorf("chain (-want +got):\n%s", diff)
			}
			backwards := make([]answer.Diagnosis, 0, len(test.list))
			for _, d := range test.list {
				backwards = append([]answer.Diagnosis{d}, backwards...)
			}
			if diff := cmp.Diff(Of(test.list), Of(backwards)); diff != "" {
				t.Errorf("the order of the containers changes the chain:\n%s", diff)
			}
		})
	}
}

func alive(service string) answer.Diagnosis {
	d := ended(service, 0, "")
	d.Death = answer.Death{State: "running", EndedBy: "none", Chain: []string{"still running"}}
	return d
}

func withID(d answer.Diagnosis, id string) answer.Diagnosis {
	d.Target.ID, d.Target.Name = id, d.Target.Name+"-twin"
	return d
}

// TestChainTellsTimesAndProof: the time between the falls, and the words that tie
// them.
func TestChainTellsTimesAndProof(t *testing.T) {
	gateway := complaining(ended("gateway", 9, "healthcheck-failure"), "redis", 1.5)
	unhealthy := after(6)
	gateway.Lanes.Unhealthy = &unhealthy
	gateway.Lanes.Probes = []answer.LaneProbe{{At: after(-3), Outcome: "pass"},
		{At: after(2), Outcome: "timeout", Failed: true}, {At: after(4), Outcome: "timeout", Failed: true}}
	chains := Of([]answer.Diagnosis{ended("redis", 0, "oom-kill"), gateway})
	if len(chains) != 1 || len(chains[0].Links) != 2 {
		t.Fatalf("chains %+v", chains)
	}
	if want := "redis fell first; gateway suffered from it"; chains[0].Summary != want {
		t.Errorf("summary %q, want %q", chains[0].Summary, want)
	}
	link := chains[0].Links[1]
	if link.AfterSeconds != 1.5 || !link.Failed {
		t.Errorf("after %v s, failed %v", link.AfterSeconds, link.Failed)
	}
	var steps []string
	for _, s := range link.Steps {
		steps = append(steps, s.What)
	}
	want := []string{"complained of redis:6379", "its health check began to fail", "turned unhealthy", "ended"}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if len(link.Because) != 1 || link.Because[0].Container != "shop-redis-1" ||
		link.Because[0].PeerError.Excerpt != "connecting to redis" {
		t.Errorf("because %+v", link.Because)
	}
}
