package kubernetes

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// metric is one line of the kubelet's /metrics/cadvisor, which holds one pod's by now:
//
//	container_oom_events_total{container="app",id="/kubepods/…",namespace="n",pod="p"} 16 1764159000000
var metric = regexp.MustCompile(`^(container_[a-z_]+)\{(.*)\} ([0-9.e+]+)`)

// figures reads what the kubelet tells of one running container's control group; nil = nothing.
func figures(data []byte, container string) *evidence.Cgroup {
	var c evidence.Cgroup
	fields := map[string]**int64{
		"container_oom_events_total": &c.OOMKills, "container_memory_usage_bytes": &c.MemoryUsage,
		"container_memory_rss": &c.Anon, "container_spec_memory_limit_bytes": &c.MemoryLimit,
		"container_memory_max_usage_bytes":          &c.MemoryPeak,
		"container_cpu_cfs_throttled_periods_total": &c.Throttled, "container_cpu_cfs_periods_total": &c.Periods,
	}
	known := false
	for line := range strings.Lines(string(data)) {
		m := metric.FindStringSubmatch(line)
		if m == nil || fields[m[1]] == nil || !strings.Contains(m[2], `container="`+container+`"`) {
			continue
		}
		n, err := strconv.ParseFloat(m[3], 64)
		if err != nil || n < 0 || n > 1<<60 || n == 0 && m[1] == "container_spec_memory_limit_bytes" {
			continue
		}
		value := int64(n)
		*fields[m[1]], known = &value, true
	}
	if !known {
		return nil
	}
	return &c
}
