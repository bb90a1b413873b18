package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// journalMatches asks for what the kernel says, its audit records of fatal signals
// and seccomp kills, PID 1's word that a unit was hit, the user space killers, and
// the containers' monitors (the MESSAGE_IDs are those of systemd's catalogue,
// docs/notes/KERNEL-LOG.md#1.6). containerd and kubelet say the same among so much else that a
// day of it would take longer to read than all of these: theirs is read from files.
var journalMatches = []string{
	"_TRANSPORT=kernel",
	"+", "_AUDIT_TYPE=1701",
	"+", "_AUDIT_TYPE=1326",
	"+", "_PID=1", "MESSAGE_ID=fe6faa94e7774663a0da52717891d8ef",
	"+", "_PID=1", killedByOomd,
	"+", "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1",
	"+", "_SYSTEMD_UNIT=systemd-oomd.service",
	"+", "_SYSTEMD_UNIT=earlyoom.service",
	"+", "_SYSTEMD_UNIT=nohang.service",
	"+", "_SYSTEMD_UNIT=nohang-desktop.service",
	"+", "_COMM=conmon",
}

// killedByOomd is PID 1's word that systemd-oomd killed processes of a unit.
const killedByOomd = "MESSAGE_ID=d989611b15e44c9dbf31e3c81256e4ed"

// killerMatches asks for the user space killers alone.
var killerMatches = []string{
	"_PID=1", killedByOomd,
	"+", "_SYSTEMD_UNIT=systemd-oomd.service",
	"+", "_SYSTEMD_UNIT=earlyoom.service",
	"+", "_SYSTEMD_UNIT=nohang.service",
	"+", "_SYSTEMD_UNIT=nohang-desktop.service",
}

func journalArgs(k KernelOptions) []string {
	args := []string{"-o", "json", "--all", "--no-pager", "--quiet"}
	switch {
	case k.Boot != "":
		args = append(args, "--boot="+k.Boot)
	case k.Since == nil:
		args = append(args, "--boot=0")
	}
	if k.Since != nil {
		args = append(args, "--since=@"+strconv.FormatInt(k.Since.Unix(), 10))
	}
	if k.Follow {
		args = append(args, "--follow", "--no-tail")
	}
	return append(args, journalMatches...)
}

// journalReader is the output of a journalctl.
type journalReader struct {
	ctx     context.Context
	process *exec.Cmd
	pipe    *os.File
	out     *bufio.Reader
	words   strings.Builder // what it says on standard error
	follow  bool
	ended   bool
}

// isShut tells whether the journal that we may read is our own alone: it has no line of the kernel or of PID 1 then,
// not of any boot.
func (m Machine) isShut(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, shutPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, m.Journalctl, "-o", "json", "--no-pager", "--quiet", "-n", "1", "--output-fields=_PID",
		"_TRANSPORT=kernel", "+", "_PID=1")
	cmd.WaitDelay = source.Grace
	out, err := cmd.Output()
	return err == nil && len(out) == 0
}

// shutPatience is how long that may take to say.
const shutPatience = 5 * time.Second

// openJournal starts journalctl. It fails where not a byte comes: an empty journal
// and one that we may not read look the same.
func (m Machine) openJournal(ctx context.Context, k KernelOptions) (*KernelLog, error) {
	if m.isShut(ctx) {
		return nil, &KernelLogError{Err: errors.New("read journal: it has no line of the kernel that we may read"),
			Hints: []string{"sudo gwdoctor oom --source journal, or join group systemd-journal", hintKernelFile}}
	}
	pipe, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	r := &journalReader{ctx: ctx, pipe: pipe, out: bufio.NewReaderSize(pipe, 64<<10), follow: k.Follow}
	r.process = exec.CommandContext(ctx, m.Journalctl, journalArgs(k)...)
	r.process.Env = append(os.Environ(), "LC_ALL=C")
	r.process.WaitDelay = source.Grace
	r.process.Stdout, r.process.Stderr = in, &r.words
	err = r.process.Start()
	_ = in.Close()
	if err != nil {
		_ = pipe.Close()
		return nil, &KernelLogError{Err: fmt.Errorf("read journal: %w", err), Hints: []string{hintKernelFile}}
	}
	if _, err := r.out.Peek(1); err != nil && !k.Follow {
		_ = r.Close()
		return nil, &KernelLogError{Err: r.nothing(), Hints: []string{"sudo gwdoctor oom --source journal, or join group " +
			"systemd-journal", hintKernelFile}}
	}
	return &KernelLog{ReadCloser: r, Kind: KernelJournal}, nil
}

func (r *journalReader) nothing() error {
	if words := strings.TrimSpace(r.words.String()); words != "" {
		return fmt.Errorf("read journal: journalctl says %q", words[:min(len(words), 300)])
	}
	return errors.New("read journal: it has no kernel messages for this time, or none that we may read")
}

func (r *journalReader) Read(p []byte) (int, error) {
	if r.follow && r.out.Buffered() == 0 {
		if err := r.pipe.SetReadDeadline(time.Now().Add(kmsgQuiet)); err != nil {
			return 0, err
		}
	}
	n, err := r.out.Read(p)
	if r.ctx.Err() != nil { // it was killed with us
		return n, io.EOF
	}
	if errors.Is(err, io.EOF) && !r.ended {
		r.ended = true
		if waitErr := r.process.Wait(); waitErr != nil {
			return n, fmt.Errorf("read journal: journalctl broke off: %w", waitErr)
		}
	}
	return n, err
}

func (r *journalReader) Close() error {
	if !r.ended {
		r.ended = true
		_ = r.process.Process.Kill()
		_ = r.process.Wait() // it was killed: that is no news
	}
	return r.pipe.Close()
}
