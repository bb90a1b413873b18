package lint

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/simulate"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The rules about what the service and its ports do to the check.

const kernelAccepts = "it only connects, and the kernel accepts for a program that listens: it passes while the " +
	"event loop is blocked"

// lintURL says what a probe of a bare URL does not prove.
func (s Target) lintURL() []Finding {
	if s.Replay == nil || s.Replay.Kind != "tcp" {
		return []Finding{}
	}
	message := kernelAccepts
	if u, err := url.Parse(s.URL); err == nil && loopback(u.Hostname()) {
		message += "; if it is a port that Docker publishes, docker-proxy accepts even with nothing behind it"
	}
	return []Finding{{"only-connects", severityNote, message,
		"ask it in its own protocol: http://, grpc://, redis://, amqp://"}}
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

var bashConnect = lazyregexp.New(`/dev/tcp/([^/\s]+)/(\d{1,5})\b`)

// connectsTo is where a check opens a connection and does nothing more: nc -z HOST
// PORT, bash's /dev/tcp/HOST/PORT.
func connectsTo(test []string) (host string, port int, ok bool) {
	c := check.Parse(test)
	if m := bashConnect().FindStringSubmatch(c.Text); m != nil {
		port, _ = strconv.Atoi(m[2])
		return m[1], port, true
	}
	for _, cmd := range c.Commands {
		name, args := cmd.Program()
		if n := len(args); n >= 3 && slices.Contains([]string{"nc", "ncat", "netcat"}, name) && has(args, 'z') {
			if port, err := strconv.Atoi(args[n-1]); err == nil {
				return args[n-2], port, true
			}
		}
	}
	return "", 0, false
}

// onlyConnects: a connection proves that something listens. Through a published
// port not even that: docker-proxy takes it (docs/notes/HEALTH.md#b2, measured).
func onlyConnects(m measured) (Finding, bool) {
	host, port, ok := connectsTo(m.Config.Test)
	if !ok {
		return Finding{}, false
	}
	if !loopback(host) && slices.Contains(m.Published, port) {
		return Finding{"tcp-on-published-port", severityError,
			fmt.Sprintf("the check connects from outside to port %d, which Docker publishes: docker-proxy accepts "+
				"there even with nothing behind it", port),
			"ask the service over its own protocol at 127.0.0.1, inside the container"}, true
	}
	return Finding{"only-connects", severityWarning, "the check proves little: " + kernelAccepts,
		fmt.Sprintf("ask it in its own protocol, such as curl -fsS --max-time %s http://127.0.0.1:%d/",
			suggest(m.full.Timeout), port)}, true
}

// gunicornKillsFirst: a worker whose loop is blocked is killed by its master before
// the health check has noticed, and the log says "was sent SIGKILL! Perhaps out of
// memory?". The window is the shortest time in which the check turns unhealthy.
func gunicornKillsFirst(m measured) (Finding, bool) {
	limit, ok := GunicornTimeout(m.Command, m.GunicornArgs)
	window := simulate.Docker{Config: m.full, Major: m.EngineMajor}.Tolerance().Survives
	if !ok || limit >= window {
		return Finding{}, false
	}
	return Finding{"gunicorn-timeout-below-window", severityWarning,
		fmt.Sprintf("gunicorn kills a blocked worker after %s, the check needs at least %s to turn unhealthy: it "+
			"never sees a blocked loop, and the log asks \"Perhaps out of memory?\"", words.Duration(limit),
			words.Duration(window)),
		fmt.Sprintf("let the one of the two that is to act be the shorter: gunicorn --timeout %s, or a shorter "+
			"interval and timeout", strings.TrimSuffix(roomy(window), "s"))}, true
}

// GunicornTimeout is what --timeout says in a gunicorn's command line, else in
// GUNICORN_CMD_ARGS; ok is false where neither does, the server is none, or 0
// switches it off.
func GunicornTimeout(command []string, args string) (time.Duration, bool) {
	words := strings.Fields(strings.Join(command, " ")) // sh -c "gunicorn ..." too
	at := slices.IndexFunc(words, func(w string) bool {
		return strings.TrimPrefix(check.Base(w),
			"gunicorn.") == "gunicorn"
	})
	if at < 0 {
		return 0, false
	}
	for _, list := range [][]string{words[at+1:], strings.Fields(args)} {
		for i, w := range list {
			value, long := strings.CutPrefix(w, "--timeout=")
			if !long && (w == "--timeout" || w == "-t") && i+1 < len(list) {
				value, long = list[i+1], true
			}
			if long {
				return seconds(strings.Trim(value, `"';`))
			}
		}
	}
	return 0, false
}
