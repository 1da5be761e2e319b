package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import kawi.Speculation;
import org.junit.jupiter.api.Test;

/**
 * How much the predictions of the demo model change with the format of keys and values: the mean Kullback-Leibler
 * divergence from those with f32, over a story. Everything is deterministic, so the bounds, which are about twice what
 * was measured, cannot fail by chance.
 */
class KvFormatErrorTest {

    private record Bound(String format, double most) {}

    /** Measured: 0.00005, 0.00011, 0.0011 and 0.0033. */
    private static final List<Bound> BOUNDS = List.of(
            new Bound("f16", 0.0001), new Bound("q8", 0.0003), new Bound("q8:q4", 0.0025), new Bound("q4", 0.007));

    private static final String STORY = """
            Once upon a time, there was a little girl named Lily. She lived in a small house near the forest with her \
            mother and her dog, Max. Every morning, Lily and Max went for a walk to the river. They liked to throw \
            stones into the water and to look at the fish. One day, Max ran away after a rabbit. Lily called his name, \
            but he did not come back. She was very sad. She looked behind the big tree, under the bridge and in the \
            garden of the old man who lived next to the mill. Then she heard a small sound. It was Max! He was stuck in \
            a hole. Lily tried to pull him out, but she was not strong enough. So she ran home and told her mother. \
            Together they took a long rope and went back to the forest. They pulled and pulled, and at last Max was \
            free. He jumped up and licked Lily's face. "You must not run away again," said Lily. Max looked at her and \
            wagged his tail. That evening they sat by the fire and ate soup and bread. Lily was happy that her friend \
            was safe, and she learned that it is good to ask for help. The next day it rained, and they stayed at home \
            and played with the red ball.""";

    @Test
    void predictionsChangeLittle() throws IOException {
        float[][] expected = logits("f32");
        double before = 0;
        for (Bound bound : BOUNDS) {
            double divergence = divergence(expected, logits(bound.format));
            double previous = before;
            assertTrue(
                    divergence > previous && divergence < bound.most,
                    () -> "the mean divergence with %s is %s, that with the format before it %s"
                            .formatted(bound.format, divergence, previous));
            before = divergence;
        }
    }

    private static float[][] logits(String format) throws IOException {
        try (LoadedModel model = DemoConversations.loader()
                        .threads(1)
                        .speculation(Speculation.off())
                        .keysAndValues(format)
                        .load();
                TokenSequence sequence = model.openSequence(false)) {
            int[] text = model.tokenizer().orElseThrow().encode(STORY);
            float[][] rows = new float[text.length][];
            sequence.append(text, () -> false, (position, row) -> rows[position] = row.clone());
            return rows;
        }
    }

    private static double divergence(float[][] expected, float[][] actual) {
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            double[] p = logProbabilities(expected[i]);
            double[] q = logProbabilities(actual[i]);
            for (int id = 0; id < p.length; id++) {
                sum += Math.exp(p[id]) * (p[id] - q[id]);
            }
        }
        return sum / expected.length;
    }

    private static double[] logProbabilities(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double mass = 0;
        for (float logit : logits) {
            mass += Math.exp(logit - max);
        }
        double[] log = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            log[i] = logits[i] - max - Math.log(mass);
        }
        return log;
    }
}
