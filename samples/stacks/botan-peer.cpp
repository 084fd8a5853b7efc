/* A TLS server on Botan 2, for what its command line cannot be told.
 * Build: c++ -std=c++17 -I/usr/include/botan-2 -o botan-peer botan-peer.cpp -lbotan-2
 * usage: botan-peer PORT CHAIN-FILE KEY-FILE
 * PEER_ALPN names the only application protocol, PEER_ONLY the only server name.
 */
#include <arpa/inet.h>
#include <botan/auto_rng.h>
#include <botan/credentials_manager.h>
#include <botan/data_src.h>
#include <botan/pkcs8.h>
#include <botan/tls_callbacks.h>
#include <botan/tls_exceptn.h>
#include <botan/tls_policy.h>
#include <botan/tls_server.h>
#include <botan/tls_session_manager.h>
#include <botan/x509cert.h>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sys/socket.h>
#include <unistd.h>

using namespace Botan;

class Credentials : public Credentials_Manager {
  std::vector<X509_Certificate> chain;
  std::unique_ptr<Private_Key> key;

 public:
  Credentials(const std::string &chainFile, const std::string &keyFile) {
    DataSource_Stream in(chainFile), keyIn(keyFile);
    while (!in.end_of_data()) {
      try {
        chain.emplace_back(in);
      } catch (const std::exception &) {
        break; // what follows the last certificate
      }
    }
    key = PKCS8::load_key(keyIn);
  }
  std::vector<X509_Certificate> cert_chain(const std::vector<std::string> &types, const std::string &,
                                           const std::string &name) override {
    const char *only = std::getenv("PEER_ONLY");
    if (only != nullptr && name != only) return {};
    for (const auto &type : types)
      if (type == key->algo_name()) return chain;
    return {};
  }
  Private_Key *private_key_for(const X509_Certificate &, const std::string &, const std::string &) override {
    return key.get();
  }
};

class Peer : public TLS::Callbacks {
  int net;

 public:
  bool isAsked = false;
  explicit Peer(int socket) : net(socket) {}
  void tls_emit_data(const uint8_t data[], size_t size) override {
    if (send(net, data, size, 0) < 0) std::cerr << "send failed\n";
  }
  void tls_record_received(uint64_t, const uint8_t[], size_t) override { isAsked = true; }
  void tls_alert(TLS::Alert alert) override { std::cerr << alert.type_string() << "\n"; }
  bool tls_session_established(const TLS::Session &) override { return false; }
  std::string tls_server_choose_app_protocol(const std::vector<std::string> &offered) override {
    const char *wanted = std::getenv("PEER_ALPN");
    if (wanted == nullptr) return "";
    for (const auto &one : offered)
      if (one == wanted) return one;
    throw TLS::TLS_Exception(TLS::Alert::NO_APPLICATION_PROTOCOL, "no protocol in common");
  }
};

int main(int count, char **words) {
  if (count != 4) return 2;
  signal(SIGPIPE, SIG_IGN);
  Credentials credentials(words[2], words[3]);
  AutoSeeded_RNG random;
  TLS::Session_Manager_Noop sessions;
  TLS::Policy policy;
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(atoi(words[1]));
  address.sin_addr.s_addr = INADDR_ANY;
  if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) return 1;
  listen(listener, 8);
  for (;;) {
    int net = accept(listener, nullptr, nullptr);
    Peer peer(net);
    TLS::Server server(peer, sessions, credentials, policy, random);
    uint8_t buffer[4096];
    try {
      for (ssize_t size; !server.is_closed() && (size = recv(net, buffer, sizeof buffer, 0)) > 0;) {
        server.received_data(buffer, size);
        if (!peer.isAsked) continue;
        server.send("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
        server.close();
      }
    } catch (const std::exception &fault) {
      std::cerr << fault.what() << "\n"; // the alert has been sent
    }
    close(net);
  }
}
