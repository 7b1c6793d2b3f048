package main

import (
	"encoding"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file writes, from the original Go values and by nothing that gob has produced, the JSON lines that
// `weave-mesh gob decode` must print for them. Map entries are sorted by their JSON, since their order on the
// wire is random.

var (
	gobEncoderType = reflect.TypeOf((*gob.GobEncoder)(nil)).Elem()
	binaryType     = reflect.TypeOf((*encoding.BinaryMarshaler)(nil)).Elem()
)

// method tells which encoding method gob uses for a type that is not a pointer, or "".
func method(t reflect.Type) (name string, byPointer bool) {
	if t.Kind() == reflect.Interface {
		return "", false
	}
	for _, m := range []struct {
		name string
		typ  reflect.Type
	}{{"gob", gobEncoderType}, {"binary", binaryType}} {
		if t.Implements(m.typ) {
			return m.name, false
		}
		if reflect.PointerTo(t).Implements(m.typ) {
			return m.name, true
		}
	}
	return "", false
}

func base(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// wireNames knows what types are called on the wire.
type wireNames struct {
	// met holds the name under which this process first met each type.
	met map[reflect.Type]string
	// sent holds the types that the current encoder has defined, and whether it was by a pointer: then a type
	// with an encoding method has no name.
	sent map[reflect.Type]bool
}

func newWireNames() *wireNames {
	w := &wireNames{met: map[reflect.Type]string{}}
	w.newEncoder()
	return w
}

func (w *wireNames) newEncoder() { w.sent = map[reflect.Type]bool{} }

// define notes what an encoder defines before it sends a value of type t.
func (w *wireNames) define(t reflect.Type) {
	b := base(t)
	m, _ := method(b)
	if m != "" {
		w.meet(t.Name(), t)
	} else {
		w.meet(b.Name(), t)
	}
	w.send(t)
}

func (w *wireNames) send(t reflect.Type) {
	b := base(t)
	if _, known := w.sent[b]; known {
		return
	}
	if m, _ := method(b); m != "" {
		w.meet(t.Name(), t)
	}
	w.sent[b] = t != b
	switch b.Kind() {
	case reflect.Struct:
		for i := 0; i < b.NumField(); i++ {
			if f := b.Field(i); isSent(f) {
				w.meet(base(f.Type).Name(), f.Type)
				w.send(f.Type)
			}
		}
	case reflect.Array, reflect.Slice:
		w.meet(b.Elem().Name(), b.Elem())
		w.send(b.Elem())
	case reflect.Map:
		w.meet(b.Key().Name(), b.Key())
		w.meet(b.Elem().Name(), b.Elem())
		w.send(b.Key())
		w.send(b.Elem())
	}
}

func isSent(f reflect.StructField) bool {
	k := base(f.Type).Kind()
	return f.IsExported() && k != reflect.Chan && k != reflect.Func
}

// meet notes a type and those in it, in the order in which gob looks at them.
func (w *wireNames) meet(name string, t reflect.Type) {
	t = base(t)
	if _, known := w.met[t]; known {
		return
	}
	if m, _ := method(t); m != "" {
		w.met[t] = name
		return
	}
	switch t.Kind() {
	case reflect.Array:
		w.met[t] = name
		w.meet("", t.Elem())
	case reflect.Map:
		w.met[t] = name
		w.meet("", t.Key())
		w.meet("", t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return
		}
		w.met[t] = name
		w.meet(t.Elem().Name(), t.Elem())
	case reflect.Struct:
		w.met[t] = name
		for i := 0; i < t.NumField(); i++ {
			f := t.Field(i)
			if !isSent(f) {
				continue
			}
			b := base(f.Type)
			fieldName := b.Name()
			if fieldName == "" {
				fieldName = b.String()
			}
			w.meet(fieldName, f.Type)
		}
	}
}

// text spells a type as the wire knows it.
func (w *wireNames) text(t reflect.Type, inside map[reflect.Type]bool) string {
	t = base(t)
	if m, _ := method(t); m != "" {
		if w.sent[t] || w.met[t] == "" {
			return "opaque"
		}
		return w.met[t]
	}
	switch t.Kind() {
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "int"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return "uint"
	case reflect.Float32, reflect.Float64:
		return "float"
	case reflect.Complex64, reflect.Complex128:
		return "complex"
	case reflect.String:
		return "string"
	case reflect.Interface:
		return "interface"
	case reflect.Struct:
		if w.met[t] == "" {
			return "struct"
		}
		return w.met[t]
	}
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return "bytes"
	}
	if inside[t] {
		return "..."
	}
	deeper := map[reflect.Type]bool{t: true}
	for k := range inside {
		deeper[k] = true
	}
	switch t.Kind() {
	case reflect.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), w.text(t.Elem(), deeper))
	case reflect.Map:
		return fmt.Sprintf("map[%s]%s", w.text(t.Key(), deeper), w.text(t.Elem(), deeper))
	}
	return "[]" + w.text(t.Elem(), deeper)
}

