package servicelog

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
)

func scan(t *testing.T, log string, starts ...time.Time) *Report {
	t.Helper()
	r, err := Scan(strings.NewReader(log), Options{Starts: starts})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func texts(r *Report) []string {
	var out []string
	for _, run := range r.Runs {
		for _, l := range run.Tail {
			out = append(out, l.Stream+"|"+l.Text)
		}
	}
	return out
}

func TestFraming(t *testing.T) {
	const ts = "2026-11-23T19:14:00.123456789Z "
	for _, c := range []struct {
		name, log string
		want      []string
	}{
		{"full line", ts + "stdout F hello\n", []string{"stdout|hello"}},
		{"empty line", ts + "stdout F\n" + ts + "stdout F \n", []string{"stdout|", "stdout|"}},
		{"no line end", ts + "stderr F dying", []string{"stderr|dying"}},
		{"parts", ts + "stdout P ab\n" + ts + "stdout P cd\n" + ts + "stdout F ef\n", []string{"stdout|abcdef"}},
		{"parts of two streams", ts + "stdout P ab\n" + ts + "stderr F x\n" + ts + "stdout F cd\n",
			[]string{"stderr|x", "stdout|abcd"}},
		{"last part missing", ts + "stdout P ab\n" + ts + "stderr P x\n", []string{"stdout|ab", "stderr|x"}},
		{"tag with more", ts + "stdout F:x hello\n", []string{"stdout|hello"}},
		{"offset", "2026-11-23T20:14:00+01:00 stdout F hello\n", []string{"stdout|hello"}},
		{"plain", "hello\nworld\n", []string{"|hello", "|world"}},
		{"CRLF", "hello\r\n" + ts + "stdout F world\r\n", []string{"|hello", "stdout|world"}},
		{"a time alone: docker logs -t", ts + "stdxxx F hello\n", []string{"|stdxxx F hello"}},
		{"not a header: tag", ts + "stdout X hello\n", []string{"|" + ts + "stdout X hello"}},
		{"not a header: time", "2026-99-23T19:14:00.123456789Z stdout F hello\n",
			[]string{"|2026-99-23T19:14:00.123456789Z stdout F hello"}},
		{"colours", ts + "stderr F \x1b[32mINFO\x1b[0m:     ready \x1b]8;;http://x\x07link\x1b]8;;\x1b\\\n",
			[]string{"stderr|INFO:     ready link"}},
		{"unfinished escapes", ts + "stderr F a\x1b[31\xff b\x1b] c\x1b\n", []string{"stderr|a31\uFFFD b c"}},
		{"NUL", "a\x00b\x00\n", []string{"|ab"}},
		{"invalid UTF-8, bidi, control", "a\xff\u202eb\x07c\u2028d\n", []string{"|a\uFFFDbc d"}},
		{"cut", strings.Repeat("é", 300) + "\n", []string{"|" + strings.Repeat("é", 200)}},
		{"nothing", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := scan(t, c.log)
			if diff := cmp.Diff(c.want, texts(r)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if r.Lines != len(c.want) || r.Bytes != int64(len(c.log)) {
				t.Errorf("%d lines, %d bytes, want %d, %d", r.Lines, r.Bytes, len(c.want), len(c.log))
			}
		})
	}
}

// TestDirtMatches: none of the dirt hides a signature.
func TestDirtMatches(t *testing.T) {
	for _, log := range []string{
		"\x1b[31mERROR\x1b[0m:    Application startup failed. Exiting.\r\n",
		"ERROR:    Application\x00 startup failed. Exiting.\n",
		"2026-11-23T19:14:00.123456789Z stderr P ERROR:    Application start\n2026-11-23T19:14:00.123456789Z stderr F up " +
			"failed. Exiting.\n",
		"[2026-11-23 09:11:48 +0000] [5791] [ERROR] Application startup failed. Exiting.\n",
		"2026-11-23 09:06:15,120 - uvicorn.error - ERROR - Application startup failed. Exiting.\n",
		"2026-11-23T09:06:15.120Z ERROR [uvicorn.error] Application startup failed. Exiting.\n",
		"ERROR:uvicorn.error:Application startup failed. Exiting.\n",
		"2026-11-23 09:40:03.300 | ERROR    | uvicorn.lifespan.on:startup:59 - Application startup failed. Exiting.\n",
		"     ERROR   Application startup failed. Exiting.       \n",
		`{"level": "error", "message": "Application startup failed. Exiting.", "extra": {"a": [1, "}"]}}` + "\n",
	} {
		if got := ids(t, log); len(got) != 1 || got[0] != "uvicorn-startup-failed" {
			t.Errorf("%q: %v", log, got)
		}
	}
	if r := scan(t, "ERROR:    Exception in ASGI application\n\xff\xfe\xfa\nTraceback (most recent call last):\n  "+
		"File \"\xff\", line 3, in f\nredis.exceptions.ConnectionError: Too many connections\xff\n",
	); len(r.Runs[0].Findings) != 2 {
		t.Errorf("invalid UTF-8: %+v", r.Runs[0].Findings)
	}
}

// endless yields n bytes of one line.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	if e.n <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.n)
	for i := range p[:n] {
		p[i] = 'x'
	}
	e.n -= n
	return n, nil
}

// TestBoundedMemory reads one line of 50 MB, whole and in parts, within 4 MB of allocations.
func TestBoundedMemory(t *testing.T) {
	const size = 50 << 20
	part := "2026-11-23T19:14:00.123456789Z stdout P " + strings.Repeat("x", 16384) + "\n"
	parts := make([]io.Reader, size/len(part))
	for i := range parts {
		parts[i] = strings.NewReader(part)
	}
	for name, log := range map[string]io.Reader{"line": &endless{n: size}, "parts": io.MultiReader(parts...)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := Scan(log, Options{})
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
			t.Errorf("%s: %d bytes allocated", name, used)
		}
		if r.Lines != 1 || r.TruncatedLines != 1 {
			t.Errorf("%s: %d lines, %d truncated, want 1, 1", name, r.Lines, r.TruncatedLines)
		}
	}
}

func TestLineAtTheCap(t *testing.T) {
	exact := strings.Repeat("x", envelope.MaxLine)
	if r := scan(t, exact+"\nnext\n"); r.Lines != 2 || r.TruncatedLines != 0 {
		t.Errorf("%d lines, %d truncated, want 2, 0", r.Lines, r.TruncatedLines)
	}
	if r := scan(t, exact+"y\nnext\n"); r.Lines != 2 || r.TruncatedLines != 1 {
		t.Errorf("%d lines, %d truncated, want 2, 1", r.Lines, r.TruncatedLines)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	r, err := Scan(io.MultiReader(strings.NewReader("ERROR:    Application startup failed. Exiting.\n"),
		iotest.ErrReader(broken)), Options{})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	if r == nil || len(r.Runs[0].Findings) != 1 {
		t.Errorf("what was read before the error is lost: %+v", r)
	}
}

func TestSmallReads(t *testing.T) {
	log := []byte("2026-11-23T19:14:00.123456789Z stderr P ERROR:    Application " +
		"start\n2026-11-23T19:14:00.123456789Z stderr F up failed. Exiting.\n")
	whole, err := Scan(bytes.NewReader(log), Options{})
	if err != nil {
		t.Fatal(err)
	}
	slow, err := Scan(iotest.OneByteReader(bytes.NewReader(log)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, slow); diff != "" {
		t.Errorf("reading byte by byte differs:\n%s", diff)
	}
}
