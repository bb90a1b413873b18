package servicelog

// State tells how far a server has come in its life, by its own words.
type State string

// The states.
const (
	StateUnknown  State = "unknown" // no line of a server that is known
	StateStarting State = "starting"
	StateReady    State = "ready"
	StateFailed   State = "startup-failed"
	StateDraining State = "draining" // going down, and not done
	StateFinished State = "finished"
)

// advance moves the state on. Where a parent leads workers, the end of one worker is not the server's.
func (f *life) advance(e event) {
	switch e {
	case evParent, evStarted, evWaiting:
		if f.State != StateReady && f.State != StateDraining {
			f.State = StateStarting
		}
	case evReady:
		f.State = StateReady
	case evRunning:
		if f.Started != nil && f.waiting == 0 {
			f.State = StateReady
		}
	case evFailed:
		if f.State != StateReady {
			f.State = StateFailed
		}
	case evStop:
		f.State = StateDraining
	case evStopAll, evDraining:
		if !f.led {
			f.State = StateDraining
		}
	case evFinished:
		if !f.led {
			f.State = StateFinished
		}
	case evAllFinished:
		f.State = StateFinished
	}
}

// served notes that a request was answered: a server whose own loggers are off shows its readiness by that alone.
func (f *life) served() {
	if f.State == StateStarting || f.State == StateUnknown {
		f.State = StateReady
	}
}

// Unsaid lists what the server would have printed if its life had gone on in order, and did not. ended tells that the
// run is over. Hypercorn prints nothing on stop, ever, so nothing is missing there (docs/notes/PYTHON.md#0).
func (l *Lifecycle) Unsaid(ended bool) []string {
	farewell := map[string]string{"uvicorn": "Finished server process", "gunicorn": "Shutting down: Master"}[l.Server]
	switch {
	case l.State == StateStarting && l.Server == "uvicorn":
		return []string{"Application startup complete."}
	case !ended || farewell == "":
		return nil
	case l.State == StateReady && l.Server == "uvicorn":
		return []string{"Shutting down", farewell}
	case l.State == StateReady:
		return []string{"Handling signal", farewell}
	case l.State == StateDraining:
		return []string{farewell}
	}
	return nil
}
