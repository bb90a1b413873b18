package kubernetes

import (
	"cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// Summary is the part of the kubelet's /stats/summary that is read:
//
//	{"pods":[{"containers":[{"name":"app","memory":{"usageBytes":41943040,"rssBytes":40894464,
//	  "psi":{"full":{"avg10":0.0}}}}]}]}
type Summary struct {
	Pods []struct {
		Containers []struct {
			Name   string
			Memory struct {
				UsageBytes, RSSBytes *int64
				PSI                  struct{ Full struct{ Avg10 *float64 } }
			}
		}
	}
}

// withSummary fills what cAdvisor's metrics do not tell: a kubelet that takes its figures from the runtime has none of
// its own there.
func withSummary(c *evidence.Cgroup, s *Summary, container string) *evidence.Cgroup {
	if s == nil {
		return c
	}
	for _, p := range s.Pods {
		for _, one := range p.Containers {
			if one.Name != container {
				continue
			}
			if c == nil {
				c = &evidence.Cgroup{}
			}
			c.MemoryUsage, c.Anon = cmp.Or(c.MemoryUsage, one.Memory.UsageBytes), cmp.Or(c.Anon, one.Memory.RSSBytes)
			if avg := one.Memory.PSI.Full.Avg10; avg != nil && *avg > 0 && *avg <= 100 {
				c.MemoryStall = avg
			}
			return c
		}
	}
	return c
}
