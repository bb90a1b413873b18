package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"time"
)

// The sources of a live kernel log.
const (
	KernelAuto    = "auto" // the ring and, where it is shut or missing, the journal
	KernelKmsg    = "kmsg"
	KernelJournal = "journal"
)

// KernelOptions say which part of the live kernel log to read.
type KernelOptions struct {
	Source string     // "" = auto
	Boot   string     // the journal's: 0 the current one, -1 the one before, or an id; "" = current, or all since Since
	Since  *time.Time // the journal's: nil = from the boot's beginning
	Follow bool       // go on with what comes, until the context ends
	After  *Position  // go on behind this record, where it is of the same boot
}

// Position is a place in the kernel's ring.
type Position struct {
	BootID string `json:"bootId"`
	Seq    int64  `json:"seq"` // of the newest record that was read
}

// KernelLog is the live kernel log, to be read from its beginning. A follower's
// Read that has heard nothing for a while returns an error with Timeout() true,
// and may be called again.
type KernelLog struct {
	io.ReadCloser
	Kind   string    // kmsg or journal
	Detail string    // why it is that one, where another was wanted
	Boot   time.Time // when the clock of a ring's records was zero; zero for the journal
	After  *Position // where a ring's reading went on behind; nil = at its beginning

	bootID string
	kmsg   *kmsgReader
}

// Position returns the place behind a record of a ring; nil for the journal, where
// nothing was read (seq below 0), and where the boot is not known.
func (l *KernelLog) Position(seq int64) *Position {
	if l == nil || l.kmsg == nil || seq < 0 || l.bootID == "" {
		return nil
	}
	return &Position{l.bootID, seq}
}

// KernelLogError says that no kernel log can be read here, and what opens one.
type KernelLogError struct {
	Err   error
	Hints []string
}

func (e *KernelLogError) Error() string { return e.Err.Error() }
func (e *KernelLogError) Unwrap() error { return e.Err }

// OpenKernelLog opens the kernel log of this machine, whichever engine is used. It
// fails with a *KernelLogError where none can be read.
func (m Machine) OpenKernelLog(ctx context.Context, k KernelOptions) (*KernelLog, error) {
	m = m.WithUsual()
	if k.Source == KernelJournal {
		return m.openJournal(ctx, k)
	}
	log, err := m.openRing(ctx, k)
	if err == nil || k.Source == KernelKmsg {
		return log, err
	}
	journal, journalErr := m.openJournal(ctx, k)
	if journalErr != nil {
		return nil, err // the ring is what should be opened; the journal is often not kept at all
	}
	journal.Detail = "the journal, because " + err.Error()
	return journal, nil
}

func (m Machine) openRing(ctx context.Context, k KernelOptions) (*KernelLog, error) {
	clock, err := m.clock()
	if err != nil {
		return nil, &KernelLogError{Err: err, Hints: []string{hintKernelFile}}
	}
	after := int64(-1)
	log := &KernelLog{Kind: KernelKmsg, Boot: clock.Boot, bootID: clock.BootID}
	if k.After != nil && k.After.BootID == clock.BootID {
		after, log.After = k.After.Seq, k.After
	}
	if log.kmsg, err = newKmsgReader(ctx, m.KmsgPath, k.Follow, after); err != nil {
		return nil, m.ringError(err)
	}
	log.ReadCloser = log.kmsg
	return log, nil
}

const (
	hintKernelFile = "a saved log needs no rights: gwdoctor oom --file /var/log/kern.log, or journalctl -k -o json | " +
		"gwdoctor oom --file -"
	hintKernelGuest = "a container gets it by: docker run --device /dev/kmsg --cap-add SYSLOG ..., or run gwdoctor on " +
		"the host"
)

// ringError says what keeps us from the ring. The file's mode gives EACCES,
// kernel.dmesg_restrict without CAP_SYSLOG EPERM.
func (m Machine) ringError(err error) error {
	e := &KernelLogError{Err: err, Hints: []string{hintKernelFile}}
	switch {
	case errors.Is(err, syscall.EPERM) && m.ProcText("sys/kernel/dmesg_restrict") == "1":
		e.Err = fmt.Errorf("%w (kernel.dmesg_restrict is 1: reading it needs the capability CAP_SYSLOG)", err)
		e.Hints = append([]string{"sudo gwdoctor oom, or sudo sysctl kernel.dmesg_restrict=0 to let everybody read it; " +
			"in a container --cap-add SYSLOG"}, e.Hints...)
	case errors.Is(err, fs.ErrPermission):
		e.Hints = append([]string{"sudo gwdoctor oom; in a container --device /dev/kmsg --cap-add SYSLOG"}, e.Hints...)
	case errors.Is(err, fs.ErrNotExist):
		e.Hints = append([]string{hintKernelGuest}, e.Hints...)
	}
	return e
}
