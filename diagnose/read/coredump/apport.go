package coredump

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"strings"
)

// ApportReport is the head of an apport report, /var/crash/_usr_bin_python3.11.0.crash:
//
//	ProblemType: Crash
//	ExecutablePath: /usr/bin/python3.11
//	Signal: 11
//	CoreDump: base64
//	 H4sICAAAAAAC/0NvcmVEdW1wAA==
//	 7X0JmBzFdfDr…
//
// ProcEnviron and the other fields are not read.
type ApportReport struct {
	Executable string
	Signal     string
}

var errNoApportCore = errors.New("the apport report holds no core")

// maxApportLine bounds a line of a report; apport writes 1 MiB of core a line.
const maxApportLine = 4 << 20

// IsApport tells whether a file begins like an apport report.
func IsApport(head []byte) bool { return strings.HasPrefix(string(head), "ProblemType:") }

// OpenApport reads a report up to its core, and returns a reader of that: one gzip
// stream, in base64 of one piece a line.
func OpenApport(r io.Reader) (ApportReport, io.Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	var report ApportReport
	for {
		line, err := apportLine(in)
		if key, value, ok := strings.Cut(strings.TrimRight(line, "\n"), ": "); ok {
			switch key {
			case "ExecutablePath":
				report.Executable = value[:min(len(value), maxPath)]
			case "Signal":
				report.Signal = value[:min(len(value), 16)]
			case "CoreDump":
				return report, &apportLines{in: in}, nil
			}
		}
		if err != nil {
			return report, nil, errNoApportCore
		}
	}
}

var errApportLine = errors.New("the apport report is damaged: a line of more than 4 MiB")

// apportLine reads one line and never more than maxApportLine: a file without a line
// end is not held whole.
func apportLine(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		piece, err := in.ReadSlice('\n')
		if len(line)+len(piece) > maxApportLine {
			return "", errApportLine
		}
		line = append(line, piece...)
		if err != bufio.ErrBufferFull {
			return string(line), err
		}
	}
}

// apportLines decodes the indented lines; each is base64 of its own.
type apportLines struct {
	in   *bufio.Reader
	left []byte
}

func (a *apportLines) Read(p []byte) (int, error) {
	for len(a.left) == 0 {
		if b, err := a.in.Peek(1); err != nil {
			return 0, io.EOF
		} else if b[0] != ' ' {
			return 0, io.EOF // the next field
		}
		line, err := apportLine(a.in)
		if err == errApportLine {
			return 0, err
		}
		decoded, decodeErr := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		if decodeErr != nil {
			return 0, decodeErr
		}
		a.left = decoded
		if err != nil && len(a.left) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, a.left)
	a.left = a.left[n:]
	return n, nil
}
