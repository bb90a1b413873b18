package collect

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func TestKernelLogOnlyOfThisMachine(t *testing.T) {
	f := enginetest.New(t)
	opts := optionsOf(t, f)
	opts.KmsgPath = filepath.Join(enginetest.WriteTree(t,
		map[string]string{"kmsg": "6,1,1000000,-;hello\n SUBSYSTEM=pci\n"}), "kmsg")
	wantStatus(t, collectWeb(t, opts), "kernel-log", fact.StatusAbsent, "its kernel is \"6.18.44-test\"")

	socket := fmt.Sprint(os.Getpid()) + "/comm"
	opts.ProcRoot = enginetest.WriteTree(t, enginetest.ThisMachine(map[string]string{"meminfo": "MemTotal: 8 kB\n",
		socket: "ssh\n"}))
	wantStatus(t, collectWeb(t, opts), "kernel-log", fact.StatusAbsent, "its memory is")

	tunnel := enginetest.ThisMachine(nil)
	for name := range enginetest.ThisMachine(nil) {
		if strings.HasSuffix(name, "/comm") {
			tunnel[name] = "ssh\n"
		}
	}
	opts.ProcRoot = enginetest.WriteTree(t, tunnel)
	wantStatus(t, collectWeb(t, opts), "kernel-log", fact.StatusTruncated, "nothing proves")

	opts.ProcRoot = enginetest.WriteTree(t, enginetest.ThisMachine(nil))
	b := collectWeb(t, opts)
	wantStatus(t, b, "kernel-log", fact.StatusCollected, "")
	if got := text(t, b, bundle.FileKmsg); got != "6,1,1000000,-;hello\n SUBSYSTEM=pci\n" {
		t.Errorf("kmsg %q is not word for word", got)
	}
	var clock evidence.Clock
	if err := json.Unmarshal([]byte(text(t, b, bundle.FileClock)), &clock); err != nil {
		t.Fatal(err)
	}
	if clock.BootID != "7d5f1f5e-0c4e-4f2e-9a64-0b7c1fd7d9a1" {
		t.Errorf("boot id %q", clock.BootID)
	}
	if from := b.Source("kernel-log").From; from == nil || !from.Equal(clock.Boot.Add(time.Second)) {
		t.Errorf("from %v, boot %v: the first record is one second after it", from, clock.Boot)
	}
	wantStatus(t, b, "core-policy", fact.StatusCollected, "")
	if got := text(t, b, bundle.FileCorePolicy); !strings.Contains(got, `"pattern": "core"`) ||
		!strings.Contains(got, `"usesPid": true`) {
		t.Errorf("core policy %s", got)
	}
}

func TestKernelLogCapKeepsWholeRecords(t *testing.T) {
	record := "6,%d,%d,-;" + strings.Repeat("x", 990) + "\n SUBSYSTEM=pci\n"
	var all strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&all, record, i, i*1000)
	}
	f := enginetest.New(t)
	opts := optionsOf(t, f)
	opts.ProcRoot = enginetest.WriteTree(t, enginetest.ThisMachine(nil))
	opts.KmsgPath = filepath.Join(enginetest.WriteTree(t, map[string]string{"kmsg": all.String()}), "kmsg")
	b := collectWeb(t, opts)
	wantStatus(t, b, "kernel-log", fact.StatusTruncated, "newest")
	got := text(t, b, bundle.FileKmsg)
	if len(got) > host.KernelBytes || !strings.HasPrefix(got, "6,") || !strings.HasSuffix(all.String(), got) {
		t.Errorf("%d bytes kept, beginning %.30q", len(got), got)
	}
}

// A FIFO with no writer and a folder stand for a log that cannot be read.
func TestKernelLogUnreadable(t *testing.T) {
	f := enginetest.New(t)
	opts := optionsOf(t, f)
	opts.ProcRoot = enginetest.WriteTree(t, enginetest.ThisMachine(map[string]string{"sys/kernel/dmesg_restrict": "1\n"}))
	wantStatus(t, collectWeb(t, opts), "kernel-log", fact.StatusAbsent, "no such file")

	opts.KmsgPath = t.TempDir()
	wantStatus(t, collectWeb(t, opts), "kernel-log", fact.StatusFailed, "is a directory")

	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	opts.KmsgPath = fifo
	wantStatus(t, collectWeb(t, opts), "kernel-log", fact.StatusCollected, "0 bytes")
}

// collectByJournal collects where nobody can read the kernel's ring and journalctl is a script.
func collectByJournal(t *testing.T, script string) *bundle.Bundle {
	t.Helper()
	dir := enginetest.WriteTree(t, map[string]string{"journalctl": script})
	if err := os.Chmod(filepath.Join(dir, "journalctl"), 0o755); err != nil {
		t.Fatal(err)
	}
	opts := optionsOf(t, enginetest.New(t))
	opts.ProcRoot = enginetest.WriteTree(t, enginetest.ThisMachine(nil))
	opts.Journalctl = filepath.Join(dir, "journalctl")
	return collectWeb(t, opts)
}

func TestJournalStandsInForKmsg(t *testing.T) {
	script := "#!/bin/sh\necho '{\"__REALTIME_TIMESTAMP\":\"1795464000000000\",\"_TRANSPORT\":\"kernel\"," +
		"\"MESSAGE\":\"hello\"}'\n"
	b := collectByJournal(t, script)
	wantStatus(t, b, "kernel-log", fact.StatusCollected, "journal, because")
	if from := b.Source("kernel-log").From; from == nil || from.Unix() != 1795464000 {
		t.Errorf("from %v", from)
	}
	if got := text(t, b, bundle.FileJournal); !strings.Contains(got, "hello") {
		t.Errorf("journal %q", got)
	}
}

// TestOwnJournalIsNoKernelLog: a user who may not read the system's journal gets his own, where rootless Podman's
// monitors write. The kernel is not silent for that.
func TestOwnJournalIsNoKernelLog(t *testing.T) {
	const own = "#!/bin/sh\ncase \"$*\" in *'-n 1'*) exit 0;; esac\n" +
		"echo '{\"__REALTIME_TIMESTAMP\":\"1795464000000000\",\"_TRANSPORT\":\"journal\"," +
		"\"_COMM\":\"conmon\",\"_PID\":\"11\",\"MESSAGE\":\"hello\"}'\n"
	b := collectByJournal(t, own)
	if s := b.Source(fact.SourceKernelLog); s.Status == fact.StatusCollected || s.From != nil {
		t.Errorf("%+v", s)
	}
	for _, file := range []string{bundle.FileJournal, bundle.FileAround} {
		if got, ok := b.File(file); ok {
			t.Errorf("%s: %q", file, got)
		}
	}
}

func TestDeniedKernelLogNamesTheCommand(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read every file; the message is tested below without one")
	}
	opts := optionsOf(t, enginetest.New(t))
	opts.ProcRoot = enginetest.WriteTree(t, enginetest.ThisMachine(nil))
	dir := enginetest.WriteTree(t, map[string]string{"kmsg": ""})
	opts.KmsgPath = filepath.Join(dir, "kmsg")
	if err := os.Chmod(opts.KmsgPath, 0); err != nil {
		t.Fatal(err)
	}
	b := collectWeb(t, opts)
	wantStatus(t, b, "kernel-log", fact.StatusDenied, "permission denied")
	if got := b.Source("kernel-log").Command; got != "sudo gwdoctor diagnose web" {
		t.Errorf("command %q", got)
	}
}
