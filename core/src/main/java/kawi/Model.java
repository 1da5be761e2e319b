package kawi;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A language model that has been loaded.
 *
 * {@snippet :
 *    try (Model model = Model.load(Path.of("Qwen3.5-0.8B-Q4_K_M.gguf"))) {
 *        System.out.println(model.generate("Why is the sky blue?").text());
 *
 *        model.prompt("Write a haiku about rain").temperature(0.8).seed(7).stream().forEach(System.out::print);
 *    }
 * }
 *
 * <p>A model can be used by any number of threads, including virtual threads. Each run of a {@link Prompt} and each
 * {@link Sequence} has a state of its own. What they request is computed together: a forward pass takes one token of
 * each answer in progress and pieces of prompts, which changes no answer. {@link ModelLoader#concurrency} limits how
 * many there are at once. {@link #close()} may be called from any thread, callbacks included: it cancels work in
 * progress, waits for the interrupted steps, and frees all memory, files and threads. An answer in progress ends with
 * {@link FinishReason#CANCELLED}; anything used afterwards throws an {@link IllegalStateException}.
 */
public interface Model extends AutoCloseable {

    /**
     * Loads a model with default settings.
     *
     * @param path a GGUF file, any part of a model that was split into several GGUF files in one folder, or a Hugging
     *     Face folder
     * @throws ModelFileException if it cannot be used
     */
    static Model load(Path path) {
        return loader(path).load();
    }

    /** Returns a loader for a path. */
    static ModelLoader loader(Path path) {
        return Engine.provider().loader(path);
    }

    /**
     * Loads a model with default settings, see {@link #loader(String)}.
     *
     * @throws ModelFileException if it cannot be fetched or used
     */
    static Model load(String reference) {
        return loader(reference).load();
    }

    /**
     * Returns a loader for a path or a model of a Hugging Face hub. Files from a hub are stored in the cache of the
     * Python client; {@link ModelLoader#load} fetches those that are missing.
     *
     * <p>The environment variables {@code HF_HOME}, {@code HF_HUB_CACHE}, {@code HF_TOKEN}, {@code HF_ENDPOINT} and
     * {@code HF_HUB_OFFLINE} have their usual meaning.
     *
     * @param reference {@code hf:OWNER/REPOSITORY}, the model of a repository in whatever format it is stored;
     *     {@code hf:OWNER/REPOSITORY:Q4_K_M}, its GGUF file with that quantization, both with the vision tower that a
     *     repository of GGUF files has beside it ({@code mmproj*.gguf}, preferably in F16);
     *     {@code hf:OWNER/REPOSITORY/FILE.gguf}; each with {@code @REVISION} for a branch, tag or commit other than
     *     main. Anything that does not begin with {@code hf:} is the path of a file or folder
     * @throws ModelFileException if it begins with {@code hf:} and is not one of these
     */
    static ModelLoader loader(String reference) {
        return Engine.provider().loader(reference);
    }

    /**
     * Returns a loader for a GGUF file in memory, such as a resource of a jar.
     *
     * @param gguf the file; copied when the model is loaded
     * @param name for messages
     */
    static ModelLoader loader(byte[] gguf, String name) {
        return Engine.provider().loader(gguf, name);
    }

    /** Answers a message with default options: {@code prompt(message).generate()}. */
    Reply generate(String message);

    /**
     * Returns a prompt with a message of a user. The chat template is applied if the model has one, see
     * {@link Prompt#raw()}. Special tokens spelled out in the message are ordinary text.
     */
    Prompt prompt(String message);

    /**
     * Returns a prompt with messages as they are: any list that the chat template of the model accepts, such as one
     * that ends with the results of tool calls.
     *
     * {@snippet :
     *    List<Message> messages = new ArrayList<>(List.of(Message.user("Weather in Solo?")));
     *    Reply reply = model.prompt(messages).tools(weather).generate();
     *    messages.add(reply.message());
     *    reply.toolCalls().forEach(call -> messages.add(Message.tool(call, run(call))));
     *    System.out.println(model.prompt(messages).tools(weather).generate().text());
     * }
     *
     * @throws IllegalArgumentException if there are none, or one has a part that the model does not support
     * @throws IllegalStateException if the model has no tokenizer or no chat template
     */
    Prompt prompt(List<Message> messages);

    /** Returns a prompt with token ids. */
    Prompt prompt(int... ids);

    /**
     * Returns a builder for a conversation.
     *
     * {@snippet :
     *    try (Chat chat = model.chat().system("You are terse.").open()) {
     *        System.out.println(chat.send("Who was Kartini?").text());
     *        System.out.println(chat.send("When was she born?").text());
     *    }
     * }
     *
     * @throws IllegalStateException if the model has no tokenizer or no chat template
     */
    ChatBuilder chat();

    /** Returns a new, empty sequence, for work at the level of tokens and logits. */
    Sequence newSequence();

    /**
     * Returns an evaluation with default options, which measures how well this model predicts a text.
     *
     * {@snippet :
     *    System.out.println(model.evaluation().perplexity(Files.readString(Path.of("wiki.test.raw"))).value());
     * }
     */
    Evaluation evaluation();

    /** Returns the name of the file or folder of the model. */
    String name();

    /** Returns the tokenizer; empty if the model has none or an unsupported one. */
    Optional<Tokenizer> tokenizer();

    /** Returns the source of the chat template, that for conversations without tools; empty if the model has none. */
    Optional<String> chatTemplate();

    /**
     * Returns the number of tokens of a text. Special tokens spelled out in it are ordinary text.
     * {@link Prompt#countTokens} counts those of whole prompts.
     *
     * @throws IllegalStateException if the model has no tokenizer
     */
    int countTokens(String text);

    /** Returns the number of logits per token. Rows beyond the vocabulary of the tokenizer are padding. */
    int vocabularySize();

    /** Returns the maximum length of a sequence, in tokens: that of the model or of the loader. */
    int contextLength();

    /** Returns the number of parameters of the text model. */
    long parameters();

    /** Returns the tokens that end an answer. */
    Set<Integer> endTokens();

    /**
     * Returns the default sampling options: those of the loader, otherwise of the model's files, otherwise, in a
     * conversation, those recommended by the makers of the model ({@link SamplingPreset#THINKING} or
     * {@link SamplingPreset#NON_THINKING}; this method returns the latter), otherwise {@link Prompt#DEFAULT_SAMPLING}.
     * Their penalties do not apply if the temperature is set to 0.
     */
    Sampling sampling();

    /**
     * Returns the sampling options recommended by the makers of this model for a task.
     *
     * @throws IllegalStateException if there are no recommendations for this model
     */
    Sampling sampling(SamplingPreset preset);

    /**
     * Returns statistics of the cache for the beginnings that prompts and conversations share, see
     * {@link ModelLoader#prefixCache}.
     */
    CacheStats prefixCache();

    /**
     * Returns whether the model sees images and films: whether it has a vision tower, in its own files, in the file
     * given to {@link ModelLoader#vision}, or in an {@code mmproj} file beside its own.
     */
    boolean seesImages();

    /**
     * Returns statistics of the cache of encoded images, see {@link ModelLoader#imageCache}. An entry is an image, or a
     * pair of frames of a film.
     */
    CacheStats imageCache();

    /** Returns the memory required by the weights and one sequence of {@link #contextLength} tokens. */
    MemoryPlan memoryPlan();

    /** Returns the memory currently used by sequences, chats and cached states. The call is cheap. */
    MemoryUse memoryUse();

    /** Returns the number of answers in progress, of callers that wait and of tokens processed. The call is cheap. */
    ModelActivity activity();

    /**
     * Returns where the time since loading went.
     *
     * @throws IllegalStateException unless the model was loaded with {@link ModelLoader#profile}
     */
    Profile profile();

    /**
     * Measures the read bandwidth of memory with the threads of this model, in bytes per second: the upper bound of
     * decoding, which reads all weights once per token. The call takes a fraction of a second and half a gigabyte of
     * memory; requests of other threads wait meanwhile.
     */
    double measureReadBandwidth();

    /** Returns whether the model has a head for multi-token prediction, which {@link Speculation} uses. */
    boolean predictsTokens();

    /** Returns the kernel tier: {@code scalar}, {@code vector} or {@code assembled}. */
    String kernels();

    /** Returns the format of keys and values, such as {@code f16}, or {@code q8:q4} if there are two. */
    String keysAndValues();

    /** Returns the number of threads that compute, including the thread of the caller. */
    int threads();

    /** Cancels work in progress and frees all memory, files and threads. Has no effect on a model that is closed. */
    @Override
    void close();
}
