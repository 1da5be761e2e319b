package kawi;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An encoding of weights in model files that Kawi does not know: a service, found with
 * {@link java.util.ServiceLoader}, so a format on the class path or module path is all that is needed to load models in
 * it.
 *
 * <p>A row of a weight matrix is a run of blocks of equal size, each of which holds {@link #blockSize()} neighboring
 * weights in {@link #blockBytes()} bytes. A format says how blocks are decoded, and where they occur: as tensors of a
 * GGUF file whose type field is {@link #ggufType()}, as tensors of a safetensors file whose {@code dtype} is
 * {@link #safetensorsType()}, or both. In this format each weight is a byte, a 64th:
 *
 * {@snippet :
 *    public final class Sixtyfourths implements WeightFormat {
 *
 *        public String name() {
 *            return "SIXTYFOURTHS";
 *        }
 *
 *        public int blockSize() {
 *            return 1;
 *        }
 *
 *        public int blockBytes() {
 *            return 1;
 *        }
 *
 *        public OptionalInt ggufType() {
 *            return OptionalInt.of(7001);
 *        }
 *
 *        public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
 *            for (int i = 0; i < count; i++) {
 *                out[outOffset + i] = blocks.get(ValueLayout.JAVA_BYTE, i) / 64f;
 *            }
 *        }
 *    }
 * }
 *
 * <p>It is registered like any service: on the class path by a line with the name of the class in a file
 * {@code META-INF/services/kawi.WeightFormat}, in a module by {@code provides kawi.WeightFormat with …}. The class
 * needs a public constructor without parameters or, in a module, a static method {@code provider()}. Formats are looked
 * for when a file has a tensor that Kawi cannot read itself, with the context class loader of the thread that opens the
 * file and then with the class loader of Kawi.
 *
 * <p><b>Speed and memory.</b> Weights are decoded once, while a model is loaded, and never afterwards. Those of a plain
 * {@code WeightFormat} are held as floats of 32 bits, exactly as they were decoded, and products with them are exact
 * {@code f32} arithmetic in all kernels. A format of small integers with scales should implement
 * {@link IntegerWeightFormat} instead: its weights take about 8 bits, or 4 if the integers are that small, and are
 * multiplied by the integer kernels, which are several times as fast.
 *
 * <p><b>Threads.</b> A format must be safe for use by multiple threads: the threads of a model that is loading decode
 * different rows at once, holding no lock. Several instances may exist. A format without state, such as the one above,
 * meets all of this.
 *
 * <p><b>Untrusted files.</b> Blocks have any content. Decoding must not read beyond the blocks, which the segment
 * enforces, and must not take longer or allocate more than any other content would need. Weights may be infinite or NaN;
 * the model then produces NaN.
 *
 * <p><b>Errors.</b> The properties of a format are read once, when it is found. A format is not used, and the message
 * about a tensor that needs it says why, if one of them is out of range, if it has a name or type that Kawi or another
 * format has, or if its constructor throws an exception. An exception from {@code decode} ends the loading of the model
 * with a {@link ModelFileException} that names the tensor and the class of the format, with the exception as its cause.
 *
 * <p>{@link WeightFormatCheck} tests that a format does what is described here.
 */
public interface WeightFormat {

    /**
     * The name of the format for users, such as {@code SIXTYFOURTHS}: 1 to 64 letters, digits, {@code _}, {@code .} and
     * {@code -}. It differs from the names of Kawi's own formats regardless of case.
     */
    String name();

    /** The number of weights in a block, 1 to 65,536. A row of a matrix must be a whole number of blocks. */
    int blockSize();

    /** The number of bytes of a block, 1 to 1,048,576. */
    int blockBytes();

    /**
     * The number in the type field of GGUF tensors in this format; empty if there is none. It must not be the number of
     * a type that Kawi reads itself.
     */
    default OptionalInt ggufType() {
        return OptionalInt.empty();
    }

    /**
     * The {@code dtype} of safetensors tensors in this format; empty if there is none. It must not be {@code F32},
     * {@code F16}, {@code BF16} or a type that Kawi reads as part of quantized checkpoints, {@code F8_E4M3},
     * {@code I32}, {@code I8} and {@code U8}. The {@code shape} of such a tensor counts weights, and its data are the
     * blocks of its rows.
     */
    default Optional<String> safetensorsType() {
        return Optional.empty();
    }

    /**
     * Decodes whole blocks.
     *
     * @param blocks exactly the blocks of {@code count} weights: {@code count / blockSize() * blockBytes()} bytes,
     *     read-only, at an address of any alignment, so that numbers of several bytes are read with layouts such as
     *     {@link java.lang.foreign.ValueLayout#JAVA_SHORT_UNALIGNED}, in little-endian order if the format says so.
     *     Valid during the call only
     * @param out receives {@code count} weights from {@code outOffset} on; the rest must remain unchanged
     * @param count weights to decode, a positive multiple of {@link #blockSize()}
     */
    void decode(MemorySegment blocks, float[] out, int outOffset, int count);

    /** Whether the format has an encoder; without one, files in it can be read but not written. */
    default boolean canEncode() {
        return false;
    }

    /**
     * Encodes whole blocks: the inverse of {@link #decode}, with rounding to the values of the format.
     *
     * @param in contains {@code count} weights from {@code inOffset} on, which are finite
     * @param count weights to encode, a positive multiple of {@link #blockSize()}
     * @param blocks receives the blocks: exactly their bytes, at an address of any alignment
     * @throws IllegalArgumentException if the weights are too large for the format
     * @throws UnsupportedOperationException unless {@link #canEncode()}
     */
    default void encode(float[] in, int inOffset, int count, MemorySegment blocks) {
        throw new UnsupportedOperationException("weight format %s has no encoder".formatted(name()));
    }
}
