package host

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// Caps of what is unpacked or fetched for the time of reading it.
const (
	maxSpool  = 16 << 30 // bytes of a core, holes included
	maxOnDisk = 4 << 30  // bytes that are not zero, which take room
	spoolUnit = 64 << 10
)

// spool is a temporary file without a name: it is gone when it is closed, however
// the program ends. Runs of zeros become holes.
type spool struct {
	*os.File
	Size   int64
	onDisk int64
}

func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "gwdoctor-core-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("unpack core: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return &spool{File: f}, nil
}

// Fill copies a stream into a new spool. Where the stream ends badly the spool holds
// what came, and err says why.
func Fill(ctx context.Context, r io.Reader) (*spool, error) {
	s, err := newSpool()
	if err != nil {
		return nil, err
	}
	buf := make([]byte, spoolUnit)
	for {
		if ctx.Err() != nil {
			return s, ctx.Err()
		}
		n, readErr := io.ReadFull(r, buf)
		if err := s.add(buf[:n]); err != nil {
			return s, err
		}
		switch readErr {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return s, s.Truncate(s.Size)
		default:
			if err := s.Truncate(s.Size); err != nil {
				return s, err
			}
			return s, readErr
		}
	}
}

func (s *spool) add(b []byte) error {
	if s.Size+int64(len(b)) > maxSpool {
		return fmt.Errorf("unpack core: %w of %d GiB", source.ErrTooLarge, maxSpool>>30)
	}
	if !zero(b) {
		if s.onDisk += int64(len(b)); s.onDisk > maxOnDisk {
			return fmt.Errorf("unpack core: %w of %d GiB on disk", source.ErrTooLarge, maxOnDisk>>30)
		}
		if _, err := s.WriteAt(b, s.Size); err != nil {
			return fmt.Errorf("unpack core into %s: %w; TMPDIR names another folder", os.TempDir(), err)
		}
	}
	s.Size += int64(len(b))
	return nil
}

func zero(b []byte) bool {
	for len(b) >= 8 {
		if b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7] != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
