package inquest

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// ServerBy says what shows that the container was meant to run until it is told to end, the most telling first; "" =
// nothing does: a job ends by itself. That an image exposes a port shows nothing: jobs are run from a service's image.
func (c Case) ServerBy() string {
	if c.Log != nil {
		switch log := c.Log; {
		case log.Lifecycle.Ready != nil:
			return log.Lifecycle.Server + " said that it was ready"
		case log.Serving != nil:
			return fmt.Sprintf("its log says %q", log.Serving.Text)
		case log.Accesses > 0:
			return "its log has " + words.Count(log.Accesses, "request")
		}
	}
	switch spec := c.Spec; {
	case spec == nil:
	case len(spec.Published) > 0:
		return fmt.Sprintf("port %d of the host leads into it", spec.Published[0])
	case spec.Probed() && slices.ContainsFunc(c.Probes, func(p Probe) bool { return !p.Failed() }):
		return "its health check has passed" // an image's check is there for its jobs, too
	case spec.RestartPolicy == "always" || spec.RestartPolicy == "unless-stopped":
		return "its restart policy is " + spec.RestartPolicy
	}
	return ""
}

// requestLimit is the setting of a server that ends with success once it has served so many requests, with nobody there
// to start others: uvicorn with one worker. Up to 0.31 it does not say so.
const requestLimit = "--limit-max-requests"

// limitOf is the number that a command line sets; "" = none.
func limitOf(command []string) string {
	_, rest, _ := strings.Cut(strings.Join(command, " ")+" ", requestLimit)
	number, _, _ := strings.Cut(strings.TrimLeft(rest, "= "), " ")
	return strings.Trim(number, `"';`)
}

// OwnLimit says that a server ended as it had served all the requests that it may; told is whether it said so itself,
// as against its command line, which only fits. "" = nothing shows it.
func (c Case) OwnLimit() (text string, told bool) {
	code, known := c.Exit()
	if !known || code != 0 || c.Death.EndedBy != fact.EndedByOwnExit || c.Log == nil ||
		c.Log.Lifecycle.Server != "uvicorn" {
		return "", false
	}
	set := ""
	if c.Spec != nil {
		set = limitOf(c.Spec.Command)
	}
	limit, _ := strconv.Atoi(set)
	switch {
	case c.Log.Lifecycle.Recycled:
		return strings.TrimSpace("it had served as many requests as it may (--limit-max-requests "+set) + ")", true
	case limit == 0 || c.Log.Accesses > 0 && c.Log.Accesses < limit:
		return "", false
	}
	return "it may serve no more than " + words.Count(limit, "request") + " (--limit-max-requests)", false
}

// daemonFlags are the words of a command by which programs go into the background; daemons do so unless one of theirs
// is given, and some flags only ask them something.
var (
	daemonFlags = map[string][]string{"gunicorn": {"-D", "--daemon"}, "uwsgi": {"--daemonize", "--daemonize2"},
		"celery": {"--detach", "multi"}, "mongod": {"--fork"}, "memcached": {"-d"}, "haproxy": {"-D"},
		"php-fpm": {"-D", "--daemonize"}, "service": {"start"}, "apachectl": {"start"}, "apache2ctl": {"start"}}
	daemons = map[string][]string{"nginx": {"daemon off"}, "sshd": {"-D", "-d"}, "cron": {"-f"}, "crond": {"-f", "-d"}}
	asks    = []string{"-t", "-T", "-v", "-V", "-h", "--help", "--version", "--check-config"}
)

// forkTime is how long a program takes at most to go into the background.
const forkTime = 15 * time.Second

// LeftForeground says which command went into the background and so ended, right after its start, with success; "" =
// none is known to have.
func (c Case) LeftForeground() string {
	code, known := c.Exit()
	if !known || code != 0 || c.Death.EndedBy != fact.EndedByOwnExit || c.Spec == nil || c.Life == nil {
		return ""
	}
	length, ok := c.Life.Length(c.Now)
	if !ok || length > forkTime {
		return ""
	}
	line := strings.Join(c.Spec.Command, " ")
	words := strings.Fields(line)
	given := func(flags []string) bool {
		return slices.ContainsFunc(flags, func(f string) bool {
			return slices.Contains(words, f) ||
				strings.Contains(f, " ") && strings.Contains(line, f)
		})
	}
	for _, word := range words[:min(len(words), 4)] {
		program := path.Base(word)
		if flags := daemonFlags[program]; len(flags) > 0 && given(flags) {
			return "`" + program + "` with " + strings.Join(flags, " or ")
		}
		if flags := daemons[program]; len(flags) > 0 && !given(flags) && !given(asks) {
			return "`" + program + "` without " + strings.Join(flags, " or ")
		}
	}
	return ""
}

// farewell is how many lines, and for how long, a program may still print that has decided to leave.
const (
	farewellLines = 3
	farewellTime  = 5 * time.Second
)

// SaidDone tells whether the program said, as it ended, that there was no more for it to do: then it left by itself.
func (c Case) SaidDone() bool {
	if c.Log == nil || c.Life == nil || c.Life.End == nil {
		return false
	}
	last := c.Log.Tail[max(len(c.Log.Tail)-farewellLines, 0):]
	return slices.ContainsFunc(last, func(l servicelog.Line) bool {
		return !l.At.IsZero() && c.Life.End.Sub(l.At) <= farewellTime && servicelog.HasDone(l.Text)
	})
}
