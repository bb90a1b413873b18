package host

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/procfs"
)

const (
	killRounds = 120 // of 5 ms
	killGently = 80  // rounds in which parents are spared, so that they reap
	killPause  = 5 * time.Millisecond
	maxEnviron = 1 << 20
)

// Sweep kills the processes of the exec whose first process is leader, and those
// that carry the mark, children before parents and one child of a parent at a time:
// an orphan whose new parent is a PID 1 that does not reap would stay behind as a
// zombie, while its own shell reaps it. It returns how many it killed.
func (c Processes) Sweep(leader int, mark string) int {
	killed := map[int]bool{}
	for round := range killRounds {
		list := c.marked(leader, mark)
		living := slices.DeleteFunc(slices.Clone(list), func(p procfs.ProcStat) bool { return p.State == "Z" })
		if len(living) == 0 {
			break
		}
		next := living
		if round < killGently {
			next = ripe(list, living)
		}
		for _, p := range next {
			if c.killProcess(p.PID) == nil {
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

// marked lists the processes of a probe by pid: those of the exec's own
// session, zombies too, and those whose environment carries the mark.
func (c Processes) marked(leader int, mark string) []procfs.ProcStat {
	var list []procfs.ProcStat
	for _, p := range c.members(context.Background()) {
		if p.PID != c.PID && (leader > 0 && p.Session == leader || c.carries(p.PID, mark)) {
			list = append(list, p)
		}
	}
	return list
}

// carries tells whether a process has a mark, NAME=value, in its environment.
func (c Processes) carries(pid int, mark string) bool {
	environ, err := ReadCapped(filepath.Join(c.ProcRoot, strconv.Itoa(pid), "environ"), maxEnviron)
	return err == nil && (bytes.HasPrefix(environ, []byte(mark)) || bytes.Contains(environ, append([]byte{0}, mark...)))
}
