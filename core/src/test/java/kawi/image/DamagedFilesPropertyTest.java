package kawi.image;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import kawi.ImageException;
import kawi.Part;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A damaged file is read, or refused with an {@link ImageException}, and nothing else is thrown. */
class DamagedFilesPropertyTest {

    private static final ImageLimits LIMITS = new ImageLimits(1_000_000, 100, 10_000_000);

    @Property(tries = 1500)
    void damagedImages(@ForAll("images") String name, @ForAll Random random) {
        attempt(() -> ImageReader.read(ByteBuffer.wrap(damaged(name, random)), name, LIMITS));
    }

    @Property(tries = 150)
    void damagedFilms(@ForAll("films") String name, @ForAll Random random) {
        attempt(() -> {
            Part.Video video = Part.video(damaged(name, random));
            Film film = Film.open(video, name, LIMITS);
            for (int i = 0; i < Math.min(8, film.frameCount()); i++) {
                film.frame(i);
            }
        });
    }

    @Provide
    Arbitrary<String> images() {
        return Arbitraries.of(FormatsTest.stills());
    }

    @Provide
    Arbitrary<String> films() {
        return Arbitraries.of(FormatsTest.films());
    }

    private static void attempt(Runnable reading) {
        try {
            reading.run();
        } catch (ImageException e) {
            // The sentence of a failure has no trace of how it was found.
            String message = String.valueOf(e.getMessage());
            if (List.of("Exception:", "null").stream().anyMatch(message::contains)) {
                throw new AssertionError(message, e);
            }
        }
    }

    /** Returns the file with a few bytes changed, most often in its header, or with its end cut off. */
    private static byte[] damaged(String name, Random random) {
        byte[] file = FormatsTest.bytes(name).array();
        if (random.nextInt(4) == 0) {
            file = Arrays.copyOf(file, 1 + random.nextInt(file.length - 1));
        }
        for (int changes = random.nextInt(5); changes > 0; changes--) {
            int at = random.nextInt(random.nextBoolean() ? Math.min(file.length, 100) : file.length);
            switch (random.nextInt(4)) {
                case 0 -> file[at] = (byte) random.nextInt();
                case 1 -> file[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> file[at] = (byte) (random.nextBoolean() ? 0xff : 0);
                default ->
                    Arrays.fill(file, at, Math.min(file.length, at + random.nextInt(8)), (byte) random.nextInt());
            }
        }
        if (name.endsWith(".png")) {
            correctChecksums(file);
        }
        return file;
    }

    /** Makes the damage pass the first check, so that the decoder sees it. */
    private static void correctChecksums(byte[] png) {
        ByteBuffer file = ByteBuffer.wrap(png);
        CRC32 crc = new CRC32();
        int at = 8;
        while (at + 12 <= png.length) {
            int length = file.getInt(at);
            if (length < 0 || length > png.length - at - 12) {
                return;
            }
            crc.reset();
            crc.update(png, at + 4, length + 4);
            file.putInt(at + 8 + length, (int) crc.getValue());
            at += 12 + length;
        }
    }
}
