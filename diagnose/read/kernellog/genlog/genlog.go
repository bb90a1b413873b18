// Package genlog makes kernel logs of any size that look like those of a busy
// container host: audit, bridges, iptables, systemd, drivers; about one dump of an
// OOM kill in 2,000 lines and a few crashes, of the kernels 4.19, 5.15 and 6.12. It
// knows what it wrote, so that a reader can be held against it. It is part of the
// tests and of docs/measure, not of the program.
package genlog

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"slices"
	"strings"
	"time"
)

// Options say what to write.
type Options struct {
	Format string // one of Formats
	Size   int    // bytes, at least
	Every  int    // lines for each dump; 0 = 2000
	Seed   int64  // the same seed gives the same log
}

// Formats are the forms of a log: "[  123.456789] msg", "6,12,123456,-;msg",
// "[Mon Nov 20 09:23:11 2026] msg", "Nov 20 09:23:11 node-17 kernel: [  123.456789]
// msg", journalctl -o short-iso and -o json.
var Formats = []string{"dmesg", "kmsg", "ctime", "syslog", "iso", "json"}

// Kill is what a perfect reader would report of one killed process.
type Kill struct {
	PID    int    `json:"pid"`
	Comm   string `json:"comm"`
	Task   string `json:"task_memcg,omitempty"` // the victim's cgroup; empty = the log does not tell
	Limit  string `json:"oom_memcg,omitempty"`  // the cgroup whose limit was hit; likewise
	Global bool   `json:"global,omitempty"`     // the machine was out of memory
}

// Truth is what stands in a log.
type Truth struct {
	Bytes, Lines, Records, Dumps, Segv, Traps, Rejected int
	KillList                                            []Kill
}

// boot is when the machine of the log was started.
var boot = time.Date(2026, 11, 3, 6, 11, 2, 0, time.UTC)

type generator struct {
	*rand.Rand
	out    *bufio.Writer
	format string
	truth  Truth
	us     int64 // the kernel's clock
	seq    int   // of /dev/kmsg
}

// Write writes a log and returns what is in it.
func Write(w io.Writer, o Options) (Truth, error) {
	if !slices.Contains(Formats, o.Format) {
		return Truth{}, fmt.Errorf("unknown format %q, want one of %s", o.Format, strings.Join(Formats, ", "))
	}
	every := max(o.Every, 0)
	if every == 0 {
		every = 2000
	}
	g := &generator{
		Rand: rand.New(rand.NewSource(o.Seed)), out: bufio.NewWriterSize(w, 1<<20),
		format: o.Format, us: 8123456, seq: 4000,
	}
	for next := every / 2; g.truth.Bytes < o.Size; {
		g.noise()
		if g.truth.Lines >= next {
			g.dump()
			next += every
		}
	}
	return g.truth, g.out.Flush()
}

// emit writes a record of some time later, of a syslog level (with facility, times 8).
func (g *generator) emit(level int, form string, values ...any) {
	g.us += int64(g.Intn(60000))
	g.record(level, fmt.Sprintf(form, values...))
}

// tight writes a record of the same moment: a further line of a dump.
func (g *generator) tight(level int, form string, values ...any) {
	g.us += int64(g.Intn(9) + 1)
	g.record(level, fmt.Sprintf(form, values...))
}

// record writes one record, whose message may have several lines.
func (g *generator) record(level int, msg string) {
	g.seq++
	g.truth.Records++
	at := boot.Add(time.Duration(g.us) * time.Microsecond)
	clock := fmt.Sprintf("[%5d.%06d] ", g.us/1e6, g.us%1e6)
	switch g.format {
	case "kmsg":
		escaped := strings.NewReplacer("\\", "\\x5c", "\n", "\\x0a").Replace(msg)
		g.line(fmt.Sprintf("%d,%d,%d,-;", level, g.seq, g.us), escaped)
		return
	case "json":
		g.line("", g.journal(level, msg))
		return
	}
	for i, text := range strings.Split(msg, "\n") {
		head := clock
		switch g.format {
		case "ctime":
			head = at.Format("[Mon Jan _2 15:04:05 2006] ")
		case "syslog":
			head = at.Format("Jan _2 15:04:05") + " node-17 kernel: " + clock
		case "iso":
			head = at.Format("2006-01-02T15:04:05-07:00") + " node-17 kernel: "
		}
		if i > 0 && (g.format == "dmesg" || g.format == "ctime") { // util-linux indents the later lines of a record
			head = strings.Repeat(" ", len(head))
		}
		g.line(head, text)
	}
}

func (g *generator) line(head, text string) {
	_, _ = g.out.WriteString(head) // an error stays and is returned by Flush
	_, _ = g.out.WriteString(text)
	_ = g.out.WriteByte('\n')
	g.truth.Bytes += len(head) + len(text) + 1
	g.truth.Lines++
}

// journal returns a record as journald's JSON.
func (g *generator) journal(level int, msg string) string {
	us := fmt.Sprint(g.us)
	text, _ := json.Marshal(map[string]string{ // strings always can be
		"__REALTIME_TIMESTAMP": fmt.Sprint(boot.UnixMicro() + g.us), "__MONOTONIC_TIMESTAMP": us,
		"_SOURCE_MONOTONIC_TIMESTAMP": us,
		"_BOOT_ID":                    "7c3c1f7a2f0e4d5f9d1b6a5a4c3b2a19", "_HOSTNAME": "node-17",
		"_MACHINE_ID": "2d3f0b9f5f7e4a52a1b9b8b0d2f4c6e8",
		"_TRANSPORT":  "kernel", "SYSLOG_FACILITY": "0", "SYSLOG_IDENTIFIER": "kernel", "PRIORITY": fmt.Sprint(level),
		"MESSAGE": msg,
	})
	return string(text)
}

func (g *generator) hex(digits int) string {
	b := make([]byte, digits)
	for i := range b {
		b[i] = "0123456789abcdef"[g.Intn(16)]
	}
	return string(b)
}

func (g *generator) uuid(sep string) string {
	return strings.Join([]string{g.hex(8), g.hex(4), g.hex(4), g.hex(4), g.hex(12)}, sep)
}

func (g *generator) pick(list ...string) string { return list[g.Intn(len(list))] }

// pid returns a process id.
func (g *generator) pid() int { return g.Intn(4000000) + 300 }

func (g *generator) comm() string {
	return g.pick("java", "node", "python3", "postgres", "redis-server", "nginx", "gunicorn: work", "celeryd: celery",
		"ruby", "dotnet",
		"envoy", "prometheus", "mysqld", "php-fpm", "beam.smp", "Plex Media Serv", "chrome_crashpad",
		"http-nio-8080-e", "VM Thread", "uwsgi")
}
