package kernellog

import (
	"runtime"
	"sync"
)

// ahead reads blocks and looks for their runs ahead of the scanner, in goroutines
// of their own and in the scanner's own while it would have to wait for them. Each
// takes the next piece of the input when its turn comes, and looks through it while
// the others read theirs; the scanner gets the blocks in order. What a run is
// depends on its lines alone, so the result is that of one goroutine.
type ahead struct {
	turn  sync.Mutex
	in    *blockReader
	ended bool        // under turn: the input's end was read
	order chan *block // in the order of the input, each before it is looked through
	free  chan *block
	stop  chan struct{}
	group sync.WaitGroup
	known members // of the scanner's goroutine
}

// newAhead starts goroutines, one less than there are workers: the scanner's own is
// one of them. They end with the input, or by close.
func newAhead(in *blockReader, workers int) *ahead {
	blocks := 2*workers + 1 // and the one that the scanner has already
	a := &ahead{in: in, order: make(chan *block, blocks+1), free: make(chan *block, blocks+1), stop: make(chan struct{})}
	for range blocks {
		a.free <- newBlock()
	}
	for range workers - 1 {
		a.group.Go(a.work)
	}
	return a
}

func (a *ahead) close() {
	close(a.stop)
	a.group.Wait()
}

// next gives the old block back and waits for the next one.
func (a *ahead) next(old *block) *block {
	a.free <- old
	b := a.following(a.order)
	a.following(b.done)
	return b
}

// following takes from a channel, and helps the others while it is empty.
func (a *ahead) following(from chan *block) *block {
	for {
		select {
		case b := <-from:
			return b
		default:
		}
		if !a.help() {
			return <-from
		}
	}
}

// help does a worker's work once, where there is some.
func (a *ahead) help() bool {
	select {
	case b := <-a.free:
		return a.fill(b, &a.known)
	default:
		return false
	}
}

func (a *ahead) work() {
	var known members
	for {
		select {
		case <-a.stop:
			return
		case b := <-a.free:
			if !a.fill(b, &known) {
				return
			}
		}
	}
}

// fill reads the next block and looks through it; it tells whether there was one.
func (a *ahead) fill(b *block, known *members) bool {
	if !a.read(b) {
		return false
	}
	b.look(known)
	b.done <- b
	return true
}

// read fills a block in its turn and tells whether there was one to fill.
func (a *ahead) read(b *block) bool {
	a.lock()
	defer a.turn.Unlock()
	if a.ended {
		return false
	}
	a.in.fill(b)
	a.ended = b.err != nil && !isIdle(b.err)
	a.order <- b
	return true
}

// lock takes the turn. To read what is in memory takes some 20 µs, less than it
// costs to fall asleep and be woken, so it first stays awake for about 100 µs:
// without that, two cores save a third of the time of one, with it two fifths.
func (a *ahead) lock() {
	for range 1000 {
		if a.turn.TryLock() {
			return
		}
		runtime.Gosched()
	}
	a.turn.Lock()
}

// look finds all runs of a block.
func (b *block) look(known *members) {
	for at := 0; at < len(b.text); {
		r := skim(b.text, at, known)
		if at = r.end; r.lines > 0 {
			b.runs = append(b.runs, r)
			continue
		}
		at += lineEnd(b.text[at:])
	}
	b.seen = true
}
