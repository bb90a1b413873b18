package inquest

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
)

// toilsFor is how many of its usual gaps a log must have been silent before work at one line is more than a long piece
// of it.
const toilsFor = 20

// Toils returns the program's line at which a thread computed at both looks, where the log has been silent for much
// longer than it is used to, and for how long: a regular expression that backtracks, a loop without an end; nil = none
// does. A long piece of work looks the same.
func (c Case) Toils() (at *evidence.Frame, silent time.Duration) {
	if !c.Alive() || c.Inside == nil || c.Inside.Looks < 2 || c.Log == nil || c.Log.UsualGap <= 0 ||
		c.Log.LastAt.IsZero() {
		return nil, 0
	}
	if silent = c.Now.Sub(c.Log.LastAt); silent < max(freshLine, toilsFor*c.Log.UsualGap) {
		return nil, 0
	}
	for _, p := range c.Inside.Processes {
		for _, t := range p.Threads {
			if own := inside.NewestOwn(t.Frames); t.State == "R" && !t.Moves && len(t.Earlier) == 0 && own != nil {
				return own, silent
			}
		}
	}
	return nil, 0
}
