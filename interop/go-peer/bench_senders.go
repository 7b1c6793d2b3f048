package main

import (
	"errors"
	"sort"
	"sync"
	"time"

	"github.com/weaveworks/mesh"
)

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// stream sends unicasts as fast as they are taken, for some time; then the end mark.
func (c *benchChannel) stream(to mesh.PeerName, size int, seconds float64) (int, error) {
	payloads := newPayloads(size)
	payload := payloads.make(kindMessage, 0)
	between := 64 // messages between two looks at the clock
	if size >= 16384 {
		between = 1
	}
	end := time.Now().Add(duration(seconds))
	sent := 0
	for time.Now().Before(end) {
		for i := 0; i < between; i++ {
			payloads.set(payload, kindMessage, uint32(sent))
			sent++
			if err := c.channel.GossipUnicast(to, payload); err != nil {
				return sent, err
			}
		}
	}
	payloads.set(payload, kindEnd, uint32(sent))
	return sent, c.channel.GossipUnicast(to, payload)
}

const broadcastWindow = 256

// broadcast sends broadcasts for some time, with a window, and waits until all have confirmed all.
func (c *benchChannel) broadcast(receivers, size int, seconds float64) (sent, broken int, took float64) {
	payloads := newPayloads(size)
	var mutex sync.Mutex
	confirmedMore := sync.NewCond(&mutex)
	confirmed := map[mesh.PeerName]int{}
	least := 0
	c.mutex.Lock()
	c.ack = func(from mesh.PeerName, number uint32, intact bool) {
		mutex.Lock()
		defer mutex.Unlock()
		if !intact {
			broken++
		}
		confirmed[from] = int(number)
		if len(confirmed) < receivers {
			return
		}
		least = int(^uint(0) >> 1)
		for _, number := range confirmed {
			if number < least {
				least = number
			}
		}
		confirmedMore.Signal()
	}
	c.mutex.Unlock()
	confirmedUpTo := func(number int) {
		mutex.Lock()
		defer mutex.Unlock()
		for least < number {
			confirmedMore.Wait()
		}
	}
	start := time.Now()
	end := start.Add(duration(seconds))
	for sent%64 != 0 || time.Now().Before(end) {
		c.channel.GossipBroadcast(messages{payloads.make(kindMessage, uint32(sent))})
		sent++
		confirmedUpTo(sent - broadcastWindow + 1)
	}
	c.channel.GossipBroadcast(messages{payloads.make(kindEnd, uint32(sent))})
	confirmedUpTo(sent)
	return sent, broken, time.Since(start).Seconds()
}

// pings sends one ping after the other for some time, and gives the sorted round trips in microseconds.
func (c *benchChannel) pings(to mesh.PeerName, size int, seconds float64) ([]float64, error) {
	payloads := newPayloads(size)
	answers := make(chan []byte)
	c.mutex.Lock()
	c.pong = func(payload []byte) { answers <- payload }
	c.mutex.Unlock()
	var trips []float64
	end := time.Now().Add(duration(seconds))
	for number := uint32(0); time.Now().Before(end); number++ {
		ping := payloads.make(kindPing, number)
		start := time.Now()
		if err := c.channel.GossipUnicast(to, ping); err != nil {
			return nil, err
		}
		if !payloads.isIntact(<-answers, number) {
			return nil, errors.New("a ping came back broken")
		}
		trips = append(trips, float64(time.Since(start).Nanoseconds())/1e3)
	}
	sort.Float64s(trips)
	return trips, nil
}

// load sends unicasts at a given rate for some time, what is due every millisecond; then the end mark.
func (c *benchChannel) load(to mesh.PeerName, size int, perSecond, seconds float64) (int, error) {
	payloads := newPayloads(size)
	start := time.Now()
	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	sent := 0
	for passed := 0.0; passed < seconds; passed = time.Since(start).Seconds() {
		for due := int(passed * perSecond); sent < due; sent++ {
			if err := c.channel.GossipUnicast(to, payloads.make(kindLoad, uint32(sent))); err != nil {
				return sent, err
			}
		}
		<-ticks.C
	}
	return sent, c.channel.GossipUnicast(to, payloads.make(kindEnd, uint32(sent)))
}
