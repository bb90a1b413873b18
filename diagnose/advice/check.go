package advice

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// wrongPort is the lint's name for a check that asks where nothing listens: the one fault that explains every failed
// probe.
const wrongPort = "port-not-listening"

// checkAdvice is what the health check itself should be changed to, by the lint that needs no probe, where the verdict
// is about the check. What explains the failure comes first: the wrong port, then what the check was answered. A check
// that had its answer, and it was an error of the service, asks the right question.
func checkAdvice(c inquest.Case, reason string) []draft {
	if reason != fact.HealthcheckFailure && reason != fact.HealthcheckTimeout || healthcheck(c) == nil {
		return nil
	}
	answered := failedCheck(c)
	if answeredWith(c) >= 400 || outlasts(c) {
		return answered
	}
	faults, better := c.Health().Lint()
	if port := only(faults, func(f lint.Finding) bool { return f.ID == wrongPort }); len(port) > 0 {
		return portAdvice(c, port[0])
	}
	if len(answered) > 0 {
		return answered
	}
	list := only(faults, func(f lint.Finding) bool {
		return f.Severity == "error" || f.Severity == "warning" && reason == fact.HealthcheckFailure
	})
	return corrected(list[:min(len(list), 2)], better)
}

// portAdvice is for a check that asks where nothing listens: another port only where the program listens on another.
func portAdvice(c inquest.Case, fault lint.Finding) []draft {
	if c.Health().WrongPort() == "" {
		return startPeriod(c, "it listens nowhere yet")
	}
	d := draft{when: Then, title: "Ask the port that the service listens on", detail: literal(fault.Message)}
	if test := c.Health().Ported(); test != nil {
		d.snippet, d.language = literal("healthcheck:\n  test: "+lint.Flow(test)+"\n"), "yaml"
		if len(test) == 2 && test[0] == check.FormShell && quotable(test[1]) {
			d.run = literal("--health-cmd '" + test[1] + "'")
		}
	}
	return []draft{d}
}

// quotable tells whether single quotes make one word of a text, in one line.
func quotable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '\'' || r < ' ' || r > '~' })
}

// startPeriod gives a program the time to start, where no probe of this life has passed: what has served before is not
// starting. What waits for a neighbour that does not answer needs that neighbour, not time.
func startPeriod(c inquest.Case, why string) []draft {
	passed := slices.ContainsFunc(c.Probes, func(p inquest.Probe) bool { return p.Outcome == check.Pass })
	waits := len(c.Stuck) > 0 && c.Stuck[0].Tie == inquest.TieWaits
	if passed || waits || c.EverHealthy() || !c.Alive() || c.Life == nil || c.Life.Start.IsZero() {
		return nil
	}
	age := c.Now.Sub(c.Life.Start)
	if age <= 0 {
		return nil
	}
	room := strconv.Itoa(int(math.Ceil(max(age, c.Spec.Healthcheck.StartPeriod).Seconds()*3/2))) + "s"
	return []draft{{
		when: Then, title: "Give it a start_period longer than its start: " + why + ", after " + words.Duration(age),
		detail: "Probes that fail within it do not count, and the first that passes ends it. If it never comes to " +
			"listen, the start itself hangs, or the check asks what this program does not serve.",
		snippet: "services:\n  {service}:\n    healthcheck:\n      start_period: " + room + "\n", language: "yaml",
		run: "--health-start-period " + room,
	}}
}

func only(list []lint.Finding, keep func(lint.Finding) bool) []lint.Finding {
	return slices.DeleteFunc(slices.Clone(list), func(f lint.Finding) bool { return !keep(f) })
}

// corrected is advice for faults of a check, with the check as it should be written beside the first.
func corrected(faults []lint.Finding, better *lint.Corrected) []draft {
	var list []draft
	for _, f := range faults {
		list = append(list, draft{when: Then, title: literal(f.Message), detail: literal(f.Fix)})
	}
	if len(list) > 0 && better != nil {
		list[0].snippet, list[0].language = literal(better.Compose), "yaml"
	}
	return list
}

// literal is a text that has no gaps, whatever stands in it.
func literal(s string) string { return strings.ReplaceAll(s, "{", "{{") }

// outlasts tells whether the check can never pass, because it takes longer than its timeout by itself.
func outlasts(c inquest.Case) bool {
	failed := c.FailedProbes()
	return len(failed) > 0 && failed[len(failed)-1].Outlasts
}

// answeredWith is the HTTP status of the last failed probe; 0 = it had no answer, or its status is not known.
func answeredWith(c inquest.Case) int {
	if failed := c.FailedProbes(); len(failed) > 0 {
		return failed[len(failed)-1].HTTPStatus
	}
	return 0
}

