package kawi.engine;

import kawi.constraint.Grammar;
import kawi.reply.OfferedTools;
import org.jspecify.annotations.Nullable;

/**
 * How tools may be used in a round of an answer.
 *
 * @param offered the tools that are offered
 * @param grammar the grammar of their calls, or null if calls are not constrained
 * @param required whether the round must consist of calls
 */
record RoundTools(OfferedTools offered, @Nullable Grammar grammar, boolean required) {

    static final RoundTools NONE = new RoundTools(OfferedTools.NONE, null, false);
}
