import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A TLS client and server on Java's JSSE. Settings are system properties:
 *
 * <pre>
 * java -Dtrust=FILE.p12 [-Dkeys=FILE.p12] [-Dprotocols=TLSv1.2] [-Dsuites=…] JavaPeer client HOST PORT
 * java -Dkeys=FILE.p12 [-Dtrust=FILE.p12 -DclientAuth=true] [-Dalpn=http/1.1] [-Donly=NAME] JavaPeer server PORT
 * </pre>
 *
 * Stores are PKCS #12 files with the password "changeit". {@code -DnoName=true} leaves out the server name,
 * {@code -Dpatience=500} gives up after so many milliseconds.
 */
public final class JavaPeer {
  private static final char[] PASSWORD = "changeit".toCharArray();

  public static void main(String[] args) throws Exception {
    if (args[0].equals("client")) {
      client(args[1], Integer.parseInt(args[2]));
    } else {
      server(Integer.parseInt(args[1]));
    }
  }

  private static void client(String host, int port) throws Exception {
    try (SSLSocket socket = (SSLSocket) context().getSocketFactory().createSocket()) {
      socket.connect(new InetSocketAddress(host, port), 5000);
      socket.setSoTimeout(5000);
      SSLParameters parameters = socket.getSSLParameters();
      if (!Boolean.getBoolean("noName")) {
        parameters.setServerNames(List.of(new SNIHostName(host)));
      }
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(limit(parameters));
      giveUp(socket, Integer.getInteger("patience", 0));
      exchange(socket, "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }
  }

  /** Closes the socket after so many milliseconds, as a program does that cancels a request; never after 0. */
  private static void giveUp(SSLSocket socket, int patience) {
    if (patience == 0) return;
    Thread timer = new Thread(() -> {
      try {
        Thread.sleep(patience);
        socket.close();
      } catch (IOException | InterruptedException e) {
        System.err.println(e);
      }
    });
    timer.setDaemon(true);
    timer.start();
  }

  private static void server(int port) throws Exception {
    SSLServerSocket listener = (SSLServerSocket) context().getServerSocketFactory().createServerSocket(port);
    SSLParameters parameters = listener.getSSLParameters();
    parameters.setNeedClientAuth(Boolean.getBoolean("clientAuth"));
    if (System.getProperty("only") != null) {
      parameters.setSNIMatchers(List.of(SNIHostName.createSNIMatcher(System.getProperty("only").replace(".", "\\."))));
    }
    listener.setSSLParameters(limit(parameters));
    while (true) {
      try (Socket socket = listener.accept()) {
        byte[] request = new byte[4096];
        if (socket.getInputStream().read(request) > 0) {
          String reply = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
          socket.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException e) {
        System.err.println(e);
      }
    }
  }

  private static void exchange(Socket socket, String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    System.out.write(in.readAllBytes());
    System.out.flush();
  }

  private static SSLParameters limit(SSLParameters parameters) {
    String protocols = System.getProperty("protocols");
    if (protocols != null) {
      parameters.setProtocols(protocols.split(","));
    }
    String alpn = System.getProperty("alpn");
    if (alpn != null) {
      parameters.setApplicationProtocols(alpn.split(","));
    }
    String suites = System.getProperty("suites");
    if (suites != null) {
      parameters.setCipherSuites(suites.split(","));
    }
    return parameters;
  }

  private static SSLContext context() throws Exception {
    KeyManager[] keyManagers = null;
    if (System.getProperty("keys") != null) {
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store(System.getProperty("keys")), PASSWORD);
      keyManagers = factory.getKeyManagers();
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(System.getProperty("trust") == null ? null : store(System.getProperty("trust")));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers, trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore store(String file) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return store;
  }
}
