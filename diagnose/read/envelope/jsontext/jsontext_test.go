package jsontext

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func ExampleEachMember() {
	line := []byte(`{"log":"Worker (pid:7) was sent SIGKILL!\n","stream":"stderr"} and more`)
	end := EachMember(line, func(key, value []byte) bool {
		fmt.Printf("%s is %s\n", key, value)
		return true
	})
	fmt.Printf("then%s\n", line[end:])
	// Output:
	// log is "Worker (pid:7) was sent SIGKILL!\n"
	// stream is "stderr"
	// then and more
}

// TestStringsThereAndBack: what a text was escaped to ends where it ends, stands for the text again, and for the same
// as Go's own reader takes it.
func TestStringsThereAndBack(t *testing.T) {
	for _, text := range []string{"", "ready", `a "quoted" path C:\temp\`, "two\nlines", "tab\tand \x01", "é 日本 😀",
		`\\"`} {
		written := `"` + string(AppendEscaped(nil, []byte(text))) + `"`
		if end := StringEnd([]byte(written + `" more`)); end != len(written) {
			t.Errorf("%s ends at %d of %d", written, end, len(written))
		}
		if got := string(AppendString(nil, []byte(written[1:len(written)-1]))); got != text {
			t.Errorf("%s stands for %q, want %q", written, got, text)
		}
		var theirs string
		if err := json.Unmarshal([]byte(written), &theirs); err != nil || theirs != text {
			t.Errorf("%s is %q to encoding/json: %v", written, theirs, err)
		}
	}
	if got := string(AppendString(nil, []byte(`\u00e9 \ud83d\ude00 \q \u12`))); got != `é 😀 \q \u12` {
		t.Errorf("escapes: %q", got)
	}
}

// TestNoJSON: what is no object, or one that was cut off, ends nowhere.
func TestNoJSON(t *testing.T) {
	whole := `{"a":[1,{"b":"}"}],"c":null}`
	for n := range len(whole) {
		if end := EachMember([]byte(whole[:n]), func(_, _ []byte) bool { return true }); end != 0 {
			t.Errorf("%q ends at %d", whole[:n], end)
		}
	}
	for _, text := range []string{`[1]`, `{a:1}`, `{"a"=>1}`, `{"a":1 "b":2}`, `{"a":1,,"b":2}`, strings.Repeat("{", 99)} {
		if end := EachMember([]byte(text), func(_, _ []byte) bool { return true }); end != 0 {
			t.Errorf("%q ends at %d", text, end)
		}
	}
}
