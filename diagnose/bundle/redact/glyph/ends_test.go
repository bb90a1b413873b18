package glyph

import (
	"math/rand/v2"
	"testing"
)

// TestEndsAreThoseOfReading: what a stretch says at once of all its arguments is what reading each of them shows.
func TestEndsAreThoseOfReading(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		text := make([]byte, 1+random.IntN(2*MaxArguments))
		letters := "()[]{},;=aaaa"[random.IntN(8):]
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		known := New(text, new(int))
		known.SetLine(0)
		known.ends.read(text, 0)
		for i := range text {
			limit := min(len(text), i+random.IntN(MaxArguments))
			wantEnd, wantNamed := known.followArgument(i, limit)
			if end, named := known.argumentStop(i, limit); end != wantEnd || named != wantNamed {
				t.Fatalf("%q from %d to %d: %d, %v, want %d, %v", text, i, limit, end, named, wantEnd, wantNamed)
			}
		}
	}
}
