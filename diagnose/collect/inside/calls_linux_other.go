//go:build linux && !amd64

package inside

// machineCalls: the newer machines have no others.
var machineCalls map[int]call
