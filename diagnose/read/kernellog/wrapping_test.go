package kernellog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// dumpOf is one dump, its records as the kernel made them.
func dumpOf() []string {
	return []string{
		invoked, "memory: usage 20480kB, limit 20480kB, failcnt 23", "Memory cgroup stats for " + dockerA + ":",
		"anon 20815872\nfile 0\nshmem 4096",
		"Tasks state (memory values in pages):", "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents " +
			"oom_score_adj name", "[     12]     0    12     5391     5245    77824        0             0 x y",
		constraintOf(dockerA, dockerA, "x y", 12), killed(12, "x y"),
	}
}

// Every wrapping of docs/notes/KERNEL-LOG.md#1.7. head stands before the first line of
// a record, rest before the later ones.
var wrappings = []struct {
	name, head, rest string
	boot, wall       bool // what the stamps tell
}{
	{"dmesg", "[  123.456789] ", "               ", true, false},
	{"proc kmsg", "<6>[  123.456789] ", "<6>[  123.456789] ", true, false},
	{"caller", "[  123.456789][ T1234] ", "[  123.456789][ T1234] ", true, false},
	{"caller of util-linux", "[  123.456789] [    T0] ", "                        ", true, false},
	{"interrupt", "[  123.456789][    C0] ", "[  123.456789][    C0] ", true, false},
	{"dmesg -d", "[  123.456789 <    0.000003>] ", "                              ", true, false},
	{"dmesg -T", "[Fri Nov 20 09:23:11 2026] ", "                           ", false, true},
	{"dmesg -T in another locale", "[Fr Nov 20 09:23:11 2026] ", "                          ", false, true},
	{"dmesg -T -d", "[Fri Nov 20 09:23:11 2026 <    0.000003>] ", "                                    ", false, true},
	{"dmesg -H", "[Nov20 09:23] ", "              ", false, false},
	{"dmesg -H, delta", "[  +0.000003] ", "              ", false, false},
	{"time-format delta", "[<    0.000003>] ", "                 ", false, false},
	{"time-format iso", "2026-11-20T09:23:11,123456+00:00 ", "                                 ", false, true},
	{"dmesg -x", "kern  :info  : [  123.456789] ", "                              ", true, false},
	{"bare", "", "", false, false},
	{"syslog with stamp", "Nov 20 09:23:11 node-17 kernel: [  123.456789] ",
		"Nov 20 09:23:11 node-17 kernel: [  123.456789] ", true, true},
	{"syslog of imjournal", "Nov 20 09:23:11 node-17 kernel: ", "Nov 20 09:23:11 node-17 kernel: ", false, true},
	{"rsyslog", "2026-11-20T09:23:11.123456+00:00 node-17 kernel: ",
		"2026-11-20T09:23:11.123456+00:00 node-17 kernel: ", false, true},
	{"short-iso of old systemd", "2026-11-20T09:23:11+0000 node-17 kernel: ",
		"                                         ", false, true},
	{"RFC 5424", "<3>1 2026-11-20T09:23:11.123456+00:00 node-17 kernel - - - [  123.456789] ",
		"<3>1 2026-11-20T09:23:11.123456+00:00 node-17 kernel - - - [  123.456789] ", true, true},
	{"short-full", "Fri 2026-11-20 09:23:11 UTC node-17 kernel: ", "                                            ",
		false, true},
	{"short-monotonic", "[  123.456789] node-17 kernel: ", "                               ", true, false},
	{"short-unix", "1795166591.123456 node-17 kernel: ", "                                  ", false, true},
	{"colours", "\x1b[32m[  123.456789] \x1b[0m\x1b[33m", "               \x1b[33m", true, false},
	{"CRI of dmesg", "2026-11-20T09:23:11.123456789Z stdout F [  123.456789] ",
		"2026-11-20T09:23:11.123456789Z stdout F [  123.456789] ", true, true},
	{"CRI of syslog of dmesg", "2026-11-20T09:23:11.123456789Z stderr F Nov 20 09:23:11 node-17 kernel: [  " +
		"123.456789] ", "2026-11-20T09:23:11.123456789Z stderr F Nov 20 09:23:11 node-17 kernel: [  123.456789] ",
		true, true},
}

