package servicelog

import (
	"bytes"
	"cmp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"slices"
	"strings"
	"time"
)

// event is what a lifecycle line means for the run.
type event uint8

const (
	evParent      event = iota // a parent that leads workers began
	evUvicorn                  // these workers are uvicorn's
	evStarted                  // a process entered its server loop
	evWaiting                  // lifespan startup began
	evReady                    // lifespan startup is over: serving
	evRunning                  // listening
	evStop                     // somebody asked for the stop
	evStopAll                  // as evStop, said by the server to itself: planned if a recycle was announced
	evRecycle                  // a planned end was announced
	evDraining                 // waiting for what is still open
	evFailed                   // lifespan startup failed
	evFinished                 // one process is done
	evAllFinished              // the parent is, and with it the server
)

// mark is one lifecycle line (docs/notes/PYTHON.md#0).
type mark struct {
	text   string
	exact  bool
	server string
	event  event
}

var lifecycleLines = []mark{
	{"Started server process [", false, "uvicorn", evStarted},
	{"Started parent process [", false, "uvicorn", evParent},
	{"Waiting for application startup.", true, "uvicorn", evWaiting},
	{"Application startup complete.", true, "uvicorn", evReady},
	{"Uvicorn running on ", false, "uvicorn", evRunning},
	{"Application startup failed. Exiting.", true, "uvicorn", evFailed},
	{"Shutting down", true, "uvicorn", evStopAll},
	{"Received SIGTERM, exiting.", true, "uvicorn", evStop},
	{"Received SIGINT, exiting.", true, "uvicorn", evStop},
	{"Maximum request limit of ", false, "uvicorn", evRecycle},
	{"Waiting for connections to close.", false, "uvicorn", evDraining},
	{"Waiting for background tasks to complete.", false, "uvicorn", evDraining},
	{"Waiting for application shutdown.", true, "uvicorn", evDraining},
	{"Finished server process [", false, "uvicorn", evFinished},
	{"Stopping parent process [", false, "uvicorn", evAllFinished},
	{"Starting gunicorn ", false, "gunicorn", evParent},
	{"Using worker: uvicorn", false, "gunicorn", evUvicorn},
	{"Booting worker with pid: ", false, "gunicorn", evStarted},
	{"ASGI server listening on ", false, "gunicorn", evReady},
	{"Handling signal: term", true, "gunicorn", evStop},
	{"Handling signal: int", true, "gunicorn", evStop},
	{"Handling signal: quit", true, "gunicorn", evStop},
	{"Autorestarting worker after current request.", true, "gunicorn", evRecycle},
	{"Shutting down: Master", true, "gunicorn", evAllFinished},
	{"Running on http", false, "hypercorn", evReady},
	{"oO0OoO0OoO0Oo Redis is starting", false, "redis", evStarted},
	{"Ready to accept connections", false, "redis", evReady},
	{"Received SIGTERM scheduling shutdown...", true, "redis", evStop},
	{"User requested shutdown...", true, "redis", evStop},
	{"Redis is now ready to exit, bye bye...", true, "redis", evAllFinished},
	{"starting PostgreSQL ", false, "postgresql", evStarted},
	{"database system is ready to accept connections", true, "postgresql", evReady},
	{"received fast shutdown request", true, "postgresql", evStop},
	{"received smart shutdown request", true, "postgresql", evStop},
	{"received immediate shutdown request", true, "postgresql", evStop},
	{"database system is shut down", true, "postgresql", evAllFinished},
	{"Starting RabbitMQ ", false, "rabbitmq", evStarted},
	{"Server startup complete; ", false, "rabbitmq", evReady},
	{"RabbitMQ is asked to stop", false, "rabbitmq", evStop},
	{"Successfully stopped RabbitMQ", false, "rabbitmq", evAllFinished},
	{"Connect to Chroma at: ", false, "chroma", evReady},
	{"Received SIGTERM, shutting down service", false, "chroma", evStop},
	{"mingle: searching for neighbors", true, "celery", evStarted},
	{"mingle: all alone", true, "celery", evReady},
	{"worker: Warm shutdown (MainProcess)", true, "celery", evStop},
	{"worker: Cold shutdown (MainProcess)", true, "celery", evStop},
}

// marksByByte is lifecycleLines by first byte. Read-only after package initialisation.
var marksByByte = func() (out [256][]mark) {
	for _, m := range lifecycleLines {
		out[m.text[0]] = append(out[m.text[0]], m)
	}
	return out
}()

// lifecycleMark returns the lifecycle line that msg is, nil for none.
func lifecycleMark(msg []byte) *mark {
	list := marksByByte[msg[0]]
	for i := range list {
		m := &list[i]
		if len(msg) >= len(m.text) && string(msg[:len(m.text)]) == m.text && (!m.exact || len(msg) == len(m.text)) {
			return m
		}
	}
	return nil
}

