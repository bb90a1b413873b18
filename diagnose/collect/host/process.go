package host

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

const (
	maxTasks         = 2000
	maxHostProcesses = 100_000
)

// Processes are those of one container on this machine: its first process, and the id
// that the paths of its control groups hold.
type Processes struct {
	Machine
	ID  string // 64 hex digits
	PID int    // of the first process, as this machine counts
}

// Alive tells whether the first process still is the container's: the pid may have been
// reused meanwhile.
func (c Processes) Alive() bool { return c.CgroupHolds(c.PID, c.ID) }

// Describe reads all that /proc shows of them. shut tells that something needed more
// rights than we have.
func (c Processes) Describe(ctx context.Context) (p evidence.Process, shut bool, err error) {
	fs, err := procfs.NewFS(c.ProcRoot)
	if err != nil {
		return p, false, err
	}
	view := procView{Processes: c, fs: fs}
	p, err = view.process(ctx)
	return p, view.shut, err
}

// members lists the processes; none where /proc cannot be read.
func (c Processes) members(ctx context.Context) []procfs.ProcStat {
	fs, err := procfs.NewFS(c.ProcRoot)
	if err != nil {
		return nil
	}
	view := procView{Processes: c, fs: fs}
	return view.all(ctx)
}

// PIDs lists the processes, the first one first, without those that only wait to be
// reaped.
func (c Processes) PIDs(ctx context.Context) []int {
	list := []int{c.PID}
	for _, stat := range c.members(ctx) {
		if stat.PID != c.PID && stat.State != "Z" && stat.State != "X" {
			list = append(list, stat.PID)
		}
	}
	return list
}

// procView reads /proc of one container.
type procView struct {
	Processes
	fs   procfs.FS
	shut bool // something needed more rights than we have
}

func (v *procView) process(ctx context.Context) (evidence.Process, error) {
	init, err := v.fs.Proc(v.PID)
	if err != nil {
		return evidence.Process{}, fmt.Errorf("read process %d: %w", v.PID, err)
	}
	p := evidence.Process{At: v.Now().UTC(), PID: init.PID, Tasks: []evidence.Task{}, Listeners: []evidence.Listener{},
		Peers: []evidence.Peer{}}
	stat, err := init.Stat()
	if err != nil {
		return evidence.Process{}, fmt.Errorf("read process %d: %w", init.PID, err)
	}
	p.Comm = stat.Comm
	v.limits(init, &p)
	p.SigCgt, p.SigIgn, p.SigBlk = v.signals()
	for _, member := range v.all(ctx) {
		if member.State == "Z" {
			p.Zombies++
		}
		v.addTasks(ctx, member, &p)
	}
	v.sockets(init, &p)
	p.Load = v.load()
	p.Rooms = v.rooms(init)
	return p, nil
}

// load reads the machine's; nil = not readable.
func (v *procView) load() *evidence.Load {
	average, err := v.fs.LoadAvg()
	if err != nil {
		return nil
	}
	stat, err := v.fs.Stat()
	if err != nil || len(stat.CPU) == 0 {
		return nil
	}
	return &evidence.Load{One: average.Load1, Five: average.Load5, Fifteen: average.Load15, CPUs: len(stat.CPU)}
}

func (v *procView) limits(init procfs.Proc, p *evidence.Process) {
	if n, err := init.FileDescriptorsLen(); err == nil {
		p.FDs = &n
	} else {
		v.shut = v.shut || os.IsPermission(err)
	}
	if limits, err := init.Limits(); err == nil {
		files, core := int(min(limits.OpenFiles, math.MaxInt)), unlimited(limits.CoreFileSize)
		p.FDMax, p.CoreLimit = &files, &core
	}
}

// unlimited maps "unlimited", which procfs gives as the largest uint64, to -1, as
// RLIM_INFINITY reads when signed.
func unlimited(n uint64) int64 {
	if n > math.MaxInt64 {
		return -1
	}
	return int64(n)
}

// signals reads the masks of PID 1 that procfs leaves out of /proc/PID/status:
//
//	SigBlk:	0000000000000000
//	SigIgn:	0000000001001000
//	SigCgt:	0000000000004002
func (v *procView) signals() (caught, ignored, blocked *uint64) {
	masks := map[string]*uint64{}
	scanner := bufio.NewScanner(strings.NewReader(v.ProcText(strconv.Itoa(v.PID) + "/status")))
	for scanner.Scan() {
		key, value, ok := strings.Cut(scanner.Text(), ":")
		if !ok || !strings.HasPrefix(key, "Sig") {
			continue
		}
		if mask, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64); err == nil {
			masks[key] = &mask
		}
	}
	return masks["SigCgt"], masks["SigIgn"], masks["SigBlk"]
}

