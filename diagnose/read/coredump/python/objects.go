package python

// maxEntries bounds how much of one dict, set or list is looked at.
const (
	maxEntries = 200_000
	maxName    = 200 // bytes of a type's name
)

// objects holds the byte offsets of one version's objects that only a living process
// is asked for: generators, tasks, dictionaries. Like the layout's, they are fixed for
// a minor version, but a task's: see taskLayout.
type objects struct {
	modules    uint64 // PyInterpreterState's dict of modules
	collector  uint64 // and its lists of all objects
	cachedKeys uint64 // PyHeapTypeObject.ht_cached_keys
	traceback  uint64 // PyBaseExceptionObject.traceback

	gen  generators
	task taskLayout

	oldDict   bool // dk_size stands before the number of entries (up to 3.10)
	values    values
	dictValue uint64 // of a split dict: where ma_values' first value is
	longTag   bool   // an int's sign and size share a word with flags (3.12 and later)
}

// values says where an instance keeps its attributes if it has no __dict__ of its own
// place.
type values int

const (
	valuesNone   values = iota // up to 3.10: always tp_dictoffset
	valuesBefore               // 3.11: dict at −24, else values at −32
	valuesTagged               // 3.12: one word at −24, lowest bit = values
	valuesInline               // 3.13 and later: dict at −24, else behind the object
)

// generators says how a coroutine or generator keeps its frame.
type generators struct {
	name    uint64 // qualified name
	frame   uint64
	pointer bool   // the frame is an object of its own (up to 3.10)
	state   uint64 // one signed byte, in the generator or (3.10) in the frame
}

// taskLayout is _asyncio.Task's. Its size is compared with what the type says of
// itself, and nothing is read if they differ.
type taskLayout struct{ size, state, waiter, coro, name uint64 }

// The same from 3.9 to 3.14.
const (
	objectType    = 8
	typeName      = 24
	typeSize      = 32
	typeFlags     = 168
	typeNext      = 224 // tp_iternext
	typeBase      = 256
	typeDict      = 264
	typeDictAt    = 288
	moduleDict    = 16
	weakrefObject = 16
	sizedLength   = 16 // PyVarObject.ob_size: lists, deques, ints
	listItems     = 24
	setUsed       = 24
	setMask       = 32
	setTable      = 40
	dictUsed      = 16
	dictKeys      = 32
	dictValues    = 40
	tracebackNext = 16
	tracebackAt   = 24
	tracebackInst = 32
	tracebackLine = 36
	wrapped       = 16 // coroutine_wrapper, async_generator_asend, FutureIter …

	flagManagedDict  = 1 << 4
	flagInlineValues = 1 << 2
)

var knownObjects = map[string]objects{
	"3.9": {modules: 856, collector: 616, cachedKeys: 864, traceback: 32, oldDict: true,
		gen:  generators{name: 56, frame: 16, pointer: true},
		task: taskLayout{184, 80, 144, 152, 160}},
	"3.10": {modules: 856, collector: 616, cachedKeys: 872, traceback: 32, oldDict: true,
		gen:  generators{name: 48, frame: 16, pointer: true, state: 108},
		task: taskLayout{192, 88, 152, 160, 168}},
	"3.11": {modules: 888, collector: 648, cachedKeys: 872, traceback: 40, values: valuesBefore,
		gen:  generators{name: 40, frame: 80, state: 75},
		task: taskLayout{176, 88, 128, 136, 144}},
	"3.12": {modules: 944, collector: 112, cachedKeys: 880, traceback: 40, values: valuesTagged, longTag: true,
		gen:  generators{name: 32, frame: 72, state: 67},
		task: taskLayout{176, 88, 128, 136, 144}},
	"3.13": {cachedKeys: 880, traceback: 40, values: valuesInline, dictValue: 8, longTag: true,
		gen:  generators{name: 32, frame: 72, state: 67},
		task: taskLayout{144, 96, 112, 120, 128}},
	"3.14": {cachedKeys: 880, traceback: 40, values: valuesInline, dictValue: 8, longTag: true,
		gen:  generators{name: 32, frame: 72, state: 67},
		task: taskLayout{168, 104, 120, 128, 136}},
}

