// A TURN server on pion/turn: turn-server HOST:PORT CERT KEY
//
// Over UDP and TCP at that port, over TLS and DTLS at the next; user u,
// password p. Says ready, then serves until it is killed.
package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"

	"github.com/pion/dtls/v2"
	"github.com/pion/turn/v2"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "turn-server:", err)
		os.Exit(1)
	}
}

func main() {
	at, err := net.ResolveUDPAddr("udp", os.Args[1])
	must(err)
	next := &net.UDPAddr{IP: at.IP, Port: at.Port + 1}
	cert, err := tls.LoadX509KeyPair(os.Args[2], os.Args[3])
	must(err)
	udp, err := net.ListenUDP("udp", at)
	must(err)
	tcp, err := net.Listen("tcp", at.String())
	must(err)
	overTLS, err := tls.Listen("tcp", next.String(),
		&tls.Config{Certificates: []tls.Certificate{cert}})
	must(err)
	overDTLS, err := dtls.Listen("udp", next,
		&dtls.Config{Certificates: []tls.Certificate{cert}})
	must(err)
	relays := &turn.RelayAddressGeneratorStatic{
		RelayAddress: at.IP, Address: at.IP.String()}
	cfg := turn.ServerConfig{
		Realm: "pion.example",
		AuthHandler: func(user, realm string, _ net.Addr) ([]byte, bool) {
			return turn.GenerateAuthKey("u", realm, "p"), user == "u"
		},
		PacketConnConfigs: []turn.PacketConnConfig{
			{PacketConn: udp, RelayAddressGenerator: relays}},
	}
	for _, l := range []net.Listener{tcp, overTLS, overDTLS} {
		cfg.ListenerConfigs = append(cfg.ListenerConfigs,
			turn.ListenerConfig{Listener: l,
				RelayAddressGenerator: relays})
	}
	_, err = turn.NewServer(cfg)
	must(err)
	fmt.Println("ready")
	select {}
}
