package main

import (
	"sync"
	"time"
)

type received struct {
	count, broken int
	seconds       float64
}

// receiver counts and checks a stream of messages, which an end mark with their number closes.
type receiver struct {
	mutex    sync.Mutex
	payloads payloads
	count    int
	broken   int
	first    time.Time
	ended    chan received
}

func newReceiver(size int) *receiver {
	return &receiver{payloads: newPayloads(size), ended: make(chan received, 1)}
}

// message takes one, and gives how many have come and how many of them broken.
func (r *receiver) message(payload []byte) (count, broken int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if payload[0] == kindEnd {
		lost := int(numberOf(payload)) - r.count
		if lost < 0 {
			lost = -lost
		}
		r.broken += lost
		r.ended <- received{r.count, r.broken, time.Since(r.first).Seconds()}
		return r.count, r.broken
	}
	if r.count == 0 {
		r.first = time.Now()
	}
	if !r.payloads.isIntact(payload, uint32(r.count)) {
		r.broken++
	}
	r.count++
	return r.count, r.broken
}
