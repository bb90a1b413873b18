package kernellog

import "time"

// Options says what the log itself cannot.
type Options struct {
	// Boot is the wall clock time at which the kernel's clock was zero. Where it is
	// the zero time, At is set only on lines that carry a full wall time themselves.
	// It must belong to the boot that the log is of: of a log that spans boots, the
	// wall times of the lines are used, or none.
	Boot time.Time
	// MaxRecords caps the kills, crashes and troubles kept; 0 means 10000. What is
	// over it is counted in a "records-capped" note.
	MaxRecords int
	// Zone is the zone of stamps that name none (dmesg -T, classic syslog). Where it
	// is nil such stamps give no At.
	Zone *time.Location
	// Near is a moment close after the log's end, such as the file's modification
	// time: it picks the year of classic syslog stamps, which have none.
	Near time.Time
	// After is the sequence number behind which the reading of /dev/kmsg went on, so
	// that what was overwritten meanwhile is told as lost; nil where it is read from
	// its beginning.
	After *int64
	// Live says that the log is as this machine gave it, now or into a bundle: the records
	// of /dev/kmsg, or journald's JSON. Its form is known, and it may pause.
	Live bool
}

func (o Options) after() int64 {
	if o.After == nil {
		return -1
	}
	return *o.After
}

// Log is everything that [Read] found. Its lists are nil where nothing was found.
type Log struct {
	Kills    []Kill
	Crashes  []Crash
	Trouble  []Trouble
	Notes    []Note
	Lines    int        // physical lines read
	Bytes    int64      // bytes read
	From, To *time.Time // wall time of the first and last stamped line
	// FromBoot and ToBoot are the lowest and highest kernel clock seen since the
	// last change of boot, in seconds.
	FromBoot, ToBoot *float64
	// Settled is the sequence number up to which /dev/kmsg was read and nothing was
	// left open: where a later reading may go on; -1 where there is none.
	Settled int64
}

// Record is one result of a [Scanner]: exactly one field is set.
type Record struct {
	Kill    *Kill
	Crash   *Crash
	Trouble *Trouble
	Note    *Note
}

// Scope says whose memory ran out.
type Scope string

// The scopes of a kill. The kernel's own words for them are the constraints in
// mm/oom_kill.c: CONSTRAINT_MEMCG, _NONE, _CPUSET, _MEMORY_POLICY.
const (
	ScopeOwnLimit Scope = "own-limit" // the limit of the victim's own container or cgroup
	// the limit of a group around it (pod, slice, outer container): a neighbour may have eaten it
	ScopeOuterLimit Scope = "outer-limit"
	ScopeHost       Scope = "host"        // the machine itself
	ScopeCpuset     Scope = "cpuset"      // the memory nodes of a cpuset
	ScopeMempolicy  Scope = "mempolicy"   // the memory nodes of a NUMA policy
	ScopeCgroup     Scope = "group-limit" // the limit of a control group; whether the victim's own one is not told
	ScopeUnknown    Scope = "unknown"
)

// Attribution grades how the victim's cgroup is known.
type Attribution string

// The grades, best first.
const (
	// AttributionExact: a line of the dump names the victim and its cgroup.
	AttributionExact Attribution = "exact"
	// AttributionGroup: the victim died inside a cgroup that the dump names (a group
	// kill, the group whose limit was hit, or as the child of a named process), so
	// it lived in it or below it.
	AttributionGroup Attribution = "group"
	// AttributionCarried: the dump was suppressed, but an earlier dump of a cgroup
	// lists the same process.
	AttributionCarried Attribution = "carried"
	// AttributionGuess: only the cpuset of the task that asked for memory is known.
	AttributionGuess   Attribution = "guess"
	AttributionUnknown Attribution = "unknown"
)

