package envelope

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// frameHeader is the length of what stands before each frame of the engine's API stream (moby api/pkg/stdcopy): the
// stream's number, three zeros, the length as big-endian uint32.
const frameHeader = 8

// isFrame tells whether b begins a frame of stdout or stderr. No text begins so.
func isFrame(b []byte) bool {
	return len(b) >= frameHeader && (b[0] == 1 || b[0] == 2) && b[1] == 0 && b[2] == 0 && b[3] == 0
}

// muxed reads what GET /containers/ID/logs and /attach answer where the container has no terminal, with or without
// timestamps=1. A frame holds a line, a part of one, or several.
type muxed struct {
	in     *lineReader
	clock  stamp.Clock
	stamp  stamp.Time // of the current frame
	stream Stream
	cut    bool
	read   int64
	rest   []byte // of its text
	buf    []byte // reused
}

// next returns a line of a frame, or a part of one.
func (m *muxed) next() (text []byte, part bool, err error) {
	for len(m.rest) == 0 {
		if err := m.frame(); err != nil {
			return nil, false, err
		}
	}
	line, rest, ended := bytes.Cut(m.rest, []byte("\n"))
	m.rest = rest
	return line, !ended, nil
}

// frame reads the next one. What it has beyond maxRaw bytes is dropped.
func (m *muxed) frame() error {
	var header [frameHeader]byte
	if _, err := m.in.take(header[:], false); err != nil {
		return err
	}
	if !isFrame(header[:]) {
		return fmt.Errorf("read frame of the engine's log stream: no header after %d bytes", m.read+frameHeader)
	}
	size := int64(binary.BigEndian.Uint32(header[4:]))
	m.read += frameHeader + size
	keep := min(size, maxRaw)
	if m.buf == nil {
		m.buf = make([]byte, maxRaw)
	}
	m.stamp, m.stream, m.cut = stamp.Time{}, Stdout, size > keep
	if header[0] == 2 {
		m.stream = Stderr
	}
	m.rest = m.buf[:keep]
	n, err := m.in.take(m.rest, true)
	m.rest = m.rest[:n]
	if err == nil {
		err = m.in.skip(size - keep)
	}
	m.time()
	if errors.Is(err, io.EOF) && len(m.rest) > 0 {
		return nil // the capture was cut in the middle of a frame: keep what there is
	}
	return err
}

// time takes the time off that timestamps=1 puts before each frame.
func (m *muxed) time() {
	if s, n := m.clock.ISO(m.rest); n > 0 && !s.NoZone && n < len(m.rest) && m.rest[n] == ' ' {
		m.stamp, m.rest = s, m.rest[n+1:]
	}
}