// objectsOf returns what is known of a version's objects; words is its table of
// offsets, from 3.13 on.
func objectsOf(version string, words []uint64) *objects {
	o, ok := knownObjects[version]
	if !ok {
		return nil
	}
	switch version {
	case "3.13":
		o.collector, o.modules = words[10], words[11]
	case "3.14":
		o.collector, o.modules = words[11], words[12]
	}
	return &o
}

// at reads the word at an offset of an object; 0 where it cannot be read.
func (r *reader) at(addr uint64) uint64 {
	w, _ := r.word(addr)
	return w
}

func (r *reader) byteAt(addr uint64) (byte, bool) {
	var b [1]byte
	return b[0], r.ReadMemory(addr, b[:]) == nil
}

// typeOf returns an object's type, by its last name: "Task" of "_asyncio.Task".
func (r *reader) typeOf(object uint64) string {
	if object == 0 {
		return ""
	}
	return lastPart(r.nameOfType(r.at(object + objectType)))
}

// nameOfType reads tp_name, once a type.
func (r *reader) nameOfType(t uint64) string {
	if name, ok := r.types[t]; ok {
		return name
	}
	name := r.cString(r.at(t + typeName))
	if len(r.types) < maxCodes {
		r.types[t] = name
	}
	return name
}

// cString reads bytes until 0, page by page: the next page may not be there.
func (r *reader) cString(addr uint64) string {
	var name []byte
	for addr != 0 && len(name) < maxName {
		b := make([]byte, min(64-addr%64, uint64(maxName-len(name))))
		if r.ReadMemory(addr, b) != nil {
			return ""
		}
		for i, c := range b {
			if c == 0 {
				return string(append(name, b[:i]...))
			}
			if c < ' ' || c > '~' {
				return ""
			}
		}
		name, addr = append(name, b...), addr+uint64(len(b))
	}
	return string(name)
}

// entries calls f for each key and value of a dict, until it says that it has enough.
// Up to 3.10 the keys begin with a reference count, their size and a function; later
// with bytes that hold the logarithms of their sizes, and their kind: 0 = entries of
// hash, key and value, else of key and value.
func (r *reader) entries(dict uint64, f func(key, value uint64) bool) {
	keys, values := r.at(dict+dictKeys), r.at(dict+dictValues)
	if keys == 0 {
		return
	}
	first, width, n := r.keyTable(keys)
	if n > maxEntries {
		return
	}
	for i := uint64(0); i < n && !r.spent(); i++ {
		entry := first + i*width
		key := r.at(entry + width - 16)
		value := r.at(entry + width - 8)
		if values != 0 {
			value = r.at(values + r.objects.dictValue + 8*i)
		}
		if key != 0 && value != 0 && f(key, value) {
			return
		}
	}
}

// keyTable returns where a dict's entries begin, how large each is, and how many were
// ever used.
func (r *reader) keyTable(keys uint64) (first, width, n uint64) {
	if r.objects.oldDict {
		size, n := r.at(keys+8), r.at(keys+32)
		index := uint64(1)
		switch {
		case size > 1<<32:
			return 0, 0, 0
		case size > 1<<16-1:
			index = 4
		case size > 1<<8-1:
			index = 2
		}
		return keys + 40 + size*index, 24, n
	}
	var head [16]byte
	if r.ReadMemory(keys, head[:]) != nil || head[9] > 40 {
		return 0, 0, 0
	}
	width = 24
	if head[10] != 0 {
		width = 16
	}
	return keys + 32 + 1<<head[9], width, r.at(keys + 24)
}

// item returns what a dict holds under a name; 0 = nothing.
func (r *reader) item(dict uint64, name string) (value uint64) {
	if dict == 0 {
		return 0
	}
	r.entries(dict, func(key, v uint64) bool {
		if s, ok := r.str(key); ok && s == name {
			value = v
			return true
		}
		return false
	})
	return value
}

// attribute returns an attribute of an instance of a class; 0 = it has none of its own.
func (r *reader) attribute(object uint64, name string) uint64 {
	t := r.at(object + objectType)
	offset, flags := r.at(t+typeDictAt), r.at(t+typeFlags)
	managed := r.objects.values != valuesNone && flags&flagManagedDict != 0
	switch {
	case !managed && offset > 0 && offset < 1<<16:
		return r.item(r.at(object+offset), name)
	case !managed:
		return r.slot(t, object, name)
	}
	dict, values := r.managed(object, t, flags)
	if dict != 0 {
		return r.item(dict, name)
	}
	return r.shared(t, values, name)
}

