package kawi.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Large vocabularies, for which decisions are approximate first, against the definition. */
class CandidatesPropertyTest {

    private static final double[] P = {0.05, 0.5, 0.8, 0.95, 0.999};
    private static final double[] TEMPERATURE = {0.01, 0.6, 1, 1.5, 100};

    @Property(tries = 150)
    void drawsAreThoseOfTheDefinition(@ForAll long seed, @ForAll @IntRange(max = 6) int kind) {
        var random = new SplittableRandom(seed);
        float[] logits = logits(random, kind, Candidates.MANY + random.nextInt(30_000));
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        var maxima = new BlockMaxima();
        maxima.compute(logits);
        var candidates = new Candidates(maxima);
        var definition = new DefiningCandidates();
        for (int i = 0; i < 4; i++) {
            candidates.startWith(logits, max);
            definition.startWith(logits, max);
            if (random.nextInt(4) == 0) {
                int k = 1 + random.nextInt(random.nextBoolean() ? 50 : logits.length);
                candidates.keepTopK(k);
                definition.keepTopK(k);
            }
            if (random.nextInt(8) == 0) {
                candidates.keepTypical(0.9);
                definition.keepTypical(0.9);
            }
            if (random.nextBoolean()) {
                double p = P[random.nextInt(P.length)];
                candidates.keepTopP(p);
                definition.keepTopP(p);
            }
            if (random.nextInt(3) == 0) {
                double logMinP = StrictMath.log(random.nextBoolean() ? 0.05 : 1e-6);
                candidates.keepMinP(logMinP);
                definition.keepMinP(logMinP);
            }
            assertEquals(definition.best(), candidates.best());
            for (int draw = 0; draw < 6; draw++) {
                double temperature = TEMPERATURE[random.nextInt(TEMPERATURE.length)];
                double u = draw == 0 ? 0 : draw == 1 ? Math.nextDown(1.0) : random.nextDouble();
                assertEquals(definition.draw(temperature, u), candidates.draw(temperature, u));
            }
        }
    }

    private static float[] logits(SplittableRandom random, int kind, int size) {
        float[] logits = new float[size];
        double spread = kind == 0 ? 0 : kind == 1 ? 0.5 : kind == 2 ? 30 : 2.5;
        for (int i = 0; i < size; i++) {
            logits[i] = (float) (spread * random.nextGaussian());
            if (kind == 3) {
                // Ties, zeros of both signs among them.
                logits[i] = Math.round(logits[i]) * (random.nextBoolean() ? 0.5f : -0.5f);
            } else if (kind == 4 && random.nextInt(3) == 0) {
                logits[i] = Float.NEGATIVE_INFINITY;
            }
        }
        if (kind >= 5) {
            for (int i = 0; i < 40; i++) {
                logits[random.nextInt(size)] = 20 - i * 0.35f;
            }
        }
        return logits;
    }
}
