// pion/webrtc as a peer that says back what it hears:
// echo-end offer|answer CODEC client|server OURS THEIRS
//
// Writes its description to OURS (renamed into place) and reads the peer's from
// THEIRS, when a line comes on stdin. Its DTLS role is what it takes if it
// answers; if it offers, the peer takes one. CODEC is a media type.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/pion/rtp"
	"github.com/pion/webrtc"
)

func must(err error) {
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

func connection(role string) *webrtc.PeerConnection {
	settings := webrtc.SettingEngine{}
	if role == "server" {
		must(settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer))
	}
	media := &webrtc.MediaEngine{}
	must(media.RegisterDefaultCodecs())
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings),
		webrtc.WithMediaEngine(media)).NewPeerConnection(
		webrtc.Configuration{})
	must(err)
	return pc
}

// What comes in goes out with the numbers and times it came with.
func echo(in *webrtc.TrackRemote, out *webrtc.TrackLocalStaticRTP) {
	fmt.Println("track", in.PayloadType(), in.SSRC())
	for {
		p, _, err := in.ReadRTP()
		if err != nil {
			return
		}
		must(out.WriteRTP(&rtp.Packet{Payload: p.Payload,
			Header: rtp.Header{Version: 2, Marker: p.Marker,
				SequenceNumber: p.SequenceNumber,
				Timestamp:      p.Timestamp}}))
	}
}

// Set ours, wait for the candidates, and write it.
func tell(pc *webrtc.PeerConnection, ours webrtc.SessionDescription, name string) {
	gathered := webrtc.GatheringCompletePromise(pc)
	must(pc.SetLocalDescription(ours))
	<-gathered
	text := pc.LocalDescription().SDP
	must(os.WriteFile(name+".tmp", []byte(text), 0o600))
	must(os.Rename(name+".tmp", name))
}

func hear(pc *webrtc.PeerConnection, kind webrtc.SDPType, name string) {
	bufio.NewReader(os.Stdin).ReadString('\n')
	text, err := os.ReadFile(name)
	must(err)
	must(pc.SetRemoteDescription(webrtc.SessionDescription{
		Type: kind, SDP: string(text)}))
}

func main() {
	how, codec, role, ours, theirs := os.Args[1], os.Args[2], os.Args[3],
		os.Args[4], os.Args[5]
	pc := connection(role)
	out, err := webrtc.NewTrackLocalStaticRTP(
		webrtc.RTPCodecCapability{MimeType: codec}, "echo", "pion")
	must(err)
	_, err = pc.AddTrack(out)
	must(err)
	pc.OnTrack(func(in *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		echo(in, out)
	})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		fmt.Println("state", s)
	})
	if how == "offer" {
		_, err := pc.CreateDataChannel("data", nil)
		must(err)
		offer, err := pc.CreateOffer(nil)
		must(err)
		tell(pc, offer, ours)
		hear(pc, webrtc.SDPTypeAnswer, theirs)
	} else {
		hear(pc, webrtc.SDPTypeOffer, theirs)
		answer, err := pc.CreateAnswer(nil)
		must(err)
		tell(pc, answer, ours)
	}
	select {}
}
