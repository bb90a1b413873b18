// Package search finds where one of many short texts may begin, in any case, several bytes at a step. Most of a log
// holds none of them, and is passed over.
//
//	x := New([]string{"pass", "://"}, func(s string) string { return s })
//	x.Next([]byte("user=bob PASS=x"), 0, 15)   9
//	x.At([]byte("PASS=x"))                     [pass]
package search

import "encoding/binary"

// Index finds the beginnings of the texts of its items.
type Index[T any] struct {
	filter [1 << filterBits]uint8  // 1 where the three bytes begin some text
	fourth [1 << filterBits]uint64 // and where they do, which fourth bytes go on with one, of 64 kinds
	group  [1 << filterBits]uint16 // and which, as a place in items, plus one
	items  [][]T
}

const filterBits = 15

// New returns an index of items by their texts, which are in lower case and have three bytes or more.
func New[T any](list []T, text func(T) string) *Index[T] {
	x := &Index[T]{}
	for _, item := range list {
		x.watch(item, text(item))
	}
	return x
}

// At lists the items whose text may begin where Next has found one, in the order in which New was given them.
func (x *Index[T]) At(text []byte) []T {
	h := filterHash(uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16)
	return x.items[x.group[h]-1]
}

func (x *Index[T]) watch(item T, text string) {
	w := uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16
	h := filterHash(w)
	x.filter[h] = 1
	if len(text) == 3 {
		x.fourth[h] = ^uint64(0)
	} else {
		x.fourth[h] |= 1 << fourthKind(text[3])
	}
	if x.group[h] == 0 {
		x.items = append(x.items, nil)
		x.group[h] = uint16(len(x.items))
	}
	i := x.group[h] - 1
	x.items[i] = append(x.items[i], item)
}

// filterHash folds case by setting the bit in which 'A' and 'a' differ. A few other
// bytes then look alike; that costs a second look, no more.
func filterHash(w uint32) uint32 { return (w&0xffffff | 0x202020) * 0x9E3779B1 >> (32 - filterBits) }

// Next returns the first position from i on where a literal may begin; len(text)
// or more = none. Six positions are tested per step.
func (x *Index[T]) Next(text []byte, i, to int) int {
	const ahead = 6
	for i < to && i+8 <= len(text) {
		w := binary.LittleEndian.Uint64(text[i:])
		hit := x.filter[filterHash(uint32(w))] | x.filter[filterHash(uint32(w>>8))] |
			x.filter[filterHash(uint32(w>>16))] | x.filter[filterHash(uint32(w>>24))] |
			x.filter[filterHash(uint32(w>>32))] | x.filter[filterHash(uint32(w>>40))]
		if hit != 0 {
			for step := i + ahead; i < step; i++ {
				if x.filter[filterHash(uint32(w))] != 0 && x.begins(text[i:]) {
					return i
				}
				w >>= 8
			}
			continue
		}
		i += ahead
	}
	for ; i < to && i+3 <= len(text); i++ {
		if x.begins(text[i:]) {
			return i
		}
	}
	return len(text)
}

// begins tells whether four bytes, or the three that are left, may begin a literal.
func (x *Index[T]) begins(text []byte) bool {
	h := filterHash(uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16)
	return x.filter[h] != 0 && (len(text) == 3 || x.fourth[h]>>fourthKind(text[3])&1 != 0)
}

// fourthKind folds case as filterHash does.
func fourthKind(c byte) byte { return (c | 0x20) & 63 }
