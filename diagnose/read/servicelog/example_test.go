package servicelog_test

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

func ExampleScan() {
	log := `2026-11-23T19:14:00.100000000Z stderr F INFO:     Started server process [1]
2026-11-23T19:14:00.200000000Z stderr F INFO:     Waiting for application startup.
2026-11-23T19:14:05.300000000Z stderr F ERROR:    Traceback (most recent call last):
2026-11-23T19:14:05.300000000Z stderr F   File "/usr/lib/python3/dist-packages/starlette/routing.py", line 677, in lifespan
2026-11-23T19:14:05.300000000Z stderr F     async with self.lifespan_context(app) as maybe_state:
2026-11-23T19:14:05.300000000Z stderr F   File "/srv/app/main.py", line 8, in lifespan
2026-11-23T19:14:05.300000000Z stderr F     await redis.ping()
2026-11-23T19:14:05.300000000Z stderr F redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.
2026-11-23T19:14:05.300000000Z stderr F 
2026-11-23T19:14:05.300000000Z stderr F ERROR:    Application startup failed. Exiting.
`
	report, err := servicelog.Scan(strings.NewReader(log), servicelog.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Runs[0].Findings {
		fmt.Printf("line %d: %s, %s, %s\n", f.Line, f.ID, f.Role, f.Strength)
	}
	fmt.Println("longest silence:", report.Runs[0].LongestGap)
	// Output:
	// line 8: dependency-refused, root, strong
	// line 10: uvicorn-startup-failed, mechanism, conclusive
	// longest silence: 5.1s
}
