package kernellog

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// readEveryLine reads without skipping a line: what any other way must equal.
func readEveryLine(t testing.TB, text []byte, opts Options) *Log {
	t.Helper()
	return readFrom(t, bytes.NewReader(text), opts, true)
}

// readFrom reads a log of which no head is read line by line, so that skipping begins with its first line.
func readFrom(t testing.TB, in io.Reader, opts Options, everyLine bool) *Log {
	t.Helper()
	s := NewScanner(in, opts)
	s.everyLine, s.head.lines = everyLine, 0
	var log Log
	for s.Scan() {
		log.Add(s.Record())
	}
	s.Cover(&log)
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return &log
}

// pieces gives its text in reads of odd sizes, so that blocks end anywhere.
type pieces struct {
	text []byte
	rand *rand.Rand
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.text) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), 1+p.rand.IntN(4000))], p.text)
	p.text = p.text[n:]
	return n, nil
}

// checkWays reads a text in every way and wants the same of all.
func checkWays(t *testing.T, name string, text []byte, opts Options, seed uint64) {
	t.Helper()
	want := readEveryLine(t, text, opts)
	for _, way := range []struct {
		name string
		in   io.Reader
	}{
		{"at once", bytes.NewReader(text)},
		{"by halves", iotest.HalfReader(bytes.NewReader(text))},
		{"in pieces", &pieces{text, rand.New(rand.NewPCG(seed, 1))}},
	} {
		got := readFrom(t, way.in, opts, false)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s %s (-every line +skipping):\n%s", name, way.name, d)
		}
	}
}

// TestSkippingChangesNothing is the proof that skipping lines gives what reading line
// by line gives, wherever the reads end.
func TestSkippingChangesNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded logs: %v", err)
	}
	var lines [][]byte
	for i, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		checkWays(t, path, text, Options{Boot: time.Unix(1795425290, 0)}, uint64(i))
		lines = append(lines, bytes.SplitAfter(text, []byte("\n"))...)
	}
	for seed := range uint64(30) {
		checkWays(t, fmt.Sprint("seed ", seed), mixed(lines, rand.New(rand.NewPCG(seed, 0))),
			Options{Boot: time.Unix(1795425290, 0)}, seed)
		checkWays(t, fmt.Sprint("journal of seed ", seed), journal(rand.New(rand.NewPCG(seed, 3))), Options{}, seed)
	}
}

// mixed makes a log of real stretches, noise with a clock that now and then steps
// back, and lines that look like something.
func mixed(lines [][]byte, r *rand.Rand) []byte {
	noise := []string{
		"cni0: port 35(vethda7b7ee) entered forwarding state",
		"audit: type=1101 audit(1793686270.668:1000): pid=1 uid=0 auid=4294967295",
		"[UFW BLOCK] IN=eth0 OUT= MAC=1b:9a:12:68:ff:da SRC=10.57.243.191",
		"systemd[1]: docker-983849095f56.scope: Consumed 58.745s CPU time.",
		" dump_stack_lvl+0x130/0x2fc0", "short", "node-17 kernel: Killed process 12 (x) total-vm:4kB, anon-rss:4kB, " +
			"file-rss:0kB", "[T12] Killed process 13 (x) total-vm:4kB, anon-rss:4kB, file-rss:0kB",
		"x[1]: segfault at 0 ip 0000000000401000 sp 00007ffd28297cc8 error 4", " in app[401000+1000]",
		"\x1b[1mKilled process 14 (x) total-vm:4kB, anon-rss:4kB, file-rss:0kB",
		"Killed process 15 (x) total-vm:4kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB",
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)", ",cpuset=", "a6f31c0e9d4b87256e0f",
		",mems_allowed=0,oom_memcg=", "/docker/x", "a\\x0aname of a process that is not one",
		"page: page allocation stalls for nobody in this line", "anon 4096 and some more text behind it",
	}
	var out bytes.Buffer
	us := int64(5e6)
	for out.Len() < 40000 {
		switch r.IntN(4) {
		case 0: // a stretch of a real log
			at := r.IntN(len(lines))
			for _, l := range lines[at:min(len(lines), at+r.IntN(120))] {
				out.Write(l)
			}
		default:
			for range r.IntN(200) {
				us += r.Int64N(60000)
				if r.IntN(300) == 0 {
					us = max(0, us-r.Int64N(12e6))
				}
				msg := noise[min(r.IntN(3*len(noise)), len(noise)-1)%len(noise)]
				if r.IntN(3) > 0 {
					msg = noise[r.IntN(5)]
				}
				switch r.IntN(40) {
				case 0:
					fmt.Fprintf(&out, "6,%d,%d,-;%s\n", us/1000, us, msg)
				case 1:
					fmt.Fprintf(&out, "[%5d.%06d] %s\r\n", us/1e6, us%1e6, msg)
				case 2:
					out.WriteString(journalLine(us, msg))
				default:
					fmt.Fprintf(&out, "[%5d.%06d] %s\n", us/1e6, us%1e6, msg)
				}
			}
		}
	}
	return out.Bytes()
}

