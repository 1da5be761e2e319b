package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import kawi.ModelFileException;
import kawi.architecture.RopeScaling.Linear;
import kawi.architecture.RopeScaling.Yarn;
import kawi.files.Fixture;
import kawi.kernels.Rotation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RopeScalingTest {

    /** Transformers computes in single precision: some roundings of 2^-24, and subtracts weights from 1. */
    private static final double TOLERANCE = 0x1p-20;

    static Stream<JsonNode> cases() {
        return JsonMapper.shared()
                .readTree(Fixture.path("rope-scaling/expected.json"))
                .get("cases")
                .valueStream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void frequenciesAreThoseOfTransformers(JsonNode expected) {
        JsonNode parameters = expected.get("rope_parameters");
        RopeScaling scaling = scaling(parameters);
        int rotaryDims = (int) (expected.get("head_dim").intValue()
                * parameters.get("partial_rotary_factor").doubleValue());
        double[] frequencies =
                scaling.frequencies(rotaryDims, parameters.get("rope_theta").doubleValue());
        assertEquals(rotaryDims / 2, frequencies.length);
        for (int j = 0; j < frequencies.length; j++) {
            double frequency = expected.get("inv_freq").get(j).doubleValue();
            assertEquals(frequency, frequencies[j], frequency * TOLERANCE, "frequency " + j);
        }
        assertEquals(expected.get("attention_factor").doubleValue(), scaling.magnitude(), 1e-12);
    }

    private static RopeScaling scaling(JsonNode parameters) {
        double factor = parameters.get("factor").doubleValue();
        if (parameters.get("rope_type").stringValue().equals("linear")) {
            return new Linear(factor, 1);
        }
        double usual = parameters.has("mscale")
                ? Yarn.magnitude(factor, parameters.get("mscale").doubleValue())
                        / Yarn.magnitude(
                                factor, parameters.get("mscale_all_dim").doubleValue())
                : Yarn.magnitude(factor, 1);
        return new Yarn(
                factor,
                parameters.path("attention_factor").asDouble(usual),
                parameters.get("original_max_position_embeddings").intValue(),
                parameters.path("beta_fast").asDouble(Yarn.BETA_FAST),
                parameters.path("beta_slow").asDouble(Yarn.BETA_SLOW),
                parameters.path("truncate").asBoolean(true));
    }

    @Test
    void withoutScalingNotABitChanges() {
        assertArrayEquals(Rotation.frequencies(64, 1e7), RopeScaling.NONE.frequencies(64, 1e7));
        assertEquals(1, RopeScaling.NONE.magnitude());
        assertEquals(262_144, RopeScaling.NONE.contextLength(262_144));
    }

    @Test
    void contextsGrow() {
        Yarn yarn = new Yarn(4, Yarn.magnitude(4, 1), 262_144, 32, 1, true);
        assertEquals(1_048_576, yarn.contextLength(262_144));
        assertEquals(2_000_000, yarn.contextLength(2_000_000));
        assertEquals("yarn, factor 4, from 262144 positions", yarn.describe());
        assertEquals(262_144, yarn.originalLength(1_048_576));
        assertEquals(
                "yarn, factor 2.5, from 1024 positions, attention factor 1.25, beta 64 to 2, bounds not rounded",
                new Yarn(2.5, 1.25, 1024, 64, 2, false).describe());
        assertEquals(81_920, new Linear(2.5, 1).contextLength(32_768));
        assertEquals(32_768, new Linear(2.5, 1).originalLength(81_920));
        assertEquals("linear, factor 2.5", new Linear(2.5, 1).describe());
        assertEquals("none, attention factor 1.5", new Linear(1, 1.5).describe());
        assertEquals(Integer.MAX_VALUE, new Linear(1 << 20, 1).contextLength(262_144));
    }

    @Test
    void valuesOutOfRangeAreRejected() {
        rejected("the rope scaling factor is 0.5", new Linear(0.5, 1), 1e4);
        rejected("the rope scaling factor is NaN", new Linear(Double.NaN, 1), 1e4);
        rejected("the attention factor of the rope scaling is -1", new Linear(2, -1), 1e4);
        rejected("YaRN needs a rope theta above 1", new Yarn(4, 1, 1024, 32, 1, true), 1);
        rejected("the original context length of YaRN is 0", new Yarn(4, 1, 0, 32, 1, true), 1e4);
        rejected("beta_fast 1.0 and beta_slow 32.0", new Yarn(4, 1, 1024, 1, 32, true), 1e4);
    }

    private static void rejected(String expected, RopeScaling scaling, double theta) {
        String message = String.valueOf(
                assertThrows(ModelFileException.class, () -> scaling.check(new SizeCheck("config.json"), theta))
                        .getMessage());
        assertTrue(message.contains(expected), message);
    }
}
