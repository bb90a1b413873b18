package python

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Memory is the crashed process's memory.
type Memory interface {
	ReadMemory(addr uint64, p []byte) error
}

// Area is a writable piece of a mapped file's data, its .bss included.
type Area struct {
	Start, Size uint64
	Path        string // of the mapped file
}

// Stack is what was read of one interpreter.
type Stack struct {
	Version string // "3.11"
	Found   string // how its state was found: "table" or "shape"
	Picture
}

// Thread is one Python thread.
type Thread struct {
	Ident    uint64 // pthread_self
	NativeID uint64 // thread id in the container's namespace; 0 = not kept (up to 3.10)
	Guessed  bool   // NativeID was taken from glibc's memory: to be held against the real ones
	Name     string // of threading
	Frames   []Frame
	Depth    int    // frames in all; where more than len(Frames), the middle is left out
	Note     string // why the stack is not whole; "" = it is
	Handler  int    // which of the handlers' locks it waits for, from 1; 0 = none

	selves []uint64 // of each frame its first argument
	at     []uint64 // where each frame lies
}

// Frame is one call. Line 0 is not known.
type Frame struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function"` // qualified from 3.11 on: "Pool.get"
}

// ErrNoPython says that the process runs no CPython that can be recognised.
var ErrNoPython = errors.New("no CPython in this process")

var errNoState = errors.New("the interpreter's state was not found: it was not dumped, or the build is a special one")

type reader struct {
	Memory
	*layout
	objects objects
	lists   *linkedTasks // 3.14: nil = not found
	counted census
	codes   map[uint64]*code
	types   map[uint64]string
	kept    int
	walked  int
	named   bool // objects are known of this version
	budget  int  // what may still be read, in bytes; what cannot be read counts, too
}

// Budgets: a runaway recursion in a core takes some 100 MB; a living process is read
// again and again, and a hostile one may lead everywhere.
const (
	coreBudget = 4 << 30
	liveBudget = 256 << 20
	leastCost  = 64 // of one read
)

var errBudget = errors.New("too much was read")

// ReadMemory reads within the budget.
func (r *reader) ReadMemory(addr uint64, p []byte) error {
	if r.spent() {
		return errBudget
	}
	r.budget -= max(len(p), leastCost)
	return r.Memory.ReadMemory(addr, p)
}

// spent tells that nothing more is read: loops over made-up sizes end.
func (r *reader) spent() bool { return r.budget <= 0 }

// Read finds the interpreter and walks its threads. areas are the data of mapped
// files, paths the names of all mapped files. The error is ErrNoPython, or says why
// the frames of this Python cannot be read.
func Read(m Memory, areas []Area, paths []string) (*Stack, error) {
	in, err := Find(m, areas, paths)
	if in == nil {
		return nil, err
	}
	stack := &Stack{Version: in.Version, Found: in.Found}
	if err == nil {
		stack.Picture = *in.picture(m, coreBudget)
	}
	return stack, err
}

// find returns nil with ErrNoPython, and with other errors the version alone.
func find(m Memory, areas []Area, paths []string) (*Interpreter, error) {
	version := versionOf(paths)
	own := ownAreas(areas)
	at, words, ok := findTable(m, own)
	if !ok && len(own) < len(areas) {
		at, words, ok = findTable(m, areas) // an embedder: uwsgi, PyInstaller
	}
	if ok {
		return findByTable(m, at, words)
	}
	if version == "" {
		return nil, otherPython(paths)
	}
	l, known := layouts[version]
	if !known {
		return &Interpreter{Version: version}, fmt.Errorf("CPython %s: frames are read from 3.9 on", version)
	}
	if len(own) == 0 {
		own = areas
	}
	in := &Interpreter{Version: version, layout: l}
	if in.head, ok = in.reader(m, coreBudget).findShape(own); !ok {
		return in, fmt.Errorf("CPython %s: %w", version, errNoState)
	}
	in.Found, in.objects = "shape", objectsOf(version, nil)
	return in, nil
}

func findByTable(m Memory, at uint64, words []uint64) (*Interpreter, error) {
	l, head, err := fromTable(words)
	if err != nil {
		return &Interpreter{Version: fmt.Sprintf("%d.%d", words[1]>>24&0xff, words[1]>>16&0xff)}, err
	}
	in := &Interpreter{Version: l.version, layout: l, objects: objectsOf(l.version, words)}
	interp, ok := in.reader(m, coreBudget).word(at + head)
	if !ok || interp == 0 {
		return in, fmt.Errorf("CPython %s: %w", l.version, errNoState)
	}
	in.Found, in.head = "table", interp
	return in, nil
}

// Names that tell the version: the interpreter's own, its library's, or any file
// of its standard library and extension modules.
var (
	interpreter = lazyregexp.New(`(?:^|/)(?:lib)?python(\d\.\d{1,2})[^/]*$`)
	library     = lazyregexp.New(`/python(3\.\d{1,2})/|\.cpython-(3)(\d{1,2})[-.]`)
)