// life follows the lifecycle of one run.
type life struct {
	Lifecycle
	stopped  bool // a stop was requested and no worker started since
	recycle  bool // the next "Shutting down" was announced as a recycle
	waiting  int  // lifespan startups under way
	led      bool // a parent leads workers
	finished []int
	starting []int    // workers whose lifespan startup is under way
	booting  []int    // workers that import the application, where each would say when it has
	announce bool     // gunicorn's workers are uvicorn's, which say "Started server process"
	up       bool     // one of them said so
	families []string // kinds of server that began
}

// families are the servers that belong together: gunicorn leads uvicorn's workers.
var families = map[string]string{"uvicorn": "python", "gunicorn": "python", "hypercorn": "python", "celery": "python"}

// PythonServer tells whether a server, as Lifecycle names it, runs Python.
func PythonServer(name string) bool { return families[name] == "python" }

func (f *life) begun(server string) {
	family := cmp.Or(families[server], server)
	if !slices.Contains(f.families, family) {
		f.families = append(f.families, family)
	}
}

const maxPIDs = 32

func (f *life) apply(m *mark, p prefix.Line, l *logical) {
	if m.server == "gunicorn" || f.Server == "" {
		f.Server = m.server
	}
	if m.event <= evStarted {
		f.begun(m.server)
	}
	pid := messagePID(p)
	if m.event <= evStarted {
		f.addPID(pid)
	}
	at := instant(l.at, l.timed)
	defer f.advance(m.event)
	switch m.event {
	case evParent:
		f.led = true
	case evUvicorn:
		f.announce = true
	case evStarted:
		f.boots(m.server, pid)
		f.stopped = false
		f.first(&f.Started, &f.StartedLine, at, l.number)
	case evWaiting:
		f.waiting++
		if pid > 0 && len(f.starting) < maxPIDs {
			f.starting = append(f.starting, pid)
		}
	case evReady:
		f.waiting = max(f.waiting-1, 0)
		f.starting = slices.DeleteFunc(f.starting, func(p int) bool { return p == pid })
		f.first(&f.Ready, &f.ReadyLine, at, l.number)
	case evFailed:
		f.waiting = max(f.waiting-1, 0)
	case evRunning:
		// With --workers the parent prints this before any worker is up.
		if f.Started != nil {
			f.first(&f.Ready, &f.ReadyLine, at, l.number)
		}
	case evRecycle:
		f.recycle, f.Recycled = true, true
	case evFinished, evAllFinished:
		f.Finished = &at
		f.finished = append(f.finished, pid)
		f.finished = f.finished[max(len(f.finished)-maxPIDs, 0):]
	default:
		f.stop(m.event, at)
	}
}

// boots follows gunicorn's workers from their fork to the first word of the server in them.
func (f *life) boots(server string, pid int) {
	f.booting = slices.DeleteFunc(f.booting, func(p int) bool { return p == pid })
	switch {
	case server == "gunicorn" && f.announce && pid > 0 && len(f.booting) < maxPIDs:
		f.booting = append(f.booting, pid)
	case server == "uvicorn":
		f.up = true
	}
}

// stop handles the lines that end with the server going down.
func (f *life) stop(e event, at time.Time) {
	var line int
	f.first(&f.Draining, &line, at, 0)
	f.stopped = true
	if e == evStop || e == evStopAll && !f.recycle {
		f.StopRequested = true
	}
}

func (f *life) first(t **time.Time, line *int, at time.Time, number int) {
	if *t == nil {
		*t, *line = &at, number
	}
}

func (f *life) addPID(pid int) {
	if pid > 0 && len(f.ServerPIDs) < maxPIDs && !slices.Contains(f.ServerPIDs, pid) {
		f.ServerPIDs = append(f.ServerPIDs, pid)
	}
}

// pidMarkers stand before the process id in the lines of the servers.
var pidMarkers = []string{"(pid:", "with pid: ", "with pid ", "process [", "pid: ", " pid:"}

// messagePID returns the process that a message names, else that of its prefix.
func messagePID(p prefix.Line) int {
	head := p.Msg[:min(len(p.Msg), 128)]
	for _, m := range pidMarkers {
		i := bytes.Index(head, []byte(m))
		if i < 0 {
			continue
		}
		rest := strings.TrimLeft(string(head[i+len(m):]), " ")
		end := 0
		for end < len(rest) && lex.IsDigit(rest[end]) {
			end++
		}
		if n, ok := lex.Number(rest[:end]); ok {
			return n
		}
	}
	return p.PID
}
