package kawi.cli;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import kawi.Cancellation;
import kawi.Model;
import kawi.Profile;
import kawi.Speculation;

/**
 * Where the time of an answer went.
 *
 * @param prefill from the beginning to the logits after the prompt
 * @param decode from there to the end of the answer
 */
record ProfiledAnswer(Profile prefill, Profile decode) {

    /** Generates an answer of {@code tokens} tokens, after the first one, with the sampling options of the model. */
    static ProfiledAnswer generate(Model model, int[] prompt, int tokens) {
        return generate(model, prompt, tokens, new Cancellation());
    }

    /**
     * The same, unless it is cancelled.
     *
     * @throws CancellationException if it is
     */
    static ProfiledAnswer generate(Model model, int[] prompt, int tokens, Cancellation cancellation) {
        Profile[] read = new Profile[1];
        Profile begin = model.profile();
        model.prompt(prompt)
                .seed(1)
                .ignoreEnd()
                .loopGuard(false)
                .speculation(Speculation.off())
                .maxTokens(tokens + 1)
                .cancelWith(cancellation)
                .logitsProcessor((before, logits) -> {
                    if (before.length() == before.promptLength()) {
                        read[0] = model.profile();
                    }
                })
                .generate();
        if (cancellation.isCancelled()) {
            throw new CancellationException("interrupted");
        }
        return new ProfiledAnswer(read[0].since(begin), model.profile().since(read[0]));
    }

    /** Returns the prefill and the decoding that took the median time, of any answers. */
    static ProfiledAnswer median(List<ProfiledAnswer> answers) {
        return new ProfiledAnswer(
                median(answers.stream().map(ProfiledAnswer::prefill)),
                median(answers.stream().map(ProfiledAnswer::decode)));
    }

    private static Profile median(Stream<Profile> profiles) {
        List<Profile> sorted =
                profiles.sorted(Comparator.comparingLong(Profile::nanos)).toList();
        return sorted.get((sorted.size() - 1) / 2);
    }
}
