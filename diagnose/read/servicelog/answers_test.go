package servicelog

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// accessed is a log of answers, one a second, each letter one: g good, b bad, h a health check that passes.
func accessed(letters string) string {
	var lines []string
	for i, l := range letters {
		path, status := "/item", "200 OK"
		switch l {
		case 'b':
			status = "500 Internal Server Error"
		case 'h':
			path = "/healthz"
		}
		lines = append(lines, fmt.Sprintf(`%d INFO:     10.0.0.%d:41572 - "GET %s HTTP/1.1" %s`, i, i%200, path, status))
	}
	return cri(lines...)
}

func TestAnswersThatFail(t *testing.T) {
	for name, tt := range map[string]struct {
		letters string
		object  string // "" = nothing is reported
		line    int
	}{
		"every request, under a healthy check": {strings.Repeat("bh", 9), "9 of the last 9 requests", 1},
		"it began": {strings.Repeat("g", 30) + strings.Repeat("b", 12),
			"12 of the last 12 requests", 31},
		"most":                {strings.Repeat("bbbbbbbbbg", 4), "36 of the last 40 requests", 1},
		"half":                {strings.Repeat("bg", 20), "", 0},
		"few":                 {strings.Repeat("gggggggggb", 6), "", 0},
		"a few requests only": {"bbbb", "", 0},
		"it is over":          {strings.Repeat("b", 20) + "ggg", "", 0},
		"all good":            {strings.Repeat("g", 50), "", 0},
		"health checks only":  {strings.Repeat("h", 50), "", 0},
	} {
		r := scan(t, accessed(tt.letters))
		if tt.object == "" {
			for _, f := range r.Runs[0].Findings {
				if f.ID == "answers-fail" {
					t.Errorf("%s: reported as %s", name, f.Object)
				}
			}
			continue
		}
		if f := only(t, r, "answers-fail"); f.Object != tt.object || f.Line != tt.line {
			t.Errorf("%s: %q at line %d, want %q at line %d", name, f.Object, f.Line, tt.object, tt.line)
		}
	}
}

// TestAnswersAgain: how many went well since the last that did not, and since when.
func TestAnswersAgain(t *testing.T) {
	a := scan(t, accessed("ggbbbhggg")).Runs[0].Answers
	if a.Well != 3 || !a.WellSince.Equal(at(6)) || !a.FailedAt.Equal(at(4)) || a.Before != 2 {
		t.Errorf("%+v", a)
	}
	if a := scan(t, accessed("ggg")).Runs[0].Answers; !a.WellSince.IsZero() {
		t.Errorf("answered again without a failure: %+v", a)
	}
}

// TestFailingAnswersNameTheirException: the one that was printed meanwhile.
func TestFailingAnswersNameTheirException(t *testing.T) {
	var log strings.Builder
	for i := range 6 {
		log.WriteString(cri(fmt.Sprintf("%d ERROR:    Exception in ASGI application", i),
			fmt.Sprintf("%d Traceback (most recent call last):", i),
			fmt.Sprintf(`%d   File "/app/main.py", line 12, in item`, i), fmt.Sprintf("%d KeyError: 'price'", i),
			fmt.Sprintf(`%d INFO:     10.0.0.1:41572 - "GET /item HTTP/1.1" 500 Internal Server Error`, i)))
	}
	if f := only(t, scan(t, log.String()), "answers-fail"); f.Exception == nil || f.Exception.Type != "KeyError" {
		t.Errorf("%+v", f.Exception)
	}
}

const redisRefused = "ERROR gw: redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection " +
	"refused."

// TestSpells: a long pause begins a new spell, a slow rhythm does not.
func TestSpells(t *testing.T) {
	lines := func(seconds ...int) (list []string) {
		for _, s := range seconds {
			list = append(list, fmt.Sprintf("%d %s", s, redisRefused))
		}
		return list
	}
	for name, tt := range map[string]struct {
		seconds []int
		began   float64
		count   int
		gap     time.Duration
	}{
		"one outage":          {[]int{0, 1, 2, 3}, 0, 4, time.Second},
		"a second one":        {[]int{0, 1, 2, 3, 60, 61}, 60, 2, time.Second},
		"its first complaint": {[]int{0, 1, 2, 3, 60}, 60, 1, time.Second},
		"every 15 s":          {[]int{0, 15, 30, 45}, 15, 3, 15 * time.Second},
	} {
		f := only(t, scan(t, cri(lines(tt.seconds...)...)), "dependency-refused")
		if !f.Spell.At.Equal(at(tt.began)) || f.Spell.Count != tt.count || f.Gap() != tt.gap || f.Count != len(tt.seconds) {
			t.Errorf("%s: %+v, gap %v", name, f.Spell, f.Gap())
		}
	}
}

// TestResumed: the work that an outage kept from being done, and that is done again.
func TestResumed(t *testing.T) {
	work := func(list []string, from, to int) []string {
		for i := from; i < to; i++ {
			list = append(list, fmt.Sprintf("%d INFO gw: job %d done", i, i))
		}
		return list
	}
	outage := func(list []string, from, to int) []string {
		for i := from; i < to; i++ {
			list = append(list, fmt.Sprintf("%d %s", i, redisRefused))
		}
		return list
	}
	resumed := func(list []string) string { return only(t, scan(t, cri(list...)), "dependency-refused").Resumed }
	if got := resumed(work(outage(work(nil, 0, 5), 5, 9), 9, 11)); got != "gw: job N done" {
		t.Errorf("resumed: %q", got)
	}
	if got := resumed(work(outage(work(nil, 0, 5), 5, 9), 9, 10)); got != "" {
		t.Errorf("resumed by a single line: %q", got)
	}
	if got := resumed(work(outage(nil, 0, 4), 4, 9)); got != "" {
		t.Errorf("resumed what had never come: %q", got)
	}
}
