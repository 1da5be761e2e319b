package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The command is a program like any other: it uses only the packages that Kawi's modules export. */
class PublicApiOnlyTest {

    private static final Set<String> PUBLIC = Set.of("kawi", "kawi.demo", "kawi.server", "kawi.cli");

    /** A class of ours in a descriptor, a signature or an internal name. */
    private static final Pattern OURS = Pattern.compile("(?<![\\w/])L?(kawi(?:/[a-z0-9]+)*)/[A-Z]\\w*");

    @Test
    void noClassRefersToAPackageThatIsNotPublic() throws IOException, URISyntaxException {
        Path folder = Path.of(Kawi.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve("kawi/cli");
        Set<String> packages = new TreeSet<>();
        List<String> violations;
        try (Stream<Path> files = Files.list(folder)) {
            violations = files.filter(file -> file.toString().endsWith(".class"))
                    .flatMap(file -> packages(file).stream()
                            .peek(packages::add)
                            .filter(name -> !PUBLIC.contains(name))
                            .map(name -> file.getFileName() + " refers to " + name))
                    .toList();
        }
        assertEquals(List.of(), violations);
        assertTrue(packages.containsAll(PUBLIC), "the search finds references: " + packages);
    }

    private static Set<String> packages(Path file) {
        Set<String> packages = new TreeSet<>();
        try {
            for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
                String text = switch (entry) {
                    case ClassEntry type -> type.asInternalName();
                    case Utf8Entry utf8 -> utf8.stringValue();
                    default -> "";
                };
                Matcher ours = OURS.matcher(text);
                while (ours.find()) {
                    packages.add(ours.group(1).replace('/', '.'));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packages;
    }
}
