package kawi.files;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Identifies common kinds of files that are mistaken for a model file, so that the message can name the remedy. */
public final class FileContent {

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int HEAD_BYTES = 256;
    private static final int SHOWN_BYTES = 16;

    private FileContent() {}

    /** A clause about the content of {@code file}: {@code it is a zip archive …}, {@code it begins with …}. */
    public static String describe(FileBytes file) {
        MemorySegment data = file.head(HEAD_BYTES);
        byte[] head = data.asSlice(0, Math.min(data.byteSize(), HEAD_BYTES)).toArray(ValueLayout.JAVA_BYTE);
        String text = new String(head, StandardCharsets.ISO_8859_1);
        String markup = text.stripLeading().toLowerCase(Locale.ROOT);
        if (text.startsWith("version https://git-lfs.github.com/spec/")) {
            return "it is a Git LFS pointer instead of the file itself; run `git lfs pull` in its repository";
        }
        if (markup.startsWith("<!doctype html") || markup.startsWith("<html")) {
            return "it is an HTML page; the download returned a web page, perhaps a login or error page, instead of the file";
        }
        if (text.startsWith("GGUF")) {
            return "it is a GGUF file";
        }
        if (text.startsWith("tjgg") || text.startsWith("fmgg") || text.startsWith("lmgg")) {
            return "it is in a GGML format from before GGUF; convert the original model again";
        }
        if (text.startsWith("PK\3\4")) {
            return "it is a zip archive, as PyTorch checkpoints are; convert it to GGUF or safetensors";
        }
        if (text.startsWith("\u001f\u008b")) {
            return "it is compressed with gzip; unpack it first";
        }
        if (isSafetensors(data, file.size())) {
            return "it looks like a safetensors file";
        }
        return "it begins with " + Excerpt.of(Arrays.copyOf(head, Math.min(head.length, SHOWN_BYTES)));
    }

    private static boolean isSafetensors(MemorySegment data, long size) {
        if (size <= 8 || data.get(ValueLayout.JAVA_BYTE, 8) != '{') {
            return false;
        }
        long header = data.get(LONG, 0);
        return header > 0 && header <= size - 8;
    }
}
