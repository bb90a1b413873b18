package check_test

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

func ExampleClassify() {
	test := []string{"CMD-SHELL", "curl -fsS --max-time 3 http://127.0.0.1:8000/health || exit 1"}
	r := check.Classify(test, check.Probe{ExitCode: 1, Output: "curl: (22) The requested URL returned error: 503\n"},
		5*time.Second)
	fmt.Println(r.Outcome, r.HTTPStatus, "-", r.Summary)
	// Output: http-status 503 - the service answered with HTTP status 503
}
