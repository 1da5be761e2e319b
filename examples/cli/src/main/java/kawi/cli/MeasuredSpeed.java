package kawi.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import kawi.Cancellation;
import kawi.Model;
import kawi.Profile;

/**
 * The speed of a model.
 *
 * @param prefill tokens per second, the median of several measurements; {@code decode} likewise
 * @param bytesPerToken the number of bytes that decoding a token reads: weights, keys and values, and states
 * @param readBandwidth the read bandwidth of memory with the same threads, in bytes per second
 * @param joulesPerToken of decoding, without what the machine takes when idle; empty if it cannot be measured
 */
record MeasuredSpeed(
        double prefill, double decode, double bytesPerToken, double readBandwidth, OptionalDouble joulesPerToken) {

    private static final int REPETITIONS = 3;
    private static final long IDLE_MILLIS = 500;

    /** Returns the bytes that decoding reads per second. */
    double effectiveBandwidth() {
        return bytesPerToken * decode;
    }

    /**
     * Measures a model that was loaded with a profile.
     *
     * @param prompt the tokens to read
     * @param tokens the number of tokens to generate
     */
    static MeasuredSpeed of(Model model, int[] prompt, int tokens, Cancellation cancellation) {
        ProfiledAnswer.generate(model, prompt, tokens, cancellation); // warms up
        List<ProfiledAnswer> answers = new ArrayList<>();
        for (int i = 0; i < REPETITIONS; i++) {
            answers.add(ProfiledAnswer.generate(model, prompt, tokens, cancellation));
        }
        ProfiledAnswer median = ProfiledAnswer.median(answers);
        return new MeasuredSpeed(
                perSecond(prompt.length, median.prefill()),
                perSecond(tokens, median.decode()),
                (double) median.decode().bytesRead() / tokens,
                model.measureReadBandwidth(),
                joules(model, prompt, tokens, cancellation));
    }

    private static double perSecond(int tokens, Profile profile) {
        return tokens * 1e9 / profile.nanos();
    }

    private static OptionalDouble joules(Model model, int[] prompt, int tokens, Cancellation cancellation) {
        Optional<EnergyMeter> found = EnergyMeter.in(EnergyMeter.POWERCAP);
        if (found.isEmpty()) {
            return OptionalDouble.empty();
        }
        EnergyMeter meter = found.get();
        try {
            long[] start = meter.read();
            long begun = System.nanoTime();
            Thread.sleep(IDLE_MILLIS);
            double idleWatts = meter.joules(start, meter.read()) * 1e9 / (System.nanoTime() - begun);
            // The energy of the prompt is that of an answer without further tokens.
            double shorter = joules(meter, idleWatts, () -> ProfiledAnswer.generate(model, prompt, 1, cancellation));
            double longer =
                    joules(meter, idleWatts, () -> ProfiledAnswer.generate(model, prompt, tokens + 1, cancellation));
            return OptionalDouble.of(Math.max(0, longer - shorter) / tokens);
        } catch (IOException e) {
            return OptionalDouble.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalDouble.empty();
        }
    }

    private static double joules(EnergyMeter meter, double idleWatts, Runnable work) throws IOException {
        long[] before = meter.read();
        long begun = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - begun) * 1e-9;
        return meter.joules(before, meter.read()) - idleWatts * seconds;
    }
}
