package collect

import (
	"context"
)

// Ending a probe means all of it: the engine itself kills the first process only
// and so leaves an orphan behind for each timed-out shell check (HEALTH.md B2).

// end kills the processes of one exec, and of nothing else.
func (run *execRun) end(ctx context.Context) {
	state, err := run.state(ctx)
	if err == nil && run.here != nil {
		run.killed.Add(int64(run.here.sweep(state.Pid, run.mark)))
		return
	}
	run.sweepInside(ctx, run.mark)
}

// sweepAll ends whatever any probe of this replay has left: children that a check
// put into the background.
func (x *execProber) sweepAll(ctx context.Context) {
	if x.serial.Load() == 0 {
		return
	}
	if x.here != nil {
		x.killed.Add(int64(x.here.sweep(0, markerName+"="+x.marker+".")))
		return
	}
	x.sweepInside(ctx, markerName+"="+x.marker+".")
}

// sweepScript kills what carries a mark from inside the container, for engines on
// another machine. It needs a shell and grep in the image. Its own environment
// carries none, and $0 keeps the mark out of its own.
const sweepScript = `for p in /proc/[0-9]*; do tr '\0' '\n' <$p/environ 2>/dev/null | grep -q "^$0" && kill -9 ${p#/proc/} 2>/dev/null && echo; done`

// sweepInside sends a second exec to end the first.
func (x *execProber) sweepInside(ctx context.Context, mark string) {
	id, err := x.engine.ExecCreate(ctx, x.container, execCommand{
		Cmd: []string{"/bin/sh", "-c", sweepScript, mark}, User: x.command.User, AttachStdout: true,
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
			x.killed.Add(1)
		}
	}
}
