package collect

import (
	"fmt"
	"testing"
)

func TestTCPRows(t *testing.T) {
	for line, want := range map[string]string{
		TCPLine("0100007F:1F90", "00000000:0000", "0A", "00000011"):                         "127.0.0.1:8080 0 10 17",
		TCPLine("00000000000000000000000001000000:0050", "00000000:0001", "08", "00000000"): "[::1]:80 1 8 0",
		TCPHeader: "", "": "", "0: x y": "", "0: 0:0 0:0 0A 0:0": "",
		TCPLine("0100007F:1F90", "00000000:0000", "0A", "FFFFFFFFF"): "",
		TCPLine("0100007F:1F90F", "00000000:0000", "0A", "00000000"): "",
	} {
		got := ""
		if row, ok := parseTCP(line); ok {
			got = fmt.Sprint(row.local, row.remote.Port(), row.state, row.queue)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
