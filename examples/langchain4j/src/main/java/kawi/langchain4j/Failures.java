package kawi.langchain4j;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import java.time.Duration;
import kawi.BusyException;
import kawi.ModelFileException;
import kawi.Reply;
import kawi.ToolCallException;

/**
 * Kawi's exceptions as LangChain4j's, which tell an application whether it is worth trying again: the message stays,
 * and the original is the cause.
 */
final class Failures {

    private Failures() {}

    /** Converts an exception of a request; one that is not known stays as it is. */
    static RuntimeException of(RuntimeException failure) {
        return switch (failure) {
            case LangChain4jException known -> known;
            case ModelFileException e -> new ModelNotFoundException(e.getMessage(), e);
            case BusyException e -> new RateLimitException(e.getMessage(), e);
            case ToolCallException e -> new InternalServerException(e.getMessage(), e);
            case IllegalArgumentException e -> new InvalidRequestException(e.getMessage(), e);
            case IllegalStateException e -> new InvalidRequestException(e.getMessage(), e);
            default -> failure;
        };
    }

    /** The failure of an answer that exceeded its time limit. */
    static RuntimeException timeout(Duration limit, Reply reply) {
        return new TimeoutException("the answer was not complete after %s, with %d tokens generated"
                .formatted(limit, reply.stats().generatedTokens()));
    }

    /** The failure of an answer that was cancelled by something other than the application's handle. */
    static RuntimeException cancelled(Reply reply) {
        return new LangChain4jException(
                "the answer was cancelled after %d tokens, since the thread was interrupted or the model was closed"
                        .formatted(reply.stats().generatedTokens()));
    }
}