// versionOf returns "3.11"; "" where no mapped file belongs to a Python.
func versionOf(paths []string) string {
	for _, p := range paths {
		if m := interpreter().FindStringSubmatch(p); m != nil {
			return m[1]
		}
	}
	for _, p := range paths {
		switch m := library().FindStringSubmatch(p); {
		case m == nil:
		case m[1] != "":
			return m[1]
		default:
			return m[2] + "." + m[3]
		}
	}
	return ""
}

// pypy is the other implementation's program or library.
var pypy = lazyregexp.New(`(?:^|/)(?:lib)?pypy3?(?:\.\d+)?(?:-c\.so[^/]*)?$`)

// otherPython is ErrNoPython, or names an implementation whose frames are not read.
func otherPython(paths []string) error {
	for _, p := range paths {
		if pypy().MatchString(p) {
			return errors.New("PyPy: its frames are not read")
		}
	}
	return ErrNoPython
}

// ownAreas are the data of the interpreter and its library.
func ownAreas(areas []Area) []Area {
	var own []Area
	for _, a := range areas {
		if interpreter().MatchString(a.Path) {
			own = append(own, a)
		}
	}
	return own
}

// maxScan bounds how much data is searched; an interpreter has 1 to 3 MiB.
const (
	maxScan = 64 << 20
	chunk   = 32 << 10
)

// scan hands out the areas in chunks until f is content. Chunks begin at multiples
// of 8 bytes, and nothing that is searched for crosses their borders unseen.
func scan(m Memory, areas []Area, f func(addr uint64, b []byte) bool) {
	buf := make([]byte, chunk)
	left := uint64(maxScan)
	for _, a := range areas {
		for done := uint64(0); done < a.Size && left > 0; {
			n := min(chunk, a.Size-done, left)
			if m.ReadMemory(a.Start+done, buf[:n]) == nil && f(a.Start+done, buf[:n]) {
				return
			}
			done, left = done+n, left-n
		}
	}
}

// findTable looks for the cookie of 3.13 and later.
func findTable(m Memory, areas []Area) (at uint64, words []uint64, found bool) {
	scan(m, areas, func(addr uint64, b []byte) bool {
		for from := 0; ; {
			i := bytes.Index(b[from:], []byte(cookie))
			if i < 0 {
				return false
			}
			at = addr + uint64(from+i)
			if words = tableAt(m, at); words != nil {
				found = true
				return true
			}
			from += i + 1
		}
	})
	return at, words, found
}

// tableAt reads a table of offsets; nil where the cookie is only a string: all
// offsets are small, and the version is a Python 3.
func tableAt(m Memory, at uint64) []uint64 {
	raw := make([]byte, 8*tableWords)
	if at%8 != 0 || m.ReadMemory(at, raw) != nil {
		return nil
	}
	words := make([]uint64, tableWords)
	for i := range words {
		words[i] = order.Uint64(raw[8*i:])
		if i > 1 && words[i] > 1<<24 {
			return nil
		}
	}
	if words[1]>>24 != 3 {
		return nil
	}
	return words
}

// findShape looks for _PyRuntime.interpreters: the head of the list of interpreters,
// the main one, and the next id to give (3.9 to 3.12: struct pyinterpreters). An
// interpreter is what its first thread points back to. That alone is not enough:
// in two of six recorded cores other data of python3.11 had this shape.
func (r *reader) findShape(areas []Area) (interp uint64, found bool) {
	// begins with the end of the chunk before: the three words may lie across a border
	joined := make([]byte, 16, chunk+16)
	scan(r, areas, func(_ uint64, b []byte) bool {
		joined = append(joined[:16], b...)
		for i := 0; i+24 <= len(joined); i += 8 {
			head, main, next := order.Uint64(joined[i:]), order.Uint64(joined[i+8:]), order.Uint64(joined[i+16:])
			if next-1 < maxInterpreterID && r.isList(head, main) {
				interp, found = head, true
				return true
			}
		}
		copy(joined, joined[len(joined)-16:])
		return false
	})
	return interp, found
}

// maxInterpreterID bounds how many interpreters a process may have had.
const maxInterpreterID = 1 << 20

// isList: the newest interpreter comes first and leads to the main one, which is
// the last.
func (r *reader) isList(head, main uint64) bool {
	if !r.pointsBack(main) {
		return false
	}
	if next, ok := r.word(main + r.interpNext); !ok || next != 0 {
		return false
	}
	return head == main || r.pointsBack(head)
}

func (r *reader) pointsBack(interp uint64) bool {
	if interp < 1<<16 || interp%8 != 0 {
		return false
	}
	thread, ok := r.word(interp + r.interpThreads)
	if !ok || thread < 1<<16 || thread%8 != 0 {
		return false
	}
	back, ok := r.word(thread + threadInterp)
	return ok && back == interp
}
