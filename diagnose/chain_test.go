package diagnose

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func after(seconds float64) time.Time {
	return noon.Add(time.Duration(seconds * float64(time.Second)))
}

// ended is a container of project shop that ended some seconds after noon.
func ended(service string, seconds float64, cause string) Diagnosis {
	at, code := after(seconds), 137
	d := Diagnosis{
		Target:  Target{ID: "id-" + service, Name: "shop-" + service + "-1", Project: "shop", Service: service, Aliases: []string{service, "shop-" + service + "-1"}},
		Verdict: Verdict{Kind: fact.VerdictCause, Cause: cause, Confidence: 0.97},
		Death:   Death{State: "exited", EndedBy: "kernel-oom", ExitCode: &code, At: &at, Chain: []string{"ended"}},
	}
	if cause == "" {
		d.Verdict.Kind = fact.NotAFailure
	}
	return d
}

// complaining adds that it said something of a host, some seconds after noon.
func complaining(d Diagnosis, host string, seconds float64) Diagnosis {
	d.Complaints = append(d.Complaints, Complaint{Host: host, Port: 6379, At: after(seconds), LastAt: after(seconds), Count: 1, Source: "logs", Excerpt: "connecting to " + host})
	return d
}

// story is a chain in short: role and service, the first on top.
func story(chains []Chain) []string {
	var list []string
	for _, c := range chains {
		for _, l := range c.Links {
			list = append(list, l.Role+" "+l.Service)
		}
	}
	return list
}

func TestChains(t *testing.T) {
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
	restarted.Tracks.Runs = []TrackRun{{Start: &back, Alive: true}}
	byAddress := redis
	byAddress.Target.Aliases = append([]string{"172.18.0.3"}, redis.Target.Aliases...)
	slow := complaining(gateway, "redis", 1)
	slow.Tracks.Probes = []TrackProbe{{At: after(-8), Outcome: "timeout", Failed: true}}
	for name, test := range map[string]struct {
		list []Diagnosis
		want []string
	}{
		"named after it fell":                   {[]Diagnosis{complaining(gateway, "redis", 1), redis}, []string{"first redis", "suffered gateway"}},
		"named in capitals":                     {[]Diagnosis{redis, complaining(gateway, "REDIS", 1)}, []string{"first redis", "suffered gateway"}},
		"named by its address":                  {[]Diagnosis{byAddress, complaining(gateway, "172.18.0.3", 1)}, []string{"first redis", "suffered gateway"}},
		"on a shared network":                   {[]Diagnosis{redisOnNetwork, sameNetwork}, []string{"first redis", "suffered gateway"}},
		"asked to stop, and missed by others":   {[]Diagnosis{ended("redis", 0, ""), complaining(gateway, "redis", 1)}, []string{"first redis", "suffered gateway"}},
		"through three services":                {[]Diagnosis{complaining(ended("web", 20, "healthcheck-failure"), "gateway", 12), complaining(gateway, "redis", 1), redis}, []string{"first redis", "suffered gateway", "suffered web"}},
		"one alive only suffers":                {[]Diagnosis{redis, complaining(alive("gateway"), "redis", 2)}, []string{"first redis", "suffered gateway"}},
		"only declared":                         {[]Diagnosis{redis, needs}, []string{"first redis", "possibly gateway"}},
		"a third falls, tied to nothing":        {[]Diagnosis{redis, complaining(gateway, "redis", 1), ended("batch", 60, "startup-failure")}, []string{"first redis", "suffered gateway", "unlinked batch"}},
		"its checks had failed before":          {[]Diagnosis{redis, slow}, []string{"first redis", "suffered gateway"}},
		"nothing ties them":                     {[]Diagnosis{redis, gateway}, nil},
		"named before it fell":                  {[]Diagnosis{ended("redis", 30, "oom-kill"), complaining(gateway, "redis", 1)}, nil},
		"named somebody else":                   {[]Diagnosis{redis, complaining(gateway, "cache.example.com", 1)}, nil},
		"of another project":                    {[]Diagnosis{redis, otherProject}, nil},
		"its own cause comes from inside":       {[]Diagnosis{redis, complaining(ended("gateway", 9, "oom-kill"), "redis", 1)}, nil},
		"long after it had come back":           {[]Diagnosis{restarted, complaining(ended("gateway", 400, "healthcheck-failure"), "redis", 300)}, nil},
		"all were stopped, one after the other": {[]Diagnosis{ended("redis", 0, ""), complaining(ended("gateway", 2, ""), "redis", 1)}, nil},
		"nobody fell":                           {[]Diagnosis{alive("redis"), alive("gateway")}, nil},
		"one complains of one that never fell":  {[]Diagnosis{alive("redis"), complaining(gateway, "redis", 1)}, nil},
		"two could be meant, so neither is":     {[]Diagnosis{redis, withID(redis, "id-redis-2"), complaining(gateway, "redis", 1)}, nil},
		"declared, but ten minutes lie between": {[]Diagnosis{redis, func() Diagnosis {
			d := ended("gateway", 900, "healthcheck-failure")
			d.Target.DependsOn = []string{"redis"}
			return d
		}()}, nil},
		"complaints to itself":                   {[]Diagnosis{complaining(gateway, "gateway", 1)}, nil},
		"they complain of each other, in a ring": {[]Diagnosis{complaining(redis, "gateway", -5), complaining(gateway, "redis", 1)}, []string{"first redis", "suffered gateway"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, story(Chains(test.list))); diff != "" {
				t.Errorf("chain (-want +got):\n%s", diff)
			}
			backwards := make([]Diagnosis, 0, len(test.list))
			for _, d := range test.list {
				backwards = append([]Diagnosis{d}, backwards...)
			}
			if diff := cmp.Diff(Chains(test.list), Chains(backwards)); diff != "" {
				t.Errorf("the order of the containers changes the chain:\n%s", diff)
			}
		})
	}
}

