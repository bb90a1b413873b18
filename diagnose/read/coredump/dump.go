package coredump

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Dump is what is told of one core: an entry of `cores` in the JSON contract. It
// holds nothing of the environment but HOSTNAME, and no memory.
type Dump struct {
	Path      string     `json:"path"`
	Where     string     `json:"where"` // container, host, systemd-coredump, apport, abrt
	Container *Container `json:"container"`
	At        *time.Time `json:"at,omitempty"` // the file's time: when it was written
	SizeBytes *int64     `json:"sizeBytes,omitempty"`
	Form      string     `json:"form,omitempty"` // gzip, xz, zstd, lz4, apport; "" = plain
	Truncated bool       `json:"truncated"`
	Growing   bool       `json:"growing,omitempty"` // it is still being written

	Architecture Machine `json:"architecture,omitempty"`
	PID          *int    `json:"pid,omitempty"` // in the container
	UID          *uint32 `json:"uid,omitempty"`
	Comm         string  `json:"comm,omitempty"`
	Args         string  `json:"args,omitempty"`
	Hostname     string  `json:"hostname,omitempty"`

	Signal  string  `json:"signal,omitempty"`
	Code    string  `json:"code,omitempty"`
	Address string  `json:"address,omitempty"` // only where si_addr means something
	Sender  *Sender `json:"sender,omitempty"`
	Kind    Kind    `json:"kind"`
	Object  *Object `json:"object,omitempty"`
	Summary string  `json:"summary"`

	Python      *PythonState `json:"python,omitempty"` // absent: no Python
	Threads     []ThreadDump `json:"threads"`          // the crashed one first
	ThreadCount int          `json:"threadCount"`      // of the process; more than are listed where many
	Notes       []string     `json:"notes"`            // what could not be read, and why
	Error       string       `json:"error,omitempty"`  // why nothing could be read
}

// Container ties a core to a container, and says how sure that is.
type Container struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"`
	Grade string `json:"grade"` // proven, likely, possible
	By    string `json:"by"`    // the evidence, in words
}

// Grades of a match.
const (
	GradeProven   = "proven"
	GradeLikely   = "likely"
	GradePossible = "possible"
)

// PythonState says which Python ran, why there are no frames of it, and what its event
// loops were about.
type PythonState struct {
	Version string             `json:"version,omitempty"`
	Note    string             `json:"note,omitempty"`
	Asyncio bool               `json:"asyncio,omitempty"` // asyncio was imported
	Tasks   []python.TaskGroup `json:"tasks,omitempty"`   // those that stand alike are one
}

// ThreadDump is one thread.
type ThreadDump struct {
	TID         int            `json:"tid"`
	Crashed     bool           `json:"crashed"`
	Native      []NativeFrame  `json:"native"` // newest first; only the first where the binaries are not at hand
	NativeNote  string         `json:"nativeNote,omitempty"`
	Python      []python.Frame `json:"python"` // newest first
	PythonDepth int            `json:"pythonDepth,omitempty"`
	PythonNote  string         `json:"pythonNote,omitempty"`
}

// NativeFrame is one call of native code. Function is "" where no symbol covers
// the address.
type NativeFrame struct {
	Object   string `json:"object"`
	Offset   string `json:"offset"`
	Function string `json:"function,omitempty"`
}

// Binary opens a file that the process had mapped, by its path in the container.
// The caller owns what it opens. What it gives is used only if its build-id is that
// of the core.
type Binary func(path, buildID string) (io.ReaderAt, error)

// Describe reads a core of size bytes whole: what happened, and every thread's
// stacks. binary nil means that no binaries are at hand.
func Describe(r io.ReaderAt, size int64, binary Binary) (*Dump, error) {
	c, err := Read(r, size)
	if err != nil {
		return nil, err
	}
	d := &describer{Core: c, out: &Dump{SizeBytes: &size, Threads: []ThreadDump{}}, binaries: newBinaries(c, binary)}
	d.facts()
	d.threads()
	d.pythonStacks()
	d.summarise()
	d.out.Notes = append([]string{}, c.Notes...)
	return d.out, nil
}

