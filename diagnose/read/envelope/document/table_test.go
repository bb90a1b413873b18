package document

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"testing"
)

// TestCells: whatever stands in a row, its cells are those that encoding/csv finds.
func TestCells(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	letters := []byte("ab ,\"\"\n")
	for range 50_000 {
		text := make([]byte, dice.IntN(16))
		for i := range text {
			text[i] = letters[dice.IntN(len(letters))]
		}
		r := csv.NewReader(bytes.NewReader(text))
		r.LazyQuotes, r.FieldsPerRecord = true, -1
		want, err := r.Read()
		got, size := cells(nil, text, ',')
		if err != nil {
			if len(got) > 0 {
				t.Fatalf("%q: cells %q, want none", text, got)
			}
			continue
		}
		if string(bytes.Join(got, []byte{0})) != joined(want) || int64(size) != r.InputOffset() {
			t.Fatalf("%q: cells %q in %d bytes, want %q in %d", text, got, size, want, r.InputOffset())
		}
	}
}

func joined(cells []string) string {
	var all []byte
	for i, cell := range cells {
		if i > 0 {
			all = append(all, 0)
		}
		all = append(all, cell...)
	}
	return string(all)
}
