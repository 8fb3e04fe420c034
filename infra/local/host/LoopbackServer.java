import java.lang.reflect.Field;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/** Runs DynamoDB Local on loopback and a free port, and ends when standard input closes. */
public final class LoopbackServer extends Thread {
  public static void main(String[] args) throws Exception {
    DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(args);
    Field field = DynamoDBProxyServer.class.getDeclaredField("server");
    field.setAccessible(true);
    Server server = (Server) field.get(proxy);
    ServerConnector connector = (ServerConnector) server.getConnectors()[0];
    connector.setHost("127.0.0.1");
    connector.setPort(0);
    proxy.safeStart();
    System.out.println("Listening:\t" + connector.getLocalPort());
    new LoopbackServer().start();
    proxy.join();
  }

  @Override
  public void run() {
    try {
      while (System.in.read() >= 0) {
        continue;
      }
    } catch (java.io.IOException closed) {
      // The parent is gone, as at the end of the stream.
    }
    Runtime.getRuntime().halt(0);
  }
}
