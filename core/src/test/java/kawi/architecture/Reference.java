package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kawi.checkpoint.Checkpoint;
import kawi.files.Fixture;
import kawi.safetensors.SafetensorsFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A checkpoint among the fixtures, with the outputs that the reference library computed from it. */
public record Reference(String folder) {

    public Checkpoint open() {
        return Checkpoint.open(Fixture.path(folder));
    }

    public JsonNode json() {
        return JsonMapper.shared().readTree(Fixture.path(folder + "/reference.json"));
    }

    public int[] ids(String key) {
        JsonNode array = json().get(key);
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = array.get(i).intValue();
        }
        return ids;
    }

    /** The reference output of that name, row after row. */
    public float[] expected(String name) {
        return expected(folder + "/reference.safetensors", name);
    }

    public static float[] expected(String file, String name) {
        try (SafetensorsFile reference = SafetensorsFile.open(Fixture.path(file))) {
            return reference.tensor(name).toFloats();
        }
    }

    /** Asserts {@code max |difference| <= tolerance * max(1, max |expected|)}. */
    public static void assertClose(float[] expected, float[] actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length, what);
        double scale = 1;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            assertTrue(Float.isFinite(actual[i]), what + " is not finite at " + i);
            scale = Math.max(scale, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
        }
        double relative = difference / scale;
        assertTrue(
                relative <= tolerance, () -> "%s differs by %.2e, more than %.0e".formatted(what, relative, tolerance));
    }
}
