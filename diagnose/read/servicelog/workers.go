package servicelog

import (
	"bytes"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"time"
)

// WorkerEnd tells how a worker ended, as far as the log shows.
type WorkerEnd string

// The ends.
const (
	WorkerLives      WorkerEnd = ""                // no line tells of an end
	WorkerFinished   WorkerEnd = "finished"        // it said goodbye itself
	WorkerTimedOut   WorkerEnd = "timed-out"       // gunicorn found it blocked, and killed it
	WorkerSignalled  WorkerEnd = "signal"          // a signal ended it: Detail
	WorkerExited     WorkerEnd = "exit-code"       // it left with a code: Detail
	WorkerNotStarted WorkerEnd = "failed-to-start" // it exited while starting
	WorkerDied       WorkerEnd = "died"            // how, its parent does not print
)

// Worker is one process of the server.
type Worker struct {
	PID                    int // in the container's pid namespace
	Started, Ended         *time.Time
	StartedLine, EndedLine int // zero: no such line
	End                    WorkerEnd
	Detail                 string // "SIGKILL", "code 139", "3"; "" = not printed
	// Noticed: the parent said that it ended. uvicorn's never did before 0.30.
	Noticed bool
}

const maxWorkers = 64 // kept of one run, the newest

// workers follows the processes of one run.
type workers struct {
	list     []Worker
	dropped  int
	booted   time.Time // of the newest gunicorn worker
	owed     int       // ends of gunicorn workers that no boot has answered
	asked    bool      // a signal asked gunicorn for other workers
	vanished bool      // the present line is the boot of a worker in the place of one whose end nobody told
}

const (
	bootLine  = "Booting worker with pid: "
	bootPause = 2 * time.Second
)

// workerLine is one line that tells of a worker. messagePID finds which.
type workerLine struct {
	start, has string
	end        WorkerEnd
	began      bool
	noticed    bool
	detail     string // what stands before the detail
}

// workerLines are in the order in which they are tried.
var workerLines = []workerLine{
	{start: "Started server process [", began: true},
	{start: bootLine, began: true},
	{start: "Running on http", began: true}, // hypercorn: the pid is in the prefix
	{start: "Finished server process [", end: WorkerFinished},
	{start: "Worker exiting (pid: ", end: WorkerFinished},
	{start: "WORKER TIMEOUT (pid:", end: WorkerTimedOut},
	{start: "Child process [", has: "] died", end: WorkerDied, noticed: true},
	{start: "Child process [", has: "] failed to start", end: WorkerNotStarted, noticed: true},
	{start: "Worker (pid:", has: ") was sent ", end: WorkerSignalled, noticed: true, detail: " was sent "},
	{start: "Worker (pid:", has: ") exited with code ", end: WorkerExited, noticed: true, detail: " exited with code "},
	{start: "Worker with pid ", has: "due to signal ", end: WorkerSignalled, noticed: true, detail: "due to signal "},
	{start: "Process 'ForkPoolWorker-", has: " exited with 'signal ", end: WorkerSignalled, noticed: true,
		detail: " exited with 'signal "},
	{start: "Process 'ForkPoolWorker-", has: " exited with 'exitcode ", end: WorkerExited, noticed: true,
		detail: " exited with 'exitcode "},
}

// workerBytes are the first bytes of workerLines, for one look at lines that are none.
var workerBytes = func() (out [256]bool) {
	for _, w := range workerLines {
		out[w.start[0]] = true
	}
	out['H'] = true // Handling signal
	return out
}()

// add reads a message.
func (w *workers) add(p prefix.Line, l *logical) {
	w.vanished = false
	if !workerBytes[p.Msg[0]] {
		return
	}
	if bytes.HasPrefix(p.Msg, []byte("Handling signal: ")) {
		w.asked = true
		return
	}
	for i := range workerLines {
		m := &workerLines[i]
		if !bytes.HasPrefix(p.Msg, []byte(m.start)) || !bytes.Contains(p.Msg, []byte(m.has)) {
			continue
		}
		if pid := messagePID(p); pid > 0 {
			w.apply(m, pid, p.Msg, l)
		}
		return
	}
}

func (w *workers) apply(m *workerLine, pid int, msg []byte, l *logical) {
	at := instant(l.at, l.timed)
	k := w.of(pid)
	w.owe(m, k, at)
	if m.began {
		if k == nil || k.End != WorkerLives { // a pid that comes again is another process
			w.append(Worker{PID: pid, Started: &at, StartedLine: l.number})
		}
		return
	}
	if k == nil {
		k = w.append(Worker{PID: pid})
	}
	k.Noticed = k.Noticed || m.noticed
	if m.detail != "" && k.Detail == "" {
		_, rest, _ := bytes.Cut(msg, []byte(m.detail))
		k.Detail = excerpt.Of(bytes.TrimRight(rest[:detailEnd(rest)], "!.'"), 40)
	}
	if k.End == WorkerLives {
		k.End, k.Ended, k.EndedLine = m.end, &at, l.number
	}
}

// owe keeps account of gunicorn's workers: each end is followed by one boot. It sets vanished where a boot comes that
// no end is owed for, and that is none of the first ones, which follow each other within a tenth of a second.
func (w *workers) owe(m *workerLine, k *Worker, at time.Time) {
	w.vanished = false
	switch {
	case !m.began:
		if k == nil || k.End == WorkerLives {
			w.owed++
		}
	case m.start != bootLine:
	case w.asked || at.IsZero():
	case !w.booted.IsZero() && at.Sub(w.booted) > bootPause:
		if w.vanished = w.owed == 0; w.owed > 0 {
			w.owed--
		}
	}
	if m.start == bootLine {
		w.booted = at
	}
}

// detailEnd cuts "SIGKILL! Perhaps out of memory?" and "9 (SIGKILL)'" behind what they name.
func detailEnd(b []byte) int {
	if i := bytes.IndexAny(b, "!.'"); i >= 0 {
		return i
	}
	return len(b)
}

// of returns the newest worker with this pid, nil if there is none.
func (w *workers) of(pid int) *Worker {
	for i := len(w.list) - 1; i >= 0; i-- {
		if w.list[i].PID == pid {
			return &w.list[i]
		}
	}
	return nil
}

func (w *workers) append(k Worker) *Worker {
	if len(w.list) == maxWorkers {
		w.list = append(w.list[:0], w.list[1:]...)
		w.dropped++
	}
	w.list = append(w.list, k)
	return &w.list[len(w.list)-1]
}
