package docker

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/read/cri"
)

// CRIWriter turns the engine's log stream into CRI lines (package cri).
type CRIWriter struct {
	Out    io.Writer
	stamp  []byte // of the current piece; a piece without one repeats the last
	line   []byte // reused
	buf    []byte // reused
	Pieces int64  // as the engine counts them for tail=N
	Fault  string // what the engine wrote into the stream about its own trouble
}

// maxPiece is the longest text of one CRI line; longer ones are split as P.
const maxPiece = 64 << 10

// piece writes one line. text has no newline.
func (w *CRIWriter) piece(stream string, ended bool, text []byte) error {
	stamp := w.stamp
	if stamp == nil {
		stamp = []byte(cri.NoStamp)
	}
	w.line = cri.Append(w.line[:0], stamp, stream, ended, text)
	_, err := w.Out.Write(w.line)
	return err
}

// setStamp takes the leading "2026-11-23T19:14:00.123456789Z " off p. The engine
// puts one before each piece of the stream when asked for timestamps.
func (w *CRIWriter) setStamp(p []byte) []byte {
	n := cri.StampLength(p)
	if n == 0 {
		return p
	}
	w.stamp = append(w.stamp[:0], p[:n]...)
	if n < len(p) {
		n++ // the blank
	}
	return p[n:]
}

// Stream types of a frame header (moby api/pkg/stdcopy).
const (
	frameStdin  = 0
	frameStdout = 1
	frameStderr = 2
	frameSystem = 3 // the engine's own error text
)

var (
	errNoFrame = errors.New("no frame header")
	errNoLog   = errors.New("the answer was not understood: it has neither frames nor times")
)

// Stream reads what the engine sends. Only API 1.42 and later name the form in a
// header. With timestamps a terminal's stream begins with a digit, a frame with a
// byte of 0 to 3.
func (w *CRIWriter) Stream(r *bufio.Reader) error {
	if head, _ := r.Peek(8); len(head) == 0 || isFrame(head) {
		return w.frames(r)
	}
	return w.raw(r)
}

// frames reads a multiplexed stream: 8 bytes of header (type, 0, 0, 0, length as
// big-endian uint32), then the payload. stdcopy.StdCopy is not used because it
// hides where frames end, which is what tells P from F, and grows its buffer to
// whatever length a header claims.
func (w *CRIWriter) frames(r *bufio.Reader) error {
	var header [8]byte
	for {
		if _, err := io.ReadFull(r, header[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read frame header: %w", err)
		}
		if !isFrame(header[:]) {
			return errNoFrame
		}
		if err := w.frame(header[0], r, int64(binary.BigEndian.Uint32(header[4:]))); err != nil {
			return err
		}
	}
}

func isFrame(header []byte) bool {
	return len(header) == 8 && header[0] <= frameSystem && header[1] == 0 && header[2] == 0 && header[3] == 0
}

// frame writes one payload of the given size, split where it holds newlines or is
// above maxPiece.
func (w *CRIWriter) frame(kind byte, r *bufio.Reader, size int64) error {
	if kind == frameSystem {
		return w.system(io.LimitReader(r, size))
	}
	stream := "stdout"
	if kind == frameStderr {
		stream = "stderr"
	}
	w.Pieces++
	if w.buf == nil {
		w.buf = make([]byte, maxPiece)
	}
	for stamped := false; size > 0; stamped = true {
		n, err := io.ReadFull(r, w.buf[:min(size, maxPiece)])
		text := w.buf[:n]
		if !stamped {
			text = w.setStamp(text)
		}
		if err := w.lines(stream, text); err != nil {
			return err
		}
		if err != nil {
			return fmt.Errorf("read log: %w", err)
		}
		size -= int64(n)
	}
	return nil
}

// system keeps the engine's own error text, which ends the log.
func (w *CRIWriter) system(payload io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(payload, errorBytes))
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	w.Fault = string(bytes.TrimSpace(text))
	_, err = io.Copy(io.Discard, payload)
	return err
}

// lines writes a frame's text: usually one line, or a piece of one.
func (w *CRIWriter) lines(stream string, text []byte) error {
	for len(text) > 0 {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		if err := w.piece(stream, ended, line); err != nil {
			return err
		}
		text = rest
	}
	return nil
}

// enginePiece is the length at which the engine's copier cuts a line (moby
// daemon/logger copier.go defaultBufSize).
const enginePiece = 16 << 10

// raw reads the stream of a terminal: no frames, CRLF line ends, everything
// stdout. A stamp stands before each line and, where the engine cut a long line,
// before each piece inside it.
func (w *CRIWriter) raw(r *bufio.Reader) error {
	for {
		peek, err := r.Peek(cri.MaxStamp + 1 + enginePiece + cri.MaxStamp + 1)
		if len(peek) == 0 {
			if err == io.EOF {
				return nil
			}
			return fmt.Errorf("read log: %w", err)
		}
		rest := w.setStamp(peek)
		if w.stamp == nil {
			return errNoLog // a terminal's log was asked for with times
		}
		used := len(peek) - len(rest)
		text, ended := rawPiece(rest)
		used += len(text)
		if ended {
			text = bytes.TrimSuffix(text[:len(text)-1], []byte("\r"))
		}
		w.Pieces++
		if err := w.piece("stdout", ended, text); err != nil {
			return err
		}
		if _, err := r.Discard(used); err != nil {
			return fmt.Errorf("read log: %w", err)
		}
	}
}

// rawPiece returns the next line with its newline, or the piece that the engine
// cut off, or as much as one piece may hold.
func rawPiece(rest []byte) (text []byte, ended bool) {
	if i := bytes.IndexByte(rest, '\n'); i >= 0 && i <= enginePiece+1 {
		return rest[:i+1], true
	}
	return rest[:min(len(rest), enginePiece)], false
}
