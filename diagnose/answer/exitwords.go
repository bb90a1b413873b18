package answer

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

// podman says of Podman what the table of exit codes says of Docker. Podman writes no event of a stop (4.3) or one when
// it is done (5.4), and none of an OOM kill; who asked for an end stands in its own record.
var podman = strings.NewReplacer(
	"docker events --filter container=NAME --filter event=kill --since 1h --until 0s",
	"podman inspect -f '{{.State.StoppedByUser}}' NAME",
	"docker events --filter event=kill --since 1h --until 0s",
	"podman events --stream=false --filter event=kill --since 1h",
	"docker events --filter event=kill", "podman events --stream=false --filter event=kill",
	"docker events --filter container=NAME --since 1h --until 0s",
	"podman events --stream=false --filter container=NAME --since 1h --until 0s",
	"oom event within 0.1 s before die, OOMKilled true, a kernel", "a kernel",
	"on cgroup v1 no oom event and OOMKilled false", "OOMKilled false, as often on Podman",
	"swarm, autoheal: kill events 15 and 9, the grace (10 s) apart", "--health-on-failure: StoppedByUser is true",
	"compose, swarm or kubelet", "compose down or systemctl stop", "compose down, compose", "compose down",
	"kill event 9 with no stop after it; rm -f has a destroy after die", "a kill event before died; rm -f has a remove",
	"die event alone: no kill, no oom, no stop event; HasBeenManuallyStopped is false in the engine's state file",
	"StoppedByUser is false in Podman's record, and no kill event stands before died",
	"kill event 15, die, stop", "StoppedByUser is true",
	"die event without a kill event", "died without a kill event, StoppedByUser is false",
	": OOMKilled false, no oom event", "",
	"the runtime's shim was killed: inspect says 137, the die event 255", "conmon, which watches it, was killed",
	"containerd-shim died; the container's state is the engine's guess", "the container's state is Podman's guess",
	"journalctl -u containerd", "journalctl -t conmon",
	"systemctl show docker -p ActiveEnterTimestamp; uptime -s", "uptime -s",
	"docker-init", "catatonit", "docker ", "podman ", "the engine", "Podman",
)

// nerdctl says it of containers of containerd: it tells events to who listens at the time, and keeps none.
var nerdctl = strings.NewReplacer(
	"docker events --filter container=NAME --filter event=kill --since 1h --until 0s", explicitlyStopped,
	"docker events --filter container=NAME --since 1h --until 0s", explicitlyStopped,
	"docker events --filter event=kill --since 1h --until 0s", explicitlyStopped,
	"docker events --filter event=kill", explicitlyStopped,
	"docker inspect -f '{{.State.OOMKilled}} {{.HostConfig.Memory}}' NAME",
	"nerdctl inspect -f '{{.HostConfig.Memory}}' NAME",
	"oom event within 0.1 s before die, OOMKilled true, a kernel", "a kernel",
	"on cgroup v1 no oom event and OOMKilled false", "containerd keeps no mark of it",
	"swarm, autoheal: kill events 15 and 9, the grace (10 s) apart", "a restart policy",
	"compose, swarm or kubelet", "compose down",
	"kill event 9 with no stop after it; rm -f has a destroy after die", "somebody had nerdctl or ctr do it",
	"die event alone: no kill, no oom, no stop event; HasBeenManuallyStopped is false in the engine's state file",
	"nerdctl's label explicitly-stopped is missing, which ctr does not write either",
	"kill event 15, die, stop", "nerdctl's label explicitly-stopped is true",
	"die event without a kill event", "nerdctl's label explicitly-stopped is missing",
	": OOMKilled false, no oom event", "",
	"the runtime's shim was killed: inspect says 137, the die event 255", "the runtime's shim was killed",
	"systemctl show docker -p", "systemctl show containerd -p",
	"docker diff NAME", "nerdctl diff NAME", "docker-init", "tini", "docker ", "nerdctl ", "the engine", "containerd",
)

const explicitlyStopped = "nerdctl inspect --mode=native -f '{{.Labels}}' NAME  # " +
	"containerd.io/restart.explicitly-stopped"

var kubeletUnit = strings.NewReplacer("systemctl show docker", "systemctl show kubelet", "docker run", "the runtime")

var dockerCommand = lazyregexp.New(`docker (image inspect|inspect|events|logs|exec|diff)[^;|]*`)

// ofPod turns docker's commands, of which a node of Kubernetes has none, into those of a pod.
func ofPod(check string) string {
	return dockerCommand().ReplaceAllStringFunc(check, func(command string) string {
		switch is := func(verb string) bool { return strings.HasPrefix(command, "docker "+verb) }; {
		case is("logs "):
			return "kubectl logs POD --previous --tail 50"
		case is("events "):
			return "kubectl describe pod POD"
		case is("exec "):
			return "kubectl exec POD -- " + strings.TrimPrefix(command, "docker exec NAME ")
		case is("diff "):
			return "on the node: crictl inspect CONTAINER "
		case is("image "):
			return "on the node: crictl inspecti IMAGE"
		}
		return "kubectl get pod POD -o yaml"
	})
}

// inRuntimesWords says a meaning in the words and commands of the container's runtime.
func inRuntimesWords(m *exitcode.Meaning, c inquest.Case) {
	words := podman
	switch c.Target.Runtime {
	case "podman":
	case "containerd":
		words = nerdctl
	case "kubernetes":
		m.Check = kubeletUnit.Replace(ofPod(m.Check))
		return
	default:
		return
	}
	m.Summary, m.When, m.Check = words.Replace(m.Summary), words.Replace(m.When), words.Replace(m.Check)
}
