package docker

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/read/cri"
)

const (
	stamp1 = "2026-11-23T20:05:38.665687543Z"
	stamp2 = "2026-11-23T20:05:38.821878100Z"
)

// write runs one stream through the writer that readLogs would choose.
func write(t *testing.T, stream string) (string, *CRIWriter, error) {
	t.Helper()
	var out bytes.Buffer
	w := &CRIWriter{Out: &out}
	r := bufio.NewReader(strings.NewReader(stream))
	if head, _ := r.Peek(8); len(head) == 0 || isFrame(head) {
		err := w.frames(r)
		return out.String(), w, err
	}
	r = bufio.NewReaderSize(strings.NewReader(stream), 64<<10)
	err := w.raw(r)
	return out.String(), w, err
}

func TestCRI(t *testing.T) {
	long := strings.Repeat("x", enginePiece)
	for _, test := range []struct {
		name, stream, want string
	}{
		{"empty", "", ""},
		{"both streams", enginetest.Frame(1, stamp1+" out\n") + enginetest.Frame(2, stamp2+" err\n"),
			stamp1 + " stdout F out\n" + stamp2 + " stderr F err\n"},
		{"unterminated last words", enginetest.Frame(2, stamp1+" dying"), stamp1 + " stderr P dying\n"},
		{"empty line", enginetest.Frame(1, stamp1+" \n"), stamp1 + " stdout F \n"},
		{"empty frame", enginetest.Frame(1, "") + enginetest.Frame(1, stamp1+" a\n"), stamp1 + " stdout F a\n"},
		{"a line in two pieces", enginetest.Frame(1, stamp1+" "+long) + enginetest.Frame(1, stamp1+" end\n"),
			stamp1 + " stdout P " + long + "\n" + stamp1 + " stdout F end\n"},
		{"newlines inside a frame", enginetest.Frame(1, stamp1+" a\nb\nc"),
			stamp1 + " stdout F a\n" + stamp1 + " stdout F b\n" + stamp1 + " stdout P c\n"},
		{"the app's own stamp stays", enginetest.Frame(1, stamp1+" "+stamp2+" x\n"), stamp1 + " stdout F " + stamp2 + " x\n"},
		{"no stamp repeats the last", enginetest.Frame(1, stamp1+" a\n") + enginetest.Frame(1, "bare\n"),
			stamp1 + " stdout F a\n" + stamp1 + " stdout F bare\n"},
		{"no stamp at all", enginetest.Frame(1, "bare\n"), cri.NoStamp + " stdout F bare\n"},
		{"NUL and bad UTF-8 stay", enginetest.Frame(1, stamp1+" a\x00\xff\n"), stamp1 + " stdout F a\x00\xff\n"},
		{"frame keeps CR", enginetest.Frame(1, stamp1+" a\r\n"), stamp1 + " stdout F a\r\n"},
		{"terminal", stamp1 + " hi\r\n" + stamp2 + " bye", stamp1 + " stdout F hi\n" + stamp2 + " stdout P bye\n"},
		{"terminal, empty line", stamp1 + " \r\n", stamp1 + " stdout F \n"},
		{"terminal, long line", stamp1 + " " + long + stamp1 + " " + long + stamp2 + " end\r\n",
			stamp1 + " stdout P " + long + "\n" + stamp1 + " stdout P " + long + "\n" + stamp2 + " stdout F end\n"},
	} {
		got, _, err := write(t, test.stream)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestCRIBrokenStreams(t *testing.T) {
	got, _, err := write(t, enginetest.Frame(1, stamp1+" whole\n")+enginetest.Frame(1, stamp2+" cut short")[:20])
	if err == nil || !strings.HasPrefix(got, stamp1+" stdout F whole\n") {
		t.Errorf("%q, %v: a cut frame must be told and harm no earlier line", got, err)
	}
	got, _, err = write(t, enginetest.Frame(1, stamp1+" a\n")+"garbage behind it")
	if err != errNoFrame || got != stamp1+" stdout F a\n" {
		t.Errorf("%q, %v", got, err)
	}
	_, w, err := write(t, enginetest.Frame(1, stamp1+" a\n")+enginetest.Frame(3, "Error grabbing logs: unexpected EOF\n"))
	if err != nil || w.Fault != "Error grabbing logs: unexpected EOF" {
		t.Errorf("%q, %v: the engine's own error text", w.Fault, err)
	}
}

// What is no log at all must not become one line of it.
func TestNoLog(t *testing.T) {
	for _, body := range []string{"null", "42", "<html>502 Bad Gateway</html>", "bare text\n"} {
		if got, _, err := write(t, body); !errors.Is(err, errNoLog) || got != "" {
			t.Errorf("%q: %q, %v", body, got, err)
		}
	}
}

// A line of 50 MB must stay within the budget in either form.
func TestFiftyMegabyteLineStaysBounded(t *testing.T) {
	const limit = 1 << 20
	piece := stamp1 + " " + strings.Repeat("x", enginePiece)
	for name, stream := range map[string]string{
		"frames":     strings.Repeat(enginetest.Frame(1, piece), 3200),
		"one frame":  enginetest.Frame(1, stamp1+" "+strings.Repeat("x", 50<<20)),
		"terminal":   strings.Repeat(piece, 3200),
		"no newline": stamp1 + " " + strings.Repeat("x", 50<<20),
	} {
		tail := source.NewTail(limit, 1024)
		w := &CRIWriter{Out: tail}
		r := bufio.NewReaderSize(strings.NewReader(stream), 64<<10)
		var err error
		if isFrame([]byte(stream[:8])) {
			err = w.frames(r)
		} else {
			err = w.raw(r)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if cap(tail.Buf) > limit {
			t.Errorf("%s: %d bytes held", name, cap(tail.Buf))
		}
		lines := tail.Lines()
		if len(lines) < limit/2 || !bytes.HasPrefix(lines, []byte(stamp1+" stdout P x")) {
			t.Errorf("%s: %d bytes, beginning %.60q", name, len(lines), lines)
		}
	}
}

func TestTailBufferKeepsTheNewestWholeLines(t *testing.T) {
	var all strings.Builder
	tail := source.NewTail(100, 7)
	for i := range 50 {
		line := fmt.Sprintf("line %d\n", i)
		all.WriteString(line)
		if _, err := tail.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
		got := string(newTailCopy(tail).Lines())
		if !strings.HasSuffix(all.String(), got) || (all.Len() <= 100 && got != all.String()) {
			t.Fatalf("after %d lines: %q", i+1, got)
		}
		if all.Len() > 100 && (len(got) < 100-2*len(line) || !strings.HasPrefix(got, "line ")) {
			t.Fatalf("after %d lines: %q is not the newest whole lines", i+1, got)
		}
	}
	big := source.NewTail(10, 10)
	_, _ = big.Write([]byte("0123456789abcde\nfgh\n"))
	if got := string(big.Lines()); got != "fgh\n" || big.Dropped != 10 {
		t.Errorf("%q, %d dropped", got, big.Dropped)
	}
}

func newTailCopy(t *source.Tail) *source.Tail {
	c := *t
	c.Buf = bytes.Clone(t.Buf)
	return &c
}

var criLine = regexp.MustCompile(`^\d{4}-\d\d-\d\dT[^ ]* std(out|err) [PF] `)

// Whatever the engine sends, what comes out is CRI lines within the budget.
func FuzzCRI(f *testing.F) {
	f.Add([]byte(enginetest.Frame(1, stamp1+" a\n") + enginetest.Frame(2, "b")))
	f.Add([]byte(stamp1 + " hi\r\nx"))
	f.Add([]byte("\x01\x00\x00\x00\xff\xff\xff\xff"))
	f.Add([]byte("\x03\x00\x00\x00\x00\x00\x00\x05oops\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		tail := source.NewTail(4096, 16)
		w := &CRIWriter{Out: tail}
		r := bufio.NewReaderSize(bytes.NewReader(stream), 64<<10)
		if head, _ := r.Peek(8); isFrame(head) {
			_ = w.frames(r)
		} else {
			_ = w.raw(r)
		}
		lines := tail.Lines()
		if len(lines) > 4096 {
			t.Fatalf("%d bytes kept", len(lines))
		}
		for line := range bytes.Lines(lines) {
			if !criLine.Match(line) || line[len(line)-1] != '\n' {
				t.Fatalf("%q is no CRI line (utf8 %v)", line, utf8.Valid(line))
			}
		}
	})
}

func BenchmarkCRI(b *testing.B) {
	line := enginetest.Frame(1, stamp1+" 2026-11-23 INFO request served in 12 ms path=/api/v1/gateway/items status=200\n")
	stream := strings.Repeat(line, 200_000)
	b.SetBytes(int64(len(stream)))
	for b.Loop() {
		tail := source.NewTail(16<<20, 16<<20)
		w := &CRIWriter{Out: tail}
		if err := w.frames(bufio.NewReaderSize(strings.NewReader(stream), 64<<10)); err != nil {
			b.Fatal(err)
		}
		tail.Lines()
	}
}
