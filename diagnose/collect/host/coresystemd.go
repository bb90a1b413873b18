package host

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// LookInSystemd reads systemd-coredump's records in the journal, which stay where a
// limit or the space kept the file away, then the files that no record names.
// COREDUMP_ENVIRON is not asked for: it holds the whole environment.
func LookInSystemd(ctx context.Context, s *CoreSearch) ([]coredump.Dump, coredump.Place) {
	records, err := s.Records(ctx)
	folder := s.HostRoot + SystemdFolder
	named := map[string]bool{}
	var found []coredump.Dump
	for _, r := range records {
		named[filepath.Base(r.File)] = true
		if c := r.ContainerOf(s.Owner.ID); c != nil && len(found) < MaxCores {
			c.Name = s.Owner.Name
			found = append(found, *s.recordedCore(ctx, r, c))
		}
	}
	rest, p := s.LookInFolder(ctx, folder, coredump.WhereSystemd, func(name string) bool {
		return strings.HasPrefix(name, "core.") && !named[name]
	})
	if err != nil && p.Status != string(fact.StatusAbsent) {
		p.Detail += "; the journal was not read: " + err.Error()
	}
	if len(records) > 0 {
		p.Status, p.Detail = string(fact.StatusCollected),
			fmt.Sprintf("%d records in the journal, %s", len(records), p.Detail)
	}
	return append(found, rest...), p
}

// recordedCore reads the file of a record, or makes do with the record.
func (s *CoreSearch) recordedCore(ctx context.Context, r coredump.JournalRecord, c *coredump.Container) *coredump.Dump {
	d := r.Dump()
	if r.File != "" {
		read := ReadCoreFile(ctx, r.File, s.Now, s.Binaries.Open)
		if read.Error == "" {
			read.Truncated = read.Truncated || r.Truncated
			d = read
		} else {
			d.Path = r.File
			d.Notes = append(d.Notes, "the file that the record names could not be read: "+read.Error)
		}
	}
	d.Where, d.Container = coredump.WhereSystemd, c
	return d
}

// withAttributes completes a core of the store from the attributes of its file: they
// name the process and its host where the core was cut before it does, and stand
// alone where it cannot be read.
func withAttributes(d *coredump.Dump) *coredump.Dump {
	r, ok := coredump.ReadAttributes(d.Path, func(name string) string { return attribute(d.Path, name) })
	switch {
	case !ok:
		return d
	case d.Error != "":
		told := r.Dump()
		told.Path, told.SizeBytes, told.Hostname = d.Path, d.SizeBytes, r.Hostname
		told.Notes = append(told.Notes, "the file could not be read, this is what systemd-coredump noted beside it: "+d.Error)
		return told
	}
	d.Hostname, d.Comm = cmp.Or(d.Hostname, r.Hostname), cmp.Or(d.Comm, r.Comm)
	d.Signal = cmp.Or(d.Signal, coredump.SignalName(r.Signal))
	return d
}

// journalFields are what is read of a record.
const journalFields = "COREDUMP_PID,COREDUMP_UID,COREDUMP_SIGNAL,COREDUMP_TIMESTAMP,COREDUMP_COMM," +
	"COREDUMP_EXE,COREDUMP_CMDLINE," +
	"COREDUMP_PROC_CGROUP,COREDUMP_CGROUP,COREDUMP_CONTAINER_CMDLINE,COREDUMP_FILENAME,COREDUMP_TRUNCATED," +
	"COREDUMP_RLIMIT,COREDUMP_HOSTNAME"

// journalBytes is how much of journalctl's answer is kept.
const journalBytes = 16 << 20

// maxRecords is how many records are asked for, the newest.
const maxRecords = "1000"

// CoreRecords asks journalctl, where systemd-coredump is at home.
func (m Machine) CoreRecords(ctx context.Context, since time.Time) ([]coredump.JournalRecord, error) {
	if !IsDir(m.HostRoot + SystemdFolder) {
		return nil, nil
	}
	program, err := exec.LookPath(m.Journalctl)
	if err != nil {
		return nil, errors.New("journalctl is not installed")
	}
	args := []string{"-o", "json", "--all", "--no-pager", "-n", maxRecords, "--output-fields=" + journalFields,
		"MESSAGE_ID=" + coredump.SystemdMessageID}
	if !since.IsZero() {
		args = append(args, "--since=@"+fmt.Sprint(since.Unix()))
	}
	cmd := exec.CommandContext(ctx, program, args...)
	var out capped
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil && out.Len() == 0 {
		if errors.Is(err, fs.ErrPermission) {
			return nil, errors.New("permission denied")
		}
		return nil, err
	}
	return coredump.ReadJournal(&out), nil
}

// capped keeps the first bytes of a program's output and drops the rest.
type capped struct{ bytes.Buffer }

func (c *capped) Write(p []byte) (int, error) {
	if room := journalBytes - c.Len(); room > 0 {
		c.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}