// Kill is one process killed by the kernel for lack of memory.
type Kill struct {
	// Event numbers the times that the kernel ran out of memory, from 1: the
	// victims of one group kill share it.
	Event       int        `json:"event"`
	At          *time.Time `json:"at,omitempty"`
	BootSeconds *float64   `json:"bootSeconds,omitempty"` // the kernel's clock
	PID         int        `json:"pid"`                   // on the host
	Comm        string     `json:"comm"`                  // of the thread group leader; at most 15 bytes, any byte
	UID         *int       `json:"uid,omitempty"`         // on the host
	Scope       Scope      `json:"scope"`
	// TaskCgroup is the victim's memory cgroup, from the real root. With
	// AttributionGroup and AttributionCarried it is the innermost cgroup that the
	// victim is known to have been in or below.
	TaskCgroup  string      `json:"taskCgroup,omitempty"`
	LimitCgroup string      `json:"limitCgroup,omitempty"` // the memory cgroup whose limit was hit
	Container   *Container  `json:"container,omitempty"`
	Attribution Attribution `json:"attribution"`
	Victim      Victim      `json:"victim"`
	Memory      *Memory     `json:"memory,omitempty"`
	InvokedBy   *Task       `json:"invokedBy,omitempty"` // the thread whose allocation failed; not the culprit
	// Tasks are the largest processes of the dump's table by resident memory, at
	// most 5; only on the kill that the dump was printed for.
	Tasks []Task `json:"tasks,omitempty"`
	// TaskCount is the length of that table (all processes below the limit, or of
	// the host), LowestPID the lowest id in it: as ids are given in order, that is
	// the oldest process, until the counter wraps around.
	TaskCount int `json:"taskCount,omitempty"`
	LowestPID int `json:"lowestPid,omitempty"`
	// Candidate is the process that the kernel had chosen, where it took a child of it
	// instead, as it did until 5.0.
	Candidate *Task  `json:"candidate,omitempty"`
	GroupKill bool   `json:"groupKill,omitempty"` // memory.oom.group: the whole cgroup was killed
	Line      int    `json:"line"`                // of the "Killed process" line, from 1
	Excerpt   string `json:"excerpt"`             // that line without its stamp, at most 512 bytes
}

// Container is what a cgroup path says about a container. The kernel log never
// knows a container's name, except where the path is made of it.
type Container struct {
	ID   string `json:"id,omitempty"`   // 64 hex digits; a BuildKit step has 25 characters a-z0-9
	Name string `json:"name,omitempty"` // of an LXC or nspawn container, VM, Nomad task or systemd unit
	// docker, containerd, cri-o, podman, ecs, lxc, systemd, …; empty = the path does not tell
	Runtime  string   `json:"runtime,omitempty"`
	PodUID   string   `json:"podUid,omitempty"`
	OuterIDs []string `json:"outerIds,omitempty"` // containers around it, outermost first
}

// Victim is the memory of the killed process, in bytes; nil where not printed.
type Victim struct {
	TotalVM     *int64 `json:"totalVmBytes,omitempty"`
	AnonRSS     *int64 `json:"anonRssBytes,omitempty"`
	FileRSS     *int64 `json:"fileRssBytes,omitempty"`
	ShmemRSS    *int64 `json:"shmemRssBytes,omitempty"`
	PageTables  *int64 `json:"pageTablesBytes,omitempty"`
	OOMScoreAdj *int   `json:"oomScoreAdj,omitempty"`
}

// Memory is the state of the cgroup whose limit was hit, in bytes; nil where not
// printed or, for limits, where none is set.
type Memory struct {
	Usage     *int64 `json:"usageBytes,omitempty"`
	Limit     *int64 `json:"limitBytes,omitempty"`
	Failcnt   *int64 `json:"failcnt,omitempty"`
	SwapUsage *int64 `json:"swapUsageBytes,omitempty"` // cgroup v2 only: v1 prints memory and swap together
	SwapLimit *int64 `json:"swapLimitBytes,omitempty"`
	Anon      *int64 `json:"anonBytes,omitempty"`
	File      *int64 `json:"fileBytes,omitempty"` // includes Shmem
	Shmem     *int64 `json:"shmemBytes,omitempty"`
	Kernel    *int64 `json:"kernelBytes,omitempty"`
}

