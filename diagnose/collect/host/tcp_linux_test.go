package host

import (
	"fmt"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

func TestTCPRows(t *testing.T) {
	for line, want := range map[string]string{
		enginetest.TCPLine("0100007F:1F90", "00000000:0000", "0A",
			"00000011"): "127.0.0.1:8080 0 10 17",
		enginetest.TCPLine("00000000000000000000000001000000:0050", "00000000:0001", "08", "00000000"): "[::1]:80 1 8 0",
		enginetest.TCPHeader: "", "": "", "0: x y": "", "0: 0:0 0:0 0A 0:0": "",
		enginetest.TCPLine("0100007F:1F90", "00000000:0000", "0A", "FFFFFFFFF"): "",
		enginetest.TCPLine("0100007F:1F90F", "00000000:0000", "0A", "00000000"): "",
	} {
		got := ""
		if row, ok := parseTCP(line); ok {
			got = fmt.Sprint(row.Local, row.Remote.Port(), row.State, row.queue)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
