package jsontext

import (
	"encoding/json"
	"testing"
)

// TestThereAndBack: what was quoted is read again, by us and by encoding/json; escapes of any kind are read.
func TestThereAndBack(t *testing.T) {
	for _, text := range []string{"", "plain", "a\"b\\c", "line\nline", "tab\t\x01", "ñ → 😀"} {
		literal := AppendQuoted(nil, []byte(text))
		if got := string(Unquoted(literal)); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
		var decoded string
		if err := json.Unmarshal(literal, &decoded); err != nil || decoded != text {
			t.Errorf("%s is %q to encoding/json: %v", literal, decoded, err)
		}
		if end := StringEnd(append(literal, ','), 0); end != len(literal) {
			t.Errorf("%s ends at %d", literal, end)
		}
	}
	if got := string(Unquoted([]byte(`"\u0070\u0077 \ud83d\ude00\/"`))); got != "pw 😀/" {
		t.Errorf("escapes are %q", got)
	}
}
