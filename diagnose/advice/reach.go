package advice

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// outward is how each server is told to listen for others than its own machine, by a word of the command line that
// starts it. gunicorn stands above the workers that it runs. %d is the port.
var outward = []struct{ word, option string }{
	{"gunicorn", "gunicorn … --bind 0.0.0.0:%d"},
	{"hypercorn", "hypercorn … --bind 0.0.0.0:%d"},
	{"uvicorn", "uvicorn … --host 0.0.0.0 --port %d"},
	{"granian", "granian … --host 0.0.0.0 --port %d"},
	{"daphne", "daphne -b 0.0.0.0 -p %d …"},
	{"waitress-serve", "waitress-serve --listen=0.0.0.0:%d …"},
	{"flask", "flask … run --host 0.0.0.0 --port %d"},
	{"fastapi", "fastapi run … --host 0.0.0.0 --port %d"},
	{"runserver", "manage.py runserver 0.0.0.0:%d"},
	{"http.server", "python3 -m http.server --bind 0.0.0.0 %d"},
}

// listenOutward says how the server that runs is told to listen for others.
func listenOutward(c inquest.Case, _ *servicelog.Finding) []draft {
	u := c.Unreached()
	if u == nil || u.Loopback == "" {
		return nil
	}
	d := draft{when: Then, title: fmt.Sprintf("Let it listen at 0.0.0.0, port %d, and not at %s", u.Port, u.Loopback),
		detail: "127.0.0.1 is the container itself, not its host: what the host publishes comes from outside."}
	if option := outwardOption(commandLine(c)); option != "" {
		d.snippet, d.language = fmt.Sprintf(option, u.Port)+"\n", "sh"
	}
	return []draft{d}
}

func outwardOption(command string) string {
	var programs []string
	for _, word := range strings.Fields(command) {
		programs = append(programs, check.Base(word))
	}
	for _, server := range outward {
		if slices.Contains(programs, server.word) {
			return server.option
		}
	}
	return ""
}

// servePort joins what is published with what is served; a server that had served and does not any more is restarted.
func servePort(c inquest.Case, _ *servicelog.Finding) []draft {
	u := c.Unreached()
	switch port := c.VainPass(); {
	case u == nil && port > 0:
		return []draft{{when: Then, title: fmt.Sprintf("Let it listen on port %d, or let its health check ask where it "+
			"listens, and fail where nobody answers", port),
			detail:  "`curl -fsS URL` alone fails then; behind a pipe or `;` only the last command's end counts.",
			command: "gwdoctor health {name}"}}
	case u == nil:
		return nil
	case len(u.Instead) > 0:
		lead := fmt.Sprintf("%d:%d", u.HostPort, u.Instead[0])
		return []draft{{when: Then, title: fmt.Sprintf("Let it listen on port %d, or publish the port that it listens on",
			u.Port), snippet: "services:\n  {service}:\n    ports:\n      - \"" + lead + "\"\n", language: "yaml",
			run: "-p " + lead}}
	case c.Log != nil && c.Log.Lifecycle.Ready != nil:
		return stuck(c)
	}
	return []draft{{when: Then, title: "See what its threads do instead, or publish no port for it",
		command: "gwdoctor inside {name}"}}
}
