package redact

import (
	"maps"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/read/cri"
)

// maskCRI masks a log of lines "TIME STREAM P|F TEXT". Only TEXT is touched. A line
// that the engine cut into P pieces is put together before the rules look at it, so
// a secret across the cut is found; the pieces are written back as pieces, the mask
// in the one where the secret began.
func (m *masker) maskCRI(data []byte) []byte {
	p := newPass(m, data)
	p.CRI = true
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
		end := glyph.LineEnd(data, i)
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
	joined := map[byte][]glyph.Span{}
	finish := func(stream byte) {
		p.joinedEdits(joined[stream])
		delete(joined, stream)
	}
	i := from
	for i < len(p.Text) && i-from < maxJoined {
		end := glyph.LineEnd(p.Text, i)
		n, part, stream := cri.Header(p.Text[i:end])
		joined[stream] = append(joined[stream], glyph.Span{From: i + n, To: end})
		i = min(end+1, len(p.Text))
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
	p.Start, p.End = i, i-1
	return i
}

// joinedEdits runs the rules over pieces put together and changes the file's own.
func (p *pass) joinedEdits(pieces []glyph.Span) {
	var text []byte
	for _, s := range pieces {
		text = append(text, p.Text[s.From:s.To]...)
	}
	sub := newPass(p.m, text)
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
func scatter(e edit, pieces []glyph.Span) []edit {
	var list []edit
	at := 0
	for _, s := range pieces {
		n := s.To - s.From
		from, to := max(e.start, at), min(e.end, at+n)
		if from < to {
			further := len(list) > 0
			move := s.From - at
			list = append(list, edit{from + move, to + move, e.kind, e.again || further, further})
		}
		at += n
	}
	return list
}
