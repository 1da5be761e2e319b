package kawi;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Settings to load a {@link Model} with.
 *
 * {@snippet :
 *    Model model = Model.loader(path).threads(4).contextLength(8192).load();
 * }
 */
public interface ModelLoader {

    /**
     * Sets the number of threads that compute, including the thread of the caller; by default the number of processors
     * that this JVM may use, which is also the maximum: more threads would wait for one another.
     */
    ModelLoader threads(int threads);

    /**
     * Sets the kernel tier: {@code auto}, {@code scalar}, {@code vector} or {@code assembled}. The default is the
     * system property {@code kawi.kernels}, or else {@code auto}: the fastest tier available, and scalar for models of
     * a few megabytes, which finish before faster code is compiled. All tiers give the same bits.
     *
     * @throws IllegalArgumentException for any other name
     */
    ModelLoader kernels(String tier);

    /**
     * Sets the format of keys and values: {@code f32}, {@code f16}, {@code q8} or {@code q4}, or one for keys and one
     * for values, {@code q8:q4}. Each requires about half the memory of the one before it, is faster at great depth,
     * and rounds more. Quantized keys and values are rotated and have one scale per head and position, which adds 32
     * bits to the numbers of a head. The default, {@code auto}, is f16 for models with quantized weights and f32 for
     * others.
     *
     * @throws IllegalArgumentException for any other name
     */
    ModelLoader keysAndValues(String format);

    /**
     * Converts the weights to another format while they are loaded; by default they keep that of the files. The result
     * is that of loading the file which {@link Quantization} writes in this format, and no more memory is needed than
     * for that. Loading takes longer. Weights that are quantized already lose more than those in BF16, F16 or F32 do.
     *
     * @param format as for {@link Quantization}: {@code Q4_K_M}, {@code K4}, {@code Q8_0}, or the name of a provided
     *     {@link WeightFormat}
     * @throws IllegalArgumentException if there is no such format
     */
    ModelLoader quantize(String format);

    /**
     * Converts the weights while they are loaded, like {@link #quantize(String)}, such that errors of important weights
     * are smaller than those of others.
     *
     * @param importance an importance matrix, as for {@link Quantization#importance}; it is read by {@link #load}
     * @throws IllegalArgumentException if there is no such format
     */
    ModelLoader quantize(String format, Path importance);

    /** Sets the maximum length of a sequence, in tokens; by default that of the model. There must be memory for it. */
    ModelLoader contextLength(int tokens);

    /**
     * Sets how the positions of tokens are scaled, so that sequences can be longer than those the model was trained on:
     * {@code yarn:4} extends a model of 262,144 tokens to 1,048,576, with the parameters that the models are published
     * with. Short texts then lose some quality. {@code yarn:4:32768} states the length of the training as well, which
     * otherwise is the context length in the model's files; {@code none} omits a scaling that they ask for. The
     * default, {@code auto}, is the scaling in the model's files.
     *
     * @throws IllegalArgumentException for anything else
     */
    ModelLoader ropeScaling(String scaling);

    /**
     * Sets the memory for the beginnings that prompts and conversations share, in bytes; 256 MiB by default. The state
     * after a system message is cached, so that it is not processed again for the next conversation with the same one,
     * and so are the states of prompts that are lists of messages. The least recently used states are removed first; 0
     * disables the cache. Answers are bit-identical. See {@link Model#prefixCache()}.
     */
    ModelLoader prefixCache(long bytes);

    /**
     * Limits the memory of the states that all conversations together keep between messages, in bytes; 2 GiB by
     * default. It applies in addition to the limit of each conversation, {@link ChatBuilder#snapshotBytes}. The least
     * recently used states are removed first and processed again when needed. Answers are bit-identical.
     */
    ModelLoader snapshotBytes(long bytes);

    /** Sets the limits of answers that are generated at once, {@link Concurrency#defaults()} by default. */
    ModelLoader concurrency(Concurrency limits);

