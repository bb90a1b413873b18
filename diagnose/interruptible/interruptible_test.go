//go:build unix

package interruptible

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ended is a context that ends while what is tried waits.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	return ctx
}

// wantCanceled fails for a call that came back with anything else than its context's end.
func wantCanceled(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%s: %v", what, err)
	}
}

// TestFIFO: neither opening, nor reading, nor writing waits longer than the context.
func TestFIFO(t *testing.T) {
	_, err := Open(ended(t), fifo(t))
	wantCanceled(t, "open for reading", err)
	path := fifo(t)
	_, err = OpenFile(ended(t), fifo(t), os.O_WRONLY, 0)
	wantCanceled(t, "open for writing", err)

	other, err := os.OpenFile(path, os.O_RDWR, 0) // so that opening does not wait
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	r, err := Open(ended(t), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, err = r.Read(make([]byte, 1))
	wantCanceled(t, "read", err)
	w, err := OpenFile(ended(t), path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	_, err = w.Write(make([]byte, 1<<20)) // more than the pipe holds
	wantCanceled(t, "write", err)
}

// TestReadFile tells a silent pipe, a file that is too large and one that is read.
func TestReadFile(t *testing.T) {
	late, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := ReadFile(late, fifo(t), 10); !errors.Is(err, context.DeadlineExceeded) ||
		!strings.Contains(err.Error(), "nothing came in time") {
		t.Errorf("a silent pipe: %v", err)
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("twelve bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(t.Context(), path, 11); err == nil {
		t.Error("a file above the limit was read")
	}
	if data, err := ReadFile(t.Context(), path, 12); err != nil || string(data) != "twelve bytes" {
		t.Errorf("%q, %v", data, err)
	}
}

// TestReader gives all that there is, and reads nothing before it is asked.
func TestReader(t *testing.T) {
	text := strings.Repeat("0123456789", chunkSize/4)
	source := strings.NewReader(text)
	r := Reader(t.Context(), source)
	if source.Len() != len(text) {
		t.Error("it was read before anybody asked")
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != text {
		t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
	}
	silent, other := io.Pipe()
	defer other.Close()
	_, err := Reader(ended(t), silent).Read(make([]byte, 1))
	wantCanceled(t, "a silent stream", err)
}

// TestWriter writes as long as somebody reads, and nothing after a write that was left behind.
func TestWriter(t *testing.T) {
	var out bytes.Buffer
	w := Writer(t.Context(), &out)
	for _, part := range []string{"a", "b", "c"} {
		if n, err := io.WriteString(w, part); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if out.String() != "abc" {
		t.Errorf("%q", out.String())
	}
	reader, stalled := io.Pipe()
	defer reader.Close()
	w = Writer(ended(t), stalled)
	_, err := io.WriteString(w, "nobody reads this")
	wantCanceled(t, "a stalled reader", err)
	_, err = io.WriteString(w, "more")
	wantCanceled(t, "after it", err)
}

// TestSoon: it outlives its parent, but not for ever.
func TestSoon(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	soon := Soon(parent, time.Nanosecond)
	if soon.Err() != nil {
		t.Error("it ended before its parent")
	}
	cancel()
	<-soon.Done()
}
