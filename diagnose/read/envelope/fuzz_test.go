package envelope_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/envelopetest"
)

// FuzzEnvelope: whatever the log, no line of it is lost or told twice, every message keeps its bound, and it does not
// matter how the log is cut into reads.
func FuzzEnvelope(f *testing.F) {
	for _, framing := range envelopetest.All() {
		f.Add(framing.Frame(logOf(failures["uvicorn"])), uint8(7))
	}
	f.Add([]byte("2026-11-23T19:14:00.123456789Z stdout P ab\n2026-11-23T19:14:00.123456789Z stdout F cd\n"), uint8(3))
	f.Add([]byte(`{"log":"a\u00e9\ud83d\ude00\"\n","stream":"stderr","time":"2026-11-23T19:14:00.123456789Z"}`+
		"\n"), uint8(7))
	f.Add([]byte(`{"log":"half`), uint8(1))
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x052026\n\x02\x00\x00\x00\xff\xff\xff\xffx"), uint8(2))
	f.Add([]byte("{\n\"events\": [\n{\"message\": \"a\nb\"}, {\"message\": "), uint8(5))
	f.Add([]byte("[\n[\n{\"m\":[[{"), uint8(5))
	f.Fuzz(func(t *testing.T, log []byte, step uint8) {
		var canaries [][]byte
		for i := range 5 {
			canaries = append(canaries, fmt.Appendf(nil, "zq-canary%dqz", i))
		}
		framed := isFramed(log)
		if !framed {
			log = append(bytes.Clone(log), '\n')
			for _, c := range canaries {
				log = append(append(append(log, c...), " went by"...), '\n')
			}
		}
		whole := messages(t, bytes.NewReader(log), int64(len(log)))
		cut := messages(t, &slow{log, int(step)%64 + 1}, int64(len(log)))
		if !slices.Equal(whole, cut) {
			t.Errorf("read in pieces, %q gives %q, at once %q", log, cut, whole)
		}
		for _, c := range canaries {
			n := 0
			for _, m := range whole {
				n += bytes.Count([]byte(m), c)
			}
			if n != 1 && !framed && len(log) < 60<<10 && !bytes.Contains(log,
				[]byte("\x00\x00\x00\x00")) /* a length may cut a line */ {
				t.Fatalf("%q is %d times in %q, read from %q", c, n, whole, log)
			}
		}
	})
}

// isFramed tells whether a log is of the engine's frames, which have no lines, or UTF-16.
func isFramed(log []byte) bool {
	return len(log) > 1 && (log[0] == 0xff && log[1] == 0xfe || log[0] == 0xfe && log[1] == 0xff) ||
		len(log) > 3 && (log[0] == 1 || log[0] == 2) && log[1] == 0 && log[2] == 0 && log[3] == 0
}

// messages returns everything that was read, with what was taken off.
func messages(t *testing.T, in io.Reader, size int64) (list []string) {
	t.Helper()
	r := envelope.NewReader(in, envelope.Options{})
	for {
		var m envelope.Message
		err := r.Next(&m)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // a broken frame
			return list
		}
		if len(m.Text) > envelope.MaxLine {
			t.Errorf("a message of %d bytes", len(m.Text))
		}
		names := ""
		if m.Depth > 0 && !m.Continued && !m.Within {
			names = fmt.Sprintf(" of %q %q %q %q %q", m.Host, m.Service, m.Pod, m.Container, m.Program)
		}
		list = append(list, string(m.Text)+names)
	}
	if r.Bytes() != size {
		t.Errorf("%d bytes read of %d", r.Bytes(), size)
	}
	return list
}

// slow gives a few bytes at a time.
type slow struct {
	rest []byte
	step int
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest[:min(s.step, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}
