package host

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// KernelLog reads /dev/kmsg and, where that is shut or missing, asks journalctl. Lines of
// other containers stay in: the limit that was hit may be a parent's, the victim a
// neighbour. sudo is the command that looks again as root.
func (m Machine) KernelLog(ctx context.Context, sudo string) source.Outcome {
	ring, err := source.Await2(ctx, func() (kmsgRing, error) { return readRing(ctx, m.KmsgPath) })
	if err == nil {
		return m.kmsgOutcome(ring)
	}
	if o, ok := m.journal(ctx); ok {
		o.Source.Detail = "journal, because " + err.Error() + o.Source.Detail
		return o
	}
	if !errors.Is(err, fs.ErrPermission) {
		if errors.Is(err, fs.ErrNotExist) {
			return source.Absent(err.Error()+" (in a container it must be handed in)", "docker run --device /dev/kmsg "+
				"--cap-add SYSLOG … gwdoctor, or run gwdoctor on the host")
		}
		return source.Failed(err)
	}
	// The file's mode gives EACCES, kernel.dmesg_restrict without CAP_SYSLOG EPERM.
	if errors.Is(err, syscall.EPERM) && m.ProcText("sys/kernel/dmesg_restrict") == "1" {
		return source.Denied(err.Error()+" (kernel.dmesg_restrict is 1)", sudo+"  # or: sudo sysctl kernel.dmesg_restrict=0")
	}
	return source.Denied(err.Error(), sudo)
}

// KernelBytes is how much of the kernel log is kept, the newest.
const KernelBytes = 8 << 20

// kmsgRing is one pass over /dev/kmsg.
type kmsgRing struct {
	tail *source.Tail
	lost int // times that records were overwritten while we read
}

// readRing reads what is in the ring now.
func readRing(ctx context.Context, path string) (kmsgRing, error) {
	ring := kmsgRing{tail: source.NewTail(KernelBytes, 256<<10)}
	r, err := newKmsgReader(ctx, path, false, -1)
	if err != nil {
		return ring, err
	}
	defer r.Close()
	buf := make([]byte, kmsgRecord)
	_, err = io.CopyBuffer(ring.tail, r, buf)
	ring.lost = r.lost
	return ring, err
}

func (m Machine) kmsgOutcome(ring kmsgRing) source.Outcome {
	dropped := ring.tail.Dropped
	text := wholeRecords(ring.tail.Lines(), dropped > 0)
	clock, err := m.clock()
	if err != nil {
		return source.Failed(err)
	}
	o := source.Collected(fmt.Sprintf("%d bytes of %s", len(text), m.KmsgPath))
	if dropped > 0 {
		o = source.Truncated(fmt.Sprintf("the newest %d bytes of %s", len(text), m.KmsgPath))
	}
	if ring.lost > 0 {
		o.Source.Status = fact.StatusTruncated
		o.Source.Detail += fmt.Sprintf("; records were overwritten while reading, %d times", ring.lost)
	}
	if at, ok := recordTime(text); ok {
		o.Source.From = source.Wall(clock.Boot.Add(at))
	}
	o.Source.To = source.Wall(m.Now())
	return o.With(bundle.FileKmsg, text).With(bundle.FileClock, clockJSON(clock))
}

// wholeRecords drops the tag lines (" SUBSYSTEM=pci") of a record whose head the
// cap cut off.
func wholeRecords(text []byte, cut bool) []byte {
	for cut && len(text) > 0 && text[0] == ' ' {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return text
}

// recordTime reads the stamp of the first record, µs since the kernel's clock began:
//
//	6,1234,567890,-;text
func recordTime(text []byte) (time.Duration, bool) {
	us, ok := recordField(text, 2)
	return time.Duration(us) * time.Microsecond, ok && us < 1<<53
}

// recordNumber reads the sequence number of the first record.
func recordNumber(text []byte) (int64, bool) { return recordField(text, 1) }

func recordField(text []byte, i int) (int64, bool) {
	head, _, _ := bytes.Cut(text[:min(len(text), 128)], []byte(";"))
	fields := bytes.SplitN(head, []byte(","), 4)
	if len(fields) < 3 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(fields[i]), 10, 64)
	return n, err == nil && n >= 0
}

// clock maps the kernel's stamps to wall time as of now. After a suspend, older
// stamps come out too late by the slept time: printk's clock stood still.
func (m Machine) clock() (evidence.Clock, error) {
	boot, err := ClockZero(clockMonotonic, m.Now())
	if err != nil {
		return evidence.Clock{}, fmt.Errorf("read kernel clock: %w", err)
	}
	// The offset is measured anew each time and differs by nanoseconds; a later
	// capture of the same incident must not tell other times.
	boot = boot.Round(time.Millisecond)
	return evidence.Clock{Boot: boot, BootID: m.ProcText("sys/kernel/random/boot_id")}, nil
}

func clockJSON(clock evidence.Clock) []byte {
	text, err := json.MarshalIndent(clock, "", "  ")
	if err != nil {
		return nil // a struct of a time and a string always encodes
	}
	return append(text, '\n')
}

// fromSystem tells whether journal entries hold one that only the system's journal has: of the kernel, or of PID 1. Who
// may not read that gets his own journal alone, where rootless Podman's monitors write: it is no kernel log, and its
// silence would clear the kernel.
func fromSystem(entries []byte) bool {
	return bytes.Contains(entries, []byte(`"_TRANSPORT":"kernel"`)) || bytes.Contains(entries, []byte(`"_PID":"1"`)) ||
		bytes.Contains(entries, []byte(`"_TRANSPORT":"audit"`))
}

// journal asks journalctl for this boot's kernel messages. It has an answer only
// when lines of the system's came: an empty journal and one that we may not read look the same.
func (m Machine) journal(ctx context.Context) (source.Outcome, bool) {
	cmd := exec.CommandContext(ctx, m.Journalctl, journalArgs(KernelOptions{})...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.WaitDelay = source.Grace
	tail := source.NewTail(KernelBytes, 256<<10)
	cmd.Stdout = tail
	runErr := cmd.Run()
	dropped := tail.Dropped
	text := tail.Lines()
	clock, err := m.clock()
	if err != nil || !fromSystem(text) {
		return source.Outcome{}, false
	}
	o := source.Collected(fmt.Sprintf("; %d bytes", len(text)))
	if dropped > 0 || runErr != nil {
		o.Source.Status = fact.StatusTruncated
	}
	if runErr != nil {
		o.Source.Detail += "; journalctl broke off: " + runErr.Error()
	}
	o.Source.From, o.Source.To = journalTime(text), source.Wall(m.Now())
	return o.With(bundle.FileJournal, text).With(bundle.FileClock, clockJSON(clock)), true
}

// journalTime reads the receive time of the first line:
//
//	{"__REALTIME_TIMESTAMP":"1795423706087050","MESSAGE":"…",…}
func journalTime(text []byte) *time.Time {
	line, err := bufio.NewReader(bytes.NewReader(text)).ReadBytes('\n')
	if err != nil && err != io.EOF {
		return nil
	}
	var entry struct {
		Realtime string `json:"__REALTIME_TIMESTAMP"`
	}
	if json.Unmarshal(line, &entry) != nil {
		return nil
	}
	us, err := strconv.ParseInt(entry.Realtime, 10, 64)
	if err != nil {
		return nil
	}
	return source.Wall(time.UnixMicro(us))
}
