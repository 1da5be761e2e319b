package kawi.engine;

import kawi.ReplyListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was dropped from a conversation so that the rest fits into the context.
 *
 * @param messages the number of messages
 * @param tokens the number of tokens by which the prompt became shorter
 */
record DroppedTurns(int messages, int tokens) {

    private static final Logger LOG = LoggerFactory.getLogger(DroppedTurns.class);

    static final DroppedTurns NONE = new DroppedTurns(0, 0);

    /** Tells a listener and the log, unless nothing was dropped. */
    void report(ReplyListener listener) {
        if (messages > 0) {
            LOG.info("the context is full: the oldest {} messages, {} tokens, were dropped", messages, tokens);
            listener.onDropped(messages, tokens);
        }
    }
}
