package kernellog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	idC     = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	static  = "3f2504e04f8911d39a0c0305e82c3301" // a static pod's "uid" is a hash
	build   = "z5o1dk3kl4l0cyw4xq0ti2zpu"
	podTail = "pod" + podU_ + ".slice"
)

func TestContainerFromCgroup(t *testing.T) {
	id := func(runtime string) *Container { return &Container{ID: idA, Runtime: runtime} }
	pod := func(runtime string) *Container { return &Container{ID: idA, Runtime: runtime, PodUID: podU} }
	unit := func(name string) *Container { return &Container{Name: name, Runtime: "systemd"} }
	for _, tt := range []struct {
		path string
		want *Container
	}{
		{"/docker/A", id("docker")},
		{"/x/A", id("")}, // --cgroup-parent=/x
		{"/system.slice/docker-A.scope", id("docker")},
		{"/x.slice/docker-A.scope", id("docker")},
		{"/system.slice/docker-A.scope/init.scope", id("docker")},
		{"/system.slice/docker-A.scope/system.slice/nginx.service", id("docker")},
		{"/system.slice/system.slice:docker:" + build, &Container{ID: build, Runtime: "buildkit"}},
		{"/docker/" + build, &Container{ID: build, Runtime: "buildkit"}},
		{"/docker/buildkit/" + build, &Container{ID: build, Runtime: "buildkit"}},
		{"/system.slice/" + build, nil}, // 25 letters alone prove nothing
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + podTail + "/cri-containerd-A.scope",
			pod("containerd")},
		{"/kubepods.slice/kubepods-" + podTail + "/cri-containerd-A.scope", pod("containerd")}, // guaranteed
		{"/kubepods/burstable/pod" + podU + "/A", pod("")},
		{"/kubepods/pod" + podU + "/A", pod("")},
		{"/kubepods/burstable/pod" + podU, &Container{PodUID: podU}},
		{"/system.slice/containerd.service/kubepods-burstable-" + podTail + ":cri-containerd:A", pod("containerd")},
		{"/kubepods-burstable-" + podTail + ":cri-containerd:A", pod("containerd")},
		// cri-dockerd
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + podTail + "/docker-A.scope", pod("docker")},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + podTail + "/crio-A.scope", pod("cri-o")},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + podTail + "/crio-A.scope/container",
			pod("cri-o")},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + podTail + "/crio-conmon-A.scope",
			&Container{PodUID: podU}},
		{"/kubepods/burstable/pod" + static + "/A", &Container{ID: idA, PodUID: static}},
		{"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-" +
			podTail + "/cri-containerd-A.scope", pod("containerd")},
		{"/custom/kubepods/besteffort/pod" + podU + "/A", pod("")},
		{"/system.slice/docker-C.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-" + podTail +
			"/cri-containerd-A.scope", &Container{ID: idA, Runtime: "containerd", PodUID: podU,
			OuterIDs: []string{idC}}},
		{"/docker/C/kubelet/kubepods/pod" + podU + "/A", &Container{ID: idA, PodUID: podU, OuterIDs: []string{idC}}},
		{"/docker/B/docker/C/docker/A", &Container{ID: idA, Runtime: "docker", OuterIDs: []string{idB, idC}}},
		{"/machine.slice/libpod-A.scope", id("podman")},
		{"/machine.slice/libpod-A.scope/container", id("podman")},
		// the pod's id is no container's
		{"/machine.slice/machine-libpod_pod_C.slice/libpod-A.scope/container", id("podman")},
		// the monitor is not the container
		{"/machine.slice/libpod-conmon-A.scope", unit("libpod-conmon-A.scope")},
		{"/libpod_parent/libpod-A", id("podman")},
		{"/libpod_parent/C/libpod-A", id("podman")},
		{"/libpod_parent/C/libpod-A.scope", id("podman")},
		{"/system.slice/web.service/libpod-payload-A", id("podman")},
		{"/user.slice/user-1001.slice/user@1001.service/app.slice/web.service/libpod-payload-A", id("podman")},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-A.scope/container", id("podman")},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/user-libpod_pod_C.slice/libpod-A.scope",
			id("podman")},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-A.scope", id("docker")},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/nerdctl-A.scope", id("containerd")},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service/A", id("")},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service", unit("docker.service")},
		{"/ecs/" + static + "/A", id("ecs")},
		{"/ecs/" + podU + "/A", id("ecs")},
		{"/ecstasks.slice/ecstasks-" + static + ".slice/docker-A.scope", id("ecs")},
		{"/lxc/web", &Container{Name: "web", Runtime: "lxc"}},
		{"/lxc/107/ns/system.slice/x.service", &Container{Name: "107", Runtime: "lxc"}},
		{"/lxc.payload.web/init.scope", &Container{Name: "web", Runtime: "lxc"}},
		{"/lxc.payload.web/docker/A", &Container{ID: idA, Runtime: "docker", OuterIDs: []string{"web"}}},
		{"/lxc.monitor.web", nil},
		{"/machine.slice/systemd-nspawn@web.service/payload/system.slice/x.service",
			&Container{Name: "web", Runtime: "nspawn"}},
		{`/machine.slice/machine-my\x2dbox.scope`, &Container{Name: "my-box", Runtime: "nspawn"}},
		{`/machine.slice/machine-qemu\x2d1\x2dvm.scope/libvirt/emulator`, &Container{Name: "qemu-1-vm",
			Runtime: "libvirt"}},
		{"/qemu.slice/107.scope", &Container{Name: "107", Runtime: "qemu"}},
		{"/nomad.slice/share.slice/" + podU + ".web.scope", &Container{Name: podU + ".web", Runtime: "nomad"}},
		{"/kata_A", id("kata")},
		{"/system.slice/nginx.service", unit("nginx.service")},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.kde.konsole-10418.scope/tab(2336326).scope",
			unit("tab(2336326).scope")},
		{"docker-A.scope", id("docker")}, // the last segment alone, as cpuset= prints it
		{"A", id("")},
		{"/docker/x1", nil},
		{"/docker/" + strings.ToUpper(idA), nil},
		{"/user.slice", nil},
		{"/", nil},
		{"", nil},
	} {
		path := tt.path
		if !strings.Contains(path, strings.ToUpper(idA)) {
			path = strings.NewReplacer("A", idA, "B", idB, "C", idC).Replace(tt.path)
		}
		want := tt.want
		if want != nil && want.Runtime == "systemd" {
			want.Name = strings.Replace(want.Name, "-A.", "-"+idA+".", 1)
		}
		if d := cmp.Diff(want, ContainerFromCgroup(path)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, d)
		}
	}
}

func TestHostileCgroupPathIsBounded(t *testing.T) {
	c := ContainerFromCgroup(strings.Repeat("/docker/"+idA, 5000))
	if c == nil || len(c.OuterIDs) > maxSegments {
		t.Errorf("a path of 10000 segments gave %+v", c)
	}
}