// line is the JSON line of one top-level value.
func (w *wireNames) line(value any) string {
	v := reflect.ValueOf(value)
	t := v.Type()
	w.define(t)
	return fmt.Sprintf(`{"type":%s,"value":%s}`, quote(w.text(t, nil)), w.value(v))
}

func quote(s string) string {
	out, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func bytesJSON(b []byte) string {
	return `{"$bytes":"` + base64.StdEncoding.EncodeToString(b) + `"}`
}

func stringJSON(s string) string {
	if utf8.ValidString(s) {
		return quote(s)
	}
	return bytesJSON([]byte(s))
}

func floatJSON(f float64) string {
	switch {
	case math.IsNaN(f):
		return `"NaN"`
	case math.IsInf(f, 1):
		return `"+Inf"`
	case math.IsInf(f, -1):
		return `"-Inf"`
	case f == 0 && math.Signbit(f):
		return `"-0"`
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func opaqueBytes(v reflect.Value, name string, byPointer bool) []byte {
	if byPointer {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p
	}
	var out []byte
	var err error
	if name == "gob" {
		out, err = v.Interface().(gob.GobEncoder).GobEncode()
	} else {
		out, err = v.Interface().(encoding.BinaryMarshaler).MarshalBinary()
	}
	if err != nil {
		panic(err)
	}
	return out
}

const safe = 1<<53 - 1

// value is the V of a value that is sent whatever it is.
func (w *wireNames) value(v reflect.Value) string {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	t := v.Type()
	if m, byPointer := method(t); m != "" {
		encoded := base64.StdEncoding.EncodeToString(opaqueBytes(v, m, byPointer))
		return fmt.Sprintf(`{"$opaque":"%s","bytes":"%s"}`, m, encoded)
	}
	switch t.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if i := v.Int(); i > safe || i < -safe {
			return fmt.Sprintf(`"%d"`, i)
		}
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if v.Uint() > safe {
			return fmt.Sprintf(`"%d"`, v.Uint())
		}
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return floatJSON(v.Float())
	case reflect.Complex64, reflect.Complex128:
		return "[" + floatJSON(real(v.Complex())) + "," + floatJSON(imag(v.Complex())) + "]"
	case reflect.String:
		return stringJSON(v.String())
	case reflect.Interface:
		if v.IsNil() {
			return "null"
		}
		elem := v.Elem()
		w.define(elem.Type())
		return fmt.Sprintf(`{"$type":%s,"value":%s}`, quote(registeredName(elem.Type())), w.value(elem))
	case reflect.Struct:
		var fields []string
		for i := 0; i < t.NumField(); i++ {
			if isSent(t.Field(i)) && isKept(v.Field(i)) {
				fields = append(fields, quote(t.Field(i).Name)+":"+w.value(v.Field(i)))
			}
		}
		return "{" + strings.Join(fields, ",") + "}"
	case reflect.Map:
		var pairs []string
		for it := v.MapRange(); it.Next(); {
			pairs = append(pairs, "["+w.value(it.Key())+","+w.value(it.Value())+"]")
		}
		sort.Strings(pairs)
		return `{"$map":[` + strings.Join(pairs, ",") + "]}"
	}
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return bytesJSON(v.Bytes())
	}
	elems := make([]string, v.Len())
	for i := range elems {
		elems[i] = w.value(v.Index(i))
	}
	return "[" + strings.Join(elems, ",") + "]"
}

// isKept tells whether gob sends a struct's field.
func isKept(v reflect.Value) bool {
	behindPointer := false
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return false
		}
		behindPointer = true
		v = v.Elem()
	}
	if m, byPointer := method(v.Type()); m != "" {
		return behindPointer || byPointer || !v.IsZero()
	}
	switch v.Kind() {
	case reflect.Array, reflect.Struct:
		return true
	case reflect.Slice:
		return v.Len() > 0
	case reflect.Map, reflect.Interface:
		return !v.IsNil()
	case reflect.Float32, reflect.Float64:
		return v.Float() != 0
	case reflect.Complex64, reflect.Complex128:
		return v.Complex() != 0
	}
	return !v.IsZero()
}
