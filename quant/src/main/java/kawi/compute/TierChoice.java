package kawi.compute;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import kawi.kernels.Kernels;
import kawi.kernels.ScalarAttentionKernel;
import kawi.kernels.ScalarDeltaKernel;
import kawi.kernels.ScalarMatrixKernel;
import kawi.kernels.ScalarRowKernel;
import kawi.kernels.assembled.AssembledAttentionKernel;
import kawi.kernels.assembled.AssembledDeltaKernel;
import kawi.kernels.assembled.AssembledMatrixKernel;
import kawi.kernels.assembled.AssembledRowKernel;
import kawi.kernels.assembled.Emitter;
import kawi.kernels.vector.VectorAttentionKernel;
import kawi.kernels.vector.VectorDeltaKernel;
import kawi.kernels.vector.VectorMatrixKernel;
import kawi.kernels.vector.VectorRowKernel;
import kawi.kernels.vector.VectorWidth;
import kawi.machine.NativeAccessDeniedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tier of the kernels of this JVM, and the reason: the assembled tier if the CPU and the operating system allow it,
 * else the vector tier, else plain Java.
 *
 * <p>The vector tier is chosen only if no obstacle is known, because Vector API code that the compiler does not turn
 * into vector instructions is slower than plain Java by orders of magnitude.
 *
 * @param tier the chosen tier
 * @param reason the reason, in a sentence without the name of the tier, for display
 */
public record TierChoice(KernelTier tier, String reason) {

    /** The system property that forces a tier: {@code auto}, {@code scalar}, {@code vector} or {@code assembled}. */
    public static final String PROPERTY = "kawi.kernels";

    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final int MIN_VECTOR_BITS = 128;

    /**
     * The size of weights in bytes below which a model has answered in plain Java before the JVM has compiled the
     * vector kernels, which are very slow until then.
     */
    private static final long MIN_COMPILED_BYTES = 16L << 20;

    private static @Nullable TierChoice chosen;

    /**
     * The choice for this JVM, made at the first call from the system property {@value #PROPERTY} and logged then.
     *
     * @throws IllegalArgumentException if the property does not name a tier
     * @throws UnsupportedOperationException if it forces a tier that is not available in this JVM
     */
    public static synchronized TierChoice chosen() {
        if (chosen == null) {
            chosen = announced(choose(asked(null)));
        }
        return chosen;
    }

    /**
     * The tier for a model: this one, except that a small model for which no tier is wanted does not wait for kernels
     * that the JVM has to compile.
     *
     * @param wanted the tier or {@code auto} that this choice was made for; null for what {@link #PROPERTY} says
     * @param weightBytes bytes of the model's weights
     */
    public TierChoice forModel(@Nullable String wanted, long weightBytes) {
        return isAutomatic(wanted) && tier == KernelTier.VECTOR && weightBytes < MIN_COMPILED_BYTES
                ? of(KernelTier.SCALAR)
                : this;
    }

    /**
     * Whether choosing a tier can fail, because a certain tier or instruction set is wanted.
     *
     * @param wanted the tier or {@code auto}; null for what {@link #PROPERTY} says
     */
    public static boolean mayFail(@Nullable String wanted) {
        return !isAutomatic(wanted) || System.getProperty(InstructionSets.PROPERTY) != null;
    }

    private static boolean isAutomatic(@Nullable String wanted) {
        return asked(wanted).equalsIgnoreCase("auto");
    }

    private static String asked(@Nullable String wanted) {
        return wanted == null ? System.getProperty(PROPERTY, "auto") : wanted;
    }

    /** Whether the kernels of a model with this size of weights should be compiled while it is loaded. */
    public boolean compiles(long weightBytes) {
        return tier == KernelTier.VECTOR && weightBytes >= MIN_COMPILED_BYTES;
    }

    /**
     * Chooses a tier.
     *
     * @param wanted {@code auto}, or a tier
     * @throws IllegalArgumentException if {@code wanted} does not name a tier
     * @throws UnsupportedOperationException if that tier is not available in this JVM
     */
    public static TierChoice choose(String wanted) {
        return switch (wanted.toLowerCase(Locale.ROOT)) {
            case "auto" -> best();
            case "scalar" -> of(KernelTier.SCALAR);
            case "vector" -> of(KernelTier.VECTOR);
            case "assembled" -> of(KernelTier.ASSEMBLED);
            default -> throw unknown(wanted);
        };
    }

    /**
     * Checks the name of a tier.
     *
     * @throws IllegalArgumentException if {@code wanted} is neither {@code auto} nor the name of a tier
     */
    public static void checkName(String wanted) {
        boolean known = wanted.equalsIgnoreCase("auto")
                || Arrays.stream(KernelTier.values())
                        .anyMatch(tier -> tier.label().equalsIgnoreCase(wanted));
        if (!known) {
            throw unknown(wanted);
        }
    }

    private static IllegalArgumentException unknown(String wanted) {
        return new IllegalArgumentException(
                "kernels '%s': expected auto, scalar, vector or assembled".formatted(wanted));
    }

