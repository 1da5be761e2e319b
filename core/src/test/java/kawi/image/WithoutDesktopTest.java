package kawi.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.ImageException;
import kawi.Model;
import kawi.Part;
import org.junit.jupiter.api.Test;

/** Processes whose runtime lacks the module {@code java.desktop}, or whose class path lacks readers of images. */
class WithoutDesktopTest {

    /** What Kawi and the console need. */
    private static final String MODULES =
            "java.logging,java.management,java.net.http,jdk.jfr,jdk.management,jdk.incubator.vector";

    @Test
    void textNeedsNoDesktopAndAnImageSaysThatItDoes() throws IOException, InterruptedException {
        List<String> lines = run("baseline420.jpg", "--limit-modules", MODULES);
        assertEquals("4 tokens", lines.getFirst());
        assertEquals("45 x 30", lines.get(1));
        assertEquals(
                "photo cannot be decoded: images of type image/jpeg need the module java.desktop, which this "
                        + "Java runtime does not have or the application does not require; "
                        + "add it with --add-modules java.desktop",
                lines.getLast());
    }

    @Test
    void webpNeedsNoDesktop() throws IOException, InterruptedException {
        assertEquals("45 x 30", run("lossy.webp", "--limit-modules", MODULES).getLast());
    }

    @Test
    void aKindOfJpegThatTheJdkDoesNotReadNamesWhatDoes() throws IOException, InterruptedException {
        String sentence = run("lossless.jpg").getLast();
        assertTrue(
                sentence.endsWith("; com.twelvemonkeys.imageio:imageio-jpeg:3.14.0 on the class path reads more kinds"),
                sentence);
    }

    private static List<String> run(String image, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath(), WithoutDesktopTest.class.getName(), image));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.strip().lines().toList();
    }

    private static String classPath() {
        return Stream.concat(
                        Stream.of("target/classes", "target/test-classes"),
                        Stream.of("jdk.module.path", "java.class.path")
                                .flatMap(key -> Arrays.stream(
                                        System.getProperty(key, "").split(File.pathSeparator))))
                .filter(path -> !path.isEmpty() && !path.contains("twelvemonkeys"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    public static void main(String[] args) throws IOException {
        Part.Image image = Part.image(Files.readAllBytes(FormatsTest.FOLDER.resolve(args[0])));
        try (InputStream demo = WithoutDesktopTest.class.getResourceAsStream("/kawi/demo/demo-q8_0.gguf");
                Model model = Model.loader(Objects.requireNonNull(demo).readAllBytes(), "demo-q8_0.gguf")
                        .load()) {
            System.out.println(
                    model.prompt("Hello").maxTokens(4).generate().stats().generatedTokens() + " tokens");
        }
        System.out.println(ImageReader.size(image.buffer(), "photo"));
        try {
            ImageReader.read(ByteBuffer.wrap(image.data()), "photo", ImageLimits.DEFAULT);
        } catch (ImageException e) {
            System.out.println(e.getMessage());
        }
    }
}