// managed returns an instance's dict, or where its values lie.
func (r *reader) managed(object, t, flags uint64) (dict, values uint64) {
	before := r.at(object - 24)
	switch r.objects.values {
	case valuesBefore:
		if before != 0 {
			return before, 0
		}
		return 0, r.at(object - 32)
	case valuesTagged:
		if before&1 != 0 {
			return 0, before + 1
		}
		return before, 0
	}
	if before != 0 || flags&flagInlineValues == 0 {
		return before, 0
	}
	inline := object + r.at(t+typeSize)
	if valid, ok := r.byteAt(inline + 3); !ok || valid == 0 {
		return 0, 0
	}
	return 0, inline + 8
}

// shared finds an attribute among the names that all instances of a class share.
func (r *reader) shared(t, values uint64, name string) uint64 {
	keys := r.at(t + r.objects.cachedKeys)
	if values == 0 || keys == 0 {
		return 0
	}
	first, width, n := r.keyTable(keys)
	for i := uint64(0); i < min(n, 256) && !r.spent(); i++ {
		if s, ok := r.pointed(first + i*width + width - 16); ok && s == name {
			return r.at(values + 8*i)
		}
	}
	return 0
}

// slot finds an attribute that a class with __slots__ keeps at a fixed place: the
// class's dict holds a member_descriptor whose PyMemberDef (at 40) tells where (at 16).
func (r *reader) slot(t, object uint64, name string) uint64 {
	for range 32 {
		if member := r.item(r.at(t+typeDict), name); member != 0 && r.typeOf(member) == "member_descriptor" {
			if offset := r.at(r.at(member+40) + 16); offset > 0 && offset < 1<<16 {
				return r.at(object + offset)
			}
		}
		if t = r.at(t + typeBase); t == 0 {
			return 0
		}
	}
	return 0
}

// members calls f for each object of a set. Where one was taken out, its hash is −1.
func (r *reader) members(set uint64, f func(object uint64)) {
	mask, table := r.at(set+setMask), r.at(set+setTable)
	used := r.at(set + setUsed)
	if mask > 1<<22 || used > mask {
		return
	}
	for i := uint64(0); i <= mask && used > 0 && !r.spent(); i++ {
		key, hash := r.at(table+16*i), r.at(table+16*i+8)
		if key != 0 && hash != ^uint64(0) {
			used--
			f(key)
		}
	}
}

// items calls f for each object of a list.
func (r *reader) items(list uint64, f func(object uint64)) {
	n, at := r.at(list+sizedLength), r.at(list+listItems)
	for i := uint64(0); i < min(n, maxEntries) && !r.spent(); i++ {
		if o := r.at(at + 8*i); o != 0 {
			f(o)
		}
	}
}

// integer reads an int of up to two digits of 30 bits; those are all that is asked for
// but identities of threads, which have three.
func (r *reader) integer(object uint64) (int64, bool) {
	if r.typeOf(object) != "int" {
		return 0, false
	}
	n := int64(r.at(object + sizedLength))
	digits, negative := n, n < 0
	if r.objects.longTag {
		digits, negative = n>>3, n&3 == 2
	} else if negative {
		digits = -n
	}
	if digits < 0 || digits > 3 {
		return 0, false
	}
	var value uint64
	for i := int64(0); i < digits; i++ {
		d, ok := r.number(object + 24 + 4*uint64(i))
		if !ok {
			return 0, false
		}
		value |= uint64(d) << (30 * i)
	}
	if negative {
		return -int64(value), true
	}
	return int64(value), true
}

// module returns the dict of a module that was imported; 0 = it was not.
func (r *reader) module(interp uint64, name string) uint64 {
	m := r.item(r.at(interp+r.objects.modules), name)
	if m == 0 || r.typeOf(m) != "module" {
		return 0
	}
	return r.at(m + moduleDict)
}

// lastPart is what follows the last dot of a dotted name.
func lastPart(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[i+1:]
		}
	}
	return name
}
