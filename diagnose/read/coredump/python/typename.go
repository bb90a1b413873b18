package python

// homes are the modules in whose namespaces the types stand that are asked for by name,
// with the names of those that stand there under another one.
var homes = []struct {
	module string
	named  map[string]string
}{
	{"builtins", nil},
	{"types", map[string]string{"CoroutineType": "coroutine", "GeneratorType": "generator",
		"AsyncGeneratorType": "async_generator", "ModuleType": "module", "MemberDescriptorType": "member_descriptor"}},
	{"_asyncio", nil},
	{"_io", nil},
	{"_thread", nil},
	{"_collections", nil},
}

// typeFlag marks a type among objects: Py_TPFLAGS_TYPE_SUBCLASS.
const typeFlag = 1 << 31

// nameTypes names the types that C code defines by where they stand. A core holds no
// read-only data of mapped files (coredump_filter 0x33), and tp_name of such a type
// points there; the types themselves are written to, so they are in it, and so are the
// namespaces that list them.
func (r *reader) nameTypes(interp uint64) {
	modules := r.at(interp + r.objects.modules)
	if r.typeOf(modules) != "" {
		return // a living process: every type tells its name
	}
	for _, home := range homes {
		module := r.item(modules, home.module)
		if module == 0 {
			continue
		}
		r.entries(r.at(module+moduleDict), func(key, value uint64) bool {
			name, ok := r.str(key)
			if ok && name == "None" { // up to 3.9 its type stands nowhere
				r.nameType(r.at(value+objectType), "NoneType")
			}
			switch other := home.named[name]; {
			case other != "":
				name = other
			case home.named == nil:
				name = home.module + "." + name
			}
			if ok && r.at(r.at(value+objectType)+typeFlags)&typeFlag != 0 {
				r.nameType(value, name)
			}
			return false
		})
	}
}

// nameType keeps a name for a type that tells none.
func (r *reader) nameType(t uint64, name string) {
	if r.types[t] == "" && len(r.types) < maxCodes && r.cString(r.at(t+typeName)) == "" {
		r.types[t] = name
	}
}
