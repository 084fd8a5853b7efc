/* A client and server of TLS, and of DTLS 1.2, on wolfSSL.
 *
 *   wolfssl-peer client|dtls-client HOST PORT CA-FILE
 *   wolfssl-peer server|dtls-server PORT CHAIN-FILE KEY-FILE [CLIENT-CA-FILE]
 *
 * Of a server, PEER_ALPN names the only application protocol, PEER_ONLY the only server name.
 *
 * cc wolfssl-peer.c -lwolfssl
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int isDtls;

static void must(int succeeded, const char *what) {
  if (!succeeded) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
  }
}

static void complain(WOLFSSL *ssl, int result) {
  fprintf(stderr, "handshake: %d\n", wolfSSL_get_error(ssl, result));
}

static int client(const char *host, const char *port, const char *ca) {
  char buffer[4096];
  const char *request = "GET / HTTP/1.0\r\n\r\n";
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = isDtls ? SOCK_DGRAM : SOCK_STREAM}, *address;
  WOLFSSL_CTX *context = wolfSSL_CTX_new(isDtls ? wolfDTLSv1_2_client_method() : wolfSSLv23_client_method());
  must(wolfSSL_CTX_load_verify_locations(context, ca, NULL) == WOLFSSL_SUCCESS, "CA file");
  wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER, NULL);
  must(getaddrinfo(host, port, &hints, &address) == 0, "host");
  int net = socket(AF_INET, hints.ai_socktype, 0);
  must(connect(net, address->ai_addr, address->ai_addrlen) == 0, "connect");
  WOLFSSL *ssl = wolfSSL_new(context);
  wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, host, strlen(host));
  wolfSSL_check_domain_name(ssl, host);
  wolfSSL_set_fd(ssl, net);
  if (isDtls) wolfSSL_dtls_set_peer(ssl, address->ai_addr, address->ai_addrlen);
  int result = wolfSSL_connect(ssl);
  if (result == WOLFSSL_SUCCESS) {
    wolfSSL_write(ssl, request, strlen(request));
    while (wolfSSL_read(ssl, buffer, sizeof buffer) > 0 && !isDtls) {
    }
    wolfSSL_shutdown(ssl);
  } else {
    complain(ssl, result);
  }
  close(net);
  return 0;
}

static int server(const char *port, const char *chain, const char *key, const char *ca) {
  char buffer[4096];
  const char *reply = "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port)), .sin_addr.s_addr = INADDR_ANY};
  WOLFSSL_CTX *context = wolfSSL_CTX_new(isDtls ? wolfDTLSv1_2_server_method() : wolfSSLv23_server_method());
  must(wolfSSL_CTX_use_certificate_chain_file(context, chain) == WOLFSSL_SUCCESS, "chain");
  must(wolfSSL_CTX_use_PrivateKey_file(context, key, WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS, "key");
  if (ca != NULL) {
    must(wolfSSL_CTX_load_verify_locations(context, ca, NULL) == WOLFSSL_SUCCESS, "CA file");
    wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  }
  int one = 1, listener = socket(AF_INET, isDtls ? SOCK_DGRAM : SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  must(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  if (!isDtls) listen(listener, 8);
  for (;;) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    // One association after another: the first datagram stays where it is, and tells the peer.
    int net = isDtls ? dup(listener) : accept(listener, NULL, NULL);
    if (isDtls) recvfrom(net, buffer, sizeof buffer, MSG_PEEK, (struct sockaddr *)&peer, &length);
    WOLFSSL *ssl = wolfSSL_new(context);
    char *protocol = getenv("PEER_ALPN");
    if (protocol != NULL) wolfSSL_UseALPN(ssl, protocol, strlen(protocol), WOLFSSL_ALPN_FAILED_ON_MISMATCH);
    char *only = getenv("PEER_ONLY");
    if (only != NULL) {
      wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, only, strlen(only));
      wolfSSL_SNI_SetOptions(ssl, WOLFSSL_SNI_HOST_NAME, WOLFSSL_SNI_ABORT_ON_ABSENCE);
    }
    wolfSSL_set_fd(ssl, net);
    if (isDtls) wolfSSL_dtls_set_peer(ssl, &peer, length);
    int result = wolfSSL_accept(ssl);
    if (result != WOLFSSL_SUCCESS) {
      complain(ssl, result);
    } else if (wolfSSL_read(ssl, buffer, sizeof buffer) > 0) {
      wolfSSL_write(ssl, reply, strlen(reply));
      wolfSSL_shutdown(ssl);
    }
    wolfSSL_free(ssl);
    close(net);
  }
}

int main(int count, char **words) {
  signal(SIGPIPE, SIG_IGN);
  wolfSSL_Init();
  isDtls = count > 1 && strncmp(words[1], "dtls-", 5) == 0;
  if (isDtls) words[1] += 5;
  if (count == 5 && strcmp(words[1], "client") == 0) return client(words[2], words[3], words[4]);
  if (count >= 5 && strcmp(words[1], "server") == 0) return server(words[2], words[3], words[4], words[5]);
  fprintf(stderr, "usage: wolfssl-peer [dtls-]client HOST PORT CA-FILE | [dtls-]server PORT CHAIN-FILE KEY-FILE [CLIENT-CA-FILE]\n");
  return 2;
}
