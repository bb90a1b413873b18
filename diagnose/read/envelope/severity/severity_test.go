package severity

import "testing"

func TestLevels(t *testing.T) {
	for word, want := range map[string]Level{
		"CRITICAL": Critical, "fatal": Critical, "Warn": Warning, "err": Error, "INFO": Info, "trace": Debug,
		"": Unknown, "OK": Unknown, "informational": Unknown, "errors": Unknown,
	} {
		if got := Of([]byte(word)); got != want {
			t.Errorf("%q is %d, want %d", word, got, want)
		}
	}
	for n, want := range map[int]Level{0: Emergency, 3: Error, 7: Debug, 10: Info, 30: Warning, 40: Error, 60: Critical} {
		if got := OfNumber(n); got != want {
			t.Errorf("%d is %d, want %d", n, got, want)
		}
	}
}
