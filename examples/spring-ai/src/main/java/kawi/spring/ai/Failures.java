package kawi.spring.ai;

import kawi.BusyException;
import kawi.Reply;
import kawi.ToolCallException;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;

/** Translates exceptions of Kawi to those of Spring AI, which say whether the same request may succeed later. */
final class Failures {

    private Failures() {}

    static Throwable translated(Throwable thrown) {
        return switch (thrown) {
            case Error error -> error;
            case TransientAiException known -> known;
            case NonTransientAiException known -> known;
            case BusyException busy -> new TransientAiException(message(busy), busy);
            // Another seed gives another call.
            case ToolCallException call -> new TransientAiException(message(call), call);
            default -> new NonTransientAiException(message(thrown), thrown);
        };
    }

    private static String message(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? thrown.toString() : message;
    }

    /** The failure of an answer that has been cancelled, so that its text is not complete. */
    static TransientAiException cancelled(Reply reply) {
        return new TransientAiException("the answer was cancelled after %d tokens, since its thread was interrupted or"
                        .formatted(reply.usage().completionTokens())
                + " the model was closed");
    }
}
