package kernellog

import "sync"

// ahead reads blocks and looks for their runs in goroutines of their own, ahead of
// the scanner. Each goroutine takes the next piece of the input when its turn
// comes, and looks through it while the others read theirs; the scanner gets the
// blocks in order. What a run is depends on its lines alone, so the result is that
// of one goroutine.
type ahead struct {
	turn  sync.Mutex
	in    *blockReader
	ended bool        // under turn: the input's end was read
	order chan *block // in the order of the input, each before it is looked through
	free  chan *block
	stop  chan struct{}
	group sync.WaitGroup
}

// newAhead starts the goroutines. They end with the input, or by close.
func newAhead(in *blockReader, workers int) *ahead {
	blocks := 2*workers + 1
	a := &ahead{in: in, order: make(chan *block, blocks), free: make(chan *block, blocks), stop: make(chan struct{})}
	for range blocks {
		a.free <- newBlock()
	}
	for range workers {
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
	a.free <- old // never more than there is room for
	b := <-a.order
	<-b.done
	return b
}

func (a *ahead) work() {
	var known layouts
	for {
		select {
		case <-a.stop:
			return
		case b := <-a.free:
			if !a.read(b) {
				return
			}
			b.look(&known)
			b.done <- struct{}{}
		}
	}
}

// read fills a block in its turn and tells whether there was one to fill.
func (a *ahead) read(b *block) bool {
	a.turn.Lock()
	defer a.turn.Unlock()
	if a.ended {
		return false
	}
	a.in.fill(b)
	a.ended = b.err != nil && !isIdle(b.err)
	a.order <- b
	return true
}

// look finds all runs of a block.
func (b *block) look(known *layouts) {
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
