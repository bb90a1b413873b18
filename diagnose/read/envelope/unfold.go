package envelope

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/document"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// ErrPause is what a reader may return in place of an error to say that nothing more is to be had for now, as
// `--follow` does while a log is silent. What is complete is given out then, and reading goes on.
var ErrPause = errors.New("nothing more for now")

// Note is something about the log as a whole that its reader should know.
type Note string

// The notes.
const (
	NoteTurned    Note = "the newest line came first; the log was read turned round"
	NoteTurnedCut Note = "the newest line came first, and the log is too long to be turned round as a whole: it was " +
		"turned in pieces"
	NoteFolded     Note = "lines were folded at the width of a terminal, and joined"
	NoteMayFold    Note = "some lines may have been folded at the width of a terminal; they were not joined"
	NoteDeep       Note = "some lines stand in more than eight envelopes one in another, and these were not opened further"
	NoteDayFirst   Note = "in its dates the day stands before the month: some of them leave no other reading"
	NoteMonthFirst Note = "in its dates the month was taken to stand before the day"
	NoteDayGuessed Note = "its dates do not tell day from month: the day was taken to stand first"
	NoteCut        Note = "a record was longer than is kept, and was cut"
)

// Unfolded is a log with one record a line.
type Unfolded struct {
	// Order tells where in an event of several lines a line is printed, from 1; zero: it is not known, or none is.
	Order func(line []byte) int

	in     io.Reader
	head   []byte // read and not passed on
	out    []byte // made and not given out
	stages []document.Stage
	known  bool // the form is
	ended  bool
	live   bool
	err    error // came with the head
	raw    []byte
	bytes  int64
	clock  stamp.Clock
	notes  []Note
}

const (
	headSize = document.HeadSize
	readSize = 256 << 10
	// maxEmptyReads is how often a reader may return nothing at all before it counts as broken (as bufio has it).
	maxEmptyReads = 100
)

// Unfold returns r with every record on a line of its own, in the order of time:
//
//   - UTF-16 and byte order marks become UTF-8, the white space of pages and chats that of a log, the signs of a mail
//     (quoted-printable) what they stand for;
//   - pretty JSON, arrays of records, records under any keys ({"events": [{…}]}) become one object a line, as do
//     the forms export and verbose of journalctl, documents of YAML, and CSV whose first row names a column of text;
//   - a string of a program's text, or a list of such, becomes its lines;
//   - lines that a terminal folded are joined, where the rest of a line cannot be taken for a line;
//   - a log whose times fall from line to line is turned round.
//
// Everything else is passed on as it is. The form is read off the first 64 KiB; live says that r may pause for long,
// so that what the first read gives has to do. Notes says what was done.
func Unfold(r io.Reader, clock stamp.Clock, live bool) *Unfolded {
	return &Unfolded{in: r, clock: clock, live: live}
}

// Notes returns what is to be said of the log, complete once it was read to its end.
func (u *Unfolded) Notes() (notes []Note) {
	for _, s := range u.stages {
		if n := noteOf(s); n != "" {
			notes = append(notes, n)
		}
	}
	return append(notes, u.notes...)
}

// noteOf returns what is to be said of what a stage did, "" = nothing.
func noteOf(s document.Stage) Note {
	switch s := s.(type) {
	case *folded:
		return NoteFolded
	case *turned:
		return s.note()
	case interface{ Cut() bool }:
		if s.Cut() {
			return NoteCut
		}
	}
	return ""
}

// Bytes is how much was read, before anything was decoded.
func (u *Unfolded) Bytes() int64 { return u.bytes }

// counted counts the bytes that pass.
type counted struct {
	in io.Reader
	n  *int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	*c.n += int64(n)
	return n, err
}

