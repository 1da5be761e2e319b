package kawi.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import kawi.Model;
import kawi.ModelLoader;
import kawi.demo.DemoModel;

/**
 * The demo model with a longer context than it was made for, since the tools of Spring AI's tests need more. Its own
 * answers are worthless beyond 1,024 tokens; those of a script are not.
 */
final class LongDemoModel {

    private static final byte[] KEY = "qwen35.context_length".getBytes(StandardCharsets.UTF_8);
    private static final int UINT32 = 4;

    private LongDemoModel() {}

    static ModelLoader loader() {
        return Model.loader(withContextLength(8192), "demo-q8_0.gguf");
    }

    private static byte[] withContextLength(int tokens) {
        try (InputStream file = Objects.requireNonNull(DemoModel.class.getResourceAsStream("demo-q8_0.gguf"))) {
            byte[] gguf = file.readAllBytes();
            ByteBuffer fields = ByteBuffer.wrap(gguf).order(ByteOrder.LITTLE_ENDIAN);
            int type = indexOf(gguf, KEY) + KEY.length;
            assertThat(fields.getInt(type)).isEqualTo(UINT32);
            assertThat(fields.getInt(type + Integer.BYTES)).isEqualTo(1024);
            fields.putInt(type + Integer.BYTES, tokens);
            return gguf;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int indexOf(byte[] bytes, byte[] searched) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int index = text.indexOf(new String(searched, StandardCharsets.ISO_8859_1));
        assertThat(index).isPositive();
        return index;
    }
}
