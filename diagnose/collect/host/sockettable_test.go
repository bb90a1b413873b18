package host

import (
	"fmt"
	"testing"
)

// TestUnanswered: an attempt to connect is as old as its packet was sent again often. Rows of kernel 6.18, some seconds
// after the attempt; what is connected waits for no answer to that.
func TestUnanswered(t *testing.T) {
	for _, tt := range []struct {
		state  string
		resent int
		want   float64
	}{{"02", 0, 0}, {"02", 1, 1}, {"02", 5, 5}, {"02", 6, 7}, {"02", 7, 11}, {"02", 9, 35}, {"02", 255, 131075},
		{"01", 6, 0}} {
		line := fmt.Sprintf("   2: 0100007F:C068 0100007F:3C48 %s 00000001:00000000 01:0000083F %08X     0        0 917881 2",
			tt.state, tt.resent)
		row, ok := parseTCP(line)
		if got := row.Unanswered(); !ok || got != tt.want {
			t.Errorf("%s, sent again %d times: %v, want %v", tt.state, tt.resent, got, tt.want)
		}
	}
}
