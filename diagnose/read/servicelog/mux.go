package servicelog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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
	in    *lineReader
	clock clock
	rec   record // of the current frame
	rest  []byte // of its text
	buf   []byte // reused
}

func (m *muxed) read() int64 { return m.in.bytes }

func (m *muxed) next() (rec record, part bool, err error) {
	for len(m.rest) == 0 {
		if err := m.frame(); err != nil {
			return record{}, false, err
		}
	}
	line, rest, ended := bytes.Cut(m.rest, []byte("\n"))
	m.rest = rest
	rec = m.rec
	rec.text = bytes.TrimRight(line, "\r")
	return rec, !ended, nil
}

// frame reads the next one. What it has beyond maxLine bytes is dropped.
func (m *muxed) frame() error {
	var header [frameHeader]byte
	if _, err := m.in.take(header[:], false); err != nil {
		return err
	}
	if !isFrame(header[:]) {
		return fmt.Errorf("read frame of the engine's log stream: no header after %d bytes", m.in.bytes)
	}
	size := int64(binary.BigEndian.Uint32(header[4:]))
	keep := min(size, maxLine+maxHeader)
	if m.buf == nil {
		m.buf = make([]byte, maxLine+maxHeader)
	}
	m.rec = record{stream: streamOut, truncated: size > keep}
	if header[0] == 2 {
		m.rec.stream = streamErr
	}
	m.rest = m.buf[:keep]
	n, err := m.in.take(m.rest, true)
	m.rest = m.rest[:n]
	if err == nil {
		err = m.in.skip(size - keep)
	}
	m.stamp()
	if errors.Is(err, io.EOF) && len(m.rest) > 0 {
		return nil // the capture was cut in the middle of a frame: keep what there is
	}
	return err
}

// stamp takes the time off that timestamps=1 puts before each frame.
func (m *muxed) stamp() {
	end := bytes.IndexByte(m.rest[:min(len(m.rest), 40)], ' ')
	if end < 0 {
		return
	}
	if at, ok := m.clock.parse(m.rest[:end]); ok {
		m.rec.at, m.rec.timed = at, true
		m.rest = m.rest[end+1:]
	}
}
