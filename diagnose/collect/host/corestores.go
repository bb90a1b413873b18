package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// CoreSearch looks for the cores of one container, or of anybody, on this machine.
type CoreSearch struct {
	Machine
	Owner    Owner
	Pattern  *coredump.Pattern // nil = not known
	Binaries *Binaries
	Sudo     string                                                  // the command that looks again as root
	Records  func(context.Context) ([]coredump.JournalRecord, error) // of systemd-coredump
	// ties a core to its container where anybody's are wanted; nil = only the owner's
	Anybody func(*coredump.Dump) *coredump.Container
}

// Owner is the container whose cores are looked for.
type Owner struct {
	ID, Name  string
	Hostname  string // of the container: the id's first 12 digits unless set
	StartedAt time.Time
	Mounts    []Mount
}

// Mount is a folder or volume of this machine that a container sees.
type Mount struct{ Type, Source, Destination string }

// MaxCores is how many cores of one place are read: a crash loop leaves hundreds that
// say the same. The newest are taken.
const MaxCores = 8

// Bounds of a walk through a mount or a store.
const (
	mountDepth   = 2
	mountEntries = 5_000
)

// LookInMounts looks below the container's mounts: cores of a process whose working
// directory is a volume are not in its layer.
func LookInMounts(ctx context.Context, s *CoreSearch) ([]coredump.Dump, coredump.Place) {
	var found []coredump.Dump
	p := coredump.Place{Status: string(fact.StatusCollected),
		Detail: fmt.Sprintf("%d mounts, two levels deep", len(s.Owner.Mounts))}
	for _, m := range s.Owner.Mounts {
		if m.Type != "bind" && m.Type != "volume" || !strings.HasPrefix(m.Source, "/") {
			continue
		}
		names, err := s.mountCandidates(ctx, m)
		if err != nil {
			p.Status, p.Detail, p.Command = refusedPlace(s, m.Source, err)
			continue
		}
		root, err := os.OpenRoot(m.Source)
		if err != nil {
			continue
		}
		for _, name := range names {
			d, ok := s.RootCore(ctx, root, name)
			if !ok || d == nil || len(found) >= MaxCores {
				continue
			}
			if d.Container = s.match(d, "it lies in a mount of the container"); d.Container == nil {
				continue // another container's core in a shared volume
			}
			d.Path, d.Where = filepath.Join(m.Destination, name), coredump.WhereContainer
			found = append(found, *d)
		}
		root.Close()
	}
	return found, p
}

// refusedPlace says why a folder was not read.
func refusedPlace(s *CoreSearch, folder string, err error) (status, detail, command string) {
	if errors.Is(err, fs.ErrPermission) {
		return string(fact.StatusDenied), "read " + folder + ": permission denied", s.Sudo
	}
	return string(fact.StatusFailed), fmt.Sprintf("read %s: %v", folder, plainPath(err)), ""
}

// mountCandidates lists names below a mount that a core may have, relative to it.
func (s *CoreSearch) mountCandidates(ctx context.Context, m Mount) ([]string, error) {
	info, err := os.Stat(m.Source)
	if err != nil || !info.IsDir() {
		return nil, err
	}
	return source.Await2(ctx, func() ([]string, error) {
		var list []string
		seen := 0
		err := filepath.WalkDir(m.Source, func(path string, d fs.DirEntry, err error) error {
			rel := strings.TrimPrefix(strings.TrimPrefix(path, m.Source), "/")
			seen++
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil && rel == "":
				return err
			case seen > mountEntries:
				return fs.SkipAll
			case err != nil:
				return nil
			case d.IsDir() && strings.Count(rel, "/") >= mountDepth-1 && rel != "":
				return fs.SkipDir
			case d.Type().IsRegular() && coredump.MayBeCore(filepath.Join(m.Destination, rel), s.Pattern):
				list = append(list, rel)
			}
			return nil
		})
		return list, err
	})
}

