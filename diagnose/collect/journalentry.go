package collect

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/cri"
)

// journalEntry is a line that the log driver journald wrote, as `journalctl -o json` gives it. Docker's and Podman's
// name their fields alike: PRIORITY 3 is stderr, 6 stdout.
//
//	{"__REALTIME_TIMESTAMP":"1795806144841792","CONTAINER_ID_FULL":"46d0…","PRIORITY":"3","_COMM":"conmon","MESSAGE":"…"}
type journalEntry struct {
	Time     string          `json:"__REALTIME_TIMESTAMP"`
	Priority string          `json:"PRIORITY"`
	Partial  string          `json:"CONTAINER_PARTIAL_MESSAGE"`
	Message  json.RawMessage `json:"MESSAGE"` // a string, or the bytes of what is no UTF-8
}

// line is the entry in the form of a bundle's log; nil where it is none.
func (e journalEntry) line() []byte {
	us, err := strconv.ParseInt(e.Time, 10, 64)
	text := e.text()
	if err != nil || text == nil {
		return nil
	}
	stream := "stdout"
	if e.Priority == "3" {
		stream = "stderr"
	}
	stamp := time.UnixMicro(us).UTC().AppendFormat(nil, time.RFC3339Nano)
	return cri.Append(nil, stamp, stream, e.Partial != "true", bytes.ReplaceAll(text, []byte("\n"), []byte(" ")))
}

func (e journalEntry) text() []byte {
	var text string
	var numbers []byte
	var list []int
	switch {
	case json.Unmarshal(e.Message, &text) == nil:
		return []byte(text)
	case json.Unmarshal(e.Message, &list) == nil:
		for _, n := range list {
			numbers = append(numbers, byte(n))
		}
		return numbers
	}
	return nil
}