// Read gives out the log.
func (u *Unfolded) Read(p []byte) (int, error) {
	if !u.known {
		if err := u.begin(); err != nil {
			return 0, err
		}
	}
	for {
		if len(u.out) > 0 {
			n := copy(p, u.out)
			u.out = u.out[n:]
			return n, nil
		}
		if len(u.head) > 0 {
			u.pass(u.head)
			u.head = nil
			continue
		}
		if u.ended {
			return 0, io.EOF
		}
		if err := u.err; err != nil {
			u.err = nil
			if errors.Is(err, io.EOF) {
				u.finish()
				continue
			}
			return 0, err
		}
		if len(u.stages) == 0 {
			return u.in.Read(p)
		}
		var n int
		n, u.err = u.in.Read(u.raw)
		u.pass(u.raw[:n])
	}
}

// pass sends bytes through the stages.
func (u *Unfolded) pass(b []byte) {
	if len(u.stages) == 0 {
		u.out = b
		return
	}
	for i, s := range u.stages {
		if i == len(u.stages)-1 {
			u.out = s.Feed(u.out[:0], b)
			return
		}
		b = s.Feed(nil, b)
	}
}

// finish ends the stages one after the other.
func (u *Unfolded) finish() {
	u.ended = true
	var rest []byte
	for _, s := range u.stages {
		out := s.Feed(nil, rest)
		rest = s.End(out)
	}
	u.out = rest
}

// begin reads the head and finds out what form the log has.
func (u *Unfolded) begin() error {
	in := bufio.NewReaderSize(counted{u.in, &u.bytes}, 16) // only to look at the mark: larger reads go past it
	mark, err := in.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) && len(mark) == 0 {
		return err // nothing yet
	}
	u.in = in
	if len(mark) == 2 && (mark[0] == 0xff && mark[1] == 0xfe || mark[0] == 0xfe &&
		mark[1] == 0xff) { // PowerShell's > writes UTF-16
		u.in = transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder())
	}
	u.fill()
	u.known = true
	if bytes.HasPrefix(u.head, []byte("\xef\xbb\xbf")) {
		u.head = u.head[3:]
	}
	if isFrame(u.head) {
		return nil
	}
	u.choose()
	if len(u.stages) > 0 {
		u.raw = make([]byte, readSize)
	}
	return nil
}

// fill reads the head: as much as learning looks at, or what there is before the first pause.
func (u *Unfolded) fill() {
	size := firstRead
	if u.live { // one read has to do
		size = headSize
	}
	buf := make([]byte, size)
	n, empty := 0, 0
	for n < headSize && u.err == nil && empty < maxEmptyReads {
		if n == len(buf) {
			buf = append(buf, make([]byte, headSize-n)...)
		}
		var m int
		m, u.err = u.in.Read(buf[n:])
		n += m
		if empty++; m > 0 {
			empty = 0
		}
		if u.live && m > 0 {
			break
		}
	}
	u.head = buf[:n]
}

// choose adds the stages that the head asks for.
func (u *Unfolded) choose() {
	var sample []byte
	if u.stages, sample = document.Stages(u.head); len(sample) == 0 {
		return
	}
	lines := sampleLines(sample)
	if f := foldedAt(lines, u.clock); f != nil {
		u.stages = append(u.stages, f)
		lines = sampleLines(f.trial(sample))
	} else if mayBeFolded(lines, u.clock) {
		u.notes = append(u.notes, NoteMayFold)
	}
	if u.live {
		return
	}
	o := NewOpener(u.clock)
	if untimed(lines, u.clock) {
		o.Learn(bytes.Join(lines, []byte("\n")))
	}
	if newestFirst(lines, o, u.Order) {
		u.stages = append(u.stages, &turned{opener: o})
	}
}

// sampleLines returns the whole lines of a sample, for looking at; the last one too where it is the only one.
func sampleLines(sample []byte) (lines [][]byte) {
	const enough = 400
	if end := bytes.LastIndexByte(sample, '\n'); end >= 0 && end > len(sample)-len("\n")-headSize {
		sample = sample[:end]
	}
	for line := range bytes.SplitSeq(bytes.Clone(sample), []byte("\n")) {
		if lines = append(lines, Clean(line)); len(lines) == enough {
			break
		}
	}
	return lines
}
