package kernellog

import (
	"bytes"
	"strconv"
	"strings"
)

const commLen = 15 // TASK_COMM_LEN less its NUL (include/linux/sched.h)

// constraintLine is the line that names victim and cgroups, since 5.0
// (dump_oom_summary in mm/oom_kill.c):
//
//	oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=LEAF,mems_allowed=0,oom_memcg=P,task_memcg=Q,task=java,pid=85,uid=0
//
// Names may hold commas and equal signs, so it is read by its known keys from
// both ends.
type constraintLine struct {
	constraint string // "CONSTRAINT_MEMCG" …
	cpuset     string // last segment of the invoking task's cpuset
	limit      string // oom_memcg; empty where the host is out of memory
	cgroup     string // task_memcg
	comm       string
	pid        int // 0 where the line is not whole
	uid        *int
}

func parseConstraint(msg []byte) (*constraintLine, bool) {
	text, ok := strings.CutPrefix(string(msg), "oom-kill:constraint=")
	if !ok {
		return nil, false
	}
	var c constraintLine
	c.constraint, _, _ = strings.Cut(text, ",")
	if _, after, ok := strings.Cut(text, ",cpuset="); ok {
		c.cpuset, _, _ = strings.Cut(after, ",mems_allowed=")
		if strings.Contains(c.cpuset, ",") {
			c.cpuset = ""
		}
	}
	if _, after, ok := strings.Cut(text, ",oom_memcg="); ok {
		c.limit, _, _ = strings.Cut(after, ",task_memcg=")
	}
	if _, after, ok := strings.Cut(text, ",task_memcg="); ok {
		c.victim(after)
	}
	return &c, true
}

// victim reads "Q,task=java,pid=85,uid=0". The comm is at most 15 bytes and may
// hold ",task=" itself, so the first ",task=" that leaves no more is the key.
func (c *constraintLine) victim(text string) {
	end := strings.LastIndex(text, ",pid=")
	for from := 0; end > 0; {
		i := strings.Index(text[from:end], ",task=")
		if i < 0 {
			break
		}
		from += i + len(",task=")
		if end-from > commLen {
			continue
		}
		pidText, uidText, _ := strings.Cut(text[end+len(",pid="):], ",uid=")
		pid, err := strconv.Atoi(pidText)
		if err != nil || pid <= 0 {
			break
		}
		c.cgroup, c.comm, c.pid = text[:from-len(",task=")], text[from:end], pid
		if uid, err := strconv.Atoi(uidText); err == nil {
			c.uid = &uid
		}
		return
	}
	if path, _, ok := strings.Cut(text, ",task="); ok {
		c.cgroup = path
	}
}

// killLine is the line that every kernel prints for every process that it kills,
// and the one that old kernels print for the candidate before:
//
//	Memory cgroup out of memory: Killed process 143 (node) total-vm:21564kB, anon-rss:…, UID:0 pgtables:76kB oom_score_adj:0
//	Memory cgroup out of memory: Kill process 24572 (java) score 1996 or sacrifice child
//	Out of memory in UB 107: OOM killed process 22479 (httpd) score 0 vm:355080kB, rss:42060kB, swap:0kB
type killLine struct {
	scope       Scope  // as far as the prefix tells: unknown for none
	modern      bool   // since 5.2 (and 4.18-el8) the prefix is on the kill line itself
	bare        bool   // "Killed process 12 (x)" alone, as 2.6 has it after other lines, and as any program may print
	candidate   bool   // not a kill: a child may be taken instead
	exiting     bool   // the victim was dying already, no kill follows
	named       bool   // the name begins: what is missing behind it may be on the next line
	beancounter string // of OpenVZ and Virtuozzo: the id of the container; "0" is the machine
	pid         int
	comm        string
	uid         *int
	victim      Victim
}

var killPrefixes = []struct {
	text  string
	scope Scope
}{
	{"Memory cgroup out of memory: ", ScopeCgroup},
	{"Out of memory (oom_kill_allocating_task): ", ScopeHost},
	{"Out of memory: ", ScopeHost},
	{"Out of Memory: ", ScopeHost},
	{"No available memory (MPOL_BIND): ", ScopeMempolicy},
	{"No available memory in cpuset: ", ScopeCpuset},
}

func parseKill(msg []byte) (*killLine, bool) {
	k := killLine{scope: ScopeUnknown}
	text := string(msg)
	for _, p := range killPrefixes {
		if rest, ok := strings.CutPrefix(text, p.text); ok {
			k.scope, k.modern, text = p.scope, true, rest
			break
		}
	}
	if rest, ok := strings.CutPrefix(text, "Out of memory in UB "); ok {
		k.beancounter, text, _ = strings.Cut(rest, ": ")
		k.modern = true
	}
	switch {
	case strings.HasPrefix(text, "OOM killed process "): // OpenVZ and Virtuozzo
		text = text[len("OOM killed process "):]
	case strings.HasPrefix(text, "Killed process "):
		text = text[len("Killed process "):]
	case strings.HasPrefix(text, "Kill process "), strings.HasPrefix(text, "kill process "):
		k.candidate = true
		text = text[len("Kill process "):]
	case strings.HasPrefix(text, "OOM victim "):
		k.exiting = true
		text = text[len("OOM victim "):]
	default:
		return nil, false
	}
	return &k, k.process(text)
}

