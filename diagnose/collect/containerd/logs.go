package containerd

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
)

// logPath is where nerdctl's own logger, which writes Docker's json-file, keeps a container's output; "" = somebody
// else has it, or nobody: containerd keeps none.
//
//	nerdctl/state-dir=/var/lib/nerdctl/1935db59/containers/default/6f1c…
func (c container) logPath() string {
	dir := c.labels[labelState]
	if path := filepath.Join(dir, filepath.Base(c.id)+"-json.log"); filepath.IsAbs(dir) && isRegular(path) {
		return path
	}
	return ""
}

// notKept says where the output goes instead: binary:///usr/bin/shipper?host=loki, file:///var/log/web.log without any
// times, or a pipe that nobody but its reader may read.
func (t task) notKept() error {
	text := "containerd keeps no output of this container, and nerdctl's logger does not write it"
	if scheme, _, ok := strings.Cut(t.output, "://"); ok {
		text += fmt.Sprintf(": it goes to a %s (%.80s)", scheme, t.output)
	}
	return &docker.StatusError{Code: http.StatusNotImplemented, Message: text}
}

// isRegular tells whether a path is a file: opening a FIFO would wait for its writer, or take its words.
func isRegular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// logBytes is how much of a file's end is read.
const logBytes = 64 << 20

// Logs gives the newest lines in the frames of Docker's stream.
func (e *Engine) Logs(ctx context.Context, id string, q docker.LogQuery) (io.ReadCloser, error) {
	c, err := e.find(ctx, id)
	if err != nil {
		return nil, err
	}
	t, err := e.task(ctx, c)
	if err != nil {
		return nil, err
	}
	path := c.logPath()
	if path == "" || q.Follow {
		return nil, t.notKept()
	}
	lines, err := lastLines(path, q.Tail)
	if err != nil {
		return nil, err
	}
	var framed bytes.Buffer
	for _, line := range lines {
		framed.Write(frame(piece(line)))
	}
	return io.NopCloser(&framed), nil
}

// lastLines are the last n lines of a file, with their ends; 0 = all. Of a file longer than logBytes the beginning is
// left out.
func lastLines(path string, n int) ([][]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fs.ErrInvalid)
	}
	from := max(0, info.Size()-logBytes)
	data, err := io.ReadAll(io.NewSectionReader(f, from, logBytes))
	if err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if from > 0 {
		lines = lines[1:] // cut
	}
	if last := len(lines) - 1; last >= 0 && len(lines[last]) == 0 {
		lines = lines[:last]
	}
	if n > 0 && len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return lines, nil
}

// The streams of a frame.
const (
	frameStdout = 1
	frameStderr = 2
)

// piece reads a line of json-file, {"log":"ready\n","stream":"stdout","time":"2026-11-27T02:43:32.8Z"}, as the engine
// sends it: time, blank, text. One that is none stands for itself.
func piece(line []byte) (stream byte, text []byte) {
	var entry struct{ Log, Stream, Time string }
	if json.Unmarshal(line, &entry) != nil || entry.Time == "" {
		return frameStdout, line
	}
	text = append([]byte(entry.Time+" "), entry.Log...)
	if entry.Stream == "stderr" {
		return frameStderr, text
	}
	return frameStdout, text
}

// frame puts Docker's header before a piece: its stream, and its length.
func frame(stream byte, text []byte) []byte {
	header := binary.BigEndian.AppendUint32([]byte{stream, 0, 0, 0}, uint32(len(text)))
	return append(header, text...)
}
