package lint

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/health/simulate"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The rules that need more than the configuration: the engine's version, the
// image's contents, the listening sockets, the measured times (docs/notes/HEALTH.md#lint-rules).

// Target is what the rules that measure look at. Nil and zero are "not known".
type Target struct {
	Config       *check.Config // nil = none configured, or no container
	URL          string
	Command      []string // of the container's main process
	GunicornArgs string   // GUNICORN_CMD_ARGS
	Published    []int    // ports of the host that lead into the container
	EngineMajor  int
	Started      time.Time      // of the current run
	Replay       *replay.Replay // nil = nothing was replayed
	Readings     []replay.Reading
	Listeners    []Listener // of the container's network namespace; nil = not readable
}

// Listener is a listening TCP socket.
type Listener struct {
	Address string
	Port    int
}

// Run returns the faults of the check: those of its configuration, then those
// that only measuring shows, the gravest first.
func Run(t Target) []Finding {
	if t.Config == nil {
		return t.lintURL()
	}
	if !t.Config.Enabled() {
		return Settings(*t.Config)
	}
	found := Settings(*t.Config)
	m := measured{Target: t, full: t.Config.WithDefaults(), endpoint: check.EndpointOf(t.Config.Test)}
	for _, rule := range measuredRules {
		if l, ok := rule(m); ok {
			found = append(found, l)
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return weightOf(a.Severity) - weightOf(b.Severity) })
	return found
}

func weightOf(severity string) int {
	return slices.Index([]string{severityError, severityWarning, severityNote}, severity)
}

// measured is what the rules of this file look at.
type measured struct {
	Target
	full     check.Config
	endpoint check.Endpoint
}

var measuredRules = []func(measured) (Finding, bool){
	toolNotInImage, nothingOnPort, listensOnOtherAddress, onlyConnects, gunicornKillsFirst, startIntervalTooOld,
	noStartPeriod, graceEndsEarly, slowForTimeout, heavyProbe, slowInKubernetes,
}

// toolNotInImage: found by asking for the file, without running it.
func toolNotInImage(m measured) (Finding, bool) {
	r := m.Replay
	if r == nil || r.ToolFound == nil || *r.ToolFound || r.Tool == "" {
		return Finding{}, false
	}
	name := check.ProgramName(r.Tool)
	if name == "" {
		name = "its program"
	}
	fix := "add " + name + " to the image: python3, curl and wget were not found in it either"
	if len(r.Clients) > 0 {
		fix = "use what the image has: " + strings.Join(r.Clients, ", ") + "; or install " + name
	}
	return Finding{"tool-not-in-image", severityError,
		fmt.Sprintf("%s, which the check runs, is not in the image: every probe fails, whatever the service does",
			name), fix}, true
}

// nothingOnPort compares the check's port with the table of listeners.
func nothingOnPort(m measured) (Finding, bool) {
	port, ok := m.unheard()
	if !ok || m.young() {
		return Finding{}, false
	}
	fix := "ask the port that the service listens on"
	if ListensElsewhere(m.Listeners) == "" {
		fix = fmt.Sprintf("a start_period, if it is still starting; else let the service listen on %d", port)
	}
	return Finding{"port-not-listening", severityError,
		fmt.Sprintf("the check asks port %d, where nothing listens%s", port, ListensElsewhere(m.Listeners)), fix}, true
}

// unheard is the port inside the container that the check asks, where the table of listeners was read and lacks it.
func (s Target) unheard() (port int, ok bool) {
	if s.Listeners == nil || s.Config == nil || !s.Config.Enabled() {
		return 0, false
	}
	e := check.EndpointOf(s.Config.Test)
	port, local := e.Port, e.Local
	if host, p, found := connectsTo(s.Config.Test); found {
		port, local = p, loopback(host)
	}
	return port, port != 0 && local && !slices.ContainsFunc(s.Listeners, func(l Listener) bool { return l.Port == port })
}

// WrongPort says in words which port the check asks where nothing listens, and on which others the program does; "" =
// it asks none such, or the program listens nowhere.
func (s Target) WrongPort() string {
	port, ok := s.unheard()
	var others []string
	for _, l := range s.Listeners {
		if word := strconv.Itoa(l.Port); l.Address != resolver && !slices.Contains(others, word) {
			others = append(others, word)
		}
	}
	if !ok || len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("the health check asks port %d, the program listens on %s", port,
		strings.Join(others[:min(len(others), 4)], ", "))
}

// resolver is where Docker's own resolver listens in every user network.
const resolver = "127.0.0.11"

// young tells whether the service may still be starting.
func (m measured) young() bool {
	return len(m.Readings) > 0 && !m.Readings[len(m.Readings)-1].Failed() && m.Readings[0].Failed()
}

