package diagnose

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/kernellog"
)

// killsOf returns the OOM kills of this container in the examined run. The same
// id lives on across restarts, so the time decides which run it was.
func killsOf(c *evidence.Case) []kernellog.Kill {
	var kills []kernellog.Kill
	for _, k := range c.Kernel.KillsOf(c.Target.ID) {
		if k.At != nil && c.Run.Contains(*k.At, kernelSlack) {
			kills = append(kills, k)
		}
	}
	return kills
}

// crashesOf returns the kernel's crash lines that may be this container's. They
// carry no cgroup (KERNEL-LOG.md 2, trap 8), so each match states its ground: the
// same second as a fault's exit and a command that fits, or a worker's crash that
// the service's own log reports in the same second.
func crashesOf(c *evidence.Case) []evidence.Crash {
	if c.Kernel.Log == nil || c.Run == nil {
		return nil
	}
	var list []evidence.Crash
	for _, k := range c.Kernel.Log.Crashes {
		if k.At == nil || !c.Run.Contains(*k.At, kernelSlack) {
			continue
		}
		if why := crashGround(c, k); why != "" {
			list = append(list, evidence.Crash{Crash: k, Why: why})
		}
	}
	return list
}

func crashGround(c *evidence.Case, k kernellog.Crash) string {
	if c.Death.EndedBy == evidence.EndedByOwnSignal && c.Death.At != nil {
		if gap := k.At.Sub(*c.Death.At); gap.Abs() <= time.Second && commandFits(c, k.Comm) {
			return fmt.Sprintf("same command, %.1f s from the end", gap.Abs().Seconds())
		}
		return ""
	}
	for _, f := range c.LogFindings("worker-crash") {
		if (f.At.Sub(*k.At).Abs() <= 2*time.Second || f.LastAt.Sub(*k.At).Abs() <= 2*time.Second) && commandFits(c, k.Comm) {
			return "same command, and the service's log reports a dead worker in the same second"
		}
	}
	return ""
}

// commandFits tells whether a kernel comm (at most 15 bytes) can be a process of
// this container: the base name of a word of its command, or an interpreter that
// runs it.
func commandFits(c *evidence.Case, comm string) bool {
	if c.Container == nil || comm == "" {
		return false
	}
	const commLen = 15 // TASK_COMM_LEN less its NUL
	for i, word := range c.Container.Command {
		if i > 8 {
			break
		}
		for _, part := range strings.Fields(word) { // shell form: sh -c "python app.py"
			base := part[strings.LastIndexByte(part, '/')+1:]
			if base == comm || len(base) > commLen && base[:commLen] == comm {
				return true
			}
		}
	}
	return strings.HasPrefix(comm, "python") || strings.HasPrefix(comm, "gunicorn")
}
