// A TLS client and server on Go's crypto/tls.
//
//	go-peer client -connect HOST:PORT [-name NAME] [-ca FILE] [-cert FILE -key FILE] [-max 1.2] …
//	go-peer server -listen :PORT -cert FILE -key FILE [-broken] …
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"time"
)

var versions = map[string]uint16{
	"": 0, "1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

var (
	connect = flag.String("connect", "", "client: `HOST:PORT` to connect to")
	listen  = flag.String("listen", "", "server: `:PORT` to listen on")
	name    = flag.String("name", "", "client: server name, by default HOST")
	cert    = flag.String("cert", "", "certificate chain `FILE`")
	key     = flag.String("key", "", "private key `FILE`")
	ca      = flag.String("ca", "", "client: trust anchors `FILE`")
	max     = flag.String("max", "", "highest version")
	suites  = flag.String("suites", "", "TLS 1.2 cipher suites, by IANA name, comma separated")
	broken  = flag.Bool("broken", false, "server: fail to find a certificate, as when a key store is out of reach")
	clients = flag.String("clientca", "", "server: require client certificates by these anchors, `FILE`")
	alpn    = flag.String("alpn", "", "application `PROTOCOL` to offer or to require")
	only    = flag.String("only", "", "server: refuse every other server `NAME`")
	source  = flag.String("source", "", "client: source `ADDRESS`")
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: go-peer client|server …")
	}
	if err := flag.CommandLine.Parse(os.Args[2:]); err != nil {
		log.Fatal(err)
	}
	run := map[string]func(*tls.Config) error{"client": client, "server": server}[os.Args[1]]
	config, err := configuration()
	if err == nil {
		err = run(config)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func configuration() (*tls.Config, error) {
	config := &tls.Config{MaxVersion: versions[*max], ServerName: *name}
	if file := os.Getenv("SSLKEYLOGFILE"); file != "" {
		log, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		config.KeyLogWriter = log
	}
	if *cert != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		for _, wanted := range strings.Split(*suites, ",") {
			if suite.Name == wanted {
				config.CipherSuites = append(config.CipherSuites, suite.ID)
			}
		}
	}
	var err error
	if *ca != "" {
		config.RootCAs, err = pool(*ca)
	}
	if *clients != "" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		if config.ClientCAs, err = pool(*clients); err != nil {
			return nil, err
		}
	}
	if *alpn != "" {
		config.NextProtos = []string{*alpn}
	}
	if *only != "" {
		pair := config.Certificates[0]
		config.Certificates = nil
		config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName != *only {
				return nil, fmt.Errorf("no certificate for %q", hello.ServerName)
			}
			return &pair, nil
		}
	}
	if *broken {
		config.Certificates = nil
		config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return nil, errors.New("key store unavailable")
		}
	}
	return config, err
}

func pool(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	anchors := x509.NewCertPool()
	anchors.AppendCertsFromPEM(pem)
	return anchors, nil
}

func client(config *tls.Config) error {
	host, _, err := net.SplitHostPort(*connect)
	if err != nil {
		return err
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	if *source != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(*source)}
	}
	conn, err := tls.DialWithDialer(dialer, "tcp", *connect, config)
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host)
	line, err := bufio.NewReader(conn).ReadString('\n')
	fmt.Print(line)
	return err
}

func server(config *tls.Config) error {
	listener, err := tls.Listen("tcp", *listen, config)
	if err != nil {
		return err
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go serve(conn)
	}
}

func serve(conn net.Conn) {
	defer conn.Close()
	if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
		log.Print(err)
		return
	}
	fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
}