    /**
     * Sets the chat template, replacing those of the model's files.
     *
     * @param jinja a Jinja source, or the name of one of the templates in the model's files, such as {@code rag}
     */
    ModelLoader chatTemplate(String jinja);

    /**
     * Sets a variable of the chat template for all answers, see {@link AnswerOptions#templateVariable}.
     *
     * @throws IllegalArgumentException if the value or the name is not allowed
     */
    ModelLoader templateVariable(String name, @Nullable Object value);

    /** Sets the default sampling options, replacing those of the model's files. */
    ModelLoader sampling(Sampling sampling);

    /** Sets whether answers guess tokens ahead unless they say otherwise, {@link Speculation#auto()} by default. */
    ModelLoader speculation(Speculation speculation);

    /**
     * Sets the file of the vision tower, with which the model sees images: an {@code mmproj} GGUF file, or a Hugging
     * Face folder. By default it is that in the model's own files or, if there is none, the file beside them whose name
     * contains {@code mmproj} and ends with {@code .gguf}; of several, the one that fits the model, then the one whose
     * name contains that of the model's file, then the one in F16, BF16, Q8_0 or F32, in this order. If there are still
     * several, one must be set. A file that does not fit the model fails {@link #load}.
     */
    ModelLoader vision(Path file);

    /**
     * Sets the file of the vision tower, see {@link #vision(Path)}: a path, or a file on a hub, which {@link #load}
     * fetches if it is missing.
     *
     * @param reference {@code hf:OWNER/REPOSITORY}, the {@code mmproj} file of a repository of GGUF files, preferably
     *     that in F16; {@code hf:OWNER/REPOSITORY:BF16}, that in another format; {@code hf:OWNER/REPOSITORY/FILE.gguf};
     *     see {@link Model#loader(String)}
     * @throws ModelFileException if it begins with {@code hf:} and is not one of these
     */
    ModelLoader vision(String reference);

    /**
     * Sets the vision tower, as an {@code mmproj} GGUF file in memory, such as a resource of a jar; see
     * {@link #vision(Path)}.
     *
     * @param gguf the file; copied when it is first needed
     * @param name for messages
     */
    ModelLoader vision(byte[] gguf, String name);

    /** Sets whether the vision tower is loaded with the model; by default it is loaded for the first image. */
    ModelLoader loadVision(boolean now);

    /**
     * Sets the default of {@link AnswerOptions#imageTokens}, {@code (0, 1280)} if this method is not called.
     *
     * @throws IllegalArgumentException if {@code least} is negative or greater than {@code most}, or {@code most} is 0
     */
    ModelLoader imageTokens(int least, int most);

    /**
     * Sets the default of {@link AnswerOptions#videoTokens}, 4096 if this method is not called.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    ModelLoader videoTokens(int most);

    /**
     * Sets the memory for encoded images, in bytes; 256 MiB by default, which is about 65,000 tokens of images of the
     * smallest model, and a quarter of that for the largest. An image that is there is not encoded again, in whatever
     * conversation it is given. The least recently used images are removed first; 0 disables the cache. Answers are
     * bit-identical. See {@link Model#imageCache()}.
     */
    ModelLoader imageCache(long bytes);

    /**
     * Sets whether a model from a hub must be in the cache already; by default only if the environment variable
     * {@code HF_HUB_OFFLINE} is set.
     */
    ModelLoader offline(boolean offline);

    /** Sets whether the time of operations is counted, see {@link Model#profile()}; by default it is not. */
    ModelLoader profile(boolean counted);

    /** Sets a listener for the progress of downloading and loading, called on the thread that calls {@link #load}. */
    ModelLoader progress(Progress progress);

    /**
     * Loads the model.
     *
     * @throws ModelFileException if it cannot be used
     * @throws IllegalArgumentException if an option does not fit the model, such as an invalid chat template
     * @throws UnsupportedOperationException if the requested kernel tier is not available
     */
    Model load();
}
