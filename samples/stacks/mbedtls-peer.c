/* A client and server of TLS, and of DTLS, on Mbed TLS.
 *
 *   mbedtls-peer client|dtls-client HOST PORT CA-FILE
 *   mbedtls-peer server|dtls-server PORT CHAIN-FILE KEY-FILE [CLIENT-CA-FILE]
 *
 * Of a server, PEER_ALPN names the only application protocol, PEER_ONLY the only server name.
 *
 * cc mbedtls-peer.c -lmbedtls -lmbedx509 -lmbedcrypto
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/timing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context drbg;
static mbedtls_ssl_config config;
static mbedtls_x509_crt authorities, chain;
static mbedtls_pk_context key;
static mbedtls_ssl_cookie_ctx cookies;
static mbedtls_timing_delay_context timer;
static int transport, protocol;

static void must(int result, const char *what) {
  if (result != 0) {
    fprintf(stderr, "%s: -0x%04x\n", what, -result);
    exit(1);
  }
}

static void prepare(int role) {
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&drbg);
  mbedtls_ssl_config_init(&config);
  mbedtls_x509_crt_init(&authorities);
  mbedtls_x509_crt_init(&chain);
  mbedtls_pk_init(&key);
  must(mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0), "seed");
  must(mbedtls_ssl_config_defaults(&config, role, transport, MBEDTLS_SSL_PRESET_DEFAULT), "defaults");
  mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &drbg);
  if (transport == MBEDTLS_SSL_TRANSPORT_DATAGRAM && role == MBEDTLS_SSL_IS_SERVER) {
    mbedtls_ssl_cookie_init(&cookies);
    must(mbedtls_ssl_cookie_setup(&cookies, mbedtls_ctr_drbg_random, &drbg), "cookies");
    mbedtls_ssl_conf_dtls_cookies(&config, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check, &cookies);
    mbedtls_ssl_conf_read_timeout(&config, 5000);
  }
}

static int handshake(mbedtls_ssl_context *ssl, mbedtls_net_context *net) {
  int result;
  mbedtls_ssl_set_bio(ssl, net, mbedtls_net_send, mbedtls_net_recv, mbedtls_net_recv_timeout);
  mbedtls_ssl_set_timer_cb(ssl, &timer, mbedtls_timing_set_delay, mbedtls_timing_get_delay);
  mbedtls_ssl_set_mtu(ssl, 1200);
  while ((result = mbedtls_ssl_handshake(ssl)) == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) {
  }
  if (result != 0) fprintf(stderr, "handshake: -0x%04x\n", -result);
  return result;
}

static int client(const char *host, const char *port, const char *ca) {
  unsigned char buffer[4096];
  const char *request = "GET / HTTP/1.0\r\n\r\n";
  mbedtls_ssl_context ssl;
  mbedtls_net_context net;
  prepare(MBEDTLS_SSL_IS_CLIENT);
  must(mbedtls_x509_crt_parse_file(&authorities, ca), "CA file");
  mbedtls_ssl_conf_ca_chain(&config, &authorities, NULL);
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_init(&ssl);
  mbedtls_net_init(&net);
  must(mbedtls_ssl_setup(&ssl, &config), "setup");
  must(mbedtls_ssl_set_hostname(&ssl, host), "hostname");
  must(mbedtls_net_connect(&net, host, port, protocol), "connect");
  if (handshake(&ssl, &net) == 0) {
    mbedtls_ssl_write(&ssl, (const unsigned char *)request, strlen(request));
    while (mbedtls_ssl_read(&ssl, buffer, sizeof buffer) > 0) {
    }
    mbedtls_ssl_close_notify(&ssl);
  }
  mbedtls_net_free(&net);
  return 0;
}

/* Refuses other server names than the only one. */
static int check_name(void *only, mbedtls_ssl_context *ssl, const unsigned char *name, size_t length) {
  (void)ssl;
  return length == strlen(only) && memcmp(name, only, length) == 0 ? 0 : -1;
}

static int server(const char *port, const char *chain_file, const char *key_file, const char *ca) {
  unsigned char buffer[4096];
  const char *reply = "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
  mbedtls_net_context listener, net;
  prepare(MBEDTLS_SSL_IS_SERVER);
  must(mbedtls_x509_crt_parse_file(&chain, chain_file), "chain");
  must(mbedtls_pk_parse_keyfile(&key, key_file, NULL), "key");
  must(mbedtls_ssl_conf_own_cert(&config, &chain, &key), "own certificate");
  if (ca != NULL) {
    must(mbedtls_x509_crt_parse_file(&authorities, ca), "CA file");
    mbedtls_ssl_conf_ca_chain(&config, &authorities, NULL);
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
  }
  const char *protocols[] = {getenv("PEER_ALPN"), NULL};
  if (protocols[0] != NULL) must(mbedtls_ssl_conf_alpn_protocols(&config, protocols), "ALPN");
  if (getenv("PEER_ONLY") != NULL) mbedtls_ssl_conf_sni(&config, check_name, getenv("PEER_ONLY"));
  mbedtls_net_init(&listener);
  must(mbedtls_net_bind(&listener, NULL, port, protocol), "bind");
  for (;;) {
    mbedtls_ssl_context ssl;
    mbedtls_net_init(&net);
    mbedtls_ssl_init(&ssl);
    unsigned char address[16];
    size_t length;
    must(mbedtls_net_accept(&listener, &net, address, sizeof address, &length), "accept");
    must(mbedtls_ssl_setup(&ssl, &config), "setup");
    if (transport == MBEDTLS_SSL_TRANSPORT_DATAGRAM)
      must(mbedtls_ssl_set_client_transport_id(&ssl, address, length), "client address");
    if (handshake(&ssl, &net) == 0 && mbedtls_ssl_read(&ssl, buffer, sizeof buffer) > 0) {
      mbedtls_ssl_write(&ssl, (const unsigned char *)reply, strlen(reply));
      mbedtls_ssl_close_notify(&ssl);
    }
    mbedtls_ssl_free(&ssl);
    mbedtls_net_free(&net);
  }
}

int main(int count, char **words) {
  int isDtls = count > 1 && strncmp(words[1], "dtls-", 5) == 0;
  transport = isDtls ? MBEDTLS_SSL_TRANSPORT_DATAGRAM : MBEDTLS_SSL_TRANSPORT_STREAM;
  protocol = isDtls ? MBEDTLS_NET_PROTO_UDP : MBEDTLS_NET_PROTO_TCP;
  if (isDtls) words[1] += 5;
  if (count == 5 && strcmp(words[1], "client") == 0) return client(words[2], words[3], words[4]);
  if (count >= 5 && strcmp(words[1], "server") == 0) return server(words[2], words[3], words[4], words[5]);
  fprintf(stderr, "usage: mbedtls-peer [dtls-]client HOST PORT CA-FILE | [dtls-]server PORT CHAIN-FILE KEY-FILE [CLIENT-CA-FILE]\n");
  return 2;
}
