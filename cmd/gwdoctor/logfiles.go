package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/compressed"
)

// logFiles reads saved logs one behind the other as one, the oldest first, each
// plain or compressed. A file that breaks off does not end it: what was readable
// counts, the others are read, and Broken says what is missing.
type logFiles struct {
	ctx    context.Context
	names  []string // as given, in the order in which they are read
	newest time.Time
	files  []io.Reader
	Broken []error

	open   io.ReadCloser // content of the first of files; nil = not opened yet
	closed []io.Closer
	last   byte
}

// rotatedName takes a rotated log's name apart: kern.log.2.gz, kern.log-20261120,
// kern.log-20261120.zst (logrotate(8), dateext).
var rotatedName = lazyregexp.New(`(?s)^(.*?)(?:\.(\d{1,4})|[.-](\d{8}(?:-\d{1,10})?))?(?:\.(?:gz|xz|zst|lz4))?$`)

// rotation orders the files of one log: dated ones first, then by falling number,
// the one that is still written to last.
func rotation(path string) (base, date string, number int) {
	parts := rotatedName().FindStringSubmatch(filepath.Base(path))
	number, _ = strconv.Atoi(parts[2])
	if date = parts[3]; date == "" {
		date = "~" // behind any date
	}
	return filepath.Join(filepath.Dir(path), parts[1]), date, number
}

// oldestFirst sorts the files of each log by age, and leaves the logs in the order
// in which they were named.
func oldestFirst(paths []string) []string {
	place := map[string]int{}
	for i, path := range paths {
		base, _, _ := rotation(path)
		if _, ok := place[base]; !ok {
			place[base] = i
		}
	}
	sorted := slices.Clone(paths)
	slices.SortStableFunc(sorted, func(a, b string) int {
		baseA, dateA, numberA := rotation(a)
		baseB, dateB, numberB := rotation(b)
		return cmp.Or(cmp.Compare(place[baseA], place[baseB]), cmp.Compare(dateA, dateB), cmp.Compare(numberB, numberA))
	})
	return sorted
}

// openLogFiles opens all files at once, so that a rotation meanwhile cannot put
// another one in their place. "-" is standard input. One that two names lead to is
// read once.
func openLogFiles(ctx context.Context, paths []string, stdin io.Reader, now time.Time) (*logFiles, error) {
	l := &logFiles{ctx: ctx, last: '\n'}
	var seen []fs.FileInfo
	for _, path := range oldestFirst(paths) {
		if path == "-" {
			l.add(path, stdin, now)
			continue
		}
		f, info, err := openLog(ctx, path)
		if err != nil {
			l.Close()
			return nil, err
		}
		l.closed = append(l.closed, f)
		if slices.ContainsFunc(seen, func(other fs.FileInfo) bool { return os.SameFile(info, other) }) {
			continue
		}
		seen = append(seen, info)
		l.add(path, f, info.ModTime())
	}
	return l, nil
}

func openLog(ctx context.Context, path string) (*interruptible.File, fs.FileInfo, error) {
	f, err := interruptible.Open(ctx, path)
	if err != nil {
		return nil, nil, fileError(path, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("it is a folder")
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, nil, &hinted{fmt.Errorf("read %q: %w", path, err),
			[]string{"name the files in it, such as " + filepath.Join(path, "kern.log*")}}
	}
	return f, info, nil
}

func fileError(path string, err error) error {
	hint := "journalctl -k -o json | gwdoctor oom --file - reads the journal where no kern.log is kept"
	switch {
	case errors.Is(err, fs.ErrPermission):
		hint = "sudo gwdoctor oom --file " + path + ", or join group adm, which may read /var/log"
	case errors.Is(err, context.Canceled):
		return err
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read %q: %w", path, err)
	}
	return &hinted{fmt.Errorf("read %q: %w", path, err), []string{hint}}
}

func (l *logFiles) add(name string, r io.Reader, modified time.Time) {
	l.names, l.files = append(l.names, name), append(l.files, r)
	if modified.After(l.newest) {
		l.newest = modified
	}
}

func (l *logFiles) Read(p []byte) (int, error) {
	for len(l.files) > 0 {
		if err := l.ctx.Err(); err != nil {
			return 0, err
		}
		n, err := l.readFirst(p)
		if n > 0 {
			l.last = p[n-1]
		}
		if err != nil {
			l.next(err)
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, io.EOF
}

// readFirst reads the first file that is left. One that did not end with its line
// must not run into this one.
func (l *logFiles) readFirst(p []byte) (int, error) {
	if l.open == nil {
		r, _, err := compressed.NewReader(l.files[0])
		if err != nil {
			return 0, err
		}
		l.open = r
		if l.last != '\n' {
			p[0] = '\n'
			return 1, nil
		}
	}
	return l.open.Read(p)
}

// next goes on to the file behind the one that ended, or broke off.
func (l *logFiles) next(err error) {
	name := l.names[len(l.names)-len(l.files)]
	if !errors.Is(err, io.EOF) {
		l.Broken = append(l.Broken, brokenFile(name, err))
	}
	if l.open != nil {
		_ = l.open.Close() // a decoder; the file is closed with the others
	}
	l.open, l.files = nil, l.files[1:]
}

func brokenFile(name string, err error) error {
	broken := fmt.Errorf("read %q: %w", name, err)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &hinted{fmt.Errorf("read %q: it ends in the middle of its compressed data", name),
			[]string{"what could be read is reported; copy the file again if it was cut on the way here"}}
	}
	return &hinted{broken, []string{"what could be read until then is reported"}}
}

// Close closes the files.
func (l *logFiles) Close() {
	for _, c := range l.closed {
		_ = c.Close() // read only
	}
}
