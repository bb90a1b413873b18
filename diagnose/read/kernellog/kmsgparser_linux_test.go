package kernellog

import (
	"bytes"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/euank/go-kmsg-parser/kmsgparser"
)

// TestRingIsReadAsKmsgParserDoes holds our reading of the live ring record by record
// against a second opinion, that of the library by which cAdvisor and the node
// problem detector read it. docs/dependencies.md says why it is not our reader.
func TestRingIsReadAsKmsgParserDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the live kernel log; skipped with -short")
	}
	text, err := liveRing()
	if err != nil {
		t.Skipf("the kernel log cannot be read here: %v", err)
	}
	ours := map[int64]line{}
	last := unwrapLines(text, func(l line) { ours[l.seq] = l })
	if last < 0 {
		t.Skip("the ring is empty")
	}
	compared := 0
	var first *kmsgparser.Message
	for _, theirs := range secondOpinion(t, last) {
		l, ok := ours[int64(theirs.SequenceNumber)]
		if !ok {
			t.Errorf("record %d is missing: %q", theirs.SequenceNumber, theirs.Message)
			continue
		}
		if first == nil {
			first = &theirs
		}
		compareRecord(t, l, theirs, theirs.Timestamp.Sub(first.Timestamp),
			l.boot-ours[int64(first.SequenceNumber)].boot)
		compared++
	}
	if compared == 0 {
		t.Error("no record was compared")
	}
	t.Logf("%d records agree", compared)
}

// liveRing reads the ring as it is: one record a read, until there is none. EPIPE tells that
// records were overwritten meanwhile.
func liveRing() (text []byte, err error) {
	fd, err := syscall.Open("/dev/kmsg", syscall.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd)
	record := make([]byte, 8192)
	for {
		n, err := syscall.Read(fd, record)
		switch {
		case err == syscall.EAGAIN:
			return text, nil
		case err == syscall.EPIPE || err == syscall.EINTR:
			continue
		case err != nil:
			return nil, err
		}
		text = append(text, record[:n]...)
	}
}

// unwrapLines gives out the records of a text of /dev/kmsg and returns the last one's
// sequence number; -1 where there is none.
func unwrapLines(text []byte, give func(line)) int64 {
	u := newUnwrapper(nil, time.Time{})
	last := int64(-1)
	for physical := range bytes.Lines(text) {
		var l line
		u.unwrap(trimEnd(physical), physical, &l)
		if l.seq >= 0 { // not a tag of the record above
			l.msg = bytes.Clone(l.msg)
			give(l)
			last = l.seq
		}
	}
	return last
}

// secondOpinion reads the ring up to a record by the library, which never ends by itself.
func secondOpinion(t *testing.T, last int64) (list []kmsgparser.Message) {
	t.Helper()
	p, err := kmsgparser.NewParser()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.SetLogger(silent{})
	deadline := time.After(20 * time.Second)
	messages := p.Parse()
	for {
		select {
		case m, ok := <-messages:
			if !ok { // it ends so where a record was overwritten under it
				t.Skip("the library lost its place in a ring that is being overwritten")
			}
			if int64(m.SequenceNumber) > last {
				return list
			}
			if list = append(list, m); int64(m.SequenceNumber) == last {
				return list
			}
		case <-deadline:
			t.Fatalf("the library has not come to record %d after 20 s", last)
		}
	}
}

type silent struct{}

func (silent) Infof(string, ...interface{})    {}
func (silent) Warningf(string, ...interface{}) {}
func (silent) Errorf(string, ...interface{})   {}

func compareRecord(t *testing.T, l line, theirs kmsgparser.Message, since time.Duration, seconds float64) {
	t.Helper()
	text, _, _ := strings.Cut(theirs.Message, "\n") // it keeps the tags
	if string(l.msg) != text {
		t.Errorf("record %d: %q, the library has %q", l.seq, l.msg, text)
	}
	if l.level != theirs.Priority&7 || (l.origin == fromKernel) != (theirs.Priority>>3 == 0) {
		t.Errorf("record %d: level %d, of the kernel %t; the library has priority %d",
			l.seq, l.level, l.origin == fromKernel, theirs.Priority)
	}
	if got := time.Duration(seconds*1e6+0.5) * time.Microsecond; (got - since).Abs() > time.Microsecond {
		t.Errorf("record %d: %s after the first one, the library has %s", l.seq, got, since)
	}
}
