package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DroppedImagesTest {

    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13};

    @TempDir
    private Path folder;

    private Path plain;
    private Path spaced;

    @BeforeEach
    void write() throws IOException {
        plain = Files.write(folder.resolve("a.png"), PNG);
        spaced = Files.write(folder.resolve("my photo (1).png"), PNG);
        Files.writeString(folder.resolve("notes.txt"), "no image");
    }

    @Test
    void aLineThatIsAPathIsAnImage() {
        assertEquals(new DroppedImages("", List.of(spaced)), DroppedImages.in(" " + spaced + " "));
    }

    @Test
    void pathsAreFoundAsTerminalsWriteThem() {
        String escaped =
                spaced.toString().replace(" ", "\\ ").replace("(", "\\(").replace(")", "\\)");
        assertEquals(
                new DroppedImages("Which is older, or ?", List.of(plain, spaced, spaced)),
                DroppedImages.in("Which is older, %s  or %s '%s' ?".formatted(plain, escaped, spaced)));
        assertEquals(new DroppedImages("What?", List.of(spaced)), DroppedImages.in("\"%s\" What?".formatted(spaced)));
        assertEquals(new DroppedImages("What?", List.of(spaced)), DroppedImages.in("What? " + spaced.toUri()));
    }

    @Test
    void otherTextIsNotChanged() {
        for (String text : List.of(
                "it's  'quoted' and \\ escaped ",
                folder.resolve("notes.txt").toString(),
                folder.resolve("missing.png").toString(),
                folder.toString(),
                "\u0000",
                "\"open")) {
            assertEquals(new DroppedImages(text, List.of()), DroppedImages.in(text));
        }
    }
}