// LookOnHost looks into the directory of an absolute pattern on the host itself:
// with suid_dumpable=2 the core of a privilege-dropping process is written there, not
// in the container (docs/notes/CORES.md#a1, measured), and so are cores that a pipe of cat wrote.
func LookOnHost(ctx context.Context, s *CoreSearch) ([]coredump.Dump, coredump.Place) {
	switch {
	case s.Pattern == nil || s.Pattern.Relative() || s.Pattern.Dir("") == "":
		return nil, coredump.Place{Status: string(fact.StatusAbsent), Detail: "the pattern names no directory"}
	}
	dir := s.Pattern.Dir("")
	return s.LookInFolder(ctx, dir, coredump.WhereHost, func(name string) bool {
		return s.Pattern.Matches(filepath.Join(dir, name), "")
	})
}

// LookInFolder reads the newest cores of a folder on this machine that are the
// container's.
func (s *CoreSearch) LookInFolder(ctx context.Context, folder, where string,
	wanted func(name string) bool) ([]coredump.Dump, coredump.Place) {
	p := coredump.Place{Status: string(fact.StatusCollected), Detail: folder}
	names, err := newestFiles(ctx, folder, wanted)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, coredump.Place{Status: string(fact.StatusAbsent), Detail: folder + " is not there"}
	}
	if err != nil {
		p.Status, p.Detail, p.Command = refusedPlace(s, folder, err)
		return nil, p
	}
	var found []coredump.Dump
	for _, name := range names {
		d := ReadCoreFile(ctx, filepath.Join(folder, name), s.Now, s.Binaries.Open)
		if where == coredump.WhereSystemd {
			d = withAttributes(d)
		}
		if d.Error != "" {
			p.Detail = fmt.Sprintf("%s: %s: %s", folder, name, d.Error)
			continue
		}
		if s.Anybody != nil {
			d.Container = s.Anybody(d)
		} else {
			d.Container = s.match(d, "")
		}
		if d.Container != nil || s.Anybody != nil {
			d.Where = where
			found = append(found, *d)
		}
	}
	return found, p
}

// newestFiles lists the wanted files of a folder, the newest first, at most MaxCores.
func newestFiles(ctx context.Context, folder string, wanted func(name string) bool) ([]string, error) {
	entries, err := source.Await2(ctx, func() ([]os.DirEntry, error) { return os.ReadDir(folder) })
	if err != nil {
		return nil, err
	}
	type file struct {
		name string
		at   int64
	}
	var files []file
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && wanted(e.Name()) {
			files = append(files, file{e.Name(), info.ModTime().UnixNano()})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return int(min(max(b.at-a.at, -1), 1)) })
	var names []string
	for _, f := range files[:min(len(files), MaxCores)] {
		names = append(names, f.name)
	}
	return names, nil
}

// Folders of the handlers' stores (docs/notes/CORES.md#a2).
const (
	SystemdFolder = "/var/lib/systemd/coredump"
	ApportFolder  = "/var/lib/apport/coredump"
	ApportReports = "/var/crash"
	abrtFolder    = "/var/spool/abrt"
)

func LookInApport(ctx context.Context, s *CoreSearch) ([]coredump.Dump, coredump.Place) {
	reports, p := s.LookInFolder(ctx, s.HostRoot+ApportReports, coredump.WhereApport, func(name string) bool {
		return strings.HasSuffix(name, ".crash")
	})
	raw, rawPlace := s.LookInFolder(ctx, s.HostRoot+ApportFolder, coredump.WhereApport, func(name string) bool {
		return strings.HasPrefix(name, "core.")
	})
	if p.Status == string(fact.StatusAbsent) {
		p = rawPlace
	}
	if line := s.apportRefusal(); line != "" {
		p.Detail += "; apport's log says: " + line
	}
	return append(reports, raw...), p
}

