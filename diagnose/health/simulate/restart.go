package simulate

import "time"

// The kubelet's back-off (pkg/kubelet/kuberuntime, client-go util/flowcontrol): the first restart comes at once, each
// one after it waits twice as long as the one before, from the end of the container on. A kubelet may be configured
// otherwise (crashLoopBackOff.maxContainerRestartPeriod, 1.32).
const (
	backOffFirst = 10 * time.Second
	backOffMost  = 5 * time.Minute
	backOffReset = 2 * backOffMost // a run that ends so long after its start begins anew
)

// Restart is one round of a container that a probe kills again and again, counted from the decision that came first.
type Restart struct {
	Killed time.Duration // SIGTERM goes out
	Ended  time.Duration // at the latest: SIGKILL
	Again  time.Duration // the next run begins
}

// Restarts plays a container whose every run lasts as long, from its start to the decision to kill it, and then takes
// up to grace to end: the rounds that begin within until.
func Restarts(run, grace, until time.Duration) []Restart {
	var list []Restart
	killed, wait := time.Duration(0), time.Duration(0)
	for killed < until && len(list) < MaxSimulated {
		r := Restart{Killed: killed, Ended: killed + grace}
		r.Again = r.Ended + wait
		list = append(list, r)
		killed = r.Again + run
		if wait = nextWait(wait); run+grace > backOffReset {
			wait = 0
		}
		if killed <= r.Killed { // nothing takes any time
			break
		}
	}
	return list
}

func nextWait(wait time.Duration) time.Duration {
	if wait == 0 {
		return backOffFirst
	}
	return min(2*wait, backOffMost)
}
