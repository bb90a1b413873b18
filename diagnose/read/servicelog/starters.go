package servicelog

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// OfLifespan tells whether a finding is of an ASGI application's lifespan: its server says so, or the exception came
// through the call that runs it.
func (f Finding) OfLifespan() bool {
	return f.Signature().Lifespan || hasFrame(f.Exception, "starlette/routing.py", "lifespan")
}

// OfServer tells whether an exception came through a server that was started by a command of its own.
func (f Finding) OfServer() bool { return f.Exception != nil && starterFailed(f.Exception) }

// starters are the files in which servers begin that were started by a command of their own.
var starters = []string{"/celery/bin/worker.py", "/celery/bin/beat.py", "/uvicorn/main.py", "/gunicorn/app/wsgiapp.py",
	"/hypercorn/__main__.py", "/daphne/cli.py", "/granian/cli.py", "/dramatiq/cli.py", "/rq/cli/cli.py", "/huey/bin/",
	"/arq/cli.py", "/waitress/runner.py", "/streamlit/web/cli.py"}

// starterFailed tells whether a server that was started by its own command gave up without a word of having come up.
func starterFailed(e *traceback.Exception) bool {
	return slices.ContainsFunc(e.Frames, func(f traceback.Frame) bool {
		return slices.ContainsFunc(starters, func(part string) bool { return strings.Contains(f.File, part) })
	})
}
