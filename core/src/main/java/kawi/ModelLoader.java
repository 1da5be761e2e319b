package kawi;

/**
 * Settings to load a {@link Model} with.
 *
 * {@snippet :
 *    Model model = Model.loader(path).threads(4).contextLength(8192).load();
 * }
 */
public interface ModelLoader {

    /** Threads that compute, the caller's included; as many as processors by default. */
    ModelLoader threads(int threads);

    /**
     * The kernel tier: {@code auto}, {@code scalar}, {@code vector} or {@code assembled}; the system property {@code kawi.kernels} or
     * else {@code auto} by default: the fastest there is here, and scalar for models of a few megabytes, which are done before faster
     * code is compiled. All tiers give the same bits.
     *
     * @throws IllegalArgumentException for any other name
     */
    ModelLoader kernels(String tier);

    /**
     * How sequences remember keys and values: {@code f16} takes half the memory, and at great depth nearly half the time, of
     * {@code f32}, and rounds them. {@code auto}, the default, is f16 for models with quantized weights and f32 for others.
     *
     * @throws IllegalArgumentException for any other name
     */
    ModelLoader keysAndValues(String format);

    /** The longest sequence to allow, in tokens; the model's own limit by default. The memory for it must be there. */
    ModelLoader contextLength(int tokens);

    /**
     * Memory for what prompts and conversations have in common, in bytes; 256 MiB by default. The state after a system message is kept, so
     * the next conversation that begins with the same one does not read it again; what has not been used for longest goes first. 0 keeps
     * nothing. Answers are the same bits either way. See {@link Model#prefixCache()}.
     */
    ModelLoader prefixCache(long bytes);

    /**
     * Memory for the states that all conversations together keep between messages, in bytes; 2 GiB by default. It is a limit beside that of
     * each conversation, {@link ChatBuilder#snapshotBytes}: whatever has not been used for longest in any of them goes first, and is read
     * again when it is needed. Answers are the same bits either way.
     */
    ModelLoader snapshotBytes(long bytes);

    /** Uses this chat template, a Jinja source, instead of the one in the model's files. */
    ModelLoader chatTemplate(String jinja);

    /** What prompts start from, instead of the defaults in the model's files. */
    ModelLoader sampling(Sampling sampling);

    /** Whether a model from a hub must come from the cache alone; no by default, unless the environment variable {@code HF_HUB_OFFLINE} says so. */
    ModelLoader offline(boolean offline);

    /** Who hears how far downloading and loading have come; on the thread that calls {@link #load}. */
    ModelLoader progress(Progress progress);

    /**
     * Loads the model.
     *
     * @throws ModelFileException if it cannot be used
     * @throws IllegalArgumentException if an option does not fit the model, such as a chat template that is none
     * @throws UnsupportedOperationException if a kernel tier was asked for that cannot be had here
     */
    Model load();
}