type describer struct {
	*Core
	out      *Dump
	binaries *binaries
	fault    *Fault
	verdict  verdict
}

// facts fills what needs no stack.
func (d *describer) facts() {
	dump, c := d.out, d.Core
	dump.Truncated, dump.Architecture, dump.ThreadCount = c.Truncated(), c.Machine, len(c.Threads)
	start := c.Start()
	dump.Args, dump.Hostname = c.commandLine(start), start.Hostname
	if p := c.Process; p != nil {
		dump.PID, dump.UID, dump.Comm = &p.PID, &p.UID, p.Comm
		if p.emulated() {
			c.note("this is the core of an emulator (%s): the program's own core is the file qemu_….core beside it, if "+
				"there is one", p.Comm)
		}
	}
	if c.Truncated() {
		c.note("the file holds %d of %d bytes: a limit, a full disk or a stop cut it, or it is still being written",
			c.Size, c.Expected)
	}
	d.fault = c.Fault()
	d.verdict = c.judge(d.fault, d.code)
	dump.Kind = d.verdict.kind
	d.signal()
	if d.fault != nil {
		dump.Object = c.object(c.Machine.ip(d.fault.Registers))
		if d.fault.Reraised {
			c.note("a signal handler of the process had run (faulthandler, or one like it) and raised the signal again; " +
				"what is shown is the fault before it")
		}
	}
}

func (d *describer) signal() {
	switch {
	case d.fault != nil:
		s := d.fault.Siginfo
		d.out.Signal, d.out.Code = SignalName(s.Signal), s.CodeName()
		if addr, ok := s.Address(); ok {
			d.out.Address = hexText(addr)
		}
		if from, ok := s.Sender(); ok {
			d.out.Sender = &from
		}
	case len(d.Threads) > 0 && d.Threads[0].Signal > 0:
		d.out.Signal = SignalName(d.Threads[0].Signal)
	}
}

// code reads instructions: code pages are dumped only by wish.
func (d *describer) code(addr uint64, p []byte) error {
	if err := d.ReadMemory(addr, p); err == nil {
		return nil
	}
	im, bias, err := d.binaries.at(addr)
	if err != nil {
		return err
	}
	return im.ReadCode(addr-bias, p)
}

// maxThreadDumps bounds the list; frames are read of the first ones only.
const maxThreadDumps = 256

// threads fills the native stacks.
func (d *describer) threads() {
	for i, t := range d.Threads {
		if i == maxThreadDumps {
			d.note("only the first %d of %d threads are listed", maxThreadDumps, len(d.Threads))
			return
		}
		regs := t.Registers
		if i == 0 && d.fault != nil {
			regs = d.fault.Registers
		}
		dump := ThreadDump{TID: t.TID, Crashed: i == 0 && d.out.Kind != KindSnapshot, Python: []python.Frame{}}
		dump.Native, dump.NativeNote = d.nativeStack(regs)
		d.out.Threads = append(d.out.Threads, dump)
	}
}

// pythonStacks reads the interpreter's threads and ties them to the process's.
func (d *describer) pythonStacks() {
	stack, err := python.Read(d.Core, d.dataAreas(), d.mappedPaths())
	if errors.Is(err, python.ErrNoPython) {
		return
	}
	d.out.Python = &PythonState{}
	if stack != nil {
		d.out.Python.Version = stack.Version
	}
	if err != nil {
		d.out.Python.Note = err.Error()
		if d.out.Truncated {
			d.out.Python.Note += "; the core is cut off"
		}
		return
	}
	for _, t := range stack.Threads {
		if i := d.threadOf(t); i >= 0 && i < len(d.out.Threads) {
			dump := &d.out.Threads[i]
			dump.Python, dump.PythonDepth, dump.PythonNote = append(dump.Python, t.Frames...), t.Depth, t.Note
		}
	}
	d.pythonTasks(stack)
}

// Bounds of what is told of tasks: places in which some stand, and frames of them all.
const (
	maxTaskGroups = 2000
	maxTaskFrames = 20_000
)

