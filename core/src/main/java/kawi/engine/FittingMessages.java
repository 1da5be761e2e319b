package kawi.engine;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.ContextPolicy;
import kawi.Message;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a conversation and their prompt, without the oldest turns if they must be dropped so that the prompt
 * fits into the context.
 *
 * <pre>
 *    messages   system  user assistant  user assistant tool assistant  user
 *    head       |-----|
 *    turns              |------------|  |----------------------------|  |--|     the last one is never dropped
 *
 *    room       of the answer: maxTokens, but at most a quarter of the limit
 *    drop       if prompt + room &gt; limit:  the fewest turns after which one of these holds, in this order:
 *                   prompt + room &lt;= 3/4 limit      so that several messages fit before the next time
 *                   prompt + room &lt;= limit
 *                   prompt &lt;= limit
 * </pre>
 *
 * If none holds, the prompt of the last turn alone is too long, which its generator rejects. The length of a prompt
 * falls with the number of turns that are dropped, so the number is found by bisection, and each prompt is rendered as
 * a whole: it is exactly that of a new conversation.
 */
final class FittingMessages {

    /** The part of the limit that is kept for an answer, and that is free after turns were dropped. */
    private static final int SHARE = 4;

    private final List<Message> all;
    private final Function<List<Message>, PromptTokens> render;
    private final int head;
    private final int[] turns;
    private final @Nullable PromptTokens[] prompts;
    private List<Message> messages;
    private PromptTokens prompt;

    private FittingMessages(List<Message> messages, Function<List<Message>, PromptTokens> render) {
        this.all = messages;
        this.render = render;
        int system = 0;
        while (system < messages.size() && messages.get(system).role() == Message.Role.SYSTEM) {
            system++;
        }
        int first = system;
        this.head = first;
        this.turns = IntStream.range(first + 1, messages.size())
                .filter(i -> messages.get(i).role() == Message.Role.USER)
                .toArray();
        this.prompts = new PromptTokens[turns.length];
        this.messages = messages;
        this.prompt = render.apply(messages);
    }

    /**
     * Drops turns if the policy of the settings says so and it is necessary.
     *
     * @param render the prompt of some messages
     * @param limit the maximum length of the prompt and the answer
     */
    static FittingMessages of(
            List<Message> messages, Function<List<Message>, PromptTokens> render, Settings settings, int limit) {
        FittingMessages fitting = new FittingMessages(messages, render);
        int room = Math.min(settings.maxTokens(), limit / SHARE);
        if (settings.contextPolicy() == ContextPolicy.DROP_OLDEST
                && fitting.turns.length > 0
                && fitting.prompt.length() > limit - room) {
            fitting.drop(limit - limit / SHARE - room, limit - room, limit);
        }
        return fitting;
    }

    /** The messages that remain. */
    List<Message> messages() {
        return messages;
    }

    /** The prompt of the messages that remain, which knows what was dropped. */
    PromptTokens prompt() {
        return prompt;
    }

    /** The number of system messages at the beginning, after which messages are dropped. */
    int head() {
        return head;
    }

    private void drop(int... limits) {
        int turn = turns.length;
        for (int i = 0; i < limits.length && turn == turns.length; i++) {
            turn = firstFitting(limits[i]);
        }
        turn = Math.min(turn, turns.length - 1);
        PromptTokens shorter = prompt(turn);
        messages = without(turn);
        prompt = shorter.dropped(
                new DroppedTurns(all.size() - messages.size(), Math.max(0, prompt.length() - shorter.length())));
    }

    /** The first turn to begin with so that the prompt is not longer than a limit, or the number of turns. */
    private int firstFitting(int limit) {
        int low = 0;
        int high = turns.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (prompt(middle).length() <= limit) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private PromptTokens prompt(int turn) {
        PromptTokens known = prompts[turn];
        if (known == null) {
            known = render.apply(without(turn));
            prompts[turn] = known;
        }
        return known;
    }

    private List<Message> without(int turn) {
        return Stream.concat(all.subList(0, head).stream(), all.subList(turns[turn], all.size()).stream())
                .toList();
    }
}
