package coredump

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// SystemdMessageID marks systemd-coredump's records in the journal (sd-messages.h
// SD_MESSAGE_COREDUMP).
const SystemdMessageID = "fc2e22bc6ee647b6b90729ab34a250b1"

// JournalRecord is one core that systemd-coredump took, as `journalctl -o json` gives
// it, one object a line:
//
//	{"COREDUMP_SIGNAL":"11","COREDUMP_COMM":"python3","COREDUMP_PROC_CGROUP":"0::/system.slice/docker-6a0f….scope\n", …}
//
// A record is written even where the limit or the space kept the file away.
type JournalRecord struct {
	PID, UID, Signal int
	At               time.Time
	Comm, Exe, Args  string
	Hostname         string // the UTS name of the process: its container's
	Cgroup           string // /proc/PID/cgroup, or COREDUMP_CGROUP (garbage on hybrid cgroup v1)
	Manager          string // command line of the container's shim or conmon
	File             string // "" = no file was kept
	Truncated        bool
	Limit            string
}

// maxJournalLine bounds a record; /proc/PID/maps alone can have megabytes.
const maxJournalLine = 8 << 20

// ReadJournal reads records; lines that are none are passed over.
func ReadJournal(r io.Reader) []JournalRecord {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), maxJournalLine)
	var list []JournalRecord
	for in.Scan() && len(list) < 1000 {
		var raw map[string]json.RawMessage
		if json.Unmarshal(in.Bytes(), &raw) == nil && raw["COREDUMP_SIGNAL"] != nil {
			list = append(list, journalRecord(raw))
		}
	}
	return list
}

func journalRecord(raw map[string]json.RawMessage) JournalRecord {
	text := func(name string) string { return journalText(raw["COREDUMP_"+name]) }
	number := func(name string) int {
		n, _ := strconv.Atoi(text(name))
		return n
	}
	r := JournalRecord{
		PID: number("PID"), UID: number("UID"), Signal: number("SIGNAL"),
		Comm: text("COMM"), Exe: text("EXE"), Args: text("CMDLINE"),
		Cgroup: text("PROC_CGROUP"), Manager: text("CONTAINER_CMDLINE"),
		Hostname: text("HOSTNAME"), File: text("FILENAME"), Truncated: text("TRUNCATED") == "1", Limit: text("RLIMIT"),
	}
	if r.Cgroup == "" {
		r.Cgroup = text("CGROUP")
	}
	if us, err := strconv.ParseInt(text("TIMESTAMP"), 10, 64); err == nil && us > 0 && us <= math.MaxInt64/1000 {
		r.At = time.UnixMicro(us).UTC()
	}
	return r
}

// ReadAttributes reads what systemd-coredump writes beside a core's file, which stays
// where the journal is lost or was rotated (coredump.c fix_xattr; all nine measured
// with systemd 252). get returns "" for an attribute that is not there; ok is false
// where the file has none of them. The group, user.coredump.gid, tells nothing here.
//
//	user.coredump.pid=4711 uid gid signal=11 timestamp=1763888000000000 rlimit=-1 hostname=258b24e743e1 comm=python3 exe=/usr/bin/python3.11
func ReadAttributes(file string, get func(name string) string) (r JournalRecord, ok bool) {
	raw := map[string]json.RawMessage{}
	for _, name := range []string{"pid", "uid", "signal", "timestamp", "rlimit", "hostname", "comm", "exe"} {
		if value := get("user.coredump." + name); value != "" {
			raw["COREDUMP_"+strings.ToUpper(name)], _ = json.Marshal(value)
		}
	}
	r = journalRecord(raw)
	r.File = file
	return r, r.Signal > 0
}

// journalText reads a field: a string, or for what is no UTF-8 an array of bytes, or
// of a repeated field an array of strings.
func journalText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var b []byte
	var numbers []int
	if json.Unmarshal(raw, &numbers) == nil {
		for _, n := range numbers {
			b = append(b, byte(n))
		}
		return string(b)
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil && len(list) > 0 {
		return list[0]
	}
	return ""
}

var containerID = lazyregexp.New(`[0-9a-f]{64}`)

// ContainerOf ties a record to a container by the whole id in the process's control
// group, or in the command line of its shim; nil = it is not that container's. In
// Kubernetes the shim's id is the pod's sandbox.
func (r JournalRecord) ContainerOf(id string) *Container {
	switch {
	case len(id) != 64:
	case containerID().FindString(r.Cgroup) != "":
		if strings.Contains(r.Cgroup, id) {
			return &Container{ID: id, Grade: GradeProven, By: "its control group is the container's"}
		}
	case strings.Contains(r.Manager, id):
		return &Container{ID: id, Grade: GradeProven, By: "its container's shim bears the id"}
	}
	return nil
}

// Dump is what the record alone tells.
func (r JournalRecord) Dump() *Dump {
	d := &Dump{
		Comm: r.Comm, Args: r.Args, Signal: SignalName(r.Signal), Kind: KindOther, Truncated: r.Truncated,
		Threads: []ThreadDump{}, Notes: []string{"the process number in the journal is the host's, so it is left out"},
	}
	if !r.At.IsZero() {
		at := r.At
		d.At = &at
	}
	d.Summary = orComm(r.Comm) + " was ended by " + d.Signal
	if r.File == "" {
		d.Summary += "; systemd-coredump kept no file"
		if r.Limit != "" {
			d.Notes = append(d.Notes, "the process's core limit was "+r.Limit+
				" bytes; below one page systemd-coredump keeps only the record")
		}
	}
	return d
}

func orComm(comm string) string {
	if comm == "" {
		return "the process"
	}
	return comm
}
