// Command rpc is the Go end of examples/net-rpc.
//
//	rpc serve HOST:PORT        serve Arith.Multiply and Arith.Divide; prints the address
//	rpc call HOST:PORT A B     call both with A and B, and print the answers
package main

import (
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"strconv"
)

type Args struct{ A, B int }
type Quotient struct{ Quo, Rem int }
type Arith struct{}

func (Arith) Multiply(args *Args, reply *int) error {
	*reply = args.A * args.B
	return nil
}

func (Arith) Divide(args *Args, quo *Quotient) error {
	if args.B == 0 {
		return errors.New("divide by zero")
	}
	quo.Quo, quo.Rem = args.A/args.B, args.A%args.B
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("error", err)
	}
}

func run(args []string) error {
	if len(args) == 2 && args[0] == "serve" {
		listener, err := net.Listen("tcp", args[1])
		if err != nil {
			return err
		}
		if err := rpc.Register(Arith{}); err != nil {
			return err
		}
		fmt.Println("serving on", listener.Addr())
		rpc.Accept(listener)
		return nil
	}
	client, err := rpc.Dial("tcp", args[1])
	if err != nil {
		return err
	}
	defer client.Close()
	a, _ := strconv.Atoi(args[2])
	b, _ := strconv.Atoi(args[3])
	var product int
	var quotient Quotient
	first := client.Go("Arith.Multiply", &Args{a, b}, &product, nil)
	second := client.Go("Arith.Divide", &Args{a, b}, &quotient, nil)
	if err := (<-first.Done).Error; err != nil {
		return err
	}
	fmt.Println("multiply", product)
	if err := (<-second.Done).Error; err != nil {
		return err
	}
	fmt.Println("divide", quotient.Quo, quotient.Rem)
	return nil
}
