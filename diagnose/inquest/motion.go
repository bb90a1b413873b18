package inquest

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
)

// freshLine is how old a log's last line may be to show that the program goes on.
const freshLine = 10 * time.Second

// Motion tells whether anything of a living container was seen to move, or to wait for what will move it.
func (c Case) Motion() inside.Motion {
	fresh := c.Log != nil && !c.Log.LastAt.IsZero() && c.Now.Sub(c.Log.LastAt) <= max(freshLine, 3*c.Log.UsualGap)
	return inside.MotionOf(c.Inside, fresh)
}

// BlockedWriter is a living container's main thread, where it has long stood in a write; nil = it does not, or that is
// not known.
func (c Case) BlockedWriter() *evidence.InsideThread {
	if !c.Alive() {
		return nil
	}
	return inside.BlockedWriter(c.Inside)
}
