package kernellog

import (
	"bytes"
	"slices"
	"strings"
)

const (
	maxRows         = 8192 // of one table; a global dump lists every process of the host
	maxTasks        = 5    // of those, kept on a kill
	defaultPageSize = 4096
)

// taskTable is the table of candidates (dump_tasks in mm/oom_kill.c):
//
//	[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
//	[    143]     0   143     5391     5234     5088        0       146    77824        0             0 node
//
// Its columns changed in 2.6.36, 4.4, 4.15 and 6.8: they are found by the names
// in the header. Sizes are in pages.
type taskTable struct {
	open    bool
	columns []string
	tasks
	last struct { // of the last row, for a name with a newline in it
		boot    float64
		hasBoot bool // with microseconds
	}
}

// tasks are the rows of a table. Their names stand in one buffer, so that a row
// costs no memory of its own.
type tasks struct {
	rows  []taskRow
	names []byte
}

type taskRow struct {
	pid     int
	totalVM int64 // pages; -1 = no such column
	rss     int64 // pages; -1 = no such column
	adj     int
	hasAdj  bool
	nameEnd int // in names; it begins where the one before ends
}

// comm returns the name of a row.
func (t *tasks) comm(row int) []byte {
	begin := 0
	if row > 0 {
		begin = t.rows[row-1].nameEnd
	}
	return t.names[begin:t.rows[row].nameEnd]
}

// reset forgets all rows and keeps their memory.
func (t *tasks) reset() { t.rows, t.names = t.rows[:0], t.names[:0] }

// header reads the columns' names and tells whether it is a header.
func (t *taskTable) header(msg []byte) bool {
	_, rest, ok := bytes.Cut(msg, []byte("]"))
	columns := strings.Fields(string(rest))
	if !ok || len(columns) < 4 || len(columns) > 16 || columns[len(columns)-1] != "name" {
		return false
	}
	t.open, t.columns = true, columns
	t.reset()
	return true
}

// row reads one row, or the second half of a row whose name holds a newline.
func (t *taskTable) row(l *line, msg []byte) bool {
	if !t.open {
		return false
	}
	if msg[0] != '[' {
		return t.rest(l, msg)
	}
	inside, rest, ok := cutWithin(msg[1:], ']', 16)
	pid, isNumber := number(bytes.TrimSpace(inside))
	if !ok || !isNumber {
		return false
	}
	return t.fields(l, int(pid), rest)
}

func (t *taskTable) fields(l *line, pid int, text []byte) bool {
	row := taskRow{pid: pid, totalVM: -1, rss: -1}
	for _, column := range t.columns[:len(t.columns)-1] {
		field, rest, _ := bytes.Cut(bytes.TrimLeft(text, " "), []byte(" "))
		digits, negative := bytes.CutPrefix(field, []byte("-"))
		value, ok := number(digits)
		if !ok {
			return false
		}
		if negative {
			value = -value
		}
		text = rest
		switch column {
		case "tgid":
			row.pid = int(value)
		case "total_vm":
			row.totalVM = value
		case "rss":
			row.rss = value
		case "oom_score_adj":
			row.adj, row.hasAdj = int(value), true
		}
	}
	if len(t.rows) < maxRows {
		t.names = append(t.names, text[:min(len(text), 4*commLen)]...)
		row.nameEnd = len(t.names)
		t.rows = append(t.rows, row)
	}
	t.last.boot, t.last.hasBoot = l.boot, l.hasBoot && l.fine
	return true
}

// rest joins the second line of a name: unstamped, or with the very same stamp.
func (t *taskTable) rest(l *line, msg []byte) bool {
	if len(t.rows) == 0 {
		return false
	}
	same := l.hasBoot && l.fine && t.last.hasBoot && l.boot == t.last.boot
	row := len(t.rows) - 1
	if !same && !l.indent || len(t.comm(row))+1+len(msg) > commLen {
		return false
	}
	t.names = append(append(t.names, '\n'), msg...)
	t.rows[row].nameEnd = len(t.names)
	return true
}

// tell gives a kill what the table says: the largest tasks, how many there were,
// and the oldest of them.
func (t *taskTable) tell(kill *Kill) {
	kill.Tasks, kill.TaskCount = t.largest(kill), len(t.rows)
	kill.LowestPID = t.rows[0].pid
	for _, r := range t.rows {
		kill.LowestPID = min(kill.LowestPID, r.pid)
	}
}

// adjOf returns the oom_score_adj of a process; nil where the table does not tell.
func (t *taskTable) adjOf(pid int) *int {
	for _, r := range t.rows {
		if r.pid == pid && r.hasAdj {
			return &r.adj
		}
	}
	return nil
}

// largest returns the tasks with the most resident memory, largest first. The
// page size is worked out from the victim, whose kill line has kilobytes.
func (t *taskTable) largest(victim *Kill) []Task {
	page := t.pageSize(victim)
	var found []Task
	for _, i := range t.largestRows() {
		r := &t.rows[i]
		task := Task{PID: r.pid, Comm: string(t.comm(i))}
		if r.hasAdj {
			adj := r.adj
			task.OOMScoreAdj = &adj
		}
		if r.rss >= 0 && r.rss < 1<<46 {
			bytes := r.rss * page
			task.RSS = &bytes
		}
		found = append(found, task)
	}
	return found
}

// largestRows returns the rows with the most resident memory, by their numbers.
func (t *taskTable) largestRows() []int {
	var top []int
	for i := range t.rows {
		at := len(top)
		for at > 0 && t.isLarger(i, top[at-1]) {
			at--
		}
		if at < maxTasks {
			top = slices.Insert(top, at, i)[:min(len(top)+1, maxTasks)]
		}
	}
	return top
}

// isLarger tells whether row i goes before row j; of equal ones the older does.
func (t *taskTable) isLarger(i, j int) bool {
	a, b := &t.rows[i], &t.rows[j]
	return a.rss > b.rss || a.rss == b.rss && a.pid < b.pid
}

func (t *taskTable) pageSize(victim *Kill) int64 {
	for _, r := range t.rows {
		if r.pid == victim.PID && r.totalVM > 0 && victim.Victim.TotalVM != nil {
			for _, page := range [...]int64{4 << 10, 16 << 10, 64 << 10} {
				if *victim.Victim.TotalVM/page == r.totalVM {
					return page
				}
			}
		}
	}
	return defaultPageSize
}