// listensOnOtherAddress: the check asks localhost, the program listens on one
// outward address, or on IPv6 only for a check of 127.0.0.1.
func listensOnOtherAddress(m measured) (Finding, bool) {
	var others []string
	for _, l := range m.Listeners {
		if l.Port != m.endpoint.Port {
			continue
		}
		addr, err := netip.ParseAddr(l.Address)
		if err != nil || addr.IsUnspecified() || addr.IsLoopback() {
			return Finding{}, false
		}
		others = append(others, l.Address)
	}
	if len(others) == 0 || !m.endpoint.Local {
		return Finding{}, false
	}
	return Finding{"listens-on-other-address", severityError,
		fmt.Sprintf("the check asks localhost, but port %d is open on %s only", m.endpoint.Port,
			strings.Join(others, ", ")),
		"let the service listen on 0.0.0.0, or ask that address"}, true
}

func startIntervalTooOld(m measured) (Finding, bool) {
	return Finding{"start-interval-ignored", severityWarning,
		fmt.Sprintf("start_interval needs Engine 25; this one is %d and ignores it", m.EngineMajor),
		"raise start_period instead"}, m.full.StartInterval > 0 && m.EngineMajor > 0 && m.EngineMajor < 25
}

func noStartPeriod(m measured) (Finding, bool) {
	first, ok := replay.FirstSuccess(m.Readings, m.Started)
	if !ok || m.full.StartPeriod > 0 || first <= m.full.Interval {
		return Finding{}, false
	}
	return Finding{"no-start-period", severityWarning,
		fmt.Sprintf("it needs %s to start, the first probe comes after %s and counts: there is no start_period",
			words.Duration(first), words.Duration(m.full.Interval)),
		fmt.Sprintf("start_period: %s", roomy(first))}, true
}

// roomy is a duration with half as much again, in whole seconds.
func roomy(d time.Duration) string {
	return strconv.Itoa(int((d*3/2+time.Second-1)/time.Second)) + "s"
}

// graceEndsEarly: the first success ends Docker's grace for good.
func graceEndsEarly(m measured) (Finding, bool) {
	long := m.full.StartPeriod >= 4*m.full.Interval && m.full.StartPeriod > 0
	return Finding{"grace-ends-at-first-success", severityNote,
		fmt.Sprintf("the start_period of %s ends at the first success: failures after it count, although the period "+
			"still runs (Podman's protects to its end)", words.Duration(m.full.StartPeriod)),
		"let the check pass only when the service is really ready"}, long
}

// slowForTimeout: the slowest good probe took more than half of the timeout.
func slowForTimeout(m measured) (Finding, bool) {
	slowest := time.Duration(0)
	for _, r := range m.Readings {
		if !r.Failed() {
			slowest = max(slowest, r.Latency)
		}
	}
	return Finding{"timeout-close-to-latency", severityWarning,
		fmt.Sprintf("good answers took up to %s of the %s that they may: a little load turns them into failures",
			words.Duration(slowest), words.Duration(m.full.Timeout)),
		"make the endpoint cheaper, or raise the timeout to " + roomy(2*slowest)}, slowest > m.full.Timeout/2
}

// heavyProbe: a probe runs in the container's own cgroup; starting Python costs
// 0.1 s of CPU, and 0.8 s under a limit of a tenth of a CPU.
func heavyProbe(m measured) (Finding, bool) {
	name := check.Tool(m.Config.Test)
	return Finding{"interpreter-in-probe", severityNote,
			fmt.Sprintf("each probe starts %s inside the container's own limits of CPU and memory: 0.1 s of CPU a "+
				"time, "+
				"and it can be OOM-killed with them", name),
			"a small static client, or a longer interval"}, (name == "python" || name == "node") &&
			m.full.Interval <= 10*time.Second
}

// slowInKubernetes: whoever moves this check to Kubernetes gets its default
// timeout of one second.
func slowInKubernetes(m measured) (Finding, bool) {
	for _, r := range m.Readings {
		if !r.Failed() && r.Took() > simulate.KubeTimeout {
			return Finding{"above-kubernetes-default-timeout", severityNote,
				fmt.Sprintf("good probes took up to %s; a Kubernetes probe has a timeout of 1 s unless it says "+
					"otherwise", words.Duration(r.Took())),
				"timeoutSeconds: 5"}, true
		}
	}
	return Finding{}, false
}

// ListensElsewhere names the ports that are open instead; "" where none is, or the
// host does not tell.
func ListensElsewhere(listeners []Listener) string {
	var open []string
	for _, l := range listeners {
		if word := fmt.Sprintf("%s port %d", l.Address, l.Port); l.Address != resolver &&
			!slices.Contains(open, word) {
			open = append(open, word)
		}
	}
	if len(open) == 0 {
		return ""
	}
	return "; it listens on " + strings.Join(open[:min(len(open), 4)], ", ")
}
