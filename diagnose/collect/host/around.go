package host

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// What of the journal is read around a container's end: before it, the kernel's lines of a shortage that builds up;
// after it, systemd-coredump's record, which comes when the core is written.
const (
	AroundBefore = 5 * time.Minute
	aroundAfter  = 2 * time.Minute
)

// JournalAround reads what the journal of any boot has of the kernel around a moment. ok is false where it does not
// reach back to it, which only a kernel's line from before can show: a user who may not read the system's journal sees
// his own and would take its silence for the kernel's.
func (m Machine) JournalAround(ctx context.Context, at time.Time) (o source.Outcome, ok bool) {
	from, to := at.Add(-AroundBefore), at.Add(aroundAfter)
	text := m.runJournal(ctx, append(within(from, to), journalMatches...))
	before := m.runJournal(ctx, append(within(time.Time{}, from), "-n", "1", "_TRANSPORT=kernel"))
	span := evidence.Span{From: from.UTC(), To: to.UTC()}
	if len(before) == 0 {
		first := journalTime(text)
		if first == nil || first.After(at) || !fromSystem(text) {
			return source.Outcome{}, false
		}
		span.From = first.UTC()
	}
	spanText, err := json.MarshalIndent(span, "", "  ")
	if err != nil {
		return source.Outcome{}, false
	}
	o = source.Collected(fmt.Sprintf("%d bytes from %s on", len(text), span.From.Format(time.RFC3339)))
	return o.With(bundle.FileAround, text).With(bundle.FileAroundSpan, append(spanText, '\n')), true
}

// within asks for what the journal of any boot has of a time; since zero = from its beginning.
func within(since, until time.Time) []string {
	args := []string{"-o", "json", "--all", "--no-pager", "--quiet"}
	if !since.IsZero() {
		args = append(args, "--since=@"+strconv.FormatInt(since.Unix(), 10))
	}
	return append(args, "--until=@"+strconv.FormatInt(until.Unix()+1, 10))
}

// How long before an end a daemon that kills for lack of memory may have written so: earlyoom waits ten seconds between
// SIGTERM and SIGKILL; and how long after: systemd-oomd writes when it is done.
const (
	killersBefore = 30 * time.Second
	killersAfter  = 10 * time.Second
)

// JournalKillers reads what such daemons wrote around a moment; ok is false where they wrote nothing.
func (m Machine) JournalKillers(ctx context.Context, at time.Time) (o source.Outcome, ok bool) {
	text := m.runJournal(ctx, append(within(at.Add(-killersBefore), at.Add(killersAfter)), killerMatches...))
	if len(text) == 0 {
		return source.Outcome{}, false
	}
	return source.Collected(fmt.Sprintf("%d bytes", len(text))).With(bundle.FileAround, text), true
}

// JournalOf reads what the units that the matches name wrote around a moment; nothing where they wrote nothing.
func (m Machine) JournalOf(ctx context.Context, matches []string, at time.Time) []byte {
	args := append(within(at.Add(-AroundBefore), at.Add(aroundAfter)), "--output-fields=MESSAGE")
	return m.runJournal(ctx, append(args, matches...))
}

// SinceBoot tells whether a kernel log is a ring whose first record, number 0, is still there: before it was nothing.
func SinceBoot(o source.Outcome) bool {
	if len(o.Files) == 0 || o.Files[0].Name != bundle.FileKmsg {
		return false
	}
	n, ok := recordNumber(o.Files[0].Data)
	return ok && n == 0
}

// runJournal returns what journalctl prints, nothing where it fails.
func (m Machine) runJournal(ctx context.Context, args []string) []byte {
	cmd := exec.CommandContext(ctx, m.Journalctl, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.WaitDelay = source.Grace
	tail := source.NewTail(KernelBytes, 64<<10)
	cmd.Stdout = tail
	if cmd.Run() != nil && ctx.Err() != nil {
		return nil // cut short: what is missing cannot be told
	}
	return tail.Lines()
}

// AroundCommand is what a person types to see the kernel's lines around a moment, of whatever boot.
func AroundCommand(at time.Time) string {
	const form = "2006-01-02 15:04:05 UTC"
	return fmt.Sprintf("sudo journalctl -k -b all --since '%s' --until '%s'",
		at.Add(-AroundBefore).UTC().Format(form), at.Add(aroundAfter).UTC().Format(form))
}
