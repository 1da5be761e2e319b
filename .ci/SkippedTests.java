import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Reads the test reports below the current folder that are not older than a file, and prints how many tests were
 * skipped and why, and which instruction sets were executed. Fails if there is no report, or a test was skipped for a
 * reason that is not allowed.
 *
 * Usage: java .ci/SkippedTests.java FILE
 */

/** Reasons that say something about the machine or the checkout, rather than about Kawi. */
static final List<Pattern> ALLOWED = Stream.of(
                "this run of the tests is about the (scalar|vector|assembled) tier",
                "this run of the tests is about another instruction set",
                "this CPU has no (AVX[A-Z0-9_]+|I8MM|DOTPROD|NEON)",
                "there is no machine code for this CPU",
                "with one processor nobody polls",
                "this JVM has the scalar tier alone",
                "there is no vector tier here",
                "the vector tier needs the module jdk\\.incubator\\.vector",
                "once is enough: at the default width",
                "the system property kawi\\.test\\.vectorBits names no width",
                "System property \\[kawi\\.test\\.record\\] does not exist",
                "GNU as and objdump for (x86-64|AArch64) are not installed here: .*",
                "only Linux has an auxiliary vector",
                "files have no modes here",
                "there is no /dev/full here",
                "(sh|bash|zsh|fish|ffmpeg) is not installed here",
                "there are no pseudo terminals here",
                "only Linux tells that a client has gone away",
                "there is no Chromium here: install chromium or set KAWI_CHROMIUM",
                "Spark's processes cannot be started here: .*",
                "no Qwen3\\.5 (tokenizer data|templates): .*",
                "Qwen3\\.5 tokenizer data is not here: .*",
                // LangChain4j's conformance tests, see examples/langchain4j/README.md: those for a feature that is not
                // supported, those that a feature is refused if it is supported, and one that the kit itself limits.
                "@EnabledIf\\(\"supports(Single|Multiple)ImageInputs?As\\w+\"\\) evaluated to false",
                "@EnabledIf\\(\"supportsModelNameParameter\"\\) evaluated to false",
                "@DisabledIf\\(\"supports\\w+\"\\) evaluated to true",
                "StreamingHandle cancellation is handler-mode only")
        .map(Pattern::compile)
        .toList();

static final Pattern PREFIX = Pattern.compile("^(org\\.opentest4j\\.\\w+: )?(Assumption failed: )?");
static final Pattern EXECUTED = Pattern.compile("executed instruction set (\\w+)");
static final Pattern ABSENT = Pattern.compile("this CPU has no (\\w+)");

int tests;
final Map<String, Set<String>> skipped = new TreeMap<>();
final Set<String> executed = new LinkedHashSet<>();
final Set<String> absent = new TreeSet<>();

void main(String[] args) throws Exception {
    FileTime since = Files.getLastModifiedTime(Path.of(args[0]));
    int reports = 0;
    for (Path report : reports()) {
        if (Files.getLastModifiedTime(report).compareTo(since) >= 0) {
            read(report);
            reports++;
        }
    }
    int count = skipped.values().stream().mapToInt(Set::size).sum();
    IO.println("%d tests in %d reports, %d of them skipped".formatted(tests, reports, count));
    List<String> unexpected = new ArrayList<>();
    skipped.forEach((reason, names) -> {
        IO.println("%6d  %s".formatted(names.size(), reason));
        if (ALLOWED.stream().noneMatch(allowed -> allowed.matcher(reason).matches())) {
            names.forEach(name -> unexpected.add("%s was skipped: %s".formatted(name, reason)));
        }
    });
    absent.removeAll(executed);
    IO.println("instruction sets executed: %s; by no CPU of this run: %s".formatted(listed(executed), listed(absent)));
    if (reports == 0) {
        unexpected.add("there are no test reports");
    }
    if (!unexpected.isEmpty()) {
        System.err.println("Tests may be skipped only for the reasons listed in .ci/SkippedTests.java:");
        unexpected.forEach(System.err::println);
        System.exit(1);
    }
}

static String listed(Set<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
}

static List<Path> reports() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(""), 6)) {
        return files.filter(file -> file.getParent() != null
                        && file.getParent().endsWith(Path.of("target", "surefire-reports"))
                        && file.getFileName().toString().matches("TEST-.*\\.xml"))
                .sorted()
                .toList();
    }
}

void read(Path report) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Element suite = factory.newDocumentBuilder().parse(report.toFile()).getDocumentElement();
    NodeList cases = suite.getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
        Element test = (Element) cases.item(i);
        tests++;
        NodeList skips = test.getElementsByTagName("skipped");
        if (skips.getLength() > 0) {
            Element skip = (Element) skips.item(0);
            String text = skip.getAttribute("message").isBlank() ? skip.getTextContent() : skip.getAttribute("message");
            String reason = PREFIX.matcher(text.strip()).replaceFirst("").lines().findFirst().orElse("no reason");
            String name = "%s.%s in %s".formatted(test.getAttribute("classname"), test.getAttribute("name"), report);
            skipped.computeIfAbsent(reason, _ -> new LinkedHashSet<>()).add(name + " #" + i);
            Matcher lacking = ABSENT.matcher(reason);
            if (lacking.matches()) {
                absent.add(lacking.group(1));
            }
        }
    }
    NodeList outputs = suite.getElementsByTagName("system-out");
    for (int i = 0; i < outputs.getLength(); i++) {
        Matcher line = EXECUTED.matcher(outputs.item(i).getTextContent());
        while (line.find()) {
            executed.add(line.group(1));
        }
    }
}
