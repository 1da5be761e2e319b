package kawi.dialect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kawi.Sampling;
import kawi.SamplingPreset;
import kawi.constraint.CallSyntax;
import kawi.reply.ReplyMarkup;

/**
 * What a family of models writes and reads around the words of a conversation.
 *
 * <p>How messages are laid out is the business of the chat template that comes with a model. A dialect knows what the
 * template does not tell: how to read a reply, how to make the model write one of a given kind, and what the family's
 * makers recommend. Dialects have no state and may be used by any number of threads.
 */
public interface Dialect {

    /** Its name for messages: {@code Qwen3.5}. */
    String name();

    /** Families of architectures whose models use it, by the names that their blueprints have. */
    Set<String> families();

    /** Whether a chat template is written in it, so that it is used whatever the architecture. */
    boolean isSpokenBy(String chatTemplate);

    /**
     * Texts of the tokens that end an answer, in addition to those that the model's files name. What a vocabulary does
     * not have is ignored.
     */
    List<String> endTokens();

    /**
     * Texts of the tokens that begin a message, where the template writes such: the places between messages at which
     * the next prompt probably begins with the same tokens.
     */
    List<String> messageStarts();

    /** How thoughts are marked; empty if models of the family have none. */
    Optional<ThoughtTags> thoughts();

    /** What tells thought, answer and calls of a reply apart. */
    ReplyMarkup markup();

    /** How calls of tools are written when they are forced; empty if models of the family make none. */
    Optional<CallSyntax> calls();

    /** Variables that ask the family's templates for an answer with or without a thought. */
    Map<String, Object> thinking(boolean on);

    /** The role under which the family's templates expect the result of a tool. */
    String toolRole();

    /**
     * The sampling options that the makers of a model recommend for a task.
     *
     * @param parameters of the model
     * @return empty if there are no recommendations
     */
    Optional<Sampling> recommended(SamplingPreset preset, long parameters);

    /** The recommended options to use in a conversation where nobody has asked for any. */
    Optional<Sampling> usual(boolean thinking, long parameters);

    /** Whether models of this size are known to repeat themselves without end. */
    boolean tendsToRepeat(long parameters);

    /**
     * The marks of a thought.
     *
     * @param begin opens it; a prompt that ends with this and white space has opened one
     * @param end closes it
     * @param closing what closes it and begins the answer, as the template writes it; contains {@code end}
     */
    record ThoughtTags(String begin, String end, String closing) {
        public ThoughtTags {
            if (begin.isEmpty() || end.isEmpty() || !closing.contains(end)) {
                throw new IllegalArgumentException(
                        "\"%s\" does not close a thought between \"%s\" and \"%s\"".formatted(closing, begin, end));
            }
        }
    }
}
