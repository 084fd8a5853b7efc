// A QUIC client and server on quic-go, which log keys where SSLKEYLOGFILE says.
//
//	quic-peer client -connect HOST:PORT -ca FILE [-leave]
//	quic-peer server -listen ADDRESS:PORT -cert FILE -key FILE [-clientca FILE]
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"io"
	"log"
	"net"
	"os"
	"time"

	"github.com/lucas-clemente/quic-go"
)

var (
	connect = flag.String("connect", "", "client: `HOST:PORT` to connect to")
	listen  = flag.String("listen", "", "server: `ADDRESS:PORT` to listen on")
	cert    = flag.String("cert", "", "server: certificate chain `FILE`")
	key     = flag.String("key", "", "server: private key `FILE`")
	ca      = flag.String("ca", "", "client: trust anchors `FILE`")
	leave   = flag.Bool("leave", false, "client: close the connection as soon as the handshake is complete")
	clients = flag.String("clientca", "", "server: require client certificates by these anchors, `FILE`")
)

var transport = &quic.Config{Versions: []quic.VersionNumber{quic.Version1}, MaxIdleTimeout: 3 * time.Second}

func main() {
	log.SetFlags(0)
	check(flag.CommandLine.Parse(os.Args[2:]))
	config := &tls.Config{NextProtos: []string{"example"}}
	if os.Args[1] == "server" {
		server(config)
		return
	}
	if file := os.Getenv("SSLKEYLOGFILE"); file != "" {
		keys, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		check(err)
		config.KeyLogWriter = keys
	}
	client(config)
}

func client(config *tls.Config) {
	config.RootCAs = pool(*ca)
	config.ServerName, _, _ = net.SplitHostPort(*connect)
	connection, err := quic.DialAddr(*connect, config, transport)
	check(err)
	if *leave {
		check(connection.CloseWithError(0, ""))
		return
	}
	stream, err := connection.OpenStreamSync(context.Background())
	check(err)
	_, err = stream.Write([]byte("hello\n"))
	check(err)
	check(stream.Close())
	reply, err := io.ReadAll(stream)
	check(err)
	log.Printf("%s", reply)
	check(connection.CloseWithError(0, ""))
}

func server(config *tls.Config) {
	pair, err := tls.LoadX509KeyPair(*cert, *key)
	check(err)
	config.Certificates = []tls.Certificate{pair}
	if *clients != "" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		config.ClientCAs = pool(*clients)
	}
	listener, err := quic.ListenAddr(*listen, config, transport)
	check(err)
	for {
		connection, err := listener.Accept(context.Background())
		check(err)
		go answer(connection)
	}
}

func answer(connection quic.Connection) {
	stream, err := connection.AcceptStream(context.Background())
	if err != nil {
		log.Print(err)
		return
	}
	_, _ = io.Copy(stream, stream)
	_ = stream.Close()
}

func pool(file string) *x509.CertPool {
	pem, err := os.ReadFile(file)
	check(err)
	anchors := x509.NewCertPool()
	anchors.AppendCertsFromPEM(pem)
	return anchors
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
