package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Corrected is the check as it should be written.
type Corrected struct {
	Compose    string `json:"compose"`
	Kubernetes string `json:"kubernetes"`
}

// Correct writes the check anew with every fault taken out that the settings
// alone can take out. The values are those that were configured where they hold.
func Correct(s Target) *Corrected {
	if s.Config == nil || !s.Config.Enabled() {
		return nil
	}
	c := s.settled()
	e := s.askable(check.EndpointOf(c.Test))
	test, known := s.betterTest(c, e)
	c.Test = test
	return &Corrected{Compose: composeYAML(c, known), Kubernetes: kubernetesYAML(c, e)}
}

// askable is the endpoint with the port that the service listens on, where it listens on one port alone and that is not
// the one that is asked.
func (s Target) askable(e check.Endpoint) check.Endpoint {
	if e.Port == 0 || !e.Local {
		return e
	}
	port := 0
	for _, l := range s.Listeners {
		switch {
		case l.Address == resolver:
		case l.Port == e.Port || port != 0 && l.Port != port:
			return e
		default:
			port = l.Port
		}
	}
	if port != 0 {
		e.Port = port
	}
	return e
}

// Ported is the check's own test with the port that the service listens on, and nothing else changed; nil = it listens
// on no other port, or on several, or the test does not name its port.
func (s Target) Ported() []string {
	if s.Config == nil || !s.Config.Enabled() {
		return nil
	}
	asked := check.EndpointOf(s.Config.Test)
	heard := s.askable(asked).Port
	old, asks := fmt.Sprintf(":%d", asked.Port), false
	test := slices.Clone(s.Config.Test)
	for i, word := range test {
		if before, after, found := strings.Cut(word, old); found && (after == "" || after[0] < '0' || after[0] > '9') {
			test[i], asks = fmt.Sprintf("%s:%d%s", before, heard, after), true
		}
	}
	if !asks || heard == asked.Port {
		return nil
	}
	return test
}

// Flow writes a test as YAML's flow form.
func Flow(test []string) string { return flow(test) }

func (s Target) missingTool() bool {
	return s.Replay != nil && s.Replay.ToolFound != nil && !*s.Replay.ToolFound
}

// settled returns the settings with what lint complains about put right.
func (s Target) settled() check.Config {
	c := kept(s.Config.WithDefaults())
	if c.Retries == 1 {
		c.Retries = check.DefaultRetries
	}
	if first, ok := replay.FirstSuccess(s.Readings, s.Started); ok && c.StartPeriod < first {
		c.StartPeriod = (first*3/2 + time.Second - 1).Truncate(time.Second)
	}
	if c.StartInterval > 0 && c.StartPeriod <= 0 {
		c.StartPeriod = 30 * time.Second
	}
	return c
}

// shortest is the least timeout to propose: a busy machine takes half a second to start a probe.
const shortest = 2 * time.Second

// kept sets the timeout below the interval: to half of it or the shortest that will do, and where not even that is
// below, the interval gives way.
func kept(c check.Config) check.Config {
	if c.Timeout < c.Interval {
		return c
	}
	if c.Timeout = max((c.Interval / 2).Truncate(time.Second), shortest); c.Timeout >= c.Interval {
		c.Interval = 2 * c.Timeout
	}
	return c
}

// composeYAML writes the settings; known tells whether the test's program is in the
// image, as far as one can tell.
func composeYAML(c check.Config, known bool) string {
	var b strings.Builder
	b.WriteString("healthcheck:\n")
	if !known {
		b.WriteString("  # not in the image, add it there: " + check.Tool(c.Test) + "\n")
	}
	b.WriteString("  test: " + flow(c.Test) + "\n")
	fmt.Fprintf(&b, "  interval: %s\n  timeout: %s\n  retries: %d\n", yamlSpan(c.Interval), yamlSpan(c.Timeout),
		c.Retries)
	if c.StartPeriod > 0 {
		fmt.Fprintf(&b, "  start_period: %s\n", yamlSpan(c.StartPeriod))
	}
	if c.StartInterval > 0 {
		fmt.Fprintf(&b, "  start_interval: %s   # Engine 25 or newer\n", yamlSpan(c.StartInterval))
	}
	return b.String()
}

