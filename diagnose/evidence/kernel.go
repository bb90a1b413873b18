package evidence

import (
	"bytes"
	"path"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// Kernel is the kernel log, parsed. Log is nil where none was read.
type Kernel struct {
	Log  *kernellog.Log
	From *time.Time // the log reaches back to here; nil = unknown
	// Around is a time before From that it holds as well: what the journal of whatever boot has around the container's
	// end; nil = nothing.
	Around *Span

	Dumping []int // lines of call traces that go through the writing of a core
}

// Covers tells whether the log reaches back to at, so that what is not in it did not happen then.
func (k Kernel) Covers(at time.Time) bool {
	if k.Log == nil {
		return false
	}
	around := k.Around != nil && !k.Around.From.After(at) && !k.Around.To.Before(at)
	return around || k.From != nil && !k.From.After(at)
}

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
		ours := kill.Container != nil && kill.Container.ID == id || ofChosenID(kill.TaskCgroup, id)
		if ours && kill.Attribution != kernellog.AttributionGuess {
			kills = append(kills, kill)
		}
	}
	return kills
}

// ofChosenID tells whether a group is that of a container whose id a person chose: ctr makes it /NAMESPACE/ID, which no
// path tells from other groups, unless one knows the id.
func ofChosenID(group, id string) bool {
	namespace, last := path.Split(group)
	return len(id) < 64 && last == id && strings.Count(namespace, "/") == 2
}

// ownGroup says of a kill in the group of a pod with one container that the container's own limit was hit: the pod's
// group has the same limit as its only container and holds the pause process, too, so it always trips first. What is
// above it (the QoS class, all pods) is the node's.
func (k Kernel) ownGroup(g *Group) {
	if k.Log == nil || g == nil || g.UID == "" || g.Containers != 1 {
		return
	}
	for i := range k.Log.Kills {
		kill := &k.Log.Kills[i]
		last := kill.LimitCgroup[strings.LastIndexByte(kill.LimitCgroup, '/')+1:]
		if kill.Scope == kernellog.ScopeOuterLimit && strings.Contains(strings.ReplaceAll(last, "_", "-"), "pod"+g.UID) {
			kill.Scope = kernellog.ScopeOwnLimit
		}
	}
}

// CrashAt tells whether any crash at all was logged within slack of a moment,
// whosever it was: the lines carry no container.
func (k Kernel) CrashAt(at time.Time, slack time.Duration) bool {
	if k.Log == nil {
		return false
	}
	for _, crash := range k.Log.Crashes {
		if crash.At != nil && crash.At.Sub(at).Abs() <= slack {
			return true
		}
	}
	return false
}

// dated tells whether the log was parsed and its records have times: without
// them, nothing can be said of any moment.
func (k Kernel) dated() bool { return k.Log != nil && (k.Log.To != nil || k.Around != nil) }

// crashWindow is the stretch in which the kernel prints ten lines of crashes and the like for the whole host and leaves
// the others out (printk_ratelimit with DEFAULT_RATELIMIT_BURST and DEFAULT_RATELIMIT_INTERVAL, ratelimit_types.h).
const crashWindow, crashBurst = 5 * time.Second, 10

// Suppressed tells whether the kernel may have left out the line of a crash at a moment: it does so after ten in the
// stretch before, or, where it says that it has done so at all, after any. What it left out at another time, a day of
// crashes ago, is no matter.
func (k Kernel) Suppressed(at time.Time) bool {
	if k.Log == nil {
		return false
	}
	noted, near := false, 0
	for _, n := range k.Log.Notes {
		if n.Kind == kernellog.NoteRecordsLost {
			return true
		}
		noted = noted || n.Kind == kernellog.NoteCrashesSuppressed
	}
	for _, c := range k.Log.Crashes {
		if c.At != nil && at.Sub(*c.At).Abs() <= crashWindow {
			near++
		}
	}
	return near >= crashBurst || noted && near > 0
}

