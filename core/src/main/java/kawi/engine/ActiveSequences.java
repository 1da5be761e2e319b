package kawi.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The sequences that have been computed lately: which of them are expected to come back soon, and which ones decode.
 * Guarded by the lock of the {@link Scheduler}.
 */
final class ActiveSequences {

    private final List<PassRequest> known = new ArrayList<>();
    private int expected;
    private int decoding;

    /** The number of sequences that are expected to come back soon. */
    int expected() {
        return expected;
    }

    /** The number of sequences that decode, whether they are being computed or not. */
    int decoding() {
        return decoding;
    }

    /**
     * Notes that a sequence has come back with a request.
     *
     * @param inTime whether it has come back soon enough to be waited for the next time
     */
    void arrive(PassRequest request, boolean inTime) {
        if (request.known) {
            setExpected(request, false);
            setDecodes(request, request.isStep());
            request.inTime = inTime;
        }
    }

    /** Notes that a request is complete, and that its sequence will presumably come back with another. */
    void complete(PassRequest request) {
        if (!request.known) {
            request.known = true;
            known.add(request);
        }
        setExpected(request, request.inTime);
        setDecodes(request, !request.prompt);
    }

    /** Expects no sequence any more until it has come back. */
    void expectNone() {
        for (int i = 0; expected > 0 && i < known.size(); i++) {
            setExpected(known.get(i), false);
        }
    }

    void forget(PassRequest request) {
        if (request.known) {
            setExpected(request, false);
            setDecodes(request, false);
            request.known = false;
            known.remove(request);
        }
    }

    /** Forgets sequences that have not come back since {@code time}. */
    void forgetIdleSince(long time) {
        for (int i = known.size() - 1; i >= 0; i--) {
            PassRequest request = known.get(i);
            if (request.done && request.completed - time < 0) {
                forget(request);
            }
        }
    }

    private void setExpected(PassRequest request, boolean value) {
        if (request.expected != value) {
            request.expected = value;
            expected += value ? 1 : -1;
        }
    }

    private void setDecodes(PassRequest request, boolean value) {
        if (request.decodes != value) {
            request.decodes = value;
            decoding += value ? 1 : -1;
        }
    }
}
