package inside

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// Look looks into the processes, once or, where that leaves open whether something
// moves, twice. It ends soon after ctx with what it has. A *ShutError comes with what
// could be seen all the same.
func Look(ctx context.Context, t Target) (*evidence.Inside, error) {
	l := &looker{Target: t}
	defer l.close()
	out := &evidence.Inside{At: t.Now().UTC(), Looks: 1, Processes: []evidence.InsideProcess{}}
	began := time.Now()
	var shut error
	for _, pid := range t.PIDs {
		if len(l.seen) == maxProcesses || ctx.Err() != nil {
			out.Cut = true
			break
		}
		s, err := l.open(ctx, pid)
		if err != nil {
			shut = errors.Join(shut, err)
			continue
		}
		if l.Census && s.python != nil {
			s.census(host.Machine{ProcRoot: l.ProcRoot, CgroupRoot: l.CgroupRoot})
			s.counted = true
		}
		s.look(&s.first)
		l.seen = append(l.seen, s)
	}
	if l.again() && l.rest(ctx) {
		out.Looks = 2
		for _, s := range l.seen {
			s.look(&s.second)
		}
		out.Apart = time.Since(began).Seconds()
	}
	for _, s := range l.seen {
		if s.ended = s.gone(); s.ended {
			shut = errors.Join(shut, fmt.Errorf("process %d ended while it was looked into", s.pid))
			continue
		}
		out.Processes = append(out.Processes, s.report(&l.left))
		out.Cut = out.Cut || s.cut
	}
	out.Cut = out.Cut || ctx.Err() != nil
	return out, l.verdict(shut)
}

type looker struct {
	Target
	seen []*seen
	left quota
}

// quota counts what was told, over all processes.
type quota struct{ threads, tasks, frames int }

// task tells whether one more place in which tasks stand may be told.
func (q *quota) task(frames int) bool {
	if q.tasks++; q.tasks > maxTasks || q.frames > maxFrames {
		return false
	}
	q.frames += frames
	return true
}

// rest waits until the second look, longer where some wait for each other, or in vain for somebody else: what is busy
// gets on meanwhile.
func (l *looker) rest(ctx context.Context) bool {
	apart := cmp.Or(l.Apart, 300*time.Millisecond)
	if l.Apart == 0 && slices.ContainsFunc(l.seen, func(s *seen) bool {
		return s.python != nil && (s.first.crowded() || s.first.unanswered())
	}) {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) >= 2*crowdApart {
			apart = crowdApart
		}
	}
	return rest(ctx, apart)
}

func (l *looker) close() {
	for _, s := range l.seen {
		s.memory.close()
	}
}

