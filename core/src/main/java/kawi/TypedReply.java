package kawi;

import java.util.Objects;

/**
 * An answer as a value and as the reply it was read from.
 *
 * @param value the value
 * @param reply the whole answer
 */
public record TypedReply<T>(T value, Reply reply) {

    public TypedReply {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(reply, "reply");
    }
}
