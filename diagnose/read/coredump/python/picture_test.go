package python

import (
	"errors"
	"testing"
)

// lies is a memory that anybody may have made up: its bytes again and again, so that
// most words lead back into it.
type lies struct {
	data  []byte
	base  uint64
	reads int
}

func (l *lies) ReadMemory(addr uint64, p []byte) error {
	l.reads++
	if len(l.data) == 0 || addr < l.base || addr-l.base > 1<<20 {
		return errors.New("not mapped")
	}
	for i := range p {
		p[i] = l.data[(addr-l.base+uint64(i))%uint64(len(l.data))]
	}
	return nil
}

// pointing makes a memory of which every word points at another one of it.
func pointing(step uint64, n int) []byte {
	var b []byte
	for i := range n {
		b = order.AppendUint64(b, liesBase+(uint64(i)*step)%(1<<16)&^7)
	}
	return b
}

const liesBase = 1 << 20

// FuzzPicture reads what cannot be trusted, with every known layout: it must come to
// an end, within its budget, and give nothing beyond its caps.
func FuzzPicture(f *testing.F) {
	f.Add(pointing(0, 1))
	f.Add(pointing(8, 64))
	f.Add(pointing(1304, 512))
	f.Add([]byte("\x08\x00\x10\x00\x00\x00\x00\x00_asyncio.Task\x00coroutine\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for version := range knownObjects {
			m := &lies{data: data, base: liesBase}
			in := &Interpreter{Version: version, objects: objectsOf(version, make([]uint64, tableWords)), head: liesBase,
				layout: layouts[version], lists: &linkedTasks{node: 64, interpHead: 128, runningTask: 8, threadHead: 16}}
			if in.layout == nil {
				l := *layouts["3.12"]
				l.version, l.viaCFrame, l.tagged = version, false, version == "3.14"
				in.layout = &l
			}
			_ = in.Census(m, func() {})
			p := in.Read(m)
			if len(p.Tasks) > maxTasks || len(p.Threads) > maxThreads {
				t.Errorf("%d tasks, %d threads", len(p.Tasks), len(p.Threads))
			}
			if most := (liveBudget+censusBudget)/leastCost + 2; m.reads > most {
				t.Errorf("%d reads, most are %d", m.reads, most)
			}
		}
	})
}

// TestSettle tells what agrees from what moves.
func TestSettle(t *testing.T) {
	at := func(line int) []Frame { return []Frame{{File: "/app/a.py", Line: line, Function: "f"}} }
	picture := func(line int, note string) *Picture {
		return &Picture{
			Threads: []Thread{{Ident: 1, Frames: at(7)}, {Ident: 2, Frames: at(line)}, {Ident: 3, Frames: at(7), Note: note}},
			Tasks: []Task{{address: 1, Name: "still", Coroutine: "f", Frames: at(7)},
				{address: 2, Name: "moves", Coroutine: "f", Frames: at(line)},
				{address: 3, Name: "torn", Coroutine: "f", Note: note}},
		}
	}
	s := &settling{threads: map[uint64]Thread{}, tasks: map[uint64]Task{}}
	if s.compare(picture(1, "torn"), picture(2, "torn")) {
		t.Error("two readings that differ are called equal")
	}
	got := s.result(picture(2, "torn"))
	if got.Moving[1] || !got.Moving[2] || !got.Moving[3] || len(got.Threads) != 3 || got.Threads[1].Frames != nil {
		t.Errorf("threads: %+v", got)
	}
	if len(got.Tasks) != 1 || got.Tasks[0].Name != "still" || got.Moved != 2 {
		t.Errorf("tasks: %+v, %d moved", got.Tasks, got.Moved)
	}
	if s.compare(picture(2, "torn"), picture(2, "torn")) {
		t.Error("what has a note is called whole")
	}
	if got = s.result(picture(2, "torn")); got.Moving[2] || !got.Moving[3] || len(got.Tasks) != 2 {
		t.Errorf("after the second pair: %+v", got)
	}
}

// TestCircle: a frame that was freed while it was read may lead in a circle.
func TestCircle(t *testing.T) {
	m := &lies{data: pointing(8, 512), base: liesBase}
	r := (&Interpreter{Version: "3.9", layout: layouts["3.9"]}).reader(m, liveBudget)
	r.layout.frameOwner = 0
	var thread Thread
	thread.Depth = keepNewest // frames need no names for this
	r.walk(liesBase, &thread)
	if thread.Note == "" || r.walked > 10_000 {
		t.Errorf("%d frames were walked, note %q", r.walked, thread.Note)
	}
}

// TestOtherPython: another implementation is named, and not taken for CPython.
func TestOtherPython(t *testing.T) {
	for path, want := range map[string]string{"/usr/lib/pypy3.11/bin/libpypy3.11-c.so": "PyPy: its frames are not read",
		"/usr/bin/pypy3": "PyPy: its frames are not read", "/usr/bin/node": ErrNoPython.Error(),
		"/srv/pypython-docs": ErrNoPython.Error()} {
		if _, err := Find(&lies{}, nil, []string{path}); err == nil || err.Error() != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}
