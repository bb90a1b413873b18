package collect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// fleet is an engine with many dead containers; hang is the last word of the paths that
// are never answered.
func fleet(t testing.TB, n int, hang string) (f *enginetest.Engine, ids []string) {
	t.Helper()
	f = enginetest.New(t)
	f.Route("/containers/"+enginetest.DBID+"/logs", enginetest.Body("")) // the neighbour's, which is read once
	for i := range n {
		id := fmt.Sprintf("%064x", i+1)
		ids = append(ids, id)
		inspect := strings.Replace(strings.ReplaceAll(enginetest.InspectBody, enginetest.WebID, id), `"/web"`,
			fmt.Sprintf(`"/c%d"`, i), 1)
		for word, answer := range map[string]http.HandlerFunc{"json": enginetest.Body(inspect), "logs": enginetest.Body(""),
			"changes": enginetest.Body("null")} {
			if word == hang {
				answer = enginetest.Silence
			}
			f.Route("/containers/"+id+"/"+word, answer)
		}
	}
	return f, ids
}

// pass collects all of them, four at a time as `diagnose --all` does.
func pass(t testing.TB, opts Options, ids []string) (bundles []*bundle.Bundle, errs []error) {
	t.Helper()
	free := make(chan struct{}, 4)
	var group sync.WaitGroup
	var mu sync.Mutex
	for _, id := range ids {
		group.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			one := opts
			one.Ref = id
			b, err := Container(context.Background(), one)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
			} else {
				bundles = append(bundles, b)
			}
		})
	}
	group.Wait()
	return bundles, errs
}

// TestPassOverASilentEndpoint: of fifty containers whose logs the engine never gives, a
// few wait for theirs; the others say why they did not.
func TestPassOverASilentEndpoint(t *testing.T) {
	f, ids := fleet(t, 50, "logs")
	opts := optionsOf(t, f)
	opts.Timeout = 2 * time.Second // of a slow machine, too, most is left when the log is asked for
	opts.Round = NewRound(0)
	defer opts.Round.Close()
	bundles, errs := pass(t, opts, ids)
	if len(bundles) != len(ids) {
		t.Fatalf("%d bundles, %v", len(bundles), errs)
	}
	asked := 0
	for _, r := range f.Requests() {
		if strings.Contains(r, "/logs?") {
			asked++
		}
	}
	if asked > 24 { // of 50, and as many of the neighbours
		t.Errorf("the logs were asked for %d times", asked)
	}
	told := 0
	for _, b := range bundles {
		if s := b.Source(fact.SourceLogs); s.Status == fact.StatusFailed &&
			strings.Contains(s.Detail, "no answer to GET /containers/*/logs") {
			told++
		}
	}
	if told < 30 {
		t.Errorf("only %d of %d say why their log was not asked for", told, len(ids))
	}
}

// TestPassWithinItsBudget: what has not begun when the time is used up is skipped, and
// named.
func TestPassWithinItsBudget(t *testing.T) {
	f, ids := fleet(t, 30, "json")
	opts := optionsOf(t, f)
	opts.Timeout = 10 * time.Second
	opts.Round = NewRound(time.Second)
	defer opts.Round.Close()
	start := time.Now()
	bundles, errs := pass(t, opts, ids)
	if took := time.Since(start); took > 20*time.Second { // far more than its second: a slow machine must not fail
		t.Errorf("the pass took %s", took)
	}
	skipped := 0
	for _, err := range errs {
		var one *SkippedError
		if errors.As(err, &one) && one.Ref != "" {
			skipped++
		} else {
			t.Errorf("%v", err)
		}
	}
	if skipped == 0 || skipped+len(bundles) != len(ids) {
		t.Errorf("%d skipped, %d bundles", skipped, len(bundles))
	}
}

// BenchmarkPassOverASilentEndpoint is how long fifty containers take at the default
// deadline of 5 s a source, where one endpoint never answers.
func BenchmarkPassOverASilentEndpoint(b *testing.B) {
	for _, word := range []string{"logs", "json", "changes"} {
		b.Run(word, func(b *testing.B) {
			for range b.N {
				f, ids := fleet(b, 50, word)
				opts := optionsOf(b, f)
				opts.Round = NewRound(30 * time.Second)
				pass(b, opts, ids)
				opts.Round.Close()
			}
		})
	}
}
