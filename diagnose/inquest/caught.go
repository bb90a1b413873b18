package inquest

import (
	"path"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// ofMain tells whether the program that a container runs as its main process printed a traceback: the interpreter's
// first frame is the file that the command line names.
func ofMain(spec *evidence.Spec, f servicelog.Finding) bool {
	if spec == nil || spec.ShellPID1() || f.Exception == nil || len(f.Exception.Frames) == 0 {
		return false
	}
	first := f.Exception.Frames[0].File
	return slices.ContainsFunc(spec.Command, func(word string) bool {
		word = path.Clean(word)
		return word == first || strings.HasSuffix(first, "/"+word)
	})
}

// withCaught takes back that an exception ended the main program where that went on to print, and ended with success:
// the interpreter leaves with 1 behind an exception that nobody caught.
func (s LogSigns) withCaught(spec *evidence.Spec, x Examined) LogSigns {
	if s.Log == nil || x.Life == nil || x.Life.ExitCode == nil || *x.Life.ExitCode != 0 || len(s.Log.Tail) == 0 {
		return s
	}
	last := s.Log.Tail[len(s.Log.Tail)-1]
	words := s.Log.LastWords
	s = s.edited(func(f *servicelog.Finding) {
		if f.ID != "startup-exception" && f.ID != Unclassified || f.LastLine >= last.Number || !ofMain(spec, *f) {
			return
		}
		f.ID, f.Cause = Unclassified, ""
		if words != nil && f.Line <= words.Number && words.Number <= f.LastLine {
			words = &servicelog.LastWords{Line: last}
		}
	})
	s.Log.LastWords = words // of the copy
	return s
}

// noTemporaryFolder is the signature of a program that finds no folder for temporary files that it can write to.
const noTemporaryFolder = "no-temporary-folder"

// withWritable takes back that a file system is read-only where only the want of a folder for temporary files tells of
// it, and the container's own settings do not: a full disk, or folders of another user, look the same.
func (s LogSigns) withWritable(spec *evidence.Spec) LogSigns {
	if spec == nil || spec.ReadonlyRoot {
		return s
	}
	return s.edited(func(f *servicelog.Finding) {
		if f.ID == noTemporaryFolder {
			f.Strength = fact.Weak
		}
	})
}

// withImport tells of workers that gunicorn kills while they import the program, where one is seen at it: sync workers
// never say that they have come up, so the log alone reads like requests that hang.
func (s LogSigns) withImport(e *evidence.Evidence) LogSigns {
	if s.Log == nil || s.Log.Accesses > 0 {
		return s
	}
	if _, yes := importing(e.Inside); !yes {
		return s
	}
	return s.edited(func(f *servicelog.Finding) {
		if f.ID == "gunicorn-worker-timeout" {
			f.Become("gunicorn-boot-timeout")
		}
	})
}

// ownWatchdog is the signature of a dump that faulthandler makes as its time is up.
const ownWatchdog = "faulthandler-timeout"

// watchdogCode is what faulthandler leaves with where it is told to (dump_traceback_later(…, exit=True): _exit(1)).
const watchdogCode = 1

// withWatchdog tells of a program whose own watchdog ended it: faulthandler dumped its threads, nothing was printed
// after them, and it left with the watchdog's code right then. Where it went on, the dump is of a moment that is over.
func (s LogSigns) withWatchdog(x Examined) LogSigns {
	if s.Log == nil || x.Life == nil || x.Life.End == nil || x.Life.ExitCode == nil || *x.Life.ExitCode != watchdogCode {
		return s
	}
	f := s.LogHas(ownWatchdog)
	if f == nil || f.LastAt.IsZero() || x.Life.End.Sub(f.LastAt).Abs() > KernelSlack || s.saidAfterDump(f.LastLine) {
		return s
	}
	return s.edited(func(f *servicelog.Finding) {
		if f.ID == ownWatchdog {
			f.Cause, f.Other, f.Strength = "", fact.WatchdogKill, fact.Conclusive
		}
	})
}

// saidAfterDump tells whether anything but the threads of a dump stands behind its first line.
func (s LogSigns) saidAfterDump(line int) bool {
	return slices.ContainsFunc(s.Log.Tail, func(l servicelog.Line) bool {
		return l.Number > line && !strings.HasPrefix(l.Text, "Thread 0x") &&
			!strings.HasPrefix(l.Text, "Current thread 0x") && !servicelog.Struggles(l.Text)
	})
}