// apportRefusal returns the newest line of apport's log that says why a container's
// core was not kept: "host pid 4711 crashed in a container without apport support".
func (s *CoreSearch) apportRefusal() string {
	data, err := ReadCapped(s.HostRoot+"/var/log/apport.log", 1<<20)
	if err != nil {
		return ""
	}
	lines := strings.Split(string(data), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], "crashed in a container") ||
			strings.Contains(lines[i], "crashed in a separate mount namespace") {
			return lines[i][:min(len(lines[i]), 300)]
		}
	}
	return ""
}

// LookInAbrt reads /var/spool/abrt/ccpp-DATE-PID/coredump; container_id beside it
// holds the id's first 12 digits, cut from mountinfo.
func LookInAbrt(ctx context.Context, s *CoreSearch) ([]coredump.Dump, coredump.Place) {
	folder := s.HostRoot + abrtFolder
	entries, err := source.Await2(ctx, func() ([]os.DirEntry, error) { return os.ReadDir(folder) })
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, coredump.Place{Status: string(fact.StatusAbsent), Detail: folder + " is not there"}
	case err != nil:
		var p coredump.Place
		p.Status, p.Detail, p.Command = refusedPlace(s, folder, err)
		return nil, p
	}
	var found []coredump.Dump
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "ccpp-") || len(found) == MaxCores {
			continue
		}
		dir := filepath.Join(folder, e.Name())
		id, _ := ReadCapped(filepath.Join(dir, "container_id"), 256)
		if text := strings.TrimSpace(string(id)); len(text) < 12 || !strings.HasPrefix(s.Owner.ID, text) {
			continue
		}
		d := ReadCoreFile(ctx, filepath.Join(dir, "coredump"), s.Now, s.Binaries.Open)
		d.Where = coredump.WhereAbrt
		d.Container = &coredump.Container{ID: s.Owner.ID, Name: s.Owner.Name, Grade: coredump.GradeProven,
			By: "abrt noted the container's id"}
		found = append(found, *d)
	}
	return found, coredump.Place{Status: string(fact.StatusCollected), Detail: folder}
}

// RootCore reads a file below a folder of the container's, out of which no link of
// its leads. ok is false where it cannot be opened; d is nil for what is no core.
func (s *CoreSearch) RootCore(ctx context.Context, root *os.Root, name string) (d *coredump.Dump, ok bool) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, false
	}
	if !info.Mode().IsRegular() {
		return nil, true
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	d = readCore(ctx, f, info.Size(), s.Binaries.Open)
	if d.Error != "" {
		return nil, true
	}
	at := info.ModTime().UTC()
	size := info.Size()
	d.At, d.SizeBytes = &at, &size
	after, err := f.Stat()
	d.Growing = err == nil && after.Size() != size || d.Truncated && s.Now().Sub(at) < 2*time.Second
	return d, true
}

// match ties a core that lay elsewhere to the container: by the host name in its
// own environment block, which the engine sets to the id's first 12 digits, else by
// the time. nil = it is not this container's.
func (s *CoreSearch) match(d *coredump.Dump, where string) *coredump.Container {
	c := &coredump.Container{ID: s.Owner.ID, Name: s.Owner.Name}
	switch {
	case d.Hostname != "" && strings.HasPrefix(s.Owner.ID, d.Hostname) && len(d.Hostname) >= 12:
		c.Grade, c.By = coredump.GradeProven, "the host name of its process is the container's id"
	case d.Hostname != "" && d.Hostname == s.Owner.Hostname:
		c.Grade, c.By = coredump.GradeLikely, "the host name of its process is the container's"
	case d.Hostname != "":
		return nil
	case where != "" && d.At != nil && !s.Owner.StartedAt.IsZero() && !d.At.Before(s.Owner.StartedAt):
		c.Grade, c.By = coredump.GradePossible, where+", and it was written after the container's start"
	default:
		return nil
	}
	return c
}
