package kawi.engine;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.checkpoint.Checkpoint;
import kawi.quant.Tensor;

/**
 * Tells one model's weights from another's without reading all of them: SHA-256 of the sizes and of the name, form and three short pieces
 * of every tensor. Training and quantizing change all of a tensor, so pieces are enough.
 */
final class Fingerprint {

    private static final int PIECE = 64;

    private Fingerprint() {}

    static String of(Checkpoint checkpoint, Blueprint blueprint) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
        digest.update((blueprint.family() + blueprint.sizes()).getBytes(StandardCharsets.UTF_8));
        for (String name : checkpoint.tensorNames()) {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            try {
                sample(checkpoint.tensor(name), digest);
            } catch (ModelFileException e) {
                // A tensor that Kawi has no use for, in a format it does not know: its name must do.
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void sample(Tensor tensor, MessageDigest digest) {
        MemorySegment data = tensor.data();
        digest.update("%s %d %d"
                .formatted(tensor.format(), tensor.rows(), tensor.columns())
                .getBytes(StandardCharsets.UTF_8));
        long length = Math.min(PIECE, data.byteSize());
        for (long at : new long[] {0, (data.byteSize() - length) / 2, data.byteSize() - length}) {
            digest.update(data.asSlice(at, length).asByteBuffer());
        }
    }
}
