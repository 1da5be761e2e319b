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
 * The markup and conventions of the conversations of a family of models.
 *
 * <p>The chat template of a model defines the layout of messages. A dialect provides what the template does not: how to
 * parse a reply, how to constrain the model to a reply of a given kind, and the options recommended by the makers of
 * the family. Dialects are stateless and thread-safe.
 */
public interface Dialect {

    /** The name of the dialect, for messages: {@code Qwen3.5}. */
    String name();

    /** The families of architectures whose models use this dialect, by the names in their blueprints. */
    Set<String> families();

    /** Whether a chat template uses this dialect, which is then chosen regardless of the architecture. */
    boolean matchesTemplate(String chatTemplate);

    /**
     * The texts of the tokens that end an answer, in addition to those declared in the model's files. Texts that are
     * not in the vocabulary are ignored.
     */
    List<String> endTokens();

    /**
     * The texts of the tokens that begin a message, if the template uses any: the positions between messages up to
     * which the next prompt probably has the same tokens.
     */
    List<String> messageStarts();

    /** The tags of thoughts; empty if models of the family have none. */
    Optional<ThoughtTags> thoughts();

    /** The markup that separates the thought, the answer and the calls of a reply. */
    ReplyMarkup markup();

    /** The syntax of constrained tool calls; empty if models of the family do not call tools. */
    Optional<CallSyntax> calls();

    /** The tags of images in prompts; empty if models of the family have none. */
    Optional<ImageTags> images();

    /** The template variables that request an answer with or without a thought. */
    Map<String, Object> thinking(boolean on);

    /** The role of the result of a tool in the family's templates. */
    String toolRole();

    /**
     * The sampling options that the makers of a model recommend for a task.
     *
     * @param parameters the number of parameters of the model
     * @return empty if there are no recommendations
     */
    Optional<Sampling> recommended(SamplingPreset preset, long parameters);

    /** The recommended options that are the default in a conversation; empty if there are none. */
    Optional<Sampling> defaultSampling(boolean thinking, long parameters);

    /** Whether models of this size are known to repeat themselves without end. */
    boolean tendsToRepeat(long parameters);

    /**
     * The tags of images and films in prompts. The template writes {@code begin image end} for an image and
     * {@code begin film end} for a film.
     *
     * @param image stands for an image: the token is repeated for each row of the encoded image
     * @param film stands for a film: likewise
     */
    record ImageTags(String begin, String image, String film, String end) {}

    /**
     * The tags of a thought.
     *
     * @param begin opens a thought; a prompt that ends with this tag and white space has opened one
     * @param end closes a thought
     * @param closing the text that closes a thought and begins the answer, as rendered by the template; contains
     *     {@code end}
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