// failedCheck says what a failed probe's own answer asks for.
func failedCheck(c inquest.Case) []draft {
	failed := c.FailedProbes()
	h := healthcheck(c)
	if len(failed) == 0 || h == nil {
		return nil
	}
	last := failed[len(failed)-1]
	e := check.EndpointOf(h.Test)
	told := ""
	if out := strings.TrimSpace(last.Output); out != "" {
		told = "It says: " + literal(oneLine(out, 160))
	}
	switch status := last.HTTPStatus; {
	case status >= 500:
		return []draft{{when: Then, title: fmt.Sprintf("Mend what makes the service answer %d: the check asks rightly",
			status), detail: told}}
	case status == 404 || status == 405:
		return []draft{{when: Then, title: literal(fmt.Sprintf("Ask a path that the service has: for %s it answers %d",
			pathOr(e.Path), status)), detail: told}}
	case status == 401 || status == 403:
		return []draft{{when: Then, title: literal(fmt.Sprintf("Let %s answer without a login: it answers %d",
			pathOr(e.Path), status)), detail: told}}
	case last.Outcome == check.ToolMissing:
		d := draft{when: Then, title: "Put the check's program into the image, or ask with one that is there",
			detail: literal(last.Summary)}
		if code := askWithPython(c, h, e); code != "" {
			d.snippet, d.language = checkOfPython(code), "yaml"
			d.run = `--health-cmd "python3 -c \"` + code + `\""`
		}
		return []draft{d}
	case outlasts(c):
		return []draft{{when: Then, title: "Let the check ask at once, or give it a longer timeout than " +
			words.Duration(h.WithDefaults().Timeout), detail: "What the service needs to come up belongs into start_period. " +
			"The service itself is not what fails: a restart changes nothing."}}
	case last.Outcome == check.NotExecutable:
		return []draft{executable(h)}
	case last.Outcome == check.TLS && e.Scheme == "https":
		return []draft{plainText(h, last.Summary)}
	case last.Outcome == check.Failed && check.Parse(h.Test).Seeks() != "":
		return []draft{{when: Then, title: "Mend what the service answers: the check asks rightly, and does not find in it " +
			"what it looks for", detail: "See the answer without the " + check.Parse(h.Test).Seeks() + " that judges " +
			"it. " + told}}
	case last.Outcome == check.Refused && e.Local && overIPv6(c, e.Port, last.Output+strings.Join(h.Test, " ")):
		return []draft{{when: Then, title: fmt.Sprintf("Ask 127.0.0.1: on port %d the service listens on IPv4 only, and the "+
			"check asks ::1", e.Port), detail: "`localhost` is ::1, too, wherever /etc/hosts says so."}}
	case last.Outcome == check.Refused && e.Port > 0 && e.Local && c.Process != nil:
		return startPeriod(c, "it did not listen yet when its first probes counted")
	case last.Outcome == check.Refused && e.Port > 0 && e.Local:
		return []draft{{when: Then, title: fmt.Sprintf("Ask the port that the service listens on: nothing listened "+
			"on %d", e.Port),
			detail: "Or it listens later than its first probes: then give it a start_period; or on another address " +
				"than localhost."}}
	}
	return nil
}

// executable is for a check whose program may not be run.
func executable(h *check.Config) draft {
	program := check.Parse(h.Test).Path()
	d := draft{when: Then, title: "Let the check's program be executed",
		detail: "Of a file that is mounted the mode on the host counts; a mount with noexec forbids it whatever the mode is."}
	if safeWord(program) {
		d.title = "Let " + program + " be executed, which the check runs"
		d.snippet, d.language = "RUN chmod +x "+program+"\n", "dockerfile"
	}
	return d
}

// plainText is for a check that asks for TLS where there may be none. Where the check trusts any certificate, only that
// is left.
func plainText(h *check.Config, summary string) draft {
	d := draft{when: Then, title: "Ask with http://, or let the check trust the certificate", detail: literal(summary)}
	if check.Parse(h.Test).TrustsAny() {
		d.title = "Ask with http://: the port speaks no TLS"
	}
	test := slices.Clone(h.Test)
	for i := range test {
		test[i] = strings.ReplaceAll(test[i], "https://", "http://")
	}
	d.snippet, d.language = literal("healthcheck:\n  test: "+lint.Flow(test)+"\n"), "yaml"
	return d
}

// overIPv6 tells whether a check asked a port by IPv6 on which the container's programs listen by IPv4 alone.
func overIPv6(c inquest.Case, port int, text string) bool {
	// busybox's wget prints the address that it asked
	asks := func(mark string) bool { return strings.Contains(text, mark) }
	if !slices.ContainsFunc([]string{"::1", " -6 ", "--ipv6", "AF_INET6"}, asks) {
		return false
	}
	found := false
	list, _ := c.Process.Serves()
	for _, l := range list {
		if l.Port == port {
			if addr, err := netip.ParseAddr(l.Address); err != nil || !addr.Is4() {
				return false
			}
			found = true
		}
	}
	return found
}

// askWithPython is the Python of a check that needs nothing but the interpreter that the service itself runs on; "" =
// it is not known to run on one, or what the check asks is not known.
func askWithPython(c inquest.Case, h *check.Config, e check.Endpoint) string {
	if e.Port == 0 || !e.Local || !strings.Contains(commandLine(c), "python") || strings.ContainsAny(e.Path, `'"{}$`) {
		return ""
	}
	return fmt.Sprintf("import urllib.request as r; r.urlopen('%s://127.0.0.1:%d%s', timeout=%.2g)", e.Scheme, e.Port,
		e.Path, h.WithDefaults().Timeout.Seconds()*0.8)
}

func checkOfPython(code string) string {
	return "services:\n  {service}:\n    healthcheck:\n      test: [\"CMD\", \"python3\", \"-c\", \"" + code + "\"]\n"
}

func pathOr(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

func oneLine(s string, longest int) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return s
}
