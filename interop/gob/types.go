package main

import (
	"encoding/binary"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"time"
)

// The types of the corpus. test/gob has the same as schemas, under the same names.

type Celsius float64
type Level int8
type Flags uint16
type Label string
type Blob []byte
type Octet uint8
type Octets []Octet
type Names []string
type Matrix [2][3]int
type Scores map[string]int
type Point struct{ X, Y int }
type Empty struct{}
type One struct{ A int }

type Scalars struct {
	Bool    bool
	Int     int
	Int8    int8
	Int16   int16
	Int32   int32
	Int64   int64
	Uint    uint
	Uint8   uint8
	Uint16  uint16
	Uint32  uint32
	Uint64  uint64
	Uintptr uintptr
	F32     float32
	F64     float64
	C64     complex64
	C128    complex128
	String  string
	Bytes   []byte
}

type Pointers struct {
	Bool   *bool
	Int    *int
	Uint   *uint64
	F64    *float64
	C128   *complex128
	String *string
	Bytes  *[]byte
	Slice  *[]int
	Map    *map[string]int
	Array  *[2]int
	Struct *Point
	Deep   ***Point
}

type NamedParts struct {
	C  Celsius
	L  Level
	F  Flags
	S  Label
	B  Blob
	O  Octets
	N  Names
	M  Matrix
	SC Scores
	LC []Celsius
	MC map[Label]Celsius
}

type Containers struct {
	Ints    []int
	Strings []string
	Points  []Point
	PPoints []*Point
	Map     map[string]int
	ByPoint map[Point]string
	Array   [3]int
	Points2 [2]Point
	Nested  [][]int
	MapSl   map[string][]Point
	SlMap   []map[int]string
	Bytes   [][]byte
	ByteArr [4]byte
}

type Base struct{ ID int }
type Other struct{ Note string }
type Embeds struct {
	Base
	*Other
	Name string
}

type Anonymous struct {
	Pos  struct{ X, Y int }
	List []struct{ K, V string }
	Ptr  *struct{ Z bool }
}

type Tree struct {
	Value       int
	Left, Right *Tree
}
type List struct {
	Head int
	Tail *List
}
type Node struct {
	Name     string
	Children []Node
	Index    map[string]*Node
}
type Ping struct {
	N int
	P *Pong
}
type Pong struct {
	S string
	P *Ping
}
type SelfSlice []SelfSlice
type SelfMap map[string]SelfMap
type Loop struct {
	All  []*Loop
	Self SelfSlice
}
type Pair[K comparable, V any] struct {
	Key K
	Val V
}

type Skips struct {
	A       int
	hidden  int
	Chan    chan int
	Func    func()
	B       string
	private struct{ X int }
	C       bool
}

type Zeros struct {
	Array  [2]int
	Struct Point
	Empty  [0]int
	None   Empty
	Map    map[string]int
	Slice  []int
	Iface  any
	Ptr    *Point
}

type Shape interface{ Area() float64 }
type Circle struct{ R float64 }
type Square struct{ Side float64 }
type Group struct{ Shapes []Shape }

func (c Circle) Area() float64  { return c.R * c.R * 3 }
func (s *Square) Area() float64 { return s.Side * s.Side }
func (g Group) Area() float64   { return 0 }

type Holder struct {
	Name string
	Any  any
	Tail string
}
type Boxes struct {
	Shape Shape
	List  []any
	Map   map[string]any
	Two   [2]any
	After int
}
type New1 struct{ A int }
type New2 struct {
	B string
	C any
}
type New3 struct{ L []New1 }
type KeyAny map[any]string

// Types with encoding methods, of each kind and receiver.

type GobValue struct{ N uint32 }

func (g GobValue) GobEncode() ([]byte, error) {
	return binary.BigEndian.AppendUint32(nil, g.N), nil
}
func (g *GobValue) GobDecode(b []byte) error {
	if len(b) != 4 {
		return errors.New("GobValue: wrong length")
	}
	g.N = binary.BigEndian.Uint32(b)
	return nil
}

type GobPointer struct{ S string }

func (g *GobPointer) GobEncode() ([]byte, error) { return []byte(g.S), nil }
func (g *GobPointer) GobDecode(b []byte) error   { g.S = string(b); return nil }

type BinValue [3]byte

func (v BinValue) MarshalBinary() ([]byte, error) { return v[:], nil }
func (v *BinValue) UnmarshalBinary(b []byte) error {
	if len(b) != 3 {
		return errors.New("BinValue: wrong length")
	}
	copy(v[:], b)
	return nil
}

type BinSlice []Point

func (v BinSlice) MarshalBinary() ([]byte, error) { return make([]byte, len(v)), nil }
func (v *BinSlice) UnmarshalBinary(b []byte) error {
	*v = make(BinSlice, len(b))
	return nil
}

type TextOnly struct{ T string }

func (t TextOnly) MarshalText() ([]byte, error) { return []byte("text:" + t.T), nil }
func (t *TextOnly) UnmarshalText(b []byte) error {
	t.T = string(b)
	return nil
}

type UUID [16]byte

func (u UUID) MarshalBinary() ([]byte, error) { return u[:], nil }
func (u *UUID) UnmarshalBinary(b []byte) error {
	copy(u[:], b)
	return nil
}

type Stamped struct {
	time.Time
	Label string
}

type Opaques struct {
	GV  GobValue
	PGV *GobValue
	GP  *GobPointer
	BV  BinValue
	PBV *BinValue
	BS  BinSlice
	TO  TextOnly
}

type Library struct {
	When  time.Time
	PWhen *time.Time
	Int   *big.Int
	Float *big.Float
	Rat   *big.Rat
	URL   *url.URL
	IP    net.IP
	Addr  netip.Addr
	ID    UUID
	Every []time.Time
	Named map[string]*big.Int
}
