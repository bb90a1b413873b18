package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// CorrectPods writes the probes of a pod's container anew, with every fault taken out that their settings alone can
// take out. What is well stays as it was; nil = nothing is to be changed.
func CorrectPods(p Pod) *Corrected {
	found := Pods(p)
	if !slices.ContainsFunc(found, func(f Finding) bool { return f.Severity != severityNote }) {
		return nil
	}
	has := func(id string) bool { return slices.ContainsFunc(found, func(f Finding) bool { return f.ID == id }) }
	probes := slices.Clone(p.Probes)
	for i := range probes {
		probes[i] = p.mended(probes[i])
	}
	if has("no-time-to-start") || has("delay-instead-of-startup-probe") {
		probes = p.withStartup(probes)
	}
	if has("liveness-no-later-than-readiness") {
		patient(probes)
	}
	text, before := allYAML(probes), allYAML(p.Probes)
	if has("killed-for-good") {
		text = "# of the pod: restartPolicy: Always\n" + text
	}
	if text == before {
		return nil
	}
	return &Corrected{Kubernetes: text}
}

func allYAML(probes []check.PodProbe) string {
	var b strings.Builder
	for _, probe := range probes {
		b.WriteString(podYAML(probe))
	}
	return b.String()
}

// mended is one probe with its own faults taken out.
func (p Pod) mended(probe check.PodProbe) check.PodProbe {
	if probe.Failures == 1 {
		probe.Failures = check.DefaultRetries
	}
	if loopback(probe.Host) {
		probe.Host = ""
	}
	if probe.Port == 0 && len(p.Ports) == 1 {
		probe.Port, probe.PortName = p.Ports[0], ""
	}
	if f, ok := shortTimeout(p, probe); ok && f.Severity != severityNote {
		probe.Timeout = max(5*time.Second, 2*probe.Timeout)
	}
	if probe.Action == check.ActionExec {
		test, _ := mended(*probe.Config())
		probe.Command = execCommand(test)
	}
	probe.Period = max(probe.Period, probe.Timeout)
	return probe
}

// least is the shortest time to propose for a start.
const least = time.Minute

// withStartup gives the container a startup probe with the time that it needs: as long again as it was seen to take,
// twice what it has now, a minute at least.
func (p Pod) withStartup(probes []check.PodProbe) []check.PodProbe {
	i := slices.IndexFunc(probes, func(q check.PodProbe) bool { return q.Kind == check.Startup })
	live := slices.IndexFunc(probes, func(q check.PodProbe) bool { return q.Kind == check.Liveness })
	if i < 0 && live < 0 {
		return probes
	}
	if i < 0 {
		startup := probes[live]
		startup.Kind, startup.Period = check.Startup, max(min(startup.Period, 5*time.Second), startup.Timeout)
		startup.Grace = nil
		probes = slices.Insert(probes, 0, startup)
		i, live = 0, live+1
	}
	needs := max(least, 2*probes[i].Allows())
	if first, ok := replay.FirstSuccess(p.Readings, p.Started); ok {
		needs = max(needs, 2*first)
	}
	probes[i].InitialDelay = 0
	probes[i].Failures = int((needs+probes[i].Period-1)/probes[i].Period) + 1
	if live >= 0 {
		probes[live].InitialDelay = 0
	}
	return probes
}

// patient lets liveness wait for at least twice as long as readiness.
func patient(probes []check.PodProbe) {
	for i, live := range probes {
		for _, ready := range probes {
			if live.Kind == check.Liveness && ready.Kind == check.Readiness {
				window := 2 * time.Duration(ready.Failures) * ready.Period
				probes[i].Failures = max(live.Failures, int((window+live.Period-1)/live.Period))
			}
		}
	}
}

// podYAML writes one probe as a manifest has it. Values that are the API's defaults are written, too: a reader need not
// know them.
func podYAML(p check.PodProbe) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sProbe:\n%s", p.Kind, handlerYAML(p))
	if p.InitialDelay > 0 {
		fmt.Fprintf(&b, "  initialDelaySeconds: %d\n", ceilSeconds(p.InitialDelay))
	}
	fmt.Fprintf(&b, "  periodSeconds: %d\n  timeoutSeconds: %d\n  failureThreshold: %d", ceilSeconds(p.Period),
		ceilSeconds(p.Timeout), p.Failures)
	if p.Kind == check.Startup {
		fmt.Fprintf(&b, "   # %s to start", yamlSpan(p.Allows()))
	}
	b.WriteByte('\n')
	if p.Successes > 1 {
		fmt.Fprintf(&b, "  successThreshold: %d\n", p.Successes)
	}
	if p.Grace != nil {
		fmt.Fprintf(&b, "  terminationGracePeriodSeconds: %d\n", ceilSeconds(*p.Grace))
	}
	return b.String()
}

func handlerYAML(p check.PodProbe) string {
	var b strings.Builder
	port := func(indent string) {
		if p.Port > 0 && p.PortName == "" {
			fmt.Fprintf(&b, "%sport: %d\n", indent, p.Port)
			return
		}
		fmt.Fprintf(&b, "%sport: %s\n", indent, quote(p.PortName))
	}
	switch p.Action {
	case check.ActionHTTP:
		fmt.Fprintf(&b, "  httpGet:\n    path: %s\n", quote(p.Path))
		port("    ")
		if p.Scheme == "https" {
			b.WriteString("    scheme: HTTPS\n")
		}
		if p.Host != "" {
			fmt.Fprintf(&b, "    host: %s\n", quote(p.Host))
		}
		for i, h := range p.Headers {
			if i == 0 {
				b.WriteString("    httpHeaders:\n")
			}
			fmt.Fprintf(&b, "      - {name: %s, value: %s}\n", quote(h.Name), quote(h.Value))
		}
	case check.ActionTCP:
		b.WriteString("  tcpSocket:\n")
		port("    ")
	case check.ActionGRPC:
		b.WriteString("  grpc:\n")
		port("    ")
		if p.Service != "" {
			fmt.Fprintf(&b, "    service: %s\n", quote(p.Service))
		}
	case check.ActionExec:
		quoted := make([]string, len(p.Command))
		for i, w := range p.Command {
			quoted[i] = quote(w)
		}
		fmt.Fprintf(&b, "  exec:\n    command: [%s]\n", strings.Join(quoted, ", "))
	default:
		b.WriteString("  # the same handler as now\n")
	}
	return b.String()
}

// quote writes a YAML string in double quotes, whatever it holds. A compose file's doubled dollars have no place here.
func quote(s string) string { return strconv.QuoteToASCII(strings.ToValidUTF8(s, "?")) }
