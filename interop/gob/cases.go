package main

import (
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// testCase is what one encoder of one fresh process sends.
type testCase struct {
	name   string
	values []any
}

func ptr[T any](v T) *T { return &v }

func init() {
	register("", Point{})
	register("", Circle{})
	register("", &Square{})
	register("shapes", Group{})
	register("", New1{})
	register("n2", New2{})
	register("", []New3{})
	register("", map[string]any{})
	register("", []any{})
	register("", Celsius(0))
	register("", Names{})
	register("", [2]int{})
	register("", GobValue{})
	register("", &GobPointer{})
	register("", time.Time{})
	register("", &big.Int{})
	register("", Tree{})
	register("", struct{ Q int }{})
	register("", Holder{})
	register("", Pair[string, int]{})
	register("ünïcode ✓", One{})
	register("", UUID{})
	register("", map[Point]string{})
}

func allCases() []testCase {
	var all []testCase
	for _, group := range [][]testCase{
		scalarCases(), stringCases(), containerCases(), structCases(), recursiveCases(),
		interfaceCases(), opaqueCases(), streamCases(),
	} {
		all = append(all, group...)
	}
	return all
}

func scalarCases() []testCase {
	var out []testCase
	add := func(group string, vs ...any) {
		for _, v := range vs {
			out = append(out, testCase{fmt.Sprintf("scalar/%s %v", group, v), []any{v}})
		}
	}
	add("bool", true, false)
	add("int", 0, 1, -1, 63, 64, -64, -65, 127, 128, 255, 256, 1<<15, -1<<15, 1<<23-1, 1<<31, -1<<31, 1<<32, 1<<52,
		1<<53-1, 1<<53, -1<<53, math.MaxInt64, math.MinInt64)
	add("int8", int8(0), int8(127), int8(-128))
	add("int16", int16(1), int16(32767), int16(-32768))
	add("int32", int32(-1), int32(math.MaxInt32), int32(math.MinInt32))
	add("int64", int64(0), int64(-1), int64(1)<<40, int64(math.MaxInt64), int64(math.MinInt64), int64(-1)<<53-1)
	add("uint", uint(0), uint(1), uint(127), uint(128), uint(255), uint(256), uint(65535), uint(65536), uint(1)<<24,
		uint(1)<<32-1, uint(1)<<32, uint(1)<<40, uint(1)<<48, uint(1)<<53-1, uint(1)<<56, uint(math.MaxUint64))
	add("uint8", uint8(0), uint8(255))
	add("uint16", uint16(0), uint16(65535))
	add("uint32", uint32(0), uint32(math.MaxUint32))
	add("uint64", uint64(0), uint64(1)<<63, uint64(math.MaxUint64))
	add("uintptr", uintptr(0), uintptr(1)<<40)
	add("float64", 0.0, math.Copysign(0, -1), 1.0, -1.0, 0.5, 17.0, 3.141592653589793, 1e100, 1e-100, math.MaxFloat64,
		math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN(), 1e21, 123456789.0, 2.2250738585072014e-308)
	for i, bits := range []uint64{0x7ff8000000000000, 0xfff8000000000001, 0x7ff0000000000001, 0x7fffffffffffffff} {
		out = append(out, testCase{fmt.Sprintf("scalar/float64 NaN of other bits %d", i), []any{math.Float64frombits(bits)}})
	}
	add("float32", float32(0), float32(1.5), float32(0.1), float32(math.MaxFloat32), float32(math.SmallestNonzeroFloat32),
		float32(math.Inf(1)), float32(math.NaN()))
	add("complex128", complex(0, 0), complex(1, -2), complex(math.Inf(1), math.NaN()), complex(math.Copysign(0, -1), 0))
	add("complex64", complex64(complex(0.1, 2)), complex64(0))
	add("named", Celsius(36.6), Level(-5), Flags(300), Label("x"), Octet(200))
	out = append(out, testCase{"scalar/pointer to int", []any{ptr(5)}})
	out = append(out, testCase{"scalar/pointer to pointer to string", []any{ptr(ptr("deep"))}})
	return out
}

func stringCases() []testCase {
	var out []testCase
	for name, s := range map[string]string{
		"empty": "", "ascii": "hello", "127 bytes": strings.Repeat("a", 127), "128 bytes": strings.Repeat("b", 128),
		"two bytes each": "äöü", "three bytes each": "日本語", "four bytes each": "😀🎉", "leading BOM": "\ufeffbom",
		"one bad byte": "\xff", "cut sequence": "ab\xe2\x82", "overlong": "\xc0\x80", "surrogate": "\xed\xa0\x80",
		"too high": "\xf4\x90\x80\x80", "mixed bad": "é\xffz\xc3", "NUL": "a\x00b", "controls": "\t\n\r\x7f\u0085\u2028",
		"replacement character": "\ufffd", "long ascii": strings.Repeat("0123456789", 500), "long wide": strings.Repeat("ü", 300),
		"17 bytes": "seventeen-bytes-x", "16 bytes": "sixteen-bytes-xx", "quotes": `"\<&>`, "65 ascii": strings.Repeat("z", 65),
		"long bad": strings.Repeat("x", 100) + "\xfe", "all bytes": allBytes(),
	} {
		out = append(out, testCase{"string/" + name, []any{s}})
	}
	for name, b := range map[string][]byte{
		"empty": {}, "one": {0}, "high": {0xff, 0xfe}, "255 bytes": make([]byte, 255), "256 bytes": make([]byte, 256),
		"70000 bytes": make([]byte, 70000),
	} {
		out = append(out, testCase{"bytes/" + name, []any{b}})
	}
	out = append(out,
		testCase{"bytes/nil", []any{[]byte(nil)}},
		testCase{"bytes/named", []any{Blob("blob")}},
		testCase{"bytes/of a named byte", []any{Octets{1, 200}}},
		testCase{"bytes/net.IP", []any{net.IPv4(10, 0, 0, 1)}},
	)
	return out
}

func allBytes() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

func containerCases() []testCase {
	ints := make([]int, 1000)
	for i := range ints {
		ints[i] = i*i - 500
	}
	nan := math.NaN()
	return []testCase{
		{"slice/nil", []any{[]int(nil)}},
		{"slice/empty", []any{[]int{}}},
		{"slice/ints", []any{[]int{1, -1, 0, 1 << 40}}},
		{"slice/1000 ints", []any{ints}},
		{"slice/bools", []any{[]bool{true, false}}},
		{"slice/int8s", []any{[]int8{-128, 0, 127}}},
		{"slice/int16s", []any{[]int16{-3, 300}}},
		{"slice/int32s", []any{[]rune("go ✓")}},
		{"slice/int64s", []any{[]int64{math.MinInt64, math.MaxInt64}}},
		{"slice/uints", []any{[]uint{0, 1 << 20}}},
		{"slice/uint16s", []any{[]uint16{0, 65535}}},
		{"slice/uint32s", []any{[]uint32{0, 1 << 31}}},
		{"slice/uint64s", []any{[]uint64{0, math.MaxUint64}}},
		{"slice/uintptrs", []any{[]uintptr{7}}},
		{"slice/float32s", []any{[]float32{0, 0.25, float32(math.Copysign(0, -1))}}},
		{"slice/float64s", []any{[]float64{0, math.Copysign(0, -1), nan, 0.1, math.Inf(-1)}}},
		{"slice/complex64s", []any{[]complex64{1, 2i}}},
		{"slice/complex128s", []any{[]complex128{0, complex(0, math.Copysign(0, -1))}}},
		{"slice/strings", []any{[]string{"", "a", "bb", "\xff"}}},
		{"slice/bytes", []any{[][]byte{nil, {}, {1}}}},
		{"slice/of slices", []any{[][]int{{1}, nil, {2, 3}}}},
		{"slice/three deep", []any{[][][]string{{{"x"}, {}}, {}}}},
		{"slice/of arrays", []any{[][2]int{{1, 2}, {}}}},
		{"slice/of maps", []any{[]map[string]int{{"a": 1}, nil, {}}}},
		{"slice/of structs", []any{[]Point{{1, 2}, {}, {0, 3}}}},
		{"slice/of pointers", []any{[]*Point{{1, 2}, {}}}},
		{"slice/of pointers to int", []any{[]*int{ptr(0), ptr(9)}}},
		{"slice/of named floats", []any{[]Celsius{1, 2}}},
		{"slice/named", []any{Names{"a", "b"}}},
		{"slice/of named slices", []any{[]Names{{"a"}, {}}}},
		{"slice/of named maps", []any{[]Scores{{"x": 1}}}},
		{"slice/of named bytes", []any{[]Blob{Blob("x"), {}}}},
		{"slice/of anonymous structs", []any{[]struct{ A int }{{1}, {}}}},
		{"slice/of empty structs", []any{[]Empty{{}, {}}}},
		{"slice/of generic structs", []any{[]Pair[string, int]{{"a", 1}}}},
		{"array/ints", []any{[3]int{1, 0, -1}}},
		{"array/of length 0", []any{[0]string{}}},
		{"array/bytes", []any{[4]byte{1, 0, 255, 128}}},
		{"array/strings", []any{[2]string{"", "x"}}},
		{"array/floats", []any{[2]float64{0, 1}}},
		{"array/bools", []any{[2]bool{true}}},
		{"array/of arrays", []any{[2][3]int{{1, 2, 3}}}},
		{"array/of slices", []any{[2][]int{{1}, nil}}},
		{"array/of maps", []any{[1]map[int]bool{{1: true}}}},
		{"array/of structs", []any{[2]Point{{1, 2}}}},
		{"array/of pointers", []any{[1]*Point{{5, 6}}}},
		{"array/named", []any{Matrix{{1}, {2}}}},
		{"array/of 200", []any{[200]int{199: 1}}},
		{"map/nil", []any{map[string]int(nil)}},
		{"map/empty", []any{map[string]int{}}},
		{"map/string to string", []any{map[string]string{"k": "v"}}},
		{"map/five entries", []any{map[string]int{"a": 1, "b": -1, "c": 0, "d": 1 << 40, "": 5}}},
		{"map/int keys", []any{map[int]string{-1: "m", 0: "", 5: "p"}}},
		{"map/uint64 keys", []any{map[uint64]uint64{math.MaxUint64: 1}}},
		{"map/bool keys", []any{map[bool]int{true: 1, false: 0}}},
		{"map/float keys", []any{map[float64]int{0.5: 1, math.Inf(1): 2}}},
		{"map/-0 key", []any{map[float64]int{math.Copysign(0, -1): 1}}},
		{"map/NaN keys", []any{map[float64]int{nan: 1, math.NaN(): 1, math.NaN(): 1}}},
		{"map/complex keys", []any{map[complex128]string{1 + 2i: "x"}}},
		{"map/struct keys", []any{map[Point]string{{1, 2}: "a", {}: "zero"}}},
		{"map/array keys", []any{map[[2]int]string{{1, 2}: "a"}}},
		{"map/pointer keys", []any{map[*int]string{ptr(1): "x", ptr(1): "x"}}},
		{"map/named keys", []any{map[Label]Level{"l": 3}}},
		{"map/__proto__ key", []any{map[string]int{"__proto__": 1}}},
		{"map/constructor key", []any{map[string]string{"constructor": "c"}}},
		{"map/to slices", []any{map[string][]int{"a": {1}}}},
		{"map/to maps", []any{map[string]map[string]int{"a": {"b": 1}}}},
		{"map/to structs", []any{map[string]Point{"p": {1, 2}}}},
		{"map/to pointers", []any{map[string]*Point{"p": {1, 2}}}},
		{"map/to bytes", []any{map[string][]byte{"b": {1}, "n": nil}}},
		{"map/to arrays", []any{map[string][2]bool{"a": {true}}}},
		{"map/to floats", []any{map[string]float64{"a": 0}}},
		{"map/named", []any{Scores{"a": 1}}},
		{"map/interface keys", []any{map[any]string{1: "i", uint(1): "u", "1": "s", 1.0: "f"}}},
		{"map/interface struct key", []any{KeyAny{Point{1, 2}: "p"}}},
		{"map/of sets", []any{map[string]struct{}{"a": {}}}},
	}
}

func structCases() []testCase {
	full := Scalars{true, 1, -1, 300, -70000, 1 << 40, 2, 255, 65535, 1 << 31, 1 << 63, 9, 0.5, 1e300, 1 + 2i, -1i, "s", []byte("b")}
	pp := ptr(ptr(&Point{7, 8}))
	out := []testCase{
		{"struct/all scalars zero", []any{Scalars{}}},
		{"struct/all scalars set", []any{full}},
		{"struct/pointer to one", []any{&full}},
		{"struct/first and last", []any{Scalars{Bool: true, Bytes: []byte{0}}}},
		{"struct/-0 is left out", []any{Scalars{F64: math.Copysign(0, -1), F32: float32(math.Copysign(0, -1)), C128: complex(math.Copysign(0, -1), 0)}}},
		{"struct/NaN", []any{Scalars{F64: math.NaN(), F32: float32(math.NaN()), C128: complex(0, math.NaN())}}},
		{"struct/empty slices are left out", []any{Scalars{Bytes: []byte{}}}},
		{"struct/two fields", []any{Point{3, -4}}},
		{"struct/zero", []any{Point{}}},
		{"struct/no fields", []any{Empty{}}},
		{"struct/anonymous", []any{struct{ A, B int }{1, 2}}},
		{"struct/nil pointers", []any{Pointers{}}},
		{"struct/pointers to zero", []any{Pointers{ptr(false), ptr(0), ptr(uint64(0)), ptr(0.0), ptr(0i), ptr(""), ptr([]byte{}), ptr([]int{}), ptr(map[string]int(nil)), ptr([2]int{}), &Point{}, nil}}},
		{"struct/pointers set", []any{Pointers{ptr(true), ptr(-1), ptr(uint64(1)), ptr(1.5), ptr(1i), ptr("s"), ptr([]byte{1}), ptr([]int{1}), ptr(map[string]int{"a": 1}), ptr([2]int{1, 2}), &Point{1, 2}, pp}}},
		{"struct/pointer to an empty map", []any{Pointers{Map: ptr(map[string]int{})}}},
		{"struct/named parts", []any{NamedParts{1, -1, 2, "l", Blob("b"), Octets{1}, Names{"n"}, Matrix{{1}}, Scores{"s": 1}, []Celsius{5}, map[Label]Celsius{"x": 1}}}},
		{"struct/named parts zero", []any{NamedParts{}}},
		{"struct/containers", []any{Containers{[]int{1}, []string{"s"}, []Point{{1, 2}}, []*Point{{3, 4}}, map[string]int{"m": 1}, map[Point]string{{5, 6}: "k"}, [3]int{7}, [2]Point{{8, 9}}, [][]int{{1}, {}}, map[string][]Point{"p": {{1, 1}}}, []map[int]string{{1: "x"}}, [][]byte{{1}}, [4]byte{1, 2}}}},
		{"struct/containers zero", []any{Containers{}}},
		{"struct/containers empty", []any{Containers{Ints: []int{}, Map: map[string]int{}, ByPoint: map[Point]string{}}}},
		{"struct/embedded", []any{Embeds{Base{1}, &Other{"o"}, "n"}}},
		{"struct/embedded nil", []any{Embeds{}}},
		{"struct/anonymous parts", []any{Anonymous{struct{ X, Y int }{1, 2}, []struct{ K, V string }{{"k", "v"}}, &struct{ Z bool }{true}}}},
		{"struct/anonymous parts zero", []any{Anonymous{}}},
		{"struct/unexported, chan and func fields", []any{Skips{A: 1, hidden: 2, B: "b", C: true}}},
		{"struct/what is never left out", []any{Zeros{}}},
		{"struct/what is never left out, set", []any{Zeros{[2]int{1}, Point{1, 0}, [0]int{}, Empty{}, map[string]int{}, []int{0}, 5, &Point{}}}},
		{"struct/300 fields, none set", []any{Wide{}}},
		{"struct/300 fields, last set", []any{Wide{F299: 1}}},
		{"struct/300 fields, 130 between", []any{Wide{F3: 1, F134: 2, F262: 3, F263: 4}}},
		{"struct/300 fields, 127 and 128 apart", []any{Wide{F0: 1, F127: 2, F255: 3}}},
		{"struct/generic", []any{Pair[string, int]{"k", 1}}},
		{"struct/generic of own types", []any{Pair[Point, []Celsius]{Point{1, 2}, []Celsius{3}}}},
		{"struct/generic nested", []any{Pair[int, Pair[string, Point]]{1, Pair[string, Point]{"x", Point{1, 2}}}}},
		{"struct/slice of structs with containers", []any{[]Containers{{Ints: []int{1}}, {}}}},
		{"struct/text marshaler is not asked", []any{TextOnly{"t"}}},
	}
	return out
}

func recursiveCases() []testCase {
	deep := &List{Head: 0}
	for i := 1; i < 200; i++ {
		deep = &List{i, deep}
	}
	return []testCase{
		{"recursive/tree", []any{Tree{1, &Tree{2, nil, &Tree{3, nil, nil}}, &Tree{}}}},
		{"recursive/tree leaf", []any{Tree{}}},
		{"recursive/list of 200", []any{deep}},
		{"recursive/node", []any{Node{"root", []Node{{Name: "a"}, {"b", []Node{{}}, nil}}, map[string]*Node{"x": {Name: "y"}}}}},
		{"recursive/mutual", []any{Ping{1, &Pong{"a", &Ping{2, nil}}}}},
		{"recursive/mutual, other first", []any{Pong{"a", &Ping{2, &Pong{}}}}},
		{"recursive/slice of itself", []any{SelfSlice{{}, {{}, nil}}}},
		{"recursive/map of itself", []any{SelfMap{"a": {"b": {}}}}},
		{"recursive/in a struct", []any{Loop{[]*Loop{{}, {Self: SelfSlice{{}}}}, SelfSlice{}}}},
		{"recursive/slice of trees", []any{[]Tree{{Value: 1}, {Left: &Tree{Value: 2}}}}},
		{"recursive/slice of tree pointers", []any{[]*Tree{{Value: 1}}}},
		{"recursive/map of nodes", []any{map[string]Node{"n": {Name: "n", Children: []Node{{Name: "c"}}}}}},
		{"recursive/array of lists", []any{[2]*List{{1, nil}, {2, &List{3, nil}}}}},
	}
}

func interfaceCases() []testCase {
	out := []testCase{}
	basics := []any{
		1, int8(-1), int16(2), int32(-3), int64(4), uint(5), uint8(6), uint16(7), uint32(8), uint64(9), uintptr(10),
		float32(0.5), 1.5, complex64(1), 2i, true, "s", []byte("b"), []int{1}, []string{"x"}, []float64{0.5}, []bool{true},
		[]uint64{1}, []complex128{1},
	}
	for _, v := range basics {
		out = append(out, testCase{fmt.Sprintf("interface/holding %T", v), []any{Holder{"h", v, "t"}}})
	}
	var asInterface any = Point{1, 2}
	return append(out, []testCase{
		{"interface/nil", []any{Holder{"h", nil, "t"}}},
		{"interface/zero int", []any{Holder{"h", 0, ""}}},
		{"interface/empty string", []any{Holder{"", "", ""}}},
		{"interface/struct", []any{Holder{"h", Point{1, 2}, "t"}}},
		{"interface/zero struct", []any{Holder{"h", Point{}, "t"}}},
		{"interface/pointer", []any{Holder{"h", &Square{2}, "t"}}},
		{"interface/pointer to a type registered as value", []any{Holder{"h", &Point{1, 2}, "t"}}},
		{"interface/named float", []any{Holder{"h", Celsius(1), "t"}}},
		{"interface/named slice", []any{Holder{"h", Names{"a"}, "t"}}},
		{"interface/array", []any{Holder{"h", [2]int{1, 2}, "t"}}},
		{"interface/map", []any{Holder{"h", map[string]any{"a": 1}, "t"}}},
		{"interface/slice of interfaces", []any{Holder{"h", []any{1, "a", nil, Point{}}, "t"}}},
		{"interface/anonymous struct", []any{Holder{"h", struct{ Q int }{1}, "t"}}},
		{"interface/generic struct", []any{Holder{"h", Pair[string, int]{"a", 1}, "t"}}},
		{"interface/name with wide characters", []any{Holder{"h", One{5}, "t"}}},
		{"interface/two new types", []any{Holder{"h", New2{"b", New1{1}}, "t"}}},
		{"interface/three levels of new types", []any{Holder{"h", New2{"b", []New3{{[]New1{{1}, {2}}}, {}}}, "t"}}},
		{"interface/new type within a slice", []any{[]any{1, New1{1}, New1{2}, New2{"x", New1{3}}, 2}}},
		{"interface/holder in holder", []any{Holder{"a", Holder{"b", Holder{"c", New1{1}, "C"}, "B"}, "A"}}},
		{"interface/tree", []any{Holder{"h", Tree{1, &Tree{2, nil, nil}, nil}, "t"}}},
		{"interface/opaque value", []any{Holder{"h", GobValue{7}, "t"}}},
		{"interface/opaque pointer", []any{Holder{"h", &GobPointer{"p"}, "t"}}},
		{"interface/empty opaque", []any{Holder{"h", &GobPointer{}, "t"}}},
		{"interface/time", []any{Holder{"h", time.Unix(1, 2).UTC(), "t"}}},
		{"interface/big int", []any{Holder{"h", big.NewInt(-5), "t"}}},
		{"interface/uuid", []any{Holder{"h", UUID{1}, "t"}}},
		{"interface/shapes", []any{Group{[]Shape{Circle{1}, &Square{2}, nil, Circle{3}}}}},
		{"interface/group of groups", []any{Group{[]Shape{Group{[]Shape{&Square{1}}}, Group{}}}}},
		{"interface/boxes", []any{Boxes{Circle{1}, []any{New1{1}, nil, "x"}, map[string]any{"k": New2{"b", nil}}, [2]any{1, Point{2, 3}}, 9}}},
		{"interface/boxes empty", []any{Boxes{}}},
		{"interface/map of interfaces", []any{map[string]any{"a": New1{1}, "b": New1{1}}}},
		{"interface/map of nil", []any{map[string]any{"a": nil}}},
		{"interface/array of interfaces", []any{[2]any{New1{1}, nil}}},
		{"interface/slice of nil", []any{[]any{nil, nil}}},
		{"interface/at the top", []any{&asInterface}},
		{"interface/at the top, basic", []any{ptr(any(5))}},
		{"interface/at the top, new type inside", []any{ptr(any(New2{"x", New1{1}}))}},
		{"interface/map with struct keys", []any{Holder{"h", map[Point]string{{1, 2}: "x"}, "t"}}},
		{"interface/many new types in a row", []any{[]any{Point{1, 2}, Circle{1}, &Square{1}, New1{1}, New2{}, Tree{}, Names{"n"}, [2]int{}, Celsius(1), GobValue{1}}}},
		{"interface/long value after a split", []any{Holder{"h", New2{strings.Repeat("long ", 100), New1{1}}, strings.Repeat("t", 200)}}},
		{"interface/same type twice", []any{[]any{New1{1}, New1{2}, New1{3}}}},
	}...)
}

func opaqueCases() []testCase {
	utc := time.Date(2024, 2, 29, 12, 34, 56, 789012345, time.UTC)
	berlin := time.Date(2024, 7, 1, 1, 2, 3, 4, time.FixedZone("", 2*3600))
	odd := time.Date(1900, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 53*60+28))
	west := time.Date(2000, 1, 1, 0, 0, 0, 0, time.FixedZone("", -5*3600))
	link := &url.URL{Scheme: "https", User: url.UserPassword("u", "p"), Host: "h:1", Path: "/ä b", RawQuery: "q=1", Fragment: "f"}
	huge, _ := new(big.Int).SetString("-123456789012345678901234567890123456789", 10)
	third := big.NewRat(-1, 3)
	float := new(big.Float).SetPrec(200).SetMode(big.ToZero)
	float.SetString("1.234567890123456789e-50")
	id := UUID{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6, 7, 8}
	v6 := netip.MustParseAddr("fe80::1:0:0:2%eth0")
	return []testCase{
		{"opaque/gob, value receiver", []any{GobValue{0x01020304}}},
		{"opaque/gob, value receiver, zero", []any{GobValue{}}},
		{"opaque/gob, value receiver, pointer", []any{&GobValue{1}}},
		{"opaque/gob, pointer receiver", []any{&GobPointer{"text"}}},
		{"opaque/gob, no bytes", []any{&GobPointer{}}},
		{"opaque/binary, array", []any{BinValue{1, 2, 3}}},
		{"opaque/binary, slice with types inside", []any{BinSlice{{1, 2}, {3, 4}}}},
		{"opaque/binary, nil slice", []any{BinSlice(nil)}},
		{"opaque/fields set", []any{&Opaques{GobValue{1}, &GobValue{2}, &GobPointer{"x"}, BinValue{1}, &BinValue{}, BinSlice{{}}, TextOnly{"t"}}}},
		{"opaque/fields zero", []any{&Opaques{}}},
		{"opaque/fields of pointers to zero", []any{&Opaques{PGV: &GobValue{}, GP: &GobPointer{}, PBV: &BinValue{}}}},
		{"opaque/slice of values", []any{[]GobValue{{1}, {}}}},
		{"opaque/slice of pointers", []any{[]*GobValue{{1}, {}}}},
		{"opaque/slice of pointer receivers", []any{[]*GobPointer{{"a"}, {}}}},
		{"opaque/value, then pointers in one stream", []any{GobValue{1}, &GobValue{2}, []*GobValue{{3}}, []GobValue{{4}}}},
		{"opaque/pointers, then value in one stream", []any{[]*GobValue{{3}}, GobValue{1}}},
		{"opaque/map keys", []any{map[BinValue]GobValue{{1, 2, 3}: {4}}}},
		{"opaque/map of pointers", []any{map[string]*GobPointer{"k": {"v"}}}},
		{"opaque/array", []any{[2]GobValue{{1}, {2}}}},
		{"opaque/time UTC", []any{utc}},
		{"opaque/time with a zone", []any{berlin}},
		{"opaque/time west", []any{west}},
		{"opaque/time with seconds in its zone", []any{odd}},
		{"opaque/time zero", []any{time.Time{}}},
		{"opaque/time before 1970", []any{time.Unix(-1, 999999999).UTC()}},
		{"opaque/time pointer", []any{&utc}},
		{"opaque/times", []any{[]time.Time{utc, {}, berlin}}},
		{"opaque/time embedded", []any{Stamped{utc, "lost"}}},
		{"opaque/big int", []any{huge}},
		{"opaque/big int zero", []any{big.NewInt(0)}},
		{"opaque/big rat", []any{third}},
		{"opaque/big rat zero", []any{new(big.Rat)}},
		{"opaque/big rat of an integer", []any{big.NewRat(7, 1)}},
		{"opaque/big float", []any{float}},
		{"opaque/big float zero", []any{new(big.Float)}},
		{"opaque/big float infinite", []any{new(big.Float).SetInf(true)}},
		{"opaque/url", []any{link}},
		{"opaque/url empty", []any{&url.URL{}}},
		{"opaque/urls", []any{[]*url.URL{link, {Path: "x"}}}},
		{"opaque/netip v4", []any{netip.MustParseAddr("10.1.2.3")}},
		{"opaque/netip v6 with zone", []any{v6}},
		{"opaque/netip mapped", []any{netip.MustParseAddr("::ffff:1.2.3.4")}},
		{"opaque/netip zero", []any{netip.Addr{}}},
		{"opaque/netips", []any{[]netip.Addr{netip.MustParseAddr("::"), netip.MustParseAddr("2001:db8::"), netip.MustParseAddr("1:0:0:2:0:0:0:3"), netip.MustParseAddr("1:2:3:4:5:6:7:8")}}},
		{"opaque/uuid", []any{id}},
		{"opaque/uuids", []any{map[string]UUID{"a": id}}},
		{"opaque/library", []any{Library{berlin, &utc, huge, float, third, link, net.IPv4(1, 2, 3, 4), v6, id, []time.Time{utc}, map[string]*big.Int{"n": huge}}}},
		{"opaque/library zero", []any{Library{}}},
		{"opaque/library of pointers to zero", []any{Library{PWhen: &time.Time{}, Int: new(big.Int), Float: new(big.Float), Rat: new(big.Rat), URL: &url.URL{}}}},
	}
}

