package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/weaveworks/mesh"
)

// options is the command line. The flags are described in interop/README.md.
type options struct {
	config   mesh.Config
	name     mesh.PeerName
	nickname string
	uid      uint64 // 0: leave the library's own
	peers    []string
	// The channels to register before the start, each with its kind.
	channels []channelOption
	// What this peer counts under: its name, unless another was given.
	counterKey mesh.PeerName
	control    string
	// File to which session keys are appended, or none.
	keylog string
	// Whether the library's log is dropped.
	quiet bool
	// The address of a sidecar and the URL that it delivers to, or none.
	sidecar, deliver string
}

type channelOption struct{ name, kind string }

// separator stands between the flags of one router and those of the next in the same process.
const separator = "--and"

// parseProcess parses the command line of a process: the flags of one or more routers.
func parseProcess(arguments []string) ([]options, error) {
	var all []options
	for first := 0; ; {
		last := first
		for last < len(arguments) && arguments[last] != separator {
			last++
		}
		parsed, err := parseOptions(arguments[first:last])
		if err != nil {
			return nil, err
		}
		all = append(all, parsed)
		if last == len(arguments) {
			return all, nil
		}
		first = last + 1
	}
}

type list []string

func (l *list) String() string         { return strings.Join(*l, ",") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func parseOptions(arguments []string) (options, error) {
	var (
		parsed          options
		peers           list
		flags           = flag.NewFlagSet("go-peer", flag.ContinueOnError)
		meshListen      = flags.String("mesh", net.JoinHostPort("0.0.0.0", strconv.Itoa(mesh.Port)), "mesh listen address")
		hwaddr          = flags.String("hwaddr", "", "peer name, as PeerNameFromUserInput takes it")
		nickname        = flags.String("nickname", "go", "peer nickname")
		password        = flags.String("password", "", "password; given and empty is not the same as not given")
		controlListen   = flags.String("control", "127.0.0.1:0", "address of the control interface, or none: standard input only")
		connLimit       = flags.Int("conn-limit", 64, "connection limit, 0 for none")
		noDiscovery     = flags.Bool("no-discovery", false, "connect to nobody but the given peers")
		trusted         = flags.String("trusted-subnets", "", "CIDR,...")
		minProtocol     = flags.Int("min-protocol", mesh.ProtocolMinVersion, "lowest protocol version")
		maxProtocol     = flags.Int("max-protocol", mesh.ProtocolMaxVersion, "highest protocol version: fixed when the library is built")
		gossipInterval  = flags.Float64("gossip-interval", 0, "seconds between complete gossips; 0 or less is never")
		counterKey      = flags.String("counter-key", "", "name to count under, default one's own")
		keylog          = flags.String("keylog", os.Getenv("WEAVE_MESH_KEYLOG"), "file to which session keys are appended")
		uid             = flags.Uint64("uid", 0, "UID instead of a random one")
		quiet           = flags.Bool("quiet", false, "log nothing")
		sidecar         = flags.String("sidecar", "", "address at which to serve the channel \"app\" over HTTP")
		deliver         = flags.String("deliver", "", "URL to which the sidecar posts what arrives")
		explicitlyGiven = map[string]bool{}
	)
	flags.Var(&peers, "peer", "initial peer HOST[:PORT] (may be repeated)")
	for flagName, kind := range map[string]string{
		"channel": "log", "state": "state", "counter": "counter", "stream": "stream", "bench": "bench",
	} {
		kind := kind
		flags.Func(flagName, kind+" channel to register (may be repeated)", func(name string) error {
			parsed.channels = append(parsed.channels, channelOption{name, kind})
			return nil
		})
	}
	if err := flags.Parse(arguments); err != nil {
		return parsed, err
	}
	flags.Visit(func(f *flag.Flag) { explicitlyGiven[f.Name] = true })

	host, portText, err := net.SplitHostPort(*meshListen)
	if err != nil {
		return parsed, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return parsed, err
	}
	if *maxProtocol != mesh.ProtocolMaxVersion {
		return parsed, fmt.Errorf("this peer is built for protocol version %d at most", mesh.ProtocolMaxVersion)
	}
	if parsed.name, err = mesh.PeerNameFromUserInput(*hwaddr); err != nil {
		return parsed, err
	}

	parsed.keylog = *keylog
	parsed.counterKey = parsed.name
	if *counterKey != "" {
		if parsed.counterKey, err = mesh.PeerNameFromString(*counterKey); err != nil {
			return parsed, err
		}
	}

	parsed.config = mesh.Config{
		Host:               host,
		Port:               port,
		ConnLimit:          *connLimit,
		ProtocolMinVersion: byte(*minProtocol),
		PeerDiscovery:      !*noDiscovery,
		TrustedSubnets:     []*net.IPNet{},
	}
	if explicitlyGiven["password"] {
		parsed.config.Password = []byte(*password)
	}
	if *trusted != "" {
		for _, text := range strings.Split(*trusted, ",") {
			_, subnet, err := net.ParseCIDR(text)
			if err != nil {
				return parsed, err
			}
			parsed.config.TrustedSubnets = append(parsed.config.TrustedSubnets, subnet)
		}
	}
	if explicitlyGiven["gossip-interval"] {
		interval := time.Duration(*gossipInterval * float64(time.Second))
		if err := setGossipInterval(&parsed.config, interval); err != nil {
			return parsed, err
		}
	}
	parsed.nickname = *nickname
	parsed.uid = *uid
	parsed.peers = peers
	parsed.quiet, parsed.sidecar, parsed.deliver = *quiet, *sidecar, *deliver
	parsed.control = *controlListen
	return parsed, nil
}
