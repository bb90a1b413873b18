package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// Bounds of a walk through a mount or a store.
const (
	mountDepth   = 2
	mountEntries = 5_000
)

// lookInMounts looks below the container's mounts: cores of a process whose working
// directory is a volume are not in its layer.
func lookInMounts(ctx context.Context, s *coreSearch) ([]coredump.Dump, coredump.Place) {
	if !s.here {
		return nil, elsewherePlace()
	}
	var found []coredump.Dump
	p := coredump.Place{Status: string(fact.StatusCollected), Detail: fmt.Sprintf("%d mounts, two levels deep", len(s.subject.Mounts))}
	for _, m := range s.subject.Mounts {
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
			d, ok := s.rootCore(ctx, root, name)
			if !ok || d == nil || len(found) >= maxCores {
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

func elsewherePlace() coredump.Place {
	return coredump.Place{Status: string(fact.StatusAbsent), Detail: "the engine's disk is not this machine's", Command: "run gwdoctor cores on the engine's host"}
}

// refusedPlace says why a folder was not read.
func refusedPlace(s *coreSearch, folder string, err error) (status, detail, command string) {
	if errors.Is(err, fs.ErrPermission) {
		return string(fact.StatusDenied), "read " + folder + ": permission denied", "sudo gwdoctor cores " + shellWord(orDefault(s.subject.Name, s.Ref))
	}
	return string(fact.StatusFailed), fmt.Sprintf("read %s: %v", folder, plainPath(err)), ""
}

// mountCandidates lists names below a mount that a core may have, relative to it.
func (s *coreSearch) mountCandidates(ctx context.Context, m mount) ([]string, error) {
	info, err := os.Stat(m.Source)
	if err != nil || !info.IsDir() {
		return nil, err
	}
	return await2(ctx, func() ([]string, error) {
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
			case d.Type().IsRegular() && coredump.MayBeCore(filepath.Join(m.Destination, rel), s.pattern):
				list = append(list, rel)
			}
			return nil
		})
		return list, err
	})
}

// lookOnHost looks into the directory of an absolute pattern on the host itself:
// with suid_dumpable=2 the core of a privilege-dropping process is written there, not
// in the container (CORES.md A1, measured), and so are cores that a pipe of cat wrote.
func lookOnHost(ctx context.Context, s *coreSearch) ([]coredump.Dump, coredump.Place) {
	switch {
	case !s.here:
		return nil, elsewherePlace()
	case s.pattern == nil || s.pattern.Relative() || s.pattern.Dir("") == "":
		return nil, coredump.Place{Status: string(fact.StatusAbsent), Detail: "the pattern names no directory"}
	}
	dir := s.pattern.Dir("")
	return s.lookInFolder(ctx, dir, coredump.WhereHost, func(name string) bool { return s.pattern.Matches(filepath.Join(dir, name), "") })
}

// lookInFolder reads the newest cores of a folder on this machine that are the
// container's.
func (s *coreSearch) lookInFolder(ctx context.Context, folder, where string, wanted func(name string) bool) ([]coredump.Dump, coredump.Place) {
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
		d := readCoreFile(ctx, filepath.Join(folder, name), s.Now, s.binaries.open)
		if where == coredump.WhereSystemd {
			d = withAttributes(d)
		}
		if d.Error != "" {
			p.Detail = fmt.Sprintf("%s: %s: %s", folder, name, d.Error)
			continue
		}
		if s.anybody {
			d.Container = byHostname(d, s.rows)
		} else {
			d.Container = s.match(d, "")
		}
		if d.Container != nil || s.anybody {
			d.Where = where
			found = append(found, *d)
		}
	}
	return found, p
}

// newestFiles lists the wanted files of a folder, the newest first, at most maxCores.
func newestFiles(ctx context.Context, folder string, wanted func(name string) bool) ([]string, error) {
	entries, err := await2(ctx, func() ([]os.DirEntry, error) { return os.ReadDir(folder) })
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
	for _, f := range files[:min(len(files), maxCores)] {
		names = append(names, f.name)
	}
	return names, nil
}

// Folders of the handlers' stores (CORES.md A2).
const (
	systemdFolder = "/var/lib/systemd/coredump"
	apportFolder  = "/var/lib/apport/coredump"
	apportReports = "/var/crash"
	abrtFolder    = "/var/spool/abrt"
)

func lookInApport(ctx context.Context, s *coreSearch) ([]coredump.Dump, coredump.Place) {
	if !s.here {
		return nil, elsewherePlace()
	}
	reports, p := s.lookInFolder(ctx, s.hostRoot+apportReports, coredump.WhereApport, func(name string) bool { return strings.HasSuffix(name, ".crash") })
	raw, rawPlace := s.lookInFolder(ctx, s.hostRoot+apportFolder, coredump.WhereApport, func(name string) bool { return strings.HasPrefix(name, "core.") })
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
func (s *coreSearch) apportRefusal() string {
	data, err := readCapped(s.hostRoot+"/var/log/apport.log", 1<<20)
	if err != nil {
		return ""
	}
	lines := strings.Split(string(data), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], "crashed in a container") || strings.Contains(lines[i], "crashed in a separate mount namespace") {
			return lines[i][:min(len(lines[i]), 300)]
		}
	}
	return ""
}

// lookInAbrt reads /var/spool/abrt/ccpp-DATE-PID/coredump; container_id beside it
// holds the id's first 12 digits, cut from mountinfo.
func lookInAbrt(ctx context.Context, s *coreSearch) ([]coredump.Dump, coredump.Place) {
	if !s.here {
		return nil, elsewherePlace()
	}
	folder := s.hostRoot + abrtFolder
	entries, err := await2(ctx, func() ([]os.DirEntry, error) { return os.ReadDir(folder) })
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
		if !strings.HasPrefix(e.Name(), "ccpp-") || len(found) == maxCores {
			continue
		}
		dir := filepath.Join(folder, e.Name())
		id, _ := readCapped(filepath.Join(dir, "container_id"), 256)
		if text := strings.TrimSpace(string(id)); len(text) < 12 || !strings.HasPrefix(s.subject.ID, text) {
			continue
		}
		d := readCoreFile(ctx, filepath.Join(dir, "coredump"), s.Now, s.binaries.open)
		d.Where = coredump.WhereAbrt
		d.Container = &coredump.Container{ID: s.subject.ID, Name: s.subject.Name, Grade: coredump.GradeProven, By: "abrt noted the container's id"}
		found = append(found, *d)
	}
	return found, coredump.Place{Status: string(fact.StatusCollected), Detail: folder}
}
