package servicelog

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

const (
	// startupTime is how long after its start a program that names no readiness is taken to be starting still. Imports and
	// first connections take seconds; whoever works for longer has begun its work.
	startupTime = 30 * time.Second
	// startupLines replaces it in logs without times.
	startupLines = 200
)

// judgeStartup reports an exception that ended the program, or a worker, before it had come up: whatever starter it was
// (uvicorn, gunicorn, hypercorn, celery, python -m, python main.py), what the interpreter ran was the application's
// module-level code, or the program's first seconds.
func (s *runScan) judgeStartup(j *judged, head *sighting) {
	if j.prefixed && s.life.Ready == nil && !s.life.stopped {
		s.startExc = j.exc // a cut traceback above "Application startup failed."
	}
	if s.up() || exits(j.exc) || readerLeft(j.exc) || !s.uncaught(j, head) {
		return
	}
	strength := s.startupStrength(j, head)
	if strength == "" {
		return
	}
	if id := settingLacks(j.exc); id != "" {
		s.emit(j, id)
	}
	if !slices.ContainsFunc(j.ids, hasCause) {
		s.emitAs(j, "startup-exception", strength)
	}
}

// readerLeft tells whether what read the program's output is gone, as `program | head` does: it had written before.
func readerLeft(e *traceback.Exception) bool {
	return e.Type == "BrokenPipeError" && len(e.Frames) > 0 && traceback.IsApp(e.Frames[len(e.Frames)-1].File)
}

// hasCause tells whether a signature says more closely which of the ten causes an exception stands for.
func hasCause(id string) bool { return signature.ByID()[id].Cause != "" }

// up tells whether the server has said, or shown, that it serves. gunicorn's sync workers never say so. Of a program
// with words of its own, those count, and that it answered a request.
func (s *runScan) up() bool {
	if s.life.Server == "" && (s.serving || s.templates.access.n > 0) {
		return true
	}
	return s.life.Ready != nil || s.life.State == StateReady && s.life.Server != "gunicorn"
}

// uncaught tells a traceback that the interpreter printed as it gave up, or a server that lost its worker to it, from
// one that somebody caught and logged: only the former reaches down to where the program began.
func (s *runScan) uncaught(j *judged, head *sighting) bool {
	if head != nil {
		return head.sig.ID == "gunicorn-worker-exception" || head.sig.ID == "worker-process-exception"
	}
	if len(j.exc.Frames) == 0 || j.prefixed {
		return false
	}
	outermost := j.exc.Frames[0]
	switch outermost.Function {
	case "<module>":
		// python -c is no service, but what it lacks it lacks
		return !strings.HasPrefix(outermost.File, "<") || settingLacks(j.exc) != ""
	case "_run_module_as_main", "spawn_main", "_bootstrap", "convert", // celery's -A
		"get_config_from_filename": // gunicorn's -c
		return true
	}
	return false
}

// startupStrength tells how sure it is that the exception came while starting; "" where it did not.
func (s *runScan) startupStrength(j *judged, head *sighting) fact.Strength {
	switch {
	case loading(j.exc, traceback.IsApp):
		return fact.Conclusive
	case head == nil && s.early(j) && loading(j.exc, anyFile):
		return fact.Conclusive // a library that cannot be imported; later it may be one that is imported when it is needed
	case head != nil:
		return "" // a worker that had been at work
	case s.life.Started != nil, s.early(j) && starterFailed(j.exc):
		return fact.Conclusive
	case s.early(j) && (len(j.others) > 0 || settingLacks(j.exc) != "" || atTopLevel(j.exc)):
		return fact.Strong
	}
	return "" // a job that ran for a second and failed looks the same
}

// atTopLevel tells whether the innermost code of the application is a module's own: what a program does before it
// works.
func atTopLevel(e *traceback.Exception) bool {
	for _, f := range slices.Backward(e.Frames) {
		if traceback.IsApp(f.File) {
			return f.Function == "<module>"
		}
	}
	return false
}

// loaders are the functions by which servers import an application.
var loaders = []string{"import_from_string", "load_wsgi", "import_app", "load_wsgiapp", "load_application",
	"find_app", "import_module", "_find_and_load", "_call_with_frames_removed", "_gcd_import"}

func anyFile(string) bool { return true }

// loading tells whether the exception came while a module of some kind was imported: its own top level, or what that
// called.
func loading(e *traceback.Exception, kind func(string) bool) bool {
	at := slices.IndexFunc(e.Frames, func(f traceback.Frame) bool { return slices.Contains(loaders, f.Function) })
	if at < 0 {
		// A module that was imported by a plain import statement: a second <module> above the first.
		at = slices.IndexFunc(e.Frames, func(f traceback.Frame) bool { return f.Function == "<module>" })
		if at < 0 {
			return false
		}
	}
	return slices.ContainsFunc(e.Frames[at+1:], func(f traceback.Frame) bool {
		return f.Function == "<module>" && kind(f.File)
	})
}

// early tells whether a program of which no server's lines are known is in its first seconds. A batch that has printed
// one and the same line twenty times has begun its work, however short its life.
func (s *runScan) early(j *judged) bool {
	if s.templates.steady() || s.templates.working() || s.templates.worked() {
		return false
	}
	from := s.run.Start
	if from.IsZero() {
		from = s.run.FirstAt
	}
	if from.IsZero() || j.at.IsZero() {
		return j.tb.line <= startupLines
	}
	return j.at.Sub(from) <= startupTime
}

// settingLacks returns the signature of an exception that says which setting is missing, "" for others.
func settingLacks(e *traceback.Exception) string {
	switch {
	case e.Type == "KeyError" && (hasFrame(e, "/os.py", "__getitem__") || hasFrame(e, "<frozen os>", "__getitem__")):
		return "environment-missing"
	case strings.HasSuffix(e.Type, "ValidationError") && strings.Contains(e.Message, " validation error"):
		return "settings-invalid"
	}
	return ""
}

func (s *runScan) emitAs(j *judged, id string, strength fact.Strength) {
	g := s.derive(id, j.at, j.tb.ExcLine, j.tb.Excerpt, j.exc)
	g.strength = strength
	s.commit(g)
	j.claimed = true
}