func readKernel(b *bundle.Bundle) Kernel {
	data, ok := b.File(bundle.FileKmsg)
	if !ok {
		data, ok = b.File(bundle.FileJournal)
	}
	var k Kernel
	if ok {
		k = Kernel{Log: parseKernel(b, data), Dumping: dumpingLines(data),
			From: b.Source(fact.SourceKernelLog).From}
	}
	return k.withAround(b)
}

// parseKernel parses the text of a kernel log; nil where it is none.
func parseKernel(b *bundle.Bundle, data []byte) *kernellog.Log {
	var boot time.Time
	if clock := readJSON[Clock](b, bundle.FileClock); clock != nil {
		boot = clock.Boot
	}
	log, err := kernellog.Read(bytes.NewReader(data), kernellog.Options{Boot: boot, Live: true})
	if log == nil || (err != nil && len(log.Kills) == 0) {
		return nil
	}
	return log
}

// withAround puts what the journal has of the time around the container's end before the rest. Without a span it is
// what the daemons that kill for lack of memory wrote, and tells nothing of the kernel.
func (k Kernel) withAround(b *bundle.Bundle) Kernel {
	data, ok := b.File(bundle.FileAround)
	if !ok {
		return k.orNone()
	}
	older := parseKernel(b, data)
	if older == nil {
		return k.orNone()
	}
	k.Around = readJSON[Span](b, bundle.FileAroundSpan)
	if k.Log == nil {
		k.Log, k.Dumping, k.From = older, dumpingLines(data), nil
		return k
	}
	both := *k.Log
	both.Kills = joined(older.Kills, both.Kills, func(x kernellog.Kill) told { return tellsOf(x.BootSeconds, x.Excerpt) })
	both.Crashes = joined(older.Crashes, both.Crashes,
		func(x kernellog.Crash) told { return tellsOf(x.BootSeconds, x.Excerpt) })
	both.Trouble = joined(older.Trouble, both.Trouble,
		func(x kernellog.Trouble) told { return tellsOf(x.BootSeconds, x.Excerpt) })
	both.Notes = append(older.Notes, both.Notes...)
	k.Log = &both
	return k
}

// told is what makes a record of the journal that of the ring: the kernel's own stamp, in microseconds, and its words.
type told struct {
	at    float64
	words string
}

func tellsOf(at *float64, words string) told {
	if at == nil {
		return told{}
	}
	return told{*at, words}
}

// joined puts older records before newer ones, without those that both hold.
func joined[T any](older, newer []T, tells func(T) told) []T {
	known := map[told]bool{}
	for _, x := range newer {
		known[tells(x)] = true
	}
	var both []T
	for _, x := range older {
		if t := tells(x); t == (told{}) || !known[t] {
			both = append(both, x)
		}
	}
	return append(both, newer...)
}

// orNone is a log that could be read, or none.
func (k Kernel) orNone() Kernel {
	if k.Log == nil {
		return Kernel{}
	}
	return k
}

// coreWriters are the kernel's functions that write a core, as they stand in the call
// trace of an OOM report (docs/notes/CORES.md#a1, measured; before 3.6 do_coredump does it all):
//
//	elf_core_dump+0x1299/0x1400
var coreWriters = [][]byte{[]byte(" elf_core_dump+"), []byte(" vfs_coredump+"), []byte(" do_coredump+")}

// dumpingLines returns the numbers of the lines that name one, from 1.
func dumpingLines(data []byte) []int {
	var lines []int
	n := 0
	for line := range bytes.Lines(data) {
		n++
		for _, name := range coreWriters {
			if bytes.Contains(line, name) && len(lines) < 1000 {
				lines = append(lines, n)
				break
			}
		}
	}
	return lines
}

// WhileDumping tells whether an OOM kill came out of the writing of a core: the
// report's call trace, which stands between the kill before and this one, goes through
// it. The process that was killed had crashed before.
func (k Kernel) WhileDumping(kill kernellog.Kill) bool {
	if k.Log == nil {
		return false
	}
	before := 0
	for _, other := range k.Log.Kills {
		if other.Line < kill.Line {
			before = max(before, other.Line)
		}
	}
	for _, line := range k.Dumping {
		if line > before && line < kill.Line {
			return true
		}
	}
	return false
}
