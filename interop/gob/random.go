package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"os"
	"reflect"
	"time"
)

// generator makes random types by reflect, and random values of them.
type generator struct {
	*rand.Rand
	named int
}

var basicKinds = []reflect.Type{
	reflect.TypeOf(false), reflect.TypeOf(0), reflect.TypeOf(int8(0)), reflect.TypeOf(int16(0)), reflect.TypeOf(int32(0)),
	reflect.TypeOf(int64(0)), reflect.TypeOf(uint(0)), reflect.TypeOf(uint8(0)), reflect.TypeOf(uint16(0)),
	reflect.TypeOf(uint32(0)), reflect.TypeOf(uint64(0)), reflect.TypeOf(uintptr(0)), reflect.TypeOf(float32(0)),
	reflect.TypeOf(0.0), reflect.TypeOf(complex64(0)), reflect.TypeOf(0i), reflect.TypeOf(""), reflect.TypeOf([]byte(nil)),
}

var namedTypes = []reflect.Type{
	reflect.TypeOf(Celsius(0)), reflect.TypeOf(Label("")), reflect.TypeOf(Blob(nil)), reflect.TypeOf(Names(nil)),
	reflect.TypeOf(Matrix{}), reflect.TypeOf(Scores(nil)), reflect.TypeOf(Point{}), reflect.TypeOf(One{}),
	reflect.TypeOf(Scalars{}), reflect.TypeOf(Containers{}), reflect.TypeOf(Embeds{}), reflect.TypeOf(Tree{}),
	reflect.TypeOf(Node{}), reflect.TypeOf(SelfSlice(nil)), reflect.TypeOf(GobValue{}), reflect.TypeOf(BinValue{}),
	reflect.TypeOf(time.Time{}), reflect.TypeOf(&big.Int{}), reflect.TypeOf(UUID{}), reflect.TypeOf(Zeros{}),
	reflect.TypeOf(Holder{}), reflect.TypeOf(Pair[string, int]{}), reflect.TypeOf(&GobPointer{}), reflect.TypeOf(Empty{}),
}

var anyType = reflect.TypeOf((*any)(nil)).Elem()

// interfacePool holds types that may lie in an interface; all are registered.
var interfacePool = []reflect.Type{
	reflect.TypeOf(0), reflect.TypeOf(""), reflect.TypeOf(uint64(0)), reflect.TypeOf(0.0), reflect.TypeOf(false),
	reflect.TypeOf([]byte(nil)), reflect.TypeOf([]int(nil)), reflect.TypeOf([]string(nil)), reflect.TypeOf(Point{}),
	reflect.TypeOf(New1{}), reflect.TypeOf(New2{}), reflect.TypeOf([]New3{}), reflect.TypeOf(map[string]any{}),
	reflect.TypeOf([]any{}), reflect.TypeOf(Celsius(0)), reflect.TypeOf(Names{}), reflect.TypeOf([2]int{}),
	reflect.TypeOf(GobValue{}), reflect.TypeOf(time.Time{}), reflect.TypeOf(Tree{}), reflect.TypeOf(Holder{}),
	reflect.TypeOf(UUID{}),
}

func (g *generator) typ(depth int) reflect.Type {
	if depth <= 0 || g.Intn(4) == 0 {
		return basicKinds[g.Intn(len(basicKinds))]
	}
	switch g.Intn(9) {
	case 0, 1:
		return reflect.SliceOf(g.typ(depth - 1))
	case 2:
		return reflect.ArrayOf(g.Intn(4), g.typ(depth-1))
	case 3:
		return reflect.MapOf(g.key(), g.typ(depth-1))
	case 4, 5:
		fields := make([]reflect.StructField, 1+g.Intn(6))
		for i := range fields {
			t := g.typ(depth - 1)
			if g.Intn(4) == 0 {
				t = reflect.PointerTo(t)
			}
			fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: t}
		}
		return reflect.StructOf(fields)
	case 6:
		return anyType
	}
	return namedTypes[g.Intn(len(namedTypes))]
}

func (g *generator) key() reflect.Type {
	keys := []reflect.Type{
		reflect.TypeOf(""), reflect.TypeOf(0), reflect.TypeOf(uint16(0)), reflect.TypeOf(false), reflect.TypeOf(0.0),
		reflect.TypeOf(Point{}), reflect.TypeOf([2]int{}), reflect.TypeOf(Label("")), reflect.TypeOf(BinValue{}),
	}
	return keys[g.Intn(len(keys))]
}

