package redact

import (
	"maps"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/read/cri"
)

// maskCRI masks a log of lines "TIME STREAM P|F TEXT". Only TEXT is touched. A line
// that the engine cut into P pieces is put together before the rules look at it, so
// a secret across the cut is found; the pieces are written back as pieces, the mask
// in the one where the secret began.
func (m *masker) maskCRI(data []byte) []byte {
	p := pass{m: m, text: data, cri: true, end: -1}
	for i := 0; i < len(data); {
		from := nextPart(data, i)
		p.scan(i, from)
		if from >= len(data) {
			break
		}
		i = p.parts(max(from, p.pemEnd)) // a private key may have reached into the pieces
	}
	return p.done()
}

// nextPart returns the start of the first P line from i on; len(data) = none.
func nextPart(data []byte, i int) int {
	for i < len(data) {
		end := lineEnd(data, i)
		if _, part, _ := cri.Header(data[i:end]); part {
			return i
		}
		i = end + 1
	}
	return len(data)
}

// maxJoined bounds the pieces that are put together at a time. A secret across
// that border is not seen.
const maxJoined = 1 << 20

// parts masks from a P line on until every line that was begun has ended, and
// returns where. Both streams may have a line in pieces at once.
func (p *pass) parts(from int) int {
	joined := map[byte][]span{}
	finish := func(stream byte) {
		p.joinedEdits(joined[stream])
		delete(joined, stream)
	}
	i := from
	for i < len(p.text) && i-from < maxJoined {
		end := lineEnd(p.text, i)
		n, part, stream := cri.Header(p.text[i:end])
		joined[stream] = append(joined[stream], span{i + n, end})
		i = min(end+1, len(p.text))
		if !part {
			finish(stream)
		}
		if len(joined) == 0 {
			break
		}
	}
	for _, stream := range slices.Sorted(maps.Keys(joined)) {
		finish(stream)
	}
	p.start, p.end = i, i-1
	return i
}

// joinedEdits runs the rules over pieces put together and changes the file's own.
func (p *pass) joinedEdits(pieces []span) {
	var text []byte
	for _, s := range pieces {
		text = append(text, p.text[s.from:s.to]...)
	}
	sub := pass{m: p.m, text: text, end: -1}
	sub.scan(0, len(text))
	if len(sub.edits) == 0 {
		return
	}
	for _, e := range merged(sub.edits) {
		for _, piece := range scatter(e, pieces) {
			p.emit(piece)
		}
	}
}

// scatter turns a span of the joined text into spans of the pieces.
func scatter(e edit, pieces []span) []edit {
	var list []edit
	at := 0
	for _, s := range pieces {
		n := s.to - s.from
		from, to := max(e.start, at), min(e.end, at+n)
		if from < to {
			further := len(list) > 0
			move := s.from - at
			list = append(list, edit{from + move, to + move, e.kind, e.again || further, further})
		}
		at += n
	}
	return list
}
