package kernellog

import (
	"bytes"
	"slices"
	"strconv"
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
	rows    []taskRow
	last    line // of the last row, for a name with a newline in it
}

type taskRow struct {
	pid     int
	comm    string
	totalVM int64 // pages; -1 = no such column
	rss     int64 // pages; -1 = no such column
	adj     *int
}

// header reads the columns' names and tells whether it is a header.
func (t *taskTable) header(msg []byte) bool {
	_, rest, ok := bytes.Cut(msg, []byte("]"))
	columns := strings.Fields(string(rest))
	if !ok || len(columns) < 4 || len(columns) > 16 || columns[len(columns)-1] != "name" {
		return false
	}
	*t = taskTable{open: true, columns: columns}
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
	return t.fields(l, int(pid), string(rest))
}

func (t *taskTable) fields(l *line, pid int, text string) bool {
	row := taskRow{pid: pid, totalVM: -1, rss: -1}
	for _, column := range t.columns[:len(t.columns)-1] {
		text = strings.TrimLeft(text, " ")
		field, rest, _ := strings.Cut(text, " ")
		value, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return false
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
			adj := int(value)
			row.adj = &adj
		}
	}
	if row.comm = text; len(text) > 4*commLen {
		row.comm = text[:4*commLen]
	}
	if len(t.rows) < maxRows {
		t.rows = append(t.rows, row)
	}
	t.last = line{boot: l.boot, hasBoot: l.hasBoot, fine: l.fine}
	return true
}

// rest joins the second line of a name: unstamped, or with the very same stamp.
func (t *taskTable) rest(l *line, msg []byte) bool {
	if len(t.rows) == 0 {
		return false
	}
	same := l.hasBoot && l.fine && t.last.hasBoot && l.boot == t.last.boot
	row := &t.rows[len(t.rows)-1]
	if !same && !l.indent || len(row.comm)+1+len(msg) > commLen {
		return false
	}
	row.comm += "\n" + string(msg)
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

// largest returns the tasks with the most resident memory, largest first. The
// page size is worked out from the victim, whose kill line has kilobytes.
func (t *taskTable) largest(victim *Kill) []Task {
	rows := slices.Clone(t.rows)
	slices.SortStableFunc(rows, func(a, b taskRow) int {
		if a.rss != b.rss {
			return int(max(-1, min(1, b.rss-a.rss)))
		}
		return a.pid - b.pid
	})
	page := t.pageSize(victim)
	var tasks []Task
	for _, r := range rows[:min(len(rows), maxTasks)] {
		task := Task{PID: r.pid, Comm: r.comm, OOMScoreAdj: r.adj}
		if r.rss >= 0 && r.rss < 1<<46 {
			bytes := r.rss * page
			task.RSS = &bytes
		}
		tasks = append(tasks, task)
	}
	return tasks
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
