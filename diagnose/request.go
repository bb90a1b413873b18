package diagnose

import (
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

// A program that handles its signal ends within its own shutdown time. Without a
// stop event to prove the connection, a signal older than this is not taken as
// what ended the run.
const signalReach = 30 * time.Second

// requestOf finds the stop, kill or restart that ended the run, nil where none
// was recorded.
func requestOf(c *evidence.Case) *evidence.StopRequest {
	kills, die := terminalKills(c)
	if len(kills) == 0 {
		return requestFromFlag(c)
	}
	end := lastMoment(c.Run, die)
	stopped := followed(c, "stop", end)
	lastKill := kills[len(kills)-1]
	if !stopped && end.Sub(lastKill.At) > signalReach {
		return nil
	}
	first := kills[0]
	r := &evidence.StopRequest{At: first.At, Signal: sigterm, Kind: "docker kill"}
	if first.Signal != nil {
		r.Signal = *first.Signal
	}
	if len(kills) > 1 {
		r.Escalated, r.Grace = true, lastKill.At.Sub(first.At)
	}
	switch {
	case followed(c, "restart", end):
		r.Kind, r.Restart = "docker restart", true
	case stopped:
		r.Kind = "docker stop"
	case followed(c, "destroy", end):
		r.Kind = "docker rm -f"
	}
	r.Unhealthy = unhealthyBefore(c, r.At)
	return r
}

// terminalKills returns the run's kill events that can have ended it, and its
// die event. A HUP or USR1 is a message, not an end, unless the exit code says
// that it killed.
func terminalKills(c *evidence.Case) (kills []evidence.Event, die *evidence.Event) {
	for i, ev := range c.Run.Events {
		switch ev.Action {
		case "die", "died":
			return kills, &c.Run.Events[i]
		case "kill":
			if terminal(c, ev) {
				kills = append(kills, ev)
			}
		}
	}
	return kills, nil
}

func terminal(c *evidence.Case, ev evidence.Event) bool {
	if ev.Signal == nil { // hidden by a label of that name
		return true
	}
	n := *ev.Signal
	if n == sigkill || n == sigterm || n == stopSignal(c.Container) {
		return true
	}
	return c.Run.ExitCode != nil && *c.Run.ExitCode == 128+n
}

func stopSignal(c *evidence.Container) int {
	if c == nil || c.StopSignal == "" {
		return sigterm
	}
	n, _ := exitcode.SignalNumber(strings.ToUpper(c.StopSignal))
	return n
}

func lastMoment(r *evidence.Run, die *evidence.Event) time.Time {
	if die != nil {
		return die.At
	}
	if r.End != nil {
		return *r.End
	}
	return time.Time{}
}

// followed tells whether an event of that action came within 10 s after the end:
// stop follows its die, restart follows the next start.
func followed(c *evidence.Case, action string, end time.Time) bool {
	for _, ev := range c.Events.Between(end, end.Add(10*time.Second)) {
		if ev.Action == action {
			return true
		}
	}
	return false
}

// requestFromFlag uses the engine's state file where the ring has lost the
// events: somebody used the API on this container, and the exit code is one that
// a stop leaves. After another exit code the flag may speak of a harmless HUP.
func requestFromFlag(c *evidence.Case) *evidence.StopRequest {
	asked := c.StateFile.HasBeenManuallyStopped
	if asked == nil || !*asked || c.LaterRuns > 0 || recorded(c) || c.Run.ExitCode == nil || c.Run.End == nil {
		return nil
	}
	switch *c.Run.ExitCode {
	case 0, 130, 137, 143:
		r := &evidence.StopRequest{Kind: "a stop or kill through the engine", At: *c.Run.End, Signal: sigterm}
		r.Unhealthy = unhealthyBefore(c, r.At)
		return r
	}
	return nil
}

// unhealthyBefore returns when the engine had turned the container unhealthy
// before the given moment, if it had not recovered by then.
func unhealthyBefore(c *evidence.Case, at time.Time) *time.Time {
	if c.Unhealthy == nil || c.Unhealthy.After(at) {
		return nil
	}
	return c.Unhealthy
}
