package host

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

const testBoot = "7d5f1f5e-0c4e-4f2e-9a64-0b7c1fd7d9a1"

// kernelOptions are of a machine whose ring is a file with one record, and whose
// journalctl is a script.
func kernelOptions(t *testing.T, script string) Machine {
	t.Helper()
	root := enginetest.WriteTree(t, map[string]string{
		"kmsg":                      "6,41,1000000,-;hello\n",
		"sys/kernel/random/boot_id": testBoot + "\n",
		"sys/kernel/dmesg_restrict": "1\n",
		"journalctl":                "#!/bin/sh\n" + script + "\n",
	})
	if err := os.Chmod(filepath.Join(root, "journalctl"), 0o755); err != nil {
		t.Fatal(err)
	}
	return Machine{KmsgPath: filepath.Join(root, "kmsg"), ProcRoot: root, Journalctl: filepath.Join(root, "journalctl")}
}

func read(t *testing.T, log *KernelLog, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	text, err := io.ReadAll(log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestKernelRingIsReadFromAPosition(t *testing.T) {
	opts := kernelOptions(t, "exit 1")
	for _, test := range []struct {
		after *Position
		want  string
	}{
		{nil, "6,41,1000000,-;hello\n"},
		{&Position{testBoot, 40}, "6,41,1000000,-;hello\n"},
		{&Position{testBoot, 41}, ""},
		{&Position{"another boot", 41}, "6,41,1000000,-;hello\n"}, // its numbers began anew
	} {
		log, err := opts.OpenKernelLog(t.Context(), KernelOptions{After: test.after})
		if got := read(t, log, err); got != test.want || log.Kind != KernelKmsg {
			t.Errorf("after %v: %q from %s, want %q", test.after, got, log.Kind, test.want)
		}
		if got := log.Position(41); got == nil || *got != (Position{testBoot, 41}) {
			t.Errorf("position %v", got)
		}
	}
}

func TestKernelJournalInsteadOfTheRing(t *testing.T) {
	opts := kernelOptions(t, `echo "$@"`)
	opts.KmsgPath += ".none"
	since := time.Unix(1795425292, 0)
	log, err := opts.OpenKernelLog(t.Context(), KernelOptions{Since: &since, Boot: "-1"})
	got := read(t, log, err)
	for _, want := range []string{"-o json", "--boot=-1", "--since=@1795425292", "_TRANSPORT=kernel + _AUDIT_TYPE=1701"} {
		if !strings.Contains(got, want) {
			t.Errorf("journalctl was not given %s: %s", want, got)
		}
	}
	if log.Kind != KernelJournal || !strings.Contains(log.Detail, "kmsg.none: no such file") || log.Position(1) != nil {
		t.Errorf("%s because %q", log.Kind, log.Detail)
	}
}

func TestKernelLogOfNobody(t *testing.T) {
	for name, script := range map[string]string{"an empty journal": "exit 0",
		"a journal that is shut": "echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1"} {
		opts := kernelOptions(t, script)
		opts.KmsgPath += ".none"
		var none *KernelLogError
		if _, err := opts.OpenKernelLog(t.Context(), KernelOptions{}); !errors.As(err, &none) ||
			!strings.Contains(strings.Join(none.Hints, " "), "--device /dev/kmsg --cap-add SYSLOG") {
			t.Errorf("%s: %v", name, err)
		}
		_, err := opts.OpenKernelLog(t.Context(), KernelOptions{Source: KernelJournal})
		if !errors.As(err, &none) || script != "exit 0" && !strings.Contains(err.Error(), "insufficient permissions") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestKernelRingDenied: who may not read is told which setting keeps him out, and
// which capability lets him in.
func TestKernelRingDenied(t *testing.T) {
	s := kernelOptions(t, "exit 1").WithUsual()
	err := s.ringError(&fs.PathError{Op: "open", Path: "/dev/kmsg", Err: syscall.EPERM})
	var e *KernelLogError
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "kernel.dmesg_restrict is 1") ||
		!strings.Contains(err.Error(), "CAP_SYSLOG") || !strings.Contains(e.Hints[0], "sudo sysctl kernel.dmesg_restrict=0") {
		t.Errorf("%v, hints %q", err, e.Hints)
	}
	if err := s.ringError(&fs.PathError{Op: "open", Path: "/dev/kmsg",
		Err: syscall.EACCES}); strings.Contains(err.Error(), "dmesg_restrict") {
		t.Errorf("the file's own mode: %v", err)
	}
}

// TestKernelRingIsFollowed: a pipe stands for the ring. What comes is read, a
// silence is told once, and the end is that of the context.
func TestKernelRingIsFollowed(t *testing.T) {
	opts := kernelOptions(t, "exit 1")
	opts.KmsgPath += ".pipe"
	if err := syscall.Mkfifo(opts.KmsgPath, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log, err := opts.OpenKernelLog(ctx, KernelOptions{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	writer, err := os.OpenFile(opts.KmsgPath, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	buf := make([]byte, 64<<10)
	for _, record := range []string{"6,1,1000000,-;one\n", "6,2,2000000,-;two\n"} {
		if _, err := writer.WriteString(record); err != nil {
			t.Fatal(err)
		}
		if n, err := log.Read(buf); err != nil || string(buf[:n]) != record {
			t.Fatalf("%q, %v; want %q", buf[:n], err, record)
		}
	}
	if n, err := log.Read(buf); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a silence: %d bytes, %v", n, err)
	}
	cancel()
	if n, err := log.Read(buf); n != 0 || err != io.EOF {
		t.Errorf("the end: %d bytes, %v", n, err)
	}
}

// TestOwnJournalIsShut: a journal without a line of the kernel or PID 1, of whatever boot, is the user's own.
func TestOwnJournalIsShut(t *testing.T) {
	const own = `echo '{"_COMM":"conmon","MESSAGE":"hello"}'`
	for name, test := range map[string]struct {
		script string
		shut   bool
	}{
		"his own alone":    {`case "$*" in *"-n 1"*) ;; *) ` + own + `;; esac`, true},
		"the system's":     {`echo '{"_TRANSPORT":"kernel","MESSAGE":"hello"}'`, false},
		"it does not know": {`case "$*" in *"-n 1"*) exit 1;; *) ` + own + `;; esac`, false},
	} {
		opts := kernelOptions(t, test.script)
		log, err := opts.OpenKernelLog(t.Context(), KernelOptions{Source: KernelJournal})
		if (err != nil) != test.shut {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			log.Close()
		}
	}
}