    private static TierChoice of(KernelTier tier) {
        Optional<String> obstacle = obstacle(tier);
        if (obstacle.isPresent()) {
            throw new UnsupportedOperationException(
                    "the %s kernels are not available: %s".formatted(tier.label(), obstacle.get()));
        }
        return switch (tier) {
            case SCALAR -> new TierChoice(tier, "plain Java");
            case VECTOR -> vector();
            case ASSEMBLED -> assembled();
        };
    }

    /** Returns why a tier is not available in this JVM, for display; empty if it is available. */
    public static Optional<String> obstacle(KernelTier tier) {
        return switch (tier) {
            case SCALAR -> Optional.empty();
            case VECTOR -> obstacleToVector();
            case ASSEMBLED -> obstacleToAssembled();
        };
    }

    /**
     * The kernels of this tier.
     *
     * @param arena owns the machine code, if there is any
     */
    public Kernels kernels(Arena arena) {
        return kernels(tier, arena);
    }

    /**
     * The kernels of a tier that is available.
     *
     * @param arena owns the machine code, if there is any
     */
    public static Kernels kernels(KernelTier tier, Arena arena) {
        return switch (tier) {
            case SCALAR ->
                new Kernels(
                        tier.label(),
                        new ScalarMatrixKernel(),
                        new ScalarRowKernel(),
                        new ScalarAttentionKernel(),
                        new ScalarDeltaKernel());
            case VECTOR ->
                new Kernels(
                        tier.label(),
                        new VectorMatrixKernel(),
                        new VectorRowKernel(),
                        new VectorAttentionKernel(),
                        new VectorDeltaKernel());
            case ASSEMBLED -> assembled(InstructionSets.chosen().emitter(), arena);
        };
    }

    /** The assembled kernels with the code of one emitter. */
    static Kernels assembled(Emitter emitter, Arena arena) {
        return new Kernels(
                KernelTier.ASSEMBLED.label(),
                new AssembledMatrixKernel(emitter, arena),
                new AssembledRowKernel(emitter, arena),
                new AssembledAttentionKernel(emitter, arena),
                new AssembledDeltaKernel(emitter, arena));
    }

    /** One line for display: the tier and the reason. */
    public String sentence() {
        return tier.label() + ": " + reason;
    }

    private static TierChoice best() {
        Optional<String> noAssembled = obstacleToAssembled();
        if (noAssembled.isEmpty()) {
            return assembled();
        }
        String reason = "no assembled kernels, because " + noAssembled.get();
        return obstacleToVector()
                .map(obstacle -> new TierChoice(KernelTier.SCALAR, "%s; %s".formatted(reason, obstacle)))
                .orElseGet(() -> new TierChoice(KernelTier.VECTOR, "%s; %s".formatted(vector().reason, reason)));
    }

    private static TierChoice assembled() {
        return new TierChoice(KernelTier.ASSEMBLED, InstructionSets.sentence());
    }

    private static Optional<String> obstacleToAssembled() {
        try {
            InstructionSets.chosen();
            return Optional.empty();
        } catch (UnsupportedOperationException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    /** Whether the assembled tier is unavailable only because of an option of the JVM. */
    private static boolean nativeAccessIsDenied() {
        try {
            InstructionSets.chosen();
            return false;
        } catch (NativeAccessDeniedException denied) {
            return true;
        } catch (UnsupportedOperationException refused) {
            return false;
        }
    }

    private static TierChoice vector() {
        return new TierChoice(KernelTier.VECTOR, "%d-bit, %s present".formatted(VectorWidth.bits(), VECTOR_MODULE));
    }

    private static Optional<String> obstacleToVector() {
        Optional<Module> module = ModuleLayer.boot().findModule(VECTOR_MODULE);
        if (module.isEmpty()) {
            return Optional.of("module %s is not present; add --add-modules %s for several times the speed"
                    .formatted(VECTOR_MODULE, VECTOR_MODULE));
        }
        if (!TierChoice.class.getModule().canRead(module.get())) {
            return Optional.of("module %s is present, but not readable from %s"
                    .formatted(VECTOR_MODULE, TierChoice.class.getModule()));
        }
        String vm = System.getProperty("java.vm.name", "");
        if (!vm.contains("Server VM")) {
            return Optional.of("the Vector API is only fast with HotSpot's C2 compiler, and this is " + vm);
        }
        String mode = System.getProperty("java.vm.info", "");
        if (mode.contains("interpreted") || mode.contains("emulated-client")) {
            return Optional.of(
                    "the Vector API is only fast with HotSpot's C2 compiler, and this JVM runs without it (%s)"
                            .formatted(mode));
        }
        int bits = VectorWidth.bits();
        if (bits < MIN_VECTOR_BITS) {
            return Optional.of(
                    "this JVM's vectors have %d bits, and at least %d are needed".formatted(bits, MIN_VECTOR_BITS));
        }
        return Optional.empty();
    }

    private static TierChoice announced(TierChoice choice) {
        Logger log = LoggerFactory.getLogger(TierChoice.class);
        if (isAutomatic(null) && (choice.tier == KernelTier.SCALAR || nativeAccessIsDenied())) {
            log.warn("kernels {}", choice.sentence());
        } else {
            log.info("kernels {}", choice.sentence());
        }
        return choice;
    }
}
