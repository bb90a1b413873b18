package inquest

import (
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// SteadyStopped is the signature of a line that came like a clock and does not any more.
const SteadyStopped = "steady-line-stopped"

// viewOf is the view inside; of a line that stopped, it is told whether what goes on has another clock.
func viewOf(e *evidence.Evidence, log LogSigns) inside.View {
	stopped := log.LogHas(SteadyStopped)
	return inside.ViewOf(e, stopped != nil && stopped.Independent)
}

// withWorker makes of a line that stopped no more than the look inside allows: where all that the service has is seen
// to live and to wait for work, it is a hint.
func (s LogSigns) withWorker(w inside.Worker) LogSigns {
	if w != inside.WorkerIdle {
		return s
	}
	return s.edited(func(f *servicelog.Finding) {
		if f.ID == SteadyStopped {
			f.Strength = fact.Weak
		}
	})
}

// LineStopped is a line that came like a clock and stopped, while what printed it is seen to have no work at most;
// nil = none did.
func (c Case) LineStopped() *servicelog.Finding {
	if f := c.LogHas(SteadyStopped); f != nil && c.Worker == inside.WorkerIdle && c.Alive() {
		return f
	}
	return nil
}
