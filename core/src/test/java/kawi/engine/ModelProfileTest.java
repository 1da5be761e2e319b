package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.function.Function;
import kawi.Profile;
import kawi.Speculation;
import org.junit.jupiter.api.Test;

/** What a model counts while it answers. */
class ModelProfileTest {

    private static final int TOKENS = 12;
    private static final int[] PROMPT = {3, 1, 4, 1, 5, 9, 2, 6};

    private static LoadedModel load(boolean profile) throws IOException {
        return DemoConversations.loader()
                .kernels("scalar")
                .threads(2)
                .speculation(Speculation.off())
                .profile(profile)
                .load();
    }

    private static String answer(LoadedModel model) {
        return model.prompt(PROMPT)
                .temperature(0)
                .ignoreEnd()
                .maxTokens(TOKENS)
                .generate()
                .text();
    }

    private static Function<String, Profile.Operation> byName(Profile profile) {
        return name -> profile.operations().stream()
                .filter(operation -> operation.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void operationsOfAnAnswerAreCounted() throws IOException {
        try (LoadedModel model = load(true)) {
            Profile before = model.profile();
            assertEquals(
                    0,
                    before.operations().stream()
                            .mapToLong(Profile.Operation::calls)
                            .sum());
            answer(model);
            Profile profile = model.profile().since(before);
            Function<String, Profile.Operation> operations = byName(profile);
            assertEquals(2, profile.threads());
            long inOperations = profile.operations().stream()
                    .mapToLong(Profile.Operation::nanos)
                    .sum();
            assertTrue(inOperations > 0 && inOperations <= profile.nanos(), profile.toString());
            assertEquals(profile.nanos(), inOperations + profile.otherNanos());

            long passes = model.activity().passes();
            assertEquals(TOKENS, passes);
            assertEquals(TOKENS, operations.apply("head").calls());
            assertEquals(TOKENS, operations.apply("sampling").calls());
            // Every layer has two steps of products in its mixer and two in its network, and two norms.
            long mixers = operations.apply("attention").calls()
                    + operations.apply("delta rule").calls();
            assertTrue(operations.apply("attention").calls() >= passes, profile.toString());
            assertTrue(operations.apply("delta rule").calls() >= passes, profile.toString());
            assertEquals(2 * mixers, operations.apply("projections").calls());
            assertEquals(2 * mixers, operations.apply("mlp").calls());
            assertEquals(
                    2 * mixers + operations.apply("delta rule").calls() + passes,
                    operations.apply("norms").calls());
            assertEquals(0, operations.apply("gathering").calls());
            assertEquals(0, operations.apply("draft").calls());
            for (String name : new String[] {"projections", "mlp", "head"}) {
                assertTrue(operations.apply(name).bytesRead() > 0, name);
                assertEquals(0, operations.apply(name).bytesRead() % passes, name);
                assertEquals(0, operations.apply(name).bytesWritten(), name);
            }
        }
    }

    /** Guesses have products of their own, and those of the model's layers remain what they are for its passes. */
    @Test
    void productsOfTheDraftHeadAreAKindOfTheirOwn() throws IOException {
        try (LoadedModel model = load(true)) {
            Profile before = model.profile();
            answer(model);
            Profile between = model.profile();
            long passes = model.activity().passes();
            Function<String, Profile.Operation> plain = byName(between.since(before));
            model.prompt(PROMPT)
                    .temperature(0)
                    .ignoreEnd()
                    .maxTokens(TOKENS)
                    .speculation(Speculation.upTo(3))
                    .generate();
            long speculativePasses = model.activity().passes() - passes;
            Function<String, Profile.Operation> speculative =
                    byName(model.profile().since(between));
            assertTrue(speculative.apply("draft").calls() > 0);
            assertTrue(speculative.apply("draft").bytesRead() > 0);
            for (String name : new String[] {"projections", "mlp", "head"}) {
                assertEquals(
                        plain.apply(name).bytesRead() / passes * speculativePasses,
                        speculative.apply(name).bytesRead(),
                        name);
            }
        }
    }

    @Test
    void countingChangesNoAnswer() throws IOException {
        try (LoadedModel counted = load(true);
                LoadedModel plain = load(false)) {
            assertEquals(answer(plain), answer(counted));
        }
    }

    @Test
    void withoutCountersThereIsNoProfile() throws IOException {
        try (LoadedModel model = load(false)) {
            assertEquals(
                    "the time of demo-q8_0.gguf is not counted; ModelLoader.profile enables that",
                    assertThrows(IllegalStateException.class, model::profile).getMessage());
        }
    }
}
