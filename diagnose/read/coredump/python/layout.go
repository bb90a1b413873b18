package python

import "fmt"

// layout holds the byte offsets of one version's structures on 64-bit machines.
type layout struct {
	version string // "3.11"

	interpNext, interpThreads uint64 // PyInterpreterState

	threadNext, threadIdent uint64 // PyThreadState
	threadNative            uint64 // 0 = it has none (up to 3.10)
	threadFrame             uint64 // the newest frame, or with viaCFrame a _PyCFrame
	viaCFrame               bool
	cframeCurrent           uint64

	frameCode, framePrev, frameInstr uint64
	frameOwner                       uint64 // 0 = frames have no owner (up to 3.10)
	tagged                           bool   // the code pointer carries tag bits (3.14)

	codeFile, codeName, codeQualname, codeFirst, codeLines uint64
	// instructions; 0 = the frame holds an index (up to 3.10)
	codeBytes uint64

	unicodeData uint64 // size of PyASCIIObject
	lines       func(table []byte, first int, index int64) int
}

// The same in every version here: PyThreadState.interp, PyASCIIObject's length and
// state, PyBytesObject's size and bytes.
const (
	threadInterp  = 16
	unicodeLength = 16
	unicodeState  = 32
	bytesSize     = 16
	bytesData     = 32
)

// cStackOwner and above own frames that only tie C to Python (3.12 and later).
const cStackOwner = 3

// layouts were printed by a C program from the headers of 3.9.18, 3.10.13, 3.11.7
// and 3.12.1 (docs/notes/README.md has it). They are fixed for a minor version: the
// structures are part of what extension modules are compiled against.
var layouts = map[string]*layout{
	"3.9": {
		version: "3.9", interpThreads: 8, threadNext: 8, threadIdent: 176, threadFrame: 24,
		frameCode: 32, framePrev: 24, frameInstr: 104,
		codeFile: 104, codeName: 112, codeFirst: 40, codeLines: 120, unicodeData: 48, lines: lnotabLine,
	},
	"3.10": {
		version: "3.10", interpThreads: 8, threadNext: 8, threadIdent: 176, threadFrame: 24,
		frameCode: 32, framePrev: 24, frameInstr: 96,
		codeFile: 104, codeName: 112, codeFirst: 40, codeLines: 120, unicodeData: 48, lines: linetableLine,
	},
	"3.11": {
		version: "3.11", interpThreads: 16, threadNext: 8, threadIdent: 152, threadNative: 160, threadFrame: 56,
		viaCFrame: true, cframeCurrent: 8,
		frameCode: 32, framePrev: 48, frameInstr: 56, frameOwner: 69,
		codeFile: 112, codeName: 120, codeQualname: 128, codeFirst: 72, codeLines: 136, codeBytes: 184, unicodeData: 48,
		lines: locationLine,
	},
	"3.12": {
		version: "3.12", interpThreads: 72, threadNext: 8, threadIdent: 136, threadNative: 144, threadFrame: 56,
		viaCFrame: true,
		frameCode: 0, framePrev: 8, frameInstr: 56, frameOwner: 70,
		codeFile: 112, codeName: 120, codeQualname: 128, codeFirst: 68, codeLines: 136, codeBytes: 192, unicodeData: 40,
		lines: locationLine,
	},
}

// cookie begins _PyRuntime from 3.13 on, followed by PY_VERSION_HEX, a flag for
// free-threaded builds, and the offsets, 8 bytes each.
const cookie = "xdebugpy"

// offsetWords says at which 8-byte word of the table an offset stands. Fields were
// added in the middle with 3.14, so each minor version has its own.
type offsetWords struct {
	head, interpNext, interpThreads                                int
	threadNext, threadFrame, threadIdent, threadNative             int
	framePrev, frameCode, frameInstr, frameOwner                   int
	codeFile, codeName, codeQualname, codeLines, codeFirst, codeIn int
}

// tableWords is how many words of the table are read.
const tableWords = 64

var debugOffsets = map[string]offsetWords{
	"3.13": {5, 8, 9, 21, 23, 24, 25, 29, 30, 31, 33, 35, 36, 37, 38, 39, 43},
	"3.14": {5, 8, 9, 24, 26, 27, 28, 32, 33, 34, 36, 40, 41, 42, 43, 44, 48},
}

// fromTable makes a layout of an interpreter's own table, and returns with it
// where in _PyRuntime the list of interpreters begins.
func fromTable(words []uint64) (l *layout, head uint64, err error) {
	hex := words[1]
	version := fmt.Sprintf("%d.%d", hex>>24&0xff, hex>>16&0xff)
	w, ok := debugOffsets[version]
	switch {
	case !ok:
		return nil, 0, fmt.Errorf("CPython %s: its table of offsets has a layout that this gwdoctor does not know", version)
	case words[2] != 0:
		return nil, 0, fmt.Errorf("CPython %s, free-threaded: the layout of such builds is not known", version)
	}
	l = &layout{
		version: version, interpNext: words[w.interpNext], interpThreads: words[w.interpThreads],
		threadNext: words[w.threadNext], threadFrame: words[w.threadFrame], threadIdent: words[w.threadIdent],
		threadNative: words[w.threadNative],
		framePrev:    words[w.framePrev], frameCode: words[w.frameCode], frameInstr: words[w.frameInstr],
		frameOwner: words[w.frameOwner],
		codeFile:   words[w.codeFile], codeName: words[w.codeName], codeQualname: words[w.codeQualname],
		codeLines: words[w.codeLines], codeFirst: words[w.codeFirst], codeBytes: words[w.codeIn],
		unicodeData: 40, tagged: version != "3.13", lines: locationLine,
	}
	return l, words[w.head], nil
}