// all lists the container's processes: those whose parents lead to its PID 1,
// zombies too, which cgroup.procs leaves out, and those that cgroup.procs names
// but whose parent is outside (docker exec).
func (v *procView) all(ctx context.Context) []procfs.ProcStat {
	var all []procfs.ProcStat
	entries, _ := os.ReadDir(v.ProcRoot)
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || ctx.Err() != nil || len(all) == maxHostProcesses {
			continue
		}
		if proc, err := v.fs.Proc(pid); err == nil {
			if stat, err := proc.Stat(); err == nil { // gone meanwhile otherwise
				all = append(all, stat)
			}
		}
	}
	inside := v.inCgroup()
	inside[v.PID] = true
	sort.Slice(all, func(i, j int) bool { return all[i].PID < all[j].PID })
	markDescendants(all, inside)
	var members []procfs.ProcStat
	for _, stat := range all {
		if inside[stat.PID] {
			members = append(members, stat)
		}
	}
	return members
}

// markDescendants adds every process whose parent is inside, until none is left.
// Pids wrap around, so a child may have a smaller one than its parent.
func markDescendants(all []procfs.ProcStat, inside map[int]bool) {
	children := map[int][]int{}
	for _, stat := range all {
		children[stat.PPID] = append(children[stat.PPID], stat.PID)
	}
	queue := make([]int, 0, len(inside))
	for pid := range inside {
		queue = append(queue, pid)
	}
	for len(queue) > 0 {
		pid := queue[0]
		queue = queue[1:]
		for _, child := range children[pid] {
			if !inside[child] {
				inside[child] = true
				queue = append(queue, child)
			}
		}
	}
}

// inCgroup reads cgroup.procs of the container's folders, one pid a line.
func (v *procView) inCgroup() map[int]bool {
	inside := map[int]bool{}
	dirs, err := v.cgroupDirs()
	if err != nil {
		return inside
	}
	for _, dir := range dirs {
		data, err := ReadCapped(filepath.Join(dir.path, "cgroup.procs"), 1<<20)
		if err != nil {
			continue
		}
		for line := range bytes.Lines(data) {
			// 0 stands for a process of another pid namespace.
			if pid, err := strconv.Atoi(string(bytes.TrimSpace(line))); err == nil && pid > 0 {
				inside[pid] = true
			}
		}
		return inside
	}
	return inside
}

// addTasks adds a process's threads until the cap.
func (v *procView) addTasks(ctx context.Context, member procfs.ProcStat, p *evidence.Process) {
	threads, err := v.fs.AllThreads(member.PID)
	if err != nil { // gone meanwhile
		return
	}
	sort.Sort(threads)
	for _, thread := range threads {
		if len(p.Tasks) == maxTasks || ctx.Err() != nil {
			p.TasksCut = true
			return
		}
		if task, ok := v.task(member, thread); ok {
			p.Tasks = append(p.Tasks, task)
		}
	}
}

func (v *procView) task(member procfs.ProcStat, thread procfs.Proc) (evidence.Task, bool) {
	stat, err := thread.Stat()
	if err != nil {
		return evidence.Task{}, false
	}
	started, session := int64(stat.Starttime), member.Session
	t := evidence.Task{PID: member.PID, TID: thread.PID, PPID: member.PPID, Session: &session, Comm: stat.Comm,
		State: stat.State, Started: &started}
	t.WChan, _ = thread.Wchan()
	path := fmt.Sprintf("%d/task/%d/syscall", member.PID, thread.PID)
	if data, err := ReadCapped(filepath.Join(v.ProcRoot, path), 4096); err == nil {
		t.Syscall = strings.TrimSpace(string(data))
	} else if os.IsPermission(err) {
		v.shut = true
	}
	if thread.PID == member.PID {
		rss := int64(member.ResidentMemory())
		t.RSS = &rss
		if n, err := v.descriptors(member.PID); err == nil {
			t.FDs = &n
		}
	}
	return t, true
}

func (v *procView) descriptors(pid int) (int, error) {
	proc, err := v.fs.Proc(pid)
	if err != nil {
		return 0, err
	}
	return proc.FileDescriptorsLen()
}