func alive(service string) Diagnosis {
	d := ended(service, 0, "")
	d.Death = Death{State: "running", EndedBy: "none", Chain: []string{"still running"}}
	return d
}

func withID(d Diagnosis, id string) Diagnosis {
	d.Target.ID, d.Target.Name = id, d.Target.Name+"-twin"
	return d
}

// TestChainTellsTimesAndProof: the time between the falls, and the words that tie
// them.
func TestChainTellsTimesAndProof(t *testing.T) {
	gateway := complaining(ended("gateway", 9, "healthcheck-failure"), "redis", 1.5)
	unhealthy := after(6)
	gateway.Tracks.Unhealthy = &unhealthy
	gateway.Tracks.Probes = []TrackProbe{{At: after(-3), Outcome: "pass"}, {At: after(2), Outcome: "timeout", Failed: true}, {At: after(4), Outcome: "timeout", Failed: true}}
	chains := Chains([]Diagnosis{ended("redis", 0, "oom-kill"), gateway})
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
	want := []string{"complained of redis:6379", "its health check began to fail (timeout)", "turned unhealthy", "ended"}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if len(link.Because) != 1 || link.Because[0].Container != "shop-redis-1" || link.Because[0].Complaint.Excerpt != "connecting to redis" {
		t.Errorf("because %+v", link.Because)
	}
}

// TestRecordedChain holds two real containers, recorded on a loaded machine: redis
// filled its 32 MiB and was OOM-killed; the gateway logged 40 refusals, was unhealthy
// and gave up. Its checks had begun to time out nine seconds before redis fell, which
// redis' fall does not explain.
func TestRecordedChain(t *testing.T) {
	var list []Diagnosis
	for _, name := range []string{"gateway", "redis"} {
		b, err := bundle.Open("testdata/chain/" + name + ".tar.gz")
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Diagnose(b))
	}
	chains := Chains(list)
	if diff := cmp.Diff([]string{"first redis", "suffered gateway"}, story(chains)); diff != "" {
		t.Fatalf("chain (-want +got):\n%s", diff)
	}
	redis, gateway := chains[0].Links[0], chains[0].Links[1]
	if gateway.AfterSeconds < 0.5 || gateway.AfterSeconds > 1.5 || !redis.At.Before(gateway.At) {
		t.Errorf("%.3f s lie between the falls", gateway.AfterSeconds)
	}
	if c := gateway.Because[0].Complaint; c == nil || c.Host != "redis" || c.Port != 6379 || c.Source != "logs" {
		t.Errorf("tied by %+v", c)
	}
}
