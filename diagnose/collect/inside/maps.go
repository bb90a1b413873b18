package inside

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// maxRegions bounds how many mappings of a process are kept; vm.max_map_count is
// 65,530 unless somebody raised it.
const maxRegions = 70_000

// region is one mapping that may be read.
type region struct {
	start, end uint64
	path       string
	writable   bool
}

// parseMaps reads /proc/PID/maps:
//
//	7f1b2c000000-7f1b2c021000 rw-p 00000000 00:00 0          (anonymous)
//	5581f0a00000-5581f0a2b000 rw-p 006f1000 fe:01 1835243    /usr/local/bin/python3.11
//
// Mappings that cannot be read, devices and the kernel's own are left out. A file's
// path may hold blanks.
func parseMaps(r io.Reader) []region {
	var list []region
	scanner := bufio.NewScanner(r)
	for scanner.Scan() && len(list) < maxRegions {
		fields := strings.Fields(scanner.Text())
		if len(fields) < 5 || fields[1][0] != 'r' {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		start, err := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		path := strings.Join(fields[5:], " ")
		if err != nil || err2 != nil || end <= start || strings.HasPrefix(path, "/dev/") || kernels(path) {
			continue
		}
		list = append(list, region{start: start, end: end, path: path, writable: strings.Contains(fields[1], "w")})
	}
	slices.SortFunc(list, func(a, b region) int { return cmp.Compare(a.start, b.start) })
	return list
}

// kernels tells the mappings that are the kernel's: [vvar], [vsyscall], [vdso].
func kernels(path string) bool { return strings.HasPrefix(path, "[v") }

// areasOf are the data of mapped files, and the anonymous memory right behind each:
// its .bss.
func areasOf(list []region) (areas []python.Area, paths []string) {
	for i, r := range list {
		if !strings.HasPrefix(r.path, "/") {
			continue
		}
		if len(paths) == 0 || paths[len(paths)-1] != r.path {
			paths = append(paths, r.path)
		}
		if !r.writable {
			continue
		}
		areas = append(areas, python.Area{Start: r.start, Size: r.end - r.start, Path: r.path})
		if i+1 < len(list) && list[i+1].path == "" && list[i+1].start == r.end && list[i+1].writable {
			areas = append(areas, python.Area{Start: r.end, Size: list[i+1].end - r.end, Path: r.path})
		}
	}
	return areas, paths
}
