package inside

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// Route is a handler of the program that answers health checks, and waits.
type Route struct {
	Handler evidence.Frame
	In      evidence.Frame   // the call in which it waits
	Frames  []evidence.Frame // its whole stack, newest first
	Wait    *evidence.Wait   // of a thread; nil = a task waits, or that is not shown
	Pool    string           // the pool that it waits for; "" = none that is known
	Count   int              // how many wait alike
}

// pending is the state of a task that waits.
const pending = "pending"

// checks are the names by which programs call what answers health checks (docs/notes/HEALTH.md).
var checks = strings.Fields("health healthz healthcheck health_check get_health check_health ready readyz readiness " +
	"live livez liveness alive")

// healthHandler finds the program's own call that answers health checks.
func healthHandler(frames []evidence.Frame) (evidence.Frame, bool) {
	for _, f := range frames {
		if Own(f) && slices.Contains(checks, strings.ToLower(lastName(f.Function))) {
			return f, true
		}
	}
	return evidence.Frame{}, false
}

// addRoutes keeps the tasks and threads in which a health check's handler waits. A thread that runs an event loop is
// told as such.
func (v *View) addRoutes(p *evidence.InsideProcess) {
	for _, t := range p.Tasks {
		handler, ok := healthHandler(t.Frames)
		if !ok || t.State != pending {
			continue
		}
		v.Routes = append(v.Routes, Route{Handler: handler, In: t.Frames[0], Frames: t.Frames,
			Pool: poolAwaited(p, t), Count: t.Count})
	}
	for _, t := range p.Threads {
		handler, ok := healthHandler(t.Frames)
		if _, loop := aboveLoop(t.Frames); !ok || loop || t.Wait == nil || t.Still == nil || !*t.Still {
			continue
		}
		v.Routes = append(v.Routes, Route{Handler: handler, In: t.Frames[0], Frames: t.Frames,
			Wait: t.Wait, Count: 1})
	}
}

// poolAwaited is the class of the pool that a task waits for; "" = none that is known.
func poolAwaited(p *evidence.InsideProcess, t evidence.InsideTask) string {
	for _, pool := range p.Pools {
		if slices.ContainsFunc(pool.Waiting, func(name string) bool { return slices.Contains(t.Names, name) }) {
			return pool.Class
		}
	}
	return ""
}
