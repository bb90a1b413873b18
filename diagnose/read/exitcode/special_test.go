package exitcode

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSpecialCodes: which codes have a text of their own.
func TestSpecialCodes(t *testing.T) {
	var codes []int
	for code := range 256 {
		if _, ok := find(code); ok {
			codes = append(codes, code)
		}
	}
	want := []int{0, 1, 2, 3, 4, 11, 120, 124, 125, 126, 127, 128}
	for code := 129; code <= 159; code++ {
		want = append(want, code)
	}
	want = append(want, 241, 245, 247, 248, 249, 250, 252, 255)
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("codes with special knowledge (-want +got):\n%s", diff)
	}
}
