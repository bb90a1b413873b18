package evidence

import "testing"

// TestFullRooms: no byte or no file left; what has no bound of its own, or was not read, is not full.
func TestFullRooms(t *testing.T) {
	if got := (*Process)(nil).FullRooms(); got != nil {
		t.Errorf("of nothing: %v", got)
	}
	for want, list := range map[string][]Room{
		"no byte": {{Size: 2 << 20}, {Size: 2 << 20, Files: 100}},
		"no file": {{Size: 2 << 20, Free: 4096, Files: 100}},
		"":        {{Size: 2 << 20, Free: 1, Files: 100, FilesFree: 1}, {Size: 2 << 20, Free: 1}, {}},
	} {
		for _, room := range list {
			if full := len((&Process{Rooms: []Room{room}}).FullRooms()) == 1; full != (want != "") {
				t.Errorf("%+v: full is %v", room, full)
			}
		}
	}
}
