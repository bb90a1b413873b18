package collect

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/cri"
)

// firstTail is how many pieces are asked for first, to learn how long they are.
// The engine reads a file backwards for tail=N, so a small N costs nothing
// however large the log is.
const firstTail = 2000

// collectLogs reads the newest LogBytes of stdout and stderr, of all runs: the
// engine joins them without a mark, and words written just before the start or
// after the end of a run are stamped outside its bounds (docs/notes/DOCKER.md#a4).
func collectLogs(ctx context.Context, s *session) source.Outcome {
	defer close(s.logsRead)
	if o, ok := s.unanswered(); ok {
		return o
	}
	if s.container.Removed {
		return s.logOfRemoved(ctx)
	}
	if s.joinsBackwards() {
		if all := s.readLogsWithin(ctx, 0); all.err == nil {
			return s.logOutcome(all, all.tail.Dropped == 0, "")
		}
	}
	got := s.readLogs(ctx, firstTail, 256<<10)
	if got.writer == nil {
		return s.unreadableLogs(got.err)
	}
	whole := got.err == nil && got.writer.Pieces < firstTail
	note := ""
	if !whole && got.err == nil && got.tail.Dropped == 0 {
		got, whole, note = s.moreLogs(ctx, got)
	}
	return s.logOutcome(got, whole && got.tail.Dropped == 0, note)
}

// joinsBackwards tells whether the engine, asked for the newest lines of a log, joins the pieces of each the wrong way
// round. Podman up to 4.6 does where it keeps logs in files: "Object of type bytes is not JSON serializable: TypeError"
// (libpod/logs, getTailLog; podman issue 19545). Asked for all of it, it does not.
func (s *session) joinsBackwards() bool {
	return s.podman() && decode.JoinsBackwards(s.engine.Podman()) && s.container.LogDriver != "journald"
}

// moreLogs fetches the whole budget or, when that takes too long (a loaded engine,
// a big journal), an eighth of it. The engine sends oldest first, so of a call
// that was cut short nothing is of use: the newest lines are missing.
func (s *session) moreLogs(ctx context.Context, first logRead) (got logRead, whole bool, note string) {
	tail := s.tailFor(first)
	var err error
	for _, n := range []int{tail, tail / 8} {
		if n <= firstTail && err != nil {
			break
		}
		more := s.readLogsWithin(ctx, n)
		if more.err == nil {
			return more, more.writer.Pieces < int64(n), note
		}
		err = more.err
		note = fmt.Sprintf("; less than asked for, because reading %d pieces failed: %v", n, more.err)
	}
	return first, false, note
}

// readLogsWithin leaves a third of the time that is left to a smaller try.
func (s *session) readLogsWithin(ctx context.Context, n int) logRead {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)*2/3)
		defer cancel()
	}
	return s.readLogs(ctx, n, s.LogBytes)
}

// logRead is one pass over the log.
type logRead struct {
	tail   *source.Tail
	writer *docker.CRIWriter // nil: the engine refused
	err    error
}

// readLogs reads the newest n pieces into a buffer of LogBytes.
func (s *session) readLogs(ctx context.Context, n int, reserve int64) logRead {
	body, err := s.engine.Logs(ctx, s.container.ID, docker.LogQuery{Tail: n})
	if err != nil {
		return logRead{err: err}
	}
	defer body.Close()
	tail := source.NewTail(s.LogBytes, reserve)
	writer := &docker.CRIWriter{Out: tail}
	r := bufio.NewReaderSize(body, 64<<10)
	return logRead{tail, writer, writer.Stream(r)}
}

// tailFor returns how many pieces should fill the budget, and a fifth more.
func (s *session) tailFor(got logRead) int {
	average := max(1, int64(len(got.tail.Buf))/max(1, got.writer.Pieces))
	return int(max(firstTail, s.LogBytes/average*6/5))
}

func (s *session) logOutcome(got logRead, whole bool, note string) source.Outcome {
	text := got.tail.Lines()
	if len(text) == 0 && got.err != nil {
		return s.engineFailure(got.err)
	}
	o := source.Collected("")
	if !whole {
		o = source.Truncated("")
	}
	lines := bytes.Count(text, []byte("\n"))
	o.Source.Detail = fmt.Sprintf("%s, %d lines, %d bytes", s.driver(), lines, len(text)) + note
	if got.tail.Dropped > 0 || (!whole && got.err == nil && note == "") {
		o.Source.Detail += "; older lines were left out"
	}
	if got.err != nil {
		o.Source.Detail += "; the newest lines may be missing: " + got.err.Error()
	}
	if got.writer.Fault != "" {
		o.Source.Status = fact.StatusTruncated
		o.Source.Detail += "; the engine broke off: " + got.writer.Fault
	}
	o.Source.From, o.Source.To = logSpan(text)
	return o.With(bundle.FileLogs, text)
}

// driver describes the log driver as far as it matters for what is missing.
func (s *session) driver() string {
	text := cmp.Or(s.container.LogDriver, "log driver not known")
	switch s.container.LogDriver {
	case "", "json-file", "local", "journald", "k8s-file", "passthrough":
	default:
		text += " (read back from the engine's local cache)"
	}
	if s.container.LogMode == "non-blocking" {
		text += ", non-blocking: lines may have been dropped without a trace"
	}
	return text
}

// logSpan returns the times of the first and the last line.
func logSpan(text []byte) (from, to *time.Time) {
	if len(text) == 0 {
		return nil, nil
	}
	last := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	return lineTime(text), lineTime(text[last:])
}

func lineTime(line []byte) *time.Time {
	stamp, _, _ := bytes.Cut(line[:min(len(line), cri.MaxStamp+1)], []byte(" "))
	return known(string(stamp))
}

// unreadableLogs explains an engine that gives no log. A driver that cannot be
// read back is no failure: the service's words are somewhere else.
func (s *session) unreadableLogs(err error) source.Outcome {
	var status *docker.StatusError
	if !errors.As(err, &status) || (status.Code != 501 && !strings.Contains(status.Message, "does not support reading")) {
		return s.engineFailure(err)
	}
	if s.containerd() {
		return source.Absent(status.Message, "")
	}
	driver := cmp.Or(s.container.LogDriver, "unknown")
	detail := fmt.Sprintf("log driver %q cannot be read back", driver)
	switch {
	case driver == "none":
		return source.Absent(detail+": the service's output is thrown away", s.keepsLogs())
	case s.container.LogOpts["cache-disabled"] == "true":
		return source.Absent(detail+" because its cache is off: the service's output is where the driver sent it",
			"docker run --log-opt cache-disabled=false …")
	}
	return source.Absent(detail+": the service's output is where the driver sent it", s.keepsLogs())
}

// keepsLogs is how a container is run whose log can be read back.
func (s *session) keepsLogs() string {
	if s.podman() {
		return "podman run --log-driver journald …"
	}
	return "docker run --log-driver local …"
}
