package probe

import (
	"context"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
)

// Ending a probe means all of it: the engine itself kills the first process only
// and so leaves an orphan behind for each timed-out shell check (docs/notes/HEALTH.md#b2).

// end kills the processes of one exec, and of nothing else.
func (run *execRun) end(ctx context.Context) {
	state, err := run.state(ctx)
	if err == nil && run.here != nil {
		run.Killed.Add(int64(run.here.Sweep(state.Pid, run.mark)))
		return
	}
	run.sweepInside(ctx, run.mark)
}

// SweepAll ends whatever any probe of this replay has left: children that a check
// put into the background.
func (x *Exec) SweepAll(ctx context.Context) {
	if x.serial.Load() == 0 {
		return
	}
	if x.here != nil {
		x.Killed.Add(int64(x.here.Sweep(0, MarkerName+"="+x.marker+".")))
		return
	}
	x.sweepInside(ctx, MarkerName+"="+x.marker+".")
}

// SweepScript kills what carries a mark from inside the container, for engines on
// another machine. It needs a shell and grep in the image. Its own environment
// carries none, and $0 keeps the mark out of its own.
const SweepScript = `for p in /proc/[0-9]*; do tr '\0' '\n' <$p/environ 2>/dev/null | grep -q "^$0" && kill -9 ${p#/proc/} 2>/dev/null && echo; done`

// sweepInside sends a second exec to end the first.
func (x *Exec) sweepInside(ctx context.Context, mark string) {
	id, err := x.engine.ExecCreate(ctx, x.container, docker.ExecCommand{
		Cmd: []string{"/bin/sh", "-c", SweepScript, mark}, User: x.command.User, AttachStdout: true,
	})
	if err != nil {
		return
	}
	stream, err := x.engine.ExecStart(ctx, id)
	if err != nil {
		return
	}
	defer stream.Close()
	var said outputHead
	said.read(stream)
	text, _ := said.text()
	for _, c := range text {
		if c == '\n' {
			x.Killed.Add(1)
		}
	}
}
