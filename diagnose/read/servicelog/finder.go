package servicelog

import (
	"bytes"
	"slices"
)

// finder looks for some hundred literals in one walk over a line. A bytes.Contains for each would cost a hundred walks;
// an automaton costs a table look-up a byte that misses the cache (BenchmarkMatcher). Here four bytes at a time are
// hashed, and only where one of the literals begins with them is anything compared.
type finder struct {
	filled  [finderSlots / 64]uint64 // a bit for each slot
	first   map[uint32]int32         // place in needles, counted from one, of the first that begins so
	needles []needle
}

// needle is a literal of at least four bytes, without which its signature cannot match.
type needle struct {
	text []byte
	m    *matcher
	rank int32 // place in the table
	next int32 // place of the next needle that begins as this one, counted from one; 0 = none
}

const (
	finderBits  = 14
	finderSlots = 1 << finderBits
	needleSize  = 4
)

func slot(word uint32) uint32 { return word * 0x9E3779B1 >> (32 - finderBits) }

func word(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// newFinder takes the matchers in the order of the table.
func newFinder(list []*matcher) *finder {
	n := 0
	for _, m := range list {
		n += len(m.keys())
	}
	f := &finder{first: make(map[uint32]int32, n), needles: make([]needle, 0, n)}
	for rank, m := range list {
		for _, k := range m.keys() {
			w := word(k)
			s := slot(w)
			f.filled[s/64] |= 1 << (s % 64)
			f.needles = append(f.needles, needle{k, m, int32(rank), f.first[w]})
			f.first[w] = int32(len(f.needles))
		}
	}
	return f
}

// keys are texts of which one is there wherever the matcher matches.
func (m *matcher) keys() [][]byte {
	if len(m.anchors) > 0 {
		return m.anchors[:1]
	}
	return m.anyOf
}

// find returns the matchers whose texts all stand in b, in the order of the table, nil for none. The slice is reused.
func (f *finder) find(b []byte, found []needle) []needle {
	found = found[:0]
	if len(b) < needleSize {
		return found
	}
	w := word(b) >> 8
	for i := needleSize - 1; i < len(b); i++ {
		w = w<<8 | uint32(b[i])
		if s := slot(w); f.filled[s/64]>>(s%64)&1 == 0 {
			continue
		}
		for at := f.first[w]; at > 0; at = f.needles[at-1].next {
			n := f.needles[at-1]
			if bytes.HasPrefix(b[i-needleSize+1:], n.text) && !holds(found, n.m) && n.m.text(b) {
				found = append(found, n)
			}
		}
	}
	slices.SortFunc(found, func(a, b needle) int { return int(a.rank - b.rank) })
	return found
}

func holds(found []needle, m *matcher) bool {
	return slices.ContainsFunc(found, func(n needle) bool { return n.m == m })
}