// betterTest returns the test to write, and whether its program is in the image as
// far as one can tell. A check's own words stay but for what is wrong with them, unless its
// program is missing, or they are wrong as a whole and its URL lets better ones be written.
func (s Target) betterTest(c check.Config, e check.Endpoint) (test []string, known bool) {
	if ported := s.Ported(); ported != nil {
		c.Test = ported
	}
	test, faulty := mended(c)
	if !faulty && !s.missingTool() {
		return test, true
	}
	client, known := check.Program(c.Test), !s.missingTool()
	if !known && len(s.Replay.Clients) > 0 {
		client, known = s.Replay.Clients[0], true
	}
	if e.Port == 0 || !e.Local {
		return test, !s.missingTool()
	}
	if words := fetch(client, fmt.Sprintf("%s://127.0.0.1:%d%s", e.Scheme, e.Port, e.Path),
		limitFor(c)); words != nil {
		return append([]string{check.FormExec}, words...), known
	}
	return test, !s.missingTool()
}

// limitFor is the probe's own time limit: the one that it has where that is below the timeout, else one that leaves
// the timeout some room.
func limitFor(c check.Config) string {
	for _, cmd := range check.Parse(c.Test).Commands {
		name, args := cmd.Program()
		value := ""
		switch name {
		case "curl":
			value, _ = option(args, 'm', "--max-time")
		case "wget":
			value, _ = option(args, 'T', "--timeout")
		case "python":
			if m := pythonLimit().FindStringSubmatch(strings.Join(args, " ")); m != nil {
				value = m[1]
			}
		}
		if limit, ok := seconds(value); ok && limit < c.Timeout {
			return strings.TrimSuffix(value, "s")
		}
	}
	return suggest(c.Timeout)
}

var pythonLimit = lazyregexp.New(`\btimeout\s*=\s*([\d.]+)`)

// fetch is a client's command that asks a URL and fails where the answer is no; nil
// for a client that is not known.
func fetch(client, url, limit string) []string {
	switch check.ProgramName(client) {
	case "python":
		return []string{client, "-c", fmt.Sprintf("import urllib.request as r; r.urlopen('%s', timeout=%s)",
			strings.ReplaceAll(url, "'", "%27"), limit)}
	case "curl":
		return []string{client, "-fsS", "-o", "/dev/null", "--max-time", limit, url}
	case "wget":
		return []string{client, "-qO", "/dev/null", "-T", limit, "-t", "1", url}
	}
	return nil
}

// kubernetesYAML turns the check into probes: httpGet where it asks a URL of its
// own, exec else. The startup probe takes the place of start_period.
func kubernetesYAML(c check.Config, e check.Endpoint) string {
	handler := "  exec:\n    command: " + flow(execCommand(c.Test)) + "\n"
	if e.Port > 0 && e.Local {
		handler = fmt.Sprintf("  httpGet:\n    path: %s\n    port: %d\n", strconv.Quote(e.Path), e.Port)
		if e.Scheme == "https" {
			handler += "    scheme: HTTPS\n"
		}
	}
	var b strings.Builder
	if c.StartPeriod > 0 {
		period := max(c.Interval/2, time.Second)
		fmt.Fprintf(&b, "startupProbe:\n%s  periodSeconds: %d\n  timeoutSeconds: %d\n  failureThreshold: %d   # %s "+
			"to start\n",
			handler, ceilSeconds(period), ceilSeconds(c.Timeout), max(1,
				ceilSeconds(c.StartPeriod)/ceilSeconds(period)+1), yamlSpan(c.StartPeriod))
	}
	fmt.Fprintf(&b, "livenessProbe:\n%s  periodSeconds: %d\n  timeoutSeconds: %d\n  failureThreshold: %d\n",
		handler, ceilSeconds(c.Interval), ceilSeconds(c.Timeout), c.Retries)
	return b.String()
}

func execCommand(test []string) []string {
	if test[0] == check.FormShell {
		return []string{"/bin/sh", "-c", test[1]}
	}
	return test[1:]
}

func ceilSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// yamlSpan writes a duration as Compose reads it: 1m30s, 500ms.
func yamlSpan(d time.Duration) string {
	text := d.Round(time.Millisecond).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// flow writes a list in YAML's flow form. JSON strings are YAML strings.
func flow(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(strings.ReplaceAll(strings.ToValidUTF8(w, "?"), "$", "$$"))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
