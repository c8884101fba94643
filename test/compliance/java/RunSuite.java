import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the JUnit tests of the packages and classes that are named and prints, for each test, one line of four fields
 * with tabs between them: "check", passed | failed | skipped, its name, what it says. Java runs this file as it is:
 *
 *   java -cp 'lib/*' RunSuite.java PACKAGE|CLASS …
 */
public class RunSuite implements TestExecutionListener {
  public static void main(String[] names) {
    LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
        .selectors(java.util.Arrays.stream(names).map((name) -> Character.isUpperCase(name.charAt(name.lastIndexOf('.') + 1)) ? DiscoverySelectors.selectClass(name) : DiscoverySelectors.selectPackage(name)).collect(Collectors.toList()))
        .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
        .configurationParameter("junit.jupiter.execution.timeout.testable.method.default", "20 s")
        .build();
    LauncherFactory.create().execute(request, new RunSuite());
    System.exit(0);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    boolean failed = result.getStatus() != TestExecutionResult.Status.SUCCESSFUL;
    if (test.isTest() || failed) say(failed ? "failed" : "passed", test, result.getThrowable().map(Throwable::toString).orElse(""));
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    say("skipped", test, reason);
  }

  private static void say(String result, TestIdentifier test, String text) {
    String name = test.getSource().filter((source) -> source instanceof MethodSource).map((source) -> ((MethodSource) source).getClassName().replaceAll(".*\\.", "") + "." + ((MethodSource) source).getMethodName()).orElse("") + " " + test.getDisplayName();
    System.out.println("check\t" + result + "\t" + flat(name) + "\t" + flat(text));
  }

  private static String flat(String text) {
    return text.replaceAll("\\s+", " ").trim();
  }
}