// pythonTasks tells what each task of asyncio awaited when the process died.
func (d *describer) pythonTasks(stack *python.Stack) {
	frames, asked := 0, 0
	groups, cut := python.Groups(stack.Tasks, func(n int) bool {
		frames, asked = frames+n, asked+1
		return frames <= maxTaskFrames && asked <= maxTaskGroups
	})
	d.out.Python.Asyncio, d.out.Python.Tasks = stack.Asyncio, groups
	for _, n := range stack.Notes {
		d.note("%s", n)
	}
	if cut {
		d.note("only the first %s in which tasks stand are told", words.Count(len(groups), "place"))
	}
}

// threadOf finds a Python thread among the process's: by pthread_self, which is the
// thread register on amd64 and a little below it on arm64, or by the thread's id.
// After a fork up to 3.12 the id can still be the parent's, so it comes second.
func (d *describer) threadOf(t python.Thread) int {
	const arm64Reach = 4096
	for i, own := range d.Threads {
		if t.Ident != 0 && own.TLS != 0 && (own.TLS == t.Ident || d.Machine == ARM64 && own.TLS-t.Ident < arm64Reach) {
			return i
		}
	}
	for i, own := range d.Threads {
		if t.NativeID != 0 && uint64(own.TID) == t.NativeID {
			return i
		}
	}
	return -1
}

// dataAreas lists the writable data of mapped files, and the .bss behind each.
func (d *describer) dataAreas() []python.Area {
	var list []python.Area
	for i := range d.segments {
		s := &d.segments[i]
		m := d.mappingAt(s.addr)
		if !s.writable() || s.filled == 0 || m == nil || strings.HasPrefix(m.Path, "/dev/") {
			continue
		}
		list = append(list, python.Area{Start: s.addr, Size: s.filled, Path: m.Path})
		if i+1 < len(d.segments) {
			if bss := d.segments[i+1]; bss.addr == s.end() && bss.writable() && d.mappingAt(bss.addr) == nil {
				list = append(list, python.Area{Start: bss.addr, Size: bss.filled, Path: m.Path})
			}
		}
	}
	return list
}

// mappedPaths lists each mapped file once.
func (d *describer) mappedPaths() []string {
	var list []string
	last := ""
	for _, m := range d.Mappings {
		if m.Path != last {
			list, last = append(list, m.Path), m.Path
		}
	}
	return list
}

// summarise puts the verdict into one sentence.
func (d *describer) summarise() {
	name := orComm(d.out.Comm)
	if d.out.Kind == KindSnapshot {
		d.out.Summary = fmt.Sprintf("%s did not crash: this is a snapshot of a living process (gcore)", name)
		return
	}
	text := fmt.Sprintf("%s was ended by %s: %s", name, orUnknown(d.out.Signal), d.verdict.what)
	if d.out.Object != nil && d.out.Kind != KindAbort && d.out.Kind != KindSent {
		text += ", in " + d.out.Object.Name + "+" + d.out.Object.Offset
	}
	if len(d.out.Threads) > 0 {
		text += pythonPlace(d.out.Threads[0].Python)
	}
	d.out.Summary = text
}

// pythonPlace says where Python was: the newest call and, where that is a library's,
// the program's own call into it.
func pythonPlace(frames []python.Frame) string {
	if len(frames) == 0 {
		return ""
	}
	place := func(f python.Frame) string {
		return fmt.Sprintf("%s line %d in %s", path.Join(path.Base(path.Dir(f.File)), path.Base(f.File)), f.Line, f.Function)
	}
	text := "; Python was at " + place(frames[0])
	for i, f := range frames {
		if !ofLibrary(f.File) {
			if i > 0 {
				text += ", called from " + place(f)
			}
			break
		}
	}
	return text
}

// ofLibrary tells a file of the standard library or an installed package.
func ofLibrary(file string) bool {
	return strings.HasPrefix(file, "<frozen ") || strings.Contains(file, "/lib/python3") ||
		strings.Contains(file, "/site-packages/") || strings.Contains(file, "/dist-packages/")
}

func orUnknown(s string) string {
	if s == "" {
		return "an unknown signal"
	}
	return s
}