// rest waits, and tells whether the time was there.
func rest(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d+d/2 {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// again tells whether a second look would tell more: when a Python thread last ran is
// not known, or one is in the middle of something.
func (l *looker) again() bool {
	if l.Twice {
		return true
	}
	return slices.ContainsFunc(l.seen, func(s *seen) bool { return s.python != nil && s.first.open() })
}

// verdict is what stood in the way of all that was asked for.
func (l *looker) verdict(shut error) error {
	for _, s := range l.seen {
		if s.denied == nil && !s.ended {
			return nil
		}
		shut = errors.Join(shut, s.denied)
	}
	var e *ShutError
	if errors.As(shut, &e) {
		return e
	}
	return shut
}

// seen is one process over the looks.
type seen struct {
	pid     int
	folder  string
	comm    string
	born    string // when it was started: tells it from a later one of the same number
	memory  *memory
	python  *python.Interpreter
	notes   []string
	denied  error
	cut     bool
	counted bool // a census was asked for
	ended   bool
	clocks  clocks
	waits   *waits

	first, second glance
}

// glance is what one look gave.
type glance struct {
	taken   bool
	threads []glimpse
	python  *python.Settled

	connections []connection
}

// connection is one for whose bytes a task waits.
type connection struct {
	python.Connection
	socket evidence.Peering
}

// glimpse is what the kernel says of one thread.
type glimpse struct {
	tid, inner  int
	comm, state string
	switches    uint64 // how often it was put on a processor's queue and off it
	lastRan     *float64
	wait        *evidence.Wait
	futex       uint64 // where the futex lies in which it waits
}

func (l *looker) open(ctx context.Context, pid int) (*seen, error) {
	s := &seen{pid: pid, folder: filepath.Join(l.ProcRoot, strconv.Itoa(pid))}
	comm, err := host.ReadCapped(filepath.Join(s.folder, "comm"), 4096)
	if err != nil {
		return nil, shut(l.ProcRoot, pid, err)
	}
	s.comm, s.born = string(trim(comm)), born(s.folder)
	s.memory, err = openMemory(ctx, l.ProcRoot, pid)
	if err != nil {
		s.denied = shut(l.ProcRoot, pid, err)
		s.memory = &memory{ctx: ctx}
	} else if s.memory.narrow() {
		s.notes = append(s.notes, "a 32-bit process: neither its stacks nor its system calls are read")
	} else if s.python, err = s.memory.find(); err != nil {
		s.python = nil
		if !s.memory.readable() {
			s.denied = shut(l.ProcRoot, pid, os.ErrPermission)
		} else if !errors.Is(err, python.ErrNoPython) {
			s.notes = append(s.notes, err.Error())
		}
	}
	s.waits = &waits{folder: s.folder, memory: s.memory, resolve: l.Resolve, narrow: s.memory.narrow()}
	return s, nil
}

// gone tells that the process ended, or that another has its number now.
func (s *seen) gone() bool { return born(s.folder) != s.born }

// born is when a process was started, as its kernel counts; "" = it is gone.
func born(folder string) string {
	if fields := stat(folder); len(fields) >= 20 {
		return fields[19]
	}
	return ""
}

// dying tells a process that has given its memory back: one that ends, or that has ended and whose parent has not taken
// note of it. The kernel refuses to tell anything of it, as if that were not permitted.
func dying(folder string) bool {
	fields := stat(folder)
	return len(fields) > 20 && fields[20] == "0"
}

// stat is what the kernel tells of a process behind its name, the state first; nil = it is gone.
func stat(folder string) []string {
	data, err := host.ReadCapped(filepath.Join(folder, "stat"), 4096)
	if err != nil {
		return nil
	}
	return strings.Fields(string(data)[strings.LastIndexByte(string(data), ')')+1:])
}

func trim(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == '\n' {
		b = b[:len(b)-1]
	}
	return b
}

// look takes one look: the stacks first, then what the kernel says of each thread.
func (s *seen) look(g *glance) {
	g.taken = true
	s.waits.sockets, s.clocks, s.memory.stale = nil, clocks{}, true // all are of this moment
	if s.python != nil {
		g.python = s.python.Settle(s.memory, s.memory.fresh, readings)
		g.connections = s.connections(g.python.Tasks)
	}
	entries, err := os.ReadDir(filepath.Join(s.folder, "task"))
	if err != nil {
		return
	}
	for _, entry := range entries {
		tid, err := strconv.Atoi(entry.Name())
		if err != nil || s.memory.ctx.Err() != nil || len(g.threads) == maxThreads {
			s.cut = true
			break
		}
		if t, ok := s.thread(tid); ok {
			g.threads = append(g.threads, t)
		}
	}
}

func (s *seen) thread(tid int) (t glimpse, ok bool) {
	folder := filepath.Join(s.folder, "task", strconv.Itoa(tid))
	status, err := host.ReadCapped(filepath.Join(folder, "status"), 64<<10)
	if err != nil {
		return t, false
	}
	t = readStatus(string(status))
	t.tid = tid
	if t.inner == 0 {
		t.inner = tid
	}
	if ran, ok := s.clocks.lastRan(folder); ok {
		t.lastRan = &ran
	}
	t.wait, t.futex = s.waits.wait(tid)
	return t, true
}

// manyWait is how many wait for the same when a second look must tell whether they get on, and crowdApart how long
// after the first that is taken.
const (
	manyWait   = 3
	crowdApart = 1500 * time.Millisecond
)

// crowded tells whether some wait for the same lock or pool, or tasks alike in asyncio's locks and queues, or each for
// a future of its own in the program's own code.
func (g *glance) crowded() bool {
	alike := map[python.Frame]int{}
	for _, t := range g.python.Tasks {
		for i, f := range t.Frames {
			if !strings.HasSuffix(f.File, "/asyncio/locks.py") && !strings.HasSuffix(f.File, "/asyncio/queues.py") {
				if i > 0 || t.WaitsFor == "Future" && !strings.Contains(f.File, "/lib/python") {
					alike[f]++
				}
				break
			}
		}
	}
	for _, n := range alike {
		if n >= manyWait {
			return true
		}
	}
	return slices.ContainsFunc(g.python.Pools, func(p python.Pool) bool { return len(p.Waiting) >= manyWait })
}

// open tells that one look is not enough: whether a thread moves is not known, or one
// that runs code, or ran just now, is not idle, or some wait for a pool.
func (g *glance) open() bool {
	if g.python == nil {
		return false
	}
	if g.unanswered() {
		return true
	}
	crowded := g.crowded()
	for _, t := range g.threads {
		if t.lastRan == nil || crowded && *t.lastRan < 1 {
			return true
		}
		idle := t.wait != nil && (t.wait.Call == "epoll_wait" || t.wait.Call == "epoll_pwait")
		if !idle && *t.lastRan < 1 {
			return true
		}
	}
	return false
}

// shut tells why a process may not be looked into, and what opens it.
func shut(procRoot string, pid int, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist), dying(filepath.Join(procRoot, strconv.Itoa(pid))):
		return fmt.Errorf("process %d ended", pid)
	case !errors.Is(err, os.ErrPermission):
		return err
	}
	e := &ShutError{Reason: fmt.Sprintf("the memory of process %d may not be read: that needs its user and group, or "+
		"the capability SYS_PTRACE", pid), Command: "sudo"}
	folder := filepath.Join(procRoot, strconv.Itoa(pid))
	if scope := text(filepath.Join(procRoot, "sys/kernel/yama/ptrace_scope")); scope == "3" {
		e.Reason = "Yama forbids everybody to read another process's memory (kernel.yama.ptrace_scope is 3, until a reboot)"
		e.Command = ""
	} else if scope == "1" || scope == "2" {
		e.Reason += "; Yama is on (kernel.yama.ptrace_scope is " + scope + "), so the same user is not enough"
	}
	if profile := text(filepath.Join(folder, "attr/current")); os.Geteuid() == 0 && profile != "" &&
		profile != "unconfined" && profile != text(filepath.Join(procRoot, "self/attr/current")) {
		e.Reason += "; it runs under the security profile " + strconv.Quote(profile)
	}
	if os.Geteuid() == 0 {
		e.Command = "docker run --rm --pid host --cap-add SYS_PTRACE --security-opt apparmor=unconfined"
	}
	return e
}

func text(path string) string {
	data, _ := host.ReadCapped(path, 4096)
	return string(trim(data))
}