// MostlyShared tells whether more than half of what was in use is shared memory or files
// in a tmpfs: the kernel counts both as shmem, and killing a process does not free them.
func (m *Memory) MostlyShared() bool {
	return m != nil && m.Shmem != nil && m.Usage != nil && *m.Shmem > *m.Usage/2
}

// Task is a process of the dump's table, or the thread that invoked the killer.
type Task struct {
	PID         int    `json:"pid,omitempty"` // thread group id, on the host
	TID         int    `json:"tid,omitempty"` // of the invoking thread
	Comm        string `json:"comm"`
	RSS         *int64 `json:"rssBytes,omitempty"`
	OOMScoreAdj *int   `json:"oomScoreAdj,omitempty"`
}

// CrashKind is the kind of a fatal signal.
type CrashKind string

// The kinds of crash.
const (
	CrashSegfault          CrashKind = "segfault"
	CrashGeneralProtection CrashKind = "general-protection"
	CrashTrap              CrashKind = "trap" // divide error, invalid opcode, int3 …
	CrashAbort             CrashKind = "abort"
	CrashBus               CrashKind = "bus"
	CrashSeccomp           CrashKind = "seccomp"
	CrashOther             CrashKind = "other"
)

// Crash is one process ended by a signal that dumps core. The kernel names no
// cgroup on these lines: whose container it was is for the reader to work out.
type Crash struct {
	At          *time.Time `json:"at,omitempty"`
	BootSeconds *float64   `json:"bootSeconds,omitempty"`
	Comm        string     `json:"comm"`             // of the thread that crashed
	TID         int        `json:"tid,omitempty"`    // of that thread, on the host; 0 where only an audit line told
	PID         *int       `json:"pid,omitempty"`    // thread group id, on the host; only audit lines tell it
	Signal      string     `json:"signal,omitempty"` // "SIGSEGV"; empty = not told
	Kind        CrashKind  `json:"kind"`
	// Addresses are written 0x… without leading zeros, as the kernel means them.
	Address      string `json:"address,omitempty"` // that was touched
	IP           string `json:"ip,omitempty"`
	SP           string `json:"sp,omitempty"`
	Object       string `json:"object,omitempty"`       // base name of the file mapped at IP
	ObjectOffset string `json:"objectOffset,omitempty"` // of IP in that file (6.12+) or else in that mapping
	// x86 page fault: 1 present, 2 write, 4 user, 16 instruction fetch
	ErrorBits *int   `json:"errorBits,omitempty"`
	Exe       string `json:"exe,omitempty"`     // only audit lines tell it
	Syscall   *int   `json:"syscall,omitempty"` // that seccomp forbade
	// Hint is what a crash of this form usually means, where that is not what it looks like.
	Hint    string `json:"hint,omitempty"`
	Line    int    `json:"line"`
	Excerpt string `json:"excerpt"`
}

// TroubleKind is the kind of a Trouble.
type TroubleKind string

