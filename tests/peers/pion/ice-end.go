// The other end of an ICE path, on pion/ice: ice-end [-FLAG...] OUT IN
//
// Writes its fragment to OUT (renamed into place), reads the peer's from IN (a
// FIFO), connects, prints JSON lines, and sends an RTP-like packet each 20 ms.
// On stdin, one a line:
//
//	restart FILE    restart ICE; the new fragment is in FILE
//	remote FILE     the peer's new fragment
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/pion/ice/v2"
)

var (
	controlling = flag.Bool("controlling", false, "the role")
	lite        = flag.Bool("lite", false, "ICE-lite")
	tcp         = flag.Bool("tcp", false, "TCP alone, passive")
	relay       = flag.String("relay", "", "relayed alone, by this TURN URL")
)

type fields map[string]interface{}

func say(event string, f fields) {
	f["event"] = event
	line, _ := json.Marshal(f)
	os.Stdout.Write(append(line, '\n'))
}

func must(err error) {
	if err != nil {
		say("error", fields{"why": err.Error()})
		os.Exit(1)
	}
}

func config() *ice.AgentConfig {
	c := &ice.AgentConfig{
		Lite:             *lite,
		IncludeLoopback:  true,
		MulticastDNSMode: ice.MulticastDNSModeDisabled,
		NetworkTypes:     []ice.NetworkType{ice.NetworkTypeUDP4},
		CandidateTypes:   []ice.CandidateType{ice.CandidateTypeHost},
		IPFilter:         net.IP.IsLoopback,
		// the test makes the certificate
		InsecureSkipVerify: true,
	}
	if *tcp {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(err)
		c.NetworkTypes = []ice.NetworkType{ice.NetworkTypeTCP4}
		c.TCPMux = ice.NewTCPMuxDefault(ice.TCPMuxParams{
			Listener: l, ReadBufferSize: 20})
	}
	if *relay != "" {
		url, err := ice.ParseURL(*relay)
		must(err)
		url.Username, url.Password = "u", "p"
		c.Urls = []*ice.URL{url}
		c.CandidateTypes = []ice.CandidateType{ice.CandidateTypeRelay}
	}
	return c
}

// Gather, and write the fragment.
func tell(agent *ice.Agent, name string) {
	all := make(chan bool)
	candidates := ""
	must(agent.OnCandidate(func(c ice.Candidate) {
		if c == nil {
			close(all)
		} else {
			candidates += "a=candidate:" + c.Marshal() + "\r\n"
		}
	}))
	must(agent.GatherCandidates())
	<-all
	ufrag, pwd, err := agent.GetLocalUserCredentials()
	must(err)
	text := "a=ice-ufrag:" + ufrag + "\r\na=ice-pwd:" + pwd + "\r\n"
	if *lite {
		text = "a=ice-lite\r\n" + text
	}
	text += "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n" + candidates +
		"a=end-of-candidates\r\n"
	must(os.WriteFile(name+".tmp", []byte(text), 0o600))
	must(os.Rename(name+".tmp", name))
}

// What the peer says of itself.
func hear(name string) (ufrag, pwd string, c []ice.Candidate) {
	data, err := os.ReadFile(name)
	must(err)
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		parts := strings.SplitN(line, ":", 2)
		switch parts[0] {
		case "a=ice-ufrag":
			ufrag = parts[1]
		case "a=ice-pwd":
			pwd = parts[1]
		case "a=candidate":
			candidate, err := ice.UnmarshalCandidate(parts[1])
			must(err)
			c = append(c, candidate)
		}
	}
	return
}

func take(agent *ice.Agent, candidates []ice.Candidate) {
	for _, c := range candidates {
		must(agent.AddRemoteCandidate(c))
	}
}

func command(agent *ice.Agent, words []string) {
	switch words[0] {
	case "restart":
		must(agent.Restart("", ""))
		tell(agent, words[1])
	case "remote":
		ufrag, pwd, candidates := hear(words[1])
		must(agent.SetRemoteCredentials(ufrag, pwd))
		take(agent, candidates)
	}
}

func send(conn *ice.Conn) {
	for n := 1; ; n++ {
		conn.Write([]byte{0x80, 0x6f, byte(n >> 8), byte(n)})
		time.Sleep(20 * time.Millisecond) // the pace of an RTP stream
	}
}

func address(c ice.Candidate) string {
	return fmt.Sprintf("%s:%d", c.Address(), c.Port())
}

func main() {
	flag.Parse()
	agent, err := ice.NewAgent(config())
	must(err)
	must(agent.OnSelectedCandidatePairChange(func(l, r ice.Candidate) {
		say("selected", fields{"local": address(l), "remote": address(r)})
	}))
	tell(agent, flag.Arg(0))
	ufrag, pwd, candidates := hear(flag.Arg(1))
	take(agent, candidates)
	connect := agent.Accept
	if *controlling {
		connect = agent.Dial
	}
	conn, err := connect(context.Background(), ufrag, pwd)
	must(err)
	go send(conn)
	go func() {
		for scan := bufio.NewScanner(os.Stdin); scan.Scan(); {
			command(agent, strings.Fields(scan.Text()))
		}
	}()
	buf := make([]byte, 2000)
	for n := 1; ; n++ {
		_, err := conn.Read(buf)
		must(err)
		if n%20 == 1 {
			say("received", fields{"n": n})
		}
	}
}