func streamCases() []testCase {
	return []testCase{
		{"stream/ints", []any{1, 2, -3}},
		{"stream/mixed scalars", []any{1, "a", 2.5, true, []byte("x"), uint(7), 1i}},
		{"stream/one struct three times", []any{Point{1, 2}, Point{}, Point{3, 4}}},
		{"stream/two structs in turn", []any{Point{1, 2}, One{3}, Point{5, 6}, One{7}}},
		{"stream/slice before its element", []any{[]Point{{1, 2}}, Point{3, 4}}},
		{"stream/element before its slice", []any{Point{3, 4}, []Point{{1, 2}}}},
		{"stream/map before its parts", []any{map[string][]Point{"a": {{1, 2}}}, []Point{{3, 4}}, Point{5, 6}}},
		{"stream/named after unnamed", []any{[]string{"a"}, Names{"b"}, [2]Names{}}},
		{"stream/field first, then top", []any{NamedParts{N: Names{"x"}}, Names{"y"}, Scores{"a": 1}, []Celsius{1}}},
		{"stream/top first, then field", []any{Names{"y"}, []Celsius{1}, NamedParts{N: Names{"x"}}}},
		{"stream/interfaces and values", []any{Holder{"a", New1{1}, ""}, New1{2}, Holder{"b", New1{3}, ""}, []any{New1{4}, New2{}}}},
		{"stream/new type in the second interface", []any{[]any{1}, []any{New2{"x", nil}}, []any{New2{"x", New1{1}}}}},
		{"stream/opaque in turn", []any{time.Unix(0, 0).UTC(), Point{1, 2}, time.Unix(1, 0).UTC()}},
		{"stream/maps", []any{map[string]int{"a": 1}, map[string]int{}, map[string]string{"b": "c"}}},
		{"stream/recursive and plain", []any{Tree{Value: 1}, Point{}, Tree{Value: 2, Left: &Tree{}}}},
		{"stream/arrays of several lengths", []any{[1]int{1}, [2]int{1, 2}, [3]int{1, 2, 3}}},
		{"stream/generic types", []any{Pair[string, int]{"a", 1}, Pair[int, string]{1, "a"}}},
		{"stream/anonymous structs", []any{struct{ A int }{1}, struct{ B int }{2}, struct{ A int }{3}}},
		{"stream/pointer and value", []any{&Point{1, 2}, Point{3, 4}, ptr(&Point{5, 6})}},
		{"stream/long", longStream()},
	}
}

func longStream() []any {
	var out []any
	for i := 0; i < 100; i++ {
		out = append(out, Point{i, -i}, i, strings.Repeat("x", i))
	}
	return out
}