// process reads "143 (node) total-vm:…" and what old kernels wrote instead:
// "12, UID 500, (x) total-vm:…" (el6) and "12 (x), UID 33, total-vm:…" (el7).
func (k *killLine) process(text string) bool {
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	pid, err := strconv.Atoi(text[:digits])
	if err != nil || pid <= 0 {
		return false
	}
	k.pid, text = pid, text[digits:]
	open := strings.Index(text, " (")
	if open < 0 || open > len(", UID 4294967295,") {
		return false
	}
	between := text[:open]
	k.named = true
	comm, rest, ok := cutComm(text[open+len(" ("):])
	if !ok {
		return false
	}
	k.comm = comm
	k.bare = !k.modern && !k.candidate && !k.exiting && between == "" && strings.Trim(rest, ".") == ""
	k.uid = uidIn(between)
	if k.uid == nil {
		k.uid = uidIn(rest)
	}
	k.victim = Victim{
		TotalVM:    kilobytes(rest, "total-vm:"),
		AnonRSS:    kilobytes(rest, "anon-rss:"),
		FileRSS:    kilobytes(rest, "file-rss:"),
		ShmemRSS:   kilobytes(rest, "shmem-rss:"),
		PageTables: kilobytes(rest, "pgtables:"),
	}
	if i := strings.LastIndex(rest, "oom_score_adj:"); i >= 0 {
		k.victim.OOMScoreAdj = leadingInt(rest[i+len("oom_score_adj:"):])
	}
	return true
}

// cutComm splits "node) total-vm:…" behind the comm, which may hold ")" itself.
func cutComm(text string) (comm, rest string, ok bool) {
	for _, end := range [...]string{") total-vm:", "), UID ", ") vsz:", ") score ", ") is already exiting"} {
		if i := strings.LastIndex(text, end); i >= 0 && i <= commLen {
			return text[:i], text[i+1:], true
		}
	}
	for _, end := range [...]string{").", ")"} { // 2.6
		if comm, ok := strings.CutSuffix(text, end); ok && len(comm) <= commLen {
			return comm, "", true
		}
	}
	return "", "", false
}

// uidIn reads ", UID 33," and ", UID:1000".
func uidIn(text string) *int {
	i := strings.Index(text, ", UID")
	if i < 0 || len(text) <= i+len(", UID ") {
		return nil
	}
	return leadingInt(text[i+len(", UID "):])
}

func leadingInt(text string) *int {
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && text[end] == '-') {
		end++
	}
	n, err := strconv.Atoi(text[:end])
	if err != nil {
		return nil
	}
	return &n
}

// maxKilobytes keeps a number of kB, made bytes, within an int64.
const maxKilobytes = (1<<63 - 1) / 1024

// kilobytes returns the number behind key, in bytes, or nil: also where its unit is
// missing, for then the line may be cut within the digits.
func kilobytes(text, key string) *int64 {
	i := strings.Index(text, key)
	if i < 0 {
		return nil
	}
	return leadingKilobytes(text[i+len(key):])
}

func leadingKilobytes(text string) *int64 {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(text[:end], 10, 64)
	unit := text[end:min(len(text), end+len("kB"))]
	if err != nil || n > maxKilobytes || !strings.EqualFold(unit, "kB") { // "KB" in counters of version 1
		return nil
	}
	n *= 1024
	return &n
}

// usageLine reads "memory: usage 20480kB, limit 20480kB, failcnt 1204"
// (mem_cgroup_print_oom_meminfo in mm/memcontrol.c). A limit that is not set is
// printed as 9007199254740988kB (PAGE_COUNTER_MAX) or 18014398509481983kB.
func usageLine(msg []byte) (usage, limit, failcnt *int64) {
	text := string(msg)
	usage = kilobytes(text, ": usage ")
	const unset = 9007199254740988 * 1024
	if limit = kilobytes(text, ", limit "); limit != nil && *limit >= unset {
		limit = nil
	}
	if _, after, ok := strings.Cut(text, ", failcnt "); ok {
		if n, err := strconv.ParseInt(after, 10, 64); err == nil {
			failcnt = &n
		}
	}
	return usage, limit, failcnt
}

// limitLine reads "Task in A killed as a result of limit of B" (until 4.20) into
// A and B, and "Memory limit reached of cgroup B" into B alone.
func limitLine(msg []byte) (task, limit string, ok bool) {
	if path, ok := bytes.CutPrefix(msg, []byte("Memory limit reached of cgroup ")); ok {
		return "", string(path), isPath(path)
	}
	rest, ok := bytes.CutPrefix(msg, []byte("Task in "))
	a, b, ok2 := bytes.Cut(rest, []byte(" killed as a result of limit of "))
	return string(a), string(b), ok && ok2 && isPath(a) && isPath(b)
}

// groupLine reads "Tasks in P are going to be killed due to memory.oom.group set".
func groupLine(msg []byte) (string, bool) {
	rest, ok := bytes.CutPrefix(msg, []byte("Tasks in "))
	i := bytes.LastIndex(rest, []byte(" are going to be killed"))
	if !ok || i < 0 || !isPath(rest[:i]) {
		return "", false
	}
	return string(rest[:i]), true
}

// statsLine reads the path of "Memory cgroup stats for P:" and, until 5.2, the
// counters behind it: "Memory cgroup stats for P: cache:0KB rss:980KB …".
func statsLine(msg []byte) (path, counters string, ok bool) {
	rest, ok := bytes.CutPrefix(msg, []byte("Memory cgroup stats for "))
	if !ok {
		return "", "", false
	}
	if i := bytes.LastIndex(rest, []byte(": cache:")); i >= 0 {
		return string(rest[:i]), string(rest[i+2:]), isPath(rest[:i])
	}
	if i := bytes.IndexByte(rest, '\n'); i > 0 { // one record with its counters
		rest, counters = rest[:i], string(rest[i+1:])
	}
	p, ok := bytes.CutSuffix(bytes.TrimRight(rest, " "), []byte(":"))
	return string(p), counters, ok && isPath(p)
}

func isPath(b []byte) bool { return len(b) > 0 && b[0] == '/' }
