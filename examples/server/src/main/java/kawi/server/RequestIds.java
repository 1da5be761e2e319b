package kawi.server;

import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The identifiers of requests, which connect a response with a line of the log. */
final class RequestIds {

    private static final Pattern ACCEPTED = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

    private RequestIds() {}

    /** Returns the identifier that the client has chosen if it is one, otherwise a new one. */
    static String of(@Nullable String chosen) {
        return chosen != null && ACCEPTED.matcher(chosen).matches()
                ? chosen
                : "req_%016x".formatted(ThreadLocalRandom.current().nextLong());
    }
}
