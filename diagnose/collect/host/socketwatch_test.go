package host

import (
	"testing"
)

// TestWhereabouts: rows as the kernel prints them for a blocked uvicorn.
func TestWhereabouts(t *testing.T) {
	for want, line := range map[string]string{
		"never-accepted": "   1: 0100007F:1F40 0100007F:9C4E 01 00000000:00000051 00:00000000 00000000     0        0 0 " +
			"1 0000000000000000 20 0 0 10 -1",
		"unread": "   1: 0100007F:1F40 0100007F:9C4E 01 00000000:00000051 00:00000000 00000000     0        0 81234 1 " +
			"0000000000000000 20 0 0 10 -1",
		"waiting": "   1: 0100007F:1F40 0100007F:9C4E 01 00000000:00000000 00:00000000 00000000     0        0 81234 1 " +
			"0000000000000000 20 0 0 10 -1",
	} {
		row, ok := parseTCP(line)
		if !ok || whereabouts(row) != want {
			t.Errorf("%s: %v %s", want, ok, whereabouts(row))
		}
	}
}
