package collect

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/procfs"
)

// Ending a probe means all of it: the engine itself kills the first process only
// and so leaves an orphan behind for each timed-out shell check (HEALTH.md B2).

const (
	killRounds = 120 // of 5 ms
	killGently = 80  // rounds in which parents are spared, so that they reap
	killPause  = 5 * time.Millisecond
	maxEnviron = 1 << 20
)

// end kills the processes of one exec, and of nothing else.
func (run *execRun) end(ctx context.Context) {
	state, err := run.state(ctx)
	if err == nil && run.host(ctx).here {
		run.killed.Add(int64(run.sweep(state.Pid, run.mark)))
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
	if x.host(ctx).here {
		x.killed.Add(int64(x.sweep(0, markerName+"="+x.marker+".")))
		return
	}
	x.sweepInside(ctx, markerName+"="+x.marker+".")
}

// sweep kills the processes of the exec whose first process is leader, and those
// that carry the mark, children before parents and one child of a parent at a time:
// an orphan whose new parent is a PID 1 that does not reap would stay behind as a
// zombie, while its own shell reaps it. It returns how many it killed.
func (x *execProber) sweep(leader int, mark string) int {
	killed := map[int]bool{}
	for round := range killRounds {
		list := x.probeProcesses(leader, mark)
		living := slices.DeleteFunc(slices.Clone(list), func(p procfs.ProcStat) bool { return p.State == "Z" })
		if len(living) == 0 {
			break
		}
		next := living
		if round < killGently {
			next = ripe(list, living)
		}
		for _, p := range next {
			if x.killProcess(p.PID) == nil {
				killed[p.PID] = true
			}
		}
		time.Sleep(killPause)
	}
	return len(killed)
}

// ripe picks of each parent's children the first that is alive and has none of its
// own alive, unless the parent still has a dead one to reap. Both lists are by pid.
func ripe(list, living []procfs.ProcStat) []procfs.ProcStat {
	busy := map[int]bool{} // parents that have a child to reap, or one that was picked
	parents := map[int]bool{}
	for _, p := range list {
		busy[p.PPID] = busy[p.PPID] || p.State == "Z"
	}
	for _, p := range living {
		parents[p.PPID] = true
	}
	var picked []procfs.ProcStat
	for _, p := range living {
		if !parents[p.PID] && !busy[p.PPID] {
			busy[p.PPID] = true
			picked = append(picked, p)
		}
	}
	return picked
}

// probeProcesses lists the processes of a probe by pid: those of the exec's own
// session, zombies too, and those whose environment carries the mark.
func (x *execProber) probeProcesses(leader int, mark string) []procfs.ProcStat {
	fs, err := procfs.NewFS(x.ProcRoot)
	if err != nil {
		return nil
	}
	view := procView{session: x.session, fs: fs}
	var list []procfs.ProcStat
	for _, p := range view.members(context.Background()) {
		if p.PID != x.subject.PID && (leader > 0 && p.Session == leader || x.marked(p.PID, mark)) {
			list = append(list, p)
		}
	}
	return list
}

func (x *execProber) marked(pid int, mark string) bool {
	environ, err := readCapped(filepath.Join(x.ProcRoot, strconv.Itoa(pid), "environ"), maxEnviron)
	return err == nil && (bytes.HasPrefix(environ, []byte(mark)) || bytes.Contains(environ, append([]byte{0}, mark...)))
}

// sweepScript kills what carries a mark from inside the container, for engines on
// another machine. It needs a shell and grep in the image. Its own environment
// carries none, and $0 keeps the mark out of its own.
const sweepScript = `for p in /proc/[0-9]*; do tr '\0' '\n' <$p/environ 2>/dev/null | grep -q "^$0" && kill -9 ${p#/proc/} 2>/dev/null && echo; done`

// sweepInside sends a second exec to end the first.
func (x *execProber) sweepInside(ctx context.Context, mark string) {
	id, err := x.engine.execCreate(ctx, x.subject.ID, execCommand{
		Cmd: []string{"/bin/sh", "-c", sweepScript, mark}, User: x.command.User, AttachStdout: true,
	})
	if err != nil {
		return
	}
	stream, err := x.engine.execStart(ctx, id)
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
