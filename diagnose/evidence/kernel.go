package evidence

import (
	"bytes"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/kernellog"
)

// Kernel is the kernel log, parsed. Log is nil where none was read.
type Kernel struct {
	Log  *kernellog.Log
	From *time.Time // the log reaches back to here; nil = unknown
}

// Covers tells whether the log reaches back to at.
func (k Kernel) Covers(at time.Time) bool { return k.Log != nil && k.From != nil && !k.From.After(at) }

// KillsOf returns the OOM kills whose victim lived in the container's cgroup.
// The log is searched by container id, never by pid: pids are reused and the
// victim's is the host's. A kill whose container is only guessed (from the group of
// the task that asked for memory) proves nothing here.
func (k Kernel) KillsOf(id string) []kernellog.Kill {
	var kills []kernellog.Kill
	if k.Log == nil || id == "" {
		return nil
	}
	for _, kill := range k.Log.Kills {
		if kill.Container != nil && kill.Container.ID == id && kill.Attribution != kernellog.AttributionGuess {
			kills = append(kills, kill)
		}
	}
	return kills
}

func readKernel(b *bundle.Bundle) Kernel {
	data, ok := b.File(bundle.FileKmsg)
	if !ok {
		if data, ok = b.File(bundle.FileJournal); !ok {
			return Kernel{}
		}
	}
	var boot time.Time
	if clock := readJSON[bundle.Clock](b, bundle.FileClock); clock != nil {
		boot = clock.Boot
	}
	log, err := kernellog.Read(bytes.NewReader(data), kernellog.Options{Boot: boot})
	if log == nil || (err != nil && len(log.Kills) == 0) {
		return Kernel{}
	}
	return Kernel{Log: log, From: b.Source(bundle.SourceKernelLog).From}
}
