package skip

import (
	"bytes"
	"fmt"
	"testing"
)

const (
	noise = "[  123.456789] cni0: port 35(vethda7b7ee) entered forwarding state\n"
	later = "[  124.000001] nf_conntrack: nf_conntrack: table full, dropping packet\n"
)

// reader is one to which only messages matter that hold "!".
func reader() *Filter {
	return New([]string{"Killed process ", "[T", "audit: type=1701 "},
		func(msg []byte) bool { return bytes.IndexByte(msg, '!') >= 0 })
}

func TestSkip(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int // lines
	}{
		{"nothing", "", 0},
		{"lines that mean nothing", noise + noise + later, 3},
		{"carriage returns", "[  123.456789] cni0: port 35(vethda7b7ee) entered forwarding state\r\n" + noise, 2},
		{"up to half a line", noise + "[  124.0000", 1},
		{"up to an empty line", noise + "\n" + noise, 1},
		{"up to another form", noise + "Nov 20 09:23:11 host kernel: cni0: port 35 entered forwarding state\n", 1},
		{"up to a step back", later + noise, 1},
		{"up to a stamp with a letter", noise + "[  123.45678x] cni0: port 35(vethda7b7ee) entered forwarding state\n",
			1},
		{"up to a forged stamp", noise + "[12345678901.000000] cni0: port 35(vethda7b7ee) entered forwarding state\n",
			1},
		{"up to a short one, which may be half of a name", noise + "[  123.456789] short\n" + noise, 1},
		{"a word that does not matter after all",
			"[  123.456789] Killed process of thinking, and other lines in this log\n" + noise, 2},
		{"a word that matters", "[  123.456789] Killed process 12 (x) total-vm:4kB, anon-rss:4kB, file-rss:!\n" +
			noise, 0},
		{"a name before what matters", "[  123.456789] java[12]: segfault at 18 ip 00007ff1c7bd6ad8 sp 0000!\n" +
			noise, 0},
		{"an id before what cannot matter",
			"[  123.456789] systemd[1]: Started Docker Application Container Engine!\n" + noise, 2},
	} {
		got := reader().Skip([]byte(c.text))
		want := 0
		for range c.want {
			want += bytes.IndexByte([]byte(c.text[want:]), '\n') + 1
		}
		if got.Lines != c.want || got.Bytes != want {
			t.Errorf("%s: %d lines, %d bytes are skipped, want %d, %d", c.name, got.Lines, got.Bytes, c.want, want)
		}
	}
}

// TestSkippedTime: the time of what was passed over is that of its own lines, not of the one that ended it.
func TestSkippedTime(t *testing.T) {
	matters := "[  125.000000] Killed process 12 (x) total-vm:4kB, anon-rss:4kB, file-rss:!\n"
	got := reader().Skip([]byte(noise + later + matters + noise))
	if want := (Skipped{len(noise + later), 2, 123456789, 124000001}); got != want {
		t.Errorf("skipped %+v, want %+v", got, want)
	}
}

// TestClockReadsEachStamp: whatever second was before, a stamp is read as it stands, and one that steps back is told.
func TestClockReadsEachStamp(t *testing.T) {
	seconds := []int{0, 1, 2, 9, 10, 19, 22, 99, 100, 123, 999, 1234, 12345, 99999, 123456, 8162070, 12345678, 999999999}
	for _, before := range seconds {
		for _, after := range seconds {
			var c clock
			for _, at := range []int{before, after} {
				_, ok := c.advance(fmt.Appendf(nil, "[%5d.000001] cni0: port 35 entered forwarding state\n", at))
				if want := at >= before; ok != want || ok && c.last != int64(at)*1e6+1 {
					t.Errorf("%d after %d: %d µs, %t, want %t", at, before, c.last, ok, want)
				}
			}
		}
	}
}

// TestAnchorsAreAsked: whatever a kernel prints after a process name is asked about,
// for names of any length.
func TestAnchorsAreAsked(t *testing.T) {
	for _, anchor := range []string{
		" invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0", "[12]: segfault at 18 ip 00007ff1c7bd6ad8",
		"[1234567] general protection fault ip:401a21",
		"[12] trap divide error ip:401a72", "[12] control protection ip:401a21 sp:0 ssp:0 error:1(near ret)",
		": potentially unexpected fatal signal 6.",
		"[12]: unhandled signal 11 at 0000", ": page allocation failure: order:5", ": vmalloc error: size 4096",
		"[4711] vsyscall attempted with vsyscall=none ip:ffffffffff600400",
	} {
		for length := 1; length <= maxName; length++ {
			asked := false
			f := New(nil, func([]byte) bool { asked = true; return true })
			msg := bytes.Repeat([]byte("x"), length)
			f.Skip(append(append([]byte("[  123.456789] "), msg...), anchor+"\n"+noise...))
			if !asked {
				t.Errorf("skipped: %s%s", msg, anchor)
			}
		}
	}
}

// TestWordsPass: the letters at a few places must let every word pass, whatever
// stands behind it.
func TestWordsPass(t *testing.T) {
	words := []string{" in ", "[T", "[C", "[ ", "anon ", "Killed process ", "audit: type=1701 ", "audit: type=1326 ",
		"memory: usage ", "X", "a word that is longer than the head of a message, which is what is compared"}
	f := New(words, nil)
	for _, word := range words {
		for _, rest := range []string{"x", "01", " \x00\xff"} {
			var head [headSize]byte
			for n := copy(head[:], word); n < len(head); n++ {
				copy(head[n:], rest)
			}
			if !f.begins(&head) {
				t.Errorf("%q is passed over", head[:16])
			}
		}
	}
	var head [headSize]byte
	for _, other := range []string{"systemd[1]: Stop", "anonymous", "audit: type=1701,"} {
		copy(head[:], other)
		if f.begins(&head) {
			t.Errorf("%q begins with none of them", other)
		}
	}
}