// The kinds of trouble.
const (
	TroubleForkRejected   TroubleKind = "fork-rejected"   // pids limit; the kernel says it once in a cgroup's life
	TroubleHungTask       TroubleKind = "hung-task"       // uninterruptible for 120 s
	TroubleSoftLockup     TroubleKind = "soft-lockup"     // a CPU did not schedule; also RCU stalls
	TroubleFilesystem     TroubleKind = "filesystem"      // ext4, XFS, btrfs errors, remounts read-only
	TroubleDisk           TroubleKind = "disk"            // I/O errors
	TroubleNoSpace        TroubleKind = "no-space"        // delayed allocation, thin pools
	TroubleOOMDKill       TroubleKind = "oomd-kill"       // a user space killer's report
	TroubleUnitOOM        TroubleKind = "unit-oom"        // PID 1's report about a unit
	TroubleCoredump       TroubleKind = "coredump"        // a core was, or could not be, written
	TroublePageAllocation TroubleKind = "page-allocation" // failed allocation, strict overcommit; not a kill
	TroubleNoVictim       TroubleKind = "oom-no-victim"   // out of memory and nobody to kill
	TroubleVictimStuck    TroubleKind = "oom-victim-stuck"
	// a dump without its kill line: somebody was killed, who is not in the log
	TroubleVictimUntold TroubleKind = "oom-victim-untold"
	TroubleOops         TroubleKind = "oops"               // the kernel itself faulted
	TroubleNetworkFS    TroubleKind = "network-filesystem" // NFS, CIFS, Ceph: a server that does not answer
	TroublePanic        TroubleKind = "panic"
	TroubleHardware     TroubleKind = "hardware" // memory corruption, GPU faults
)

// Trouble is what else the log says that can hurt a container.
type Trouble struct {
	At          *time.Time  `json:"at,omitempty"`
	BootSeconds *float64    `json:"bootSeconds,omitempty"`
	Kind        TroubleKind `json:"kind"`
	Summary     string      `json:"summary"`
	Cgroup      string      `json:"cgroup,omitempty"`
	Container   *Container  `json:"container,omitempty"`
	Scope       Scope       `json:"scope,omitempty"`  // of a dump without its kill line: whose memory ran out
	Memory      *Memory     `json:"memory,omitempty"` // likewise
	// on the host; on "coredump:" lines of the kernel the container's own
	PID     *int   `json:"pid,omitempty"`
	Comm    string `json:"comm,omitempty"`
	Line    int    `json:"line"`
	Excerpt string `json:"excerpt"`
}

// NoteKind is the kind of a Note.
type NoteKind string

// The kinds of note.
const (
	NoteDumpsSuppressed   NoteKind = "dumps-suppressed"   // OOM dumps the kernel left out (ten in five seconds)
	NoteCrashesSuppressed NoteKind = "crashes-suppressed" // crash lines the kernel left out
	NoteRingStart         NoteKind = "ring-start"         // the log begins in the middle of the boot
	NoteRecordsLost       NoteKind = "records-lost"       // a gap in the log
	NoteLevelFiltered     NoteKind = "level-filtered"     // info lines are missing, and the cgroups with them
	NoteDumpMissing       NoteKind = "dump-missing"       // the log has a kill's last line alone
	// lines that look like the kernel's, in a form that is not known
	NoteNotUnderstood   NoteKind = "not-understood"
	NoteTimeNotRead     NoteKind = "time-not-read"    // stamps in a language that is not known
	NoteTurned          NoteKind = "turned-round"     // the newest line came first
	NoteFolded          NoteKind = "folded"           // lines were broken at the width of a terminal
	NotePrefix          NoteKind = "unknown-prefix"   // how all lines begin, where that was not understood
	NoteTimeGuessed     NoteKind = "time-guessed"     // the year or the zone of the stamps
	NoteBlobData        NoteKind = "blob-data"        // journalctl hid lines with odd bytes, or JSON left them null
	NoteForeignFacility NoteKind = "foreign-facility" // lines of a program that look like the kernel's
	NoteBootChange      NoteKind = "boot-change"
	NoteLinesCut        NoteKind = "lines-cut"      // lines over the cap of 64 KiB
	NoteRecordsCapped   NoteKind = "records-capped" // over Options.MaxRecords
)

// Note is what a reader of the log must know to judge its silence. In a [Log]
// there is at most one of each kind, its Count the sum.
type Note struct {
	Kind   NoteKind `json:"kind"`
	Count  int      `json:"count,omitempty"`
	Detail string   `json:"detail,omitempty"`
}
