package servicelog

import (
	"bytes"
	"regexp"
	"sync"
)

// quotes follows the reports of test runners: what stands in one is an account of a test that failed, not of the
// program that prints it.
type quotes struct {
	in   *testReport
	rule bool // the line before was a rule of '='
}

// testReport is how a test runner begins and ends what it tells of tests.
type testReport struct{ begin, end func() *regexp.Regexp }

func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// testReports are pytest's, Go's and Jest's; unittest's has a rule before its head and is told by code.
//
//	============================= test session starts ==============================
//	========================= 1 failed, 13 passed in 2.31s =========================
var testReports = []testReport{
	{lazily(`^=+ test session starts =+$`), lazily(`^=+ .*\b(?:passed|failed|errors?|no tests ran)\b.* in [\d.]+s.* =+$`)},
	{lazily(`^=== RUN   \w`), lazily(`^(?:ok|FAIL)\s+\S+\s+[\d.]+s$`)},
	{lazily(`^FAIL \S+\.(?:test|spec)\.[cm]?[jt]sx?`), lazily(`^Tests: +.*\btotal$`)},
}

// unittest begins with a rule of '=' and the name of the test, and ends with what it ran:
//
//	======================================================================
//	ERROR: test_redis (__main__.T.test_redis)
//	Ran 2 tests in 0.001s
var unittest = testReport{lazily(`^(?:ERROR|FAIL): .+\(.+\)$`), lazily(`^Ran \d+ tests? in [\d.]+s$`)}

// inReport tells whether a line is part of a test runner's report. Its last line is not: it is what the runner says of
// itself.
func (q *quotes) inReport(text []byte) bool {
	text = bytes.TrimSpace(text)
	if q.in != nil {
		if bytes.HasPrefix(text, []byte("Fatal Python error: ")) { // the runner itself crashed
			q.in = nil
			return false
		}
		if q.in.end().Match(text) {
			q.in = nil
			return false
		}
		return true
	}
	if len(text) == 0 {
		return false
	}
	ruled := q.rule
	if q.rule = len(text) >= 40 && len(bytes.Trim(text, "=")) == 0; q.rule {
		return false
	}
	if ruled && unittest.begin().Match(text) {
		q.in = &unittest
		return true
	}
	if text[0] != '=' && text[0] != 'F' {
		return false
	}
	for i := range testReports {
		if testReports[i].begin().Match(text) {
			q.in = &testReports[i]
			return true
		}
	}
	return false
}