func TestWrappings(t *testing.T) {
	zone := Options{Zone: time.UTC, Near: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)}
	for _, w := range wrappings {
		var b strings.Builder
		for _, record := range dumpOf() {
			first, rest, more := strings.Cut(record, "\n")
			b.WriteString(w.head + first + "\n")
			if more {
				b.WriteString(w.rest + strings.ReplaceAll(rest, "\n", "\n"+w.rest) + "\n")
			}
		}
		for ending, text := range map[string]string{"LF": b.String(), "CRLF": strings.ReplaceAll(b.String(),
			"\n", "\r\n"), "NUL": strings.ReplaceAll(b.String(), "\n", "\x00\n\x00"), "BOM": "\xef\xbb\xbf" +
			b.String(), "UTF-16": utf16Text(b.String())} {
			if ending == "UTF-16" && strings.Contains(w.head, "\x1b") {
				continue
			}
			checkDump(t, w.name+" "+ending, text, zone, w.boot, w.wall)
		}
	}
}

func checkDump(t *testing.T, name, text string, opts Options, boot, wall bool) {
	t.Helper()
	log := read(t, text, opts)
	if len(log.Kills) != 1 {
		t.Errorf("%s: %d kills of\n%s", name, len(log.Kills), text)
		return
	}
	k := log.Kills[0]
	if d := cmp.Diff(own(12, "x y", dockerA, "docker:A", 8064), brief(k)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
	if k.Memory == nil || k.Memory.Shmem == nil || *k.Memory.Shmem != 4096 || *k.Memory.Usage != 20480<<10 ||
		len(k.Tasks) != 1 || k.InvokedBy == nil || k.InvokedBy.Comm != "java" {
		t.Errorf("%s: memory %+v tasks %+v invoker %+v", name, k.Memory, k.Tasks, k.InvokedBy)
	}
	if (k.BootSeconds != nil) != boot || boot && *k.BootSeconds != 123.456789 {
		t.Errorf("%s: boot %v, want told: %v", name, k.BootSeconds, boot)
	}
	if (k.At != nil) != wall || wall && k.At.Truncate(time.Second) != time.Date(2026, 11, 20, 9, 23, 11, 0,
		k.At.Location()) {
		t.Errorf("%s: at %v, want told: %v", name, k.At, wall)
	}
}

func utf16Text(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestJSONWrappings(t *testing.T) {
	const stamp = `"__REALTIME_TIMESTAMP":"1795166591123456","_SOURCE_MONOTONIC_TIMESTAMP":"123456789","_BOOT_ID":"7c3c1f7a2f0e4d5f9d1b6a5a4c3b2a19","_TRANSPORT":"kernel","SYSLOG_FACILITY":"0","PRIORITY":"6",`
	encode := map[string]func(string) string{
		"string":       func(s string) string { b, _ := json.Marshal(s); return string(b) },
		"byte array":   func(s string) string { return strings.ReplaceAll(fmt.Sprint([]byte(s)), " ", ",") },
		"string array": func(s string) string { b, _ := json.Marshal([]string{s, "again"}); return string(b) },
	}
	for name, message := range encode {
		var b strings.Builder
		for _, record := range dumpOf() {
			fmt.Fprintf(&b, "{%s\"MESSAGE\" : %s,\"_HOSTNAME\":\"n\"}\n", stamp, message(record))
		}
		checkDump(t, "journal "+name, b.String(), Options{}, true, true)
	}
	var docker, dmesg, syslog strings.Builder
	dmesg.WriteString("{\n   \"dmesg\": [\n")
	for _, record := range dumpOf() {
		quoted := encode["string"](record)
		for line := range strings.SplitSeq(record, "\n") {
			fmt.Fprintf(&docker, "{\"log\":%s,\"stream\":\"stdout\",\"time\":\"2026-11-20T09:23:11.5Z\"}\n",
				encode["string"]("[  123.456789] "+line+"\n"))
		}
		fmt.Fprintf(&dmesg, "      {\n         \"pri\": 6,\n         \"time\":   123.456789,\n         \"msg\": "+
			"%s\n      },\n", quoted)
		fmt.Fprintf(&syslog, "Nov 20 09:23:11 node-17 kernel: [  123.456789] %s\n",
			strings.ReplaceAll(record, "\n", "#012"))
	}
	checkDump(t, "docker json-file", docker.String(), Options{}, true, true)
	checkDump(t, "dmesg -J", dmesg.String(), Options{}, true, false)
	checkDump(t, "rsyslog's octal escapes", syslog.String(), Options{}, true, false)
}

// A program may write what it likes to the log, under any facility but kern.
func TestForeignFacilityIsNoEvidence(t *testing.T) {
	forged := []string{killed(12, "x"), constraintOf(dockerA, dockerA, "x", 12),
		"x[12]: segfault at 18 ip 1 sp 2 error 4 in x[0+1000]", "cgroup: fork rejected by pids controller in " +
			dockerA}
	for name, head := range map[string]string{
		"kmsg":               "12,1,123456789,-;",
		"raw":                "<14>[  123.456789] ",
		"dmesg -x":           "user  :notice: [  123.456789] ",
		"syslog":             "Nov 20 09:23:11 node-17 app[12]: ",
		"syslog, kernel too": "Nov 20 09:23:11 node-17 app[12]: <3>[  123.456789] ",
		"RFC 5424":           "<13>1 2026-11-20T09:23:11Z node-17 app 12 - - [  123.456789] ",
		"iso":                "2026-11-20T09:23:11+00:00 node-17 app: kernel: ",
	} {
		log := read(t, head+strings.Join(forged, "\n"+head)+"\n", Options{})
		if len(log.Kills)+len(log.Crashes)+len(log.Trouble) != 0 {
			t.Errorf("%s: a forged line became evidence: %+v", name, log)
		}
		if name != "iso" && noteCount(log, NoteForeignFacility) != len(forged) {
			t.Errorf("%s: notes %+v, want %d foreign lines told", name, log.Notes, len(forged))
		}
	}
	for name, fields := range map[string]string{
		"a program's own log": `"_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"kernel","SYSLOG_FACILITY":"0",`,
		"through /dev/kmsg":   `"_TRANSPORT":"kernel","SYSLOG_IDENTIFIER":"x","SYSLOG_FACILITY":"1",`,
		"no transport":        `"SYSLOG_FACILITY":"0",`,
	} {
		text, _ := json.Marshal(killed(12, "x"))
		log := read(t, "{"+fields+`"MESSAGE":`+string(text)+"}\n", Options{})
		if len(log.Kills) != 0 || noteCount(log, NoteForeignFacility) != 1 {
			t.Errorf("journal, %s: %+v", name, log)
		}
	}
}

func noteCount(log *Log, kind NoteKind) int {
	for _, n := range log.Notes {
		if n.Kind == kind {
			return max(n.Count, 1)
		}
	}
	return 0
}

func TestNotes(t *testing.T) {
	modern := func(pid int) string { return killed(pid, "x") }
	for _, tt := range []struct {
		name  string
		text  string
		kind  NoteKind
		count int
	}{
		{"the kernel's own count", stamped(invoked, constraintOf(dockerA, dockerA, "x", 12), modern(12), modern(13),
			modern(14), "oom_kill_process: 2 callbacks suppressed"), NoteDumpsSuppressed, 2},
		{"a burst at the end is not counted by the kernel yet", stamped(invoked,
			constraintOf(dockerA, dockerA, "x", 12), modern(12), modern(13), modern(14)), NoteDumpsSuppressed, 2},
		{"kills alone are no suppression", stamped(modern(13), modern(14)), NoteDumpsSuppressed, 0},
		{"dmesg -l err,warn", stamped(invoked, cpuLine, modern(12)), NoteLevelFiltered, 1},
		{"a whole dump is not filtered", stamped(dumpOf()...), NoteLevelFiltered, 0},
		{"an old kernel's bare line is not filtered", stamped("Killed process 12 (x) total-vm:1kB, anon-rss:1kB, " +
			"file-rss:0kB"), NoteLevelFiltered, 0},
		{"blob", "Nov 20 09:23:11 n kernel: [153B blob data]\n", NoteBlobData, 1},
		{"null message", `{"_TRANSPORT":"kernel","MESSAGE":null}` + "\n", NoteBlobData, 1},
		{"another program's blob", "Nov 20 09:23:11 n app: [153B blob data]\n", NoteBlobData, 0},
		{"journald's gap", "Nov 20 09:23:11 n systemd-journald[33]: Missed 412 kernel messages\n", NoteRecordsLost,
			412},
		{"console's gap", stamped("** 12 printk messages dropped ** "), NoteRecordsLost, 12},
		{"sequence gap", "6,10,1,-;a\n6,15,2,-;b\n", NoteRecordsLost, 4},
		{"no gap", "6,10,1,-;a\n SUBSYSTEM=x\n6,11,2,-;b\n", NoteRecordsLost, 0},
		{"journal of two boots", "-- Boot 1 --\n" + stamped("a") + "-- Boot 2 --\n" + stamped("b"), NoteBootChange, 1},
		{"JSON of two boots", `{"_BOOT_ID":"a","_TRANSPORT":"kernel","MESSAGE":"x"}` + "\n" +
			`{"_BOOT_ID":"b","_TRANSPORT":"kernel","MESSAGE":"x"}` + "\n", NoteBootChange, 1},
		{"the clock fell", "[  100.000000] a\n[    0.500000] b\n", NoteBootChange, 1},
		{"CPUs out of step", "[  100.000050] a\n[  100.000010] b\n", NoteBootChange, 0},
		{"ring start", "[  100.000000] a\n", NoteRingStart, 1},
		{"whole boot", "[    0.000000] Linux version 6.12\n[    1.000000] a\n", NoteRingStart, 0},
		{"long line", stamped(strings.Repeat("x", maxLine+9), modern(12)), NoteLinesCut, 1},
	} {
		if got := noteCount(read(t, tt.text, Options{}), tt.kind); got != tt.count {
			t.Errorf("%s: %s %d, want %d", tt.name, tt.kind, got, tt.count)
		}
	}
	capped := read(t, stamped(modern(12), modern(13), modern(14)), Options{MaxRecords: 2})
	if len(capped.Kills) != 2 || noteCount(capped, NoteRecordsCapped) != 1 {
		t.Errorf("a cap of 2 kept %d, notes %+v", len(capped.Kills), capped.Notes)
	}
}

func TestReadKeepsWhatItHadAtAnError(t *testing.T) {
	broken := io.MultiReader(strings.NewReader(stamped(dumpOf()...)), iotest.ErrReader(errors.New("broken pipe")))
	log, err := Read(broken, Options{})
	if err == nil || !strings.Contains(err.Error(), "broken pipe") || len(log.Kills) != 1 {
		t.Errorf("%d kills, error %v", len(log.Kills), err)
	}
}

func TestLinesAreTheSameHoweverTheyArrive(t *testing.T) {
	text := stamped(dumpOf()...)
	whole := read(t, text, Options{})
	bytewise, err := Read(iotest.OneByteReader(strings.NewReader(text)), Options{})
	if d := cmp.Diff(whole, bytewise); err != nil || d != "" {
		t.Errorf("%v (-whole +bytewise):\n%s", err, d)
	}
	if whole.Lines != strings.Count(text, "\n") || whole.Bytes != int64(len(text)) {
		t.Errorf("%d lines, %d bytes", whole.Lines, whole.Bytes)
	}
}