func (g *generator) uint() uint64 { return g.Uint64() >> uint(g.Intn(65)) }

func (g *generator) float() float64 {
	special := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1, -1, 0.1, 1e21, 1e-7}
	if g.Intn(3) == 0 {
		return special[g.Intn(len(special))]
	}
	if g.Intn(2) == 0 {
		return float64(g.Intn(2000) - 1000)
	}
	return math.Float64frombits(g.Uint64())
}

func (g *generator) bytes() []byte {
	n := g.Intn(12)
	if g.Intn(20) == 0 {
		n = g.Intn(400)
	}
	out := make([]byte, n)
	if g.Intn(3) == 0 {
		g.Read(out)
		return out
	}
	for i := range out {
		out[i] = byte(' ' + g.Intn(95))
	}
	return out
}

// fill sets v to something random; depth bounds what pointers, slices and maps add.
func (g *generator) fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Array, reflect.Struct: // a nil pointer within an element cannot be sent
	default:
		if g.Intn(6) == 0 {
			return
		}
	}
	switch x := v.Addr().Interface().(type) {
	case *GobValue:
		x.N = g.Uint32()
		return
	case *time.Time:
		zones := []*time.Location{time.UTC, time.FixedZone("", 3600), time.FixedZone("", -34200), time.FixedZone("", 0)}
		*x = time.Unix(int64(g.uint()>>28), int64(g.Intn(1e9))).In(zones[g.Intn(len(zones))])
		return
	case *big.Int:
		x.SetBytes(g.bytes())
		return
	case *GobPointer:
		x.S = string(g.bytes())
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(g.Intn(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(g.uint()) * int64(1-2*g.Intn(2)))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(g.uint())
	case reflect.Float32, reflect.Float64:
		v.SetFloat(g.float())
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(g.float(), g.float()))
	case reflect.String:
		v.SetString(string(g.bytes()))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		g.fill(v.Elem(), depth-1)
	case reflect.Slice:
		n := 0
		if depth > 0 {
			n = g.Intn(4)
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		g.fillAll(v, depth)
	case reflect.Array:
		g.fillAll(v, depth)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := 0; depth > 0 && i < g.Intn(4); i++ {
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			g.fill(key, depth-1)
			g.fill(elem, depth-1)
			v.SetMapIndex(key, elem)
		}
	case reflect.Interface:
		if depth > 0 && v.Type() == anyType {
			elem := reflect.New(interfacePool[g.Intn(len(interfacePool))]).Elem()
			g.fill(elem, depth-1)
			v.Set(elem)
		}
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			f := v.Field(i)
			if !f.CanSet() {
				continue
			}
			// A nil pointer is well only in a field; below, recursion ends by it.
			if f.Kind() == reflect.Pointer && (depth <= 0 || g.Intn(3) == 0) {
				continue
			}
			g.fill(f, depth-1)
		}
	}
}

func (g *generator) fillAll(v reflect.Value, depth int) {
	for i := 0; i < v.Len(); i++ {
		g.fill(v.Index(i), depth-1)
	}
}

// printRandom prints cases made one after another by this one process: ids and wire names depend on all before.
func printRandom(seed int64, count int) error {
	g := &generator{Rand: rand.New(rand.NewSource(seed))}
	names := newWireNames()
	out := json.NewEncoder(os.Stdout)
	for i := 0; i < count; i++ {
		values := make([]reflect.Value, 1+g.Intn(3))
		for j := range values {
			p := reflect.New(g.typ(4))
			g.fill(p.Elem(), 6)
			if p.Elem().Kind() == reflect.Pointer {
				p = p.Elem() // gob fails at the top on a pointer to a pointer that has an encoding method
			}
			values[j] = p
		}
		var buf bytes.Buffer
		enc := gob.NewEncoder(&buf)
		names.newEncoder()
		e := entry{Name: fmt.Sprintf("random/%d/%d", seed, i)}
		for _, v := range values {
			if err := enc.EncodeValue(v); err != nil {
				return fmt.Errorf("%s: %T: %w", e.Name, v.Interface(), err)
			}
			e.Lines = append(e.Lines, json.RawMessage(names.line(v.Interface())))
		}
		e.Hex = hex.EncodeToString(buf.Bytes())
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	return nil
}
