package collect

import (
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
)

// ReplayPlan says how a health check is to be replayed. It is the only thing in
// this package that pokes a container instead of reading. Zero values are the
// defaults.
type ReplayPlan struct {
	Path string // ask this HTTP path instead of running the configured check; "" = the check
	Port int    // with Path: the container's port; 0 = the check's own, or the only one that is open
	TLS  bool   // with Path: https
	From string // with Path: namespace, address or published; "" = the first of these that works

	Count              int
	Interval, Duration time.Duration
	Timeout            time.Duration // of one probe; 0 = the check's own, 5 s for a URL
	Progress           func(done, failed int)

	// ReadCheck tells the program that a check runs and the port that it asks, as far
	// as its words tell: what they mean is not for this package to say.
	ReadCheck func(test []string) (tool string, port int)
}

// Defaults and limits of a replay.
const (
	execCount       = 5
	execInterval    = time.Second
	execParallel    = 4
	networkCount    = 30
	networkInterval = 200 * time.Millisecond
	networkParallel = 64
	networkTimeout  = 5 * time.Second
	engineTimeout   = 30 * time.Second // of a check that sets none: moby daemon/health.go
	watchInterval   = 500 * time.Millisecond
)

func (p *ReplayPlan) withDefaults(count int, interval, timeout time.Duration) ReplayPlan {
	plan := ReplayPlan{}
	if p != nil {
		plan = *p
	}
	if plan.Interval <= 0 {
		plan.Interval = interval
	}
	if plan.Count <= 0 && plan.Duration <= 0 {
		plan.Count = count
	}
	if plan.Timeout <= 0 {
		plan.Timeout = timeout
	}
	return plan
}

// Execs is how often the plan runs a container's own check.
func (p ReplayPlan) Execs() int {
	p = p.withDefaults(execCount, execInterval, engineTimeout)
	if fits := int(p.Duration / p.Interval); p.Duration > 0 && (p.Count == 0 || fits < p.Count) {
		return fits
	}
	return p.Count
}

func (p ReplayPlan) schedule(parallel int) probe.Plan {
	return probe.Plan{Count: p.Count, Interval: p.Interval, Duration: p.Duration, Parallel: parallel, Progress: p.Progress}
}

// address is the URL of a container's port as it is asked there.
func (p ReplayPlan) address(host string, port int) *url.URL {
	scheme := "http"
	if p.TLS {
		scheme = "https"
	}
	u := &url.URL{Scheme: scheme, Host: netip.AddrPortFrom(netip.MustParseAddr(host), uint16(port)).String()}
	u.Path, u.RawQuery, _ = strings.Cut(p.Path, "?")
	return u
}
