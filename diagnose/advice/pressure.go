package advice

import (
	"math"
	"strconv"

	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// quotaAdvice gives more of a processor to what its quota stops. A restart would only add the work of a start.
func quotaAdvice(c inquest.Case, _ *servicelog.Finding) []draft {
	s := c.Starved()
	if s == nil || s.Quota <= 0 {
		return nil
	}
	to := processors(roomier(s.Quota, c))
	if to == processors(s.Quota) {
		return nil
	}
	from := processors(s.Quota)
	return []draft{
		{when: Now, title: "Raise its CPU quota from " + from + " to " + to + " processors",
			command: "{cli} update --cpus " + to + " {name}",
			detail: "Then look again how often it is stopped (`gwdoctor diagnose {name}`): what it needs in all is not known " +
				"as long as it is."},
		{when: Then, title: "Raise the quota where it is written", language: "yaml",
			snippet: "services:\n  {service}:\n    cpus: " + to + "\n", run: "--cpus " + to},
	}
}

// leastRoom is the quota below which no server of a language with a runtime starts and answers in seconds.
const leastRoom = 0.5

// roomier is twice the quota, half a processor at least, and no more than the machine has.
func roomier(quota float64, c inquest.Case) float64 {
	room := max(2*quota, leastRoom)
	if c.Process != nil && c.Process.Load != nil {
		room = min(room, float64(c.Process.Load.CPUs))
	}
	return max(room, quota)
}

func processors(n float64) string { return strconv.FormatFloat(math.Round(n*1000)/1000, 'f', -1, 64) }

// overloadAdvice finds who takes the machine's processors, before anything else is done.
func overloadAdvice(c inquest.Case, _ *servicelog.Finding) []draft {
	l := c.Overload()
	if l == nil {
		return nil
	}
	return []draft{
		{when: Now, title: "See what takes the machine's " + words.Count(l.CPUs, "processor") + ": its load average is " +
			strconv.FormatFloat(l.One, 'f', 1, 64), command: "{docker} stats --no-stream"},
		{when: Then, title: "Limit what takes them, move some of it, or give the check a longer timeout",
			detail: "A quota (`--cpus`) for what may wait, or more weight (`--cpu-shares`) for what may not."},
	}
}

// startingAdvice gives the start the time that it takes.
func startingAdvice(c inquest.Case, _ *servicelog.Finding) []draft {
	if s := c.Starting(); s != nil && !s.Early && healthcheck(c) != nil {
		return startPeriod(c, "it is not over yet")
	}
	return nil
}
