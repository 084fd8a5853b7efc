// A QUIC client and server on quic-go; the server also speaks HTTP/3.
//
//	http3-peer client -connect HOST:PORT [-ca FILE] [-alpn NAME] [-cert FILE -key FILE] [-versions v1,v2] [-greet]
//	http3-peer server -listen :PORT -cert FILE -key FILE [-alpn NAME] [-clientca FILE] [-versions v1,v2] [-retry] [-greet]
//
// Debian's package golang-github-lucas-clemente-quic-go-dev: GO111MODULE=off GOPATH=/usr/share/gocode go build http3-peer.go
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/lucas-clemente/quic-go"
	"github.com/lucas-clemente/quic-go/http3"
)

var (
	connect  = flag.String("connect", "", "client: `HOST:PORT` to connect to")
	listen   = flag.String("listen", "", "server: `:PORT` to listen on")
	cert     = flag.String("cert", "", "certificate chain `FILE`")
	key      = flag.String("key", "", "private key `FILE`")
	ca       = flag.String("ca", "", "client: trust anchors `FILE`")
	clients  = flag.String("clientca", "", "server: require client certificates by these anchors, `FILE`")
	alpn     = flag.String("alpn", "h3", "application `PROTOCOL`")
	versions = flag.String("versions", "", "versions to speak, of v1, v2 and draft29")
	greet    = flag.Bool("greet", false, "server: send a greeting before the client's Finished, as 0.5-RTT data; client: wait for it")
	retry    = flag.Bool("retry", false, "server: validate every address by Retry")
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func pool(file string) *x509.CertPool {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	must(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return pool
}

func configs() (*tls.Config, *quic.Config) {
	tlsConfig := &tls.Config{NextProtos: []string{*alpn}, RootCAs: pool(*ca), ClientCAs: pool(*clients)}
	if *clients != "" {
		tlsConfig.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if *cert != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		must(err)
		tlsConfig.Certificates = []tls.Certificate{pair}
	}
	config := &quic.Config{HandshakeIdleTimeout: 3 * time.Second, MaxIdleTimeout: 5 * time.Second}
	known := map[string]quic.VersionNumber{"v1": quic.Version1, "v2": quic.Version2, "draft29": quic.VersionDraft29}
	for _, name := range strings.FieldsFunc(*versions, func(r rune) bool { return r == ',' }) {
		config.Versions = append(config.Versions, known[name])
	}
	if *retry {
		config.RequireAddressValidation = func(net.Addr) bool { return true }
	}
	return tlsConfig, config
}

func client() {
	tlsConfig, config := configs()
	connection, err := quic.DialAddr(*connect, tlsConfig, config)
	must(err)
	if *greet {
		greeting, err := connection.AcceptUniStream(context.Background())
		must(err)
		_, err = io.ReadAll(greeting)
		must(err)
	}
	stream, err := connection.OpenStreamSync(context.Background())
	must(err)
	_, err = stream.Write([]byte("hello\n"))
	must(err)
	must(stream.Close())
	_, err = io.ReadAll(stream)
	must(err)
	must(connection.CloseWithError(0, ""))
}

func server() {
	tlsConfig, config := configs()
	if *alpn == "h3" {
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
		must((&http3.Server{Addr: *listen, TLSConfig: tlsConfig, QuicConfig: config, Handler: handler}).ListenAndServe())
	}
	listener, err := quic.ListenAddrEarly(*listen, tlsConfig, config)
	must(err)
	for {
		connection, err := listener.Accept(context.Background())
		must(err)
		go func() {
			if *greet {
				greeting, err := connection.OpenUniStream()
				must(err)
				greeting.Write(make([]byte, 5000))
				greeting.Close()
			}
			stream, err := connection.AcceptStream(context.Background())
			if err != nil {
				return
			}
			io.Copy(io.Discard, stream)
			stream.Write([]byte("ok\n"))
			stream.Close()
		}()
	}
}

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: http3-peer client … | server …")
	}
	must(flag.CommandLine.Parse(os.Args[2:]))
	if os.Args[1] == "client" {
		client()
	} else {
		server()
	}
}
