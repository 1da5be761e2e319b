package kawi;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A language model, loaded and ready to answer.
 *
 * {@snippet :
 *    try (Model model = Model.load(Path.of("Qwen3.5-0.8B-Q4_K_M.gguf"))) {
 *        System.out.println(model.generate("Why is the sky blue?").text());
 *
 *        model.prompt("Write a haiku about rain").temperature(0.8).seed(7).stream().forEach(System.out::print);
 *    }
 * }
 *
 * <p>A model may be used by any number of threads at once, virtual ones included; each {@link Prompt} run and each
 * {@link Sequence} has a state of its own. They take turns in the order of arrival, one forward pass at a time, and a long prompt is read in
 * several passes. {@link #close()} may be called from any thread, callbacks included: it cancels what is under way, waits for the steps that
 * this interrupts, and frees all memory, files and threads. An answer under way ends with {@link FinishReason#CANCELLED}; whatever is used
 * afterwards throws an {@link IllegalStateException}.
 */
public interface Model extends AutoCloseable {

    /**
     * Loads a model with default settings.
     *
     * @param path a GGUF file or a Hugging Face folder
     * @throws ModelFileException if it cannot be used
     */
    static Model load(Path path) {
        return loader(path).load();
    }

    /** Prepares to load a model with settings of one's own. */
    static ModelLoader loader(Path path) {
        return Engine.provider().loader(path);
    }

    /**
     * Loads a model with default settings, see {@link #loader(String)}.
     *
     * @throws ModelFileException if it cannot be had or used
     */
    static Model load(String reference) {
        return loader(reference).load();
    }

    /**
     * Prepares to load a model from a path, or from a Hugging Face hub. What comes from a hub is kept in the cache that the Python client uses, and only
     * what is missing there is fetched, when {@link ModelLoader#load} is called.
     *
     * <p>The environment variables {@code HF_HOME}, {@code HF_HUB_CACHE}, {@code HF_TOKEN}, {@code HF_ENDPOINT} and {@code HF_HUB_OFFLINE} mean what they mean
     * everywhere.
     *
     * @param reference {@code hf:OWNER/REPOSITORY}, the model in it whichever way it is there; {@code hf:OWNER/REPOSITORY:Q4_K_M}, its GGUF file of that
     *     quantization; {@code hf:OWNER/REPOSITORY/FILE.gguf}; each with {@code @REVISION} for a branch, tag or commit other than main. Anything that does
     *     not begin with {@code hf:} is the path of a file or folder
     * @throws ModelFileException if it begins with {@code hf:} and is not one of these
     */
    static ModelLoader loader(String reference) {
        return Engine.provider().loader(reference);
    }

    /**
     * Prepares to load a GGUF file that is already in memory, such as a resource in a jar.
     *
     * @param gguf the whole file; copied when the model is loaded
     * @param name for messages
     */
    static ModelLoader loader(byte[] gguf, String name) {
        return Engine.provider().loader(gguf, name);
    }

    /** Answers a message with default options: {@code prompt(message).generate()}. */
    Reply generate(String message);

    /**
     * Prepares an answer to a user's message. Where the model has a chat template it is applied, see {@link Prompt#raw()}. Special tokens
     * spelled out in the message are ordinary text.
     */
    Prompt prompt(String message);

    /**
     * Prepares an answer to messages as they stand: any list that the model's chat template accepts, such as one that ends with the results of
     * tool calls.
     *
     * {@snippet :
     *    List<Message> messages = new ArrayList<>(List.of(Message.system("You are terse."), Message.user("Weather in Solo?")));
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

    /** Prepares to continue a sequence of token ids. */
    Prompt prompt(int... ids);

    /**
     * Prepares a conversation.
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

    /** A new, empty sequence for work on the level of tokens and logits. */
    Sequence newSequence();

    /** File or folder the model came from. */
    String name();

    /** The tokenizer, unless the model has none or one that Kawi cannot use. */
    Optional<Tokenizer> tokenizer();

    /**
     * How many tokens a text has, special tokens spelled out in it being ordinary text. {@link Prompt#countTokens} is about whole prompts.
     *
     * @throws IllegalStateException if the model has no tokenizer
     */
    int countTokens(String text);

    /** Logits per token; rows past the tokenizer's vocabulary are padding. */
    int vocabularySize();

    /** The longest possible sequence, in tokens: the model's own limit or the loader's. */
    int contextLength();

    /** Weights of the text model. */
    long parameters();

    /** Tokens that end an answer. */
    Set<Integer> endTokens();

    /**
     * The sampling options that prompts start from: the loader's, else the model file's, else, in a conversation, what the model's makers
     * recommend ({@link SamplingPreset#THINKING} or {@link SamplingPreset#NON_THINKING}, here the latter), else
     * {@link Prompt#DEFAULT_SAMPLING}. Penalties among them do not apply where the temperature is set to 0.
     */
    Sampling sampling();

    /**
     * The sampling options that the makers of this model recommend for a task.
     *
     * @throws IllegalStateException if there are no recommendations for this model
     */
    Sampling sampling(SamplingPreset preset);

    /** How the beginnings of texts that prompts and conversations share have been kept, see {@link ModelLoader#prefixCache}. */
    CacheStats prefixCache();

    /** Memory of the weights and of one sequence of {@link #contextLength} tokens. */
    MemoryPlan memoryPlan();

    /** Memory that sequences, chats and kept states take now. Asking costs nothing, however many there are. */
    MemoryUse memoryUse();

    /** The kernel tier in use: {@code scalar}, {@code vector} or {@code assembled}. */
    String kernels();

    /** How sequences remember keys and values: {@code f16} or {@code f32}. */
    String keysAndValues();

    /** Threads that compute, the caller's included. */
    int threads();

    /** Cancels everything under way and frees all memory, files and threads; does nothing if the model is closed. */
    @Override
    void close();
}