// journal makes an export of records of several layouts, some of them broken.
func journal(r *rand.Rand) []byte {
	messages := []string{
		"cni0: port 35(vethda7b7ee) entered forwarding state", `audit: type=1101 msg='unit=a\\x2db comm=\"systemd\"'`,
		"short", `quote \" and slash \\`, `ends in a slash \\`,
		"Killed process 15 (x) total-vm:4kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB",
		"x[1]: segfault at 0 ip 0000000000401000 sp 00007ffd28297cc8 error 4",
		`\u0061naked[12]: segfault at 0 ip 0000000000401000 sp 00007ffd28297cc8 error 4`, "",
		`\u001b[1mKilled process 14 (x) total-vm:4kB, anon-rss:4kB, file-rss:0kB`,
	}
	layouts := []string{
		`{"MESSAGE":"%[1]s","PRIORITY":"6","_BOOT_ID":"7c3c","_SOURCE_MONOTONIC_TIMESTAMP":"%[2]d","_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"179542529%07[2]d"}`,
		`{"__CURSOR":"s=5f;i=%[2]x","_BOOT_ID":"7c3c","__MONOTONIC_TIMESTAMP":"%[2]d","_TRANSPORT":"kernel","SYSLOG_FACILITY":"0","MESSAGE":"%[1]s","__REALTIME_TIMESTAMP":"1795425290000000"}`,
		`{"__REALTIME_TIMESTAMP" : "1795425290000000", "_BOOT_ID" : "%[2]d", "_TRANSPORT" : "kernel", "__MONOTONIC_TIMESTAMP" : "%[2]d", "MESSAGE" : "%[1]s"}`,
		`{"MESSAGE":"%[1]s","SYSLOG_FACILITY":"3","_BOOT_ID":"7c3c","__MONOTONIC_TIMESTAMP":"%[2]d","_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"1795425290000000"}`,
		`{"MESSAGE":"%[1]s","_BOOT_ID":"7c3c","__SEQNUM":"%[2]d","__MONOTONIC_TIMESTAMP":%[2]d,"_TRANSPORT":"kernel","MESSAGE":"x","__REALTIME_TIMESTAMP":"1795425290000000"}`,
	}
	fields := []string{
		`"MESSAGE":"%[1]s"`, `"PRIORITY":"6"`, `"_BOOT_ID":"7c3c"`, `"_SOURCE_MONOTONIC_TIMESTAMP":"%[2]d"`,
		`"_TRANSPORT":"kernel"`, `"__REALTIME_TIMESTAMP":"179542529%07[2]d"`,
		`"__CURSOR":"s=5f;i=%[2]x"`, `"_KERNEL_DEVICE":"b8:%[2]d"`, `"SYSLOG_FACILITY":"0"`, `"_HOSTNAME":"node-17"`,
		`"__SEQNUM":"%[2]d"`, `"__SEQNUM_ID":"eaa1"`, `"LIST":["a",%[2]d]`,
	}
	var out bytes.Buffer
	us, layout := int64(5e6), layouts[0]
	for out.Len() < 40000 {
		us += r.Int64N(6000)
		if r.IntN(6) == 0 {
			layout = layouts[r.IntN(len(layouts))]
		}
		if r.IntN(2) == 0 { // as journalctl 252 does, in any order
			r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
			layout = "{" + strings.Join(fields[:len(fields)-r.IntN(3)], ",") + "}"
		}
		record := fmt.Appendf(nil, layout, messages[min(r.IntN(3*len(messages)), len(messages)-1)], us)
		if r.IntN(8) == 0 {
			record[r.IntN(len(record))] = "\n\"\\0x}"[r.IntN(6)]
		}
		out.Write(append(record, '\n'))
	}
	return out.Bytes()
}

func journalLine(us int64, msg string) string {
	return fmt.Sprintf(`{"MESSAGE":%q,"PRIORITY":"6","SYSLOG_FACILITY":"0","_BOOT_ID":"7c3c1f7a2f0e4d5f9d1b6a5a4c3b2a19","_SOURCE_MONOTONIC_TIMESTAMP":"%d","_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"%d"}`+"\n", msg, us, 1795425290000000+us)
}

// TestSkippingSkips: the proof above would hold for a scanner that skips nothing; and
// every first word that has a class must be read.
func TestSkippingSkips(t *testing.T) {
	const line = "[  123.456789] cni0: port 35(vethda7b7ee) entered forwarding state\n"
	if s := meaningless.Skip([]byte(line + line)); s.Lines != 2 || s.Bytes != 2*len(line) {
		t.Errorf("%d lines of 2 skipped", s.Lines)
	}
	words := append([]string{" in libc.so.6[7ff1c7a95000+156000]", "[T12] x", "[C0] x", "[   12]     0",
		"node-17 kernel: Killed process 12 (x)"}, counterNames...)
	for _, list := range prefixes {
		for _, p := range list {
			if p.class != troubleLine { // of those the rest must fit, too
				words = append(words, p.text)
			}
		}
	}
	words = append(words, "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL)",
		"x[1]: segfault at 18 ip 00007ff1c7bd6ad8", "x: page allocation failure: order:5",
		"EXT4-fs error (device vdb1): ext4_find_entry:1463: inode #2", "\x1b[31mKilled process 12",
		"java \x1b[31minvoked oom-killer: gfp_mask=0xcc0")
	for _, word := range words {
		text := "[  123.456789] " + word + " and what follows it in the line\n" + line
		if meaningless.Skip([]byte(text)).Lines != 0 {
			t.Errorf("skipped: %s", word)
		}
	}
}
