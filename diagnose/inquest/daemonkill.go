package inquest

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// DaemonKill is what a daemon that kills for lack of memory (systemd-oomd, earlyoom, nohang) wrote about a kill that
// ended the life. No kernel's line tells of it, nor the engine.
type DaemonKill struct {
	kernellog.Trouble
	Match NameMatch // how the killed process is tied to the container; MatchName where the line names its group
	Group bool      // it does
}

// How long before the end the daemon's line may be, and how long after: earlyoom writes before its SIGTERM, which has
// ten seconds, systemd-oomd and PID 1 once the group is dead.
const (
	daemonBefore = 15 * time.Second
	daemonAfter  = 5 * time.Second
)

// daemonKill returns the line that is tied best; nil where none is.
func daemonKill(e *evidence.Evidence, life *evidence.Life) *DaemonKill {
	if e.Kernel.Log == nil || life.End == nil {
		return nil
	}
	var best *DaemonKill
	for _, t := range e.Kernel.Log.Trouble {
		if t.Kind != kernellog.TroubleOOMDKill || t.At == nil {
			continue
		}
		if late := life.End.Sub(*t.At); late > daemonBefore || late < -daemonAfter {
			continue
		}
		d := DaemonKill{Trouble: t, Match: matchOf(e.Spec, t.Comm)}
		if t.Container != nil {
			if d.Group = t.Container.ID == idOf(e, life); !d.Group {
				continue
			}
			d.Match = MatchName
		}
		if d.Match > MatchTime && (best == nil || d.Group && !best.Group || d.Match > best.Match) {
			best = &d
		}
	}
	return best
}
